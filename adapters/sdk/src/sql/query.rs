//! The one statement of a dataset, and who asks it.

use crate::{
    adapter::{AdapterError, Call},
    config::ConfigError,
};
use motlan_policies::permit::Permit;
use motlan_schemas::query::Subject;
use serde::Deserialize;
use std::collections::BTreeMap;
use tokio_postgres::types::ToSql;

/// What a database is asked about a subject.
///
/// `from`, `filter` and the expressions in them are the configuration's own SQL; names of columns are
/// quoted as they are written, with `.` between an alias and a column.
///
/// ```
/// use motlan_adapter_sdk::sql::SqlQuery;
/// let query: SqlQuery = toml::from_str(r#"
///     from = "nhan_khau AS n JOIN ho AS h ON h.ma_ho = n.ma_ho"
///     filter = "n.so_dinh_danh = $1 AND n.da_xoa IS NOT TRUE"
///     subject_column = "n.so_dinh_danh"
///     order_by = ["h.ma_ho"]
///     settings = { "motlan.officer" = "officer", "motlan.case" = "case" }
/// "#).unwrap();
/// query.check().unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqlQuery {
    /// What stands behind `FROM`: a table, a view, or several of them joined.
    pub from: String,
    /// What stands behind `WHERE`, with `$1` for the subject's number.
    pub filter: String,
    /// The column with the subject's number, by which rows about others are noticed.
    pub subject_column: String,
    /// What the filter's `$2`, `$3` and so on are.
    #[serde(default)]
    pub parameters: Vec<SqlParameter>,
    /// The columns by which rows are ordered; without, a list may come in any order.
    #[serde(default)]
    pub order_by: Vec<String>,
    /// Settings of the transaction that say who asks, by names such as `motlan.officer`; triggers and
    /// row security of the database read them with `current_setting`.
    #[serde(default)]
    pub settings: BTreeMap<String, SqlParameter>,
}

/// A fact about the question that a statement may want. What is unknown is `NULL`, and empty as a
/// setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SqlParameter {
    /// The agency that asks.
    Agency,
    /// The officer on whose behalf it asks.
    Officer,
    /// The case for which it asks.
    Case,
    /// The purpose: the administrative procedure.
    Purpose,
    /// The id of the call, so that both sides' logs can be compared.
    CallId,
}

/// A statement with everything in its places.
pub(super) struct Bound {
    pub(super) text: String,
    pub(super) parameters: Vec<Option<String>>,
    /// The configured names of the columns, in the order of the statement.
    pub(super) columns: Vec<String>,
    settings: Vec<(String, String)>,
}

/// A statement that makes settings for the rest of a transaction.
pub(super) struct Settings<'a> {
    pub(super) text: String,
    values: Vec<&'a str>,
}

impl SqlQuery {
    /// Checks what cannot be checked while reading.
    ///
    /// # Errors
    /// The first setting that cannot be part of a statement.
    pub fn check(&self) -> Result<(), ConfigError> {
        for (setting, text) in [("from", &self.from), ("filter", &self.filter)] {
            if text.trim().is_empty() || text.contains(';') {
                let reason = "must be one expression of SQL, without `;`";
                return Err(ConfigError::setting(setting, reason));
            }
        }
        if !self.filter.contains("$1") {
            let reason = "must compare something with `$1`, the subject's number";
            return Err(ConfigError::setting("filter", reason));
        }
        quoted(&self.subject_column)
            .ok_or_else(|| ConfigError::setting("subject_column", NO_COLUMN))?;
        if self.order_by.iter().any(|column| quoted(column).is_none()) {
            return Err(ConfigError::setting("order_by", NO_COLUMN));
        }
        match self.settings.keys().find(|name| !is_setting(name)) {
            Some(name) => {
                let reason = "is no name of a setting; write two words of small letters with a dot between, as in `motlan.officer`";
                Err(ConfigError::setting(format!("settings.{name}"), reason))
            }
            None => Ok(()),
        }
    }

    pub(super) fn bind(
        &self,
        columns: &[&str],
        rows_max: usize,
        permit: &Permit,
        call: &Call,
    ) -> Result<Bound, AdapterError> {
        self.check()
            .map_err(|error| AdapterError::malformed(error.to_string()))?;
        let mut names = vec![self.subject_column.clone()];
        for column in columns {
            if !names.iter().any(|name| name == column) {
                names.push((*column).to_owned());
            }
        }
        let value = |parameter: SqlParameter| parameter.value(permit, call);
        let parameters = self.parameters.iter().map(|parameter| value(*parameter));
        let settings = self.settings.iter();
        Ok(Bound {
            text: self.text(&names, rows_max)?,
            parameters: std::iter::once(Some(number(permit)))
                .chain(parameters)
                .collect(),
            columns: names,
            settings: settings
                .map(|(name, parameter)| (name.clone(), value(*parameter).unwrap_or_default()))
                .collect(),
        })
    }

