//! The facts of the health registry: what a citizen's electronic health record holds.

use motlan_schemas::date::PartialDate;

coded!(BloodType {
    APositive = "A+", ANegative = "A-", BPositive = "B+", BNegative = "B-",
    AbPositive = "AB+", AbNegative = "AB-", OPositive = "O+", ONegative = "O-",
});
coded!(ContactKind { Spouse = "spouse", Child = "child", Parent = "parent", Sibling = "sibling", Other = "other" });
coded!(Verification {
    Unconfirmed = "unconfirmed", Presumed = "presumed", Confirmed = "confirmed",
    Refuted = "refuted", EnteredInError = "entered_in_error",
});
coded!(AllergyCategory {
    Food = "food", Medication = "medication", Environment = "environment", Biologic = "biologic",
});
coded!(Criticality { Low = "low", High = "high", UnableToAssess = "unable_to_assess" });
coded!(AllergyStatus { Active = "active", Inactive = "inactive", Resolved = "resolved" });
coded!(ConditionStatus {
    Active = "active", Recurrence = "recurrence", Relapse = "relapse",
    Inactive = "inactive", Remission = "remission", Resolved = "resolved",
});
coded!(DoseStatus { Completed = "completed", NotDone = "not_done", EnteredInError = "entered_in_error" });

#[derive(Debug, Clone, PartialEq)]
pub struct HealthRecord {
    /// A record that nobody writes to any more is closed.
    pub open: bool,
    pub blood_type: Option<BloodType>,
    pub organ_donor: Option<bool>,
    pub insured: bool,
    pub facility_code: Option<String>,
    pub facility_name: Option<String>,
    pub contact: Option<Contact>,
    pub updated_on: PartialDate,
    pub died: Option<PartialDate>,
    pub allergies: Vec<Allergy>,
    pub conditions: Vec<Condition>,
    pub doses: Vec<Dose>,
}

/// Whom to tell in an emergency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub full_name: String,
    pub relationship: ContactKind,
    pub phone: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allergen {
    pub substance: &'static str,
    /// Code of a drug or a group of drugs in the ATC classification.
    pub atc: Option<&'static str>,
    pub category: AllergyCategory,
    pub reaction: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allergy {
    pub allergen: Allergen,
    pub criticality: Criticality,
    pub status: AllergyStatus,
    pub verification: Verification,
    /// `None` where nobody remembers.
    pub onset: Option<PartialDate>,
    pub recorded_on: PartialDate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// ICD-10.
    pub code: &'static str,
    pub title: &'static str,
    pub status: ConditionStatus,
    pub verification: Verification,
    pub onset: Option<PartialDate>,
    pub ended_on: Option<PartialDate>,
    pub recorded_on: PartialDate,
    pub facility_name: Option<String>,
}

/// One dose of a vaccine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dose {
    /// ATC, in group J07.
    pub vaccine_code: &'static str,
    pub vaccine: &'static str,
    pub given_on: Option<PartialDate>,
    pub number: u8,
    pub lot: Option<String>,
    pub status: DoseStatus,
    pub facility_name: Option<String>,
}
