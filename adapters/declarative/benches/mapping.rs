//! How long a record takes to be mapped: one of about 500 bytes, all attributes and one.
#![expect(
    clippy::expect_used,
    reason = "a bench without its folder has nothing to measure"
)]

use motlan_declarative::{Folder, MapOne};
use serde_json::{Value, json};
use std::path::Path;

fn main() {
    divan::main();
}

/// An income of the tax registry with some more text, 500 bytes of JSON.
fn record() -> Value {
    json!({
        "maSoThue": "001185012345", "namTinhThue": "2025", "loaiThuNhap": "TIEN_LUONG",
        "maSoThueChiTra": "0108472167-001",
        "tenDonViChiTra": "CÔNG TY TRÁCH NHIỆM HỮU HẠN MỘT THÀNH VIÊN SẢN XUẤT, THƯƠNG MẠI, DỊCH VỤ VÀ XUẤT NHẬP KHẨU HÀNG MAY MẶC THỜI TRANG CAO CẤP HOÀI AN BA ĐÌNH HÀ NỘI VIỆT NAM, CHI NHÁNH SỐ MỘT TẠI PHƯỜNG NGỌC HÀ, THÀNH PHỐ HÀ NỘI, NƯỚC CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "tongThuNhap": "300.000.000", "thueDaKhauTru": "21.350.000",
    })
}

fn mapper(registry: &str, dataset: &str) -> MapOne {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("registries")
        .join(registry);
    let folder = Folder::read(&directory).expect("the folder holds");
    MapOne::new(folder, dataset, "001185012345").expect("the folder serves the dataset")
}

#[divan::bench]
fn a_record_of_500_bytes_with_all_attributes(bencher: divan::Bencher<'_, '_>) {
    let mapper = mapper("tax", "tax.income");
    assert!((500..600).contains(&record().to_string().len()));
    bencher
        .with_inputs(record)
        .bench_values(|record| mapper.map(record).expect("it is mapped"));
}

#[divan::bench]
fn a_fhir_resource_with_all_attributes(bencher: divan::Bencher<'_, '_>) {
    let mapper = mapper("health", "health.allergies");
    let resource = || {
        json!({
            "resourceType": "AllergyIntolerance", "id": "a1",
            "patient": {"identifier": {"system": "http://fhir.ehealth.gov.vn/core/sid/national_id", "value": "001185012345"}},
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
            "code": {"coding": [{"system": "http://www.whocc.no/atc", "code": "J01C"}], "text": "Penicillin"},
            "category": ["medication"], "criticality": "high", "onsetDateTime": "1987",
            "reaction": [{"manifestation": [{"text": "Nổi mề đay"}]}],
        })
    };
    bencher
        .with_inputs(resource)
        .bench_values(|record| mapper.map(record).expect("it is mapped"));
}
