//! Pieces of the API's JSON that several kinds decode.
//!
//! Everything borrows from the bytes and names only the fields that a row needs; serde skips the rest
//! (`managedFields` above all) without building it. Two habits of Go's encoder are met here for all kinds: a field
//! that is left out and a field that is `null` both mean its zero value.

mod containers;
mod labels;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, Visitor};

use super::{Interner, Meta, Row, RowId, Symbol, Time};

pub use containers::{ContainerStatus, Running, State, Terminated, Waiting};
pub use labels::{LabelSelector, Pairs, Requirement};

/// A string of the wire, borrowed unless it has escapes; left out or `null` it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Str<'a>(Cow<'a, str>);

impl Str<'_> {
    /// This text, or the other one when this is empty.
    #[must_use]
    pub fn or<'s>(&'s self, other: &'s Str<'_>) -> &'s str {
        if self.is_empty() { other } else { self }
    }
}

impl std::ops::Deref for Str<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Str<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or null")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
            fn visit_none<E>(self) -> Result<Str<'de>, E> {
                Ok(Str::default())
            }
            fn visit_unit<E>(self) -> Result<Str<'de>, E> {
                Ok(Str::default())
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Str<'de>, D::Error> {
                deserializer.deserialize_str(self)
            }
        }
        deserializer.deserialize_option(V)
    }
}

/// Decodes `null` as the default value: `#[serde(default, deserialize_with = "nullable")]`.
///
/// # Errors
/// When the value is neither null nor a `T`.
pub fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(d: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(d)?.unwrap_or_default())
}

/// The part of `metadata` that rows are made of. Few kinds read labels: those ask for them with
/// `ObjectMeta<'a, Pairs<'a>>`, for the others they are skipped.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "L: Deserialize<'de> + Default"))]
pub struct ObjectMeta<'a, L = IgnoredAny> {
    /// Name.
    #[serde(borrow)]
    pub name: Str<'a>,
    /// Namespace.
    #[serde(borrow)]
    pub namespace: Str<'a>,
    /// Uid.
    #[serde(borrow)]
    pub uid: Str<'a>,
    /// When it was created, RFC 3339.
    #[serde(borrow)]
    pub creation_timestamp: Str<'a>,
    /// When its deletion was asked for; empty if it was not.
    #[serde(borrow)]
    pub deletion_timestamp: Str<'a>,
    /// Counts the changes of the spec; 0 where the server does not count them.
    #[serde(deserialize_with = "nullable")]
    pub generation: i64,
    /// Labels, as far as the kind reads them.
    pub labels: L,
}

impl<L> ObjectMeta<'_, L> {
    /// What a row keeps of it.
    pub fn to_meta(&self, interner: &mut Interner) -> Meta {
        let id = if self.uid.is_empty() {
            RowId::of_name(&self.namespace, &self.name)
        } else {
            RowId::of_uid(&self.uid)
        };
        Meta {
            id,
            namespace: interner.intern(&self.namespace),
            name: Box::from(&*self.name),
            created: Time::parse(&self.creation_timestamp),
        }
    }

    /// Whether its deletion was asked for.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        !self.deletion_timestamp.is_empty()
    }
}

/// An entry of `status.conditions`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Condition<'a> {
    /// Type.
    #[serde(borrow, rename = "type")]
    pub kind: Str<'a>,
    /// `True`, `False` or `Unknown`.
    #[serde(borrow)]
    pub status: Str<'a>,
    /// Reason, one word.
    #[serde(borrow)]
    pub reason: Str<'a>,
}

/// The condition of this type.
#[must_use]
pub fn condition<'c, 'a>(conditions: &'c [Condition<'a>], kind: &str) -> Option<&'c Condition<'a>> {
    conditions.iter().find(|c| &*c.kind == kind)
}

/// Whether the condition of this type is there and true.
#[must_use]
pub fn is_true(conditions: &[Condition<'_>], kind: &str) -> bool {
    condition(conditions, kind).is_some_and(|c| &*c.status == "True")
}

/// What a table shows of several values: themselves with commas between, shared with all rows that show the same.
pub fn joined<'s>(values: impl IntoIterator<Item = &'s str>, interner: &mut Interner) -> Symbol {
    let mut values = values.into_iter();
    let first = values.next().unwrap_or("");
    let Some(second) = values.next() else { return interner.intern(first) };
    let all: Vec<&str> = [first, second].into_iter().chain(values).collect();
    interner.intern(&all.join(","))
}

/// Decodes an object of which one row is made. The wire type is inferred from `build`.
///
/// # Errors
/// When the bytes are not such an object.
pub fn one_row<'a, W: Deserialize<'a>, R: Row>(
    bytes: &'a [u8],
    interner: &mut Interner,
    rows: &mut Vec<Box<dyn Row>>,
    build: fn(&W, &mut Interner) -> R,
) -> Result<(), serde_json::Error> {
    let wire: W = serde_json::from_slice(bytes)?;
    rows.push(Box::new(build(&wire, interner)));
    Ok(())
}
