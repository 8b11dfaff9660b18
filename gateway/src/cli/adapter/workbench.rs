//! Permits for whoever works on an adapter. They are decided like any other, by the rules of this
//! build, for one purpose that covers every dataset and that no running gateway knows.

use motlan_adapter_sdk::{conformance::Permits, contract::Contract};
use motlan_declarative::Folder;
use motlan_policies::{
    decide::{Caller, Policies},
    known::{Known, SubjectStatus, Verified},
    load::{PolicyFiles, SourceFile},
    permit::Permit,
};
use motlan_schemas::{
    catalogue::{AttributeSet, Catalogue, Dataset, SubjectKind},
    clock::{Clock, SystemClock},
    ids::QueryId,
    query::{Query, Subject},
};
use serde_json::json;
use std::sync::Arc;

/// The contract over the national catalogue and a folder's own datasets, and permits for them.
pub(super) fn of(folder: &Folder) -> anyhow::Result<(Arc<Contract>, Permits)> {
    let schemas = folder.schemas().iter();
    let schemas = schemas.map(|(name, text)| (name.as_str(), text.as_str()));
    let catalogue = Catalogue::extended(schemas)?;
    let contract = Arc::new(Contract::new(Arc::clone(&catalogue))?);
    let workbench = Workbench::new(&catalogue)?;
    let permits: Permits =
        Arc::new(move |wish| workbench.permit(wish.subject, wish.dataset, wish.attributes));
    Ok((contract, permits))
}

/// Decides what an adapter under work may be asked.
#[derive(Debug)]
pub(super) struct Workbench {
    policies: Policies,
    caller: Caller,
    catalogue: Arc<Catalogue>,
}

impl Workbench {
    pub(super) fn new(catalogue: &Arc<Catalogue>) -> anyhow::Result<Self> {
        let files = PolicyFiles::embedded().deciding_for(
            vec![
                purpose(PERSON, SubjectKind::Person, catalogue),
                purpose(ENTERPRISE, SubjectKind::Enterprise, catalogue),
            ],
            vec![agency()],
        );
        let policies = Policies::from_files(&files, catalogue)?;
        let client = CLIENT.parse()?;
        let agency = policies
            .agencies()
            .by_client(&client)
            .ok_or_else(|| anyhow::anyhow!("the workbench has no agency"))?;
        let caller = Caller {
            agency: Arc::clone(agency),
            client,
            officer: None,
            roles: Vec::new(),
        };
        Ok(Self {
            policies,
            caller,
            catalogue: Arc::clone(catalogue),
        })
    }

    /// The permit for attributes of a dataset about somebody, or why there is none.
    pub(super) fn permit(
        &self,
        subject: &Subject,
        dataset: &Dataset,
        attributes: AttributeSet,
    ) -> Result<Permit, String> {
        let (subject, purpose) = match subject {
            Subject::Person(person) => (json!({ "person": person.expose() }), PERSON),
            Subject::Enterprise(code) => (json!({ "enterprise": code.as_str() }), ENTERPRISE),
        };
        let wanted = dataset.attributes_in(attributes);
        let question = json!({
            "subject": subject,
            "purpose": purpose,
            "select": wanted.map(|attribute| attribute.path.as_ref()).collect::<Vec<_>>(),
            "case": CASE,
            "officer": OFFICER,
            "max_age_seconds": 0,
        });
        let query = Query::parse(question.to_string().as_bytes(), &self.catalogue)
            .map_err(|error| error.to_string())?;
        let now = SystemClock.now();
        let id = QueryId::new(now, [0; 10]);
        let known = Known {
            consents: &[],
            subject: SubjectStatus::default(),
            applicant: Verified::Unknown,
            zone: None,
        };
        let decision = self.policies.decide(&self.caller, id, &query, &known, now);
        let denied = decision.denials.first();
        let why = denied.map_or("nothing was decided", |denied| denied.reason.as_str());
        let why = why.to_owned();
        let mut permits = decision.permits.into_iter();
        permits.next().ok_or(why)
    }
}

/// A purpose that covers all datasets about one kind of subject.
fn purpose(id: &str, kind: SubjectKind, catalogue: &Catalogue) -> SourceFile {
    let datasets = catalogue.datasets().iter();
    let names: Vec<String> = datasets
        .filter(|dataset| dataset.subject == kind)
        .map(|dataset| format!("\"{}\"", dataset.name))
        .collect();
    SourceFile {
        path: format!("purposes/{id}.toml"),
        text: format!(
            r#"
id = "{id}"
case_required = true
officer_required = true
max_age_seconds = 0
retention_days = 1
attributes = [{}]

[title]
vi = "Kiểm thử bộ kết nối"
en = "Work on an adapter"
fr = "Mise au point d’un adaptateur"

[basis]
kind = "law"
reference = "none: invented people only"
"#,
            names.join(", ")
        ),
    }
}

fn agency() -> SourceFile {
    SourceFile {
        path: format!("agencies/{AGENCY}.toml"),
        text: format!(
            r#"
id = "{AGENCY}"
clients = ["{CLIENT}"]
purposes = ["{PERSON}", "{ENTERPRISE}"]

[name]
vi = "Bàn kiểm thử bộ kết nối"
en = "The adapter workbench"
fr = "L’établi des adaptateurs"

[dpo]
name = "nobody"
email = "nobody@motlan.example"

[quota]
queries_per_minute = 60
burst = 60
"#
        ),
    }
}

const AGENCY: &str = "adapter-workbench";
const CLIENT: &str = "motlan-adapter";
const PERSON: &str = "adapter-work-persons";
const ENTERPRISE: &str = "adapter-work-enterprises";
/// What the source is told of who asks.
const CASE: &str = "ADAPTER-WORK-1";
const OFFICER: &str = "adapter-developer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_of_every_dataset_can_be_asked_for() {
        let catalogue = Catalogue::national();
        let workbench = Workbench::new(&catalogue).unwrap();
        for dataset in catalogue.datasets() {
            let subject = match dataset.subject {
                SubjectKind::Person => Subject::Person("001185012345".parse().unwrap()),
                SubjectKind::Enterprise => Subject::Enterprise("0100109106".parse().unwrap()),
            };
            let permit = workbench.permit(&subject, dataset, dataset.all()).unwrap();
            assert_eq!(
                permit.attributes() | dataset.flags,
                dataset.all(),
                "{}",
                dataset.name
            );
        }
    }
}
