//! The kinds of objects: one file each, with the slim struct that is decoded, its columns, its health, and where
//! Enter leads; and the types that stores and tables handle them through.
//!
//! Nothing here does I/O. To add a kind: a file like the others, and its name in [`KINDS`].

mod address;
mod cell;
mod containers;
mod deployments;
mod events;
mod health;
mod intern;
mod kind;
mod namespaces;
mod nodes;
mod pods;
mod replicasets;
mod row;
mod services;
#[cfg(test)]
mod tests;
mod time;
pub mod wire;
mod workload;

pub use cell::Cell;
pub use health::Health;
pub use intern::{Interner, Symbol};
pub use kind::{Align, Decode, Header, Kind, Read, Resource, Selection};
pub use row::{Meta, Row, RowId};
pub use time::Time;

/// Every built-in kind.
pub static KINDS: &[&Kind] = &[
    &pods::PODS,
    &containers::CONTAINERS,
    &deployments::DEPLOYMENTS,
    &replicasets::REPLICASETS,
    &services::SERVICES,
    &nodes::NODES,
    &namespaces::NAMESPACES,
    &events::EVENTS,
];

/// The kind that is shown when none is asked for.
#[must_use]
pub fn default_kind() -> &'static Kind {
    &pods::PODS
}

/// The kind that `name` means, as people type it: plural, singular, short name, kind, or `plural.group`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.listed && kind.answers_to(name))
}

/// Names near to `name`, for the message that says it is unknown, nearest first, at most three.
#[must_use]
pub fn nearest(name: &str) -> Vec<&'static str> {
    let name = name.to_ascii_lowercase();
    let distance = |kind: &Kind| {
        let near = kind.names().map(|known| strsim::damerau_levenshtein(&name, &known.to_ascii_lowercase()));
        near.min().unwrap_or(usize::MAX)
    };
    let mut near: Vec<(usize, &'static str)> =
        KINDS.iter().filter(|kind| kind.listed).map(|kind| (distance(kind), kind.plural)).collect();
    near.sort();
    let reach = (name.chars().count() / 2).max(2);
    near.into_iter().filter(|(far, _)| *far <= reach).take(3).map(|(_, plural)| plural).collect()
}
