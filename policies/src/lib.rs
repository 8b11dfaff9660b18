//! May it be read? Purposes, agencies, consents and rules in; permits and denials out.
//!
//! A decision is a pure function of the caller, the question, the citizen's consents and the time.
//! What it allows comes out as [`Permit`]s, and a permit is the only key that opens a registry or
//! the cache: both take one as an argument, nobody outside this crate can make one, and so a path
//! that skips the decision does not compile.
//!
//! ```compile_fail,E0451
//! // A permit cannot be written down; its fields are private.
//! use motlan_policies::permit::Permit;
//! let permit = Permit { attributes: todo!(), ..todo!() };
//! ```
//!
//! ```compile_fail,E0308
//! // One permit opens one question: it cannot be copied and kept (`clone` gives the reference).
//! fn keep(permit: &motlan_policies::permit::Permit) -> motlan_policies::permit::Permit {
//!     permit.clone()
//! }
//! ```
#![warn(missing_docs)]

#[cfg(feature = "engine")]
pub mod agency;
#[cfg(feature = "engine")]
pub mod bundle;
#[cfg(feature = "engine")]
pub mod calendar;
#[cfg(feature = "engine")]
pub mod consent;
#[cfg(feature = "engine")]
pub mod decide;
#[cfg(feature = "engine")]
pub mod known;
#[cfg(feature = "engine")]
pub mod load;
pub mod permit;
#[cfg(feature = "engine")]
pub mod purpose;
#[cfg(feature = "engine")]
pub mod tables;
