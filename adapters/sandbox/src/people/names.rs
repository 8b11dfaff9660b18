//! Names of people, with the real frequencies of surnames; and the peoples they belong to.

use super::{
    cells::{Couple, Role},
    draw::{Draw, Topic},
    facts::Sex,
    family::Life,
    number,
    provinces::FORMER_PROVINCES,
};

const KINH: &str = "01";
const HOA: &str = "04";
const KHMER: &str = "05";
const HMONG: &str = "08";

/// The father's surname, a middle name and a given name of the generation.
pub(super) fn full_name(seed: u64, life: &Life) -> String {
    let father = match life.member.role {
        Role::Wife => life.id(),
        Role::Husband | Role::Child(_) => number::id(super::cells::Member {
            couple: life.member.couple,
            role: Role::Husband,
        }),
    };
    let surname = surname(seed, father, life.ethnicity);
    let mut draw = Draw::new(seed, Topic::Name, life.id());
    given(&mut draw, surname, life.sex, life.born.year())
}

/// The name of somebody on paper only: a parent of older people, a landlord, a witness.
pub(super) fn on_paper(draw: &mut Draw, surname: &str, sex: Sex, year: i16) -> String {
    given(draw, surname, sex, year)
}

/// The surname that somebody passes on.
pub(super) fn surname(seed: u64, father: u64, ethnicity: &str) -> &'static str {
    any_surname(&mut Draw::new(seed, Topic::Origin, father), ethnicity)
}

pub(super) fn any_surname(draw: &mut Draw, ethnicity: &str) -> &'static str {
    match ethnicity {
        "02" | "07" => draw.pick(&["NÔNG", "HOÀNG", "LÝ", "LƯƠNG", "VI", "BẾ", "HÀ", "TRIỆU"]),
        "03" => draw.pick(&["LÒ", "QUÀNG", "CÀ", "LƯỜNG", "VÌ", "HÀ", "TÒNG"]),
        HOA => draw.pick(&["TRẦN", "LÂM", "QUÁCH", "LÝ", "TRƯƠNG", "VƯƠNG", "HỨA"]),
        KHMER => draw.pick(&["THẠCH", "SƠN", "KIM", "DANH", "LÂM", "CHÂU", "TRẦN"]),
        "06" => draw.pick(&["BÙI", "ĐINH", "QUÁCH", "HÀ", "NGUYỄN", "BẠCH"]),
        HMONG => draw.pick(&["GIÀNG", "VÀNG", "THÀO", "SÙNG", "LÝ", "MÙA", "HẠNG", "CỨ"]),
        "09" => draw.pick(&["TRIỆU", "BÀN", "ĐẶNG", "LÝ", "PHÙNG", "CHẢO"]),
        "12" | "10" => draw.pick(&["SIU", "KSOR", "RƠ CHÂM", "NIÊ", "KPĂ", "ADRƠNG"]),
        _ => draw.weighted(&SURNAMES),
    }
}

/// The codes of husband's and wife's people; children are entered with the father's.
pub(super) fn ethnicities(seed: u64, couple: Couple) -> (&'static str, &'static str) {
    let mut draw = Draw::new(seed, Topic::Origin, number::couple_id(couple) * 8 + 7);
    let husband = ethnicity(&mut draw, couple.province);
    let same = draw.chance(8800);
    let wife = ethnicity(&mut draw, couple.province);
    (husband, if same { husband } else { wife })
}

fn ethnicity(draw: &mut Draw, province: usize) -> &'static str {
    let Some(province) = FORMER_PROVINCES.get(province) else {
        return KINH;
    };
    let [first, second, third] = province.others;
    let (kinh, others) = (province.kinh, 100 - province.kinh);
    draw.weighted(&[
        (kinh * 10, KINH),
        (others * 6, first),
        (others * 3, second),
        (others, third),
    ])
}

fn given(draw: &mut Draw, surname: &str, sex: Sex, year: i16) -> String {
    let old = year < 1975;
    let (middle, name) = match (sex, old) {
        (Sex::Male, true) => (draw.weighted(&MIDDLE_MALE_OLD), draw.pick(&MALE_OLD)),
        (Sex::Male, false) => (draw.weighted(&MIDDLE_MALE), draw.pick(&MALE)),
        (Sex::Female, true) => (draw.weighted(&MIDDLE_FEMALE_OLD), draw.pick(&FEMALE_OLD)),
        (Sex::Female, false) => (draw.weighted(&MIDDLE_FEMALE), draw.pick(&FEMALE)),
    };
    if middle.is_empty() {
        format!("{surname} {name}")
    } else {
        format!("{surname} {middle} {name}")
    }
}

