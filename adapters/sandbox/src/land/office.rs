//! Which land office keeps the land of which provinces.

use motlan_schemas::codes::Provinces;

/// The two land offices of the sandbox. Real land is kept by one office a province; two are enough to
/// see what happens where several registries serve one dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LandOffice {
    /// `land`: Hà Nội and the other provinces of Bắc Bộ, the 15 whose codes go up to 37 (Ninh Bình).
    North,
    /// `land_south`: the other 19, from Thanh Hoá (38) to Cà Mau (96).
    South,
}

impl LandOffice {
    /// Both, from north to south.
    pub const ALL: [Self; 2] = [Self::North, Self::South];

    /// The registry's id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::North => "land",
            Self::South => "land_south",
        }
    }

    /// The provinces whose land it keeps. Their codes run from north to south.
    #[must_use]
    pub fn provinces(self) -> Provinces {
        let codes = Provinces::ALL.codes();
        let here = codes.filter(|code| (*code <= LAST_OF_THE_NORTH) == (self == Self::North));
        here.flat_map(Provinces::named).collect()
    }
}

/// Ninh Bình.
const LAST_OF_THE_NORTH: &str = "37";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_province_has_one_office() {
        let [north, south] = LandOffice::ALL.map(LandOffice::provinces);
        assert!(north.is_disjoint(south));
        assert_eq!(north | south, Provinces::ALL);
        assert_eq!((north.codes().count(), south.codes().count()), (15, 19));
    }
}
