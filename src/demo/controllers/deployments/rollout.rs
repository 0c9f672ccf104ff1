//! How a deployment gets from one ReplicaSet to the next: step by step, all at once, or in proportion.

use serde_json::Value;

use super::sets::{Set, Sets};
use super::{Deployment, pods, scale_to};
use crate::demo::world::value::int;
use crate::demo::world::{Deletion, World};

/// One step of a rolling update: pods of the new template as far as there may be more, fewer of the old ones as far
/// as enough are available.
pub(super) fn roll(world: &mut World, deployment: &Deployment, sets: Sets) {
    let sets = sets.with_new(world, deployment);
    let Some(new) = &sets.new else { return };
    let wanted = new_size(deployment, &sets, new.replicas);
    if wanted != new.replicas {
        return scale_to(world, deployment, new, wanted);
    }
    if scale_down_old(world, deployment, &sets, new) {
        return;
    }
    if is_complete(deployment) {
        clean_up(world, deployment, &sets);
    }
}

/// One step of an update that ends all old pods before it creates the new ones.
pub(super) fn recreate(world: &mut World, deployment: &Deployment, sets: Sets) {
    let sets = sets.known_as_newest(world, deployment);
    let mut scaled = false;
    for old in sets.old.iter().filter(|old| old.replicas > 0) {
        scale_to(world, deployment, old, 0);
        scaled = true;
    }
    let ending = |set: &Set| pods::of(world, set.object.uid).iter().any(|pod| !pods::facts(pod).ended());
    if scaled || sets.old.iter().any(ending) {
        return;
    }
    let sets = sets.with_new(world, deployment);
    let Some(new) = &sets.new else { return };
    if new.replicas != deployment.replicas {
        scale_to(world, deployment, new, deployment.replicas);
    }
    if is_complete(deployment) {
        clean_up(world, deployment, &sets);
    }
}

/// How many pods the ReplicaSet of the template is to have now, which has so many.
pub(super) fn new_size(deployment: &Deployment, sets: &Sets, now: i64) -> i64 {
    let wanted = deployment.replicas;
    if deployment.recreate || now > wanted {
        return wanted;
    }
    let room = wanted + deployment.max_surge - sets.sum(|set| set.replicas);
    now + room.min(wanted - now).max(0)
}

/// Scales old ReplicaSets down: pods that are not available first, then as many as are not needed. Answers whether
/// it did.
fn scale_down_old(world: &mut World, deployment: &Deployment, sets: &Sets, new: &Set) -> bool {
    let needed = deployment.replicas - deployment.max_unavailable;
    let mut spare = sets.sum(|set| set.replicas) - needed - (new.replicas - new.available);
    if sets.old.iter().all(|old| old.replicas == 0) || spare <= 0 {
        return false;
    }
    let mut sizes: Vec<i64> = sets.old.iter().map(|old| old.replicas).collect();
    for (size, old) in sizes.iter_mut().zip(&sets.old) {
        let ill = (*size - old.available).clamp(0, spare);
        *size -= ill;
        spare -= ill;
    }
    let mut surplus = sets.sum(|set| set.available) - needed;
    for size in &mut sizes {
        let less = (*size).min(surplus).max(0);
        *size -= less;
        surplus -= less;
    }
    let mut scaled = false;
    for (size, old) in sizes.into_iter().zip(&sets.old).filter(|(size, old)| *size != old.replicas) {
        scale_to(world, deployment, old, size);
        scaled = true;
    }
    scaled
}

/// Gives the ReplicaSets the size of the deployment: the only one that has pods all of it; in the middle of a
/// rollout, each in proportion.
pub(super) fn scale(world: &mut World, deployment: &Deployment, sets: &Sets) {
    let mut active: Vec<&Set> = sets.all().filter(|set| set.replicas > 0).collect();
    if active.len() <= 1 {
        let only = active.first().copied().or(sets.new.as_ref()).or(sets.old.last());
        if let Some(only) = only {
            scale_to(world, deployment, only, deployment.replicas);
        }
        return;
    }
    let saturated = |new: &Set| new.replicas == deployment.replicas && new.available == deployment.replicas;
    if sets.new.as_ref().is_some_and(saturated) {
        for old in sets.old.iter().filter(|old| old.replicas > 0) {
            scale_to(world, deployment, old, 0);
        }
        return;
    }
    if deployment.recreate {
        return;
    }
    let allowed = if deployment.replicas > 0 { deployment.replicas + deployment.max_surge } else { 0 };
    let total = sets.sum(|set| set.replicas);
    let more = allowed - total;
    // The largest first; of two that are as large, more goes to the newer and less to the older.
    active.sort_by_key(|set| (set.replicas, if more > 0 { set.revision } else { -set.revision }));
    active.reverse();
    let mut left = more;
    let mut sizes = Vec::new();
    for set in &active {
        let share = (set.replicas as f64 * allowed as f64 / total as f64).round() as i64 - set.replicas;
        let share = if more > 0 { share.clamp(0, left.max(0)) } else { share.clamp(left.min(0), 0) };
        left -= share;
        sizes.push(set.replicas + share);
    }
    sizes[0] = (sizes[0] + left).max(0);
    for (set, size) in active.into_iter().zip(sizes) {
        scale_to(world, deployment, set, size);
    }
}

/// Whether everything that is wanted is there and available, by what was counted last.
pub(super) fn is_complete(deployment: &Deployment) -> bool {
    complete(deployment, &deployment.value["status"])
}

/// Whether everything that is wanted is there and available.
pub(super) fn complete(deployment: &Deployment, status: &Value) -> bool {
    ["/updatedReplicas", "/replicas", "/availableReplicas"]
        .iter()
        .all(|field| int(status, field) == deployment.replicas)
        && int(status, "/observedGeneration") >= int(&deployment.value, "/metadata/generation")
}

/// Deletes the oldest ReplicaSets that have no pods when there are more than the history is to have.
pub(super) fn clean_up(world: &mut World, deployment: &Deployment, sets: &Sets) {
    let Some(limit) = deployment.value.pointer("/spec/revisionHistoryLimit").and_then(Value::as_i64) else {
        return;
    };
    let mut old: Vec<&Set> = sets.old.iter().filter(|set| !set.object.deleting).collect();
    old.sort_by_key(|set| set.revision);
    let surplus = old.len().saturating_sub(limit.max(0) as usize);
    for set in &old[..surplus] {
        let observed =
            int(&set.value, "/metadata/generation") <= int(&set.value, "/status/observedGeneration");
        if set.replicas == 0 && set.actual == 0 && observed {
            // Someone may have deleted it meanwhile.
            let _ = world.delete(&set.object.key, &Deletion::default());
        }
    }
}
