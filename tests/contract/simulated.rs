//! The simulated server: a cluster with nodes and nothing else, for each test one of its own.

use std::path::PathBuf;

use kittiwake::demo::world::{Moment, TypeId, World};
use kittiwake::demo::{Demo, DemoOptions};
use serde_json::json;

/// A server to be tested.
pub(crate) struct Target {
    pub(crate) demo: Demo,
}

impl Target {
    pub(crate) fn new() -> Target {
        Target { demo: Demo::start(DemoOptions { world: world(), speed: 10.0, port: 0 }).unwrap() }
    }

    /// A server that no other test uses at the same time.
    pub(crate) fn alone() -> Target {
        Target::new()
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.demo.kubeconfig_path()
    }

    /// Makes the server forget what happened so far.
    pub(crate) fn forget(&self) {
        self.demo.compact();
    }
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
