//! A folder for a register that is just a database, before a PostgreSQL of the test's own.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use motlan_adapter_sdk::{
    adapter::Adapter,
    testing::{World, assert_names_nobody, call, cluster::Cluster},
};
use motlan_declarative::{DeclarativeAdapter, Files, Folder, Mistakes, files};
use motlan_sandbox::people::personas::{HAI, LAN, MINH, NOBODY};
use serde_json::json;
use std::path::Path;
use url::Url;

/// Lan's employer is written decomposed (NFD), as some keyboards write it.
const TABLES: &str = "
    CREATE SCHEMA thue;
    CREATE TABLE thue.co_quan (ma text, ten text);
    INSERT INTO thue.co_quan VALUES ('10100', '  Thuế cơ sở 1  ');
    CREATE TABLE thue.nguoi_nop_thue
        (so char(14), ngay_cap date, ngay_dong date, ma_co_quan text, da_chet bool, dien_thoai text);
    INSERT INTO thue.nguoi_nop_thue VALUES
        ('001185012345', '2010-03-05', NULL, '10100', false, '0900000000'),
        ('001058007777', '2001-01-02', '2024-12-31', NULL, true, NULL);
    CREATE TABLE thue.thu_nhap
        (so text, thu_tu int, nam int2, loai text, ten_chi_tra text, tong numeric(18),
         khau_tru numeric(18,2));
    INSERT INTO thue.thu_nhap SELECT '001185012345', t, 2025 - t, 'TIEN_LUONG',
        normalize('Công ty Hồng Hà', NFD), 300000000 + t, 4500000.00 FROM generate_series(0, 59) AS t;
    INSERT INTO thue.thu_nhap VALUES
        ('001058007777', 0, 2020, NULL, '', NULL, NULL),
        ('001058007777', 1, 2019, 'CO_TUC', 'Cửa hàng Minh', 1, 1);
    CREATE ROLE motlan LOGIN PASSWORD 'm4t-kh4u';
    GRANT USAGE ON SCHEMA thue TO motlan;
    GRANT SELECT ON thue.nguoi_nop_thue, thue.co_quan, thue.thu_nhap TO motlan;
    CREATE ROLE hep LOGIN PASSWORD 'm4t-kh4u';
    GRANT USAGE ON SCHEMA thue TO hep;
    GRANT SELECT (so, thu_tu, nam) ON thue.thu_nhap TO hep;
    GRANT SELECT (so, ngay_cap, da_chet, ma_co_quan) ON thue.nguoi_nop_thue TO hep;
    GRANT SELECT (ma) ON thue.co_quan TO hep;
";

async fn database() -> Option<Cluster> {
    let cluster = Cluster::start(&[], &[]).await?;
    cluster.run(TABLES).await;
    Some(cluster)
}

/// The folder before the database, with some texts of its manifest written otherwise.
fn register(cluster: &Cluster, edits: &[(&str, &str)]) -> World<DeclarativeAdapter, Url> {
    let directory = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/register"));
    let mut files: Files = files(directory).unwrap();
    let manifest = files.get_mut(motlan_declarative::MANIFEST).unwrap();
    for (from, to) in edits {
        assert!(manifest.contains(from), "{from}");
        *manifest = manifest.replace(from, to);
    }
    let folder = Folder::compile(directory, &files);
    let folder = folder.unwrap_or_else(|mistakes| panic!("{}", Mistakes(mistakes)));
    let url = format!("postgresql://127.0.0.1:{}", cluster.port);
    World::at(url.parse().unwrap(), |url, contract| {
        Ok(DeclarativeAdapter::new(folder, Some(url), contract).unwrap())
    })
}

/// What is told, in an error that names nobody.
async fn told(world: &World<DeclarativeAdapter, Url>, number: &str, name: &str) -> String {
    let error = world.read(number, &[name]).await.unwrap_err();
    assert_names_nobody(&error, &["Hồng", "Minh", "CO_TUC"]);
    error.to_string()
}

