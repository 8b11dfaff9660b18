//! Taxes: who is registered, and wages and dividends by year.
//!
//! Everything follows from what other registers say: the employer is that of social insurance, the
//! companies are those of the business register, the land is that of the land register. What became
//! of each amount is drawn.

mod owed;

pub(super) use owed::{land_tax, settlements, with_late_payment};

use super::{
    cells::{Role, as_of},
    draw::{Draw, Topic, date, later},
    enterprises,
    facts::{
        CompanyRole, Parcel, SocialInsurance, SocialKind, SocialStatus,
        tax::{IncomeKind, TaxIncome, TaxObligation, TaxRegistration, TaxpayerStatus},
    },
    family::{Family, Life},
    home, insurance, parcels,
    places::Place,
};
use jiff::civil::Date;
use motlan_schemas::{date::PartialDate, language::Language};
use std::cmp::Reverse;

/// The years that the registry keeps; of the running one it knows the land tax only.
pub(super) const FIRST_YEAR: i16 = 2020;
pub(super) const LAST_YEAR: i16 = 2025;
/// Since then everybody with an income has a tax code (Law on Personal Income Tax 04/2007/QH12).
const FIRST_REGISTRATIONS: (i16, i8, i8) = (2007, 12, 1);
/// Since then land in towns and villages is taxed (Law 48/2010/QH12).
const FIRST_LAND_TAX: (i16, i8, i8) = (2012, 1, 1);

/// Somebody who has a tax code, and the registers that say why.
struct Taxpayer {
    life: Life,
    registered: Date,
    social: Option<SocialInsurance>,
    roles: Vec<CompanyRole>,
    parcels: Vec<Parcel>,
    draw: Draw,
}

impl Taxpayer {
    fn of(seed: u64, family: &Family, role: Role) -> Option<Self> {
        let life = *family.life(role)?;
        let mut draw = Draw::new(seed, Topic::Tax, life.id());
        let social = insurance::social(seed, family, role);
        let roles = enterprises::roles(seed, &life);
        let parcels = parcels::parcels(seed, family, role);
        let work = social.as_ref().map(|social| social.first_contribution);
        let (first_year, month, day) = FIRST_LAND_TAX;
        let land = parcels.iter().any(|parcel| owed::taxed_area(parcel) > 0);
        let reasons = [
            work.map(PartialDate::earliest),
            roles.iter().map(|role| role.since.earliest()).min(),
            land.then(|| date(first_year, month, day)),
            // Some have a code for a reason of the past.
            draw.chance(2500).then(|| date(2012, 6, 1)),
        ];
        let of_age = date(life.born.year() + 18, life.born.month(), 1);
        let (year, month, day) = FIRST_REGISTRATIONS;
        let earliest = of_age.max(date(year, month, day));
        let registered = reasons.into_iter().flatten().min()?.max(earliest);
        let end = life.died.unwrap_or_else(as_of);
        (registered <= end).then_some(Self {
            life,
            registered,
            social,
            roles,
            parcels,
            draw,
        })
    }

    fn last_year(&self) -> i16 {
        self.life
            .died
            .map_or(LAST_YEAR, |died| died.year().min(LAST_YEAR))
    }
}

pub(super) fn registration(seed: u64, family: &Family, role: Role) -> Option<TaxRegistration> {
    let Taxpayer {
        life,
        registered,
        mut draw,
        ..
    } = Taxpayer::of(seed, family, role)?;
    let had_code = registered < date(2025, 7, 1) && draw.chance(9000);
    let former_tax_code = had_code.then(|| former_code(&mut draw)).flatten();
    let home = home::home_of(family, &life).map(|home| home.place);
    let office = home.or_else(|| Place::in_former(&mut draw, family.couple.province))?;
    let (office_code, office_name) = office_of(office);
    let (status, closed_on) = match life.died {
        Some(died) => (
            TaxpayerStatus::Closed,
            Some(PartialDate::Full(later(died, 60).min(as_of()))),
        ),
        None if home.is_none() => (TaxpayerStatus::NotAtAddress, None),
        None => {
            let status = draw.weighted(&[
                (975, Some(TaxpayerStatus::Active)),
                (15, Some(TaxpayerStatus::Suspended)),
                (10, Some(TaxpayerStatus::Verifying)),
            ]);
            (status?, None)
        }
    };
    Some(TaxRegistration {
        tax_code: life.number.text(),
        former_tax_code,
        registered_on: entered(&mut draw, registered),
        status,
        closed_on,
        office_code,
        office_name,
        deceased: !life.is_alive(),
    })
}

