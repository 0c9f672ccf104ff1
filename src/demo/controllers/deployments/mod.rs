//! Deployments: from one template of pods to the next, a ReplicaSet for each.
//!
//! A pass does one step and counts: what it changes of the ReplicaSets brings it back, and so do their pods.

mod progress;
mod rollout;
mod sets;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::{Value, json};

use super::events;
use super::pods::{self, scaled};
use super::replicasets::owner_of_type;
use crate::demo::world::value::{flag, int, text};
use crate::demo::world::{Change, ControllerId, Key, Object, TypeId, World};
use sets::{Set, Sets};

/// The source of its events.
pub(super) const NAME: &str = "deployment-controller";

/// The label that tells the pods of one template from those of another.
const HASH: &str = "pod-template-hash";

/// The annotation with the number of a template.
const REVISION: &str = "/metadata/annotations/deployment.kubernetes.io~1revision";

/// A deployment as one pass sees it.
struct Deployment {
    object: Arc<Object>,
    value: Value,
    replicas: i64,
    recreate: bool,
    /// How many pods there may be above those that are wanted.
    max_surge: i64,
    /// How many of those that are wanted need not be available.
    max_unavailable: i64,
}

impl Deployment {
    fn of(object: Arc<Object>) -> Deployment {
        let value = object.value();
        let replicas = int(&value, "/spec/replicas");
        let recreate = text(&value, "/spec/strategy/type") == "Recreate";
        let at = |field: &str, up| {
            scaled(value.pointer(&format!("/spec/strategy/rollingUpdate/{field}")), replicas, up)
        };
        let (max_surge, mut max_unavailable) =
            if recreate { (0, 0) } else { (at("maxSurge", true), at("maxUnavailable", false)) };
        if max_surge == 0 && max_unavailable == 0 && !recreate {
            max_unavailable = 1;
        }
        let max_unavailable = max_unavailable.min(replicas);
        Deployment { object, value, replicas, recreate, max_surge, max_unavailable }
    }

    fn template(&self) -> &Value {
        &self.value["spec"]["template"]
    }

    fn paused(&self) -> bool {
        flag(&self.value, "/spec/paused")
    }

    /// Seconds within which there must be progress, if any are given.
    fn deadline(&self) -> Option<i64> {
        let given = self.value.pointer("/spec/progressDeadlineSeconds").and_then(Value::as_i64);
        given.filter(|seconds| *seconds < i64::from(i32::MAX))
    }
}

/// A deployment, the one that controls a ReplicaSet, and the one whose pod is gone: pods are waited for when they are
/// all to be replaced.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    match object.key.of {
        TypeId::DEPLOYMENTS => keys.push(object.key.clone()),
        TypeId::REPLICA_SETS => keys.extend(owner_of_type(world, change, TypeId::DEPLOYMENTS)),
        TypeId::PODS if change.is_end() => {
            let set = object.controller().and_then(|uid| world.store.by_uid(uid));
            let owner = set.and_then(|set| set.controller()).and_then(|uid| world.store.by_uid(uid));
            keys.extend(
                owner.filter(|owner| owner.key.of == TypeId::DEPLOYMENTS).map(|owner| owner.key.clone()),
            );
        }
        _ => {}
    }
}

/// Takes one step towards what is wanted, and counts.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    let Some(object) = world.get(key).cloned() else { return };
    let deployment = Deployment::of(object);
    pods::adopt(world, &deployment.object, &deployment.value, TypeId::REPLICA_SETS);
    let sets = Sets::of(world, &deployment);
    if deployment.object.deleting {
        return progress::count(world, &deployment, &sets);
    }
    progress::note_pause(world, &deployment);
    if deployment.paused() {
        let sets = sets.known_as_newest(world, &deployment);
        rollout::scale(world, &deployment, &sets);
        rollout::clean_up(world, &deployment, &sets);
        return progress::count(world, &deployment, &Sets::of(world, &deployment));
    }
    if sets.is_scaled(&deployment) {
        let sets = sets.known_as_newest(world, &deployment);
        rollout::scale(world, &deployment, &sets);
        return progress::count(world, &deployment, &Sets::of(world, &deployment));
    }
    if deployment.recreate {
        rollout::recreate(world, &deployment, sets);
    } else {
        rollout::roll(world, &deployment, sets);
    }
    progress::follow(world, me, key);
}

/// Scales a ReplicaSet, and says so.
fn scale_to(world: &mut World, deployment: &Deployment, set: &Set, replicas: i64) {
    let change = |value: &mut Value| {
        value["spec"]["replicas"] = json!(replicas);
        sets::note_size(value, deployment);
    };
    world.modify(&set.object.key, change);
    if set.replicas != replicas {
        let way = if set.replicas < replicas { "up" } else { "down" };
        let (name, before) = (set.object.name(), set.replicas);
        let message = format!("Scaled {way} replica set {name} from {before} to {replicas}");
        events::normal(world, NAME, &deployment.object, "ScalingReplicaSet", &message);
    }
}
