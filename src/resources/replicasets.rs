//! Replica sets, with the columns of `printReplicaSet`.
//!
//! Health: failing when pods cannot be made or deleted (`ReplicaFailure`); idle at zero pods, as the older revisions of
//! a deployment are; in progress while there are more or fewer pods, or fewer ready, than wanted, while a change of
//! the spec is not yet acted on, and while being deleted; else healthy.

use super::wire::{is_true, one_row};
use super::workload::{Images, PodSelector, Wire};
use super::{Cell, Header, Health, Interner, Kind, Meta, Read, Resource, Selection};

/// The kind.
pub(super) static REPLICASETS: Kind = Kind {
    group: "apps",
    version: "v1",
    plural: "replicasets",
    singular: "replicaset",
    short: &["rs"],
    kind: "ReplicaSet",
    namespaced: true,
    listed: true,
    path: "replicasets",
    headers: &[
        Header::text("NAME", 0),
        Header::number("DESIRED", 1),
        Header::number("CURRENT", 2),
        Header::number("READY", 1),
        Header::text("AGE", 3),
        Header::text("CONTAINERS", 6).wide(),
        Header::text("IMAGES", 5).keeps_end(),
        Header::text("SELECTOR", 7).wide(),
    ],
    sort: None,
    decode: |bytes, interner, rows| one_row(bytes, interner, rows, ReplicaSet::build),
};

/// A row of the replica sets table.
#[derive(Debug, PartialEq)]
struct ReplicaSet {
    meta: Meta,
    images: Images,
    selector: PodSelector,
    desired: i32,
    current: i32,
    ready: i32,
    health: Health,
}

impl Resource for ReplicaSet {
    const CELLS: &'static [Read<Self>] = &[
        |rs| Cell::text(&rs.meta.name),
        |rs| Cell::Int(rs.desired.into()),
        |rs| Cell::Int(rs.current.into()),
        |rs| Cell::Int(rs.ready.into()),
        |rs| Cell::Age(rs.meta.created),
        |rs| Cell::verbatim(&rs.images.containers),
        |rs| Cell::verbatim(&rs.images.images),
        |rs| rs.selector.cell(Cell::None, "<error>"),
    ];

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn health(&self) -> Health {
        self.health
    }

    fn enter(&self) -> Option<Selection> {
        self.selector.pods(&self.meta)
    }
}

impl ReplicaSet {
    fn build(wire: &Wire<'_>, interner: &mut Interner) -> ReplicaSet {
        ReplicaSet {
            meta: wire.metadata.to_meta(interner),
            images: wire.spec.images(interner),
            selector: wire.spec.selector(),
            desired: wire.desired(),
            current: wire.status.replicas,
            ready: wire.status.ready_replicas,
            health: health(wire),
        }
    }
}

fn health(wire: &Wire<'_>) -> Health {
    let (status, desired) = (&wire.status, wire.desired());
    if wire.is_in_transition() {
        Health::Progressing
    } else if is_true(&status.conditions, "ReplicaFailure") {
        Health::Failing
    } else if status.replicas != desired || status.ready_replicas < desired {
        Health::Progressing
    } else if desired == 0 {
        Health::Idle
    } else {
        Health::Healthy
    }
}