    fn text(&self, columns: &[String], rows_max: usize) -> Result<String, AdapterError> {
        let list = |columns: &[String]| {
            let quoted = columns.iter().map(|column| quoted(column));
            let quoted = quoted.collect::<Option<Vec<_>>>();
            quoted.map(|columns| columns.join(", ")).ok_or_else(|| {
                AdapterError::malformed(format!("a column of the query {NO_COLUMN}"))
            })
        };
        let order = match &self.order_by[..] {
            [] => String::new(),
            columns => format!("ORDER BY {}\n", list(columns)?),
        };
        // The line breaks end a comment that a filter may end with.
        Ok(format!(
            "SELECT {}\nFROM {}\nWHERE ({}\n)\n{order}LIMIT {}",
            list(columns)?,
            self.from,
            self.filter,
            rows_max.saturating_add(1)
        ))
    }
}

impl SqlParameter {
    fn value(self, permit: &Permit, call: &Call) -> Option<String> {
        let asking = permit.asking();
        match self {
            Self::Agency => Some(asking.agency.to_string()),
            Self::Officer => asking
                .officer
                .as_ref()
                .map(|officer| officer.id.to_string()),
            Self::Case => asking.case.as_ref().map(ToString::to_string),
            Self::Purpose => Some(asking.purpose.to_string()),
            Self::CallId => Some(call.id.to_string()),
        }
    }
}

impl Bound {
    pub(super) fn settings<'a>(
        &'a self,
        timeout_ms: &'a str,
        search_path: &'a str,
    ) -> Settings<'a> {
        let fixed = [
            ("statement_timeout", timeout_ms),
            ("search_path", search_path),
        ];
        let configured = self
            .settings
            .iter()
            .map(|(name, value)| (&**name, &**value));
        let mut calls = Vec::new();
        let mut values = Vec::new();
        for (name, value) in fixed.into_iter().chain(configured) {
            values.push(value);
            // The name has been checked or is ours; the value is a placeholder.
            calls.push(format!("set_config('{name}', ${}, true)", values.len()));
        }
        Settings {
            text: format!("SELECT {}", calls.join(", ")),
            values,
        }
    }
}

impl Settings<'_> {
    pub(super) fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        let values = self.values.iter();
        values.map(|value| value as &(dyn ToSql + Sync)).collect()
    }
}

/// The value of the setting `search_path`. Temporary tables come last, so that none can take the
/// place of a real one.
pub(super) fn search_path(schemas: &[String]) -> Result<String, ConfigError> {
    let quoted: Option<Vec<_>> = schemas.iter().map(|schema| quoted_part(schema)).collect();
    let quoted = quoted.ok_or_else(|| {
        ConfigError::setting("search_path", "holds something that is no name of a schema")
    })?;
    Ok(quoted
        .into_iter()
        .chain(["pg_temp".to_owned()])
        .collect::<Vec<_>>()
        .join(", "))
}

fn number(permit: &Permit) -> String {
    match permit.subject() {
        Subject::Person(person) => person.expose().to_owned(),
        Subject::Enterprise(code) => code.as_str().to_owned(),
    }
}

/// `alias.column` as SQL: each part in quotation marks.
fn quoted(column: &str) -> Option<String> {
    let parts: Option<Vec<_>> = column.split('.').map(quoted_part).collect();
    Some(parts?.join("."))
}

fn quoted_part(name: &str) -> Option<String> {
    let is_name = !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains('\0');
    is_name.then(|| format!("\"{}\"", name.replace('"', "\"\"")))
}

/// A setting of one's own has a dot in its name, and no setting of the server does.
fn is_setting(name: &str) -> bool {
    let is_word = |word: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        !word.is_empty() && word.bytes().all(plain)
    };
    name.len() <= NAME_BYTES_MAX
        && name
            .split_once('.')
            .is_some_and(|(one, other)| is_word(one) && is_word(other))
}

const NO_COLUMN: &str = "is no name of a column; write `column` or `alias.column`";
/// What PostgreSQL keeps of a name.
const NAME_BYTES_MAX: usize = 63;
