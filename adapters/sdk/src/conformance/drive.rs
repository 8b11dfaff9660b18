//! Puts cases through a disturbance, and judges what the adapter made of it.

use super::{
    bench::{Bench, DEADLINE, Run, Seen, Station, Trial, not_made},
    check::Findings,
    disturbance::Disturbance,
};
use futures::future::join_all;
use motlan_schemas::answer::RegistryProblem;
use std::time::Duration;

/// What an adapter may make of a disturbance.
#[derive(Debug, Clone, Copy)]
pub(super) enum Must {
    /// An error of one of some kinds.
    FailAs(&'static [RegistryProblem]),
    /// An error.
    Fail,
    /// An error, or the undisturbed answer.
    FailOrSameAnswer,
    /// The undisturbed answer.
    SameAnswer,
}

/// A disturbance with what must come of it.
#[derive(Debug)]
pub(super) struct Drive<'d> {
    /// In words: `HTTP 500 with a page`.
    pub(super) what: &'d str,
    pub(super) disturbance: Disturbance,
    pub(super) must: Must,
    pub(super) deadline: Duration,
    pub(super) at: At,
    pub(super) mend: &'static str,
}

/// Which exchanges are disturbed. From there on all are, so that a retry does not heal it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Each in turn.
    Each,
    /// From the first on.
    All,
    /// Each that fetches a further page.
    FurtherPages,
}

impl<'d> Drive<'d> {
    pub(super) const fn new(
        what: &'d str,
        disturbance: Disturbance,
        must: Must,
        mend: &'static str,
    ) -> Self {
        Self {
            what,
            disturbance,
            must,
            deadline: DEADLINE,
            at: At::Each,
            mend,
        }
    }

    pub(super) const fn at(mut self, at: At) -> Self {
        self.at = at;
        self
    }

    pub(super) const fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Puts cases through it, all at once, each at a station of its own.
    pub(super) async fn through(&self, bench: &Bench<'_>, runs: &[&Run<'_>]) -> Findings {
        let mut findings = Findings::default();
        for found in join_all(runs.iter().map(|run| self.one(bench, run))).await {
            findings.join(found);
        }
        findings
    }

    async fn one(&self, bench: &Bench<'_>, run: &Run<'_>) -> Findings {
        let mut findings = Findings::default();
        let places = match self.at {
            At::Each => run.places(),
            At::All => vec![0],
            At::FurtherPages => run.further_pages(),
        };
        if places.is_empty() {
            return findings;
        }
        let station = match bench.station().await {
            Ok(station) => station,
            Err(reason) => return not_made(reason),
        };
        for place in places {
            match self.fetch(bench, run, &station, place).await {
                Ok(Some(seen)) => self.judge(&mut findings, run, place, &seen),
                Ok(None) => {}
                Err(reason) => findings.unproven(reason),
            }
        }
        findings
    }

    /// Fetches once; nothing where there was nothing to disturb.
    async fn fetch(
        &self,
        bench: &Bench<'_>,
        run: &Run<'_>,
        station: &Station,
        place: usize,
    ) -> Result<Option<Seen>, String> {
        let permit = bench.permit(run, run.dataset.all())?;
        let trial = Trial::of(&permit, run.dataset)
            .disturbed(self.disturbance.clone(), place)
            .within(self.deadline);
        let seen = bench.fetch(station, trial).await;
        Ok(seen.was_disturbed().then_some(seen))
    }

    fn judge(&self, findings: &mut Findings, run: &Run<'_>, place: usize, seen: &Seen) {
        let where_it_was = format!("{}, {} at request {}", run.case.name, self.what, place + 1);
        findings.expect(
            self.must.holds(run, seen),
            &where_it_was,
            self.must.told(),
            seen.told(),
            self.mend,
        );
        findings.expect(
            seen.was_in_time(self.deadline),
            where_it_was,
            "an end before the call's deadline",
            format!("{} ms", seen.took.as_millis()),
            "bound every wait by `call.deadline`",
        );
    }
}

impl Must {
    fn holds(self, run: &Run<'_>, seen: &Seen) -> bool {
        let same = || match (&seen.result, &run.undisturbed.result) {
            (Ok(seen), Ok(undisturbed)) => seen.json == undisturbed.json,
            _ => false,
        };
        match (self, &seen.result) {
            (Self::FailAs(problems), Err(failed)) => problems.contains(&failed.problem),
            (Self::Fail | Self::FailOrSameAnswer, Err(_)) => true,
            (Self::FailOrSameAnswer | Self::SameAnswer, Ok(_)) => same(),
            (Self::FailAs(_) | Self::Fail, Ok(_)) | (Self::SameAnswer, Err(_)) => false,
        }
    }

    fn told(self) -> String {
        match self {
            Self::FailAs(problems) => {
                let codes: Vec<_> = problems
                    .iter()
                    .map(|problem| format!("{problem:?}"))
                    .collect();
                format!("an error: {}", codes.join(" or "))
            }
            Self::Fail => "an error".to_owned(),
            Self::FailOrSameAnswer => "an error, or the answer as it is undisturbed".to_owned(),
            Self::SameAnswer => "the answer as it is undisturbed".to_owned(),
        }
    }
}
