//! Evictions: deletions of pods that disruption budgets have a say in.

use serde_json::{Value, json};

use super::path::Place;
use super::request::Request;
use super::write::read_deletion;
use super::{Answer, document};
use crate::demo::world::value::{int, list, set, text};
use crate::demo::world::{Failure, Key, Object, Outcome, Selector, TypeId, World};

/// Evicts a pod.
pub(super) fn answer(world: &mut World, place: &Place, request: &Request) -> Answer {
    let eviction = request.object("Eviction")?;
    let key = place.key(TypeId::PODS);
    let pod = world.get(&key).cloned().ok_or_else(|| Failure::not_found("pods", &key.name))?;
    let said = text(&eviction, "/metadata/name");
    if !said.is_empty() && *said != *key.name {
        return Err(Failure::bad_request("name in URL does not match name in Eviction object"));
    }
    let write = request.write("CreateOptions")?;
    let options = eviction.get("deleteOptions").cloned().unwrap_or_else(|| json!({}));
    let mut how = read_deletion(&options)?;
    how.dry_run |= write.dry_run;
    if let Some(budget) = budget(world, &pod)? {
        spend(world, &budget, &pod, how.dry_run)?;
    }
    world.delete(&key, &how)?;
    Ok(document(
        201,
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}),
    ))
}

/// The budget that has to allow the eviction of `pod`, if one has to.
fn budget(world: &World, pod: &Object) -> Outcome<Option<Key>> {
    let value = pod.value();
    if pod.deleting || matches!(text(&value, "/status/phase"), "Pending" | "Succeeded" | "Failed") {
        return Ok(None);
    }
    let selects = |budget: &Object| {
        let budget = budget.value();
        let selector = budget.pointer("/spec/selector");
        selector.is_some_and(|selector| Selector::of_value(selector).matches(pod))
    };
    let mut budgets = world
        .store
        .all(TypeId::BUDGETS, pod.namespace())
        .filter(|budget| selects(budget))
        .map(|budget| &budget.key);
    let first = budgets.next().cloned();
    if budgets.next().is_some() {
        return Err(Failure::internal(
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
        ));
    }
    Ok(first.filter(|budget| !spared(world, budget, &value)))
}

/// A pod that is not ready does not count: it may go, as long as enough others are healthy.
fn spared(world: &World, budget: &Key, pod: &Value) -> bool {
    let is_ready =
        |condition: &Value| text(condition, "/type") == "Ready" && text(condition, "/status") == "True";
    if list(pod, "/status/conditions").iter().any(is_ready) {
        return false;
    }
    let budget = world.get(budget).map(|budget| budget.value()).unwrap_or_default();
    let healthy = int(&budget, "/status/currentHealthy");
    text(&budget, "/spec/unhealthyPodEvictionPolicy") == "AlwaysAllow"
        || (healthy > 0 && healthy >= int(&budget, "/status/desiredHealthy"))
}

/// Takes one disruption from what the budget allows.
fn spend(world: &mut World, budget: &Key, pod: &Object, dry: bool) -> Outcome<()> {
    let value = world.get(budget).map(|budget| budget.value()).unwrap_or_default();
    if int(&value, "/status/observedGeneration") < int(&value, "/metadata/generation") {
        let why = format!("The disruption budget {} is still being processed by the server.", budget.name);
        let mut failure = Failure::disruption_budget(&why);
        failure.details["retryAfterSeconds"] = json!(10);
        return Err(failure);
    }
    let allowed = int(&value, "/status/disruptionsAllowed");
    if allowed <= 0 {
        let (wanted, healthy) =
            (int(&value, "/status/desiredHealthy"), int(&value, "/status/currentHealthy"));
        return Err(Failure::disruption_budget(&format!(
            "The disruption budget {} needs {wanted} healthy pods and has {healthy} currently",
            budget.name
        )));
    }
    if !dry {
        let now = world.now.rfc3339();
        world.modify(budget, |value| {
            set(value, "/status/disruptionsAllowed", allowed - 1);
            value["status"]["disruptedPods"][pod.name()] = now.into();
        });
    }
    Ok(())
}
