//! Nodes: what the cluster makes of one whose kubelet is silent, of one that is cordoned, and of one that is gone.
//!
//! A scenario takes a node's power with the annotation [`POWER`](crate::demo::world::POWER). Its kubelet does nothing
//! from then on, and after a while the node counts as unreachable.

use std::sync::Arc;

use serde_json::{Value, json};

use super::events::{self, Said};
use super::pods::facts;
use super::{conditions, kubelet, taints};
use crate::demo::world::value::{flag, list, set, text};
use crate::demo::world::{Change, ControllerId, Deletion, Key, Moment, Object, TypeId, World};

/// The source of its events.
pub(super) const NAME: &str = "node-controller";

/// Milliseconds after which a silent node is not believed to be well any more.
const SILENCE: i64 = 40_000;

/// What a kubelet says of a node that is well: a condition, its status, a reason and a message.
const WELL: &[(&str, &str, &str, &str)] = &[
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
];

/// A node; the pods of one that is gone.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    if object.key.of != TypeId::NODES {
        return;
    }
    if change.is_end() {
        keys.extend(world.store.on_node(object.name()).pods.iter().cloned());
    } else {
        keys.push(object.key.clone());
    }
}

/// Sees to a node, or to a pod that has lost its own.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    let Some(object) = world.get(key).cloned() else { return };
    if key.of == TypeId::PODS {
        return collect(world, &object);
    }
    give_network(world, key);
    listen(world, me, &object);
    taint(world, &object);
}

/// A pod whose node is gone is taken away.
fn collect(world: &mut World, pod: &Object) {
    let node = Key::new(TypeId::NODES, "", &facts(pod).node);
    if world.get(&node).is_none() {
        let now = Deletion { grace: Some(0), ..Deletion::default() };
        // Finalizers may hold it.
        let _ = world.delete(&pod.key, &now);
    }
}

/// Every node has a network for its pods.
fn give_network(world: &mut World, key: &Key) {
    let given = world.get(key).is_some_and(|node| !text(&node.value(), "/spec/podCIDR").is_empty());
    if given {
        return;
    }
    let number = world.memory.networks;
    world.memory.networks += 1;
    let network = format!("10.{}.{}.0/24", 244 + number / 256 % 12, number % 256);
    world.modify(key, |node| {
        set(node, "/spec/podCIDRs", json!([network]));
        set(node, "/spec/podCIDR", network);
    });
}

/// Notices that a kubelet is silent, or speaks again.
fn listen(world: &mut World, me: ControllerId, node: &Arc<Object>) {
    let (Some(facts), now) = (node.node(), world.now) else { return };
    if facts.powered {
        if world.memory.silent.remove(&node.uid).is_some() && !facts.ready {
            world.modify(&node.key, |value| say(value, WELL, now));
            note(world, node, kubelet::NAME, "NodeReady");
        }
        return;
    }
    let since = *world.memory.silent.entry(node.uid).or_insert(now);
    let end = since.plus_ms(SILENCE);
    if now < end {
        return world.look_at(me, &node.key, end);
    }
    if !facts.ready {
        return;
    }
    let message = "Kubelet stopped posting node status.";
    let unknown: Vec<_> =
        WELL.iter().map(|(of, ..)| (*of, "Unknown", "NodeStatusUnknown", message)).collect();
    world.modify(&node.key, |value| say(value, &unknown, now));
    note(world, node, NAME, "NodeNotReady");
    let pods: Vec<Key> = world.store.on_node(node.name()).pods.iter().cloned().collect();
    for pod in pods {
        lose(world, &pod);
    }
}

/// Nobody knows of a pod on a silent node whether it is ready.
fn lose(world: &mut World, key: &Key) {
    let Some(pod) = world.get(key).cloned().filter(|pod| facts(pod).ready_since.is_some()) else { return };
    let now = world.now.rfc3339();
    world.modify(key, |value| {
        let Some(mut lost) = conditions::find(&value["status"], "Ready").cloned() else { return };
        lost["status"] = json!("False");
        lost["lastTransitionTime"] = json!(now);
        conditions::put(&mut value["status"], lost);
    });
    events::warning(world, NAME, &pod, "NodeNotReady", "Node is not ready");
}

/// Says what a node is like.
fn say(node: &mut Value, all: &[(&str, &str, &str, &str)], now: Moment) {
    for (of, status, reason, message) in all {
        let known = conditions::find(&node["status"], of);
        let since = conditions::since(known, status, now);
        let mut new = known.cloned().unwrap_or_else(|| json!({"type": of}));
        let said =
            [("status", *status), ("reason", reason), ("message", message), ("lastTransitionTime", &since)];
        for (field, said) in said {
            new[field] = json!(said);
        }
        conditions::put(&mut node["status"], new);
    }
}

fn note(world: &mut World, node: &Object, component: &str, reason: &str) {
    let message = format!("Node {} status is now: {reason}", node.name());
    let host = if component == kubelet::NAME { node.name() } else { "" };
    let said = Said { component, host, field: "", action: "", warning: false, reason, message: &message };
    events::record(world, node, said);
}

