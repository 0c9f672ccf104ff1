//! ReplicaSets: as many pods of a template as are wanted.

use std::sync::Arc;

use serde_json::{Value, json};

use super::conditions;
use super::pods::{self, Name};
use crate::demo::world::value::{int, list, map, set, text};
use crate::demo::world::{Change, ControllerId, Failure, Key, Object, Selector, TypeId, World};

/// The source of its events.
pub(super) const NAME: &str = "replicaset-controller";

/// Most pods that are created or deleted at a time; the rest follows when these are there.
const BURST: usize = 500;

/// A ReplicaSet, and the one that controls a pod.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    match object.key.of {
        TypeId::REPLICA_SETS => keys.push(object.key.clone()),
        TypeId::PODS => keys.extend(owner_of_type(world, change, TypeId::REPLICA_SETS)),
        _ => {}
    }
}

/// The controller of what changed, or of what it was before, if it is of this type.
pub(super) fn owner_of_type(world: &World, change: &Change, of: TypeId) -> Option<Key> {
    let versions = [change.after.as_ref(), change.before.as_ref()];
    let owner = versions.into_iter().flatten().find_map(|object| object.controller())?;
    world.store.by_uid(owner).filter(|owner| owner.key.of == of).map(|owner| owner.key.clone())
}

/// Creates what is missing, deletes what is too much, and counts.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    let Some(set) = world.get(key).cloned() else { return };
    let value = set.value();
    pods::adopt(world, &set, &value, TypeId::PODS);
    release(world, &set, &value);
    let pods = pods::of(world, set.uid);
    let failure = if set.deleting { None } else { manage(world, &set, &value, &pods) };
    let status = status(world, me, &set, &value, &pods, failure.as_ref());
    world.report(key, &value, status);
}

/// Lets go of pods whose labels do not fit any more.
fn release(world: &mut World, owner: &Object, value: &Value) {
    let selector = Selector::of_value(&value["spec"]["selector"]);
    for pod in pods::of(world, owner.uid) {
        if !selector.matches(&pod) {
            let uid = owner.uid.to_string();
            world.modify(&pod.key, |pod| {
                let mut owners = list(pod, "/metadata/ownerReferences").to_vec();
                owners.retain(|owner| text(owner, "/uid") != uid);
                set(pod, "/metadata/ownerReferences", owners);
            });
        }
    }
}

fn manage(world: &mut World, set: &Arc<Object>, value: &Value, pods: &[Arc<Object>]) -> Option<Failure> {
    let mut active: Vec<Arc<Object>> = pods.iter().filter(|pod| pods::is_active(pod)).cloned().collect();
    let wanted = int(value, "/spec/replicas").max(0) as usize;
    if active.len() > wanted {
        pods::least_missed_first(&mut active);
        let surplus = (active.len() - wanted).min(BURST);
        for pod in &active[..surplus] {
            pods::delete(world, NAME, set, pod);
        }
        return None;
    }
    let begin = format!("{}-", set.name());
    for _ in 0..(wanted - active.len()).min(BURST) {
        let pod = pods::from_template(world, set, &value["spec"]["template"], Name::Beginning(&begin));
        if let Err(failure) = pods::create(world, NAME, set, pod) {
            return Some(failure);
        }
    }
    None
}

