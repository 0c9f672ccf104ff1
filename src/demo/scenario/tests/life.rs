use super::*;
use crate::demo::controllers::settle;
use crate::demo::world::{Change, Object, TypeId};

/// What changed after `version`, field by field, for who wants to know why a test fails.
fn changes(world: &World, version: u64, which: impl Fn(&Change) -> bool) -> Vec<String> {
    let show = |change: &Change| {
        let value = |object: &Option<Arc<Object>>| object.as_ref().map_or(Value::Null, |o| o.value());
        let mut fields = Vec::new();
        compare("", &value(&change.before), &value(&change.after), &mut fields);
        format!("{:?}: {}", change.object().key, fields.join("; "))
    };
    world.store.after(version).unwrap().filter(|change| which(change)).map(show).collect()
}

fn compare(at: &str, before: &Value, after: &Value, fields: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
                compare(&format!("{at}/{key}"), &before[key], &after[key], fields);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (number, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&format!("{at}/{number}"), old, new, fields);
            }
        }
        _ if before != after && at != "/metadata/resourceVersion" => {
            fields.push(format!("{at}: {before} is {after}"));
        }
        _ => {}
    }
}

#[test]
fn the_controllers_find_nothing_to_do_in_a_calm_cluster() {
    let mut world = made("calm");
    let version = world.store.version();
    settle(&mut world, CONTROLLERS);
    let changes = changes(&world, version, |_| true);
    assert!(changes.is_empty(), "{} changes:\n{}", changes.len(), changes[..changes.len().min(5)].join("\n"));
}

#[test]
fn nothing_happens_in_a_calm_cluster_but_what_is_regular() {
    let mut world = made("calm");
    settle(&mut world, CONTROLLERS);
    let version = world.store.version();
    pass(&mut world, 600);
    let regular = |change: &Change| {
        let object = change.object();
        object.label("app.kubernetes.io/component") == Some("batch")
            || matches!(object.key.of, TypeId::EVENTS | TypeId::CRON_JOBS)
    };
    let changes = changes(&world, version, |change| !regular(change));
    assert!(changes.is_empty(), "{} changes: {}", changes.len(), changes[0]);
}
