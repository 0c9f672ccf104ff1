//! Jobs: pods that run until so many of them have ended well.
//!
//! A pod carries a finalizer until its end has been counted, so that none is counted twice or never.

mod indexes;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{self, Name, facts};
use super::replicasets::owner_of_type;
use super::{conditions, events};
use crate::demo::world::value::{flag, int, list, set, text};
use crate::demo::world::{
    Change, ControllerId, Deletion, Key, Moment, Object, Phase, Propagation, TypeId, World,
};
use indexes::Indexes;

/// The source of its events.
pub(super) const NAME: &str = "job-controller";

/// The finalizer of pods whose end has not been counted.
const TRACKED: &str = "batch.kubernetes.io/job-tracking";

/// The annotation and label with the number of a pod, where pods are numbered.
const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// A job, the one that controls a pod, and pods whose job is gone.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    match object.key.of {
        TypeId::JOBS if change.is_end() => {
            keys.extend(pods::of(world, object.uid).iter().map(|pod| pod.key.clone()));
        }
        TypeId::JOBS => keys.push(object.key.clone()),
        TypeId::PODS => {
            keys.extend(owner_of_type(world, change, TypeId::JOBS));
            if is_released(change) {
                keys.push(object.key.clone());
            }
        }
        _ => {}
    }
}

/// Whether a pod is left behind by its controller: nobody will count its end.
fn is_released(change: &Change) -> bool {
    let controlled = |object: &Arc<Object>| object.controller().is_some();
    change.before.as_ref().is_some_and(controlled)
        && change.after.as_ref().is_some_and(|pod| !controlled(pod))
}

/// Counts what has ended, and starts or ends pods as that asks for.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    if key.of == TypeId::PODS {
        return untrack(world, key);
    }
    let Some(object) = world.get(key).cloned() else { return };
    let value = object.value();
    let pods = pods::of(world, object.uid);
    if object.deleting || finished(&value).is_some() {
        pods.iter().for_each(|pod| untrack(world, &pod.key));
        return expire(world, me, &object, &value);
    }
    let mut job = Job { object, status: value["status"].clone(), value, pods };
    if !job.status.is_object() {
        job.status = json!({});
    }
    job.count(world);
    job.act(world, me);
    let Job { value, status, .. } = job;
    world.report(key, &value, status);
}

/// The condition that a job has come to its end with.
pub(super) fn finished(job: &Value) -> Option<&'static str> {
    ["Complete", "Failed"].into_iter().find(|of| conditions::holds(&job["status"], of))
}

/// A pod is not held any longer.
fn untrack(world: &mut World, pod: &Key) {
    world.modify(pod, |pod| {
        let mut all = list(pod, "/metadata/finalizers").to_vec();
        if all.iter().any(|name| name == TRACKED) {
            all.retain(|name| name != TRACKED);
            set(pod, "/metadata/finalizers", all);
        }
    });
}

/// Deletes a job some time after its end, where that is asked for.
fn expire(world: &mut World, me: ControllerId, job: &Object, value: &Value) {
    let lives = value.pointer("/spec/ttlSecondsAfterFinished").and_then(Value::as_i64);
    let Some((of, lives)) = finished(value).zip(lives) else { return };
    let end = conditions::find(&value["status"], of).map_or("", |known| text(known, "/lastTransitionTime"));
    let due = Moment::parse(end).unwrap_or(world.now).plus(lives);
    if world.now < due {
        return world.look_at(me, &job.key, due);
    }
    let how = Deletion { propagation: Some(Propagation::Background), ..Deletion::default() };
    // Someone may have deleted it meanwhile.
    let _ = world.delete(&job.key, &how);
}

/// A job as one pass sees it.
struct Job {
    object: Arc<Object>,
    value: Value,
    status: Value,
    pods: Vec<Arc<Object>>,
}

impl Job {
    fn is_indexed(&self) -> bool {
        text(&self.value, "/spec/completionMode") == "Indexed"
    }

    fn completions(&self) -> i64 {
        int(&self.value, "/spec/completions")
    }

    fn active(&self) -> Vec<Arc<Object>> {
        self.pods.iter().filter(|pod| pods::is_active(pod)).cloned().collect()
    }

