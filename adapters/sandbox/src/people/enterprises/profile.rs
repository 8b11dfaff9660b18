//! A company as the business register shows it: its profile, its owners, and one person's roles.

use super::{
    Company, Slot,
    trades::{OWN_NAMES, TRADES},
};
use crate::people::{
    civil::{UNDER_INVESTIGATION, VIETNAM},
    draw::Draw,
    facts::{
        CompanyRole, Directness, Enterprise, EnterpriseStatus, Industry, Interest, LegalForm,
        LegalRepresentative, Owner, OwnerKind, RoleKind,
    },
    family::Life,
    places::Place,
};
use motlan_schemas::date::PartialDate;

/// From this share on, a natural person is a beneficial owner (Law 76/2025/QH15).
const BENEFICIAL_FROM_PERCENT: u32 = 25;
/// Of ten thousand companies, how many have a branch.
const BRANCHES: u32 = 800;
const BRANCH_SUFFIX: &str = "-001";

/// The drawn names and sums of a company, the same whoever asks.
struct Facade {
    name: String,
    name_foreign: Option<String>,
    name_short: Option<String>,
    charter_capital_vnd: u64,
    industries: Vec<Industry>,
    has_branch: bool,
    draw: Draw,
}

pub(in crate::people) fn enterprise(seed: u64, code: &str) -> Option<Enterprise> {
    let main_code = code.strip_suffix(BRANCH_SUFFIX);
    let company = Slot::from_code(seed, main_code.unwrap_or(code))?.company(seed)?;
    let facade = facade(seed, &company);
    match main_code {
        None => profile(seed, &company, facade, code),
        Some(main_code) if facade.has_branch => branch(seed, &company, facade, main_code),
        Some(_) => None,
    }
}

/// A company's name, for its employees' records.
pub(in crate::people) fn name(seed: u64, company: &Company) -> String {
    facade(seed, company).name
}

/// What one person is in the companies that they may have a part in.
pub(in crate::people) fn roles(seed: u64, life: &Life) -> Vec<CompanyRole> {
    let companies = Slot::of_member(seed, life).into_iter();
    companies
        .filter_map(|slot| slot.company(seed))
        .flat_map(|company| roles_in(seed, &company, life).unwrap_or_default())
        .collect()
}

fn roles_in(seed: u64, company: &Company, life: &Life) -> Option<Vec<CompanyRole>> {
    let place = company
        .holders
        .iter()
        .position(|(holder, _)| holder.number == life.number)?;
    let (_, share) = company.holders.get(place)?;
    let facade = facade(seed, company);
    let code = company.slot.code(seed)?;
    let capital = facade.charter_capital_vnd / 100 * u64::from(*share);
    let role = |role, owning: bool| CompanyRole {
        enterprise_code: code.clone(),
        enterprise_name: facade.name.clone(),
        enterprise_status: company.status,
        role,
        since: PartialDate::Full(company.registered),
        until: company.closed.map(PartialDate::Full),
        share_percent: owning.then(|| f64::from(*share)),
        capital_contribution_vnd: owning.then_some(capital),
    };
    let holding = match company.form {
        LegalForm::MultiMemberLlc => RoleKind::Member,
        LegalForm::JointStock => RoleKind::Shareholder,
        _ => RoleKind::Owner,
    };
    let mut roles = vec![role(holding, true)];
    match place {
        0 => {
            roles.push(role(RoleKind::LegalRepresentative, false));
            if company.holders.len() > 1 {
                roles.push(role(RoleKind::Chair, false));
            } else {
                roles.push(role(RoleKind::Director, false));
            }
        }
        1 => roles.push(role(RoleKind::Director, false)),
        _ => {}
    }
    if is_beneficial(company, *share) {
        roles.push(role(RoleKind::BeneficialOwner, true));
    }
    Some(roles)
}

fn profile(seed: u64, company: &Company, facade: Facade, code: &str) -> Option<Enterprise> {
    let mut draw = facade.draw;
    let place = Place::in_former(&mut draw, company.slot.couple.province)?;
    let (founder, _) = company.holders.first()?;
    let several = company.holders.len() > 1;
    Some(Enterprise {
        enterprise_code: code.to_owned(),
        name: facade.name,
        name_foreign: facade.name_foreign,
        name_short: facade.name_short,
        legal_form: company.form,
        status: company.status,
        registered_on: PartialDate::Full(company.registered),
        address: place.address(&mut draw),
        commune: place.commune.code().to_owned(),
        province: place.province.code().to_owned(),
        charter_capital_vnd: facade.charter_capital_vnd,
        industries: facade.industries,
        legal_representatives: vec![LegalRepresentative {
            full_name: founder.full_name(seed),
            personal_id: founder.number.text(),
            title: if several {
                "Chủ tịch"
            } else {
                "Giám đốc"
            },
        }],
        parent_code: None,
        phone: draw
            .chance(7800)
            .then(|| format!("09{:08}", draw.below(100_000_000))),
        email: draw
            .chance(4500)
            .then(|| format!("lienhe@{code}.example.vn")),
        owners: owners(seed, company),
        under_investigation: draw.chance(UNDER_INVESTIGATION),
    })
}

