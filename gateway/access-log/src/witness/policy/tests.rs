//! Policies: the form of the specification, what is refused, and quorums.

use super::*;
use crate::checkpoint::Checkpoint;
use crate::cosignature::Cosigner;
use crate::note::Signer;

fn witness(number: u8) -> Cosigner {
    Cosigner::from_seed(&format!("w{number}.example"), &[number; 32]).unwrap()
}

fn key(number: u8) -> String {
    witness(number).verifier().to_string()
}

/// The example of tlog-policy, with keys.
fn example() -> String {
    let log = Signer::from_seed("example.vn/log", &[99; 32]).unwrap();
    format!(
        "# two organisations\nlog {} https://example.vn/log\n\n\
         witness X1 {}\nwitness\tX2  {}\t https://x2.example/witness/ \nwitness X3 {}\n\
         group X-witnesses 2 X1 X2 X3\n\
         witness Y1 {}\nwitness Y2 {}\nwitness Y3 {}\n\
         group Y-witnesses any Y1 Y2 Y3\n\
         group X-and-Y all X-witnesses Y-witnesses\n  quorum X-and-Y\n",
        log.verifier(),
        key(1),
        key(2),
        key(3),
        key(4),
        key(5),
        key(6)
    )
}

#[test]
fn the_example_of_the_specification_asks_for_two_x_and_one_y() {
    let policy = Policy::parse(&example()).unwrap();
    assert_eq!((policy.logs.len(), policy.witnesses.len()), (1, 6));
    let url = policy.witnesses[1].url.as_deref();
    assert_eq!(url, Some("https://x2.example/witness"));
    for (cosigned, expected) in [
        (&["X1", "X2", "Y3"][..], true),
        (&["X1", "X2", "X3", "Y1", "Y2", "Y3"], true),
        (&["X1", "Y1", "Y2", "Y3"], false),
        (&["X1", "X2", "X3"], false),
        (&["X1", "X1", "Y1"], false),
        (&[], false),
    ] {
        assert_eq!(policy.is_quorum(cosigned), expected, "{cosigned:?}");
    }
}

#[test]
fn a_policy_without_witnesses_says_so() {
    let policy = Policy::parse("quorum none\n").unwrap();
    assert!(policy.is_quorum(&[]));
}

#[test]
fn what_the_specification_forbids_is_refused_with_its_line() {
    let w = |number: u8| format!("witness W{number} {}", key(number));
    let log = Signer::from_seed("l", &[1; 32]).unwrap();
    let same_key = Cosigner::from_seed("other-name", &[1; 32]).unwrap();
    for (text, line, fault) in [
        (String::new(), 1, Fault::NoQuorum),
        (
            format!("{}\nquorum W1\nquorum W1", w(1)),
            3,
            Fault::SecondQuorum,
        ),
        (format!("quorum W1\n{}", w(1)), 1, Fault::UnknownName),
        (format!("{}\nquorum w1", w(1)), 2, Fault::UnknownName),
        (
            format!("{}\n{}\nquorum W1", w(1), w(1)),
            2,
            Fault::DuplicateName,
        ),
        (
            format!("{}\nwitness X {}\nquorum W1", w(1), same_key.verifier()),
            2,
            Fault::DuplicateKey,
        ),
        (
            format!("witness none {}\nquorum none", key(1)),
            1,
            Fault::DuplicateName,
        ),
        (
            format!("{}\ngroup G 2 W1\nquorum G", w(1)),
            2,
            Fault::Threshold,
        ),
        (
            format!("{}\ngroup G 0 W1\nquorum G", w(1)),
            2,
            Fault::Threshold,
        ),
        (
            format!("{}\ngroup G 01 W1\nquorum G", w(1)),
            2,
            Fault::Threshold,
        ),
        (format!("{}\ngroup G all\nquorum G", w(1)), 2, Fault::Form),
        (
            format!("{}\ngroup G all none\nquorum G", w(1)),
            2,
            Fault::UnknownName,
        ),
        (
            format!("{}\ngroup G all G\nquorum G", w(1)),
            2,
            Fault::UnknownName,
        ),
        (
            format!("{}\ngroup G all W1 W1\nquorum G", w(1)),
            2,
            Fault::MemberTwice,
        ),
        (
            format!("{}\ngroup G any W1\ngroup H any W1\nquorum G", w(1)),
            3,
            Fault::MemberTwice,
        ),
        (
            format!("log {}\nquorum none", key(1)),
            1,
            Fault::Key(NoteError::MalformedKey),
        ),
        (
            format!("witness W {}\nquorum none", log.verifier()),
            1,
            Fault::Key(NoteError::MalformedKey),
        ),
        ("quorum none none".to_owned(), 1, Fault::Form),
        ("quorum\u{a0}none".to_owned(), 1, Fault::Form),
        ("quorum none\r\n".to_owned(), 1, Fault::Text),
    ] {
        assert_eq!(
            Policy::parse(&text),
            Err(PolicyError { line, fault }),
            "{text}"
        );
    }
}

#[test]
fn a_checkpoint_counts_with_its_log_and_a_quorum_only() {
    let policy = Policy::parse(&example()).unwrap();
    let log = Signer::from_seed("example.vn/log", &[99; 32]).unwrap();
    let checkpoint = Checkpoint {
        origin: "example.vn/log".to_owned(),
        tree_size: 7,
        root: [1; 32],
    };
    let text = checkpoint.text();
    let signed = checkpoint.clone().sign(&log).note;
    let cosigned = |numbers: &[u8]| {
        let lines = numbers
            .iter()
            .map(|number| witness(*number).cosign(&text, 5));
        format!("{signed}{}", lines.collect::<String>())
    };
    let opened = policy.open(cosigned(&[1, 3, 6]).as_bytes(), None).unwrap();
    assert_eq!(opened.checkpoint, checkpoint);
    assert_eq!(
        policy.open(cosigned(&[1, 6, 77]).as_bytes(), None),
        Err(Unsatisfied::Quorum {
            found: 2,
            listed: 6
        })
    );

    let stranger = Signer::from_seed("example.vn/log", &[98; 32]).unwrap();
    let unsigned = cosigned(&[1, 3, 6]).replace(&signed, &checkpoint.sign(&stranger).note);
    assert!(matches!(
        policy.open(unsigned.as_bytes(), None),
        Err(Unsatisfied::Log(_))
    ));

    let late = cosigned(&[1, 3]) + &witness(6).cosign("another text\n", 5);
    assert!(matches!(
        policy.open(late.as_bytes(), None),
        Err(Unsatisfied::WrongCosignature(_))
    ));
}
