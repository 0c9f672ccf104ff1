//! What must be so in every cluster that a scenario makes.

mod consistency;
mod life;
mod promises;

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::demo::controllers::{CONTROLLERS, advance};
use crate::demo::world::{Key, Object, TypeId};

const NOW: Moment = Moment(1_790_000_123_000);

fn made(name: &str) -> World {
    let scenario = find(name).expect("there is such a scenario");
    build(scenario, &BuildOptions { pods: None, seed: 7, now: NOW })
}

fn pass(world: &mut World, seconds: i64) {
    let until = world.now.plus(seconds);
    advance(world, CONTROLLERS, until);
}

/// Makes all controllers look at everything, and tells what they changed, field by field.
fn looked_at(world: &mut World) -> Vec<String> {
    let all: Vec<Key> = everything(world).into_iter().map(|(_, object)| object.key.clone()).collect();
    world.store.compact();
    let version = world.store.version();
    let count = all.len();
    let mut changes = Vec::new();
    // No more at once than a world remembers.
    for some in all.chunks(World::MEMORY / 4) {
        let before = world.store.version();
        for key in some {
            world.modify(key, |value| value["metadata"]["managedFields"] = json!([]));
        }
        controllers::settle(world, CONTROLLERS);
        changes.extend(life::changes(world, before, |change| {
            change.before.as_ref().zip(change.after.as_ref()).is_none_or(|(before, after)| {
                let touched = |object: &Arc<Object>| object.value()["metadata"]["managedFields"].is_array();
                touched(before) || !touched(after)
            })
        }));
    }
    assert_eq!(world.store.version() - version, (count + changes.len()) as u64);
    changes
}

/// All objects, with their values.
fn everything(world: &World) -> Vec<(Value, Arc<Object>)> {
    let types: Vec<TypeId> = world.types.served().map(|(id, _)| id).collect();
    types
        .into_iter()
        .flat_map(|of| world.store.all(of, ""))
        .map(|object| (object.value(), object.clone()))
        .collect()
}
