//! Namespaces, with the columns of `printNamespace`.
//!
//! Health: a terminating namespace is in progress, and failing when the namespace controller says that it cannot find
//! out what to delete or cannot delete it; any other is healthy.

use std::borrow::Cow;

use serde::Deserialize;

use super::pods::PODS;
use super::wire::{Condition, ObjectMeta, Str, is_true, nullable, one_row};
use super::{Cell, Header, Health, Interner, Kind, Meta, Read, Resource, Selection, Symbol};

/// The kind.
pub(super) static NAMESPACES: Kind = Kind {
    group: "",
    version: "v1",
    plural: "namespaces",
    singular: "namespace",
    short: &["ns"],
    kind: "Namespace",
    namespaced: false,
    listed: true,
    path: "namespaces",
    headers: &[Header::text("NAME", 0), Header::text("STATUS", 1), Header::text("AGE", 2)],
    sort: None,
    decode: |bytes, interner, rows| one_row(bytes, interner, rows, Namespace::build),
};

/// Conditions that mean the content of a namespace stays. While content merely remains, it may be on its way.
const STUCK: [&str; 3] = [
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
];

/// A row of the namespaces table.
#[derive(Debug, PartialEq)]
struct Namespace {
    meta: Meta,
    phase: Symbol,
    health: Health,
}

impl Resource for Namespace {
    const CELLS: &'static [Read<Self>] = &[
        |ns| Cell::text(&ns.meta.name),
        |ns| Cell::Status(Cow::Borrowed(&ns.phase), ns.health),
        |ns| Cell::Age(ns.meta.created),
    ];

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn health(&self) -> Health {
        self.health
    }

    fn enter(&self) -> Option<Selection> {
        Some(Selection::all(&PODS, Some(Symbol::from(&*self.meta.name))))
    }
}

impl Namespace {
    fn build(wire: &Wire<'_>, interner: &mut Interner) -> Namespace {
        let terminating = wire.metadata.is_deleted() || &*wire.status.phase == "Terminating";
        let health = match STUCK.iter().any(|kind| is_true(&wire.status.conditions, kind)) {
            _ if !terminating => Health::Healthy,
            true => Health::Failing,
            false => Health::Progressing,
        };
        Namespace {
            meta: wire.metadata.to_meta(interner),
            phase: interner.intern(&wire.status.phase),
            health,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    metadata: ObjectMeta<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    status: Status<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status<'a> {
    #[serde(borrow)]
    phase: Str<'a>,
    #[serde(borrow, deserialize_with = "nullable")]
    conditions: Vec<Condition<'a>>,
}
