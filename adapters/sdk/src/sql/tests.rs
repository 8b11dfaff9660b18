//! The client before a PostgreSQL of its own, and before servers that are none.

use super::*;
use crate::{
    secret::Secret,
    testing::cluster::{Cluster, PASSWORD},
};
use motlan_policies::permit::{Asking, AssertedBy, Officer};
use motlan_schemas::{answer::RegistryProblem, catalogue::Catalogue, ids::QueryId, query::Subject};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const LAN: &str = "001185012345";
const MINH: &str = "001083067890";

const TABLES: &str = r#"
    CREATE SCHEMA ho_khau;
    CREATE TYPE ho_khau.tinh_trang AS ENUM ('thường trú', 'tạm trú');
    CREATE DOMAIN ho_khau.so AS char(12);
    CREATE TABLE ho_khau.nhan_khau (
        so ho_khau.so, stt int8, "Họ tên" text, sinh date, con bool, dien_tich numeric(12,2),
        ma numeric(30), he_so float8, tinh_trang ho_khau.tinh_trang, ten_khac text[], cac_so int4[],
        them jsonb, cap_nhat timestamptz, ghi timestamp, id uuid, dia_chi inet, ma_ho char(5));
    INSERT INTO ho_khau.nhan_khau VALUES
        ('001185012345', 1, 'NGUYỄN THỊ LAN', '1985-06-12', true, 1234567890.10,
         123456789012345678901234567890, 0.5, 'thường trú', ARRAY['Lan', NULL, 'Hoa'], '{1,2}',
         '{"a": [1, null]}', '2026-11-21T03:00:00Z', '2026-11-21T10:00:00',
         '00000000-0000-0000-0000-00000000002a', '10.0.0.1', 'H1'),
        ('001185012345', 2, NULL, 'infinity', NULL, NULL, 7, NULL, NULL, NULL, '{}', NULL, NULL, NULL, NULL, NULL, NULL),
        ('001083067890', 1, 'TRẦN VĂN MINH', '1983-01-01', false, 0.00, 1, 1, 'tạm trú', '{}', NULL, '1', NULL, NULL, NULL, NULL, NULL);
    CREATE TABLE ho_khau.kin (so text);
    CREATE VIEW ho_khau.ai_hoi AS SELECT '001185012345'::text AS so,
        current_setting('motlan.officer') AS officer, current_setting('motlan.case') AS vu_viec,
        current_setting('application_name') AS app, current_setting('search_path') AS duong,
        current_setting('transaction_read_only') AS chi_doc, current_setting('statement_timeout') AS han;
    CREATE FUNCTION ho_khau.ghi() RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO ho_khau.kin VALUES ('x'); RETURN 'x'; END $$;
    CREATE FUNCTION ho_khau.lon(dai int) RETURNS text LANGUAGE sql AS $$ SELECT repeat('x', dai) $$;
    CREATE ROLE motlan LOGIN PASSWORD 'm4t-kh4u';
    GRANT USAGE ON SCHEMA ho_khau TO motlan;
    GRANT SELECT ON ho_khau.nhan_khau, ho_khau.ai_hoi TO motlan;
"#;

async fn register() -> Option<Cluster> {
    let cluster = Cluster::start(&[], &[]).await?;
    cluster.run(TABLES).await;
    Some(cluster)
}

fn config(cluster: &Cluster) -> SqlConfig {
    SqlConfig {
        port: cluster.port,
        password: Some(Secret::from(PASSWORD)),
        search_path: vec!["ho_khau".to_owned()],
        connect_timeout_ms: 10_000,
        ..SqlConfig::new("127.0.0.1", "postgres", "motlan")
    }
}

fn query(from: &str, filter: &str) -> SqlQuery {
    SqlQuery {
        from: from.to_owned(),
        filter: filter.to_owned(),
        subject_column: "so".to_owned(),
        parameters: Vec::new(),
        order_by: Vec::new(),
        settings: [].into(),
    }
}

fn people() -> SqlQuery {
    SqlQuery {
        order_by: vec!["stt".to_owned()],
        ..query("nhan_khau", "so = $1")
    }
}

fn permit(number: &str) -> Permit {
    let asking = Asking {
        query_id: QueryId::new(jiff::Timestamp::UNIX_EPOCH, [0; 10]),
        decided_at: jiff::Timestamp::UNIX_EPOCH,
        agency: "ward-ba-dinh".parse().unwrap(),
        client: "ward-desk".parse().unwrap(),
        officer: Some(Officer {
            id: "cb-4711".parse().unwrap(),
            asserted_by: AssertedBy::Token,
        }),
        purpose: "land-transfer".parse().unwrap(),
        case: None,
    };
    let catalogue = Catalogue::national();
    let (dataset, attributes) = catalogue.resolve("population.identity").unwrap();
    let subject = Subject::Person(number.parse().unwrap());
    Permit::dangerous_without_decision(asking, subject, dataset, attributes)
}

