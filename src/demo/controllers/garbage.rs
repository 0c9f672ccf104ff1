//! Garbage collection: what becomes of objects whose owners are gone or going.

use serde_json::{Value, json};

use crate::demo::world::value::{flag, list, set, text};
use crate::demo::world::{Change, ControllerId, Deletion, Key, Owner, Propagation, Uid, World};

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// Objects whose owner is gone; owners that wait for what they own, when that changes.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    if change.is_end() {
        keys.extend(world.store.owned_by(object.uid).map(|owned| owned.key.clone()));
    } else if object.deleting || object.owners.iter().any(|owner| world.store.by_uid(owner.uid).is_none()) {
        keys.push(object.key.clone());
    }
    let going = object.owners.iter().filter_map(|owner| world.store.by_uid(owner.uid));
    keys.extend(going.filter(|owner| owner.deleting).map(|owner| owner.key.clone()));
}

/// Deletes an object that nobody owns any more, or what a going one owns.
pub(super) fn reconcile(world: &mut World, _: ControllerId, key: &Key) {
    let Some(object) = world.get(key).cloned() else { return };
    if object.deleting {
        let value = object.value();
        let waits =
            |finalizer: &str| list(&value, "/metadata/finalizers").iter().any(|name| name == finalizer);
        if waits(ORPHAN) {
            orphan(world, object.uid);
            let_go(world, key, ORPHAN);
        } else if waits(FOREGROUND) {
            delete_owned_first(world, key, object.uid);
        }
        return;
    }
    let (there, gone): (Vec<Owner>, Vec<Owner>) =
        object.owners.iter().copied().partition(|owner| world.store.by_uid(owner.uid).is_some());
    if gone.is_empty() {
        return;
    }
    if there.is_empty() {
        let background = Deletion { propagation: Some(Propagation::Background), ..Deletion::default() };
        // It may be going already.
        let _ = world.delete(key, &background);
        return;
    }
    for owner in gone {
        disown(world, key, owner.uid);
    }
}

/// What an object owns stays without it.
fn orphan(world: &mut World, owner: Uid) {
    let owned: Vec<Key> = world.store.owned_by(owner).map(|owned| owned.key.clone()).collect();
    for key in owned {
        disown(world, &key, owner);
    }
}

/// Deletes what an object owns, and lets the object go once nothing is left that holds it.
fn delete_owned_first(world: &mut World, key: &Key, owner: Uid) {
    let (uid, owned) = (owner.to_string(), world.store.owned_by(owner).cloned().collect::<Vec<_>>());
    let blocks = |value: &Value| {
        let reference = |reference: &&Value| text(reference, "/uid") == uid;
        list(value, "/metadata/ownerReferences")
            .iter()
            .find(reference)
            .is_some_and(|reference| flag(reference, "/blockOwnerDeletion"))
    };
    if !owned.iter().any(|owned| blocks(&owned.value())) {
        return let_go(world, key, FOREGROUND);
    }
    let foreground = Deletion { propagation: Some(Propagation::Foreground), ..Deletion::default() };
    for owned in owned.iter().filter(|owned| !owned.deleting) {
        // It may be gone already.
        let _ = world.delete(&owned.key, &foreground);
    }
}

fn let_go(world: &mut World, key: &Key, finalizer: &str) {
    world.modify(key, |value| without(value, "/metadata/finalizers", |name| name == finalizer));
}

fn disown(world: &mut World, key: &Key, owner: Uid) {
    let uid = owner.to_string();
    world.modify(key, |value| {
        without(value, "/metadata/ownerReferences", |reference| text(reference, "/uid") == uid);
    });
}

/// Takes items out of a list.
fn without(value: &mut Value, pointer: &str, out: impl Fn(&Value) -> bool) {
    let left: Vec<Value> = list(value, pointer).iter().filter(|item| !out(item)).cloned().collect();
    set(value, pointer, json!(left));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::{Cluster, deployment};
    use crate::demo::world::TypeId;

    fn with_pods() -> (Cluster, Key) {
        let mut cluster = Cluster::of_nodes(1);
        let object = cluster.create(TypeId::DEPLOYMENTS, deployment("web", 2, "web:1"));
        cluster.pass(30);
        assert_eq!(cluster.world.store.all(TypeId::PODS, "shop").count(), 2);
        (cluster, object.key.clone())
    }

    fn counts(cluster: &Cluster) -> (usize, usize, usize) {
        let count = |of| cluster.world.store.all(of, "shop").count();
        (count(TypeId::DEPLOYMENTS), count(TypeId::REPLICA_SETS), count(TypeId::PODS))
    }

    fn delete(cluster: &mut Cluster, key: &Key, propagation: Propagation) {
        let how = Deletion { propagation: Some(propagation), ..Deletion::default() };
        cluster.world.delete(key, &how).unwrap();
        cluster.settle();
    }

    #[test]
    fn what_is_owned_goes_after_its_owner() {
        let (mut cluster, key) = with_pods();
        delete(&mut cluster, &key, Propagation::Background);
        assert_eq!(counts(&cluster), (0, 0, 2));
        cluster.pass(10);
        assert_eq!(counts(&cluster), (0, 0, 0));
    }

    #[test]
    fn what_is_owned_goes_before_its_owner_when_that_is_asked_for() {
        let (mut cluster, key) = with_pods();
        delete(&mut cluster, &key, Propagation::Foreground);
        assert_eq!(counts(&cluster), (1, 1, 2));
        assert!(cluster.world.store.all(TypeId::PODS, "shop").all(|pod| pod.deleting));
        cluster.pass(10);
        assert_eq!(counts(&cluster), (0, 0, 0));
    }

    #[test]
    fn what_is_owned_stays_when_that_is_asked_for() {
        let (mut cluster, key) = with_pods();
        delete(&mut cluster, &key, Propagation::Orphan);
        cluster.pass(10);
        assert_eq!(counts(&cluster), (0, 1, 2));
        assert!(cluster.world.store.all(TypeId::REPLICA_SETS, "shop").all(|set| set.owners.is_empty()));
        cluster.create(TypeId::DEPLOYMENTS, deployment("web", 2, "web:1"));
        cluster.pass(30);
        assert_eq!(counts(&cluster), (1, 1, 2), "a new one takes over what is there");
    }
}
