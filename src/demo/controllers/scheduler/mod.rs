//! The scheduler: a node for each pod, or the reason why there is none.
//!
//! What nodes have left is counted by the store as pods come and go, so that a pod costs one look at each node. Pods
//! for which there is no node wait until something changes that could help.

mod fit;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::conditions;
use super::events::{self, Said};
use super::pods::facts;
use crate::demo::world::naming::scatter;
use crate::demo::world::value::{int, list, set, text};
use crate::demo::world::{Change, ControllerId, Key, Object, TypeId, World};
use fit::Refusal;
pub(super) use fit::{Wants, tolerates};

/// The source of its events, and the name by which pods ask for it.
pub(super) const NAME: &str = "default-scheduler";

/// A pod without a node; all of them when there may be room somewhere.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    let retry = match object.key.of {
        TypeId::PODS => {
            if change.after.as_ref().is_some_and(|pod| waits(pod)) {
                keys.push(object.key.clone());
            }
            let holds = |pod: &Arc<Object>| !facts(pod).node.is_empty() && !facts(pod).ended();
            change.before.as_ref().is_some_and(holds) && !change.after.as_ref().is_some_and(holds)
        }
        TypeId::NODES => is_of_interest(change),
        TypeId::CLAIMS => true,
        _ => false,
    };
    if retry && !world.store.on_node("").pods.is_empty() {
        keys.push(everyone());
    }
}

/// The key that means all pods that wait.
fn everyone() -> Key {
    Key::new(TypeId::NODES, "", "")
}

fn waits(pod: &Object) -> bool {
    facts(pod).node.is_empty() && !pod.deleting && !facts(pod).ended()
}

/// Whether a change of a node could give a pod a place.
fn is_of_interest(change: &Change) -> bool {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return true };
    let (Some(old), Some(new)) = (before.node(), after.node()) else { return true };
    let same = |one: &Object, other: &Object| one.labels == other.labels;
    old.allocatable != new.allocatable
        || old.taints != new.taints
        || old.unschedulable != new.unschedulable
        || !same(before, after)
}

/// Finds a node for a pod, or for all that wait.
pub(super) fn reconcile(world: &mut World, _: ControllerId, key: &Key) {
    if *key != everyone() {
        if let Some(pod) = world.get(key).filter(|pod| waits(pod)).cloned() {
            schedule(world, &pod);
        }
        return;
    }
    let tenants = &world.store.on_node("").pods;
    let mut waiting: Vec<Arc<Object>> =
        tenants.iter().filter_map(|key| world.get(key)).filter(|pod| waits(pod)).cloned().collect();
    waiting.sort_by_key(|pod| (facts(pod).created, pod.key.clone()));
    // Where one pod of a controller finds no place, another of its kind finds none either.
    let mut refused = HashSet::new();
    for pod in waiting {
        let kind = pod.controller();
        if kind.is_some_and(|kind| refused.contains(&kind)) {
            continue;
        }
        if let (false, Some(kind)) = (schedule(world, &pod), kind) {
            refused.insert(kind);
        }
    }
}

/// Binds a pod to the best node. Answers whether it did.
fn schedule(world: &mut World, pod: &Arc<Object>) -> bool {
    let value = pod.value();
    if text(&value, "/spec/schedulerName") != NAME {
        return false;
    }
    let refusal = match missing_claim(world, pod, &value) {
        Some(why) => Refusal::of_all(world.store.count(TypeId::NODES), &why),
        None => match best(world, pod, &value) {
            Ok(node) => {
                bind(world, pod, &node);
                return true;
            }
            Err(refusal) => refusal,
        },
    };
    refuse(world, pod, &value, &refusal.to_string());
    false
}

/// The node that has most left, of those where the pod fits.
fn best(world: &World, pod: &Object, value: &Value) -> Result<String, Refusal> {
    let wants = Wants::of(value, facts(pod).requests);
    let mut refusal = Refusal::default();
    let mut best: Option<(i64, u64, &Object)> = None;
    let uid = pod.uid.to_string();
    let named = wants.only_node().map(|name| Key::new(TypeId::NODES, "", name));
    let nodes: Box<dyn Iterator<Item = &Arc<Object>>> = match &named {
        Some(key) => {
            refusal.count_unwanted(world.store.count(TypeId::NODES) - usize::from(world.get(key).is_some()));
            Box::new(world.get(key).into_iter())
        }
        None => Box::new(world.store.all(TypeId::NODES, "")),
    };
    for node in nodes {
        let used = world.store.on_node(node.name()).requests;
        match wants.fits(node, used) {
            Ok(score) => {
                let tie = scatter(world.seed, &[&uid, node.name()]);
                if best.is_none_or(|(most, chance, _)| (score, tie) > (most, chance)) {
                    best = Some((score, tie, node));
                }
            }
            Err(reasons) => refusal.count(&reasons),
        }
    }
    best.map(|(_, _, node)| node.name().to_owned()).ok_or(refusal)
}

fn bind(world: &mut World, pod: &Object, node: &str) {
    let now = world.now.rfc3339();
    let place = world.get(&Key::new(TypeId::NODES, "", node)).cloned();
    world.modify(&pod.key, |pod| {
        set(pod, "/spec/nodeName", node);
        for label in ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"] {
            if let Some(said) = place.as_ref().and_then(|node| node.label(label)) {
                set(pod, &format!("/metadata/labels/{}", label.replace('/', "~1")), said);
            }
        }
        let bound = scheduled(pod, "True", &now);
        conditions::put_last(&mut pod["status"], bound);
    });
    let message = format!("Successfully assigned {}/{} to {node}", pod.namespace(), pod.name());
    say(world, pod, false, "Scheduled", &message);
}

/// Says why there is no node, unless that is what was said last.
fn refuse(world: &mut World, pod: &Object, value: &Value, why: &str) {
    let known = conditions::find(&value["status"], "PodScheduled");
    if known.is_some_and(|known| text(known, "/message") == why) {
        return;
    }
    let since = conditions::since(known, "False", world.now);
    world.modify(&pod.key, |pod| {
        let mut refused = scheduled(pod, "False", &since);
        refused["reason"] = json!("Unschedulable");
        refused["message"] = json!(why);
        conditions::put_last(&mut pod["status"], refused);
    });
    say(world, pod, true, "FailedScheduling", why);
}

fn scheduled(pod: &Value, status: &str, since: &str) -> Value {
    json!({
        "type": "PodScheduled",
        "status": status,
        "lastProbeTime": null,
        "lastTransitionTime": since,
        "observedGeneration": int(pod, "/metadata/generation"),
    })
}

fn say(world: &mut World, pod: &Object, warning: bool, reason: &str, message: &str) {
    let action = if warning { "Scheduling" } else { "Binding" };
    events::record(
        world,
        pod,
        Said { component: NAME, host: "", field: "", action, warning, reason, message },
    );
}

/// Why the volumes of a pod are not there, if they are not.
fn missing_claim(world: &World, pod: &Object, value: &Value) -> Option<String> {
    for volume in list(value, "/spec/volumes") {
        let name = text(volume, "/persistentVolumeClaim/claimName");
        if name.is_empty() {
            continue;
        }
        let Some(claim) = world.get(&Key::new(TypeId::CLAIMS, pod.namespace(), name)) else {
            return Some(format!("persistentvolumeclaim \"{name}\" not found"));
        };
        if text(&claim.value(), "/status/phase") != "Bound" {
            return Some("pod has unbound immediate PersistentVolumeClaims".to_owned());
        }
    }
    None
}
