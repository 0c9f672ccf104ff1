//! Small controllers, a file each: what the controller manager, the scheduler and the kubelets do in a real cluster.
//!
//! A controller says which objects it has to look at after a change (`routes`), and brings one object nearer to
//! what it should be (`reconcile`), reading nothing but the world. What takes time it does by looking again later.

mod autoscalers;
mod budgets;
mod claims;
mod conditions;
mod cronjobs;
mod daemonsets;
mod definitions;
mod deployments;
mod endpointslices;
mod events;
mod garbage;
mod jobs;
mod kubelet;
mod namespaces;
mod nodes;
mod pods;
mod replicasets;
mod revisions;
mod scheduler;
mod statefulsets;
mod taints;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use super::scenario::DIRECTOR;
use super::world::{Change, ControllerId, Key, Moment, Task, World};

/// A controller.
#[derive(Clone, Copy)]
pub struct Controller {
    /// Its name, as the source of its events.
    pub name: &'static str,
    /// Names the objects to look at after a change.
    pub routes: fn(&World, &Change, &mut Vec<Key>),
    /// Looks at one object, which may be gone.
    pub reconcile: fn(&mut World, ControllerId, &Key),
}

impl std::fmt::Debug for Controller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Controller").field(&self.name).finish()
    }
}

/// The controllers that run a cluster, in the order in which they are told of a change.
pub static CONTROLLERS: &[Controller] = &[
    Controller { name: "namespace-controller", routes: namespaces::routes, reconcile: namespaces::reconcile },
    Controller { name: "garbage-collector", routes: garbage::routes, reconcile: garbage::reconcile },
    Controller { name: nodes::NAME, routes: nodes::routes, reconcile: nodes::reconcile },
    Controller { name: taints::NAME, routes: taints::routes, reconcile: taints::reconcile },
    Controller { name: deployments::NAME, routes: deployments::routes, reconcile: deployments::reconcile },
    Controller { name: replicasets::NAME, routes: replicasets::routes, reconcile: replicasets::reconcile },
    Controller { name: statefulsets::NAME, routes: statefulsets::routes, reconcile: statefulsets::reconcile },
    Controller { name: daemonsets::NAME, routes: daemonsets::routes, reconcile: daemonsets::reconcile },
    Controller { name: cronjobs::NAME, routes: cronjobs::routes, reconcile: cronjobs::reconcile },
    Controller { name: jobs::NAME, routes: jobs::routes, reconcile: jobs::reconcile },
    Controller { name: claims::NAME, routes: claims::routes, reconcile: claims::reconcile },
    Controller { name: scheduler::NAME, routes: scheduler::routes, reconcile: scheduler::reconcile },
    Controller { name: kubelet::NAME, routes: kubelet::routes, reconcile: kubelet::reconcile },
    Controller {
        name: endpointslices::NAME,
        routes: endpointslices::routes,
        reconcile: endpointslices::reconcile,
    },
    Controller { name: budgets::NAME, routes: budgets::routes, reconcile: budgets::reconcile },
    Controller { name: autoscalers::NAME, routes: autoscalers::routes, reconcile: autoscalers::reconcile },
    Controller { name: "events", routes: events::routes, reconcile: events::reconcile },
    Controller { name: "definitions", routes: definitions::routes, reconcile: definitions::reconcile },
    DIRECTOR,
];

/// Most tasks that are done for one moment. Controllers that answer each other for ever would hold up the world; with
/// this many undone tasks they go on at the next moment.
const PATIENCE: usize = 200_000;

/// Does everything that is to be done up to `now`, moment by moment.
pub fn advance(world: &mut World, controllers: &[Controller], now: Moment) {
    settle(world, controllers);
    while let Some(due) = world.queue.take_due(now) {
        world.now = world.now.max(due);
        settle(world, controllers);
    }
    world.now = world.now.max(now);
}

/// Lets the controllers do what follows from the latest changes, without letting time pass.
pub fn settle(world: &mut World, controllers: &[Controller]) {
    for _ in 0..PATIENCE {
        route(world, controllers);
        let Some(Task { controller, key }) = world.queue.pop() else { return };
        if let Some(found) = controllers.get(usize::from(controller.0)) {
            (found.reconcile)(world, controller, &key);
        }
    }
}

/// Tells the controllers of the latest changes.
fn route(world: &mut World, controllers: &[Controller]) {
    let mut keys = Vec::new();
    for change in world.take_fresh() {
        for (at, controller) in controllers.iter().enumerate() {
            (controller.routes)(world, &change, &mut keys);
            for key in keys.drain(..) {
                world.queue.add(Task { controller: ControllerId(at as u8), key });
            }
        }
    }
}
