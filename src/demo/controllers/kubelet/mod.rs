//! The kubelets: what becomes of a pod on its node, from pulling the images to the end of its containers.
//!
//! A kubelet writes nothing while nothing changes: there are no heartbeats, and a node is well until its power is off
//! (see [`POWER`](crate::demo::world::POWER)). When something will happen by itself - a process is ready, ends, is
//! started again - the pod is looked at again at that moment.

mod containers;
mod images;
mod status;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::{Value, json};

use super::events::{self, Said};
use super::pods::facts;
use crate::demo::world::naming::scatter;
use crate::demo::world::value::{flag, int, list, set, text};
use crate::demo::world::{
    Change, ContainerMemory, ControllerId, Deletion, Key, Moment, Object, PodMemory, TypeId, World,
};
use crate::resources::Symbol;
use containers::{Course, Sort};

/// The source of its events.
pub(super) const NAME: &str = "kubelet";

/// A pod that has a node, and the pods of a node whose kubelet comes back.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let Some(after) = &change.after else { return };
    match after.key.of {
        TypeId::PODS if !facts(after).node.is_empty() => keys.push(after.key.clone()),
        TypeId::NODES => {
            let powered = |node: &Arc<Object>| node.node().is_some_and(|facts| facts.powered);
            if powered(after) && !change.before.as_ref().is_some_and(powered) {
                keys.extend(world.store.on_node(after.name()).pods.iter().cloned());
            }
        }
        _ => {}
    }
}

/// Brings the containers of a pod to where they should be by now.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    let Some(pod) = world.get(key).cloned() else { return };
    let node = world.get(&Key::new(TypeId::NODES, "", &facts(&pod).node)).cloned();
    let Some(node) = node.filter(|node| node.node().is_some_and(|facts| facts.powered)) else { return };
    if facts(&pod).ended() && !pod.deleting {
        return;
    }
    let mut sync = Sync::new(world, pod.clone(), &node);
    let gone = pod.deleting && sync.end();
    if !pod.deleting {
        sync.run(&node);
    }
    sync.write(me);
    if gone {
        let now = Deletion { grace: Some(0), ..Deletion::default() };
        // Finalizers may hold it.
        let _ = world.delete(key, &now);
    }
}

/// One look of a kubelet at a pod.
struct Sync<'w> {
    world: &'w mut World,
    pod: Arc<Object>,
    value: Value,
    status: Value,
    node: Symbol,
    memory: PodMemory,
    notes: Vec<Note>,
    /// When something happens next.
    next: Option<Moment>,
}

/// An event to be recorded once the status is written.
struct Note {
    field: String,
    warning: bool,
    reason: &'static str,
    message: String,
}

impl<'w> Sync<'w> {
    fn new(world: &'w mut World, pod: Arc<Object>, node: &Object) -> Sync<'w> {
        let value = pod.value();
        let memory = world.memory.pods.remove(&pod.uid).unwrap_or_default();
        let status = value["status"].clone();
        Sync { world, value, status, node: node.key.name.clone(), memory, pod, notes: Vec::new(), next: None }
    }

    fn now(&self) -> Moment {
        self.world.now
    }

    /// Looks again at this moment, or before.
    fn wait_until(&mut self, at: Moment) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }

    /// Says something about the pod, or a part of it.
    fn note(&mut self, field: &str, warning: bool, reason: &'static str, message: impl Into<String>) {
        self.notes.push(Note { field: field.to_owned(), warning, reason, message: message.into() });
    }

    /// A number below `end` that is the same for this pod every time.
    fn chance(&self, what: &str, end: u64) -> i64 {
        (scatter(self.world.seed, &[&self.pod.uid.to_string(), what]) % end) as i64
    }

    fn memory_of(&mut self, container: &str) -> &mut ContainerMemory {
        self.memory.containers.entry(container.to_owned()).or_default()
    }

    /// Writes what became of the pod.
    fn write(self, me: ControllerId) {
        let Sync { world, pod, value, status, mut memory, notes, next, node, .. } = self;
        world.report(&pod.key, &value, status);
        for Note { field, warning, reason, message } in &notes {
            let said =
                Said { component: NAME, host: &node, field, action: "", warning: *warning, reason, message };
            events::record(world, &pod, said);
        }
        memory.containers.retain(|_, container| *container != ContainerMemory::default());
        if memory != PodMemory::default() && world.get(&pod.key).is_some() {
            world.memory.pods.insert(pod.uid, memory);
        }
        if let Some(next) = next {
            world.look_at(me, &pod.key, next);
        }
    }

