//! A service that takes more and more memory.

use super::{app, release};
use crate::demo::scenario::{Scenario, Scene};
use crate::demo::world::{Behaviour, Format, Load, Voice, World};

pub(super) const OUT_OF_MEMORY: Scenario = Scenario {
    name: "out-of-memory",
    title: "a service leaks until it is killed",
    look_for: "recommendations in shop is OOMKilled again and again: R sorts by restarts",
    pods: None,
    prepare,
    scenes: &[Scene {
        at: -1_500,
        act: |world| release(world, "recommendations", IMAGE, "cache rendered pages"),
    }],
};

const IMAGE: &str = "registry.example.com/shop/recommendations:3.41.0";

fn prepare(world: &mut World) {
    let good = app("recommendations").behaviour();
    // From 300 MiB to the limit of 768 MiB in two and a half minutes.
    let load = Load { memory_mib: 300.0, leak_mib: 180.0, ..good.load };
    let voice = Voice { format: Format::Logfmt, topic: "leak", per_minute: 40.0, ..good.voice };
    world.behaviours.set(IMAGE, Behaviour { load, voice, ..good });
}