/// Keeps pods off a node that is cordoned or not well.
fn taint(world: &mut World, node: &Object) {
    let Some(value) = world.get(&node.key).map(|node| node.value()) else { return };
    let ready = conditions::find(&value["status"], "Ready").map_or("", |ready| text(ready, "/status"));
    let cordoned = flag(&value, "/spec/unschedulable");
    let wanted = [
        ("node.kubernetes.io/unschedulable", "NoSchedule", cordoned),
        (taints::NOT_READY, "NoSchedule", ready == "False"),
        (taints::UNREACHABLE, "NoSchedule", ready == "Unknown"),
        (taints::NOT_READY, "NoExecute", ready == "False"),
        (taints::UNREACHABLE, "NoExecute", ready == "Unknown"),
    ];
    let mut all = list(&value, "/spec/taints").to_vec();
    let now = world.now.rfc3339();
    for (key, effect, wanted) in wanted {
        let is_it = |taint: &Value| text(taint, "/key") == key && text(taint, "/effect") == effect;
        let there = all.iter().any(is_it);
        if wanted && !there {
            all.push(json!({"key": key, "effect": effect, "timeAdded": now}));
        } else if !wanted && there {
            all.retain(|taint| !is_it(taint));
        }
        if effect == "NoSchedule" && key.ends_with("unschedulable") && wanted != there {
            note(world, node, kubelet::NAME, if wanted { "NodeNotSchedulable" } else { "NodeSchedulable" });
        }
    }
    if all != list(&value, "/spec/taints") {
        world.modify(&node.key, |value| {
            if all.is_empty() {
                crate::demo::world::value::remove(value, "/spec/taints");
            } else {
                set(value, "/spec/taints", all);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::pods;
    use crate::demo::controllers::testing::{Cluster, deployment};
    use crate::demo::world::{POWER, value::int};

    fn node(number: usize) -> Key {
        Key::new(TypeId::NODES, "", &format!("node-{number}"))
    }

    fn power(cluster: &mut Cluster, number: usize, state: &str) {
        let annotation = format!("/metadata/annotations/{}", POWER.replace('/', "~1"));
        cluster.change(&node(number), |node| set(node, &annotation, state));
        cluster.settle();
    }

    fn ready(world: &World) -> i64 {
        let key = Key::new(TypeId::DEPLOYMENTS, "shop", "web");
        int(&world.get(&key).unwrap().value(), "/status/readyReplicas")
    }

    fn status(cluster: &Cluster, number: usize) -> (String, String) {
        let value = cluster.value(&node(number));
        let ready = conditions::find(&value["status"], "Ready").unwrap();
        (text(ready, "/status").to_owned(), text(ready, "/reason").to_owned())
    }

    #[test]
    fn the_pods_of_a_node_without_power_are_replaced_and_taken_away_when_it_is_back() {
        let mut cluster = Cluster::of_nodes(2);
        cluster.create(TypeId::DEPLOYMENTS, deployment("web", 4, "web:1"));
        cluster.until(60, |world| ready(world) == 4);
        power(&mut cluster, 1, "off");
        cluster.pass(39);
        assert_eq!((status(&cluster, 1).0, ready(&cluster.world)), ("True".to_owned(), 4));
        cluster.pass(1);
        assert_eq!(status(&cluster, 1), ("Unknown".to_owned(), "NodeStatusUnknown".to_owned()));
        assert_eq!(ready(&cluster.world), 2);
        cluster.pass(299);
        assert!(cluster.world.store.all(TypeId::PODS, "shop").all(|pod| !pod.deleting));
        cluster.pass(1);
        let lost = |world: &World| world.store.all(TypeId::PODS, "shop").filter(|pod| pod.deleting).count();
        assert_eq!(lost(&cluster.world), 2);
        cluster.until(60, |world| ready(world) == 4);
        assert_eq!((lost(&cluster.world), cluster.world.store.on_node("node-2").pods.len()), (2, 4));
        power(&mut cluster, 1, "on");
        cluster.pass(3);
        assert_eq!((lost(&cluster.world), status(&cluster, 1).0), (0, "True".to_owned()));
        assert!(cluster.value(&node(1)).pointer("/spec/taints").is_none());
        cluster.pass(3_700);
        assert_eq!(cluster.world.queue.next_due(), None);
    }

    #[test]
    fn pods_of_a_node_that_is_back_in_time_stay() {
        let mut cluster = Cluster::of_nodes(2);
        cluster.create(TypeId::DEPLOYMENTS, deployment("web", 4, "web:1"));
        cluster.until(60, |world| ready(world) == 4);
        power(&mut cluster, 1, "off");
        cluster.pass(100);
        assert_eq!(ready(&cluster.world), 2);
        power(&mut cluster, 1, "on");
        assert_eq!(ready(&cluster.world), 4);
        cluster.pass(600);
        assert_eq!(cluster.world.store.on_node("node-1").pods.len(), 2);
    }

    #[test]
    fn a_cordoned_node_is_tainted_until_it_is_not() {
        let mut cluster = Cluster::of_nodes(1);
        cluster.change(&node(1), |node| set(node, "/spec/unschedulable", true));
        cluster.settle();
        assert_eq!(text(&cluster.value(&node(1)), "/spec/taints/0/key"), "node.kubernetes.io/unschedulable");
        cluster.change(&node(1), |node| set(node, "/spec/unschedulable", false));
        cluster.settle();
        assert!(cluster.value(&node(1)).pointer("/spec/taints").is_none());
    }

    #[test]
    fn pods_go_with_a_node_that_is_gone() {
        let mut cluster = Cluster::of_nodes(2);
        cluster.create(TypeId::DEPLOYMENTS, deployment("web", 4, "web:1"));
        cluster.until(60, |world| ready(world) == 4);
        cluster.delete(&node(1));
        cluster.until(60, |world| ready(world) == 4);
        let on_second = cluster.world.store.on_node("node-2").pods.len();
        let all = cluster.world.store.all(TypeId::PODS, "shop").filter(|pod| pods::is_active(pod)).count();
        assert_eq!((on_second, all), (4, 4));
    }
}
