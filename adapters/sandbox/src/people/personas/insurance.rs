//! The personas' health cards and contributions.

use super::{AN, HAI, HOA, LAN, MAI, MINH, PHUC, TUAN};
use crate::people::{
    draw::date,
    facts::{HealthInsurance, HealthStatus, SocialInsurance, SocialKind, SocialStatus},
};
use motlan_schemas::date::PartialDate;

fn day(year: i16, month: i8, day: i8) -> PartialDate {
    PartialDate::Full(date(year, month, day))
}

pub(in crate::people) fn health_insurance(number: &str) -> Option<HealthInsurance> {
    let card = |card_number: &str, group, benefit_level, coverage_percent| HealthInsurance {
        card_number: card_number.to_owned(),
        status: HealthStatus::Active,
        group,
        benefit_level,
        coverage_percent,
        valid_from: day(2026, 1, 1),
        valid_until: day(2026, 12, 31),
        facility_code: Some("01001".to_owned()),
        facility_name: Some("Bệnh viện đa khoa Ba Đình".to_owned()),
        five_years_from: Some(day(2020, 1, 1)),
        deceased: false,
    };
    match number {
        LAN => Some(card("0112345678", "DN", 4, 80)),
        HAI => Some(card("DN4010108765432", "DN", 4, 80)),
        AN => Some(card("HS4010131245678", "HS", 4, 80)),
        MINH => Some(HealthInsurance {
            status: HealthStatus::Ended,
            valid_from: day(2024, 1, 1),
            valid_until: day(2024, 2, 17),
            deceased: true,
            ..card("HT3010100345678", "HT", 3, 95)
        }),
        MAI => Some(card("GD4010100456789", "GD", 4, 80)),
        HOA => Some(HealthInsurance {
            facility_code: None,
            facility_name: None,
            five_years_from: None,
            ..card("CN3010100567890", "CN", 3, 95)
        }),
        TUAN => Some(card("0109876543", "DN", 4, 80)),
        PHUC => Some(card("HS4010131298765", "HS", 4, 80)),
        _ => None,
    }
}

pub(in crate::people) fn social_insurance(number: &str) -> Option<SocialInsurance> {
    let record = |social_insurance_number: &str, months, first: (i16, i8)| SocialInsurance {
        social_insurance_number: social_insurance_number.to_owned(),
        kind: SocialKind::Compulsory,
        status: SocialStatus::Contributing,
        contribution_months: months,
        unemployment_months: months.min(210),
        first_contribution: PartialDate::YearMonth(first.0, first.1),
        last_contribution: Some(PartialDate::YearMonth(2026, 6)),
        employer_code: None,
        employer_name: None,
        salary_vnd: Some(12_400_000),
        deceased: false,
    };
    match number {
        LAN => Some(SocialInsurance {
            employer_code: Some(super::ENTERPRISE.to_owned()),
            employer_name: Some("CÔNG TY TNHH MỘT THÀNH VIÊN MAY MẶC HOÀI AN".to_owned()),
            ..record("0112345678", 198, (2008, 9))
        }),
        HAI => Some(SocialInsurance {
            employer_name: Some("Trung tâm phục vụ hành chính công thành phố Hà Nội".to_owned()),
            ..record("0108765432", 244, (2005, 3))
        }),
        MINH => Some(SocialInsurance {
            status: SocialStatus::Ended,
            last_contribution: Some(PartialDate::YearMonth(2018, 11)),
            unemployment_months: 118,
            salary_vnd: None,
            deceased: true,
            ..record("0100345678", 287, (1995, 1))
        }),
        TUAN => Some(record("0109876543", 171, (2010, 2))),
        _ => None,
    }
}
