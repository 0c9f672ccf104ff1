//! Nodes, with the columns of `printNode`.
//!
//! Health: failing when the node is not known to be ready, or when it is short of memory, disk or process ids, or its
//! network is not set up; in progress when pods are kept off it (cordoned, draining) or it is being deleted; else
//! healthy. So a node can read `Ready` and fail: its conditions say why.

use std::borrow::Cow;

use serde::Deserialize;

use super::address::Address;
use super::kind::field_is;
use super::pods::PODS;
use super::wire::{Condition, ObjectMeta, Pairs, Str, condition, is_true, joined, nullable, one_row};
use super::{Cell, Header, Health, Interner, Kind, Meta, Read, Resource, Selection, Symbol};

/// The kind.
pub(super) static NODES: Kind = Kind {
    group: "",
    version: "v1",
    plural: "nodes",
    singular: "node",
    short: &["no"],
    kind: "Node",
    namespaced: false,
    listed: true,
    path: "nodes",
    headers: &[
        Header::text("NAME", 0),
        Header::text("STATUS", 1).least(16),
        Header::text("ROLES", 2).least(12),
        Header::text("AGE", 3),
        Header::text("VERSION", 2),
        Header::text("INTERNAL-IP", 4),
        Header::text("EXTERNAL-IP", 6).wide(),
        Header::text("OS-IMAGE", 5),
        Header::text("KERNEL-VERSION", 7).wide(),
        Header::text("CONTAINER-RUNTIME", 7).wide(),
    ],
    sort: None,
    decode: |bytes, interner, rows| one_row(bytes, interner, rows, Node::build),
};

/// Conditions that are bad news when they are true.
const TROUBLES: [&str; 4] = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];

/// A row of the nodes table.
#[derive(Debug, PartialEq)]
struct Node {
    meta: Meta,
    status: Symbol,
    roles: Symbol,
    version: Symbol,
    internal_ip: Address,
    external_ip: Address,
    os_image: Symbol,
    kernel: Symbol,
    runtime: Symbol,
    health: Health,
}

impl Resource for Node {
    const CELLS: &'static [Read<Self>] = &[
        |node| Cell::text(&node.meta.name),
        |node| Cell::Status(Cow::Borrowed(&node.status), node.health),
        |node| Cell::text(&node.roles),
        |node| Cell::Age(node.meta.created),
        |node| Cell::verbatim(&node.version),
        |node| node.internal_ip.cell(),
        |node| node.external_ip.cell(),
        |node| Cell::verbatim(&node.os_image),
        |node| Cell::verbatim(&node.kernel),
        |node| Cell::verbatim(&node.runtime),
    ];

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn health(&self) -> Health {
        self.health
    }

    fn enter(&self) -> Option<Selection> {
        let on_it = field_is("spec.nodeName", &self.meta.name);
        Some(Selection { fields: on_it, ..Selection::all(&PODS, None) })
    }
}

impl Node {
    fn build(wire: &Wire<'_>, interner: &mut Interner) -> Node {
        let info = &wire.status.node_info;
        let kernel = match (known(&info.kernel_version), &*info.architecture) {
            (kernel, "") => Cow::Borrowed(kernel),
            (kernel, architecture) => Cow::Owned(format!("{kernel} ({architecture})")),
        };
        Node {
            meta: wire.metadata.to_meta(interner),
            status: interner.intern(&wire.status()),
            roles: joined(wire.roles(), interner),
            version: interner.intern(&info.kubelet_version),
            internal_ip: Address::parse(wire.address("InternalIP")),
            external_ip: Address::parse(wire.address("ExternalIP")),
            os_image: interner.intern(known(&info.os_image)),
            kernel: interner.intern(&kernel),
            runtime: interner.intern(known(&info.container_runtime_version)),
            health: wire.health(),
        }
    }
}

fn known(text: &str) -> &str {
    if text.is_empty() { "<unknown>" } else { text }
}

#[derive(Debug, Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    metadata: ObjectMeta<'a, Pairs<'a>>,
    #[serde(default, deserialize_with = "nullable")]
    spec: Spec,
    #[serde(borrow, default, deserialize_with = "nullable")]
    status: Status<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    #[serde(deserialize_with = "nullable")]
    unschedulable: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    conditions: Vec<Condition<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    addresses: Vec<NodeAddress<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    node_info: NodeInfo<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NodeAddress<'a> {
    #[serde(borrow, rename = "type")]
    kind: Str<'a>,
    #[serde(borrow)]
    address: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NodeInfo<'a> {
    #[serde(borrow)]
    kubelet_version: Str<'a>,
    #[serde(borrow)]
    os_image: Str<'a>,
    #[serde(borrow)]
    kernel_version: Str<'a>,
    #[serde(borrow)]
    architecture: Str<'a>,
    #[serde(borrow)]
    container_runtime_version: Str<'a>,
}

impl Wire<'_> {
    fn status(&self) -> Cow<'static, str> {
        let ready = condition(&self.status.conditions, "Ready").map(|c| &*c.status == "True");
        let ready = ready.map_or("Unknown", |ready| if ready { "Ready" } else { "NotReady" });
        match self.spec.unschedulable {
            true => Cow::Owned(format!("{ready},SchedulingDisabled")),
            false => Cow::Borrowed(ready),
        }
    }

    fn health(&self) -> Health {
        let conditions = &self.status.conditions;
        if !is_true(conditions, "Ready") || TROUBLES.iter().any(|trouble| is_true(conditions, trouble)) {
            Health::Failing
        } else if self.spec.unschedulable || self.metadata.is_deleted() {
            Health::Progressing
        } else {
            Health::Healthy
        }
    }

    /// The roles that its labels give it, sorted, each once.
    fn roles(&self) -> Vec<&str> {
        let mut roles: Vec<&str> = Vec::new();
        for (key, value) in &self.metadata.labels.0 {
            match key.strip_prefix("node-role.kubernetes.io/") {
                Some(role) => roles.push(role),
                None if &**key == "kubernetes.io/role" => roles.push(value),
                None => {}
            }
        }
        roles.retain(|role| !role.is_empty());
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    /// The first address of this type, or nothing.
    fn address(&self, kind: &str) -> &str {
        let address = self.status.addresses.iter().find(|a| &*a.kind == kind);
        address.map_or("", |a| &a.address)
    }
}
