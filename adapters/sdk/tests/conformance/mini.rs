//! A small adapter for the source beside it, which can be made wrong in one thing.

use super::{
    source::LAN,
    wire::{Got, Wire},
};
use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, Method, header};
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset},
    caller_headers::{CallerHeaderNames, CallerHeaders},
    config::ConfigError,
    contract::{Contract, Mapped},
    field_map::{Field, FieldKind, FieldMap, wanted},
};
use motlan_policies::permit::Permit;
use motlan_schemas::{json, query::Subject};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use url::Url;

/// What is wrong with the adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quirk {
    None,
    TrustsFilter,
    ComparesBeginnings,
    CallsOthersAbsent,
    DropsSecondPage,
    IgnoresTotal,
    FollowsRedirects,
    FollowsLinksAnywhere,
    FollowsCircles,
    AsksForEverything,
    CallsErrorsAbsent,
    CallsCutAbsent,
    CompletesDates,
    IgnoresDeadline,
    ReadsEverything,
    AcceptsAnyCertificate,
    LogsNumber,
    SpansNumber,
    NumberInAddress,
    TellsValues,
    KeepsDecomposed,
    ForgetsAsker,
    RetriesForEver,
    KeepsAnswers,
    WorksOn,
    HealthOfAPerson,
    HandsOnEmpty,
    HandsOnEverything,
    HealthAlwaysFine,
}

#[derive(Debug)]
pub(crate) struct Mini {
    contract: Arc<Contract>,
    descriptor: Descriptor,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    wire: Wire,
    headers: CallerHeaders,
    quirk: Quirk,
    kept: Mutex<HashMap<String, Vec<Value>>>,
}

/// One question, as the source takes it.
#[derive(Debug, Clone)]
struct Question {
    path: &'static str,
    list: &'static str,
    number: String,
    fields: Vec<String>,
    headers: HeaderMap,
    call: Call,
}

impl Mini {
    pub(crate) fn new(
        url: Url,
        contract: Arc<Contract>,
        roots: Option<PathBuf>,
        quirk: Quirk,
    ) -> Result<Self, ConfigError> {
        let served = |name: &str| ServedDataset {
            dataset: contract.catalogue().dataset_named(name).unwrap().id,
            selective: true,
        };
        let descriptor = Descriptor {
            registry: "population".parse().unwrap(),
            datasets: vec![
                served("population.identity"),
                served("population.household"),
            ],
            answers_depend_on_asker: false,
        };
        let inner = Inner {
            wire: Wire::new(url, roots, quirk)?,
            headers: CallerHeaders::new(&CallerHeaderNames::default())?,
            quirk,
            kept: Mutex::default(),
        };
        Ok(Self {
            contract,
            descriptor,
            inner: Arc::new(inner),
        })
    }

    fn question(&self, permit: &Permit, number: &str, call: &Call) -> Question {
        let dataset = self.contract.catalogue().dataset(permit.dataset());
        let one = &*dataset.name == "population.identity";
        let wanted = wanted(dataset, permit);
        let everything = |_: &str| true;
        let asked: &dyn Fn(&str) -> bool = match self.inner.quirk {
            Quirk::AsksForEverything => &everything,
            _ => &wanted,
        };
        let map = if one { identity() } else { household() };
        let headers = match self.inner.quirk {
            Quirk::ForgetsAsker => HeaderMap::new(),
            _ => self.inner.headers.headers(permit, call),
        };
        Question {
            path: if one { "identity" } else { "household" },
            list: if one { "persons" } else { "members" },
            number: number.to_owned(),
            fields: map.paths(asked).into_iter().map(Into::into).collect(),
            headers,
            call: call.clone(),
        }
    }

    fn mapped(
        &self,
        permit: &Permit,
        number: &str,
        records: &[Value],
    ) -> Result<Mapped, AdapterError> {
        let quirk = self.inner.quirk;
        let dataset = self.contract.catalogue().dataset(permit.dataset());
        let one = &*dataset.name == "population.identity";
        let (map, whose) = if one {
            (identity(), "so")
        } else {
            (household(), "cua")
        };
        let permitted = wanted(dataset, permit);
        let wanted = |name: &str| quirk == Quirk::HandsOnEverything || permitted(name);
        let mut own = Vec::new();
        for record in records {
            let of = record.get(whose).and_then(Value::as_str);
            let of = of.ok_or_else(|| AdapterError::malformed("a record without its number"));
            let is_own = match quirk {
                Quirk::TrustsFilter => true,
                Quirk::ComparesBeginnings => of?.starts_with(&number[..11]),
                _ => of? == number,
            };
            if is_own {
                let mut mapped = map.read(record, &wanted)?;
                map.note_surplus(record, &[whose], &mut mapped);
                self.twist(record, &map, &mut mapped);
                own.push(mapped);
            }
        }
        if own.is_empty() && !records.is_empty() && quirk != Quirk::CallsOthersAbsent {
            return Err(AdapterError::WrongSubject);
        }
        Ok(match (own.len(), one) {
            (0, _) => Mapped::NotFound,
            (1, true) => Mapped::One(own.remove(0)),
            (_, true) if quirk == Quirk::TrustsFilter => Mapped::One(own.remove(0)),
            (_, true) => return Err(AdapterError::malformed("two records of one person")),
            (_, false) => Mapped::Many(own),
        })
    }

