//! What must be so in every cluster that a scenario makes.

mod consistency;
mod life;
mod promises;

use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::demo::controllers::{CONTROLLERS, advance};
use crate::demo::world::{Object, TypeId};

const NOW: Moment = Moment(1_790_000_123_000);

fn made(name: &str) -> World {
    let scenario = find(name).expect("there is such a scenario");
    build(scenario, &BuildOptions { pods: None, seed: 7, now: NOW })
}

fn pass(world: &mut World, seconds: i64) {
    let until = world.now.plus(seconds);
    advance(world, CONTROLLERS, until);
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
