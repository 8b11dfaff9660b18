//! How often an agency may ask: the quotas of its file, kept per client program.

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::{Clock as _, DefaultClock}};
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

struct Limiter {
    quota: motlan_policies::agency::Quota,
    clients: Arc<DefaultKeyedRateLimiter<ClientId>>,
}

impl Quotas {
    /// Takes `cost` questions from the client's quota.
    ///
    /// # Errors
    /// After how many seconds to ask again.
    pub fn take(&self, agency: &Agency, client: &ClientId, cost: NonZeroU32) -> Result<(), u64> {
        let limiter = self.limiter(agency);
        match limiter.check_key_n(client, cost) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => {
                Err(not_until.wait_time_from(self.clock.now()).as_secs().saturating_add(1))
            }
            // More than the quota could ever hold at once: waiting does not help, a minute is said.
            Err(_) => Err(60),
        }
    }

    fn limiter(&self, agency: &Agency) -> Arc<DefaultKeyedRateLimiter<ClientId>> {
        if let Some(limiter) = self.limiters.read().get(&agency.id)
            && limiter.quota == agency.quota
        {
            return Arc::clone(&limiter.clients);
        }
        let quota = Quota::per_minute(agency.quota.queries_per_minute).allow_burst(agency.quota.burst);
        let clients = Arc::new(RateLimiter::keyed(quota));
        let limiter = Limiter { quota: agency.quota, clients: Arc::clone(&clients) };
        self.limiters.write().insert(agency.id.clone(), limiter);
        clients
    }
}

impl std::fmt::Debug for Quotas {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Quotas({} agencies)", self.limiters.read().len())
    }
}
