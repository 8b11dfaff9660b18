//! Links of a server that calls itself otherwise than Motlan does.
//!
//! Behind a reverse proxy many servers write their own, inner address into the links to further
//! pages. Where the configuration names that address, such a link is followed below the base address;
//! nothing is ever asked of another host.

use url::Url;

/// The addresses that a server calls itself, each ending in `/`.
#[derive(Debug, Clone)]
pub(super) struct LinkBases(Vec<Url>);

impl LinkBases {
    pub(super) fn new(bases: &[Url]) -> Self {
        let ending = |base: &Url| {
            let mut base = base.clone();
            if !base.path().ends_with('/') {
                base.set_path(&format!("{}/", base.path()));
            }
            base
        };
        Self(bases.iter().map(ending).collect())
    }

    /// The same place below `base_url`, if a link is below an address of the server's own.
    pub(super) fn rebased(&self, link: Url, base_url: &Url) -> Url {
        let below = self.0.iter().find_map(|base| {
            let same = base.origin() == link.origin();
            same.then(|| link.path().strip_prefix(base.path()))?
        });
        let Some(below) = below else {
            return link;
        };
        let mut url = base_url.clone();
        url.set_path(&format!("{}{below}", base_url.path()));
        url.set_query(link.query());
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_below_a_named_address_is_rebased() {
        let base: Url = "https://gateway.example/insurance/".parse().unwrap();
        let bases = LinkBases::new(&["http://fhir.internal:8080/r4".parse().unwrap()]);
        let rebased = |link: &str| bases.rebased(link.parse().unwrap(), &base).to_string();
        assert_eq!(
            rebased("http://fhir.internal:8080/r4/Patient?page=2"),
            "https://gateway.example/insurance/Patient?page=2"
        );
        for elsewhere in [
            "http://fhir.internal:8080/r4x/Patient",
            "http://fhir.internal/r4/Patient",
            "https://fhir.internal:8080/r4/Patient",
            "http://other.internal:8080/r4/Patient",
        ] {
            assert_eq!(rebased(elsewhere), elsewhere);
        }
    }
}
