//! What must be so in every cluster that a scenario makes.

mod consistency;
mod life;
mod promises;

use super::*;
use crate::demo::controllers::{CONTROLLERS, advance};

const NOW: Moment = Moment(1_790_000_123_000);

fn made(name: &str) -> World {
    let scenario = find(name).expect("there is such a scenario");
    build(scenario, &BuildOptions { pods: None, seed: 7, now: NOW })
}

fn pass(world: &mut World, seconds: i64) {
    let until = world.now.plus(seconds);
    advance(world, CONTROLLERS, until);
}
