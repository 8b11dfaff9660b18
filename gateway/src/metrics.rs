//! What the gateway counts, for `/metrics` (OpenMetrics text).
//!
//! Labels come from closed lists: routes, registries, outcomes, reasons. No label can hold a
//! value of a caller or of a person.

use motlan_schemas::answer::{DatasetStatus, DenialReason, RegistryProblem};
use parking_lot::Mutex;
use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use std::{sync::Arc, time::Duration};

type Labels<const N: usize> = [(&'static str, Arc<str>); N];
type LabelVec = Vec<(&'static str, Arc<str>)>;
type Times = Family<LabelVec, Histogram, fn() -> Histogram>;

/// All metrics.
pub struct Metrics {
    registry: Mutex<Registry>,
    http_requests: Family<LabelVec, Counter>,
    http_duration: Times,
    registry_requests: Family<LabelVec, Counter>,
    registry_duration: Times,
    over_delivered: Family<LabelVec, Counter>,
    registry_changes: Family<LabelVec, Counter>,
    cache_reads: Family<LabelVec, Counter>,
    datasets: Family<LabelVec, Counter>,
    denials: Family<LabelVec, Counter>,
    budget_refusals: Family<LabelVec, Counter>,
    alerts: Family<LabelVec, Counter>,
    alerts_open: Family<LabelVec, Gauge>,
    disclosed_citizens: Family<LabelVec, Gauge>,
    cache_bytes: Gauge,
    cache_subjects: Gauge,
    log_entries: Gauge,
    log_disk_free: Gauge,
    log_disk_full: Gauge,
    log_cosigned: Gauge,
    log_fork_alarm: Gauge,
    witness_requests: Family<LabelVec, Counter>,
    emergency_uses_open: Gauge,
    emergency_uses_overdue: Gauge,
    policy_loads: Family<LabelVec, Counter>,
    declarative_reloads: Family<LabelVec, Counter>,
}

impl Metrics {
    /// Metrics that all stand at zero.
    #[must_use]
    pub fn new() -> Self {
        let times: fn() -> Histogram = || Histogram::new(exponential_buckets(0.000_25, 2.0, 16));
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("motlan")),
            http_requests: Family::default(),
            http_duration: Family::new_with_constructor(times),
            registry_requests: Family::default(),
            registry_duration: Family::new_with_constructor(times),
            over_delivered: Family::default(),
            registry_changes: Family::default(),
            cache_reads: Family::default(),
            datasets: Family::default(),
            denials: Family::default(),
            budget_refusals: Family::default(),
            alerts: Family::default(),
            alerts_open: Family::default(),
            disclosed_citizens: Family::default(),
            cache_bytes: Gauge::default(),
            cache_subjects: Gauge::default(),
            log_entries: Gauge::default(),
            log_disk_free: Gauge::default(),
            log_disk_full: Gauge::default(),
            log_cosigned: Gauge::default(),
            log_fork_alarm: Gauge::default(),
            witness_requests: Family::default(),
            emergency_uses_open: Gauge::default(),
            emergency_uses_overdue: Gauge::default(),
            policy_loads: Family::default(),
            declarative_reloads: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&self) {
        let mut all = self.registry.lock();
        all.register(
            "http_requests",
            "HTTP calls by route and status",
            self.http_requests.clone(),
        );
        all.register_with_unit(
            "http_duration",
            "Time from the call to the answer by route",
            Unit::Seconds,
            self.http_duration.clone(),
        );
        all.register(
            "registry_requests",
            "Questions to registries by outcome",
            self.registry_requests.clone(),
        );
        all.register_with_unit(
            "registry_duration",
            "Time that registries took to answer",
            Unit::Seconds,
            self.registry_duration.clone(),
        );
        all.register(
            "registry_over_delivered_values",
            "Values that registries sent beyond what was permitted; they were dropped",
            self.over_delivered.clone(),
        );
        all.register(
            "registry_changes",
            "Change events of registries by outcome",
            self.registry_changes.clone(),
        );
        all.register(
            "cache_reads",
            "Reads of the cache by outcome",
            self.cache_reads.clone(),
        );
        all.register(
            "datasets",
            "Datasets in answers by status",
            self.datasets.clone(),
        );
        all.register(
            "denials",
            "Denied attribute groups by reason",
            self.denials.clone(),
        );
        all.register(
            "budget_refusals",
            "Questions that a used-up budget against harvesting stopped",
            self.budget_refusals.clone(),
        );
        all.register(
            "alerts",
            "Alerts to data protection officers by rule and window",
            self.alerts.clone(),
        );
        all.register(
            "alerts_open",
            "Alerts that no data protection officer has closed, by state",
            self.alerts_open.clone(),
        );
        all.register(
            "disclosed_citizens",
            "Different citizens of whom a client was told in this year, within 1 %",
            self.disclosed_citizens.clone(),
        );
        all.register_with_unit(
            "cache",
            "Memory that cached records take",
            Unit::Bytes,
            self.cache_bytes.clone(),
        );
        all.register(
            "cache_subjects",
            "Subjects and datasets that are cached",
            self.cache_subjects.clone(),
        );
        all.register_with_unit(
            "access_log_disk_free",
            "Room on the disk of the access log",
            Unit::Bytes,
            self.log_disk_free.clone(),
        );
        all.register(
            "access_log_disk_full",
            "1 while questions are refused because the disk of the access log is nearly full",
            self.log_disk_full.clone(),
        );
        all.register(
            "access_log_entries",
            "Durable entries of the access log",
            self.log_entries.clone(),
        );
        all.register_with_unit(
            "access_log_cosigned_timestamp",
            "When the first cosignature of the last cosigned checkpoint was made, since 1970; 0 before the first",
            Unit::Seconds,
            self.log_cosigned.clone(),
        );
        all.register(
            "access_log_fork_alarm",
            "1 once a witness said that the log does not extend what it cosigned before",
            self.log_fork_alarm.clone(),
        );
        all.register(
            "witness_requests",
            "Checkpoints offered to witnesses by outcome",
            self.witness_requests.clone(),
        );
        all.register(
            "emergency_uses_open",
            "Emergency uses that wait for their review",
            self.emergency_uses_open.clone(),
        );
        all.register(
            "emergency_uses_overdue",
            "Emergency uses whose review is overdue",
            self.emergency_uses_overdue.clone(),
        );
        all.register(
            "policy_loads",
            "Versions of the policies met in the store by outcome",
            self.policy_loads.clone(),
        );
        all.register(
            "declarative_reloads",
            "Changed folders of declarative registries met by registry and outcome",
            self.declarative_reloads.clone(),
        );
    }

    /// How many emergency uses wait for their review now, and how many of them for too long.
    pub fn emergency_uses(&self, open: usize, overdue: usize) {
        let gauge = |count| i64::try_from(count).unwrap_or(i64::MAX);
        self.emergency_uses_open.set(gauge(open));
        self.emergency_uses_overdue.set(gauge(overdue));
    }

    /// A witness, which is one of those in the policy file, was asked to cosign.
    pub fn witness_asked(&self, witness: &str, outcome: &'static str) {
        let labels = vec![
            ("witness", Arc::from(witness)),
            ("outcome", Arc::from(outcome)),
        ];
        self.witness_requests.get_or_create(&labels).inc();
    }

    /// A quorum cosigned a checkpoint, the first of them at this second since 1970.
    pub fn checkpoint_cosigned(&self, timestamp: u64) {
        let timestamp = i64::try_from(timestamp).unwrap_or(i64::MAX);
        self.log_cosigned.set(timestamp);
    }

    /// A witness said that the log does not extend what it saw before.
    pub fn fork_alarm(&self) {
        self.log_fork_alarm.set(1);
    }

    /// A version of the policies was met: `loaded`, or `refused` while the old one goes on.
    pub fn policy_met(&self, outcome: &'static str) {
        let labels = vec![("outcome", Arc::from(outcome))];
        self.policy_loads.get_or_create(&labels).inc();
    }

    /// A changed folder of a declarative registry was met: `loaded`, or `refused` while the old one
    /// goes on.
    pub fn folder_met(&self, registry: &str, outcome: &'static str) {
        let labels = vec![
            ("registry", Arc::from(registry)),
            ("outcome", Arc::from(outcome)),
        ];
        self.declarative_reloads.get_or_create(&labels).inc();
    }

    /// A call was answered.
    pub fn http_answered(&self, route: &Arc<str>, status: u16, duration: Duration) {
        let status = Arc::from(status.to_string());
        let labels: Labels<2> = [("route", Arc::clone(route)), ("status", status)];
        self.http_requests.get_or_create(&labels.to_vec()).inc();
        let labels: Labels<1> = [("route", Arc::clone(route))];
        self.http_duration
            .get_or_create(&labels.to_vec())
            .observe(duration.as_secs_f64());
    }

    /// A registry was asked.
    pub fn registry_asked(
        &self,
        registry: &Arc<str>,
        outcome: Result<(), RegistryProblem>,
        duration: Duration,
    ) {
        let outcome = outcome.map_or_else(RegistryProblem::as_str, |()| "ok");
        let labels = vec![
            ("registry", Arc::clone(registry)),
            ("outcome", Arc::from(outcome)),
        ];
        self.registry_requests.get_or_create(&labels).inc();
        let labels = vec![("registry", Arc::clone(registry))];
        self.registry_duration
            .get_or_create(&labels)
            .observe(duration.as_secs_f64());
    }

    /// A registry sent more than was permitted.
    pub fn over_delivered(&self, registry: &Arc<str>, values: usize) {
        if values > 0 {
            let labels = vec![("registry", Arc::clone(registry))];
            self.over_delivered
                .get_or_create(&labels)
                .inc_by(values as u64);
        }
    }

    /// A registry told of so many changes, all with the same outcome.
    pub fn registry_changed(&self, registry: &Arc<str>, outcome: &'static str, events: usize) {
        let labels = vec![
            ("registry", Arc::clone(registry)),
            ("outcome", Arc::from(outcome)),
        ];
        let counter = self.registry_changes.get_or_create(&labels);
        counter.inc_by(events as u64);
    }

    /// The cache was read.
    pub fn cache_read(&self, registry: &Arc<str>, outcome: &'static str) {
        let labels = vec![
            ("registry", Arc::clone(registry)),
            ("outcome", Arc::from(outcome)),
        ];
        self.cache_reads.get_or_create(&labels).inc();
    }

    /// A dataset stands in an answer.
    pub fn dataset_answered(&self, dataset: &Arc<str>, status: DatasetStatus) {
        let labels = vec![
            ("dataset", Arc::clone(dataset)),
            ("status", Arc::from(status.as_str())),
        ];
        self.datasets.get_or_create(&labels).inc();
    }

    /// Attributes were denied.
    pub fn denied(&self, reason: DenialReason) {
        self.denials
            .get_or_create(&vec![("reason", Arc::from(reason.as_str()))])
            .inc();
    }

    /// A used-up budget stopped a question.
    pub fn budget_refused(&self, rule: &'static str, window: &'static str) {
        let labels = vec![("rule", Arc::from(rule)), ("window", Arc::from(window))];
        self.budget_refusals.get_or_create(&labels).inc();
    }

    /// A data protection officer should look.
    pub fn alerted(&self, rule: &str, window: &str) {
        let labels = vec![("rule", Arc::from(rule)), ("window", Arc::from(window))];
        self.alerts.get_or_create(&labels).inc();
    }

    /// So many alerts are not closed now.
    pub fn alerts_open(&self, new: u64, in_review: u64) {
        for (state, count) in [("new", new), ("in_review", in_review)] {
            let labels = vec![("state", Arc::from(state))];
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.alerts_open.get_or_create(&labels).set(count);
        }
    }

    /// A client, which is one of those in the agencies' files, was told of so many citizens.
    pub fn citizens_disclosed(&self, client: &str, citizens: u64) {
        let labels = vec![("client", Arc::from(client))];
        let citizens = i64::try_from(citizens).unwrap_or(i64::MAX);
        self.disclosed_citizens.get_or_create(&labels).set(citizens);
    }

    /// The room on the disk of the access log, and whether it is too little for questions.
    pub fn access_log_disk(&self, free_bytes: u64, is_low: bool) {
        self.log_disk_free
            .set(i64::try_from(free_bytes).unwrap_or(i64::MAX));
        self.log_disk_full.set(i64::from(is_low));
    }

    /// The text for `/metrics`, with the sizes as they are now.
    #[must_use]
    pub fn render(&self, cache: (u64, u64), log_entries: u64) -> String {
        let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.cache_subjects.set(gauge(cache.0));
        self.cache_bytes.set(gauge(cache.1));
        self.log_entries.set(gauge(log_entries));
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = encode(&mut text, &self.registry.lock());
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Metrics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_told_with_labels_from_closed_lists() {
        let metrics = Metrics::new();
        let population: Arc<str> = "population".into();
        metrics.registry_asked(&population, Ok(()), Duration::from_millis(3));
        metrics.over_delivered(&population, 4);
        metrics.denied(DenialReason::NotInPurpose);
        let text = metrics.render((1, 2), 3);
        assert!(
            text.contains(
                r#"motlan_registry_requests_total{registry="population",outcome="ok"} 1"#
            ),
            "{text}"
        );
        assert!(
            text.contains(
                r#"motlan_registry_over_delivered_values_total{registry="population"} 4"#
            )
        );
        assert!(text.contains(r#"motlan_denials_total{reason="not_in_purpose"} 1"#));
        assert!(text.contains("motlan_access_log_entries 3"));
    }
}
