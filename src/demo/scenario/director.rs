//! What happens by itself in a story, and when: somebody releases a version, a machine breaks.
//!
//! A scene is a task in the world's queue like any other, at an object that is none: its name is the story's, with the
//! number of the scene behind a slash.

use super::{Scenario, find};
use crate::demo::controllers::{CONTROLLERS, Controller};
use crate::demo::world::{Change, ControllerId, Key, Moment, Task, TypeId, World};

/// Something that happens once.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// When: seconds from the moment at which the user meets the cluster; before it below 0.
    pub at: i64,
    /// What.
    pub act: fn(&mut World),
}

/// The controller that lets scenes happen.
pub const DIRECTOR: Controller =
    Controller { name: "director", routes: |_: &World, _: &Change, _: &mut Vec<Key>| (), reconcile };

/// Puts the scenes of a story in the queue.
pub(super) fn plan(world: &mut World, scenario: &Scenario, start: Moment) {
    let Some(me) = CONTROLLERS.iter().position(|controller| controller.name == DIRECTOR.name) else { return };
    for (number, scene) in scenario.scenes.iter().enumerate() {
        let key = Key::new(TypeId::NAMESPACES, "", &format!("{}/{number}", scenario.name));
        world.queue.add_at(start.plus(scene.at), Task { controller: ControllerId(me as u8), key });
    }
}

fn reconcile(world: &mut World, _: ControllerId, key: &Key) {
    let place = key.name.split_once('/');
    let scenes = place.and_then(|(name, number)| Some((find(name)?.scenes, number.parse::<usize>().ok()?)));
    if let Some(scene) = scenes.and_then(|(scenes, number)| scenes.get(number)) {
        (scene.act)(world);
    }
}
