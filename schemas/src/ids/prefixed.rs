//! Ids that Motlan gives: a prefix that says of what, and a UUIDv7 that sorts by time.

use jiff::Timestamp;
use std::{fmt, str::FromStr};
use uuid::{Builder, Uuid};

/// Why a text is no such id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `{prefix}` and a UUID")]
pub struct PrefixedIdError {
    /// What the id should have started with.
    pub prefix: &'static str,
}

macro_rules! prefixed {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            #[doc = concat!("What every id of this kind starts with: `", $prefix, "`.")]
            pub const PREFIX: &'static str = $prefix;

            /// A new id for `now`, from ten random bytes of the caller's.
            #[must_use]
            pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
                Self(uuid_v7(now, random))
            }

            /// The UUID inside, for protocols that carry one.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}{}", Self::PREFIX, self.0.as_hyphenated())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        impl FromStr for $name {
            type Err = PrefixedIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.strip_prefix(Self::PREFIX)
                    .filter(|rest| rest.len() == 36)
                    .and_then(|rest| Uuid::try_parse(rest).ok())
                    .map(Self)
                    .ok_or(PrefixedIdError { prefix: Self::PREFIX })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

prefixed!(
    /// One question, as its answer and its log entries name it.
    QueryId, "qry_"
);
prefixed!(
    /// One consent of a citizen.
    ConsentId, "cns_"
);
prefixed!(
    /// One HTTP call, as its problem documents and log lines name it.
    RequestId, "req_"
);

/// RFC 9562, section 5.7. A clock before 1970 gives time zero rather than a panic.
fn uuid_v7(now: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_sort_by_time() {
        let early = QueryId::new("2026-11-21T01:00:00Z".parse().unwrap(), [255; 10]);
        let late = QueryId::new("2026-11-21T01:00:01Z".parse().unwrap(), [0; 10]);
        assert!(early < late);
        assert_eq!(early.to_string().parse::<QueryId>().unwrap(), early);
    }

    #[test]
    fn another_kind_of_id_is_refused() {
        let id = ConsentId::new(Timestamp::UNIX_EPOCH, [7; 10]).to_string();
        assert_eq!(
            id.parse::<QueryId>(),
            Err(PrefixedIdError { prefix: "qry_" })
        );
        assert!("qry_nonsense".parse::<QueryId>().is_err());
    }
}
