//! A node that stops answering.

use crate::demo::scenario::{Scenario, Scene};
use crate::demo::world::value::set;
use crate::demo::world::{Key, POWER, TypeId, World};

pub(super) const NODE_DOWN: Scenario = Scenario {
    name: "node-down",
    title: "a node stops answering",
    look_for: "in a minute worker-b2 is NotReady: watch :nodes, and where its pods go",
    pods: None,
    prepare: |_| (),
    scenes: &[Scene { at: 20, act: fail }],
};

/// The power of a node fails.
fn fail(world: &mut World) {
    let key = Key::new(TypeId::NODES, "", "worker-b2");
    let annotation = format!("/metadata/annotations/{}", POWER.replace('/', "~1"));
    world.modify(&key, |node| set(node, &annotation, "off"));
}
