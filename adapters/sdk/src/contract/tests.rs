//! Nothing beyond the permit passes, and nothing invalid.

use super::*;
use motlan_policies::permit::Asking;
use motlan_schemas::{ids::QueryId, query::Subject};
use serde_json::json;

fn permit(catalogue: &Catalogue, name: &str) -> Permit {
    let (dataset, attributes) = catalogue.resolve(name).unwrap();
    let asking = Asking {
        query_id: QueryId::new(Timestamp::UNIX_EPOCH, [0; 10]),
        decided_at: Timestamp::UNIX_EPOCH,
        agency: "ward".parse().unwrap(),
        client: "ward-desk".parse().unwrap(),
        officer: None,
        purpose: "birth-registration".parse().unwrap(),
        case: None,
    };
    let subject = Subject::Person("001185012345".parse().unwrap());
    Permit::dangerous_without_decision(asking, subject, dataset, attributes)
}

fn mapped(value: &Value) -> Mapped {
    Mapped::One(value.as_object().unwrap().clone())
}

#[test]
fn what_is_not_permitted_is_dropped_and_counted_but_flags_survive() {
    let contract = Contract::new(Catalogue::national()).unwrap();
    let permit = permit(contract.catalogue(), "population.identity.full_name");
    let sent =
        json!({"full_name": "NGUYỄN THỊ LAN", "sex": "female", "deceased": true, "shoe_size": 38});
    let fetched = contract.check(&permit, mapped(&sent), None).unwrap();
    assert_eq!(fetched.over_delivered(), 2);
    let dataset = contract.catalogue().dataset(permit.dataset());
    let kept = fetched.records().to_json(dataset, dataset.all()).unwrap();
    assert_eq!(kept, r#"{"full_name":"NGUYỄN THỊ LAN","deceased":true}"#);
}

#[test]
fn a_value_that_breaks_the_schema_is_refused_without_being_repeated() {
    let contract = Contract::new(Catalogue::national()).unwrap();
    let permit = permit(contract.catalogue(), "population.identity.birth_date");
    let error = contract
        .check(&permit, mapped(&json!({"birth_date": "12/06/1985"})), None)
        .unwrap_err();
    assert_eq!(
        error.problem(),
        motlan_schemas::answer::RegistryProblem::RegistryMalformed
    );
    assert!(error.to_string().contains("birth_date") && !error.to_string().contains("1985"));
}

#[test]
fn a_list_where_one_record_belongs_is_refused() {
    let contract = Contract::new(Catalogue::national()).unwrap();
    let permit = permit(contract.catalogue(), "population.identity.full_name");
    assert!(contract.check(&permit, Mapped::Many(vec![]), None).is_err());
}