/// Of a thousand Kinh, how many bear the surname.
const SURNAMES: [(u32, &str); 42] = [
    (384, "NGUYỄN"),
    (110, "TRẦN"),
    (95, "LÊ"),
    (70, "PHẠM"),
    (31, "HOÀNG"),
    (20, "HUỲNH"),
    (45, "PHAN"),
    (25, "VŨ"),
    (14, "VÕ"),
    (21, "ĐẶNG"),
    (20, "BÙI"),
    (14, "ĐỖ"),
    (13, "HỒ"),
    (13, "NGÔ"),
    (10, "DƯƠNG"),
    (5, "LÝ"),
    (8, "ĐINH"),
    (8, "TRỊNH"),
    (7, "TRƯƠNG"),
    (7, "ĐÀO"),
    (6, "LƯƠNG"),
    (6, "MAI"),
    (6, "ĐOÀN"),
    (5, "CAO"),
    (5, "HÀ"),
    (4, "TÔ"),
    (4, "TẠ"),
    (4, "CHU"),
    (4, "THÁI"),
    (4, "LÂM"),
    (3, "PHÙNG"),
    (3, "LƯU"),
    (3, "TĂNG"),
    (3, "QUÁCH"),
    (3, "VƯƠNG"),
    (3, "KIỀU"),
    (3, "NGHIÊM"),
    (3, "CHÂU"),
    (2, "TỐNG"),
    (2, "LA"),
    (2, "THÂN"),
    (2, "BẠCH"),
];

const MIDDLE_MALE_OLD: [(u32, &str); 9] = [
    (60, "VĂN"),
    (8, "ĐÌNH"),
    (6, "ĐỨC"),
    (6, "XUÂN"),
    (5, "HỮU"),
    (5, "QUANG"),
    (4, "TRỌNG"),
    (3, "NGỌC"),
    (3, ""),
];
const MIDDLE_MALE: [(u32, &str); 14] = [
    (18, "VĂN"),
    (12, "MINH"),
    (10, "ĐỨC"),
    (9, "QUỐC"),
    (9, "GIA"),
    (8, "TUẤN"),
    (7, "ANH"),
    (7, "HOÀNG"),
    (6, "ĐÌNH"),
    (5, "THÀNH"),
    (4, "NHẬT"),
    (3, "BẢO"),
    (2, "NGUYỄN"),
    (1, ""),
];
const MIDDLE_FEMALE_OLD: [(u32, &str); 6] = [
    (78, "THỊ"),
    (5, "NGỌC"),
    (4, "THU"),
    (3, "KIM"),
    (3, "THANH"),
    (4, ""),
];
const MIDDLE_FEMALE: [(u32, &str); 13] = [
    (26, "THỊ"),
    (12, "NGỌC"),
    (9, "THU"),
    (9, "PHƯƠNG"),
    (8, "THANH"),
    (8, "BẢO"),
    (7, "KHÁNH"),
    (6, "MINH"),
    (5, "THỊ THU"),
    (4, "QUỲNH"),
    (3, "HOÀI"),
    (2, "TRẦN"),
    (1, ""),
];

const MALE_OLD: [&str; 28] = [
    "HÙNG", "DŨNG", "MINH", "THÀNH", "SƠN", "HẢI", "TÂM", "BÌNH", "LONG", "HÒA", "PHÚC", "LỘC",
    "THẮNG", "CHIẾN", "QUÝ", "THỌ", "ĐỊNH", "KHOA", "BA", "TƯ", "NĂM", "HIỀN", "CƯỜNG", "VINH",
    "TIẾN", "THỊNH", "LỰC", "KỶ",
];
const MALE: [&str; 32] = [
    "ANH", "HUY", "KHANG", "BẢO", "MINH", "PHÚC", "KHOA", "PHÁT", "ĐẠT", "KHÔI", "LONG", "NAM",
    "DUY", "QUÂN", "KIỆT", "THỊNH", "TUẤN", "HƯNG", "HOÀNG", "HIẾU", "NHÂN", "TRÍ", "TÀI", "PHONG",
    "NGUYÊN", "AN", "DŨNG", "HẢI", "SƠN", "TÙNG", "VIỆT", "CƯỜNG",
];
const FEMALE_OLD: [&str; 28] = [
    "HOA",
    "LAN",
    "HƯƠNG",
    "HỒNG",
    "CÚC",
    "MAI",
    "LIÊN",
    "HẠNH",
    "THU",
    "TUYẾT",
    "LOAN",
    "PHƯỢNG",
    "YẾN",
    "OANH",
    "THẢO",
    "NGA",
    "BÍCH",
    "XUÂN",
    "ĐÀO",
    "BA",
    "TƯ",
    "BẢY",
    "NHÀN",
    "THƠM",
    "MIỀN",
    "SEN",
    "LÝ",
    "HẰNG",
];
const FEMALE: [&str; 32] = [
    "ANH", "TRANG", "LINH", "PHƯƠNG", "HƯƠNG", "THẢO", "HÀ", "NGỌC", "HUYỀN", "NHI", "VY", "TRÂM",
    "MY", "HÂN", "NGÂN", "CHÂU", "THƯ", "QUỲNH", "MAI", "LAN", "GIANG", "YẾN", "NHUNG", "DUNG",
    "TIÊN", "UYÊN", "DIỆP", "AN", "CHI", "HẰNG", "THÚY", "TRÚC",
];