    /// What is wrong with the values.
    fn twist(&self, record: &Value, map: &FieldMap, mapped: &mut Map<String, Value>) {
        match self.inner.quirk {
            Quirk::CompletesDates => {
                if let Some(Value::String(date)) = mapped.get_mut("birth_date") {
                    *date = format!("{date}-01-01")[..10].to_owned();
                }
            }
            Quirk::KeepsDecomposed | Quirk::HandsOnEmpty => {
                let places = ["birth_place", "home_town", "religion", "household_code"];
                for (name, field) in map.fields().filter(|(name, _)| places.contains(name)) {
                    let path = field.path.iter().next().unwrap();
                    let raw = record.get(path).filter(|raw| raw.is_string());
                    let keep =
                        self.inner.quirk == Quirk::KeepsDecomposed && mapped.contains_key(name);
                    let empty = raw.is_some_and(|raw| raw == "");
                    if let Some(raw) = raw
                        && (keep || empty)
                    {
                        mapped.insert(name.to_owned(), raw.clone());
                    }
                }
            }
            _ => {}
        }
    }
}

impl Inner {
    async fn records(&self, question: &Question) -> Result<Vec<Value>, AdapterError> {
        let mut url = self.wire.url(question.path);
        if self.quirk == Quirk::NumberInAddress {
            url.query_pairs_mut()
                .append_pair("number", &question.number);
        }
        let body = serde_json::json!({"number": question.number, "fields": question.fields});
        let got = self
            .patiently(Method::POST, &url, question, &body.to_string())
            .await?;
        let mut document = self.read(&got)?;
        let mut records = Vec::new();
        let mut seen = Vec::new();
        loop {
            match document.get(question.list) {
                Some(Value::Array(items)) => records.extend(items.iter().cloned()),
                _ => return Err(AdapterError::malformed("no list of records")),
            }
            let next = match document.get("next") {
                None => None,
                Some(Value::String(link)) => Some(link.clone()),
                Some(_) => return Err(AdapterError::malformed("a link that is no text")),
            };
            let Some(link) = next.filter(|_| self.quirk != Quirk::DropsSecondPage) else {
                break;
            };
            let next = self.wire.follow(&got.asked, &link)?;
            if self.quirk != Quirk::FollowsCircles && seen.contains(&next) {
                return Err(AdapterError::malformed("links in a circle"));
            }
            let got = self.patiently(Method::GET, &next, question, "").await?;
            seen.push(next);
            document = self.read(&got)?;
        }
        let total = document.get("total").and_then(Value::as_u64).unwrap_or(0);
        let lax = [Quirk::DropsSecondPage, Quirk::IgnoresTotal].contains(&self.quirk);
        if !lax && (records.len() as u64) < total {
            return Err(AdapterError::Truncated {
                reason: "fewer records than announced".to_owned(),
            });
        }
        Ok(records)
    }

    async fn patiently(
        &self,
        method: Method,
        url: &Url,
        question: &Question,
        body: &str,
    ) -> Result<Got, AdapterError> {
        // Not quite for ever, so that the test ends.
        for _ in 0..TRIES {
            let mut headers = question.headers.clone();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            let got = self
                .wire
                .send(
                    method.clone(),
                    url,
                    headers,
                    body.to_owned(),
                    &question.call,
                )
                .await;
            let again = matches!(got, Err(AdapterError::Down { .. }));
            if self.quirk != Quirk::RetriesForEver || !again {
                return got;
            }
        }
        Err(AdapterError::Down {
            reason: "tried often".to_owned(),
        })
    }

    fn read(&self, got: &Got) -> Result<Value, AdapterError> {
        match got.status {
            200 => {}
            400..500 => {
                return Err(AdapterError::Refused {
                    reason: format!("HTTP {}", got.status),
                });
            }
            _ => {
                return Err(AdapterError::Down {
                    reason: format!("HTTP {}", got.status),
                });
            }
        }
        json::parse(&got.body, 32).map_err(|error| match self.quirk {
            Quirk::TellsValues => AdapterError::malformed(String::from_utf8_lossy(&got.body)),
            _ => AdapterError::malformed(error.to_string()),
        })
    }

