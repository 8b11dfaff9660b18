//! A search for parcels: read from a CQL2-JSON body or from query parameters, and nothing else.

use super::parcel::PROPERTIES;
use serde::Deserialize;
use serde_json::Value;

/// A search that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Search {
    pub(super) owner: String,
    pub(super) properties: Option<Vec<String>>,
    pub(super) skip_geometry: bool,
    pub(super) limit: usize,
    pub(super) offset: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(rename = "filter-lang", default)]
    filter_lang: Option<String>,
    filter: Value,
    #[serde(default)]
    properties: Option<Vec<String>>,
    #[serde(rename = "skipGeometry", default)]
    skip_geometry: bool,
    #[serde(default)]
    limit: Option<usize>,
}

impl Search {
    pub(super) fn from_body(body: &[u8]) -> Result<Self, &'static str> {
        let body: Body = serde_json::from_slice(body)
            .map_err(|_| "known are filter-lang, filter, properties, skipGeometry and limit")?;
        if body
            .filter_lang
            .is_some_and(|language| language != "cql2-json")
        {
            return Err("filter-lang is cql2-json");
        }
        let owner = owner(&body.filter)
            .ok_or("filter compares soDinhDanhNguoiSuDung by a_contains or =")?;
        Self {
            owner: owner.to_owned(),
            properties: body.properties,
            skip_geometry: body.skip_geometry,
            limit: body.limit.unwrap_or(LIMIT_DEFAULT),
            offset: 0,
        }
        .checked()
    }

    pub(super) fn from_parameters(parameters: &[(String, String)]) -> Result<Self, &'static str> {
        let mut search = Self {
            owner: String::new(),
            properties: None,
            skip_geometry: false,
            limit: LIMIT_DEFAULT,
            offset: 0,
        };
        for (name, value) in parameters {
            match name.as_str() {
                OWNER => search.owner = value.clone(),
                "properties" => {
                    search.properties = Some(value.split(',').map(str::to_owned).collect())
                }
                "skipGeometry" => search.skip_geometry = value == "true",
                "limit" => search.limit = value.parse().map_err(|_| "limit is a number")?,
                _ => return Err("a parameter that is not known (/req/core/query-param-unknown)"),
            }
        }
        search.checked()
    }

    fn checked(self) -> Result<Self, &'static str> {
        let unknown = |name: &String| !PROPERTIES.contains(&name.as_str());
        if self.owner.len() != 12 || !self.owner.bytes().all(|byte| byte.is_ascii_digit()) {
            Err("the register is searched by a personal number of 12 digits")
        } else if self.limit == 0 {
            Err("limit is at least 1")
        } else if self
            .properties
            .as_ref()
            .is_some_and(|names| names.iter().any(unknown))
        {
            Err("properties names one that parcels do not have")
        } else {
            Ok(self)
        }
    }
}

/// The number in `soDinhDanhNguoiSuDung` contains X, or equals X.
fn owner(filter: &Value) -> Option<&str> {
    let [property, value] = filter.get("args")?.as_array()?.as_slice() else {
        return None;
    };
    if property.get("property")? != OWNER {
        return None;
    }
    match filter.get("op")?.as_str()? {
        "=" => value.as_str(),
        "a_contains" => match value.as_array()?.as_slice() {
            [only] => only.as_str(),
            _ => None,
        },
        _ => None,
    }
}

const OWNER: &str = "soDinhDanhNguoiSuDung";
const LIMIT_DEFAULT: usize = 10;
