//! A set of attributes of one dataset, as bits.

use std::ops::{BitAnd, BitOr, Sub};

/// An attribute's place in its dataset, 0–63.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributeIndex(u8);

/// Attributes of one dataset.
///
/// ```
/// use motlan_schemas::catalogue::{AttributeIndex, AttributeSet};
/// let asked: AttributeSet = [0, 1, 5].into_iter().filter_map(AttributeIndex::new).collect();
/// let allowed: AttributeSet = [1, 5, 9].into_iter().filter_map(AttributeIndex::new).collect();
/// assert_eq!((asked & allowed).len(), 2);
/// assert!((asked & allowed).is_subset(allowed));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct AttributeSet(u64);

impl AttributeIndex {
    /// How many attributes a dataset may have.
    pub const MAX: u8 = 64;

    /// An index, or `None` beyond [`Self::MAX`].
    #[must_use]
    pub const fn new(index: u8) -> Option<Self> {
        if index < Self::MAX {
            Some(Self(index))
        } else {
            None
        }
    }

    /// The index as a number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl AttributeSet {
    /// No attribute.
    pub const EMPTY: Self = Self(0);

    /// Whether the attribute is in the set.
    #[must_use]
    pub const fn contains(self, index: AttributeIndex) -> bool {
        self.0 & (1 << index.0) != 0
    }

    /// Whether all attributes of this set are in the other.
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether there is no attribute in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many attributes are in the set.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// The attributes in ascending order.
    pub fn iter(self) -> impl Iterator<Item = AttributeIndex> {
        (0..AttributeIndex::MAX)
            .map(AttributeIndex)
            .filter(move |index| self.contains(*index))
    }
}

impl BitAnd for AttributeSet {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for AttributeSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Sub for AttributeSet {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl FromIterator<AttributeIndex> for AttributeSet {
    fn from_iter<I: IntoIterator<Item = AttributeIndex>>(indexes: I) -> Self {
        indexes
            .into_iter()
            .fold(Self::EMPTY, |set, index| Self(set.0 | (1 << index.0)))
    }
}