/// Newest year first.
pub(super) fn income(seed: u64, family: &Family, role: Role) -> Vec<TaxIncome> {
    let Some(mut taxpayer) = Taxpayer::of(seed, family, role) else {
        return Vec::new();
    };
    let mut income = wages(seed, family, &mut taxpayer);
    income.extend(dividends(&mut taxpayer));
    income.sort_by_key(|income| Reverse(income.year));
    income
}

/// Newest year first.
pub(super) fn obligations(seed: u64, family: &Family, role: Role) -> Vec<TaxObligation> {
    let Some(mut taxpayer) = Taxpayer::of(seed, family, role) else {
        return Vec::new();
    };
    let wages = wages(seed, family, &mut taxpayer);
    let mut owed = settlements(&wages, &mut taxpayer.draw);
    owed.extend(land_tax(&taxpayer.parcels, taxpayer.life.died));
    with_late_payment(owed)
}

fn wages(seed: u64, family: &Family, taxpayer: &mut Taxpayer) -> Vec<TaxIncome> {
    let Some(social) = &taxpayer.social else {
        return Vec::new();
    };
    let last = social
        .last_contribution
        .unwrap_or(social.first_contribution);
    let mut draw = taxpayer.draw.clone();
    let (payer_code, payer_name) = if social.status == SocialStatus::Contributing {
        (social.employer_code.clone(), social.employer_name.clone())
    } else {
        insurance::employer(seed, &mut draw, family, false).unwrap_or_default()
    };
    if social.kind != SocialKind::Compulsory || payer_name.is_none() {
        return Vec::new();
    }
    let insured = social
        .salary_vnd
        .unwrap_or_else(|| u64::from(draw.between(48, 240)) * 100_000);
    // Contributions are counted from a part of what is paid.
    let monthly = insured * u64::from(draw.between(105, 160)) / 100;
    let years = (FIRST_YEAR..=taxpayer.last_year()).filter_map(|year| {
        let months = months_in(year, social.first_contribution, last);
        let raises = 100 - 5 * u64::from((LAST_YEAR - year).unsigned_abs());
        let gross_vnd = monthly * months * raises / 100 / 1000 * 1000;
        (gross_vnd > 0).then(|| TaxIncome {
            year,
            kind: IncomeKind::Wages,
            payer_code: payer_code.clone(),
            payer_name: payer_name.clone(),
            gross_vnd,
            withheld_vnd: tax_on_wages(gross_vnd, months, dependants(family, taxpayer, year)),
        })
    });
    years.collect()
}

/// Five per cent of a dividend are withheld.
fn dividends(taxpayer: &mut Taxpayer) -> Vec<TaxIncome> {
    let last_year = taxpayer.last_year();
    let mut dividends = Vec::new();
    for role in &taxpayer.roles {
        let Some(capital) = role.capital_contribution_vnd else {
            continue;
        };
        let closed = role.until.map_or(last_year, PartialDate::year);
        for year in FIRST_YEAR.max(role.since.year() + 1)..=last_year.min(closed) {
            let percent = u64::from(taxpayer.draw.between(1, 9));
            let gross_vnd = capital / 100 * percent;
            if taxpayer.draw.chance(4000) && gross_vnd > 0 {
                dividends.push(TaxIncome {
                    year,
                    kind: IncomeKind::Capital,
                    payer_code: Some(role.enterprise_code.clone()),
                    payer_name: Some(role.enterprise_name.clone()),
                    gross_vnd,
                    withheld_vnd: gross_vnd / 20,
                });
            }
        }
    }
    dividends
}

