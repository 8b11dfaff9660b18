//! How often an agency may ask: the quotas of its file, kept per client program.

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use motlan_policies::agency::Agency;
use motlan_schemas::ids::{AgencyId, ClientId};
use parking_lot::RwLock;
use std::{collections::HashMap, num::NonZeroU32, sync::Arc};

/// The quotas of all agencies.
#[derive(Default)]
pub struct Quotas {
    /// One limiter an agency, remade when its file changes; keyed by client inside.
    limiters: RwLock<HashMap<AgencyId, Limiter>>,
    clock: DefaultClock,
}

/// Why a question is over its quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverQuota {
    /// It can be asked again then.
    Until {
        /// In how many seconds.
        seconds: u64,
    },
    /// So many questions at once are more than the quota can ever hold.
    Never {
        /// How many it can hold.
        burst: u32,
    },
}

struct Limiter {
    quota: motlan_policies::agency::Quota,
    clients: Arc<DefaultKeyedRateLimiter<ClientId>>,
}

impl Quotas {
    /// Takes `cost` questions from the client's quota.
    ///
    /// # Errors
    /// When to ask again, or that waiting does not help.
    pub fn take(
        &self,
        agency: &Agency,
        client: &ClientId,
        cost: NonZeroU32,
    ) -> Result<(), OverQuota> {
        let limiter = self.limiter(agency);
        match limiter.check_key_n(client, cost) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(self.clock.now());
                Err(OverQuota::Until {
                    seconds: wait.as_secs().saturating_add(1),
                })
            }
            Err(_) => Err(OverQuota::Never {
                burst: agency.quota.burst.get(),
            }),
        }
    }

    fn limiter(&self, agency: &Agency) -> Arc<DefaultKeyedRateLimiter<ClientId>> {
        if let Some(limiter) = self.limiters.read().get(&agency.id)
            && limiter.quota == agency.quota
        {
            return Arc::clone(&limiter.clients);
        }
        let quota =
            Quota::per_minute(agency.quota.queries_per_minute).allow_burst(agency.quota.burst);
        let clients = Arc::new(RateLimiter::keyed(quota));
        let limiter = Limiter {
            quota: agency.quota,
            clients: Arc::clone(&clients),
        };
        self.limiters.write().insert(agency.id.clone(), limiter);
        clients
    }
}

impl std::fmt::Debug for Quotas {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Quotas({} agencies)", self.limiters.read().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motlan_policies::decide::Policies;
    use motlan_schemas::catalogue::Catalogue;

    #[test]
    fn a_quota_is_used_up_by_its_client_alone_and_a_batch_beyond_it_never_fits() {
        let policies = Policies::embedded(&Catalogue::national()).unwrap();
        let client: ClientId = "ward-ba-dinh-one-stop".parse().unwrap();
        let agency = policies.agencies().by_client(&client).unwrap();
        let burst = agency.quota.burst.get();
        let quotas = Quotas::default();
        let cost = |n| NonZeroU32::new(n).unwrap();
        let never = quotas.take(agency, &client, cost(burst + 1));
        assert_eq!(never, Err(OverQuota::Never { burst }));
        assert_eq!(quotas.take(agency, &client, cost(burst)), Ok(()));
        let over = quotas.take(agency, &client, cost(burst));
        assert!(
            matches!(over, Err(OverQuota::Until { seconds: 1.. })),
            "{over:?}"
        );
        assert_eq!(
            quotas.take(agency, &"other".parse().unwrap(), cost(burst)),
            Ok(())
        );
    }
}
