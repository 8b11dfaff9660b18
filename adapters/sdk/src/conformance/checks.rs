//! All checks, group by group, in the order of the report.

mod absence;
mod asker;
mod cancellation;
mod codes;
mod compatibility;
mod descriptor;
mod docs;
mod freshness;
mod happy;
mod health;
mod hostile;
mod limits;
mod lists;
mod minimisation;
mod privacy;
mod schema;
mod subject;
mod time;
mod transport;
mod values;

use super::check::Check;

/// A check from its id, its tier, why it may find nothing, its sentence and its function.
macro_rules! check {
    ($id:literal, $tier:ident, $nothing:expr, $says:literal, $run:path) => {
        $crate::conformance::check::Check {
            id: $id,
            tier: $crate::tier::Tier::$tier,
            nothing: $nothing,
            says: $says,
            run: |bench| Box::pin($run(bench)),
        }
    };
}
use check;
pub(super) use privacy::LAST;

/// Every check.
pub(super) fn all() -> impl Iterator<Item = &'static Check> {
    let groups: [&'static [Check]; 20] = [
        descriptor::CHECKS,
        schema::CHECKS,
        happy::CHECKS,
        absence::CHECKS,
        time::CHECKS,
        minimisation::CHECKS,
        asker::CHECKS,
        subject::CHECKS,
        lists::CHECKS,
        values::CHECKS,
        codes::CHECKS,
        freshness::CHECKS,
        limits::CHECKS,
        hostile::CHECKS,
        transport::CHECKS,
        privacy::CHECKS,
        health::CHECKS,
        cancellation::CHECKS,
        compatibility::CHECKS,
        docs::CHECKS,
    ];
    groups.into_iter().flatten()
}

/// Most checks need a case that is answered.
const NO_CASE: &str = "no case is answered with records";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_and_every_sentence_is_one() {
        let mut ids = HashSet::new();
        for check in all() {
            assert!(ids.insert(check.id), "{}", check.id);
            assert!(check.says.ends_with('.'), "{}", check.id);
            assert!(check.id.contains('.'), "{}", check.id);
        }
        assert!(ids.len() >= 60, "{}", ids.len());
    }
}
