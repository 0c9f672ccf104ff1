//! What a table keeps of an object.

use std::any::Any;
use std::fmt::Debug;

use super::{Cell, Health, Selection, Symbol, Time};

/// The identity of a row: the object's uid, or for a part of an object (a container) the uid and the part's name.
///
/// A uid in the usual form keeps all its bits; any other text is hashed to 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(u128);

impl RowId {
    /// The identity of the object with this uid.
    #[must_use]
    pub fn of_uid(uid: &str) -> RowId {
        Self::parse_uuid(uid).unwrap_or_else(|| Self(Self::fold(Self::OFFSET, uid)))
    }

    /// The identity of an object that has no uid (some aggregated APIs give none): its place and name.
    #[must_use]
    pub fn of_name(namespace: &str, name: &str) -> RowId {
        Self(Self::fold(Self::fold(Self::OFFSET, namespace), "/")).part(name)
    }

    /// The identity of a named part of this object.
    #[must_use]
    pub fn part(self, name: &str) -> RowId {
        Self(Self::fold(self.0 ^ Self::OFFSET, name))
    }

    /// The low half, which for a random uid is as good as a hash.
    #[must_use]
    pub const fn hash64(self) -> u64 {
        (self.0 ^ (self.0 >> 64)) as u64
    }

    /// The offset basis and prime of 128-bit FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>).
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

    fn fold(seed: u128, text: &str) -> u128 {
        text.bytes().fold(seed, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(Self::PRIME))
    }

    fn parse_uuid(text: &str) -> Option<RowId> {
        if text.len() != 36 {
            return None;
        }
        let mut bits = 0u128;
        for (at, byte) in text.bytes().enumerate() {
            match (at, byte) {
                (8 | 13 | 18 | 23, b'-') => {}
                (8 | 13 | 18 | 23, _) => return None,
                (_, b'0'..=b'9') => bits = (bits << 4) | u128::from(byte - b'0'),
                (_, b'a'..=b'f') => bits = (bits << 4) | u128::from(byte - b'a' + 10),
                _ => return None,
            }
        }
        Some(RowId(bits))
    }
}

/// What every row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Identity.
    pub id: RowId,
    /// Namespace, empty for what has none.
    pub namespace: Symbol,
    /// Name.
    pub name: Box<str>,
    /// When it was created.
    pub created: Option<Time>,
}

/// A row of any kind, as stores and tables see it: they cannot name the kind.
///
/// Implemented for every [`Resource`](super::Resource).
pub trait Row: Any + Debug + Send {
    /// What every row has.
    fn meta(&self) -> &Meta;
    /// How the object is doing.
    fn health(&self) -> Health;
    /// The value in the column with this index in [`Kind::headers`](super::Kind::headers).
    fn cell(&self, column: usize) -> Cell<'_>;
    /// Where Enter leads from here, if anywhere.
    fn enter(&self) -> Option<Selection>;
    /// Whether `other` would look the same on any screen.
    fn same(&self, other: &dyn Row) -> bool;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_keeps_all_its_bits_and_a_part_differs_from_the_whole() {
        let a = RowId::of_uid("01234567-89ab-cdef-0123-456789abcdef");
        assert_eq!(a, RowId(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef));
        assert_ne!(a, a.part("app"));
        assert_ne!(a.part("app"), a.part("proxy"));
    }

    #[test]
    fn any_text_can_be_an_identity() {
        assert_ne!(RowId::of_uid("mirror-1"), RowId::of_uid("mirror-2"));
        assert_ne!(RowId::of_uid("01234567-89AB-cdef-0123-456789abcdef"), RowId::of_uid(""));
        assert_ne!(RowId::of_name("a", "b"), RowId::of_name("", "a/b").part(""));
    }
}
