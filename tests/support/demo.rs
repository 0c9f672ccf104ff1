//! A simulated cluster with nodes and nothing else.

use kittiwake::demo::world::{Moment, TypeId, World};
use kittiwake::demo::{Demo, DemoOptions};
use serde_json::json;

/// One that runs ten times as fast as we do.
pub(crate) fn start() -> Demo {
    Demo::start(world, DemoOptions { speed: 10.0, port: 0 }).unwrap()
}

/// A cluster as it is when it is new.
pub(crate) fn world() -> World {
    let mut world = World::new(1, Moment(1_700_000_000_000));
    for name in ["default", "kube-system"] {
        world.insert(TypeId::NAMESPACES, json!({"metadata": {"name": name}}));
    }
    for number in 1..=3 {
        let name = format!("node-{number}");
        let room = json!({"cpu": "8", "memory": "16Gi", "pods": "110"});
        world.insert(
            TypeId::NODES,
            json!({
                "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
                "status": {
                    "capacity": room, "allocatable": room,
                    "conditions": [{"type": "Ready", "status": "True"}],
                    "addresses": [{"type": "InternalIP", "address": format!("10.0.0.{number}")}],
                },
            }),
        );
    }
    world
}
