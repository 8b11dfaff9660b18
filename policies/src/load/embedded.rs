//! The national policies, compiled in, so that the gateway runs without a directory of them.

use super::{PolicyFiles, RULE_SCHEMA, SourceFile};

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        vec![$(SourceFile {
            path: $path.to_owned(),
            text: include_str!(concat!("../../", $path)).to_owned(),
        }),*]
    };
}

pub(super) fn files() -> PolicyFiles {
    PolicyFiles {
        purposes: files![
            "purposes/bank-loan-income-check.toml",
            "purposes/birth-registration.toml",
            "purposes/death-registration.toml",
            "purposes/enterprise-profile-check.toml",
            "purposes/health-card-issue.toml",
            "purposes/household-separation.toml",
            "purposes/land-use-right-transfer.toml",
            "purposes/marital-status-certificate.toml",
            "purposes/marriage-registration.toml",
            "purposes/permanent-residence-registration.toml",
            "purposes/poor-household-recognition.toml",
            "purposes/private-enterprise-registration.toml",
            "purposes/representation-verification.toml",
            "purposes/social-housing-application.toml",
            "purposes/social-pension.toml",
            "purposes/temporary-residence-registration.toml",
            "purposes/unemployment-benefit.toml",
        ],
        agencies: files![
            "agencies/business-registration-office.toml",
            "agencies/department-of-justice-ha-noi.toml",
            "agencies/employment-service-ha-noi.toml",
            "agencies/land-office-ha-noi.toml",
            "agencies/motlan-gateway.toml",
            "agencies/ngan-hang-nhan-dan.toml",
            "agencies/social-insurance.toml",
            "agencies/ward-ba-dinh.toml",
        ],
        rules: files![
            "bundle/accountability.cedar",
            "bundle/allow.cedar",
            "bundle/competence.cedar",
            "bundle/consent.cedar",
        ],
        rule_schema: SourceFile {
            path: RULE_SCHEMA.to_owned(),
            text: include_str!("../../bundle/schema.cedarschema").to_owned(),
        },
    }
}