    /// Counts the pods that have ended since, and those that are there.
    fn count(&mut self, world: &mut World) {
        let mut completed = Indexes::parse(text(&self.status, "/completedIndexes"));
        let (mut succeeded, mut failed) = (int(&self.status, "/succeeded"), int(&self.status, "/failed"));
        for pod in &self.pods {
            // A pod that never had a node has nobody who would end it.
            let lost = pod.deleting && facts(pod).node.is_empty();
            if !facts(pod).ended() && !lost {
                continue;
            }
            let value = pod.value();
            if !list(&value, "/metadata/finalizers").iter().any(|name| name == TRACKED) {
                continue;
            }
            if facts(pod).phase == Phase::Succeeded {
                succeeded += 1;
                completed.extend(index_of(pod));
            } else {
                failed += 1;
            }
            untrack(world, &pod.key);
        }
        if self.is_indexed() {
            succeeded = completed.count();
            set(&mut self.status, "/completedIndexes", completed.to_string());
        }
        let active = self.active();
        let ready = active.iter().filter(|pod| pods::is_ready(pod)).count();
        let going = self.pods.iter().filter(|pod| pod.deleting && !facts(pod).ended()).count();
        set(&mut self.status, "/ready", ready);
        set(&mut self.status, "/terminating", going);
        set(&mut self.status, "/uncountedTerminatedPods", json!({}));
        self.note(&[("active", active.len() as i64), ("succeeded", succeeded), ("failed", failed)]);
    }

    fn note(&mut self, numbers: &[(&str, i64)]) {
        for (field, number) in numbers {
            if let Some(status) = self.status.as_object_mut() {
                status.remove(*field);
            }
            pods::put(&mut self.status, field, *number);
        }
    }

    fn act(&mut self, world: &mut World, me: ControllerId) {
        if flag(&self.value, "/spec/suspend") {
            return self.suspend(world);
        }
        self.resume(world);
        let ending =
            ["SuccessCriteriaMet", "FailureTarget"].iter().any(|of| conditions::holds(&self.status, of));
        if !ending {
            if let Some((reason, message)) = self.failure(world, me) {
                self.put(world.now, "FailureTarget", "True", reason, message);
            } else if int(&self.status, "/succeeded") >= self.completions() {
                let message = "Reached expected number of succeeded pods";
                self.put(world.now, "SuccessCriteriaMet", "True", "CompletionsReached", message);
            } else {
                return self.staff(world, me);
            }
        }
        self.conclude(world);
    }

    /// Why the job has failed, if it has.
    fn failure(&self, world: &mut World, me: ControllerId) -> Option<(&'static str, &'static str)> {
        let limit = int(&self.value, "/spec/backoffLimit");
        let in_place = text(&self.value, "/spec/template/spec/restartPolicy") == "OnFailure";
        let restarts: i64 = self.active().iter().map(|pod| facts(pod).restarts).sum();
        let too_often = in_place && restarts > 0 && restarts >= limit;
        if int(&self.status, "/failed") > limit || too_often {
            return Some(("BackoffLimitExceeded", "Job has reached the specified backoff limit"));
        }
        let seconds = self.value.pointer("/spec/activeDeadlineSeconds").and_then(Value::as_i64)?;
        let end = Moment::parse(text(&self.status, "/startTime"))?.plus(seconds);
        if end <= world.now {
            return Some(("DeadlineExceeded", "Job was active longer than specified deadline"));
        }
        world.look_at(me, &self.object.key, end);
        None
    }

    /// Ends the pods that still run, and says that the job is done when they are gone.
    fn conclude(&mut self, world: &mut World) {
        for pod in self.active() {
            pods::delete(world, NAME, &self.object, &pod);
        }
        if self.pods.iter().any(|pod| !facts(pod).ended()) {
            return;
        }
        let now = world.now;
        let target = |of| conditions::find(&self.status, of).cloned();
        if let Some(target) = target("FailureTarget") {
            let (reason, message) = (text(&target, "/reason"), text(&target, "/message"));
            self.put(now, "Failed", "True", reason, message);
            return events::warning(world, NAME, &self.object, reason, message);
        }
        let message = "Reached expected number of succeeded pods";
        self.put(now, "Complete", "True", "CompletionsReached", message);
        set(&mut self.status, "/completionTime", now.rfc3339());
        events::normal(world, NAME, &self.object, "Completed", "Job completed");
    }

