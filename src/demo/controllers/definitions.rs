//! Custom resource definitions: an object of this type makes its resources served, and takes them with it.

use serde_json::{Value, json};

use crate::demo::world::value::{flag, list, set, text};
use crate::demo::world::{Change, ControllerId, Key, Object, Type, TypeId, World};

pub(super) fn routes(_: &World, change: &Change, keys: &mut Vec<Key>) {
    let key = &change.object().key;
    if key.of == TypeId::DEFINITIONS {
        keys.push(key.clone());
    }
}

pub(super) fn reconcile(world: &mut World, _: ControllerId, key: &Key) {
    let Some(object) = world.get(key).cloned() else {
        // The name of a definition is `PLURAL.GROUP`.
        if let Some((plural, group)) = key.name.split_once('.') {
            forget(world, group, plural);
        }
        return;
    };
    let definition = object.value();
    let Some(defined) = Type::of_definition(&definition) else { return };
    world.types.add(defined);
    accept(world, &object, &definition);
}

/// Says in the status that the definition is in force.
fn accept(world: &mut World, object: &Object, definition: &Value) {
    let since = world.now.rfc3339();
    let condition = |kind: &str, reason: &str, message: &str| json!({"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": since});
    let is_established = |condition: &Value| text(condition, "/type") == "Established";
    let known = list(definition, "/status/conditions").iter().any(is_established);
    let names = definition["spec"]["names"].clone();
    let stored = list(definition, "/spec/versions").iter().filter(|version| flag(version, "/storage"));
    let stored: Vec<Value> = stored.map(|version| version["name"].clone()).collect();
    world.modify(&object.key, |value| {
        set(value, "/status/acceptedNames", names);
        set(value, "/status/storedVersions", stored);
        if !known {
            let conditions = [
                condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
            ];
            set(value, "/status/conditions", conditions.to_vec());
        }
    });
}

/// Takes a type away, and all that there is of it.
fn forget(world: &mut World, group: &str, plural: &str) {
    let of =
        world.types.served().find(|(_, kind)| kind.custom && kind.group == group && kind.plural == plural);
    let Some((of, _)) = of else { return };
    let objects: Vec<_> = world.store.all(of, "").cloned().collect();
    for object in &objects {
        world.forget(object);
    }
    world.types.remove(group, plural);
}
