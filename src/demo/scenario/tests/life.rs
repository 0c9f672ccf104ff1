use super::*;
use crate::demo::controllers::settle;
use crate::demo::world::{Change, Object, TypeId};

/// What changed after `version`, field by field, for who wants to know why a test fails.
pub(super) fn changes(world: &World, version: u64, which: impl Fn(&Change) -> bool) -> Vec<String> {
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
fn the_controllers_find_nothing_to_do_in_a_calm_cluster_however_late_it_is() {
    // Cron jobs start at full hours and quarters of one, and some of their jobs run for a minute.
    let hour = 1_790_000_000_000 / 3_600_000 * 3_600_000;
    for seconds in [6, 40, 317, 910, 1_807, 1_860, 3_000] {
        let now = Moment(hour + seconds * 1_000);
        let mut world = build(&all()[0], &BuildOptions { pods: None, seed: 7, now });
        let changes = looked_at(&mut world);
        let first = changes[..changes.len().min(5)].join("\n");
        assert!(changes.is_empty(), "{} changes {seconds} seconds after the hour:\n{first}", changes.len());
    }
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
            || matches!(object.key.of, TypeId::EVENTS | TypeId::CRON_JOBS | TypeId::AUTOSCALERS)
    };
    let changes = changes(&world, version, |change| !regular(change));
    assert!(changes.is_empty(), "{} changes: {}", changes.len(), changes[0]);
}
