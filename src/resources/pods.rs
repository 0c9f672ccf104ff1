//! Pods. Status, readiness and restarts are computed as kubectl's printer computes them
//! (`printPod` in `k8s.io/kubernetes/pkg/printers/internalversion/printers.go`), since that is what people compare with.
//!
//! Health goes by that status. Failing: the pod failed (evicted, deadline exceeded), its node is lost, it cannot be
//! scheduled, or a container crashed, was killed or cannot be started (any reason that is not known to pass by itself).
//! In progress: scheduling, starting, initializing, running but not ready, between two runs, or terminating. Healthy:
//! running and ready. Idle: succeeded. How long a pod has been terminating depends on the clock, which a row does not
//! have, so a pod that hangs there stays in progress.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::address::Address;
use super::containers::CONTAINERS;
use super::wire::{Condition, ContainerStatus, ObjectMeta, Str, condition, is_true, nullable, one_row};
use super::{Cell, Header, Health, Interner, Kind, Meta, Read, Resource, Selection, Symbol, Time};

/// The kind.
pub(super) static PODS: Kind = Kind {
    group: "",
    version: "v1",
    plural: "pods",
    singular: "pod",
    short: &["po"],
    kind: "Pod",
    namespaced: true,
    listed: true,
    path: "pods",
    headers: &[
        Header::text("NAME", 0),
        Header::text("READY", 2),
        Header::text("STATUS", 1).least(16),
        Header::text("RESTARTS", 2).least(8),
        Header::text("AGE", 3),
        Header::text("IP", 5),
        Header::text("NODE", 4).least(16),
        Header::text("NOMINATED NODE", 6).wide(),
        Header::text("READINESS GATES", 6).wide(),
    ],
    sort: None,
    decode: |bytes, interner, rows| one_row(bytes, interner, rows, Pod::build),
};

/// A row of the pods table.
#[derive(Debug, PartialEq)]
struct Pod {
    meta: Meta,
    status: Symbol,
    node: Symbol,
    nominated: Symbol,
    ip: Address,
    restarts: i32,
    ready: u16,
    containers: u16,
    gates_true: u16,
    gates: u16,
    last_restart: Option<Time>,
    health: Health,
}

impl Resource for Pod {
    const CELLS: &'static [Read<Self>] = &[
        |pod| Cell::text(&pod.meta.name),
        |pod| Cell::Ratio(pod.ready.into(), pod.containers.into()),
        |pod| Cell::Status(Cow::Borrowed(&pod.status), pod.health),
        |pod| Cell::Restarts(pod.restarts.into(), pod.last_restart),
        |pod| Cell::Age(pod.meta.created),
        |pod| pod.ip.cell(),
        |pod| Cell::text(&pod.node),
        |pod| Cell::text(&pod.nominated),
        |pod| match pod.gates {
            0 => Cell::None,
            gates => Cell::Ratio(pod.gates_true.into(), gates.into()),
        },
    ];

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn health(&self) -> Health {
        self.health
    }

    fn enter(&self) -> Option<Selection> {
        Some(Selection::named(&CONTAINERS, Some(self.meta.namespace.clone()), &self.meta.name))
    }
}

impl Pod {
    fn build(wire: &Wire<'_>, interner: &mut Interner) -> Pod {
        let (spec, status) = (&wire.spec, &wire.status);
        let summary = Summary::of(wire);
        let gate_is_true = |gate: &&Gate<'_>| is_true(&status.conditions, &gate.condition_type);
        Pod {
            meta: wire.metadata.to_meta(interner),
            node: interner.intern(&spec.node_name),
            nominated: interner.intern(&status.nominated_node_name),
            ip: Address::parse(status.pod_ips.first().map_or("", |ip| &ip.ip)),
            gates: spec.readiness_gates.len() as u16,
            gates_true: spec.readiness_gates.iter().filter(gate_is_true).count() as u16,
            health: summary.health(wire),
            status: interner.intern(&summary.reason),
            restarts: summary.restarts,
            last_restart: summary.last_restart,
            ready: summary.ready,
            containers: summary.containers,
        }
    }
}

/// What the printer makes of the container statuses.
struct Summary<'a> {
    reason: Cow<'a, str>,
    ready: u16,
    containers: u16,
    restarts: i32,
    last_restart: Option<Time>,
}

