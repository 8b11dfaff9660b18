//! The code lists of `codes/`: what a code is called in each language, and when it was in force.
//!
//! Codes are text, never numbers: `01` is Hà Nội and `1` is nothing. Lists carry validity dates
//! because the State renames and merges things while old papers stay valid: a personal number
//! given in 2009 starts with the code of one of 63 provinces, of which 34 are left.
//!
//! ```
//! use motlan_schemas::{codes::CodeList, language::Language};
//!
//! let uses = CodeList::named("land-use").unwrap();
//! let rice = uses.lookup("LUC").unwrap();
//! assert_eq!(rice.title(Language::Vi), "Đất chuyên trồng lúa");
//! assert!(!rice.valid_on(jiff::civil::date(2024, 7, 31)));
//! ```

mod files;
mod provinces;

pub use provinces::{PROVINCES_MAX, Provinces, UnknownProvince};

use crate::language::{Language, Text};
use files::LISTS;
use jiff::civil::Date;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

/// A code list: the values that an attribute with `x-code` may take.
#[derive(Debug)]
pub struct CodeList {
    name: &'static str,
    codes: Vec<Code>,
    places: HashMap<Box<str>, usize>,
}

/// One code of a list.
#[derive(Debug, Deserialize)]
#[serde(from = "files::Row")]
pub struct Code {
    code: Box<str>,
    title: Text,
    valid_from: Option<Date>,
    valid_until: Option<Date>,
    parent: Option<Box<str>>,
}

/// The provinces and communes in force since 1 July 2025.
#[derive(Debug)]
pub struct AdministrativeUnits {
    list: &'static CodeList,
    provinces: Vec<&'static Code>,
    communes: BTreeMap<&'static str, Vec<&'static Code>>,
}

/// One of the 63 provinces there were until 30 June 2025.
#[derive(Debug, Clone, Copy)]
pub struct FormerProvince {
    /// Its code and titles as they were; the code may mean another province today.
    pub code: &'static Code,
    /// The province that its territory belongs to now.
    pub successor: &'static Code,
}

/// The provinces and communes in force since 1 July 2025.
///
/// ```
/// use motlan_schemas::{codes::administrative_units, language::Language};
///
/// let units = administrative_units();
/// let province = units.province_of("00004").unwrap();
/// assert_eq!(province.title(Language::En), "Hanoi City");
/// assert_eq!(units.communes_of(province.code()).first().unwrap().code(), "00004");
/// ```
#[must_use]
pub fn administrative_units() -> &'static AdministrativeUnits {
    static UNITS: LazyLock<AdministrativeUnits> = LazyLock::new(|| {
        let list = embedded("administrative-units");
        let provinces = list.iter().filter(|unit| unit.parent.is_none()).collect();
        let mut communes = BTreeMap::<_, Vec<_>>::new();
        for unit in list.iter() {
            if let Some(province) = unit.parent.as_deref() {
                communes.entry(province).or_default().push(unit);
            }
        }
        AdministrativeUnits {
            list,
            provinces,
            communes,
        }
    });
    &UNITS
}

/// One of the 63 former provinces, by the code it had.
///
/// The first three digits of a personal number are such a code after a `0`, whenever it was given.
///
/// ```
/// use motlan_schemas::{codes::former_province, language::Language};
///
/// let binh_duong = former_province("74").unwrap();
/// assert_eq!(binh_duong.successor.title(Language::Vi), "Thành phố Hồ Chí Minh");
/// ```
#[must_use]
pub fn former_province(code: &str) -> Option<FormerProvince> {
    let code = embedded("former-provinces").lookup(code)?;
    let successor = administrative_units().unit(code.parent.as_deref()?)?;
    Some(FormerProvince { code, successor })
}

impl CodeList {
    /// A list by its name, which is its file's stem: `land-use`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        LISTS.get(name)
    }

    /// Every list, by name.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        LISTS.values()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A code, whether still in force or not.
    #[must_use]
    pub fn lookup(&self, code: &str) -> Option<&Code> {
        self.codes.get(*self.places.get(code)?)
    }

    /// Its codes in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Code> {
        self.codes.iter()
    }

    /// The codes in force on a day.
    pub fn valid_on(&self, day: Date) -> impl Iterator<Item = &Code> {
        self.iter().filter(move |code| code.valid_on(day))
    }
}

impl<'a> IntoIterator for &'a CodeList {
    type Item = &'a Code;
    type IntoIter = std::slice::Iter<'a, Code>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Code {
    /// The code itself, as registers write it.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What it is called.
    #[must_use]
    pub fn title(&self, language: Language) -> &str {
        self.title.get(language)
    }

    /// The first day on which it was in force; `None` where that is not recorded.
    #[must_use]
    pub fn valid_from(&self) -> Option<Date> {
        self.valid_from
    }

    /// The last day on which it was in force; `None` while it is.
    #[must_use]
    pub fn valid_until(&self) -> Option<Date> {
        self.valid_until
    }

    /// Whether it was in force on a day.
    #[must_use]
    pub fn valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day)
            && self.valid_until.is_none_or(|until| day <= until)
    }
}

impl AdministrativeUnits {
    /// A province (two digits) or commune (five digits) by its code.
    #[must_use]
    pub fn unit(&self, code: &str) -> Option<&'static Code> {
        self.list.lookup(code)
    }

    /// The 34 provinces in the order of their codes.
    #[must_use]
    pub fn provinces(&self) -> &[&'static Code] {
        &self.provinces
    }

    /// The province that a commune lies in; `None` for any code but a commune's.
    #[must_use]
    pub fn province_of(&self, commune: &str) -> Option<&'static Code> {
        self.unit(self.unit(commune)?.parent.as_deref()?)
    }

    /// The communes of a province in the order of their codes; empty for an unknown province.
    #[must_use]
    pub fn communes_of(&self, province: &str) -> &[&'static Code] {
        self.communes.get(province).map_or(&[], Vec::as_slice)
    }
}

#[expect(
    clippy::expect_used,
    reason = "the files are compiled in, and a test reads every one"
)]
fn embedded(name: &str) -> &'static CodeList {
    CodeList::named(name).expect("the list is one of those compiled in")
}
