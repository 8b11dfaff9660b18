//! The personas' taxes. Mai has no tax code; the children have none yet.

use super::{
    ENTERPRISE, HAI, HOA, LAN, MINH, TUAN,
    civil::{day, minh_died},
    property::{COMPANY_NAME, parcels},
};
use crate::people::{
    draw::{Draw, Topic},
    facts::tax::{
        IncomeKind, ObligationStatus, TaxIncome, TaxKind, TaxObligation, TaxRegistration,
        TaxpayerStatus,
    },
    tax::{FIRST_YEAR, LAST_YEAR, land_tax, settlements, tax_on_wages, with_late_payment},
};
use motlan_schemas::date::PartialDate;

pub(in crate::people) fn registration(number: &str) -> Option<TaxRegistration> {
    let (former, registered_on) = match number {
        LAN => ("8012345677", day(2008, 10, 3)),
        HAI => ("8012345772", day(2008, 10, 3)),
        MINH => ("8001234566", day(2009, 2, 16)),
        // An old entry without the day.
        HOA => ("8023456788", PartialDate::YearMonth(2012, 3)),
        TUAN => ("8034567899", day(2010, 3, 1)),
        _ => return None,
    };
    let dead = number == MINH;
    Some(TaxRegistration {
        tax_code: number.to_owned(),
        former_tax_code: Some(former.to_owned()),
        registered_on,
        status: if dead {
            TaxpayerStatus::Closed
        } else {
            TaxpayerStatus::Active
        },
        closed_on: dead.then(|| day(2024, 4, 2)),
        office_code: "01105".to_owned(),
        office_name: "Thuế cơ sở 5 thành phố Hà Nội".to_owned(),
        deceased: dead,
    })
}

/// Newest year first.
pub(in crate::people) fn income(number: &str) -> Vec<TaxIncome> {
    let years = (FIRST_YEAR..=LAST_YEAR).rev();
    years
        .flat_map(|year| {
            wages(number, year)
                .into_iter()
                .chain(dividend(number, year))
        })
        .collect()
}

/// Newest year first.
pub(in crate::people) fn obligations(number: &str) -> Vec<TaxObligation> {
    let mut owed = settled_wages(number);
    let died = match (number, minh_died()) {
        (MINH, PartialDate::Full(died)) => Some(died),
        _ => None,
    };
    if registration(number).is_some() {
        owed.extend(land_tax(&parcels(number), died));
    }
    if number == TUAN {
        owed.extend(debts_of_tuan());
    }
    with_late_payment(owed)
}

fn settled_wages(number: &str) -> Vec<TaxObligation> {
    let wages: Vec<_> = (FIRST_YEAR..=LAST_YEAR)
        .filter_map(|year| wages(number, year))
        .collect();
    settlements(&wages, &mut Draw::new(0, Topic::Tax, 0))
}

fn wages(number: &str, year: i16) -> Option<TaxIncome> {
    let (monthly, dependants, code, name) = match number {
        LAN => (25_000_000, 0, Some(ENTERPRISE), COMPANY_NAME),
        HAI => (
            19_500_000,
            1,
            None,
            "Trung tâm phục vụ hành chính công thành phố Hà Nội",
        ),
        TUAN => (16_000_000, 0, None, "Hợp tác xã vận tải Vạn Phúc"),
        _ => return None,
    };
    let raises = 100 - 5 * u64::from((LAST_YEAR - year).unsigned_abs());
    let gross_vnd = monthly * 12 * raises / 100;
    Some(TaxIncome {
        year,
        kind: IncomeKind::Wages,
        payer_code: code.map(str::to_owned),
        payer_name: Some(name.to_owned()),
        gross_vnd,
        withheld_vnd: tax_on_wages(gross_vnd, 12, dependants),
    })
}

/// What Lan's company paid out to its owner.
fn dividend(number: &str, year: i16) -> Option<TaxIncome> {
    (number == LAN && year != 2021).then(|| {
        let gross_vnd = 38_000_000 + 9_500_000 * u64::from((year - FIRST_YEAR).unsigned_abs());
        TaxIncome {
            year,
            kind: IncomeKind::Capital,
            payer_code: Some(ENTERPRISE.to_owned()),
            payer_name: Some(COMPANY_NAME.to_owned()),
            gross_vnd,
            withheld_vnd: gross_vnd / 20,
        }
    })
}

/// From a business of his own that he gave up: one debt he disputes, of another he paid a part.
fn debts_of_tuan() -> [TaxObligation; 3] {
    let debt = |kind, year, assessed_vnd, paid_vnd| TaxObligation {
        year,
        kind,
        assessed_vnd,
        paid_vnd,
        due_on: Some(day(year + 1, 1, 31)),
        status: ObligationStatus::Overdue,
        disputed: false,
    };
    [
        TaxObligation {
            disputed: true,
            ..debt(TaxKind::ValueAdded, 2023, 18_400_000, 0)
        },
        debt(TaxKind::IncomeBusiness, 2023, 9_200_000, 4_000_000),
        TaxObligation {
            status: ObligationStatus::Paid,
            ..debt(TaxKind::BusinessLicence, 2023, 1_000_000, 1_000_000)
        },
    ]
}
