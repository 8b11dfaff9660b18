//! Registers that are just a PostgreSQL database: a provincial list without a service in front of it.
//!
//! Such a register is asked one configured `SELECT` with placeholders, and nothing else:
//! - in a transaction that is `READ ONLY`, with the call's deadline as `statement_timeout` and a
//!   fixed `search_path`;
//! - with the subject as `$1`, so that its number is in no statement; further placeholders, and
//!   settings of the transaction that the database's own audit can read, say who asks and why;
//! - for the columns that are needed, and the one with the subject, which the caller compares;
//! - for one row more than a list may have, which shows that it has too many.
//!
//! What comes back is bounded in bytes at the socket, before the database library sees it. Errors
//! hold SQLSTATE codes, never the database's texts, in which values stand.

mod config;
mod failure;
mod pool;
mod query;
mod socket;
mod value;

pub use config::SqlConfig;
pub use query::{SqlParameter, SqlQuery};

use crate::{
    adapter::{AdapterError, Call},
    config::ConfigError,
    http::count_request,
};
use futures::TryStreamExt;
use motlan_policies::permit::Permit;
use pool::{Lease, Pool};
use query::Bound;
use serde_json::{Map, Value};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_postgres::types::{ToSql, Type};

/// A client for one database, with connections of its own. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqlClient {
    pool: Arc<Pool>,
    limits: Limits,
}

#[derive(Debug, Clone)]
struct Limits {
    timeout: Duration,
    rows_max: usize,
    bytes_max: usize,
    search_path: String,
}

impl SqlClient {
    /// A client; makes no connection yet.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(config: &SqlConfig) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            pool: Arc::new(Pool::new(config)?),
            limits: Limits {
                timeout: Duration::from_millis(config.timeout_ms),
                rows_max: config.rows_max,
                bytes_max: config.bytes_max,
                search_path: query::search_path(&config.search_path)?,
            },
        })
    }

    /// All rows that the database found about the permit's subject, as objects: `columns` by their
    /// configured names, and the query's subject column. The filter is the configuration's affair:
    /// whoever calls compares the subject column.
    ///
    /// # Errors
    /// See [`AdapterError`]; more rows than the limit are [`AdapterError::Truncated`].
    pub async fn select(
        &self,
        query: &SqlQuery,
        columns: &[&str],
        permit: &Permit,
        call: &Call,
    ) -> Result<Vec<Value>, AdapterError> {
        let bound = query.bind(columns, self.limits.rows_max, permit, call)?;
        self.in_time(call, |until| self.rows(&bound, until)).await
    }

    /// Asks for nothing, which shows that the database can be reached and lets us in.
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub async fn ping(&self, call: &Call) -> Result<(), AdapterError> {
        self.in_time(call, |_| async {
            let lease = self.pool.take().await?;
            lease.allow(self.limits.bytes_max);
            let answered = lease.client().simple_query("").await;
            answered.map_err(|error| lease.explain(&error))?;
            lease.put_back();
            Ok(())
        })
        .await
    }

    async fn in_time<T, F: Future<Output = Result<T, AdapterError>>>(
        &self,
        call: &Call,
        work: impl FnOnce(Instant) -> F,
    ) -> Result<T, AdapterError> {
        count_request();
        let until = (Instant::now() + self.limits.timeout)
            .min(call.deadline.checked_sub(RESERVE).unwrap_or(call.deadline));
        tokio::time::timeout_at(until.into(), work(until))
            .await
            .map_err(|_| AdapterError::Timeout)?
    }

    async fn rows(&self, bound: &Bound, until: Instant) -> Result<Vec<Value>, AdapterError> {
        let mut lease = self.pool.take().await?;
        lease.allow(self.limits.bytes_max);
        let rows = self.in_a_transaction(&mut lease, bound, until).await?;
        lease.put_back();
        Ok(rows)
    }

    /// A lease that comes back with an error is dropped, and its connection with it.
    async fn in_a_transaction(
        &self,
        lease: &mut Lease<'_>,
        bound: &Bound,
        until: Instant,
    ) -> Result<Vec<Value>, AdapterError> {
        let meter = lease.meter();
        let explain = |error: tokio_postgres::Error| failure::explained(&error, &meter);
        let transaction = lease
            .client_mut()
            .build_transaction()
            .read_only(true)
            .start()
            .await
            .map_err(explain)?;
        let left = until.saturating_duration_since(Instant::now());
        let timeout = left.as_millis().max(1).to_string();
        let settings = bound.settings(&timeout, &self.limits.search_path);
        transaction
            .query_one(&settings.text, &settings.parameters())
            .await
            .map_err(explain)?;
        let statement = transaction.prepare(&bound.text).await.map_err(explain)?;
        check_types(statement.params())?;
        let parameters = bound
            .parameters
            .iter()
            .map(|value| value as &(dyn ToSql + Sync));
        let stream = transaction
            .query_raw(&statement, parameters)
            .await
            .map_err(explain)?;
        let mut stream = std::pin::pin!(stream);
        let mut rows = Vec::new();
        while let Some(row) = stream.try_next().await.map_err(explain)? {
            if rows.len() == self.limits.rows_max {
                let reason = format!("more than {} rows", self.limits.rows_max);
                return Err(AdapterError::Truncated { reason });
            }
            rows.push(object(&row, &bound.columns)?);
        }
        transaction.commit().await.map_err(explain)?;
        Ok(rows)
    }
}

/// A row as an object. The database cuts long names, so columns go by their place.
fn object(row: &tokio_postgres::Row, columns: &[String]) -> Result<Value, AdapterError> {
    let mut members = Map::new();
    for (place, name) in columns.iter().enumerate() {
        let value: Option<value::Cell> = row.try_get(place).map_err(|_| {
            let kind = row
                .columns()
                .get(place)
                .map_or("?", |column| column.type_().name());
            AdapterError::malformed(format!(
                "the column `{name}` of type `{kind}` cannot be read; let a view give it as text"
            ))
        })?;
        members.insert(name.clone(), value.map_or(Value::Null, |cell| cell.0));
    }
    Ok(Value::Object(members))
}

/// All placeholders are texts. Where the statement compares one with a number, it has to say how.
fn check_types(types: &[Type]) -> Result<(), AdapterError> {
    let texts = [
        Type::TEXT,
        Type::VARCHAR,
        Type::BPCHAR,
        Type::NAME,
        Type::UNKNOWN,
    ];
    match types.iter().position(|kind| !texts.contains(kind)) {
        None => Ok(()),
        Some(place) => {
            let kind = types.get(place).map_or("?", Type::name);
            Err(AdapterError::malformed(format!(
                "the query's ${0} is compared as `{kind}`; write `${0}::text::{kind}` there",
                place + 1
            )))
        }
    }
}

/// Rows that come in the last milliseconds cannot be mapped before the deadline.
const RESERVE: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests;
