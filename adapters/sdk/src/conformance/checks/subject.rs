//! Nobody's data is given out as somebody else's, whatever the source's filter does.

use super::{check, minimisation::replay};
use crate::conformance::{
    bench::{Bench, Run, Trial, neighbour, not_made},
    candidate::Source,
    check::{Check, Findings},
    disturbance::Disturbance,
    drive::{At, Drive, Must},
    mutate,
};
use motlan_schemas::answer::RegistryProblem;
use serde_json::Value;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "subject.somebody-else-is-refused",
        Bronze,
        NO_NUMBER,
        "Where every record is about somebody else, the answer is refused as such.",
        somebody_else_is_refused
    ),
    check!(
        "subject.others-beside-are-left-out",
        Bronze,
        "no answer is a JSON list of records that name their subject",
        "Where the source ignores the filter, only the subject's own records are kept.",
        others_beside_are_left_out
    ),
    check!(
        "subject.answer-to-another-question",
        Bronze,
        "no dataset has two cases to exchange, or no answer names its subject",
        "The answer about one subject is not taken for the answer about another.",
        answer_to_another_question
    ),
    check!(
        "subject.unknown-subject-others-sent",
        Bronze,
        "no dataset has an absent case and a present one whose answer names its subject",
        "For a subject that is unknown, other people's records are neither taken nor called an absence.",
        unknown_subject_others_sent
    ),
    check!(
        "subject.similar-number-is-another",
        Bronze,
        NO_NUMBER,
        "A number with a digit more, a digit less or another last digit is another number.",
        similar_number_is_another
    ),
    check!(
        "subject.nameless-records-are-refused",
        Bronze,
        NO_NUMBER,
        "Records that do not say whose they are, are not taken.",
        nameless_records_are_refused
    ),
    check!(
        "subject.wrong-in-own-protocol",
        Bronze,
        "the source is not the sandbox",
        "The sandbox's own answer about somebody else is refused as such.",
        wrong_in_own_protocol
    ),
];

async fn somebody_else_is_refused(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let (own, other) = (run.case.subject.clone(), bench.other_number(run));
        let renumber = Disturbance::text(move |text| text.replace(&own, &other));
        let drive = Drive::new("all records of somebody else", renumber, AS_WRONG, MEND);
        findings.join(drive.at(At::All).through(bench, &[run]).await);
    }
    findings
}

async fn others_beside_are_left_out(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        for (what, first) in [
            ("others' records before", true),
            ("others' records behind", false),
        ] {
            let (own, other) = (run.case.subject.clone(), bench.other_number(run));
            let mix = Disturbance::body(move |said| {
                let mut document: Value = said.json()?;
                mutate::with_others(&mut document, &own, &other, first)
                    .then(|| document.to_string().into())
            });
            let drive = Drive::new(what, mix, Must::SameAnswer, MEND);
            findings.join(drive.through(bench, &[run]).await);
        }
    }
    findings
}

async fn answer_to_another_question(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let another = bench.runs.iter().find(|other| {
            other.dataset.id == run.dataset.id
                && other.case.subject != run.case.subject
                && names_subject(run)
                && other.undisturbed.result.is_ok()
                && other.undisturbed.result != run.undisturbed.result
        });
        if let Some(another) = another {
            findings.join(exchanged(bench, another, run).await);
        }
    }
    findings
}

async fn unknown_subject_others_sent(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for absent in bench.absent() {
        let present = bench.present().into_iter();
        let mut present =
            present.filter(|run| run.dataset.id == absent.dataset.id && names_subject(run));
        if let Some(present) = present.next() {
            findings.join(exchanged(bench, absent, present).await);
        }
    }
    findings
}

/// The question about one subject, with the answers about another.
async fn exchanged(bench: &Bench<'_>, asked: &Run<'_>, answered: &Run<'_>) -> Findings {
    let mut findings = Findings::default();
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    let permits = (
        bench.permit(answered, answered.dataset.all()),
        bench.permit(asked, asked.dataset.all()),
    );
    let (Ok(first), Ok(second)) = permits else {
        return findings;
    };
    let whole = bench
        .fetch(&station, Trial::of(&first, answered.dataset))
        .await;
    if whole.result.is_err() {
        findings.unproven("the case to exchange with was not answered again");
        return findings;
    }
    let answers = whole
        .exchanges
        .iter()
        .filter_map(|each| each.said.clone())
        .collect();
    let trial = Trial::of(&second, asked.dataset).disturbed(replay(answers), 0);
    let seen = bench.fetch(&station, trial).await;
    findings.expect(
        seen.result.is_err(),
        format!("{}, answered as {}", asked.case.name, answered.case.name),
        "an error: RegistryWrongSubject",
        seen.told(),
        MEND,
    );
    findings
}

async fn similar_number_is_another(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let own = run.case.subject.clone();
        let shorter = own
            .get(..own.len().saturating_sub(1))
            .unwrap_or_default()
            .to_owned();
        for (what, other) in [
            ("a digit more behind the number", format!("{own}0")),
            ("a digit more before the number", format!("9{own}")),
            ("a digit less", shorter),
            ("another last digit", neighbour(&own)),
        ] {
            let own = own.clone();
            let renumber = Disturbance::text(move |text| text.replace(&own, &other));
            let drive = Drive::new(what, renumber, Must::Fail, MEND_WHOLE);
            findings.join(drive.at(At::All).through(bench, &[run]).await);
        }
    }
    findings
}

async fn nameless_records_are_refused(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let own = run.case.subject.clone();
        let blank = Disturbance::text(move |text| text.replace(&own, ""));
        let drive = Drive::new("no number in the records", blank, Must::Fail, MEND);
        findings.join(drive.at(At::All).through(bench, &[run]).await);
    }
    findings
}

async fn wrong_in_own_protocol(bench: &Bench<'_>) -> Findings {
    if matches!(bench.candidate.source, Source::Fixtures(_)) {
        return Findings::default();
    }
    let wrong = Disturbance::Mode("wrong_subject");
    let drive = Drive::new("the sandbox's `wrong_subject`", wrong, AS_WRONG, MEND);
    drive.at(At::All).through(bench, &bench.present()).await
}

/// The source's answers say whose they are.
fn names_subject(run: &Run<'_>) -> bool {
    run.undisturbed.mentions(&run.case.subject)
}

const AS_WRONG: Must = Must::FailAs(&[RegistryProblem::RegistryWrongSubject]);
const NO_NUMBER: &str = "no answer names its subject";
const MEND: &str = "compare the subject of every record with the permit's, and say `WrongSubject` where none is left";
const MEND_WHOLE: &str = "compare whole numbers, not their beginnings, and say `WrongSubject` where none is the subject's";
