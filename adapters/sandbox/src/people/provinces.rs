//! The 63 provinces of before 1 July 2025, whose codes personal numbers carry for life.

/// One former province: what the generator must know of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormerProvince {
    /// A personal number begins with it, filled up to three digits.
    pub(super) code: u8,
    /// Inhabitants in thousands (census of 2019, rounded), the share of people born there.
    pub(super) weight: u32,
    /// Of a hundred people, how many are Kinh.
    pub(super) kinh: u32,
    /// The other peoples of the place (codes of the list `ethnicity`), the largest first.
    pub(super) others: [&'static str; 3],
}

pub(super) fn by_code(code: u8) -> Option<usize> {
    FORMER_PROVINCES
        .iter()
        .position(|province| province.code == code)
}

const fn p(code: u8, weight: u32, kinh: u32, others: [&'static str; 3]) -> FormerProvince {
    FormerProvince {
        code,
        weight,
        kinh,
        others,
    }
}

/// INVARIANT: no weight above 8,100, or the largest cell outgrows its place in the serial number;
/// Hồ Chí Minh City has 8,993 in the census.
pub(super) const FORMER_PROVINCES: [FormerProvince; 63] = [
    p(1, 8053, 98, ["06", "02", "09"]),  // Hà Nội
    p(2, 855, 13, ["08", "02", "09"]),   // Hà Giang
    p(4, 530, 6, ["02", "07", "08"]),    // Cao Bằng
    p(6, 314, 12, ["02", "09", "07"]),   // Bắc Kạn
    p(8, 785, 43, ["02", "09", "15"]),   // Tuyên Quang
    p(10, 731, 34, ["08", "02", "09"]),  // Lào Cai
    p(11, 599, 18, ["03", "08", "29"]),  // Điện Biên
    p(12, 460, 16, ["03", "08", "09"]),  // Lai Châu
    p(14, 1249, 17, ["03", "08", "06"]), // Sơn La
    p(15, 821, 43, ["02", "09", "08"]),  // Yên Bái
    p(17, 854, 26, ["06", "03", "02"]),  // Hòa Bình
    p(19, 1287, 70, ["02", "07", "18"]), // Thái Nguyên
    p(20, 782, 16, ["07", "02", "09"]),  // Lạng Sơn
    p(22, 1320, 88, ["09", "02", "18"]), // Quảng Ninh
    p(24, 1804, 86, ["07", "02", "18"]), // Bắc Giang
    p(25, 1464, 83, ["06", "09", "15"]), // Phú Thọ
    p(26, 1151, 95, ["18", "02", "06"]), // Vĩnh Phúc
    p(27, 1369, 98, ["02", "07", "06"]), // Bắc Ninh
    p(30, 1892, 99, ["18", "02", "04"]), // Hải Dương
    p(31, 2029, 99, ["04", "02", "06"]), // Hải Phòng
    p(33, 1253, 99, ["02", "06", "03"]), // Hưng Yên
    p(34, 1860, 99, ["06", "03", "02"]), // Thái Bình
    p(35, 853, 99, ["06", "02", "03"]),  // Hà Nam
    p(36, 1780, 99, ["02", "06", "03"]), // Nam Định
    p(37, 982, 97, ["06", "02", "03"]),  // Ninh Bình
    p(38, 3640, 82, ["06", "03", "08"]), // Thanh Hóa
    p(40, 3328, 85, ["03", "29", "08"]), // Nghệ An
    p(42, 1289, 99, ["44", "03", "06"]), // Hà Tĩnh
    p(44, 895, 97, ["23", "44", "06"]),  // Quảng Bình
    p(45, 632, 86, ["23", "31", "04"]),  // Quảng Trị
    p(46, 1129, 95, ["31", "26", "23"]), // Thừa Thiên Huế
    p(48, 1134, 99, ["26", "04", "02"]), // Đà Nẵng
    p(49, 1496, 91, ["26", "14", "27"]), // Quảng Nam
    p(51, 1232, 85, ["19", "30", "14"]), // Quảng Ngãi
    p(52, 1487, 97, ["13", "17", "19"]), // Bình Định
    p(54, 873, 93, ["12", "17", "13"]),  // Phú Yên
    p(56, 1231, 94, ["21", "12", "04"]), // Khánh Hòa
    p(58, 591, 76, ["17", "21", "16"]),  // Ninh Thuận
    p(60, 1231, 91, ["17", "21", "16"]), // Bình Thuận
    p(62, 540, 45, ["14", "13", "27"]),  // Kon Tum
    p(64, 1514, 54, ["10", "13", "07"]), // Gia Lai
    p(66, 1869, 64, ["12", "07", "02"]), // Đắk Lắk
    p(67, 622, 68, ["20", "07", "08"]),  // Đắk Nông
    p(68, 1297, 74, ["16", "28", "07"]), // Lâm Đồng
    p(70, 995, 80, ["22", "07", "02"]),  // Bình Phước
    p(72, 1169, 98, ["05", "17", "04"]), // Tây Ninh
    p(74, 2427, 97, ["05", "04", "06"]), // Bình Dương
    p(75, 3097, 93, ["04", "07", "02"]), // Đồng Nai
    p(77, 1148, 97, ["32", "04", "05"]), // Bà Rịa - Vũng Tàu
    p(79, 8080, 94, ["04", "05", "17"]), // Hồ Chí Minh
    p(80, 1689, 99, ["05", "04", "17"]), // Long An
    p(82, 1764, 99, ["04", "05", "17"]), // Tiền Giang
    p(83, 1288, 99, ["04", "05", "02"]), // Bến Tre
    p(84, 1009, 67, ["05", "04", "17"]), // Trà Vinh
    p(86, 1023, 97, ["05", "04", "17"]), // Vĩnh Long
    p(87, 1599, 99, ["04", "05", "17"]), // Đồng Tháp
    p(89, 1908, 95, ["05", "17", "04"]), // An Giang
    p(91, 1723, 85, ["05", "04", "17"]), // Kiên Giang
    p(92, 1235, 97, ["05", "04", "17"]), // Cần Thơ
    p(93, 733, 96, ["05", "04", "17"]),  // Hậu Giang
    p(94, 1200, 64, ["05", "04", "17"]), // Sóc Trăng
    p(95, 907, 90, ["05", "04", "17"]),  // Bạc Liêu
    p(96, 1194, 97, ["05", "04", "17"]), // Cà Mau
];
