//! The templates of `motlan adapter new`, one set for each protocol.

use clap::ValueEnum;

/// What a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Protocol {
    /// JSON over HTTP.
    Rest,
    /// JSON with HAL's `_links` and `_embedded`.
    Hal,
    /// SOAP 1.1, with or without X-Road.
    Soap,
    /// FHIR R4.
    Fhir,
    /// OGC API – Features.
    Ogc,
    /// A PostgreSQL database.
    Sql,
}

/// A file of a new folder: its path in it, and its text, with [`NAME`] and the like to be filled in.
pub(super) type Template = (&'static str, &'static str);

/// The files of one protocol, and its fixtures.
macro_rules! templates {
    ($protocol:literal, $codes:literal) => {
        &[
            (
                "adapter.toml",
                include_str!(concat!("templates/", $protocol, "/adapter.toml")),
            ),
            (
                "codes/sex.csv",
                include_str!(concat!("templates/", $codes, "/sex.csv")),
            ),
        ]
    };
    ($protocol:literal, $codes:literal, fixtures) => {
        &[
            (
                "adapter.toml",
                include_str!(concat!("templates/", $protocol, "/adapter.toml")),
            ),
            (
                "codes/sex.csv",
                include_str!(concat!("templates/", $codes, "/sex.csv")),
            ),
            (
                "fixtures/health.json",
                include_str!(concat!("templates/", $protocol, "/fixtures/health.json")),
            ),
            (
                "fixtures/lan.json",
                include_str!(concat!("templates/", $protocol, "/fixtures/lan.json")),
            ),
            (
                "fixtures/hoa.json",
                include_str!(concat!("templates/", $protocol, "/fixtures/hoa.json")),
            ),
            (
                "fixtures/nobody.json",
                include_str!(concat!("templates/", $protocol, "/fixtures/nobody.json")),
            ),
        ]
    };
}

impl Protocol {
    /// Its files.
    pub(super) const fn templates(self) -> &'static [Template] {
        match self {
            Self::Rest => templates!("rest", "common", fixtures),
            Self::Hal => templates!("hal", "common", fixtures),
            Self::Soap => templates!("soap", "common", fixtures),
            Self::Fhir => templates!("fhir", "fhir", fixtures),
            Self::Ogc => templates!("ogc", "common", fixtures),
            Self::Sql => templates!("sql", "common"),
        }
    }

    /// As people write it.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Rest => "JSON over HTTP",
            Self::Hal => "HAL",
            Self::Soap => "SOAP 1.1",
            Self::Fhir => "FHIR R4",
            Self::Ogc => "OGC API – Features",
            Self::Sql => "PostgreSQL",
        }
    }
}

/// The files that every new folder has.
pub(super) const COMMON: &[Template] = &[
    (
        "datasets/__NAME__.registration.json",
        include_str!("templates/common/registration.json"),
    ),
    (
        "datasets/examples/__NAME__.registration.json",
        include_str!("templates/common/example.json"),
    ),
    (
        "conformance/cases.json",
        include_str!("templates/common/cases.json"),
    ),
    ("README.md", include_str!("templates/common/README.md")),
];

/// Stands in templates and their paths for the registry's id.
pub(super) const NAME: &str = "__NAME__";
/// Stands for the id as environment variables are written.
pub(super) const VARIABLE: &str = "__VARIABLE__";
/// Stands for [`Protocol::title`].
pub(super) const PROTOCOL: &str = "__PROTOCOL__";
/// Stands for the folder, as it was given.
pub(super) const DIRECTORY: &str = "__DIR__";
