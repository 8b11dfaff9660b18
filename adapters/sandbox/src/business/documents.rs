//! The registry's own JSON, with its own codes.

use crate::{
    exchange::{with, without_nulls},
    people::facts::{CompanyRole, Enterprise, EnterpriseStatus, LegalForm, RoleKind},
};
use serde_json::{Value, json};

/// The fields of a role that a client may ask for.
pub(super) const ROLE_FIELDS: [&str; 11] = [
    "holder.personalNumber",
    "holder.name",
    "enterprise.code",
    "enterprise.name",
    "enterprise.status",
    "role.code",
    "role.title",
    "from",
    "to",
    "sharePercent",
    "capitalContribution",
];

/// The fields of an enterprise that a client may ask for.
pub(super) const ENTERPRISE_FIELDS: [&str; 19] = [
    "code",
    "name",
    "nameForeign",
    "nameShort",
    "legalForm.code",
    "legalForm.title",
    "status",
    "registeredOn",
    "deletedOn",
    "address.text",
    "address.communeCode",
    "address.provinceCode",
    "charterCapital",
    "industries",
    "legalRepresentatives",
    "parentCode",
    "phone",
    "email",
    "underInvestigation",
];

pub(super) fn role(role: &CompanyRole, holder: &str, name: Option<&str>) -> Value {
    let (code, title) = role_code(role.role);
    without_nulls(json!({
        "holder": {"personalNumber": holder, "name": name},
        "enterprise": {
            "code": role.enterprise_code,
            "name": role.enterprise_name,
            "status": status_code(role.enterprise_status),
        },
        "role": {"code": code, "title": title},
        "from": role.since.to_string(),
        "to": role.until.map(|date| date.to_string()),
        "sharePercent": role.share_percent,
        "capitalContribution": role.capital_contribution_vnd,
    }))
}

pub(super) fn enterprise(enterprise: &Enterprise, code: &str) -> Value {
    let (form, form_title) = form_code(enterprise.legal_form);
    let representatives: Vec<Value> = enterprise
        .legal_representatives
        .iter()
        .map(|person| json!({"name": person.full_name, "personalNumber": person.personal_id, "title": person.title}))
        .collect();
    let industries: Vec<Value> = enterprise
        .industries
        .iter()
        .map(|industry| json!({"code": industry.code, "title": industry.title, "main": industry.main}))
        .collect();
    let dissolved = enterprise.status == EnterpriseStatus::Dissolved;
    let deleted_on =
        dissolved.then(|| (enterprise.registered_on.year() + DISSOLVED_AFTER_YEARS).to_string());
    without_nulls(json!({
        "code": code,
        "name": enterprise.name,
        "nameForeign": enterprise.name_foreign,
        "nameShort": enterprise.name_short,
        "legalForm": {"code": form, "title": form_title},
        // A dissolved enterprise has a date instead of a status, as registers do that never delete.
        "status": (!dissolved).then(|| status_code(enterprise.status)),
        "registeredOn": enterprise.registered_on.to_string(),
        "deletedOn": deleted_on,
        "address": {
            "text": enterprise.address,
            "communeCode": enterprise.commune,
            "provinceCode": enterprise.province,
        },
        "charterCapital": enterprise.charter_capital_vnd,
        "industries": industries,
        "legalRepresentatives": representatives,
        "parentCode": enterprise.parent_code,
        // Registers write an empty text where nobody filled in the form.
        "phone": enterprise.phone.as_deref().unwrap_or(""),
        "email": enterprise.email,
        "underInvestigation": enterprise.under_investigation,
    }))
}

/// Enterprises that left the register altogether: the dissolved ones with an even check digit.
pub(super) fn is_removed(enterprise: &Enterprise) -> bool {
    let check = enterprise.enterprise_code.as_bytes().get(9);
    let even = check.is_some_and(|digit| digit.is_multiple_of(2));
    enterprise.status == EnterpriseStatus::Dissolved && even
}

/// With members that nobody asked for and no client knows.
pub(super) fn with_more(document: Value) -> Value {
    let more = json!({"internalRemark": "chỉ dùng trong ngành", "auditTrail": [{"by": "cb-0001"}]});
    with(document, more)
}

fn role_code(role: RoleKind) -> (&'static str, &'static str) {
    match role {
        RoleKind::Owner => ("CSH", "Chủ sở hữu"),
        RoleKind::LegalRepresentative => ("DDPL", "Người đại diện theo pháp luật"),
        RoleKind::Director => ("GD", "Giám đốc"),
        RoleKind::Chair => ("CT", "Chủ tịch"),
        RoleKind::Member => ("TVGV", "Thành viên góp vốn"),
        RoleKind::Shareholder => ("CD", "Cổ đông"),
        RoleKind::BeneficialOwner => ("CSHHL", "Chủ sở hữu hưởng lợi"),
    }
}

fn status_code(status: EnterpriseStatus) -> &'static str {
    match status {
        EnterpriseStatus::Active => "DANG_HOAT_DONG",
        EnterpriseStatus::Suspended => "TAM_NGUNG",
        EnterpriseStatus::Dissolved => "DA_GIAI_THE",
    }
}

fn form_code(form: LegalForm) -> (&'static str, &'static str) {
    match form {
        LegalForm::PrivateEnterprise => ("DNTN", "Doanh nghiệp tư nhân"),
        LegalForm::SingleMemberLlc => ("TNHH1TV", "Công ty TNHH một thành viên"),
        LegalForm::MultiMemberLlc => ("TNHH2TV", "Công ty TNHH hai thành viên trở lên"),
        LegalForm::JointStock => ("CTCP", "Công ty cổ phần"),
        LegalForm::Partnership => ("CTHD", "Công ty hợp danh"),
        LegalForm::Branch => ("CN", "Chi nhánh"),
    }
}

/// The facts have no date of dissolution; this one is plausible and always the same.
const DISSOLVED_AFTER_YEARS: i16 = 6;
