//! What controllers ask of pods and nodes most often, read once when a version of one is made. A deployment of a
//! thousand pods is looked at without reading the JSON of a single one.

use serde_json::Value;

use super::object::Object;
use super::time::Moment;
use super::types::TypeId;
use super::value::{flag, list, map, quantity, text};
use crate::resources::{Interner, Symbol};

/// The annotation that a scenario gives to a node with the value `off`: its kubelet does nothing any more.
pub const POWER: &str = "demo.kittiwake/power";

/// Facts of an object, if it is of a type that has some.
#[derive(Debug, Clone, Default)]
pub(super) enum Facts {
    #[default]
    None,
    Pod(Box<PodFacts>),
    Node(Box<NodeFacts>),
}

/// Where a pod is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not all of its containers have been started.
    Pending,
    /// At least one container runs, or will again.
    Running,
    /// All containers have ended well.
    Succeeded,
    /// All containers have ended, at least one of them badly.
    Failed,
}

/// Facts of a pod.
#[derive(Debug, Clone)]
pub struct PodFacts {
    /// The node that it is bound to; empty while it is to none.
    pub node: Symbol,
    /// Its address; empty while it has none.
    pub address: Symbol,
    /// Its phase.
    pub phase: Phase,
    /// Since when it is ready, if it is.
    pub ready_since: Option<Moment>,
    /// When it was created.
    pub created: Moment,
    /// What its containers request.
    pub requests: Amount,
    /// How often its containers were started again.
    pub restarts: i64,
    /// What its annotation `pod-deletion-cost` says: those with less go first.
    pub deletion_cost: i64,
}

/// An amount of what nodes have and pods request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Processor time, in thousandths of a core.
    pub cpu_milli: i64,
    /// Memory, in bytes.
    pub memory: i64,
    /// Pods.
    pub pods: i64,
}

/// Facts of a node.
#[derive(Debug, Clone)]
pub struct NodeFacts {
    /// What pods can have of it.
    pub allocatable: Amount,
    /// Its taints.
    pub taints: Box<[Taint]>,
    /// Whether it is cordoned.
    pub unschedulable: bool,
    /// Whether its condition `Ready` is true.
    pub ready: bool,
    /// Whether its kubelet does anything (see [`POWER`]).
    pub powered: bool,
}

/// What keeps pods off a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
    /// Since when it is there, if it says so.
    pub added: Option<Moment>,
}

impl Facts {
    /// Reads the facts of an object.
    pub(super) fn of(of: TypeId, value: &Value, strings: &mut Interner) -> Facts {
        match of {
            TypeId::PODS => Facts::Pod(Box::new(pod(value, strings))),
            TypeId::NODES => Facts::Node(Box::new(node(value))),
            _ => Facts::None,
        }
    }
}

impl Object {
    /// Facts of a pod; `None` for anything else.
    #[must_use]
    pub fn pod(&self) -> Option<&PodFacts> {
        if let Facts::Pod(facts) = &self.facts { Some(facts) } else { None }
    }

    /// Facts of a node; `None` for anything else.
    #[must_use]
    pub fn node(&self) -> Option<&NodeFacts> {
        if let Facts::Node(facts) = &self.facts { Some(facts) } else { None }
    }
}

impl PodFacts {
    /// Whether it has come to its end.
    #[must_use]
    pub fn ended(&self) -> bool {
        matches!(self.phase, Phase::Succeeded | Phase::Failed)
    }
}

impl Amount {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Amount) -> Amount {
        Amount {
            cpu_milli: self.cpu_milli + other.cpu_milli,
            memory: self.memory + other.memory,
            pods: self.pods + other.pods,
        }
    }

    /// What is left of it without `other`.
    #[must_use]
    pub fn minus(self, other: Amount) -> Amount {
        let less = Amount { cpu_milli: -other.cpu_milli, memory: -other.memory, pods: -other.pods };
        self.plus(less)
    }
}

