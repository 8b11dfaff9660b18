//! What clients of the sandbox registries show. They protect nothing: they are here so that a
//! client that forgets its credentials is refused as the real registry would refuse it.

/// The bearer token that the insurance registry wants.
pub const INSURANCE_BEARER_TOKEN: &str = "sandbox-insurance-token";
/// The key that the land registry wants, in [`LAND_API_KEY_HEADER`].
pub const LAND_API_KEY: &str = "sandbox-land-key";
/// The header of the land registry's key.
pub const LAND_API_KEY_HEADER: &str = "X-Api-Key";
/// The client that the tax registry's OAuth 2.0 server knows.
pub const TAX_CLIENT_ID: &str = "motlan-gateway";
/// Its secret.
pub const TAX_CLIENT_SECRET: &str = "sandbox-tax-secret";
/// The one scope that the tax registry gives.
pub const TAX_SCOPE: &str = "tax.read";
/// The path of the tax registry's OAuth 2.0 server.
pub const TAX_TOKEN_PATH: &str = "/oauth/token";
/// The bearer token that the health registry wants.
pub const HEALTH_BEARER_TOKEN: &str = "sandbox-health-token";
