//! What a verified token says: the caller, and what the caller may ask for.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use motlan_schemas::ids::{ClientId, OfficerId, PersonalId, RegistryId};

/// A verified access token.
///
/// It says who calls; what the caller may read is decided elsewhere. `Debug` shows no person.
pub struct Token {
    /// The program that calls (`client_id`); the agency it belongs to is looked up by it.
    pub client: ClientId,
    /// On whose behalf the token was given (`sub`), in the issuer's words; may name a person.
    pub subject: Box<str>,
    /// What the token may be used for (`scope`).
    pub scopes: Scopes,
    /// The officer for whom the client acts (`act.sub`).
    pub officer: Option<OfficerId>,
    /// The officer's roles, as the issuer vouches for them (`act.roles`).
    pub roles: Vec<Arc<str>>,
    /// The citizen who signed in (`personal_id`).
    pub person: Option<PersonalId>,
    /// The registry for which the client speaks (`registry`).
    pub registry: Option<RegistryId>,
    /// The token's own id (`jti`).
    pub token_id: Box<str>,
    /// When it was given (`iat`).
    pub issued_at: Timestamp,
    /// When it ends (`exp`), leeway not counted.
    pub expires_at: Timestamp,
}

/// One use of a token; design section 6 names them per endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Ask about a person or an enterprise.
    Query,
    /// Give and withdraw one's own consents.
    Consent,
    /// See who looked at one's own data.
    Me,
    /// Search the access log.
    Audit,
    /// Say that a registry's record has changed.
    Changes,
}

/// A set of [`Scope`]s.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u8);

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [
        Self::Query,
        Self::Consent,
        Self::Me,
        Self::Audit,
        Self::Changes,
    ];

    /// The word in the token's `scope`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Consent => "consent",
            Self::Me => "me",
            Self::Audit => "audit",
            Self::Changes => "changes",
        }
    }

    /// The scope of exactly this word; other services' words are none of ours.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Scopes {
    /// Whether the token may be used for `scope`.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The scopes of the set.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

/// The words with a space between them, as in a token.
impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.iter().enumerate() {
            if position > 0 {
                formatter.write_str(" ")?;
            }
            formatter.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scopes({self})")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Token")
            .field("client", &self.client)
            .field("scopes", &self.scopes)
            .field("registry", &self.registry)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_written_in_order_and_read_back_as_whole_words() {
        let scopes: Scopes = [Scope::Changes, Scope::Query, Scope::Query]
            .into_iter()
            .collect();
        assert_eq!(scopes.to_string(), "query changes");
        assert!(scopes.has(Scope::Query) && !scopes.has(Scope::Me));
        assert_eq!(Scope::from_word("quer"), None);
        assert_eq!(Scope::from_word("Query"), None);
        assert_eq!(Scopes::default().to_string(), "");
    }

    #[test]
    fn debug_names_no_person() {
        let token = Token {
            client: "ward-client".parse().unwrap(),
            subject: "001185012345".into(),
            scopes: [Scope::Me].into_iter().collect(),
            officer: Some("cb-4711".parse().unwrap()),
            roles: vec!["registrar".into()],
            person: Some("001185012345".parse().unwrap()),
            registry: None,
            token_id: "secret-id".into(),
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
        };
        let shown = format!("{token:?}");
        for hidden in ["001185012345", "cb-4711", "secret-id"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert!(shown.contains("ward-client") && shown.contains("Scopes(me)"));
    }
}
