//! What a deployment says of itself: its status, and whether it gets on.

use serde_json::{Value, json};

use super::super::conditions;
use super::rollout::complete;
use super::sets::{Set, Sets};
use super::{Deployment, pods};
use crate::demo::world::value::{int, text};
use crate::demo::world::{ControllerId, Key, Moment, World};

const PROGRESSING: &str = "Progressing";
const FAILURE: &str = "ReplicaFailure";
const AVAILABLE: &str = "NewReplicaSetAvailable";
const EXCEEDED: &str = "ProgressDeadlineExceeded";
const PAUSED: &str = "DeploymentPaused";

/// A condition that a deployment is in.
struct Condition<'a> {
    of: &'a str,
    status: &'a str,
    reason: &'a str,
    message: &'a str,
}

impl<'a> Condition<'a> {
    fn progressing(status: &'a str, reason: &'a str, message: &'a str) -> Condition<'a> {
        Condition { of: PROGRESSING, status, reason, message }
    }

    /// Puts the condition among the others, unless it is among them with the same status and reason. `again` renews
    /// it even so.
    fn put(&self, status: &mut Value, now: Moment, again: bool) {
        let known = conditions::find(status, self.of);
        let is = |field: &str, said: &str| known.is_some_and(|known| text(known, field) == said);
        if !again && is("/status", self.status) && is("/reason", self.reason) {
            return;
        }
        let new = json!({
            "type": self.of,
            "status": self.status,
            "reason": self.reason,
            "message": self.message,
            "lastUpdateTime": now.rfc3339(),
            "lastTransitionTime": conditions::since(known, self.status, now),
        });
        conditions::put_last(status, new);
    }
}

fn put(world: &mut World, deployment: &Deployment, condition: &Condition) {
    if deployment.deadline().is_none() {
        return;
    }
    let now = world.now;
    world.modify(&deployment.object.key, |value| condition.put(&mut value["status"], now, false));
}

/// The ReplicaSet of the template was created.
pub(super) fn note_created(world: &mut World, deployment: &Deployment, name: &str) {
    let message = format!("Created new replica set \"{name}\"");
    put(world, deployment, &Condition::progressing("True", "NewReplicaSetCreated", &message));
}

/// The ReplicaSet of the template could not be created.
pub(super) fn note_failed(world: &mut World, deployment: &Deployment, message: &str) {
    put(world, deployment, &Condition::progressing("False", "ReplicaSetCreateError", message));
}

/// The ReplicaSet of the template was there already.
pub(super) fn note_found(world: &mut World, deployment: &Deployment, name: &str) {
    if conditions::find(&deployment.value["status"], PROGRESSING).is_none() {
        let message = format!("Found new replica set \"{name}\"");
        put(world, deployment, &Condition::progressing("True", "FoundNewReplicaSet", &message));
    }
}

/// Whether it is paused, which stops the clock.
pub(super) fn note_pause(world: &mut World, deployment: &Deployment) {
    let reason =
        conditions::find(&deployment.value["status"], PROGRESSING).map_or("", |known| text(known, "/reason"));
    let condition = match (deployment.paused(), reason) {
        (_, EXCEEDED) => return,
        (true, PAUSED) => return,
        (true, _) => Condition::progressing("Unknown", PAUSED, "Deployment is paused"),
        (false, PAUSED) => Condition::progressing("Unknown", "DeploymentResumed", "Deployment is resumed"),
        (false, _) => return,
    };
    put(world, deployment, &condition);
}

/// Writes what there is.
pub(super) fn count(world: &mut World, deployment: &Deployment, sets: &Sets) {
    let Some(now) = world.get(&deployment.object.key).map(|object| object.value()) else { return };
    let status = counted(world, deployment, sets, &now["status"]);
    world.report(&deployment.object.key, &now, status);
}

/// Writes what there is and whether it gets on, and looks again when it has to have got on.
pub(super) fn follow(world: &mut World, me: ControllerId, key: &Key) {
    let Some(object) = world.get(key).cloned() else { return };
    let deployment = Deployment::of(object);
    let sets = Sets::of(world, &deployment);
    let before = deployment.value["status"].clone();
    let mut status = counted(world, &deployment, &sets, &before);
    progress(world.now, &deployment, &sets, &before, &mut status);
    if let Some(due) = due(&deployment, &status) {
        world.look_at(me, key, due);
    }
    world.report(key, &deployment.value, status);
}

fn counted(world: &World, deployment: &Deployment, sets: &Sets, before: &Value) -> Value {
    let field = |name: &'static str| move |set: &Set| int(&set.value, name);
    let available = sets.sum(|set| set.available);
    let mut status = json!({
        "observedGeneration": int(&deployment.value, "/metadata/generation"),
        "terminatingReplicas": sets.sum(field("/status/terminatingReplicas")),
    });
    pods::put(&mut status, "replicas", sets.sum(|set| set.actual));
    pods::put(&mut status, "updatedReplicas", sets.new.as_ref().map_or(0, |new| new.actual));
    pods::put(&mut status, "readyReplicas", sets.sum(field("/status/readyReplicas")));
    pods::put(&mut status, "availableReplicas", available);
    pods::put(&mut status, "unavailableReplicas", (sets.sum(|set| set.replicas) - available).max(0));
    for kept in ["collisionCount", "conditions"] {
        if let Some(value) = before.get(kept) {
            status[kept] = value.clone();
        }
    }
    let enough = available >= deployment.replicas - deployment.max_unavailable;
    let (is, reason, message) = if enough {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    Condition { of: "Available", status: is, reason, message }.put(&mut status, world.now, false);
    status
}

/// Says in `status` whether the deployment got on since `before`.
fn progress(now: Moment, deployment: &Deployment, sets: &Sets, before: &Value, status: &mut Value) {
    fail_with_sets(sets, status);
    let Some(deadline) = deployment.deadline() else { return conditions::remove(status, PROGRESSING) };
    let known = conditions::find(status, PROGRESSING).cloned();
    let reason = known.as_ref().map_or("", |known| text(known, "/reason"));
    if int(status, "/replicas") == int(status, "/updatedReplicas") && reason == AVAILABLE {
        return;
    }
    let what = match &sets.new {
        Some(new) => format!("ReplicaSet \"{}\"", new.object.name()),
        None => format!("Deployment \"{}\"", deployment.object.name()),
    };
    let since = known.as_ref().and_then(|known| Moment::parse(text(known, "/lastUpdateTime")));
    let late = since.is_some_and(|since| since.plus(deadline) < now) && reason != AVAILABLE;
    let (done, moved) = (complete(deployment, status), got_on(before, status));
    let mut say = |is, reason, message: String, again| {
        Condition::progressing(is, reason, &message).put(status, now, again);
    };
    if done {
        say("True", AVAILABLE, format!("{what} has successfully progressed."), false);
    } else if moved {
        say("True", "ReplicaSetUpdated", format!("{what} is progressing."), true);
    } else if late || reason == EXCEEDED {
        say("False", EXCEEDED, format!("{what} has timed out progressing."), false);
    }
}

/// Whether there is more of what is wanted, or less of what is not.
fn got_on(before: &Value, after: &Value) -> bool {
    let more = |field: &str| int(after, field) > int(before, field);
    let others = |status: &Value| int(status, "/replicas") - int(status, "/updatedReplicas");
    ["/updatedReplicas", "/readyReplicas", "/availableReplicas"].iter().any(|field| more(field))
        || others(after) < others(before)
}

/// Takes over from the ReplicaSets that they cannot create pods.
fn fail_with_sets(sets: &Sets, status: &mut Value) {
    conditions::remove(status, FAILURE);
    let failed = |set: &Set| conditions::find(&set.value["status"], FAILURE).cloned();
    if let Some(mut failure) = sets.new.iter().chain(&sets.old).find_map(failed) {
        failure["lastUpdateTime"] = failure["lastTransitionTime"].clone();
        conditions::put_last(status, failure);
    }
}

/// When it has to have got on, if it is on its way.
fn due(deployment: &Deployment, status: &Value) -> Option<Moment> {
    let known = conditions::find(status, PROGRESSING)?;
    let waits = !matches!(text(known, "/reason"), AVAILABLE | EXCEEDED | PAUSED);
    let since = Moment::parse(text(known, "/lastUpdateTime"))?;
    deployment.deadline().filter(|_| waits).map(|deadline| since.plus(deadline + 1))
}