fn call(milliseconds: u64) -> Call {
    Call {
        deadline: Instant::now() + Duration::from_millis(milliseconds),
        id: uuid::Uuid::from_u128(42),
        traceparent: None,
    }
}

async fn ask(
    config: &SqlConfig,
    query: &SqlQuery,
    columns: &[&str],
) -> Result<Vec<Value>, AdapterError> {
    let client = SqlClient::new(config).unwrap();
    client
        .select(query, columns, &permit(LAN), &call(20_000))
        .await
}

#[tokio::test]
async fn columns_of_every_type_become_json_and_only_those_asked_for_come() {
    let Some(cluster) = register().await else {
        return;
    };
    let config = config(&cluster);
    let all = [
        "stt",
        "Họ tên",
        "sinh",
        "con",
        "dien_tich",
        "ma",
        "he_so",
        "tinh_trang",
        "ten_khac",
        "cac_so",
        "them",
        "cap_nhat",
        "ghi",
        "id",
        "ma_ho",
    ];
    let rows = ask(&config, &people(), &all).await.unwrap();
    assert_eq!(
        rows[0],
        json!({
            "so": LAN, "stt": 1, "Họ tên": "NGUYỄN THỊ LAN", "sinh": "1985-06-12", "con": true,
            "dien_tich": "1234567890.10", "ma": "123456789012345678901234567890", "he_so": 0.5,
            "tinh_trang": "thường trú", "ten_khac": ["Lan", null, "Hoa"], "cac_so": [1, 2],
            "them": {"a": [1, null]}, "cap_nhat": "2026-11-21T03:00:00Z", "ghi": "2026-11-21T10:00:00",
            "id": "00000000-0000-0000-0000-00000000002a", "ma_ho": "H1",
        })
    );
    assert_eq!(
        (&rows[1]["sinh"], &rows[1]["ma"], &rows[1]["con"]),
        (&json!("infinity"), &json!(7), &Value::Null)
    );
    assert_eq!(rows.len(), 2);
    let few = SqlQuery {
        from: "nhan_khau AS n".to_owned(),
        subject_column: "n.so".to_owned(),
        ..people()
    };
    let rows = ask(&config, &few, &["n.Họ tên", "n.so"]).await.unwrap();
    assert_eq!(rows[0], json!({"n.so": LAN, "n.Họ tên": "NGUYỄN THỊ LAN"}));
    // A type that has no JSON is named, and so is what to do.
    let error = ask(&config, &people(), &["dia_chi"])
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`dia_chi` of type `inet`") && error.contains("a view"),
        "{error}"
    );
    // The subject's number is in no statement.
    let client = SqlClient::new(&config).unwrap();
    assert!(
        client
            .select(&people(), &["stt"], &permit(MINH), &call(20_000))
            .await
            .unwrap()
            .len()
            == 1
    );
    client.ping(&call(20_000)).await.unwrap();
    // The socket of this machine serves as well.
    let socket = SqlConfig {
        host: cluster.directory.display().to_string(),
        ..config
    };
    assert_eq!(ask(&socket, &people(), &["stt"]).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_transaction_says_who_asks_and_reads_only() {
    let Some(cluster) = register().await else {
        return;
    };
    let config = config(&cluster);
    let settings = [
        ("motlan.officer", SqlParameter::Officer),
        ("motlan.case", SqlParameter::Case),
    ];
    let asked = SqlQuery {
        settings: settings
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        parameters: vec![
            SqlParameter::Agency,
            SqlParameter::Purpose,
            SqlParameter::CallId,
        ],
        ..query(
            "ai_hoi",
            "so = $1 AND $2 = 'ward-ba-dinh' AND $3 = 'land-transfer' AND $4 LIKE '%2a' -- chỉ đọc",
        )
    };
    let rows = ask(
        &config,
        &asked,
        &["officer", "vu_viec", "app", "duong", "chi_doc", "han"],
    )
    .await
    .unwrap();
    let row = &rows[0];
    assert_eq!(
        [
            &row["officer"],
            &row["vu_viec"],
            &row["app"],
            &row["duong"],
            &row["chi_doc"]
        ],
        [
            &json!("cb-4711"),
            &json!(""),
            &json!("motlan"),
            &json!("\"ho_khau\", pg_temp"),
            &json!("on")
        ]
    );
    // The deadline is the server's, too: ten seconds of the configuration here.
    let timeout = row["han"].as_str().unwrap();
    assert!(timeout == "10s" || timeout.ends_with("ms"), "{timeout}");
    let error = ask(&config, &query("nhan_khau", "so = $1 AND ghi() = 'x'"), &[])
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "the registry refused: SQLSTATE 25006");
    let injected = SqlQuery {
        subject_column: "so\" FROM kin; --".to_owned(),
        ..people()
    };
    let error = ask(&config, &injected, &[]).await.unwrap_err();
    assert!(error.to_string().contains("SQLSTATE 42703"), "{error}");
}

