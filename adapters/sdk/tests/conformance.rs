//! The kit's own proof: a small adapter that is right passes, and for each of many that are wrong in
//! one thing the kit fails, naming exactly the checks that the thing is about.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "an adapter for tests says what is wrong by panicking"
)]

#[path = "conformance/mini.rs"]
mod mini;
#[path = "conformance/source.rs"]
mod source;
#[path = "conformance/wire.rs"]
mod wire;

use mini::{Mini, Quirk};
use motlan_adapter_sdk::{
    conformance::{Candidate, Report, Tier, Verdict, run},
    testing::examination::candidate,
};

fn mini(quirk: Quirk) -> Candidate {
    let mut candidate = candidate("mini", source::source(), move |url, contract, roots| {
        Mini::new(url, contract, roots, quirk)
    });
    candidate.cases = source::cases();
    candidate
}

async fn examined(quirk: Quirk) -> Report {
    run(&mini(quirk)).await.unwrap()
}

/// Asserts that an adapter which is wrong in one thing fails in some checks and in no others.
async fn assert_fails(quirk: Quirk, expected: &[&str]) {
    let report = examined(quirk).await;
    assert_eq!(report.failed(), expected, "{quirk:?}\n{}", report.table());
    for number in source::NUMBERS {
        assert!(
            !report.json().contains(number),
            "{quirk:?} is told with a number"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_that_is_right_passes() {
    let report = examined(Quirk::None).await;
    assert_eq!(report.failed(), [""; 0], "{}", report.table());
    assert_eq!(report.tier, Tier::Gold, "{}", report.table());
    assert_eq!(report.count("unproven"), 0, "{}", report.table());
    assert!(report.junit().contains("<testsuite name=\"subject\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_left_out_holds_the_tier_down_and_shows_its_reason() {
    let mut candidate = mini(Quirk::None);
    let (id, reason) = ("asker.case-travels", "the source has no field for it");
    candidate.skips.insert(id.to_owned(), reason.to_owned());
    let report = run(&candidate).await.unwrap();
    assert_eq!(report.tier, Tier::Bronze);
    let left_out = report
        .results
        .iter()
        .find(|result| result.id == id)
        .unwrap();
    let reason = format!("left out: {reason}");
    assert_eq!(
        left_out.verdict,
        Verdict::Unproven {
            reason: reason.clone()
        }
    );
    assert!(report.table().contains(&reason) && report.junit().contains(&reason));
    assert_eq!(report.committed(None).reasons[id], reason);
    candidate
        .skips
        .insert("asker.mood-travels".to_owned(), "?".to_owned());
    assert!(run(&candidate).await.is_err());
}

/// One test for each quirk, so that they run side by side.
macro_rules! broken {
    ($($name:ident: $quirk:ident => [$($id:literal),* $(,)?];)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            assert_fails(Quirk::$quirk, &[$($id),*]).await;
        })*
    };
}

broken! {
    one_that_trusts_the_servers_filter: TrustsFilter => [
        "subject.somebody-else-is-refused",
        "subject.others-beside-are-left-out",
        "subject.answer-to-another-question",
        "subject.unknown-subject-others-sent",
        "subject.similar-number-is-another",
        "subject.nameless-records-are-refused",
    ];
    one_that_compares_beginnings: ComparesBeginnings => [
        "subject.similar-number-is-another",
    ];
    one_that_calls_others_an_absence: CallsOthersAbsent => [
        "subject.somebody-else-is-refused",
        "subject.answer-to-another-question",
        "subject.unknown-subject-others-sent",
        "subject.similar-number-is-another",
        "subject.nameless-records-are-refused",
    ];
    one_that_drops_the_second_page: DropsSecondPage => [
        "happy.records-as-expected",
        "lists.all-pages-are-read",
        "lists.fewer-than-announced-is-an-error",
    ];
    one_that_ignores_the_total: IgnoresTotal => [
        "lists.fewer-than-announced-is-an-error",
    ];
    one_that_follows_redirects: FollowsRedirects => [
        "transport.redirects-are-refused",
    ];
    one_that_follows_links_anywhere: FollowsLinksAnywhere => [
        "lists.links-elsewhere-are-not-followed",
    ];
    one_that_follows_links_for_ever: FollowsCircles => [
        "lists.repeated-page-ends",
    ];
    one_that_asks_for_everything: AsksForEverything => [
        "minimisation.asks-only-permitted",
    ];
    one_that_calls_errors_an_absence: CallsErrorsAbsent => [
        "absence.server-error-is-not-absent",
        "absence.refusal-is-not-absent",
        "absence.wrong-address-is-not-absent",
        "absence.closed-connection-is-not-absent",
        "lists.missing-page-is-an-error",
        "limits.too-many-requests",
        "transport.redirects-are-refused",
        "transport.nobody-listens",
        "transport.tls-name",
        "transport.tls-authority",
    ];
    one_that_calls_cut_answers_an_absence: CallsCutAbsent => [
        "absence.empty-answer-is-not-absent",
        "absence.cut-answer-is-not-absent",
        "lists.missing-page-is-an-error",
        "lists.fewer-than-announced-is-an-error",
        "lists.repeated-page-ends",
        "lists.links-elsewhere-are-not-followed",
        "lists.one-without-a-list",
        "values.byte-order-mark",
        "values.broken-utf8",
        "limits.announced-length",
        "limits.oversized-head",
        "limits.endless-in-own-protocol",
        "hostile.deep-nesting",
        "hostile.deep-inside",
        "hostile.many-members",
        "hostile.duplicate-members",
        "hostile.numbers-that-are-none",
        "hostile.entities",
        "hostile.another-document",
        "hostile.compressed-body",
    ];
    one_that_completes_dates: CompletesDates => [
        "happy.records-as-expected",
        "values.partial-dates-stay-partial",
    ];
    one_that_ignores_the_deadline: IgnoresDeadline => [
        "time.no-answer-is-a-timeout",
        "time.slow-body-is-a-timeout",
        "time.passed-deadline-is-a-timeout",
        "limits.announced-length",
        "health.notices-outages",
    ];
    one_that_reads_endless_bodies: ReadsEverything => [
        "limits.endless-body",
    ];
    one_that_accepts_any_certificate: AcceptsAnyCertificate => [
        "transport.tls-name",
        "transport.tls-authority",
    ];
    one_that_logs_the_number: LogsNumber => [
        "privacy.logs-name-nobody",
    ];
    one_that_puts_the_number_into_a_span: SpansNumber => [
        "privacy.spans-name-nobody",
    ];
    one_that_puts_the_number_into_the_address: NumberInAddress => [
        "privacy.number-not-in-addresses",
    ];
    one_that_tells_values_in_errors: TellsValues => [
        "privacy.errors-name-nobody",
    ];
    one_that_keeps_decomposed_texts: KeepsDecomposed => [
        "values.nfc",
    ];
    one_that_forgets_who_asks: ForgetsAsker => [
        "asker.officer-travels",
        "asker.case-travels",
        "asker.purpose-travels",
        "asker.call-id-travels",
    ];
    one_that_retries_for_ever: RetriesForEver => [
        "time.retries-end",
    ];
    one_that_keeps_answers: KeepsAnswers => [
        "freshness.nothing-is-kept",
        "privacy.adapter-holds-nobody",
    ];
    one_that_works_on_after_a_drop: WorksOn => [
        "cancellation.closes-the-connection",
    ];
    one_that_asks_for_a_person_to_tell_its_health: HealthOfAPerson => [
        "health.asks-without-a-person",
    ];
    one_that_never_learns_of_outages: HealthAlwaysFine => [
        "health.asks-without-a-person",
        "health.notices-outages",
    ];
}

// What these two do, the contract takes back before anybody sees it.
broken! {
    one_that_hands_on_empty_texts_is_held_back: HandsOnEmpty => [];
    one_that_hands_on_everything_is_held_back: HandsOnEverything => [];
}
