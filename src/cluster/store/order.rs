//! The order in which a table shows its rows.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::resources::{Cell, Row};

/// What rows are sorted by. Rows with equal values come by namespace, then by name, then by identity, always
/// ascending: the order is total, and turning it round keeps equals readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Namespace, then name: the order in which the server lists.
    #[default]
    Natural,
    /// Namespace.
    Namespace,
    /// The column with this index in [`Kind::headers`](crate::resources::Kind::headers).
    Column(usize),
}

/// What rows are sorted by, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// By what.
    pub sort: Sort,
    /// Greatest first.
    pub descending: bool,
}

impl Order {
    /// Whether this is just [`natural`].
    pub(super) fn is_natural(self) -> bool {
        !self.descending && matches!(self.sort, Sort::Natural | Sort::Namespace)
    }

    /// The order of two rows; equal only if they are the same row.
    pub(super) fn compare(self, a: &dyn Row, b: &dyn Row) -> Ordering {
        match self.sort {
            Sort::Natural => self.directed(natural(a, b)),
            Sort::Namespace => {
                let by_namespace = by_namespace(&a.meta().namespace, &b.meta().namespace);
                self.directed(by_namespace).then_with(|| natural(a, b))
            }
            Sort::Column(_) => self.compare_values(a, b).then_with(|| natural(a, b)),
        }
    }

    /// The order of two rows as far as what they are sorted by goes.
    pub(super) fn compare_values(self, a: &dyn Row, b: &dyn Row) -> Ordering {
        self.directed(self.value(a).compare(&self.value(b)))
    }

    /// What a row is sorted by; the same for all of them in the natural order.
    pub(super) fn value(self, row: &dyn Row) -> Cell<'_> {
        match self.sort {
            Sort::Natural => Cell::None,
            // With the slash that makes the order of the texts that of the namespaces, see `natural`.
            Sort::Namespace => Cell::Text(Cow::Owned(format!("{}/", row.meta().namespace))),
            Sort::Column(column) => row.cell(column),
        }
    }

    /// Turns an ascending order round if need be.
    pub(super) fn directed(self, ascending: Ordering) -> Ordering {
        if self.descending { ascending.reverse() } else { ascending }
    }
}

/// By namespace, name and identity, as the server lists: its keys are `namespace/name`, so `shop-eu` comes before
/// `shop`, whose key goes on with a slash. What arrives first while a list is on its way is then what is shown first.
pub(super) fn natural(a: &dyn Row, b: &dyn Row) -> Ordering {
    let (a, b) = (a.meta(), b.meta());
    by_namespace(&a.namespace, &b.namespace).then_with(|| a.name.cmp(&b.name)).then_with(|| a.id.cmp(&b.id))
}

fn by_namespace(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    a.bytes().chain([b'/']).cmp(b.bytes().chain([b'/']))
}
