//! Taints that drive pods off a node: at once, or after as long as the pod puts up with them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{facts, is_active};
use super::scheduler::tolerates;
use super::{conditions, events};
use crate::demo::world::value::{int, list};
use crate::demo::world::{Change, ControllerId, Deletion, Key, Moment, Object, Taint, TypeId, World};

/// The source of its events.
pub(super) const NAME: &str = "taint-eviction-controller";

/// The taint of a node that is not ready.
pub(super) const NOT_READY: &str = "node.kubernetes.io/not-ready";

/// The taint of a node that does not answer.
pub(super) const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// The pods of a node whose taints have changed, and a pod that comes to a tainted one.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let Some(after) = &change.after else { return };
    match after.key.of {
        TypeId::NODES if change.before.as_ref().map_or(Vec::new(), driving) != driving(after) => {
            keys.extend(world.store.on_node(after.name()).pods.iter().cloned());
        }
        TypeId::PODS => {
            let node = &facts(after).node;
            let came = change.before.as_ref().is_none_or(|before| facts(before).node != *node);
            let tainted = |node: &Arc<Object>| !driving(node).is_empty();
            if came && world.get(&Key::new(TypeId::NODES, "", node)).is_some_and(tainted) {
                keys.push(after.key.clone());
            }
        }
        _ => {}
    }
}

/// The taints of a node that drive pods off.
fn driving(node: &Arc<Object>) -> Vec<Taint> {
    let facts = node.node();
    let all = facts.map_or(&[][..], |facts| &facts.taints);
    all.iter().filter(|taint| taint.effect == "NoExecute").cloned().collect()
}

/// Deletes a pod when its node's taints are not put up with any longer.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    let Some(pod) = world.get(key).filter(|pod| is_active(pod)).cloned() else { return };
    let Some(node) = world.get(&Key::new(TypeId::NODES, "", &facts(&pod).node)) else { return };
    let taints = driving(node);
    if taints.is_empty() {
        return;
    }
    let value = pod.value();
    let tolerations = list(&value, "/spec/tolerations");
    let end = |taint: &Taint| {
        let added = taint.added.unwrap_or(world.now);
        patience(tolerations, taint).map(|seconds| added.plus(seconds))
    };
    match taints.iter().filter_map(end).min() {
        Some(end) if end <= world.now => drive_off(world, &pod),
        Some(end) => world.look_at(me, key, end),
        None => {}
    }
}

fn drive_off(world: &mut World, pod: &Object) {
    let now: Moment = world.now;
    world.modify(&pod.key, |value| {
        let target = json!({
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
            "lastProbeTime": null,
            "lastTransitionTime": now.rfc3339(),
        });
        conditions::put(&mut value["status"], target);
    });
    let message = format!("Marking for deletion Pod {}/{}", pod.namespace(), pod.name());
    events::normal(world, NAME, pod, "TaintManagerEviction", &message);
    // Someone may have deleted it meanwhile.
    let _ = world.delete(&pod.key, &Deletion::default());
}

/// For how many seconds tolerations put up with a taint: for ever is `None`, not at all is 0.
fn patience(tolerations: &[Value], taint: &Taint) -> Option<i64> {
    let fitting: Vec<&Value> = tolerations.iter().filter(|toleration| tolerates(toleration, taint)).collect();
    if fitting.is_empty() {
        return Some(0);
    }
    let limited = |toleration: &&&Value| toleration.get("tolerationSeconds").is_some();
    fitting.iter().filter(limited).map(|toleration| int(toleration, "/tolerationSeconds").max(0)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taints_are_put_up_with_for_as_long_as_the_most_impatient_toleration_says() {
        let taint = Taint {
            key: UNREACHABLE.to_owned(),
            value: String::new(),
            effect: "NoExecute".to_owned(),
            added: None,
        };
        let toleration = |more: Value| {
            let mut all = json!({"key": UNREACHABLE, "operator": "Exists"});
            more.as_object().unwrap().iter().for_each(|(key, value)| all[key] = value.clone());
            all
        };
        assert_eq!(patience(&[], &taint), Some(0));
        assert_eq!(patience(&[toleration(json!({}))], &taint), None);
        let limited =
            [toleration(json!({"tolerationSeconds": 300})), toleration(json!({"tolerationSeconds": 60}))];
        assert_eq!(patience(&limited, &taint), Some(60));
        assert_eq!(patience(&[toleration(json!({"effect": "NoSchedule"}))], &taint), Some(0));
    }
}