#[tokio::test]
async fn what_is_too_long_too_slow_or_not_allowed_is_told_and_heals() {
    let Some(mut cluster) = register().await else {
        return;
    };
    let config = config(&cluster);
    let limited = SqlConfig {
        rows_max: 1,
        bytes_max: 100_000,
        connections_max: 1,
        ..config.clone()
    };
    let client = SqlClient::new(&limited).unwrap();
    let asked = |query: SqlQuery, milliseconds| {
        let client = client.clone();
        async move {
            client
                .select(&query, &[], &permit(LAN), &call(milliseconds))
                .await
        }
    };
    let error = |query: SqlQuery, milliseconds| {
        let outcome = asked(query, milliseconds);
        async move { outcome.await.unwrap_err() }
    };
    let told = error(people(), 20_000).await;
    assert_eq!(
        told.to_string(),
        "the registry's answer is not complete: more than 1 rows"
    );
    let flood = "(SELECT lon(200000000) AS so) AS x";
    let told = error(query(flood, "so <> $1"), 20_000).await;
    assert_eq!(
        told.to_string(),
        "the registry's answer cannot be read: longer than an answer may be"
    );
    let begun = Instant::now();
    let told = error(
        query("(SELECT so FROM nhan_khau, pg_sleep(30)) AS x", "so = $1"),
        300,
    )
    .await;
    assert_eq!(told.problem(), RegistryProblem::RegistryTimeout);
    assert!(begun.elapsed() < Duration::from_secs(10));
    let told = error(query("kin", "so = $1"), 20_000).await;
    assert_eq!(
        told.to_string(),
        "the registry refused: SQLSTATE 42501, no right to read"
    );
    let told = error(query("khong_co", "so = $1"), 20_000).await;
    assert!(
        told.to_string()
            .contains("SQLSTATE 42P01, the configured query does not fit"),
        "{told}"
    );
    let told = error(query("nhan_khau", "stt = $1"), 20_000).await;
    assert!(
        told.to_string().contains("write `$1::text::int8` there"),
        "{told}"
    );
    let told = error(
        query("nhan_khau", "so = $1 AND \"Họ tên\"::int = 1"),
        20_000,
    )
    .await;
    assert!(
        told.to_string().contains("SQLSTATE 22P02") && !told.to_string().contains("LAN"),
        "{told}"
    );
    // One connection serves all of that, one after another, and is in order again.
    assert_eq!(
        asked(query("nhan_khau", "so = $1 AND stt = 1"), 20_000)
            .await
            .unwrap()
            .len(),
        1
    );
    let wrong = SqlConfig {
        password: Some("wrong".into()),
        ..config.clone()
    };
    let told = ask(&wrong, &people(), &[]).await.unwrap_err();
    assert_eq!(told.to_string(), "the registry refused: SQLSTATE 28P01");

    cluster.stop();
    let told = error(people(), 5_000).await;
    assert_eq!(told.problem(), RegistryProblem::RegistryDown, "{told}");
}

#[tokio::test]
async fn connections_are_kept_and_no_more_are_made_than_allowed() {
    let Some(cluster) = register().await else {
        return;
    };
    let client = SqlClient::new(&SqlConfig {
        connections_max: 2,
        ..config(&cluster)
    })
    .unwrap();
    let slow = query(
        "(SELECT so, pg_backend_pid() AS ai FROM nhan_khau, pg_sleep(0.02) WHERE stt = 1) AS x",
        "so = $1",
    );
    let mut backends = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let (permit, call) = (permit(LAN), call(20_000));
        let ask = || client.select(&slow, &["ai"], &permit, &call);
        let (one, two, three) = tokio::join!(ask(), ask(), ask());
        for rows in [one, two, three] {
            backends.insert(rows.unwrap()[0]["ai"].as_i64().unwrap());
        }
    }
    assert_eq!(backends.len(), 2);
    // A restart closes them; the next call notices and makes a new one.
    cluster
        .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'motlan'")
        .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let rows = client
        .select(&slow, &["ai"], &permit(LAN), &call(20_000))
        .await
        .unwrap();
    assert!(!backends.contains(&rows[0]["ai"].as_i64().unwrap()));
}