fn status(
    world: &mut World,
    me: ControllerId,
    set: &Object,
    value: &Value,
    pods: &[Arc<Object>],
    failure: Option<&Failure>,
) -> Value {
    let labels = map(value, "/spec/template/metadata/labels").cloned().unwrap_or_default();
    let template = Selector::of_labels(&labels);
    let min_ready = int(value, "/spec/minReadySeconds");
    let (mut replicas, mut labelled, mut ready, mut available, mut terminating) = (0, 0, 0, 0, 0);
    for pod in pods {
        if !pods::is_active(pod) {
            terminating += i64::from(pod.deleting && !pods::facts(pod).ended());
            continue;
        }
        replicas += 1;
        labelled += i64::from(template.matches(pod));
        let Some(at) = pods::available_at(pod, min_ready) else { continue };
        ready += 1;
        if at <= world.now {
            available += 1;
        } else {
            world.look_at(me, &set.key, at);
        }
    }
    let mut status = json!({
        "replicas": replicas,
        "terminatingReplicas": terminating,
        "observedGeneration": int(value, "/metadata/generation"),
    });
    pods::put(&mut status, "fullyLabeledReplicas", labelled);
    pods::put(&mut status, "readyReplicas", ready);
    pods::put(&mut status, "availableReplicas", available);
    if let Some(failure) = failure {
        let known = conditions::find(&value["status"], "ReplicaFailure").cloned();
        status["conditions"] = json!([known.unwrap_or_else(|| json!({
            "type": "ReplicaFailure",
            "status": "True",
            "reason": "FailedCreate",
            "message": failure.message,
            "lastTransitionTime": world.now.rfc3339(),
        }))]);
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::Cluster;

    fn set_of(replicas: i64) -> Value {
        json!({
            "metadata": {"name": "web"},
            "spec": {
                "replicas": replicas,
                "minReadySeconds": 5,
                "selector": {"matchLabels": {"app": "web"}},
                "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [{"name": "app", "image": "web:1"}]},
                },
            },
        })
    }

    #[test]
    fn there_are_as_many_pods_as_are_wanted_and_they_count_when_they_have_been_ready_for_long_enough() {
        let mut cluster = Cluster::of_nodes(2);
        let set = cluster.create(TypeId::REPLICA_SETS, set_of(3));
        let until = |cluster: &mut Cluster, field: &str, wanted: i64| {
            cluster.until(60, |world| int(&world.get(&set.key).unwrap().value(), field) == wanted);
        };
        until(&mut cluster, "/status/readyReplicas", 3);
        let ready = cluster.world.now;
        assert_eq!(int(&cluster.value(&set.key), "/status/availableReplicas"), 0);
        until(&mut cluster, "/status/availableReplicas", 3);
        assert!(cluster.world.now.since(ready) >= 4_000);
        let status = cluster.value(&set.key)["status"].clone();
        let wanted = json!({
            "replicas": 3, "fullyLabeledReplicas": 3, "readyReplicas": 3, "availableReplicas": 3,
            "terminatingReplicas": 0, "observedGeneration": 1,
        });
        assert_eq!(status, wanted);
        let pods = pods::of(&cluster.world, set.uid);
        assert!(pods.iter().all(|pod| pod.name().starts_with("web-") && pod.name().len() == 9));
        assert_eq!(cluster.messages("web", "SuccessfulCreate").len(), 3);
    }

    #[test]
    fn the_one_that_is_not_ready_goes_first_and_a_deleted_one_is_replaced() {
        let mut cluster = Cluster::of_nodes(2);
        let set = cluster.create(TypeId::REPLICA_SETS, set_of(2));
        cluster.until(60, |world| int(&world.get(&set.key).unwrap().value(), "/status/readyReplicas") == 2);
        let old = pods::of(&cluster.world, set.uid);
        cluster.change(&set.key, |value| set_replicas(value, 3));
        cluster.settle();
        cluster.change(&set.key, |value| set_replicas(value, 2));
        cluster.pass(60);
        assert_eq!(pods::of(&cluster.world, set.uid).len(), 2);
        assert!(old.iter().all(|pod| cluster.world.get(&pod.key).is_some()));
        cluster.delete(&old[0].key);
        cluster.until(60, |world| int(&world.get(&set.key).unwrap().value(), "/status/readyReplicas") == 2);
        assert!(cluster.world.get(&old[0].key).is_none());
    }

    #[test]
    fn a_pod_whose_labels_do_not_fit_any_more_is_let_go_and_replaced() {
        let mut cluster = Cluster::of_nodes(1);
        let owner = cluster.create(TypeId::REPLICA_SETS, set_of(1));
        cluster.pass(30);
        let pod = pods::of(&cluster.world, owner.uid).remove(0);
        cluster.change(&pod.key, |pod| set(pod, "/metadata/labels/app", "quarantine"));
        cluster.pass(30);
        assert_eq!(pods::of(&cluster.world, owner.uid).len(), 1);
        assert!(cluster.world.get(&pod.key).unwrap().owners.is_empty());
    }

    fn set_replicas(value: &mut Value, replicas: i64) {
        set(value, "/spec/replicas", replicas);
    }
}