    /// Ends the containers. Answers whether the pod can go.
    fn end(&mut self) -> bool {
        let grace = int(&self.value, "/metadata/deletionGracePeriodSeconds");
        let asked = Moment::parse(text(&self.value, "/metadata/deletionTimestamp"))
            .map_or(self.now(), |at| at.plus(-grace));
        let took = 1_000 + self.chance("end", 1_500);
        let end = asked.plus_ms(took.min(grace * 1_000));
        if !self.memory.killing {
            self.memory.killing = true;
            for status in list(&self.status, "/containerStatuses").to_vec() {
                if status.pointer("/state/running").is_some() {
                    let name = text(&status, "/name");
                    let message = format!("Stopping container {name}");
                    self.note(&containers::field(Sort::Main, name), false, "Killing", message);
                }
            }
        }
        if self.now() < end {
            self.wait_until(end);
            return false;
        }
        // Services end well when they are told to; what was to come to an end by itself does not get there.
        let exit_code = if text(&self.value, "/spec/restartPolicy") == "Always" { 0 } else { 143 };
        for which in ["containerStatuses", "initContainerStatuses"] {
            for status in self.status.get_mut(which).and_then(Value::as_array_mut).into_iter().flatten() {
                containers::stop(status, self.world.now, exit_code);
            }
        }
        self.conclude();
        true
    }

    /// Starts what is to be started, and notices what has become of what runs.
    fn run(&mut self, node: &Object) {
        if text(&self.status, "/startTime").is_empty() {
            self.status["startTime"] = json!(self.now().rfc3339());
        }
        if text(&self.status, "/hostIP").is_empty() {
            let address = images::address_of(node);
            self.status["hostIP"] = json!(address);
            self.status["hostIPs"] = json!([{"ip": address}]);
        }
        if self.has_network(node) {
            if self.initialize() {
                self.advance(Sort::Main);
                self.look_in();
            } else {
                self.prepare(Sort::Main);
            }
        } else {
            self.prepare(Sort::Init);
            self.prepare(Sort::Main);
        }
        self.conclude();
    }

    /// Whether the pod has its sandbox; it gets one a moment after it came to the node.
    fn has_network(&mut self, node: &Object) -> bool {
        if !text(&self.status, "/podIP").is_empty() {
            return true;
        }
        let started = Moment::parse(text(&self.status, "/startTime")).unwrap_or(self.now());
        let ready = started.plus_ms(1_000 + self.chance("sandbox", 900));
        if self.now() < ready {
            self.wait_until(ready);
            return false;
        }
        let address = if flag(&self.value, "/spec/hostNetwork") {
            images::address_of(node)
        } else {
            images::free_address(self.world, node, self.pod.uid)
        };
        self.status["podIP"] = json!(address);
        self.status["podIPs"] = json!([{"ip": address}]);
        true
    }

    /// Runs the init containers, one after the other. Answers whether the others may start.
    fn initialize(&mut self) -> bool {
        let declared = list(&self.value, "/spec/initContainers").to_vec();
        self.prepare(Sort::Init);
        for container in &declared {
            let sidecar = text(container, "/restartPolicy") == "Always";
            let course = self.step(container, if sidecar { Sort::Sidecar } else { Sort::Init });
            let passed =
                matches!((sidecar, course), (true, Course::Runs) | (false, Course::Done { exit_code: 0 }));
            if !passed {
                return false;
            }
        }
        true
    }

    /// Takes every container of a sort one step further.
    fn advance(&mut self, sort: Sort) {
        self.prepare(sort);
        let courses: Vec<Course> = list(&self.value, sort.declared())
            .to_vec()
            .iter()
            .map(|container| self.step(container, sort))
            .collect();
        // Sidecars end when there is nothing left that they could be beside.
        if courses.iter().all(|course| matches!(course, Course::Done { .. })) {
            let now = self.now();
            let sidecars = self.status.get_mut("initContainerStatuses").and_then(Value::as_array_mut);
            sidecars.into_iter().flatten().for_each(|status| containers::stop(status, now, 0));
        }
    }

    /// Runs the containers with which somebody looks into the pod.
    fn look_in(&mut self) {
        self.prepare(Sort::Ephemeral);
        for container in list(&self.value, Sort::Ephemeral.declared()).to_vec() {
            self.step(&container, Sort::Ephemeral);
        }
    }

    /// Sees to it that each container of a sort has a status, in the order in which they are declared.
    fn prepare(&mut self, sort: Sort) {
        let declared = list(&self.value, sort.declared());
        if declared.is_empty() {
            return;
        }
        let first = list(&self.value, Sort::Init.declared());
        let waits = sort == Sort::Init || (sort == Sort::Main && !first.is_empty());
        let reason = if waits { "PodInitializing" } else { "ContainerCreating" };
        let known = list(&self.status, &format!("/{}", sort.statuses()));
        let status = |container: &Value| {
            let name = text(container, "/name");
            let found = known.iter().find(|status| text(status, "/name") == name).cloned();
            found.unwrap_or_else(|| containers::fresh(container, reason))
        };
        let statuses: Vec<Value> = declared.iter().map(status).collect();
        self.status[sort.statuses()] = json!(statuses);
    }

    /// Phase and conditions, from what the containers are.
    fn conclude(&mut self) {
        let generation = int(&self.value, "/metadata/generation");
        if generation > 0 {
            set(&mut self.status, "/observedGeneration", generation);
        }
        status::conclude(&self.value, &mut self.status, self.world.now);
    }
}