impl<'a> Summary<'a> {
    fn of(wire: &'a Wire<'_>) -> Summary<'a> {
        let status = &wire.status;
        let sidecars = wire.spec.init_containers.iter().filter(|c| c.is_sidecar()).count();
        let gated =
            status.conditions.iter().any(|c| &*c.kind == "PodScheduled" && &*c.reason == "SchedulingGated");
        let reason = match (&*status.reason, &*status.phase) {
            _ if gated => "SchedulingGated",
            ("", phase) => phase,
            (reason, _) => reason,
        };
        let mut summary = Summary {
            reason: Cow::Borrowed(reason),
            ready: 0,
            containers: (wire.spec.containers.len() + sidecars) as u16,
            restarts: 0,
            last_restart: None,
        };
        let initializing = summary.add_init_containers(wire);
        if !initializing || is_true(&status.conditions, "Initialized") {
            summary.add_containers(wire);
        }
        if wire.metadata.is_deleted() {
            match (&*status.reason, &*status.phase) {
                ("NodeLost", _) => summary.reason = Cow::Borrowed("Unknown"),
                (_, "Succeeded" | "Failed") => {}
                _ => summary.reason = Cow::Borrowed("Terminating"),
            }
        }
        summary
    }

    /// Walks the init containers; tells whether one of them still holds the pod up.
    fn add_init_containers(&mut self, wire: &'a Wire<'_>) -> bool {
        let mut of_sidecars = Restarts::default();
        let mut all = Restarts::default();
        let mut initializing = false;
        for (at, container) in wire.status.init_container_statuses.iter().enumerate() {
            let sidecar =
                wire.spec.init_containers.iter().any(|c| c.name == container.name && c.is_sidecar());
            all.add(container);
            if sidecar {
                of_sidecars.add(container);
            }
            let state = &container.state;
            let reason = match (&state.terminated, &state.waiting) {
                (Some(ended), _) if ended.exit_code == 0 => continue,
                _ if sidecar && container.started == Some(true) => {
                    self.ready += u16::from(container.ready);
                    continue;
                }
                (Some(ended), _) => format!("Init:{}", ended.describe()),
                (None, Some(waiting)) if !matches!(&*waiting.reason, "" | "PodInitializing") => {
                    format!("Init:{}", &*waiting.reason)
                }
                _ => format!("Init:{at}/{}", wire.spec.init_containers.len()),
            };
            self.reason = Cow::Owned(reason);
            initializing = true;
            break;
        }
        let counted =
            if !initializing || is_true(&wire.status.conditions, "Initialized") { of_sidecars } else { all };
        self.restarts = counted.count;
        self.last_restart = counted.last;
        initializing
    }

    fn add_containers(&mut self, wire: &'a Wire<'_>) {
        let mut restarts = Restarts { count: self.restarts, last: self.last_restart };
        let mut running = false;
        let mut error = None;
        for container in wire.status.container_statuses.iter().rev() {
            restarts.add(container);
            let state = &container.state;
            match (&state.waiting, &state.terminated) {
                (Some(waiting), _) if !waiting.reason.is_empty() => {
                    self.reason = Cow::Borrowed(&waiting.reason);
                }
                (_, Some(ended)) => {
                    self.reason = ended.describe();
                    if ended.exit_code != 0 {
                        error = Some(self.reason.clone());
                    }
                }
                _ if container.ready && state.running.is_some() => {
                    running = true;
                    self.ready += 1;
                }
                _ => {}
            }
        }
        self.restarts = restarts.count;
        self.last_restart = restarts.last;
        if self.reason == "Completed" {
            // Some containers have ended well; the others decide.
            if running && is_true(&wire.status.conditions, "Ready") {
                self.reason = Cow::Borrowed("Running");
            } else if let Some(error) = error {
                self.reason = error;
            } else if running {
                self.reason = Cow::Borrowed("NotReady");
            }
        }
    }

    fn health(&self, wire: &Wire<'_>) -> Health {
        let conditions = &wire.status.conditions;
        match &*wire.status.phase {
            "Failed" => return Health::Failing,
            "Succeeded" => return Health::Idle,
            _ => {}
        }
        let unschedulable =
            || condition(conditions, "PodScheduled").is_some_and(|c| &*c.reason == "Unschedulable");
        // Besides the containers, readiness gates and the loss of a node decide whether a pod is ready.
        let ready = || {
            self.ready == self.containers
                && condition(conditions, "Ready").is_none_or(|c| &*c.status == "True")
        };
        match self.reason.strip_prefix("Init:").unwrap_or(&self.reason) {
            "Running" if ready() => Health::Healthy,
            "Pending" if unschedulable() => Health::Failing,
            "" | "Running" | "NotReady" | "Completed" | "Pending" | "ContainerCreating"
            | "PodInitializing" | "Terminating" | "SchedulingGated" => Health::Progressing,
            count if count.starts_with(|c: char| c.is_ascii_digit()) => Health::Progressing,
            _ => Health::Failing,
        }
    }
}

/// Restarts of some containers, and the latest end among them.
#[derive(Default)]
struct Restarts {
    count: i32,
    last: Option<Time>,
}

impl Restarts {
    fn add(&mut self, container: &ContainerStatus<'_>) {
        self.count = self.count.saturating_add(container.restart_count);
        if let Some(ended) = &container.last_state.terminated {
            self.last = self.last.max(Time::parse(&ended.finished_at));
        }
    }
}

#[derive(Debug, Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    metadata: ObjectMeta<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    spec: Spec<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    status: Status<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec<'a> {
    #[serde(borrow)]
    node_name: Str<'a>,
    /// Only counted: a vector of these takes no memory.
    #[serde(deserialize_with = "nullable")]
    containers: Vec<IgnoredAny>,
    #[serde(borrow, deserialize_with = "nullable")]
    init_containers: Vec<Declared<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    readiness_gates: Vec<Gate<'a>>,
}

/// An init container as the spec declares it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Declared<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    restart_policy: Str<'a>,
}

impl Declared<'_> {
    /// An init container that keeps running beside the others.
    fn is_sidecar(&self) -> bool {
        &*self.restart_policy == "Always"
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Gate<'a> {
    #[serde(borrow)]
    condition_type: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    phase: Str<'a>,
    #[serde(borrow)]
    reason: Str<'a>,
    #[serde(borrow, rename = "podIPs", deserialize_with = "nullable")]
    pod_ips: Vec<PodIp<'a>>,
    #[serde(borrow)]
    nominated_node_name: Str<'a>,
    #[serde(borrow, deserialize_with = "nullable")]
    conditions: Vec<Condition<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    init_container_statuses: Vec<ContainerStatus<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    container_statuses: Vec<ContainerStatus<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PodIp<'a> {
    #[serde(borrow)]
    ip: Str<'a>,
}
