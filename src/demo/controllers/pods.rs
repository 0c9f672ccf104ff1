//! What the controllers that own pods share: which pods are theirs, how one is made from a template, which of them
//! go first.

use std::sync::Arc;

use serde_json::{Value, json};

use super::events;
use crate::demo::world::value::{list, set};
use crate::demo::world::{
    Deletion, Key, Moment, Object, Outcome, PodFacts, Selector, TypeId, Uid, World, Write,
};
use crate::resources::Symbol;

/// The name that a pod gets.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name<'a> {
    /// Exactly this.
    Exactly(&'a str),
    /// This, and five characters by chance.
    Beginning(&'a str),
}

/// The pods that `owner` controls, in the order of their names.
pub(super) fn of(world: &World, owner: Uid) -> Vec<Arc<Object>> {
    owned(world, owner, TypeId::PODS)
}

/// The objects of a type that `owner` controls, in the order of their names.
pub(super) fn owned(world: &World, owner: Uid, of: TypeId) -> Vec<Arc<Object>> {
    let mine = |object: &&Arc<Object>| object.key.of == of && object.controller() == Some(owner);
    world.store.owned_by(owner).filter(mine).cloned().collect()
}

/// Facts of a pod.
pub(super) fn facts(pod: &Object) -> &PodFacts {
    pod.pod().expect("only pods are asked")
}

/// The address of a pod; empty while it has none.
pub(super) fn address(pod: &Object) -> &Symbol {
    &facts(pod).address
}

/// Whether a pod has neither ended nor been told to.
pub(super) fn is_active(pod: &Object) -> bool {
    !pod.deleting && !facts(pod).ended()
}

/// Whether a pod is ready to serve.
pub(super) fn is_ready(pod: &Object) -> bool {
    facts(pod).ready_since.is_some()
}

/// When a pod has been ready for long enough; `None` while it is not ready.
pub(super) fn available_at(pod: &Object, min_ready_seconds: i64) -> Option<Moment> {
    facts(pod).ready_since.map(|since| since.plus(min_ready_seconds))
}

/// A reference to the object that controls another.
pub(super) fn controlled_by(world: &World, owner: &Object) -> Value {
    let kind = world.kind(owner.key.of);
    json!({
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "name": owner.name(),
        "uid": owner.uid.to_string(),
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// An owner that is looked at for the first time takes over what its selector selects and nobody controls.
pub(super) fn adopt(world: &mut World, owner: &Object, value: &Value, of: TypeId) {
    if value.pointer("/status/observedGeneration").is_some() || owner.deleting {
        return;
    }
    let selector = Selector::of_value(&value["spec"]["selector"]);
    let free =
        |object: &&Arc<Object>| object.controller().is_none() && !object.deleting && selector.matches(object);
    let orphans: Vec<Key> =
        world.store.all(of, owner.namespace()).filter(free).map(|orphan| orphan.key.clone()).collect();
    let reference = controlled_by(world, owner);
    for orphan in orphans {
        world.modify(&orphan, |orphan| {
            let mut owners = list(orphan, "/metadata/ownerReferences").to_vec();
            owners.push(reference.clone());
            set(orphan, "/metadata/ownerReferences", owners);
        });
    }
}

/// A pod as a template describes it, owned by `owner`.
pub(super) fn from_template(world: &World, owner: &Object, template: &Value, name: Name) -> Value {
    let mut pod = json!({"metadata": {}, "spec": template["spec"]});
    for part in ["labels", "annotations", "finalizers"] {
        if let Some(said) = template.pointer(&format!("/metadata/{part}")) {
            set(&mut pod, &format!("/metadata/{part}"), said.clone());
        }
    }
    match name {
        Name::Exactly(name) => set(&mut pod, "/metadata/name", name),
        Name::Beginning(begin) => set(&mut pod, "/metadata/generateName", begin),
    }
    set(&mut pod, "/metadata/ownerReferences", json!([controlled_by(world, owner)]));
    pod
}

/// Creates a pod, and says so.
pub(super) fn create(world: &mut World, component: &str, owner: &Object, pod: Value) -> Outcome<Arc<Object>> {
    let created = world.create(TypeId::PODS, owner.namespace(), pod, Write::default());
    match &created {
        Ok(pod) => {
            let message = format!("Created pod: {}", pod.name());
            events::normal(world, component, owner, "SuccessfulCreate", &message);
        }
        Err(failure) => {
            let message = format!("Error creating: {}", failure.message);
            events::warning(world, component, owner, "FailedCreate", &message);
        }
    }
    created
}

/// Tells a pod to end, and says so.
pub(super) fn delete(world: &mut World, component: &str, owner: &Object, pod: &Object) {
    if world.delete(&pod.key, &Deletion::default()).is_ok() {
        let message = format!("Deleted pod: {}", pod.name());
        events::normal(world, component, owner, "SuccessfulDelete", &message);
    }
}

/// Puts those first that would be missed least: without a node, not running, not ready, on a node with many others,
/// ready for the shortest time, restarted most often, newest.
pub(super) fn least_missed_first(pods: &mut [Arc<Object>]) {
    let beside = |node: &str| pods.iter().filter(|pod| *facts(pod).node == *node).count();
    let mut ranked: Vec<_> = pods
        .iter()
        .map(|pod| {
            let facts = facts(pod);
            let crowd = if facts.ready_since.is_some() { beside(&facts.node) } else { 0 };
            let newest = |at: Moment| std::cmp::Reverse(at);
            let rank = (
                (!facts.node.is_empty(), facts.phase, facts.ready_since.is_some(), facts.deletion_cost),
                std::cmp::Reverse(crowd),
                facts.ready_since.map(newest),
                (std::cmp::Reverse(facts.restarts), newest(facts.created), pod.key.clone()),
            );
            (rank, pod.clone())
        })
        .collect();
    ranked.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (place, (_, pod)) in pods.iter_mut().zip(ranked) {
        *place = pod;
    }
}

/// A number, or a part of `of` (`25%`), rounded up or down.
pub(super) fn scaled(value: Option<&Value>, of: i64, up: bool) -> i64 {
    let Some(value) = value else { return 0 };
    let percent = value.as_str().and_then(|text| text.strip_suffix('%')).and_then(|n| n.parse::<i64>().ok());
    match percent {
        Some(percent) if up => (percent * of + 99).div_euclid(100),
        Some(percent) => (percent * of).div_euclid(100),
        None => value.as_i64().unwrap_or_default(),
    }
}

/// Puts a number where it is not 0: the API leaves these out.
pub(super) fn put(value: &mut Value, field: &str, number: i64) {
    if number != 0 {
        value[field] = json!(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_rounded_as_asked() {
        let quarter = json!("25%");
        assert_eq!((scaled(Some(&quarter), 3, true), scaled(Some(&quarter), 3, false)), (1, 0));
        assert_eq!((scaled(Some(&quarter), 10, true), scaled(Some(&quarter), 10, false)), (3, 2));
        assert_eq!((scaled(Some(&json!(2)), 10, true), scaled(None, 10, true)), (2, 0));
    }
}
