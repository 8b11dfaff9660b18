//! What an adapter is: the trait with its contract, and bounded clients for registries' protocols.
//!
//! An adapter turns one registry's own protocol into Motlan's datasets. It implements
//! [`adapter::Adapter`]: it says what it serves, and fetches what a [`Permit`] allows. Everything
//! that leaves it passes [`contract::Contract::check`], which keeps permitted attributes only,
//! counts what the registry over-delivered and validates the rest against the dataset's schema.
//!
//! The clients speak to any conformant server of their protocol and trust none: every answer has a
//! limit in size, depth and time.
//!
//! | module | protocol |
//! |---|---|
//! | [`http`] | HTTP with limits, OAuth 2.0 client credentials; JSON |
//! | [`xml`], [`soap`] | SOAP 1.1 with X-Road message protocol 4.0 headers |
//! | [`xroad`] | X-Road REST, protocol r1 |
//! | [`hal`] | REST with HAL, paged |
//! | [`fhir`] | FHIR R4 search |
//! | [`ogc`] | OGC API – Features |
//! | `sql` | PostgreSQL, with the feature `sql` |
//!
//! [`value`] reads what registries mean by a text, a date, a flag; [`field_map`] reads JSON records
//! by configuration, with [`codes`] and [`paths`]; [`serves`] says which datasets a deployment has;
//! [`paging`] reads lists to their end; [`caller_headers`] say who asks and why; [`secret`] keeps
//! passwords out of configuration files.
//! With the feature `test-util`, `testing` has what the tests of adapters share.
//!
//! [`Permit`]: motlan_policies::permit::Permit
#![warn(missing_docs)]

pub mod adapter;
pub mod caller_headers;
mod charset;
pub mod codes;
pub mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod contract;
pub mod fhir;
pub mod field_map;
pub mod hal;
pub mod http;
pub mod ogc;
pub mod paging;
pub mod paths;
pub mod secret;
pub mod serves;
pub mod soap;
#[cfg(feature = "sql")]
pub mod sql;
#[cfg(feature = "test-util")]
pub mod testing;
pub mod tier;
pub mod value;
pub mod xml;
pub mod xroad;
