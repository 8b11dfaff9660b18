//! What stands before the kit: an adapter that can be made, the source it reads, and what it must say.

use crate::{adapter::Adapter, config::ConfigError, contract::Contract, field_map::FieldMap};
use jiff::Timestamp;
use motlan_policies::permit::Permit;
use motlan_schemas::{
    catalogue::{AttributeSet, Dataset},
    query::Subject,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt, path::Path, sync::Arc};
use url::Url;

use super::{fixtures::Fixtures, snapshot::Snapshot};

/// Makes the adapter for an address. The kit makes many: each check has its own, behind its own proxy.
pub type Factory = Arc<dyn Fn(Url) -> Result<Arc<dyn Adapter>, ConfigError> + Send + Sync>;

/// The same, with a PEM file of the only certificate authorities that the adapter may trust.
pub type TrustingFactory =
    Arc<dyn Fn(Url, &Path) -> Result<Arc<dyn Adapter>, ConfigError> + Send + Sync>;

/// Gives the permit for what the kit asks, or says why there is none. Tests make one without a
/// decision; the command line decides by a real bundle.
pub type Permits = Arc<dyn Fn(&Wish<'_>) -> Result<Permit, String> + Send + Sync>;

/// An adapter under examination.
#[derive(Clone)]
pub struct Candidate {
    /// Its name, for the report.
    pub name: String,
    /// Makes the adapter.
    pub make: Factory,
    /// Makes it with its own certificate authorities; without, TLS is not examined.
    pub make_trusting: Option<TrustingFactory>,
    /// What it reads.
    pub source: Source,
    /// Whom the source knows, and what the adapter must make of it.
    pub cases: Vec<Case>,
    /// Where permits come from.
    pub permits: Permits,
    /// The contract that the factory gives to the adapter.
    pub contract: Arc<Contract>,
    /// What the version before served.
    pub previous: Option<Snapshot>,
    /// The examples in its documentation, by dataset.
    pub examples: BTreeMap<String, Value>,
    /// Its code tables.
    pub code_tables: Vec<CodeTable>,
    /// Attributes whose source field is asked for even when they are not permitted, because the
    /// adapter cannot choose or compare records without it; by full name, with the reason.
    pub always_asked: BTreeMap<String, String>,
    /// Attributes that the source never sends, by full name, with the reason.
    pub never_sent: BTreeMap<String, String>,
    /// Checks that the author leaves out, by id, with the reason. They hold the tier down.
    pub skips: BTreeMap<String, String>,
    /// The time of the run: no answer is from later.
    pub now: Timestamp,
}

/// What an adapter reads while it is examined. Between the two the kit puts its own proxy.
#[derive(Debug, Clone)]
pub enum Source {
    /// A registry of the sandbox, which can misbehave in its own protocol.
    Sandbox(Url),
    /// Recorded exchanges.
    Fixtures(Arc<Fixtures>),
}

/// A question whose answer is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, in a few words: `hoa, of whom only the year of birth is known`.
    pub name: String,
    /// A personal number, or an enterprise code.
    pub subject: String,
    /// The dataset.
    pub dataset: String,
    /// What the adapter must say when all attributes are permitted.
    pub expect: Expect,
    /// The time that the source states for its answer, where it states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
}

/// The answer of a [`Case`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// The source holds nothing about the subject.
    Absent,
    /// The record, or the list of records, in the dataset's own attribute names.
    Records(Value),
}

/// What the kit wants a permit for.
#[derive(Debug)]
pub struct Wish<'a> {
    /// About whom.
    pub subject: &'a Subject,
    /// Of which dataset.
    pub dataset: &'a Dataset,
    /// Which attributes.
    pub attributes: AttributeSet,
}

/// How the source's codes are read for one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeTable {
    /// The attribute's full name; of a member of a list, with that member's name behind it:
    /// `land.parcels.land_uses.code`.
    pub attribute: String,
    /// The code list of the vocabulary.
    pub code_list: String,
    /// The source's codes and what they become.
    pub pairs: Vec<(String, String)>,
}

impl Candidate {
    /// A candidate with what every one needs; the rest is set on its fields.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        make: Factory,
        source: Source,
        permits: Permits,
        contract: Arc<Contract>,
    ) -> Self {
        Self {
            name: name.into(),
            make,
            make_trusting: None,
            source,
            cases: Vec::new(),
            permits,
            contract,
            previous: None,
            examples: BTreeMap::new(),
            code_tables: Vec::new(),
            always_asked: BTreeMap::new(),
            never_sent: BTreeMap::new(),
            skips: BTreeMap::new(),
            now: Timestamp::UNIX_EPOCH,
        }
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Candidate")
            .field("name", &self.name)
            .field("source", &self.source)
            .field("cases", &self.cases.len())
            .finish_non_exhaustive()
    }
}

impl Case {
    /// Reads the cases of a file: a JSON array of them.
    ///
    /// # Errors
    /// What serde finds wrong, with line and column.
    pub fn read(text: &str) -> Result<Vec<Self>, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The subject, where the text is a personal number or an enterprise code.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        subject(&self.subject)
    }
}

impl CodeTable {
    /// The tables of a field map: one for every attribute, or member of a list, whose values come
    /// from a code list and whose field translates codes.
    #[must_use]
    pub fn of_map(dataset: &Dataset, map: &FieldMap) -> Vec<Self> {
        let mut tables = Vec::new();
        let schema = dataset.schema.get("properties").unwrap_or(&Value::Null);
        collect(&dataset.name, schema, map, &mut tables);
        tables
    }
}

fn collect(prefix: &str, properties: &Value, map: &FieldMap, tables: &mut Vec<CodeTable>) {
    for (name, field) in map.fields() {
        let attribute = format!("{prefix}.{name}");
        let Some(schema) = properties.get(name) else {
            continue;
        };
        if let Some(items) = &field.items {
            let properties = schema.pointer("/items/properties").unwrap_or(&Value::Null);
            collect(&attribute, properties, items, tables);
        }
        let code_list = schema.get("x-code").and_then(Value::as_str);
        if let Some(code_list) = code_list.filter(|_| !field.codes.is_empty()) {
            // An empty meaning says that the dataset has no word for a code.
            let pairs = field.codes.iter().filter(|(_, ours)| !ours.is_empty());
            tables.push(CodeTable {
                attribute,
                code_list: code_list.to_owned(),
                pairs: pairs
                    .map(|(from, to)| (from.to_owned(), to.to_owned()))
                    .collect(),
            });
        }
    }
}

/// Twelve digits are a person, anything else an enterprise.
pub(super) fn subject(text: &str) -> Option<Subject> {
    let person = text.parse().ok().map(Subject::Person);
    person.or_else(|| text.parse().ok().map(Subject::Enterprise))
}
