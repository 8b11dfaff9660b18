//! X-Road before a REST source: which service is asked, and as whom.

use crate::{mistake::Mistake, section::Section, source::Source};
use http::HeaderMap;
use motlan_adapter_sdk::{
    adapter::Call,
    xroad::{Subsystem, XRoadConfig},
};
use motlan_policies::permit::Asking;
use serde::Deserialize;

/// The section `[xroad]`.
#[derive(Debug)]
pub(crate) struct XRoad {
    config: XRoadConfig,
    service: Service,
}

/// What the section has beside the settings of [`XRoadConfig`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    /// The subsystem that provides the service.
    provider: Subsystem,
    /// The service's code.
    service: String,
}

impl XRoad {
    pub(super) fn read(
        mut section: Section<'_>,
        source: &Source,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Self> {
        let span = section.span();
        let place = span.start..source.end_of_line(span.start);
        let service = section.split(["provider", "service"]);
        let service = service.read::<Service>(source, mistakes);
        let config: XRoadConfig = section.read(source, mistakes)?;
        if let Err(error) = config.check() {
            let fix = "write letters, digits and hyphens, as in `X-Motlan-Purpose`, or `\"\"`";
            mistakes.push(source.mistake(place, error.to_string(), fix));
        }
        Some(Self {
            config,
            service: service?,
        })
    }

    /// Whether security servers stand between; without them the source is asked as it is.
    pub(crate) const fn is_enabled(&self) -> bool {
        self.config.enabled
    }

    /// Where a path of the service is.
    pub(crate) fn path(&self, path: &str) -> String {
        let path = path.trim_start_matches('/');
        let service = Some(self.service.service.as_str());
        self.config.rest_path(&self.service.provider, service, path)
    }

    /// Where the security server says which services the provider has.
    pub(crate) fn methods(&self) -> String {
        self.config
            .rest_path(&self.service.provider, None, "listMethods")
    }

    /// Who asks, in the headers that X-Road has for it.
    pub(crate) fn headers(&self, asking: Option<&Asking>, call: &Call) -> HeaderMap {
        self.config.rest_headers(asking, call)
    }
}