/// The father deducts for children under age.
fn dependants(family: &Family, taxpayer: &Taxpayer, year: i16) -> u64 {
    if taxpayer.life.member.role != Role::Husband {
        return 0;
    }
    let under_age = |child: &&Life| (0..18).contains(&(year - child.born.year()));
    family.children().filter(under_age).count() as u64
}

/// The tax on a year's wages: deductions of Resolution 954/2020/UBTVQH14 and the brackets that held
/// until 2025 (Law 04/2007/QH12, Article 22), by the month.
pub(super) fn tax_on_wages(gross_vnd: u64, months: u64, dependants: u64) -> u64 {
    let insurance = gross_vnd * 105 / 1000;
    let deducted = insurance + months * (11_000_000 + dependants * 4_400_000);
    let mut left = gross_vnd.saturating_sub(deducted) / months.max(1);
    let mut tax = 0;
    for (width, percent) in BRACKETS {
        let taxed = left.min(width);
        tax += taxed * percent / 100;
        left -= taxed;
    }
    tax * months / 1000 * 1000
}

const BRACKETS: [(u64, u64); 7] = [
    (5_000_000, 5),
    (5_000_000, 10),
    (8_000_000, 15),
    (14_000_000, 20),
    (20_000_000, 25),
    (28_000_000, 30),
    (u64::MAX, 35),
];

/// The office in charge of a commune; how offices share a province's communes is invented.
pub(super) fn office_of(place: Place) -> (String, String) {
    let commune: u64 = place.commune.code().parse().unwrap_or_default();
    let nth = commune % OFFICES + 1;
    let province = place.province.title(Language::Vi);
    let mut letters = province.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    let in_sentence: String = first.chain(letters).collect();
    (
        format!("{}1{nth:02}", place.province.code()),
        format!("Thuế cơ sở {nth} {in_sentence}"),
    )
}

/// Ten digits that begin with 8, as personal tax codes did, with the check digit of all tax codes.
fn former_code(draw: &mut Draw) -> Option<String> {
    let serial = u64::from(draw.between(1, 9_999_990));
    (serial..serial + 9).find_map(|serial| enterprises::with_check_digit(80, serial))
}

/// Old registrations were entered by hand, some without the day.
fn entered(draw: &mut Draw, day: Date) -> PartialDate {
    if day.year() < 2012 && draw.chance(1500) {
        PartialDate::YearMonth(day.year(), day.month())
    } else {
        PartialDate::Full(day)
    }
}

/// How many months of the year lie between two months, both included.
fn months_in(year: i16, first: PartialDate, last: PartialDate) -> u64 {
    let month = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month()) - 1;
    let january = i64::from(year) * 12;
    let from = month(first.earliest()).max(january);
    let until = month(last.earliest()).min(january + 11);
    u64::try_from(until - from + 1).unwrap_or_default()
}

const OFFICES: u64 = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wages_are_taxed_by_the_brackets_of_the_law() {
        // 25 million a month: 22.375 after insurance, 11.375 after the deduction for oneself.
        let year = tax_on_wages(300_000_000, 12, 0);
        assert_eq!(year, (250_000 + 500_000 + 206_250) * 12);
        assert_eq!(tax_on_wages(300_000_000, 12, 3), 0);
        assert_eq!(tax_on_wages(0, 0, 0), 0);
    }

    #[test]
    fn the_months_of_a_year_are_those_between_the_first_and_the_last() {
        let month = PartialDate::YearMonth;
        assert_eq!(months_in(2024, month(2024, 3), month(2026, 6)), 10);
        assert_eq!(months_in(2025, month(2024, 3), month(2026, 6)), 12);
        assert_eq!(months_in(2025, month(2024, 3), month(2025, 2)), 2);
        assert_eq!(months_in(2026, month(2024, 3), month(2025, 2)), 0);
    }
}
