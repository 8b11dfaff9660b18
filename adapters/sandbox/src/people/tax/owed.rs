//! What is owed, for wages and for land, and what became of each amount.

use crate::people::{
    cells::as_of,
    draw::{Draw, Topic, date},
    facts::{
        Parcel,
        tax::{ObligationStatus, TaxIncome, TaxKind, TaxObligation},
    },
    tax::{FIRST_YEAR, LAST_YEAR},
};
use jiff::civil::Date;
use motlan_schemas::date::PartialDate;
use std::cmp::Reverse;

/// A year's wages are settled by the end of April.
pub(in crate::people) fn settlements(wages: &[TaxIncome], draw: &mut Draw) -> Vec<TaxObligation> {
    let taxed = wages.iter().filter(|income| income.withheld_vnd > 0);
    taxed
        .map(|income| {
            let assessed_vnd = income.withheld_vnd;
            let (paid_vnd, status) = match draw.below(1000) {
                0..12 => (assessed_vnd * 8 / 10, ObligationStatus::Overdue),
                // Too much was withheld, and is given back or counted later.
                12..60 => (assessed_vnd * 11 / 10, ObligationStatus::Paid),
                _ => (assessed_vnd, ObligationStatus::Paid),
            };
            TaxObligation {
                year: income.year,
                kind: TaxKind::IncomeWages,
                assessed_vnd,
                paid_vnd,
                due_on: Some(PartialDate::Full(date(income.year + 1, 4, 30))),
                status,
                disputed: false,
            }
        })
        .collect()
}

/// The holder's part of the tax on built land. What falls due after a holder's death is frozen.
pub(in crate::people) fn land_tax(parcels: &[Parcel], died: Option<Date>) -> Vec<TaxObligation> {
    let mut owed = Vec::new();
    for parcel in parcels {
        let id = parcel.parcel_id.parse().unwrap_or_default();
        let mut draw = Draw::new(0, Topic::Tax, id);
        let holders = 1 + parcel.co_owners.len() as u64;
        let assessed_vnd = taxed_area(parcel) * u64::from(draw.between(800, 12_000)) / holders;
        let late = draw.chance(300);
        let since = parcel
            .certificate_date
            .map_or(FIRST_YEAR, PartialDate::year);
        if assessed_vnd == 0 {
            continue;
        }
        for year in FIRST_YEAR.max(since + 1)..=LAST_YEAR + 1 {
            let due = date(year, 10, 31);
            let (paid_vnd, status) = match died {
                Some(died) if died < due => (0, ObligationStatus::Frozen),
                _ if due > as_of() => (0, ObligationStatus::Due),
                _ if late && year == LAST_YEAR => (0, ObligationStatus::Overdue),
                _ => (assessed_vnd, ObligationStatus::Paid),
            };
            owed.push(TaxObligation {
                year,
                kind: TaxKind::NonAgriculturalLand,
                assessed_vnd,
                paid_vnd,
                due_on: Some(PartialDate::Full(due)),
                status,
                disputed: parcel.disputed,
            });
        }
    }
    owed
}

/// Adds the charge of 0.03 % a day on what is overdue, and puts the newest year first.
pub(in crate::people) fn with_late_payment(mut owed: Vec<TaxObligation>) -> Vec<TaxObligation> {
    let charge = |obligation: &TaxObligation| {
        let due = obligation.due_on?.latest();
        let days = u64::try_from((as_of() - due).get_days()).ok()?;
        let outstanding = u64::try_from(obligation.outstanding_vnd()).ok()?;
        let overdue = obligation.status == ObligationStatus::Overdue;
        overdue.then_some(outstanding * days * 3 / 10_000)
    };
    let late: u64 = owed.iter().filter_map(charge).sum();
    if late > 0 {
        owed.push(TaxObligation {
            year: as_of().year(),
            kind: TaxKind::LatePayment,
            assessed_vnd: late,
            paid_vnd: 0,
            due_on: None,
            status: ObligationStatus::Overdue,
            disputed: false,
        });
    }
    owed.sort_by_key(|obligation| Reverse(obligation.year));
    owed
}

/// Whole square metres of the parcel that are built on.
pub(super) fn taxed_area(parcel: &Parcel) -> u64 {
    let built = parcel
        .land_uses
        .iter()
        .filter(|land_use| matches!(land_use.code, "ODT" | "ONT"));
    let area: f64 = built.map(|land_use| land_use.area_m2).sum();
    format!("{area:.0}").parse().unwrap_or_default()
}