    /// As many pods as may run beside one another, after a pause when the last one failed.
    fn staff(&mut self, world: &mut World, me: ControllerId) {
        let active = self.active();
        let left = self.completions() - int(&self.status, "/succeeded");
        let wanted = int(&self.value, "/spec/parallelism").min(left).max(0);
        let missing = wanted - active.len() as i64;
        for pod in active.iter().rev().take(usize::try_from(-missing).unwrap_or(0)) {
            pods::delete(world, NAME, &self.object, pod);
        }
        if missing <= 0 {
            return;
        }
        let due = self.pause(world.now);
        if world.now < due {
            return world.look_at(me, &self.object.key, due);
        }
        let mut taken = Indexes::parse(text(&self.status, "/completedIndexes"));
        taken.extend(active.iter().filter_map(index_of));
        for _ in 0..missing {
            let index = taken.take_first_free();
            let pod = self.pod(world, index);
            if pods::create(world, NAME, &self.object, pod).is_err() {
                return;
            }
        }
    }

    /// When the next pod may start: the more pods have failed since the last that did not, the later.
    fn pause(&self, now: Moment) -> Moment {
        let (mut failed, mut succeeded) = (Vec::new(), Moment::default());
        for pod in self.pods.iter().filter(|pod| facts(pod).ended()) {
            let end = end_of(&pod.value()).unwrap_or(facts(pod).created);
            if facts(pod).phase == Phase::Succeeded {
                succeeded = succeeded.max(end);
            } else {
                failed.push(end);
            }
        }
        failed.retain(|end| *end > succeeded);
        let times = failed.len().saturating_sub(1).min(6);
        failed.into_iter().max().map_or(now, |last| last.plus((10 << times).min(600)))
    }

    fn pod(&self, world: &World, index: i64) -> Value {
        let name = self.object.name();
        let begin = if self.is_indexed() { format!("{name}-{index}-") } else { format!("{name}-") };
        let template = &self.value["spec"]["template"];
        let mut pod = pods::from_template(world, &self.object, template, Name::Beginning(&begin));
        let mut finalizers = list(&pod, "/metadata/finalizers").to_vec();
        finalizers.push(json!(TRACKED));
        set(&mut pod, "/metadata/finalizers", finalizers);
        if self.is_indexed() {
            let key = INDEX.replace('/', "~1");
            for at in ["labels", "annotations"] {
                set(&mut pod, &format!("/metadata/{at}/{key}"), index.to_string());
            }
        }
        pod
    }

    fn suspend(&mut self, world: &mut World) {
        for pod in self.active() {
            pods::delete(world, NAME, &self.object, &pod);
        }
        if !conditions::holds(&self.status, "Suspended") {
            self.put(world.now, "Suspended", "True", "JobSuspended", "Job suspended");
            events::normal(world, NAME, &self.object, "Suspended", "Job suspended");
        }
        crate::demo::world::value::remove(&mut self.status, "/startTime");
    }

    fn resume(&mut self, world: &mut World) {
        if conditions::holds(&self.status, "Suspended") {
            self.put(world.now, "Suspended", "False", "JobResumed", "Job resumed");
            events::normal(world, NAME, &self.object, "Resumed", "Job resumed");
        }
        if text(&self.status, "/startTime").is_empty() {
            set(&mut self.status, "/startTime", world.now.rfc3339());
        }
    }

    fn put(&mut self, now: Moment, of: &str, status: &str, reason: &str, message: &str) {
        let new = json!({
            "type": of,
            "status": status,
            "reason": reason,
            "message": message,
            "lastProbeTime": now.rfc3339(),
            "lastTransitionTime": now.rfc3339(),
        });
        conditions::put_last(&mut self.status, new);
    }
}

/// The number of a pod, where pods are numbered.
fn index_of(pod: &Arc<Object>) -> Option<i64> {
    pod.label(INDEX).and_then(|index| index.parse().ok())
}

/// When the last container of a pod ended.
fn end_of(pod: &Value) -> Option<Moment> {
    let statuses = list(pod, "/status/containerStatuses").iter();
    statuses.filter_map(|status| Moment::parse(text(status, "/state/terminated/finishedAt"))).max()
}
