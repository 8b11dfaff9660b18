//! One taxpayer's records in the registry's own words: Vietnamese names, amounts and days as text.

use crate::people::{
    Population,
    facts::tax::{
        IncomeKind, ObligationStatus, TaxIncome, TaxKind, TaxObligation, TaxRegistration,
        TaxpayerStatus,
    },
};
use motlan_schemas::date::PartialDate;
use serde_json::{Value, json};

/// What kind of data is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Registration,
    Obligations,
    Income,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Registration, Self::Obligations, Self::Income];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Registration => "DANG_KY_THUE",
            Self::Obligations => "NGHIA_VU_THUE",
            Self::Income => "THU_NHAP",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The fields that may be asked for.
    pub(super) const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Registration => &[
                "maSoThue",
                "maSoThueCu",
                "ngayCap",
                "trangThai",
                "ngayDong",
                "maCoQuanThue",
                "tenCoQuanThue",
            ],
            Self::Obligations => &[
                "namTinhThue",
                "tieuMuc",
                "soPhaiNop",
                "soDaNop",
                "soConNo",
                "hanNop",
                "trangThaiNo",
            ],
            Self::Income => &[
                "namTinhThue",
                "loaiThuNhap",
                "maSoThueChiTra",
                "tenDonViChiTra",
                "tongThuNhap",
                "thueDaKhauTru",
            ],
        }
    }
}

/// The taxpayer's records of a kind; `None` for somebody without a tax code.
pub(super) fn of(people: &Population, number: &str, kind: Kind) -> Option<Vec<Value>> {
    let registration = people.tax_registration(number)?;
    Some(match kind {
        Kind::Registration => vec![registered(&registration)],
        Kind::Obligations => list(&people.tax_obligations(number), |o| owed(number, o)),
        Kind::Income => list(&people.tax_income(number), |i| earned(number, i)),
    })
}

fn list<T>(facts: &[T], record: impl Fn(&T) -> Value) -> Vec<Value> {
    facts.iter().map(record).collect()
}

fn registered(registration: &TaxRegistration) -> Value {
    let mut record = json!({
        "maSoThue": registration.tax_code,
        "maSoThueCu": text(registration.former_tax_code.as_deref()),
        "ngayCap": day(Some(registration.registered_on)),
        "trangThai": status(registration.status),
        "ngayDong": day(registration.closed_on),
        "maCoQuanThue": registration.office_code,
        "tenCoQuanThue": registration.office_name,
    });
    flag(&mut record, "daChet", registration.deceased);
    record
}

fn owed(number: &str, obligation: &TaxObligation) -> Value {
    let mut record = json!({
        "maSoThue": number,
        "namTinhThue": obligation.year.to_string(),
        "tieuMuc": budget_item(obligation.kind),
        "soPhaiNop": amount(&obligation.assessed_vnd.to_string()),
        "soDaNop": amount(&obligation.paid_vnd.to_string()),
        "soConNo": amount(&obligation.outstanding_vnd().to_string()),
        "hanNop": day(obligation.due_on),
        "trangThaiNo": debt_status(obligation.status),
    });
    flag(&mut record, "dangKhieuNai", obligation.disputed);
    record
}

fn earned(number: &str, income: &TaxIncome) -> Value {
    json!({
        "maSoThue": number,
        "namTinhThue": income.year.to_string(),
        "loaiThuNhap": income_kind(income.kind),
        "maSoThueChiTra": text(income.payer_code.as_deref()),
        "tenDonViChiTra": text(income.payer_name.as_deref()),
        "tongThuNhap": amount(&income.gross_vnd.to_string()),
        "thueDaKhauTru": amount(&income.withheld_vnd.to_string()),
    })
}

/// A flag is `true` or absent.
fn flag(record: &mut Value, name: &str, raised: bool) {
    if let Some(members) = record.as_object_mut().filter(|_| raised) {
        members.insert(name.to_owned(), Value::Bool(true));
    }
}

/// What is not known is empty, never `null`.
fn text(known: Option<&str>) -> &str {
    known.unwrap_or_default()
}

/// `dd/MM/yyyy`, `MM/yyyy` or `yyyy`.
fn day(known: Option<PartialDate>) -> String {
    match known {
        None => String::new(),
        Some(PartialDate::Year(year)) => format!("{year:04}"),
        Some(PartialDate::YearMonth(year, month)) => format!("{month:02}/{year:04}"),
        Some(PartialDate::Full(day)) => {
            format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
        }
    }
}

/// Digits with a point between thousands: `-1.250.000`.
fn amount(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let mut grouped = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    grouped
}

const fn status(status: TaxpayerStatus) -> &'static str {
    match status {
        TaxpayerStatus::Active => "00",
        TaxpayerStatus::Closed => "01",
        TaxpayerStatus::Moved => "02",
        TaxpayerStatus::Closing => "03",
        TaxpayerStatus::Suspended => "05",
        TaxpayerStatus::NotAtAddress => "06",
        TaxpayerStatus::Bankruptcy => "07",
        TaxpayerStatus::Verifying => "09",
    }
}

/// The item of the State budget (Circular 324/2016/TT-BTC, general knowledge).
const fn budget_item(kind: TaxKind) -> &'static str {
    match kind {
        TaxKind::IncomeWages => "1001",
        TaxKind::IncomeBusiness => "1003",
        TaxKind::IncomeProperty => "1006",
        TaxKind::NonAgriculturalLand => "1602",
        TaxKind::ValueAdded => "1701",
        TaxKind::RegistrationFee => "2801",
        TaxKind::BusinessLicence => "2864",
        TaxKind::LatePayment => "4917",
    }
}

const fn debt_status(status: ObligationStatus) -> &'static str {
    match status {
        ObligationStatus::Paid => "DA_NOP",
        ObligationStatus::Due => "CHUA_DEN_HAN",
        ObligationStatus::Overdue => "QUA_HAN",
        ObligationStatus::Frozen => "KHOANH_NO",
        ObligationStatus::WrittenOff => "XOA_NO",
    }
}

const fn income_kind(kind: IncomeKind) -> &'static str {
    match kind {
        IncomeKind::Wages => "TIEN_LUONG",
        IncomeKind::Business => "KINH_DOANH",
        IncomeKind::Capital => "DAU_TU_VON",
        IncomeKind::Property => "CHUYEN_NHUONG_BDS",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_a_point_between_thousands() {
        for (number, written) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1.000"),
            ("300000000", "300.000.000"),
            ("-1250000", "-1.250.000"),
        ] {
            assert_eq!(amount(number), written);
        }
    }

    #[test]
    fn days_are_written_the_vietnamese_way_and_the_unknown_is_empty() {
        let date = |text: &str| day(Some(text.parse().unwrap()));
        assert_eq!(date("2025-04-30"), "30/04/2025");
        assert_eq!(date("2012-03"), "03/2012");
        assert_eq!(date("1999"), "1999");
        assert_eq!(day(None), "");
    }
}
