//! Whoever has the receipt and the published key can check it, and a changed receipt fails.

use super::*;
use crate::random::SystemRandomness;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use motlan_policies::consent::{ConsentTerms, SubjectKey};
use motlan_schemas::ids::ConsentId;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn consent(catalogue: &Catalogue) -> Consent {
    let terms = ConsentTerms {
        subject: SubjectKey([7; 32]),
        giver: None,
        agency: "ward-ba-dinh".parse().unwrap(),
        purposes: vec!["social-housing-application".parse().unwrap()],
        attributes: [catalogue.resolve("insurance.social.salary_vnd").unwrap()]
            .into_iter()
            .collect(),
        from: at(0),
        until: at(1_000),
        uses: ConsentUses::Once,
    };
    Consent::give(ConsentId::new(at(0), [1; 10]), terms, at(0)).unwrap()
}

/// Checks a receipt as a stranger would: from the document and the key alone.
fn verifies(receipt: &Value, key: &[u8]) -> bool {
    let mut document = receipt.as_object().unwrap().clone();
    let mut proof = document.remove("proof").unwrap();
    let value = proof.as_object_mut().unwrap().remove("proofValue").unwrap();
    let signature = bs58::decode(value.as_str().unwrap().strip_prefix('z').unwrap());
    let signed = signed_bytes(&proof, &Value::Object(document));
    UnparsedPublicKey::new(&ED25519, key)
        .verify(&signed, &signature.into_vec().unwrap())
        .is_ok()
}

fn receipt() -> (Value, ReceiptSigner) {
    let catalogue = Catalogue::national();
    let policies = Policies::embedded(&catalogue).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let random = SystemRandomness::default();
    let signer =
        ReceiptSigner::open_or_create(directory.path(), "log.example".to_owned(), &random).unwrap();
    let document = document(&consent(&catalogue), &policies, &catalogue, at(1));
    let again =
        ReceiptSigner::open_or_create(directory.path(), "log.example".to_owned(), &random).unwrap();
    assert_eq!(signer.public_key(), again.public_key(), "the key is kept");
    (signer.sign(document, at(1)), signer)
}

#[test]
fn a_receipt_says_who_may_read_what_for_what_and_until_when() {
    let (receipt, _) = receipt();
    let mut shown = receipt;
    shown["proof"]["verificationMethod"] = "[key]".into();
    shown["proof"]["proofValue"] = "[signature]".into();
    insta::assert_json_snapshot!(shown);
}

#[test]
fn a_receipt_verifies_with_the_key_and_not_when_anything_is_changed() {
    let (receipt, signer) = receipt();
    let key = signer.public_key_bytes();
    assert!(verifies(&receipt, key));
    let changes: [fn(&mut Value); 4] = [
        |r| r["schema:validThrough"] = "2099-01-01T00:00:00Z".into(),
        |r| r["dpv:hasPersonalData"][0]["@id"] = "urn:motlan:attribute:land.parcels.area_m2".into(),
        |r| r["proof"]["created"] = "2020-01-01T00:00:00Z".into(),
        |r| r["more"] = true.into(),
    ];
    for change in changes {
        let mut changed = receipt.clone();
        change(&mut changed);
        assert!(!verifies(&changed, key), "{changed}");
    }
    assert!(!verifies(&receipt, &[9; 32]), "another key");
}

#[test]
fn canonical_form_is_that_of_rfc_8785() {
    let value = json!({"b": [true, null, 1], "a": {"z": "\u{20ac}\n", "y": ""}});
    assert_eq!(
        canonical(&value),
        "{\"a\":{\"y\":\"\",\"z\":\"\u{20ac}\\n\"},\"b\":[true,null,1]}"
    );
}