#[tokio::test]
async fn rows_become_records_of_the_dataset() {
    let Some(cluster) = database().await else {
        return;
    };
    let world = register(&cluster, &[]);
    assert_eq!(
        world.json(LAN, &["tax.registration"]).await,
        json!({
            "tax_code": LAN, "registered_on": "2010-03-05", "tax_office_code": "10100",
            "tax_office": "Thuế cơ sở 1", "deceased": false,
        })
    );
    // A row of the join that has no partner, and columns without a value.
    assert_eq!(
        world.json(MINH, &["tax.registration"]).await,
        json!({
            "tax_code": MINH, "registered_on": "2001-01-02", "closed_on": "2024-12-31", "deceased": true,
        })
    );
    let income = world.json(LAN, &["tax.income"]).await;
    let income = income.as_array().unwrap();
    assert_eq!(income.len(), 60);
    assert_eq!(
        income[0],
        json!({
            "year": 2025, "income_kind": "wages", "payer_name": "Công ty Hồng Hà",
            "gross_income_vnd": 300_000_000, "tax_withheld_vnd": 4_500_000,
        })
    );
    let years = income.iter().map(|income| income["year"].as_i64().unwrap());
    assert!(years.eq((1966..=2025).rev()), "in the order of the query");
    let datasets = ["tax.registration", "tax.income"];
    world.assert_absent(NOBODY, &datasets).await;
    world.assert_absent(HAI, &datasets).await;
    world.adapter.health(&call(10_000)).await.unwrap();
}

#[tokio::test]
async fn a_role_without_rights_to_the_other_columns_is_enough() {
    let Some(cluster) = database().await else {
        return;
    };
    // The role may read only the columns of these attributes: more in the statement is refused.
    let world = register(&cluster, &[("user = \"motlan\"", "user = \"hep\"")]);
    let years = world.json(LAN, &["tax.income.year"]).await;
    assert_eq!(years[59], json!({"year": 1966}));
    let registered = world.json(LAN, &["tax.registration.registered_on"]).await;
    assert_eq!(
        registered,
        json!({"registered_on": "2010-03-05", "deceased": false})
    );
    for name in [
        "tax.income.payer_name",
        "tax.income",
        "tax.registration.tax_office",
    ] {
        assert_eq!(
            told(&world, LAN, name).await,
            "the registry refused: SQLSTATE 42501, no right to read"
        );
    }
}

#[tokio::test]
async fn rows_about_others_are_left_out_and_never_taken_for_the_subjects() {
    let Some(cluster) = database().await else {
        return;
    };
    let world = register(
        &cluster,
        &[("filter = \"so = $1\"", "filter = \"$1 <> so OR $1 = so\"")],
    );
    let income = world.json(LAN, &["tax.income.year"]).await;
    assert_eq!(income.as_array().map(Vec::len), Some(60), "of 62 rows");
    assert_eq!(
        told(&world, NOBODY, "tax.income.year").await,
        "the registry answered about somebody else"
    );
}

#[tokio::test]
async fn what_the_database_does_not_give_is_named_without_values() {
    let Some(cluster) = database().await else {
        return;
    };
    let cases: [(&str, &str, &str, &str); 6] = [
        (
            "rows_max = 100",
            "rows_max = 59",
            "tax.income.year",
            "the registry's answer is not complete: more than 59 rows",
        ),
        (
            "from = \"thu_nhap\"",
            "from = \"thu_nhap_cu\"",
            "tax.income.year",
            "the registry's answer cannot be read: SQLSTATE 42P01, the configured query does not fit the database",
        ),
        (
            "[\"nam\"]",
            "[\"nam_thue\"]",
            "tax.income.year",
            "the registry's answer cannot be read: SQLSTATE 42703, the configured query does not fit the database",
        ),
        (
            "filter = \"so = $1\"",
            "filter = \"so = $1 AND ten_chi_tra::int = 1\"",
            "tax.income.year",
            "the registry's answer cannot be read: SQLSTATE 22P02, the configured query does not fit the database",
        ),
        (
            "as = \"integer\" }\nincome_kind",
            "as = \"flag\" }\nincome_kind",
            "tax.income.year",
            "the registry's answer cannot be read: `year` is not true or false",
        ),
        (
            "password = \"m4t-kh4u\"",
            "password = \"khac\"",
            "tax.income.year",
            "the registry refused: SQLSTATE 28P01",
        ),
    ];
    for (from, to, name, expected) in cases {
        let world = register(&cluster, &[(from, to)]);
        assert_eq!(told(&world, LAN, name).await, expected, "{to}");
    }
    // A code that no row of the table has, beside a record without any.
    let world = register(&cluster, &[]);
    let error = told(&world, MINH, "tax.income.income_kind").await;
    assert!(error.contains("`income_kind`"), "{error}");
    let years = world
        .json(MINH, &["tax.income.year", "tax.income.payer_name"])
        .await;
    assert_eq!(
        years,
        json!([{"year": 2020}, {"year": 2019, "payer_name": "Cửa hàng Minh"}])
    );
}
