//! PodDisruptionBudgets: how many pods may be taken away now.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{self, facts, scaled};
use super::{conditions, events};
use crate::demo::world::value::int;
use crate::demo::world::{Change, ControllerId, Key, Object, Selector, TypeId, Uid, World};

/// The source of its events.
pub(super) const NAME: &str = "controllermanager";

/// A budget, and those of a pod that came, went or is ready otherwise than before.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    match object.key.of {
        TypeId::BUDGETS if !change.is_end() => keys.push(object.key.clone()),
        TypeId::PODS => {
            let seen = |pod: &Arc<Object>| (counts(pod), pods::is_ready(pod), pod.labels.clone());
            if change.before.as_ref().map(seen) == change.after.as_ref().map(seen) {
                return;
            }
            let selects = |budget: &Arc<Object>| {
                let selector = selector(&budget.value());
                let versions = [&change.before, &change.after];
                selector
                    .is_some_and(|selector| versions.into_iter().flatten().any(|pod| selector.matches(pod)))
            };
            let budgets = world.store.all(TypeId::BUDGETS, object.namespace());
            keys.extend(budgets.filter(|budget| selects(budget)).map(|budget| budget.key.clone()));
        }
        _ => {}
    }
}

fn selector(budget: &Value) -> Option<Selector> {
    budget.pointer("/spec/selector").map(Selector::of_value)
}

/// Whether a pod is one of those that are counted.
fn counts(pod: &Object) -> bool {
    !facts(pod).ended() && !pod.deleting
}

/// Counts the pods of a budget.
pub(super) fn reconcile(world: &mut World, _: ControllerId, key: &Key) {
    let Some(budget) = world.get(key).cloned() else { return };
    let value = budget.value();
    let Some(selector) = selector(&value) else { return };
    let selected = |pod: &&Arc<Object>| selector.matches(pod) && !facts(pod).ended();
    let pods: Vec<Arc<Object>> =
        world.store.all(TypeId::PODS, &key.namespace).filter(selected).cloned().collect();
    let healthy = pods.iter().filter(|pod| counts(pod) && pods::is_ready(pod)).count() as i64;
    let (expected, desired) = wanted(world, &value, &pods);
    let allowed = if expected > 0 { (healthy - desired).max(0) } else { 0 };
    let mut status = value["status"].clone();
    if !status.is_object() {
        status = json!({});
    }
    let numbers = [
        ("currentHealthy", healthy),
        ("desiredHealthy", desired),
        ("disruptionsAllowed", allowed),
        ("expectedPods", expected),
        ("observedGeneration", int(&value, "/metadata/generation")),
    ];
    for (field, number) in numbers {
        status[field] = json!(number);
    }
    status["conditions"] = json!([allows(world, &value, allowed > 0)]);
    if pods.is_empty() && status != value["status"] {
        events::normal(world, NAME, &budget, "NoPods", "No matching pods found");
    }
    world.report(key, &value, status);
}

fn allows(world: &World, budget: &Value, allowed: bool) -> Value {
    let (status, reason) = if allowed { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let known = conditions::find(&budget["status"], "DisruptionAllowed");
    let since = conditions::since(known, status, world.now);
    json!({
        "type": "DisruptionAllowed",
        "status": status,
        "reason": reason,
        "message": "",
        "observedGeneration": int(budget, "/metadata/generation"),
        "lastTransitionTime": since,
    })
}

/// How many pods there should be, and how many of them have to be well.
fn wanted(world: &World, budget: &Value, pods: &[Arc<Object>]) -> (i64, i64) {
    let at = |field: &str| budget.pointer(&format!("/spec/{field}"));
    if let Some(most) = at("maxUnavailable") {
        let expected = expected(world, pods);
        return (expected, (expected - scaled(Some(most), expected, true)).max(0));
    }
    match at("minAvailable") {
        Some(Value::Number(least)) => (pods.len() as i64, least.as_i64().unwrap_or_default()),
        least => {
            let expected = expected(world, pods);
            (expected, scaled(least, expected, true))
        }
    }
}

/// How many pods the controllers of these pods want together.
fn expected(world: &World, pods: &[Arc<Object>]) -> i64 {
    let mut owners: Vec<Uid> = pods.iter().filter_map(|pod| top(world, pod)).collect();
    owners.sort();
    owners.dedup();
    owners
        .iter()
        .filter_map(|uid| world.store.by_uid(*uid))
        .map(|owner| int(&owner.value(), "/spec/replicas"))
        .sum()
}

/// The controller of a pod, or its controller, where it has one.
fn top(world: &World, pod: &Object) -> Option<Uid> {
    let owner = world.store.by_uid(pod.controller()?)?;
    let above = owner.controller().and_then(|uid| world.store.by_uid(uid));
    Some(above.map_or(owner.uid, |above| above.uid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::{Cluster, deployment};
    use crate::demo::world::value::{set, text};

    fn numbers(spec: &Value, replicas: i64) -> (i64, i64, i64, i64) {
        let mut cluster = Cluster::of_nodes(2);
        cluster.create(TypeId::DEPLOYMENTS, deployment("web", replicas, "web:1"));
        let mut budget = json!({"metadata": {"name": "web"}, "spec": spec});
        set(&mut budget, "/spec/selector", json!({"matchLabels": {"app": "web"}}));
        let budget = cluster.create(TypeId::BUDGETS, budget);
        cluster.pass(60);
        let status = cluster.value(&budget.key)["status"].clone();
        let at = |field: &str| int(&status, field);
        (at("/expectedPods"), at("/currentHealthy"), at("/desiredHealthy"), at("/disruptionsAllowed"))
    }

    #[test]
    fn what_may_be_taken_away_is_what_is_well_beyond_what_is_needed() {
        assert_eq!(numbers(&json!({"minAvailable": 2}), 3), (3, 3, 2, 1));
        assert_eq!(numbers(&json!({"minAvailable": "50%"}), 5), (5, 5, 3, 2));
        assert_eq!(numbers(&json!({"maxUnavailable": 1}), 3), (3, 3, 2, 1));
        assert_eq!(numbers(&json!({"maxUnavailable": "25%"}), 3), (3, 3, 2, 1));
        assert_eq!(numbers(&json!({"minAvailable": 0}), 0), (0, 0, 0, 0));
    }

    #[test]
    fn a_pod_that_is_not_ready_counts_against_it() {
        let mut cluster = Cluster::of_nodes(2);
        cluster.create(TypeId::DEPLOYMENTS, deployment("web", 3, "web:1"));
        let spec = json!({"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}});
        let budget = cluster.create(TypeId::BUDGETS, json!({"metadata": {"name": "web"}, "spec": spec}));
        let allowed =
            |world: &World| int(&world.get(&budget.key).unwrap().value(), "/status/disruptionsAllowed");
        cluster.until(60, |world| allowed(world) == 1);
        let pod = cluster.world.store.all(TypeId::PODS, "shop").next().unwrap().key.clone();
        cluster.delete(&pod);
        cluster.settle();
        assert_eq!(allowed(&cluster.world), 0);
        let value = cluster.value(&budget.key);
        assert_eq!(text(&value, "/status/conditions/0/reason"), "InsufficientPods");
        cluster.until(60, |world| allowed(world) == 1);
    }
}