fn branch(seed: u64, company: &Company, facade: Facade, main_code: &str) -> Option<Enterprise> {
    let main_name = facade.name.clone();
    let code = format!("{main_code}{BRANCH_SUFFIX}");
    let main = profile(seed, company, facade, &code)?;
    let owner = Owner {
        owner_kind: OwnerKind::Enterprise,
        full_name: main_name.clone(),
        personal_id: None,
        enterprise_code: Some(main_code.to_owned()),
        nationality: Some(VIETNAM),
        birth_date: None,
        interest: Interest::Other,
        directness: Directness::Direct,
        beneficial: false,
        share_percent: Some(100.0),
        since: Some(PartialDate::Full(company.registered)),
    };
    Some(Enterprise {
        name: format!("CHI NHÁNH {main_name}"),
        name_foreign: None,
        name_short: None,
        legal_form: LegalForm::Branch,
        // A branch has no capital of its own.
        charter_capital_vnd: 0,
        parent_code: Some(main_code.to_owned()),
        owners: vec![owner],
        ..main
    })
}

fn owners(seed: u64, company: &Company) -> Vec<Owner> {
    let owner = |(holder, share): &(Life, u32)| Owner {
        owner_kind: OwnerKind::Person,
        full_name: holder.full_name(seed),
        personal_id: Some(holder.number.text()),
        enterprise_code: None,
        nationality: Some(VIETNAM),
        birth_date: Some(holder.birth_date()),
        interest: Interest::Shareholding,
        directness: Directness::Direct,
        beneficial: is_beneficial(company, *share),
        share_percent: Some(f64::from(*share)),
        since: Some(PartialDate::Full(company.registered)),
    };
    company.holders.iter().map(owner).collect()
}

fn is_beneficial(company: &Company, share: u32) -> bool {
    share >= BENEFICIAL_FROM_PERCENT
        && company.form != LegalForm::PrivateEnterprise
        && company.status != EnterpriseStatus::Dissolved
}

fn facade(seed: u64, company: &Company) -> Facade {
    let mut draw = company.slot.draw(seed);
    // The first draws decide whether the company exists and whose it is.
    let mut draw = Draw::new(draw.any(), crate::people::draw::Topic::Enterprise, 1);
    let (class, title, trade, trade_foreign) = draw.pick(&TRADES);
    let (own_name, own_name_foreign) = draw.pick(&OWN_NAMES);
    let (kind, kind_foreign) = match company.form {
        LegalForm::PrivateEnterprise => ("DOANH NGHIỆP TƯ NHÂN", "PRIVATE ENTERPRISE"),
        LegalForm::SingleMemberLlc => ("CÔNG TY TNHH MỘT THÀNH VIÊN", "ONE MEMBER CO., LTD"),
        LegalForm::JointStock => ("CÔNG TY CỔ PHẦN", "JOINT STOCK COMPANY"),
        _ => ("CÔNG TY TNHH", "CO., LTD"),
    };
    let millions = match company.form {
        LegalForm::JointStock => draw.pick(&[3_000, 6_000, 10_000, 20_000, 50_000, 100_000u64]),
        _ => draw.pick(&[200, 500, 900, 1_500, 1_900, 4_900, 9_900u64]),
    };
    let (second_class, second_title, ..) = draw.pick(&TRADES);
    let main = Industry {
        code: class,
        title,
        main: true,
    };
    let second = Industry {
        code: second_class,
        title: second_title,
        main: false,
    };
    let industries = if second_class == class {
        vec![main]
    } else {
        vec![main, second]
    };
    Facade {
        name: format!("{kind} {trade} {own_name}"),
        name_foreign: draw
            .chance(4000)
            .then(|| format!("{own_name_foreign} {trade_foreign} {kind_foreign}")),
        name_short: draw.chance(3000).then(|| own_name_foreign.to_owned()),
        charter_capital_vnd: millions * 1_000_000,
        industries,
        has_branch: draw.chance(BRANCHES),
        draw,
    }
}
