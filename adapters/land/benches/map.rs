//! What it costs to map one parcel of about 500 bytes: read by the configured map, and read and
//! checked against permit and schema, as every fetch does.
#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot be set up has nothing to measure"
)]

use divan::{Bencher, black_box, counter::BytesCount};
use motlan_adapter_sdk::{
    contract::Mapped,
    field_map::wanted,
    testing::{asking, contract},
};
use motlan_land::Config;
use motlan_policies::permit::Permit;
use motlan_schemas::query::Subject;
use serde_json::Value;

fn main() {
    divan::main();
}

/// The mapping alone: budget 10 µs.
#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let (config, parcel) = (config(), parcel());
    bencher
        .counter(BytesCount::of_str(PARCEL))
        .bench(|| config.attributes.read(black_box(&parcel), &|_| true));
}

/// The mapping, and the contract that keeps what is permitted and validates it.
#[divan::bench]
fn read_and_check(bencher: Bencher<'_, '_>) {
    let (config, parcel, contract) = (config(), parcel(), contract());
    let dataset = contract.catalogue().dataset_named("land.parcels").unwrap();
    let subject = Subject::Person("001185012345".parse().unwrap());
    let permit = Permit::dangerous_without_decision(asking(), subject, dataset.id, dataset.all());
    let wanted = wanted(dataset, &permit);
    bencher.counter(BytesCount::of_str(PARCEL)).bench(|| {
        let record = config.attributes.read(black_box(&parcel), &wanted).unwrap();
        contract
            .check(&permit, Mapped::Many(vec![record]), None)
            .unwrap()
    });
}

fn config() -> Config {
    Config::new("https://dat-dai.example".parse().unwrap())
}

fn parcel() -> Value {
    serde_json::from_str(PARCEL).unwrap()
}

/// The properties of a feature as the sandbox's land office writes them.
const PARCEL: &str = r#"{"maThua":"01-00004-000127-0042","maTinh":"01","maXa":"00004","tenXaCu":"Phường Đội Cấn","soTo":"12","soThua":"42","diaChi":"Số 12 phố Đội Cấn, phường Ba Đình, Hà Nội","dienTich":86.5,"loaiDat":[{"ma":"ODT","dienTich":86.5,"thoiHan":"LAU_DAI"}],"hinhThucSuDung":"CHUNG","thoiHanSuDung":"LAU_DAI","nguonGoc":"Nhận chuyển nhượng","soPhatHanh":"BK 123456","soVaoSo":"CH 00217","ngayCap":"2012-08-15","taiSan":[{"loai":"NHA_O","dienTich":62,"soTang":4}],"dangTranhChap":false}"#;
