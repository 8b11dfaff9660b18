//! Every id of Motlan, one type each: a value that exists has been checked.
//!
//! | type | looks like | names |
//! |---|---|---|
//! | [`PersonalId`] | 12 digits | a person; never printed |
//! | [`EnterpriseCode`] | 10 digits, branches `-001` | an enterprise |
//! | [`AgencyId`], [`PurposeId`], [`ClientId`], [`RegistryId`] | `ward-justice` | who asks, why, with what, where |
//! | [`QueryId`], [`ConsentId`], [`RequestId`] | `qry_` + UUIDv7 | one question, one consent, one call |
//! | [`OfficerId`], [`CaseReference`], [`OrderNumber`] | ≤ 64 printable characters | the agency's own words |

mod enterprise;
mod label;
mod personal;
mod prefixed;
mod slug;

pub use enterprise::{EnterpriseCode, EnterpriseCodeError};
pub use label::{CaseReference, LabelError, OfficerId, OrderNumber};
pub use personal::{PersonalId, PersonalIdError, Sex};
pub use prefixed::{ConsentId, PrefixedIdError, QueryId, RequestId};
pub use slug::{AgencyId, ClientId, PurposeId, RegistryId, SlugError};
