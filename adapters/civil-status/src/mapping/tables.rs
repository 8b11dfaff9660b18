//! The register's default names and codes.

/// An attribute, the element that carries it, and how the element is read.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) attribute: &'static str,
    pub(super) element: &'static str,
    pub(super) kind: Kind,
}

/// How an element is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Date,
    Flag,
    Time,
    /// A code of the named list, and nothing else.
    Code(&'static str),
    /// Text for which a deployment may give the named list.
    Free(&'static str),
}

const fn row(attribute: &'static str, element: &'static str, kind: Kind) -> Row {
    Row {
        attribute,
        element,
        kind,
    }
}

pub(super) const BIRTH: &[Row] = &[
    row("full_name", "nksHoTen", Kind::Text),
    row("personal_id", "nksSoDinhDanh", Kind::Text),
    row("date", "nksNgaySinh", Kind::Date),
    row("sex", "nksGioiTinh", Kind::Code("sex")),
    row("place", "nksNoiSinh", Kind::Text),
    row(
        "place_commune",
        "nksNoiSinhDVHC",
        Kind::Free("administrative-units"),
    ),
    row("home_town", "nksQueQuan", Kind::Text),
    row("ethnicity", "nksDanToc", Kind::Free("ethnicity")),
    row("nationality", "nksQuocTich", Kind::Free("nationality")),
    row("mother_full_name", "meHoTen", Kind::Text),
    row("mother_personal_id", "meSoDinhDanh", Kind::Text),
    row("mother_birth_date", "meNgaySinh", Kind::Date),
    row("mother_ethnicity", "meDanToc", Kind::Free("ethnicity")),
    row(
        "mother_nationality",
        "meQuocTich",
        Kind::Free("nationality"),
    ),
    row("mother_residence", "meNoiCuTru", Kind::Text),
    row("father_full_name", "chaHoTen", Kind::Text),
    row("father_personal_id", "chaSoDinhDanh", Kind::Text),
    row("father_birth_date", "chaNgaySinh", Kind::Date),
    row("father_ethnicity", "chaDanToc", Kind::Free("ethnicity")),
    row(
        "father_nationality",
        "chaQuocTich",
        Kind::Free("nationality"),
    ),
    row("father_residence", "chaNoiCuTru", Kind::Text),
    row("registration_number", "so", Kind::Text),
    row("registration_book", "quyenSo", Kind::Text),
    row("registration_date", "ngayDangKy", Kind::Date),
    row(
        "registration_office",
        "noiDangKy",
        Kind::Free("administrative-units"),
    ),
    row(
        "registration_kind",
        "loaiDangKy",
        Kind::Code("registration-kind"),
    ),
    row("under_investigation", "dangXacMinh", Kind::Flag),
    row("cancelled", "daHuy", Kind::Flag),
];

pub(super) const MARITAL_STATUS: &[Row] = &[
    row("status", "tinhTrangHonNhan", Kind::Code("marital-status")),
    row("since", "tuNgay", Kind::Date),
    row("confirmed_on", "ngayXacNhan", Kind::Date),
    row("deceased", "daChet", Kind::Flag),
];

pub(super) const MARRIAGES: &[Row] = &[
    row("spouse_full_name", "voChongHoTen", Kind::Text),
    row("spouse_personal_id", "voChongSoDinhDanh", Kind::Text),
    row("spouse_birth_date", "voChongNgaySinh", Kind::Date),
    row(
        "spouse_nationality",
        "voChongQuocTich",
        Kind::Free("nationality"),
    ),
    row("date", "ngayKetHon", Kind::Date),
    row("status", "tinhTrang", Kind::Code("marriage-status")),
    row("ended_on", "ngayChamDut", Kind::Date),
    row(
        "end_reason",
        "lyDoChamDut",
        Kind::Code("marriage-end-reason"),
    ),
    row("registration_number", "so", Kind::Text),
    row("registration_book", "quyenSo", Kind::Text),
    row("registration_date", "ngayDangKy", Kind::Date),
    row(
        "registration_office",
        "noiDangKy",
        Kind::Free("administrative-units"),
    ),
    row("under_investigation", "dangXacMinh", Kind::Flag),
];

pub(super) const DEATH: &[Row] = &[
    row("date", "nktNgayChet", Kind::Date),
    row("time", "nktGioChet", Kind::Time),
    row("place", "nktNoiChet", Kind::Text),
    row(
        "place_commune",
        "nktNoiChetDVHC",
        Kind::Free("administrative-units"),
    ),
    row("cause", "nktNguyenNhanChet", Kind::Text),
    row("certificate_number", "nktSoGiayBaoTu", Kind::Text),
    row("declared_by_court", "toaAnTuyenBo", Kind::Flag),
    row("registration_number", "so", Kind::Text),
    row("registration_book", "quyenSo", Kind::Text),
    row("registration_date", "ngayDangKy", Kind::Date),
    row(
        "registration_office",
        "noiDangKy",
        Kind::Free("administrative-units"),
    ),
    row("under_investigation", "dangXacMinh", Kind::Flag),
];

pub(super) const GUARDIANSHIPS: &[Row] = &[
    row("guardian_full_name", "nguoiGiamHoHoTen", Kind::Text),
    row("guardian_personal_id", "nguoiGiamHoSoDinhDanh", Kind::Text),
    row("kind", "loaiGiamHo", Kind::Code("guardianship-kind")),
    row("status", "tinhTrang", Kind::Code("guardianship-status")),
    row("from", "tuNgay", Kind::Date),
    row("until", "denNgay", Kind::Date),
    row("ended_on", "ngayChamDut", Kind::Date),
    row(
        "end_reason",
        "lyDoChamDut",
        Kind::Code("guardianship-end-reason"),
    ),
    row("registration_number", "so", Kind::Text),
    row("registration_book", "quyenSo", Kind::Text),
    row("registration_date", "ngayDangKy", Kind::Date),
    row(
        "registration_office",
        "noiDangKy",
        Kind::Free("administrative-units"),
    ),
    row("under_investigation", "dangXacMinh", Kind::Flag),
];

/// The code lists that a deployment may write otherwise.
pub(super) const LISTS: [&str; 11] = [
    "sex",
    "registration-kind",
    "marital-status",
    "marriage-status",
    "marriage-end-reason",
    "guardianship-kind",
    "guardianship-status",
    "guardianship-end-reason",
    "nationality",
    "ethnicity",
    "administrative-units",
];

/// The register's codes of a list, with ours; none where it writes ours.
pub(super) fn codes(list: &str) -> &'static [(&'static str, &'static str)] {
    match list {
        "sex" => &[("1", "male"), ("2", "female"), ("3", "other")],
        "registration-kind" => &[("1", "on_time"), ("2", "late"), ("3", "again")],
        "marital-status" => &[
            ("1", "never_married"),
            ("2", "married"),
            ("3", "widowed"),
            ("4", "divorced"),
        ],
        "marriage-status" => &[("1", "valid"), ("2", "dissolved"), ("3", "annulled")],
        "marriage-end-reason" => &[("1", "death"), ("2", "divorce"), ("3", "annulment")],
        "guardianship-kind" => &[("1", "appointed"), ("2", "natural"), ("3", "by_court")],
        "guardianship-status" => &[("1", "in_force"), ("2", "ended")],
        "guardianship-end-reason" => &[
            ("1", "full_capacity"),
            ("2", "ward_death"),
            ("3", "adoption"),
            ("4", "parents_able"),
            ("5", "guardian_changed"),
        ],
        _ => &[],
    }
}