fn pod(value: &Value, strings: &mut Interner) -> PodFacts {
    let ready =
        list(value, "/status/conditions").iter().find(|condition| text(condition, "/type") == "Ready");
    let restarts = list(value, "/status/containerStatuses")
        .iter()
        .map(|status| super::value::int(status, "/restartCount"))
        .sum();
    let cost = "/metadata/annotations/controller.kubernetes.io~1pod-deletion-cost";
    PodFacts {
        node: strings.intern(text(value, "/spec/nodeName")),
        address: strings.intern(text(value, "/status/podIP")),
        phase: match text(value, "/status/phase") {
            "Running" => Phase::Running,
            "Succeeded" => Phase::Succeeded,
            "Failed" => Phase::Failed,
            _ => Phase::Pending,
        },
        ready_since: ready
            .filter(|ready| text(ready, "/status") == "True")
            .map(|ready| Moment::parse(text(ready, "/lastTransitionTime")).unwrap_or_default()),
        created: Moment::parse(text(value, "/metadata/creationTimestamp")).unwrap_or_default(),
        requests: requests(value),
        restarts,
        deletion_cost: text(value, cost).parse().unwrap_or_default(),
    }
}

/// What the containers of a pod request. Sidecars run beside the others; what other init containers request counts
/// only where it is more than all of these together.
fn requests(pod: &Value) -> Amount {
    let (mut together, mut first) = (Amount::default(), Amount::default());
    for container in list(pod, "/spec/containers") {
        together = together.plus(amount(container, "requests"));
    }
    for container in list(pod, "/spec/initContainers") {
        let wanted = amount(container, "requests");
        if text(container, "/restartPolicy") == "Always" {
            together = together.plus(wanted);
        } else {
            first.cpu_milli = first.cpu_milli.max(wanted.cpu_milli);
            first.memory = first.memory.max(wanted.memory);
        }
    }
    Amount {
        cpu_milli: together.cpu_milli.max(first.cpu_milli),
        memory: together.memory.max(first.memory),
        pods: 1,
    }
}

/// The requests of a container. What has only a limit requests as much.
fn amount(container: &Value, of: &str) -> Amount {
    let get = |what: &str| {
        let at = |of: &str| map(container, &format!("/resources/{of}")).and_then(|amounts| amounts.get(what));
        at(of).or_else(|| at("limits")).map_or(0.0, read_quantity)
    };
    Amount { cpu_milli: (get("cpu") * 1_000.0).ceil() as i64, memory: get("memory") as i64, pods: 0 }
}

/// A quantity, which JSON may also have as a number.
fn read_quantity(value: &Value) -> f64 {
    value.as_str().and_then(quantity).or_else(|| value.as_f64()).unwrap_or_default()
}

fn node(value: &Value) -> NodeFacts {
    let get = |what: &str| {
        let at = |of: &str| value.pointer(&format!("/status/{of}/{what}"));
        at("allocatable").or_else(|| at("capacity")).map_or(0.0, read_quantity)
    };
    let taint = |taint: &Value| Taint {
        key: text(taint, "/key").to_owned(),
        value: text(taint, "/value").to_owned(),
        effect: text(taint, "/effect").to_owned(),
        added: Moment::parse(text(taint, "/timeAdded")),
    };
    let is_ready =
        |condition: &&Value| text(condition, "/type") == "Ready" && text(condition, "/status") == "True";
    NodeFacts {
        allocatable: Amount {
            cpu_milli: (get("cpu") * 1_000.0).round() as i64,
            memory: get("memory") as i64,
            pods: get("pods") as i64,
        },
        taints: list(value, "/spec/taints").iter().map(taint).collect(),
        unschedulable: flag(value, "/spec/unschedulable"),
        ready: list(value, "/status/conditions").iter().find(is_ready).is_some(),
        powered: map(value, "/metadata/annotations")
            .and_then(|annotations| annotations.get(POWER))
            .is_none_or(|power| power != "off"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_init_container_counts_only_where_it_wants_more_than_the_others_together() {
        let wants = |cpu: &str, memory: &str| json!({"requests": {"cpu": cpu, "memory": memory}});
        let pod = json!({"spec": {
            "initContainers": [
                {"name": "migrate", "resources": wants("500m", "1Mi")},
                {"name": "proxy", "restartPolicy": "Always", "resources": wants("100m", "10Mi")},
            ],
            "containers": [
                {"name": "app", "resources": wants("200m", "20Mi")},
                {"name": "more", "resources": {"limits": {"memory": "5Mi"}}},
            ],
        }});
        assert_eq!(requests(&pod), Amount { cpu_milli: 500, memory: 35 << 20, pods: 1 });
    }
}
