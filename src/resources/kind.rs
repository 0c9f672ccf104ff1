//! What is known of a kind of object before any object of it is seen.

use std::fmt;

use super::{Cell, Health, Interner, Meta, Row, Symbol};

/// A kind of object: how the API server names it, how its rows are decoded, which columns they have.
///
/// Built-in kinds are constants, one per file of this folder.
pub struct Kind {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// API version.
    pub version: &'static str,
    /// Plural name as in paths, lower case.
    pub plural: &'static str,
    /// Singular name, lower case.
    pub singular: &'static str,
    /// Short names that people type.
    pub short: &'static [&'static str],
    /// Kind name as in manifests, in camel case.
    pub kind: &'static str,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
    /// Whether it can be asked for by name. Containers cannot: they exist only within a pod.
    pub listed: bool,
    /// The resource to request when that is another one (containers are decoded from pods).
    pub path: &'static str,
    /// The titles and layout of the columns, in order.
    pub headers: &'static [Header],
    /// The column that sorts a new table, and whether descending; `None` keeps the server's order, by namespace
    /// and name.
    pub sort: Option<(usize, bool)>,
    /// Decodes one object into its rows (one for most kinds).
    pub decode: Decode,
}

/// Decodes one object, given as JSON, and appends its rows.
///
/// # Errors
/// When the bytes are not an object of this kind.
pub type Decode = fn(&[u8], &mut Interner, &mut Vec<Box<dyn Row>>) -> Result<(), serde_json::Error>;

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kind").field(&self.plural).finish()
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        self.plural == other.plural && self.group == other.group
    }
}

impl Kind {
    /// Whether `name` (any case) is one of this kind's names: plural, singular, short, kind, or `plural.group`.
    #[must_use]
    pub fn answers_to(&self, name: &str) -> bool {
        let group_suffix = || {
            let (plural, group) = name.split_once('.')?;
            Some(self.plural.eq_ignore_ascii_case(plural) && self.group.eq_ignore_ascii_case(group))
        };
        self.names().any(|known| known.eq_ignore_ascii_case(name)) || group_suffix().unwrap_or(false)
    }

    /// All names without a group.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.plural, self.singular, self.kind].into_iter().chain(self.short.iter().copied())
    }
}

/// The part of a column that does not depend on the kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Title, in capitals as kubectl writes it.
    pub title: &'static str,
    /// Which side the values keep to.
    pub align: Align,
    /// When the width is short, the columns with the highest number go first. 0 never goes.
    pub priority: u8,
    /// When the width is short, it is cut down to so many cells before any column goes.
    pub least: u16,
    /// Shown on screen only when wide columns are asked for.
    pub wide: bool,
    /// What tells its values apart stands at their end (images): they are cut at the beginning.
    pub keeps_end: bool,
}

/// Which side of a column its values keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

impl Header {
    /// Cells that are enough to tell most values apart.
    const LEAST: u16 = 24;

    /// A column of text.
    #[must_use]
    pub const fn text(title: &'static str, priority: u8) -> Header {
        Header { title, align: Align::Left, priority, least: Self::LEAST, wide: false, keeps_end: false }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn number(title: &'static str, priority: u8) -> Header {
        Header { title, align: Align::Right, priority, least: Self::LEAST, wide: false, keeps_end: false }
    }

    /// The same column, which can be cut down to so many cells before any column goes.
    #[must_use]
    pub const fn least(mut self, cells: u16) -> Header {
        self.least = cells;
        self
    }

    /// The same column, whose values are cut at the beginning.
    #[must_use]
    pub const fn keeps_end(mut self) -> Header {
        self.keeps_end = true;
        self
    }

    /// The same column, shown only when wide columns are asked for.
    #[must_use]
    pub const fn wide(mut self) -> Header {
        self.wide = true;
        self
    }
}

/// How the value of one column is read off a row of type `R`.
pub type Read<R> = for<'a> fn(&'a R) -> Cell<'a>;

/// A type of row. Its file implements this and gets [`Row`] for it.
pub trait Resource: fmt::Debug + Send + PartialEq + 'static {
    /// The columns' values, in the order of its kind's headers.
    const CELLS: &'static [Read<Self>];
    /// What every row has.
    fn meta(&self) -> &Meta;
    /// How the object is doing.
    fn health(&self) -> Health;
    /// Where Enter leads.
    fn enter(&self) -> Option<Selection> {
        None
    }
}

impl<R: Resource> Row for R {
    fn meta(&self) -> &Meta {
        Resource::meta(self)
    }

    fn health(&self) -> Health {
        Resource::health(self)
    }

    fn cell(&self, column: usize) -> Cell<'_> {
        R::CELLS[column](self)
    }

    fn enter(&self) -> Option<Selection> {
        Resource::enter(self)
    }

    fn same(&self, other: &dyn Row) -> bool {
        (other as &dyn std::any::Any).downcast_ref::<R>() == Some(self)
    }
}

/// Which objects: a kind, a place, and what the server is asked to select.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Their kind.
    pub kind: &'static Kind,
    /// Their namespace; `None` for all of them, and for kinds that have none.
    pub namespace: Option<Symbol>,
    /// Label selector, in the syntax of the API; empty selects everything.
    pub labels: String,
    /// Field selector, in the syntax of the API; empty selects everything.
    pub fields: String,
}

impl Selection {
    /// Everything of `kind` in `namespace`, or everywhere.
    #[must_use]
    pub fn all(kind: &'static Kind, namespace: Option<Symbol>) -> Selection {
        Selection { kind, namespace, labels: String::new(), fields: String::new() }
    }

    /// The one object of `kind` with this name.
    #[must_use]
    pub fn named(kind: &'static Kind, namespace: Option<Symbol>, name: &str) -> Selection {
        Selection { fields: field_is("metadata.name", name), ..Selection::all(kind, namespace) }
    }
}

/// A field selector, in the syntax of the API.
pub(super) fn field_is(field: &str, value: &str) -> String {
    let mut selector = format!("{field}=");
    for c in value.chars() {
        if matches!(c, '\\' | ',' | '=') {
            selector.push('\\');
        }
        selector.push(c);
    }
    selector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_selector_means_the_value_whatever_is_in_it() {
        assert_eq!(field_is("metadata.name", "web-1"), "metadata.name=web-1");
        assert_eq!(field_is("metadata.name", r"a=b,c\d"), r"metadata.name=a\=b\,c\\d");
    }
}
