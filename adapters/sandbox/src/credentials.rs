//! What clients of the sandbox registries show. They protect nothing: they are here so that a
//! client that forgets its credentials is refused as the real registry would refuse it.

/// The bearer token that the insurance registry wants.
pub const INSURANCE_BEARER_TOKEN: &str = "sandbox-insurance-token";
/// The key that the land registry wants, in [`LAND_API_KEY_HEADER`].
pub const LAND_API_KEY: &str = "sandbox-land-key";
/// The header of the land registry's key.
pub const LAND_API_KEY_HEADER: &str = "X-Api-Key";
