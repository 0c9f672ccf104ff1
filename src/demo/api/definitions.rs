//! Custom resource definitions: an object of this type makes its resources served, and takes them with it.

use serde_json::{Value, json};

use crate::demo::controllers::Controller;
use crate::demo::world::value::{flag, int, list, map, set, text};
use crate::demo::world::{Change, Column, ControllerId, Key, Object, Type, TypeId, World};

/// Serves what custom resource definitions define.
pub(crate) static DEFINITIONS: Controller = Controller { name: "definitions", routes, reconcile };

fn routes(_: &World, change: &Change, keys: &mut Vec<Key>) {
    let key = &change.object().key;
    if key.of == TypeId::DEFINITIONS {
        keys.push(key.clone());
    }
}

fn reconcile(world: &mut World, _: ControllerId, key: &Key) {
    let Some(object) = world.get(key).cloned() else {
        // The name of a definition is `PLURAL.GROUP`.
        if let Some((plural, group)) = key.name.split_once('.') {
            forget(world, group, plural);
        }
        return;
    };
    let definition = object.value();
    let Some(defined) = defined(&definition) else { return };
    world.types.add(defined);
    accept(world, &object, &definition);
}

/// The type that is defined: one version of it, that which is stored.
pub(crate) fn defined(definition: &Value) -> Option<Type> {
    let version = list(definition, "/spec/versions").iter().find(|version| flag(version, "/storage"))?;
    let own = |at: &str| text(definition, at).to_owned().into();
    let all = |at: &str| {
        list(definition, at).iter().filter_map(Value::as_str).map(|name| name.to_owned().into()).collect()
    };
    let kind = text(definition, "/spec/names/kind");
    let singular = match text(definition, "/spec/names/singular") {
        "" => kind.to_ascii_lowercase(),
        singular => singular.to_owned(),
    };
    let parts = map(version, "/subresources").into_iter().flatten().filter(|(_, part)| part.is_object());
    Some(Type {
        group: own("/spec/group"),
        version: text(version, "/name").to_owned().into(),
        plural: own("/spec/names/plural"),
        singular: singular.into(),
        kind: kind.to_owned().into(),
        namespaced: text(definition, "/spec/scope") == "Namespaced",
        short: all("/spec/names/shortNames"),
        categories: all("/spec/names/categories"),
        subresources: parts.map(|(name, _)| name.clone().into()).collect(),
        selectable: &[],
        columns: list(version, "/additionalPrinterColumns").iter().map(column).collect(),
        custom: true,
    })
}

fn column(column: &Value) -> Column {
    let own = |at: &str| text(column, at).to_owned();
    Column {
        name: own("/name"),
        kind: own("/type"),
        path: own("/jsonPath"),
        description: own("/description"),
        priority: int(column, "/priority"),
    }
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
