//! Workloads for which there is no place.

use serde_json::json;

use super::{ask, deploy};
use crate::demo::scenario::{Scenario, Scene};
use crate::demo::world::World;
use crate::demo::world::value::set;

pub(super) const PENDING: Scenario = Scenario {
    name: "pending",
    title: "pods that fit nowhere",
    look_for: "forecast, training and rehearsal are Pending: their events say why",
    pods: None,
    prepare: |_| (),
    scenes: &[
        Scene { at: -900, act: forecast },
        Scene { at: -620, act: training },
        Scene { at: -240, act: rehearsal },
    ],
};

/// It asks for more than any node has.
fn forecast(world: &mut World) {
    deploy(world, "platform", "forecast", "registry.example.com/platform/forecast:0.3.0", 1, |template| {
        ask(template, "24", "96Gi");
    });
}

/// It wants a graphics processor, and does not tolerate the taint of the node that has some.
fn training(world: &mut World) {
    deploy(world, "search", "training", "registry.example.com/search/training:0.2.1", 2, |template| {
        ask(template, "2", "8Gi");
        set(template, "/spec/nodeSelector", json!({"example.com/accelerator": "graphics"}));
    });
}

/// There is room for some of it, and not for the rest.
fn rehearsal(world: &mut World) {
    deploy(world, "platform", "rehearsal", "registry.example.com/platform/rehearsal:1.0.0", 30, |template| {
        ask(template, "4", "2Gi");
    });
}
