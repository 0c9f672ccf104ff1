//! A cluster that talks a lot.

use crate::demo::scenario::Scenario;
use crate::demo::scenario::app::Shape;
use crate::demo::scenario::catalogue::APPS;
use crate::demo::world::{Trouble, Voice, World};

pub(super) const NOISY: Scenario = Scenario {
    name: "noisy",
    title: "thousands of log lines a second",
    look_for: "fifty pods log thousands of lines a second: l on a node, find the errors",
    pods: None,
    prepare,
    scenes: &[],
};

/// How many times as much everything says.
const LOUDER: f64 = 120.0;

fn prepare(world: &mut World) {
    let talks =
        |namespace: &str| matches!(namespace, "shop" | "payments" | "search" | "platform" | "ingress");
    for app in APPS.iter().filter(|app| app.shape == Shape::Deployment && talks(&app.namespace)) {
        let mut behaviour = app.behaviour();
        let per_minute = behaviour.voice.per_minute * LOUDER;
        behaviour.voice = Voice { per_minute, trouble: Trouble::Bursts, ..behaviour.voice };
        world.behaviours.set(format!("{}:", app.repository()), behaviour);
    }
}
