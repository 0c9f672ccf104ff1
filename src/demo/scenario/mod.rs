//! What an embedded cluster is filled with: a shop that has been running for months, and stories that happen in it.
//!
//! A calm cluster is put there as it is, each object as the controllers would have left it, so that they find nothing to
//! do. A story only says what somebody does; what follows is left to the controllers.

mod app;
mod batch;
mod belongings;
mod builder;
mod catalogue;
mod custom;
mod deployments;
mod director;
mod ground;
mod network;
mod past;
mod pods;
mod rules;
mod sets;
mod stories;
mod teams;
mod template;
#[cfg(test)]
mod tests;

use app::{App, Shape};
use builder::Builder;
use catalogue::{APPS, STAGED};
pub use director::{DIRECTOR, Scene};
pub use stories::all;

use super::controllers;
use super::world::{Moment, World};

/// A cluster with a story.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Its name, as people type it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What to look for, in one line.
    pub look_for: &'static str,
    /// About how many pods it has unless asked for others.
    pub pods: Option<usize>,
    /// What is different from the beginning.
    prepare: fn(&mut World),
    /// What happens.
    scenes: &'static [Scene],
}

/// What can be chosen about a cluster.
#[derive(Debug, Clone, Copy)]
pub struct BuildOptions {
    /// About how many pods; `None` for what the scenario has by itself.
    pub pods: Option<usize>,
    /// What everything that comes by chance depends on.
    pub seed: u64,
    /// How late it is when the user meets the cluster.
    pub now: Moment,
}

/// The scenario of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Scenario> {
    all().iter().find(|scenario| scenario.name == name)
}

/// The scenario whose name is most like this, for who mistyped it.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static Scenario> {
    let likeness = |scenario: &&Scenario| (strsim::jaro_winkler(scenario.name, name) * 1_000.0) as u32;
    all().iter().max_by_key(likeness).filter(|scenario| likeness(scenario) > 700)
}

/// Makes the cluster of a scenario.
#[must_use]
pub fn build(scenario: &Scenario, options: &BuildOptions) -> World {
    // Scenes that lie behind are lived through, as everything else that comes of them.
    let before = scenario.scenes.iter().map(|scene| scene.at).min().unwrap_or(0).min(0);
    let world = World::new(options.seed, options.now.plus(before));
    let pods = options.pods.or(scenario.pods).unwrap_or(0);
    let hosts = ground::hosts(&world, pods);
    let mut builder = Builder::new(world, hosts);
    builder.teams(pods);
    builder.cluster();
    // There is nothing to do about what is there. Controllers would take seconds to find that out of a hundred thousand pods.
    builder.world.take_fresh();
    builder.life();
    let mut world = builder.world;
    (scenario.prepare)(&mut world);
    director::plan(&mut world, scenario, options.now);
    if before < 0 {
        controllers::advance(&mut world, controllers::CONTROLLERS, options.now);
    }
    world
}

impl Builder {
    /// A calm cluster.
    fn cluster(&mut self) {
        for (name, team) in ground::NAMESPACES {
            self.namespace(name, team);
        }
        self.nodes();
        self.classes();
        self.network();
        // Daemons are on every node before anything else takes the room.
        for daemons in [true, false] {
            let is_daemon = |app: &&App| (app.shape == Shape::DaemonSet) == daemons;
            for app in APPS.iter().filter(is_daemon) {
                self.app(app);
            }
        }
        for app in APPS.iter().filter(|app| STAGED.contains(&&*app.name)) {
            let copy = App { namespace: "staging".into(), replicas: 1, most: None, ..app.clone() };
            self.app(&copy);
        }
        self.custom_resources();
    }

    /// What will do something by itself, for which controllers have to know of it: jobs, autoscalers, events that will be
    /// forgotten.
    fn life(&mut self) {
        self.batch();
        for app in APPS {
            self.autoscaler(app);
        }
        self.rules();
        self.past();
    }

    /// An application with all that belongs to it.
    fn app(&mut self, app: &App) {
        self.world.behaviours.set(format!("{}:", app.repository()), app.behaviour());
        self.belongings(app);
        let pods = match app.shape {
            Shape::Deployment => self.deployment(app, 3),
            Shape::StatefulSet { gib } => self.stateful_set(app, gib),
            Shape::DaemonSet => self.daemon_set(app),
        };
        self.service(app, &pods);
        self.ingress(app);
        self.budget(app);
    }
}