    /// The records, as far as the quirk lets them be asked for properly.
    async fn asked(self: Arc<Self>, question: Question) -> Result<Vec<Value>, AdapterError> {
        match self.quirk {
            Quirk::LogsNumber => tracing::debug!(number = question.number, "asking"),
            Quirk::SpansNumber => drop(tracing::debug_span!("fetch", of = question.number)),
            Quirk::WorksOn => {
                let inner = Arc::clone(&self);
                let task = tokio::spawn(async move { inner.records(&question).await });
                return task.await.unwrap();
            }
            Quirk::KeepsAnswers => {
                let key = format!(
                    "{} {} {:?}",
                    question.path, question.number, question.fields
                );
                if let Some(kept) = self.kept.lock().unwrap().get(&key) {
                    return Ok(kept.clone());
                }
                let records = self.records(&question).await?;
                self.kept.lock().unwrap().insert(key, records.clone());
                return Ok(records);
            }
            _ => {}
        }
        self.records(&question).await
    }
}

#[async_trait]
impl Adapter for Mini {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn fetch(&self, permit: &Permit, call: &Call) -> Result<Fetched, AdapterError> {
        self.contract.check_served(&self.descriptor, permit)?;
        let Subject::Person(person) = permit.subject() else {
            unreachable!("both datasets are about persons");
        };
        let question = self.question(permit, person.expose(), call);
        let records = Arc::clone(&self.inner).asked(question).await;
        let mapped = records.and_then(|records| self.mapped(permit, person.expose(), &records));
        let mapped = match (self.inner.quirk, mapped) {
            (
                Quirk::CallsErrorsAbsent,
                Err(AdapterError::Down { .. } | AdapterError::Refused { .. }),
            ) => Mapped::NotFound,
            (
                Quirk::CallsCutAbsent,
                Err(AdapterError::Truncated { .. } | AdapterError::Malformed { .. }),
            ) => Mapped::NotFound,
            (_, mapped) => mapped?,
        };
        self.contract.check(permit, mapped, None)
    }

    async fn health(&self, call: &Call) -> Result<(), AdapterError> {
        let inner = &self.inner;
        if inner.quirk == Quirk::HealthAlwaysFine {
            return Ok(());
        }
        let mut url = inner.wire.url("status");
        if inner.quirk == Quirk::HealthOfAPerson {
            url.query_pairs_mut().append_pair("of", LAN);
        }
        let got = inner
            .wire
            .send(Method::GET, &url, HeaderMap::new(), String::new(), call)
            .await?;
        match inner.read(&got)?.get("status") {
            Some(status) if status == "up" => Ok(()),
            _ => Err(AdapterError::malformed("no status")),
        }
    }
}

fn identity() -> FieldMap {
    FieldMap::new([
        ("full_name", Field::text("hoTen")),
        ("personal_id", Field::text("so")),
        ("birth_date", Field::of(FieldKind::Date, "ngaySinh")),
        ("sex", Field::text("gioiTinh").codes(SEXES)),
        ("ethnicity", Field::text("danToc")),
        ("religion", Field::text("tonGiao")),
        ("nationality", Field::text("quocTich")),
        ("birth_place", Field::text("noiSinh")),
        ("home_town", Field::text("queQuan")),
        (
            "status",
            Field::text("trangThai").codes([
                ("1", "active"),
                ("2", "deceased"),
                ("3", "missing"),
                ("4", "emigrated"),
            ]),
        ),
        ("deceased", Field::of(FieldKind::Flag, "daChet")),
        ("under_investigation", Field::of(FieldKind::Flag, "xacMinh")),
    ])
}

fn household() -> FieldMap {
    FieldMap::new([
        ("household_code", Field::text("maHo")),
        ("member_full_name", Field::text("hoTen")),
        ("member_personal_id", Field::text("so")),
        (
            "relationship",
            Field::text("quanHe").codes([("1", "head"), ("2", "spouse"), ("3", "child")]),
        ),
        ("sex", Field::text("gioiTinh").codes(SEXES)),
        ("birth_date", Field::of(FieldKind::Date, "ngaySinh")),
        ("since", Field::of(FieldKind::Date, "tuNgay")),
    ])
}

const TRIES: usize = 30;
const SEXES: [(&str, &str); 3] = [("1", "male"), ("2", "female"), ("3", "other")];
