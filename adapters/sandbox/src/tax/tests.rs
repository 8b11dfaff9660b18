//! The registry refuses what the real one refuses, and says less where it is asked for less.

use super::*;
use crate::exchange::tests::{Asked, ask};
use personas::{LAN, MINH, NOBODY, TUAN};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const BODY: (&str, &str) = ("content-type", "application/json");
const CREDENTIALS: &str =
    "grant_type=client_credentials&client_id=motlan-gateway&client_secret=sandbox-tax-secret";

async fn token(router: &Router, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let asked = Asked {
        method: "POST",
        path: "/oauth/token",
        headers,
        body,
    };
    ask(router.clone(), asked).await
}

/// A router, and the header with a token for it.
async fn signed_in() -> (Router, String) {
    let router = router(Population::new(0));
    let (status, answer) = token(&router, &[FORM], CREDENTIALS).await;
    assert_eq!((status, &answer["expires_in"]), (200, &document!(300)));
    let bearer = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    (router, bearer)
}

async fn search((router, bearer): &(Router, String), body: &Value) -> (u16, Value) {
    let asked = Asked {
        method: "POST",
        path: "/tax/v1/search",
        headers: &[BODY, ("authorization", bearer)],
        body: &body.to_string(),
    };
    ask(router.clone(), asked).await
}

#[tokio::test]
async fn a_token_is_given_for_credentials_in_the_form_or_the_header_and_for_nothing_else() {
    let router = router(Population::new(0));
    let basic = (
        "authorization",
        "Basic bW90bGFuLWdhdGV3YXk6c2FuZGJveC10YXgtc2VjcmV0",
    );
    let grant = "grant_type=client_credentials";
    let (status, _) = token(&router, &[FORM, basic], grant).await;
    assert_eq!(status, 200);
    for (headers, body, refused, error) in [
        (&[FORM][..], grant, 401, "invalid_client"),
        (
            &[FORM],
            "grant_type=client_credentials&client_id=a&client_secret=b",
            401,
            "invalid_client",
        ),
        (&[FORM], "", 400, "invalid_request"),
        (&[BODY], CREDENTIALS, 400, "invalid_request"),
        (
            &[FORM, basic],
            "grant_type=password",
            400,
            "unsupported_grant_type",
        ),
        (
            &[FORM, basic],
            "grant_type=client_credentials&scope=tax.write",
            400,
            "invalid_scope",
        ),
    ] {
        let (status, answer) = token(&router, headers, body).await;
        assert_eq!(
            (status, &answer["error"]),
            (refused, &document!(error)),
            "{body}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_for_five_minutes() {
    let signed_in = signed_in().await;
    let body = document!({"loaiDuLieu": "DANG_KY_THUE", "maSoThue": LAN, "truong": ["trangThai"]});
    tokio::time::advance(std::time::Duration::from_secs(299)).await;
    assert_eq!(search(&signed_in, &body).await.0, 200);
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    let (status, answer) = search(&signed_in, &body).await;
    assert_eq!((status, &answer["maLoi"]), (401, &document!("03")));
}

#[tokio::test]
async fn what_the_real_registry_refuses_is_refused() {
    let signed_in = signed_in().await;
    let asked =
        |fields: Value| document!({"loaiDuLieu": "THU_NHAP", "maSoThue": LAN, "truong": fields});
    for (body, refused, code, names) in [
        (
            asked(document!(["soDienThoai", "tongThuNhap"])),
            403,
            "04",
            document!(["soDienThoai"]),
        ),
        (
            asked(document!(["trangThai"])),
            400,
            "02",
            document!(["truong"]),
        ),
        (asked(document!([])), 400, "02", document!(["truong"])),
        (
            document!({"loaiDuLieu": "THU_NHAP", "maSoThue": "1", "truong": ["tongThuNhap"]}),
            400,
            "02",
            document!(["maSoThue"]),
        ),
        (
            document!({"maSoThue": LAN, "truong": ["tongThuNhap"]}),
            400,
            "02",
            document!(["loaiDuLieu"]),
        ),
        (document!({"shoeSize": 38}), 400, "02", Value::Null),
        (document!({"conTro": "0"}), 400, "06", Value::Null),
        (
            document!({"conTro": "0", "maSoThue": LAN}),
            400,
            "02",
            document!(["conTro"]),
        ),
    ] {
        let (status, answer) = search(&signed_in, &body).await;
        let said = (status, answer["maLoi"].as_str(), &answer["truongLoi"]);
        assert_eq!(said, (refused, Some(code), &names), "{body}");
    }
    let (status, _) = search(
        &(signed_in.0, "Bearer 0".to_owned()),
        &asked(document!(["tongThuNhap"])),
    )
    .await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn an_unknown_taxpayer_is_an_error_inside_a_success() {
    let signed_in = signed_in().await;
    let body =
        document!({"loaiDuLieu": "DANG_KY_THUE", "maSoThue": NOBODY, "truong": ["trangThai"]});
    let (status, answer) = search(&signed_in, &body).await;
    assert_eq!((status, &answer["maLoi"]), (200, &document!("01")));
    assert_eq!(answer.get("banGhi"), None);
}

#[tokio::test]
async fn only_the_fields_asked_for_come_and_what_nobody_must_miss() {
    let signed_in = signed_in().await;
    let body = document!({"loaiDuLieu": "DANG_KY_THUE", "maSoThue": MINH, "truong": ["trangThai"]});
    let (_, answer) = search(&signed_in, &body).await;
    assert_eq!(
        answer["banGhi"],
        document!([{"maSoThue": MINH, "trangThai": "01", "daChet": true}])
    );
    let body = document!({"loaiDuLieu": "NGHIA_VU_THUE", "maSoThue": TUAN, "truong": ["soConNo"]});
    let (_, answer) = search(&signed_in, &body).await;
    let disputed = document!({"maSoThue": TUAN, "soConNo": "18.400.000", "dangKhieuNai": true});
    assert!(
        answer["banGhi"].as_array().unwrap().contains(&disputed),
        "{answer}"
    );
}

#[tokio::test]
async fn a_long_list_comes_in_pages_by_an_opaque_cursor() {
    let signed_in = signed_in().await;
    let first = document!({"loaiDuLieu": "NGHIA_VU_THUE", "maSoThue": LAN, "truong": ["namTinhThue"], "kichThuocTrang": 50});
    let (mut asked, mut pages) = (first, Vec::new());
    let total = loop {
        let (_, mut answer) = search(&signed_in, &asked).await;
        pages.push(answer["banGhi"].as_array().unwrap().len());
        match answer["conTro"].take() {
            Value::Null => break answer["tongSoBanGhi"].take(),
            cursor => asked = document!({ "conTro": cursor }),
        }
    };
    assert_eq!(pages, [10, 9], "the page size is at most ten");
    assert_eq!(total, "19");
}
