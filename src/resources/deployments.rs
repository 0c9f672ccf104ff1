//! Deployments, with the columns of `printDeployment`.
//!
//! Health, by the same facts as `kubectl rollout status`:
//!
//! - failing: the controller says that the rollout does not progress (`Progressing` is false: the deadline has passed,
//!   or the replica set cannot be made), or that pods cannot be made (`ReplicaFailure`);
//! - in progress: a change of the spec is not yet acted on (until then the conditions speak of an older spec and do not
//!   count), fewer pods updated or available than wanted, or more pods than wanted (of the older template,
//!   or not yet scaled down), or being deleted;
//! - idle: scaled to zero; or paused in the middle of a rollout, with as many pods available as are wanted;
//! - healthy: all pods updated and available, paused or not.

use super::wire::{condition, is_true, one_row};
use super::workload::{Images, PodSelector, Wire};
use super::{Cell, Header, Health, Interner, Kind, Meta, Read, Resource, Selection};

/// The kind.
pub(super) static DEPLOYMENTS: Kind = Kind {
    group: "apps",
    version: "v1",
    plural: "deployments",
    singular: "deployment",
    short: &["deploy"],
    kind: "Deployment",
    namespaced: true,
    listed: true,
    path: "deployments",
    headers: &[
        Header::text("NAME", 0),
        Header::text("READY", 1),
        Header::number("UP-TO-DATE", 2),
        Header::number("AVAILABLE", 2),
        Header::text("AGE", 3),
        Header::text("CONTAINERS", 6).wide(),
        Header::text("IMAGES", 5).keeps_end(),
        Header::text("SELECTOR", 7).wide(),
    ],
    sort: None,
    decode: |bytes, interner, rows| one_row(bytes, interner, rows, Deployment::build),
};

/// A row of the deployments table.
#[derive(Debug, PartialEq)]
struct Deployment {
    meta: Meta,
    images: Images,
    selector: PodSelector,
    desired: i32,
    ready: i32,
    updated: i32,
    available: i32,
    health: Health,
}

impl Resource for Deployment {
    const CELLS: &'static [Read<Self>] = &[
        |d| Cell::text(&d.meta.name),
        |d| Cell::Ratio(d.ready.into(), d.desired.into()),
        |d| Cell::Int(d.updated.into()),
        |d| Cell::Int(d.available.into()),
        |d| Cell::Age(d.meta.created),
        |d| Cell::verbatim(&d.images.containers),
        |d| Cell::verbatim(&d.images.images),
        |d| d.selector.cell(Cell::verbatim(""), "<invalid>"),
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

impl Deployment {
    fn build(wire: &Wire<'_>, interner: &mut Interner) -> Deployment {
        let (spec, status) = (&wire.spec, &wire.status);
        Deployment {
            meta: wire.metadata.to_meta(interner),
            images: spec.images(interner),
            selector: spec.selector(),
            desired: wire.desired(),
            ready: status.ready_replicas,
            updated: status.updated_replicas,
            available: status.available_replicas,
            health: health(wire),
        }
    }
}

fn health(wire: &Wire<'_>) -> Health {
    let (status, desired) = (&wire.status, wire.desired());
    if wire.is_in_transition() {
        return Health::Progressing;
    }
    let progress = condition(&status.conditions, "Progressing");
    if progress.is_some_and(|c| &*c.status == "False") || is_true(&status.conditions, "ReplicaFailure") {
        return Health::Failing;
    }
    let rolled_out = status.updated_replicas >= desired && status.replicas <= desired;
    match (status.available_replicas >= desired, rolled_out) {
        (true, true) if desired == 0 => Health::Idle,
        (true, true) => Health::Healthy,
        (true, false) if wire.spec.paused => Health::Idle,
        _ => Health::Progressing,
    }
}