#[tokio::test]
async fn tls_is_checked_and_never_given_up() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (pem, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let files = [
        ("server.pem", &*pem),
        ("server.key", &*key),
        ("other.pem", &other.cert.pem()),
    ];
    let settings = [
        ("ssl", "on"),
        ("ssl_cert_file", "{}/server.pem"),
        ("ssl_key_file", "{}/server.key"),
    ];
    let Some(cluster) = Cluster::start(&settings, &files).await else {
        return;
    };
    cluster.run(TABLES).await;
    let trusting = |host: &str, roots: &str| SqlConfig {
        host: host.to_owned(),
        roots_pem_file: Some(cluster.directory.join(roots)),
        ..config(&cluster)
    };
    let with_tls = query(
        "(SELECT '001185012345'::text AS so, ssl AS ma_hoa FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS x",
        "so = $1",
    );
    let rows = ask(&trusting("localhost", "server.pem"), &with_tls, &["ma_hoa"])
        .await
        .unwrap();
    assert_eq!(rows[0]["ma_hoa"], true);
    for wrong in [
        trusting("127.0.0.1", "server.pem"),
        trusting("localhost", "other.pem"),
    ] {
        let error = ask(&wrong, &people(), &[]).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the registry is down: no secure connection: TLS was refused"
        );
    }
    // A server without TLS, or somebody in between who says that it has none, gets no password.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = SqlConfig {
        port: listener.local_addr().unwrap().port(),
        ..trusting("localhost", "server.pem")
    };
    let says_no = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = vec![0; 8];
        stream.read_exact(&mut heard).await.unwrap();
        stream.write_all(b"N").await.unwrap();
        stream.read_to_end(&mut heard).await.unwrap();
        heard.len()
    };
    let asked = people();
    let (outcome, heard) = tokio::join!(ask(&plain, &asked, &[]), says_no);
    assert_eq!(
        outcome.unwrap_err().problem(),
        RegistryProblem::RegistryDown
    );
    assert_eq!(heard, 8);
}

#[tokio::test]
async fn a_server_that_is_no_database_costs_little_and_is_left_in_time() {
    // A message of a gigabyte, that never ends; nothing at all; another protocol.
    let replies: [&'static [u8]; 3] = [
        b"R\x40\x00\x00\x00",
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ];
    for reply in replies {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = SqlConfig {
            port,
            ..SqlConfig::new("127.0.0.1", "x", "x")
        };
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            let mut sent = stream.write_all(reply).await.map_or(0, |()| reply.len());
            while !reply.is_empty() && stream.write_all(&[b'x'; 4096]).await.is_ok() {
                sent += 4096;
            }
            if reply.is_empty() {
                std::future::pending::<()>().await;
            }
            sent
        });
        let begun = Instant::now();
        assert!(ask(&config, &people(), &[]).await.is_err());
        assert!(begun.elapsed() < Duration::from_secs(10));
        if !reply.is_empty() {
            // Buffers of the kernel, and 64 KiB of ours.
            assert!(serving.await.unwrap() < 32 * 1024 * 1024);
        }
    }
}

#[test]
fn bad_settings_are_named() {
    let refused = |config: SqlConfig| SqlClient::new(&config).unwrap_err().to_string();
    let near = SqlConfig::new("localhost", "d", "u");
    assert!(
        refused(SqlConfig::new("db.example", "d", "u"))
            .starts_with("`roots_pem_file`: is needed for TLS")
    );
    assert!(refused(SqlConfig::new("a b", "d", "u")).starts_with("`host`"));
    assert!(
        refused(SqlConfig {
            rows_max: 0,
            ..near.clone()
        })
        .starts_with("`rows_max`")
    );
    assert!(
        refused(SqlConfig {
            search_path: vec![String::new()],
            ..near.clone()
        })
        .starts_with("`search_path`")
    );
    assert!(
        refused(SqlConfig {
            roots_pem_file: Some("/no.pem".into()),
            ..near.clone()
        })
        .contains("/no.pem")
    );
    assert!(
        refused(SqlConfig {
            password: Some(Secret::in_environment("NO_SUCH_PASSWORD")),
            ..near
        })
        .starts_with("`password`")
    );
    for (bad, setting) in [
        (query("", "so = $1"), "`from`"),
        (query("a; DROP TABLE b", "so = $1"), "`from`"),
        (query("a", "true"), "`filter`"),
        (
            SqlQuery {
                subject_column: "a..b".to_owned(),
                ..people()
            },
            "`subject_column`",
        ),
        (
            SqlQuery {
                order_by: vec![String::new()],
                ..people()
            },
            "`order_by`",
        ),
        (
            SqlQuery {
                settings: [("role".to_owned(), SqlParameter::Officer)].into(),
                ..people()
            },
            "`settings.role`",
        ),
        (
            SqlQuery {
                settings: [(
                    "a.b', '', true), set_config('role".to_owned(),
                    SqlParameter::Officer,
                )]
                .into(),
                ..people()
            },
            "`settings.",
        ),
    ] {
        let error = bad.check().unwrap_err().to_string();
        assert!(error.starts_with(setting), "{error}");
    }
}
