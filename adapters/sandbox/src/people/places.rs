//! Addresses in the communes in force since July 2025.

use super::{draw::Draw, provinces::FORMER_PROVINCES};
use motlan_schemas::{
    codes::{Code, administrative_units, former_province},
    language::Language,
};
use std::sync::LazyLock;

/// A commune and the province it lies in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) commune: &'static Code,
    pub(super) province: &'static Code,
}

impl Place {
    /// A commune of the province that a former province now belongs to.
    pub(super) fn in_former(draw: &mut Draw, province: usize) -> Option<Self> {
        let (_, successor, communes) = FORMER.get(province)?;
        let commune = draw.pick::<Option<&'static Code>>(communes)?;
        Some(Self {
            commune,
            province: successor,
        })
    }

    /// Where people go to work and study.
    pub(super) fn in_city(draw: &mut Draw) -> Option<Self> {
        let code = draw.weighted(&[(40, 79u8), (27, 1), (12, 74), (10, 75), (6, 48), (5, 27)]);
        Self::in_former(draw, super::provinces::by_code(code)?)
    }

    pub(super) fn is_urban(self) -> bool {
        self.commune.title(Language::Vi).starts_with("Phường")
    }

    /// "xã Hòa Bình, tỉnh Phú Thọ".
    pub(super) fn name(self) -> String {
        format!(
            "{}, {}",
            in_sentence(self.commune.title(Language::Vi)),
            in_sentence(self.province.title(Language::Vi))
        )
    }

    /// A house in the commune, with its street or hamlet.
    pub(super) fn address(self, draw: &mut Draw) -> String {
        let line = if self.is_urban() {
            let number = draw.between(1, 420);
            match draw.below(3) {
                0 => format!("Số {number} {}", draw.pick(&STREETS)),
                1 => format!(
                    "{}/{number} đường {}",
                    draw.between(1, 300),
                    draw.pick(&STREETS)
                ),
                _ => format!("Số {number}, tổ dân phố {}", draw.between(1, 24)),
            }
        } else {
            let in_south = self.province.code() >= FIRST_OF_THE_SOUTH;
            let hamlet = if in_south {
                "Ấp"
            } else {
                draw.pick(&["Thôn", "Xóm"])
            };
            match draw.below(2) {
                0 => format!("{hamlet} {}", draw.between(1, 18)),
                _ => format!("{hamlet} {}", draw.pick(&HAMLETS)),
            }
        };
        format!("{line}, {}", self.name())
    }
}

/// The name of a former province as it stood in older papers: "tỉnh Hà Giang".
pub(super) fn former_name(province: usize) -> String {
    FORMER
        .get(province)
        .map_or_else(String::new, |(name, ..)| in_sentence(name))
}

/// "Phường Ba Đình" → "phường Ba Đình".
fn in_sentence(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

type Former = (&'static str, &'static Code, Vec<Option<&'static Code>>);

/// Name, present province and its communes, for each former province.
static FORMER: LazyLock<Vec<Former>> = LazyLock::new(|| {
    let former = FORMER_PROVINCES.iter().filter_map(|province| {
        let former = former_province(&format!("{:02}", province.code))?;
        let communes = administrative_units().communes_of(former.successor.code());
        let communes = communes.iter().map(|commune| Some(*commune)).collect();
        Some((former.code.title(Language::Vi), former.successor, communes))
    });
    former.collect()
});

/// Villages are called otherwise from Đồng Nai southwards.
const FIRST_OF_THE_SOUTH: &str = "75";

const STREETS: [&str; 20] = [
    "Lê Lợi",
    "Trần Hưng Đạo",
    "Nguyễn Huệ",
    "Hai Bà Trưng",
    "Lý Thường Kiệt",
    "Quang Trung",
    "Nguyễn Trãi",
    "Phan Chu Trinh",
    "Hùng Vương",
    "Điện Biên Phủ",
    "Võ Thị Sáu",
    "Nguyễn Văn Cừ",
    "Lê Hồng Phong",
    "Phan Bội Châu",
    "Bà Triệu",
    "Ngô Quyền",
    "Cách Mạng Tháng Tám",
    "Hoàng Diệu",
    "Tôn Đức Thắng",
    "Phạm Ngũ Lão",
];
const HAMLETS: [&str; 14] = [
    "Đông",
    "Đoài",
    "Thượng",
    "Hạ",
    "Trung",
    "Tân Lập",
    "Phú Thọ",
    "An Hòa",
    "Bình Minh",
    "Đồng Tâm",
    "Tân Tiến",
    "Hòa Bình",
    "Nà Pá",
    "Long Thạnh",
];
