//! What can be wrong with a question, said so that it can be mended, without repeating a value.

use crate::{
    codes::UnknownProvince,
    ids::{EnterpriseCodeError, LabelError, PersonalIdError},
    json::JsonError,
};

/// Why a body is no question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// JSON, but these fields are wrong.
    #[error("{} fields of the question are wrong", .0.len())]
    Invalid(Vec<FieldError>),
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where it is: a JSON pointer (RFC 6901), empty for the whole body.
    pub pointer: String,
    /// What is wrong with it.
    pub mistake: Mistake,
}

/// What can be wrong with a field. The English text is for developers; officers read the gateway's
/// translations, which are found by [`Mistake::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// A field that must be there is not.
    #[error("this field is required")]
    Missing,
    /// A field that a question does not have.
    #[error("there is no such field{}", did_you_mean(.nearest.as_ref()))]
    UnknownField {
        /// The most similar field.
        nearest: Option<String>,
    },
    /// A value of the wrong JSON type.
    #[error("expected {expected}")]
    WrongType {
        /// What is expected: `a string`, `a whole number`, ….
        expected: &'static str,
    },
    /// Neither exactly one person nor exactly one enterprise.
    #[error(r#"expected exactly one of {{"person": "<12 digits>"}} and {{"enterprise": "<10 digits>"}}"#)]
    SubjectForm,
    /// No personal number.
    #[error(transparent)]
    PersonalId(#[from] PersonalIdError),
    /// No enterprise code.
    #[error(transparent)]
    EnterpriseCode(#[from] EnterpriseCodeError),
    /// No officer's id or case reference.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// A list without items.
    #[error("must not be empty")]
    Empty,
    /// A list with too many items.
    #[error("at most {max} are accepted")]
    TooMany {
        /// How many are accepted.
        max: u64,
    },
    /// A number outside its range.
    #[error("must be from {min} to {max}")]
    OutOfRange {
        /// The smallest accepted number.
        min: u64,
        /// The largest accepted number.
        max: u64,
    },
    /// A statement that is too short to say anything, or too long.
    #[error("must have from {min} to {max} characters")]
    StatementLength {
        /// The fewest accepted characters.
        min: u64,
        /// The most accepted characters.
        max: u64,
    },
    /// A statement with a number in it that could name a person.
    #[error("must not contain a number that could name a person")]
    NamesPerson,
    /// A text that is none of those accepted.
    #[error("expected one of: {accepted}")]
    NotOneOf {
        /// The accepted texts.
        accepted: &'static str,
    },
    /// A purpose that the catalogue of purposes does not have.
    #[error("there is no such purpose{}", did_you_mean(.nearest.as_ref()))]
    UnknownPurpose {
        /// The most similar purpose.
        nearest: Option<String>,
    },
    /// An agency that the directory of agencies does not have.
    #[error("there is no such agency{}", did_you_mean(.nearest.as_ref()))]
    UnknownAgency {
        /// The most similar agency.
        nearest: Option<String>,
    },
    /// No moment and no day.
    #[error("expected a time (2026-11-21T08:00:00Z) or a day (2026-11-21)")]
    TimeForm,
    /// A consent that would never count, or for too long.
    #[error("must be later than `from` and now, and at most ten years away")]
    Period,
    /// A consent for a procedure that needs none.
    #[error("this purpose rests on law and needs no consent")]
    NotByConsent,
    /// A consent for a procedure that the agency does not carry out.
    #[error("the agency does not carry out this procedure")]
    NotMandated,
    /// A consent to an attribute that none of its procedures needs.
    #[error("none of the purposes needs this attribute")]
    NotInPurpose,
    /// More than one person can keep track of.
    #[error("there are {max} consents already: withdraw some")]
    TooManyConsents {
        /// How many a person can have.
        max: u64,
    },
    /// No idempotency key.
    #[error("expected 1 to 255 printable ASCII characters")]
    IdempotencyKey,
    /// An attribute or dataset that the catalogue does not have.
    #[error("there is no such dataset or attribute{}", did_you_mean(.nearest.as_ref()))]
    UnknownAttribute {
        /// The most similar name.
        nearest: Option<String>,
    },
    /// A place that is no province or commune in force.
    #[error("expected the code of a province (2 digits) or commune (5 digits) in force")]
    UnknownArea,
    /// No province.
    #[error(transparent)]
    Province(#[from] UnknownProvince),
    /// A day that is none.
    #[error("expected a day of the form YYYY-MM-DD")]
    Day,
    /// An item that stands in its list already.
    #[error("this item stands in the list already")]
    Repeated,
    /// A circumstance that the purpose does not know, such as an emergency in an ordinary one.
    #[error("this purpose has no use for it: leave it out, or name the purpose that has")]
    NotForPurpose,
    /// A time until which an access cannot be hidden.
    #[error("must be later than now, and at most {months} months away")]
    HiddenPeriod {
        /// For how many months the purpose allows it.
        months: u32,
    },
    /// A wildcard.
    #[error("wildcards are not accepted: name each attribute or dataset")]
    Wildcard,
    /// A dataset that the registry which tells of a change does not serve.
    #[error("the registry does not serve such a dataset{}", did_you_mean(.nearest.as_ref()))]
    NotServed {
        /// The most similar dataset of those that it serves.
        nearest: Option<String>,
    },
    /// An event's source that is no address.
    #[error("expected a URI reference of 1 to {max} characters")]
    UriReference {
        /// How many characters are accepted.
        max: u64,
    },
    /// An event that is too old, or from the future.
    #[error("must be at most {hours} hours past and {minutes} minutes ahead")]
    EventTime {
        /// How old it may be.
        hours: i64,
        /// How far ahead it may be.
        minutes: i64,
    },
    /// An event that was taken before.
    #[error("this event was taken before")]
    Replayed,
    /// A registry without a dataset.
    #[error("this is a whole registry: name its datasets or attributes")]
    RegistryAlone,
}

impl Mistake {
    /// The stable code of the mistake, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "required",
            Self::UnknownField { .. } => "unknown_field",
            Self::WrongType { .. } => "wrong_type",
            Self::SubjectForm => "subject_form",
            Self::PersonalId(PersonalIdError::Length) => "personal_number_length",
            Self::PersonalId(PersonalIdError::NotDigits) => "personal_number_digits",
            Self::PersonalId(PersonalIdError::Place) => "personal_number_place",
            Self::PersonalId(PersonalIdError::Century) => "personal_number_century",
            Self::EnterpriseCode(EnterpriseCodeError::Form) => "enterprise_code_form",
            Self::EnterpriseCode(EnterpriseCodeError::CheckDigit) => "enterprise_code_check_digit",
            Self::EnterpriseCode(EnterpriseCodeError::Serial) => "enterprise_code_serial",
            Self::Label(LabelError::Empty) | Self::Empty => "empty",
            Self::Label(LabelError::Long) => "too_long",
            Self::Label(LabelError::Unprintable) => "unprintable",
            Self::TooMany { .. } => "too_many",
            Self::OutOfRange { .. } => "out_of_range",
            Self::StatementLength { .. } => "statement_length",
            Self::NamesPerson => "names_person",
            Self::NotOneOf { .. } => "not_one_of",
            Self::UnknownPurpose { .. } => "unknown_purpose",
            Self::UnknownAgency { .. } => "unknown_agency",
            Self::TimeForm => "time_form",
            Self::Period => "period",
            Self::NotByConsent => "not_by_consent",
            Self::NotMandated => "not_mandated",
            Self::NotInPurpose => "not_in_purpose",
            Self::TooManyConsents { .. } => "too_many_consents",
            Self::IdempotencyKey => "idempotency_key",
            Self::UnknownAttribute { .. } => "unknown_attribute",
            Self::UnknownArea => "unknown_area",
            Self::Province(_) => "unknown_province",
            Self::Day => "day_form",
            Self::Repeated => "repeated",
            Self::NotForPurpose => "not_for_purpose",
            Self::HiddenPeriod { .. } => "hidden_period",
            Self::Wildcard => "wildcard",
            Self::NotServed { .. } => "not_served",
            Self::UriReference { .. } => "uri_reference",
            Self::EventTime { .. } => "event_time",
            Self::Replayed => "replayed",
            Self::RegistryAlone => "registry_alone",
        }
    }

    /// The words that a translation of the text fills in, by name.
    #[must_use]
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::UnknownField { nearest }
            | Self::UnknownPurpose { nearest }
            | Self::UnknownAgency { nearest }
            | Self::NotServed { nearest }
            | Self::UnknownAttribute { nearest }
            | Self::Province(UnknownProvince { nearest }) => nearest
                .iter()
                .map(|name| ("nearest", name.clone()))
                .collect(),
            Self::WrongType { expected } => vec![("expected", (*expected).to_owned())],
            Self::NotOneOf { accepted } => vec![("accepted", (*accepted).to_owned())],
            Self::TooMany { max } | Self::TooManyConsents { max } | Self::UriReference { max } => {
                vec![("max", max.to_string())]
            }
            Self::EventTime { hours, minutes } => {
                vec![
                    ("hours", hours.to_string()),
                    ("minutes", minutes.to_string()),
                ]
            }
            Self::HiddenPeriod { months } => vec![("months", months.to_string())],
            Self::OutOfRange { min, max } | Self::StatementLength { min, max } => {
                vec![("min", min.to_string()), ("max", max.to_string())]
            }
            Self::Missing
            | Self::SubjectForm
            | Self::PersonalId(_)
            | Self::EnterpriseCode(_)
            | Self::Label(_)
            | Self::Empty
            | Self::NamesPerson
            | Self::NotForPurpose
            | Self::TimeForm
            | Self::Period
            | Self::NotByConsent
            | Self::NotMandated
            | Self::NotInPurpose
            | Self::IdempotencyKey
            | Self::UnknownArea
            | Self::Day
            | Self::Repeated
            | Self::Replayed
            | Self::Wildcard
            | Self::RegistryAlone => Vec::new(),
        }
    }
}

fn did_you_mean(nearest: Option<&String>) -> String {
    nearest
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}
