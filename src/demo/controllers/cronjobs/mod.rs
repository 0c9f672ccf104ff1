//! Cron jobs: a job each time that their schedule says so. Schedules are in UTC, whatever time zone they ask for: a
//! world has no table of time zones.

mod schedule;

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{self, controlled_by};
use super::replicasets::owner_of_type;
use super::{events, jobs};
use crate::demo::world::value::{flag, list, set, text};
use crate::demo::world::{
    Change, ControllerId, Deletion, Key, Moment, Object, Propagation, TypeId, World, Write,
};
use schedule::Schedule;

/// The source of its events.
pub(super) const NAME: &str = "cronjob-controller";

/// A cron job, and the one that controls a job.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    match object.key.of {
        TypeId::CRON_JOBS if !change.is_end() => keys.push(object.key.clone()),
        TypeId::JOBS => keys.extend(owner_of_type(world, change, TypeId::CRON_JOBS)),
        _ => {}
    }
}

/// Starts a job when it is time, and notices what has become of the others.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    let Some(object) = world.get(key).cloned() else { return };
    let value = object.value();
    let status = if value["status"].is_object() { value["status"].clone() } else { json!({}) };
    let mut cron = CronJob { object, status, value };
    cron.look_at_jobs(world);
    cron.forget_old(world);
    if !cron.object.deleting && !flag(&cron.value, "/spec/suspend") {
        cron.start(world, me);
    }
    let CronJob { value, status, .. } = cron;
    world.report(key, &value, status);
}

/// A cron job as one pass sees it.
struct CronJob {
    object: Arc<Object>,
    value: Value,
    status: Value,
}

impl CronJob {
    fn jobs(&self, world: &World) -> Vec<(Arc<Object>, Value)> {
        let jobs = pods::owned(world, self.object.uid, TypeId::JOBS);
        jobs.into_iter().map(|job| (job.clone(), job.value())).collect()
    }

    /// Jobs that have come to their end are not active any more.
    fn look_at_jobs(&mut self, world: &mut World) {
        let mut active = list(&self.status, "/active").to_vec();
        let before = active.len();
        let jobs = self.jobs(world);
        for (job, value) in &jobs {
            let uid = job.uid.to_string();
            let is_it = |known: &Value| text(known, "/uid") == uid;
            let Some(end) = jobs::finished(value) else { continue };
            if active.iter().any(is_it) {
                active.retain(|known| !is_it(known));
                let message = format!("Saw completed job: {}, condition: {end}", job.name());
                events::normal(world, NAME, &self.object, "SawCompletedJob", &message);
            }
            let end = text(value, "/status/completionTime");
            if !end.is_empty()
                && Moment::parse(end) > Moment::parse(text(&self.status, "/lastSuccessfulTime"))
            {
                set(&mut self.status, "/lastSuccessfulTime", end);
            }
        }
        let is_there = |known: &Value| jobs.iter().any(|(job, _)| text(known, "/uid") == job.uid.to_string());
        let gone: Vec<Value> = active.iter().filter(|known| !is_there(known)).cloned().collect();
        for known in gone {
            let message = format!("Active job went missing: {}", text(&known, "/name"));
            events::normal(world, NAME, &self.object, "MissingJob", &message);
            active.retain(|other| *other != known);
        }
        if before != active.len() {
            self.set_active(active);
        }
    }

    fn set_active(&mut self, active: Vec<Value>) {
        if active.is_empty() {
            crate::demo::world::value::remove(&mut self.status, "/active");
        } else {
            set(&mut self.status, "/active", active);
        }
    }

    /// Deletes the oldest jobs beyond those that the history is to have.
    fn forget_old(&self, world: &mut World) {
        for (end, limit) in [("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")]
        {
            let limit = self.value.pointer(&format!("/spec/{limit}")).and_then(Value::as_u64);
            let Some(limit) = limit else { continue };
            let mut ended = self.jobs(world);
            ended.retain(|(job, value)| jobs::finished(value) == Some(end) && !job.deleting);
            ended.sort_by_key(|(job, value)| (text(value, "/status/startTime").to_owned(), job.key.clone()));
            let surplus = ended.len().saturating_sub(limit as usize);
            for (job, _) in &ended[..surplus] {
                self.delete(world, job);
            }
        }
    }

    fn delete(&self, world: &mut World, job: &Object) {
        let how = Deletion { propagation: Some(Propagation::Background), ..Deletion::default() };
        if world.delete(&job.key, &how).is_ok() {
            let message = format!("Deleted job {}", job.name());
            events::normal(world, NAME, &self.object, "SuccessfulDelete", &message);
        }
    }

    fn start(&mut self, world: &mut World, me: ControllerId) {
        let said = text(&self.value, "/spec/schedule");
        let Some(schedule) = Schedule::parse(said) else {
            let message = format!("unparseable schedule: \"{said}\" : expected exactly 5 fields");
            return events::warning(world, NAME, &self.object, "UnparseableSchedule", &message);
        };
        if let Some(next) = schedule.after(world.now) {
            world.look_at(me, &self.object.key, next);
        }
        let Some(due) = self.due(&schedule, world.now) else { return };
        let deadline = self.value.pointer("/spec/startingDeadlineSeconds").and_then(Value::as_i64);
        if deadline.is_some_and(|seconds| due.plus(seconds) < world.now) {
            let message = format!("Missed scheduled time to start a job: {}", due.rfc3339());
            return events::warning(world, NAME, &self.object, "MissSchedule", &message);
        }
        let active = list(&self.status, "/active").to_vec();
        match text(&self.value, "/spec/concurrencyPolicy") {
            "Forbid" if !active.is_empty() => {
                let message =
                    "Not starting job because prior execution is running and concurrency policy is Forbid";
                return events::normal(world, NAME, &self.object, "JobAlreadyActive", message);
            }
            "Replace" => {
                let is_active =
                    |job: &Object| active.iter().any(|known| text(known, "/uid") == job.uid.to_string());
                let jobs = self.jobs(world);
                jobs.iter().filter(|(job, _)| is_active(job)).for_each(|(job, _)| self.delete(world, job));
                self.set_active(Vec::new());
            }
            _ => {}
        }
        self.create(world, due);
    }

    /// The latest time of the schedule that has come and for which there was no job.
    fn due(&self, schedule: &Schedule, now: Moment) -> Option<Moment> {
        let last =
            [text(&self.status, "/lastScheduleTime"), text(&self.value, "/metadata/creationTimestamp")];
        let mut due = None;
        let mut at = last.into_iter().find_map(Moment::parse)?;
        while let Some(next) = schedule.after(at).filter(|next| *next <= now) {
            due = Some(next);
            at = next;
        }
        due
    }

    fn create(&mut self, world: &mut World, due: Moment) {
        let template = &self.value["spec"]["jobTemplate"];
        let mut job = json!({"metadata": {}, "spec": template["spec"]});
        for part in ["labels", "annotations"] {
            if let Some(said) = template.pointer(&format!("/metadata/{part}")) {
                set(&mut job, &format!("/metadata/{part}"), said.clone());
            }
        }
        let time = "/metadata/annotations/batch.kubernetes.io~1cronjob-scheduled-timestamp";
        set(&mut job, time, due.rfc3339());
        set(&mut job, "/metadata/name", format!("{}-{}", self.object.name(), due.0 / 60_000));
        set(&mut job, "/metadata/ownerReferences", json!([controlled_by(world, &self.object)]));
        set(&mut self.status, "/lastScheduleTime", due.rfc3339());
        let created = world.create(TypeId::JOBS, self.object.namespace(), job, Write::default());
        match created {
            Ok(job) => {
                let mut active = list(&self.status, "/active").to_vec();
                active.push(json!({
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "name": job.name(),
                    "namespace": job.namespace(),
                    "resourceVersion": job.version.to_string(),
                    "uid": job.uid.to_string(),
                }));
                self.set_active(active);
                let message = format!("Created job {}", job.name());
                events::normal(world, NAME, &self.object, "SuccessfulCreate", &message);
            }
            // It was created already.
            Err(failure) if failure.code == 409 => {}
            Err(failure) => {
                let message = format!("Error creating job: {}", failure.message);
                events::warning(world, NAME, &self.object, "FailedCreate", &message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::Cluster;
    use crate::demo::world::{Behaviour, Life};

    fn key() -> Key {
        Key::new(TypeId::CRON_JOBS, "shop", "tick")
    }

    fn cluster(more: &Value) -> Cluster {
        let mut cluster = Cluster::of_nodes(2);
        for (image, after_ms, exit_code) in [("works", 5_000, 0), ("fails", 5_000, 3), ("slow", 90_000, 0)] {
            let life = Life::Ends { after_ms, exit_code };
            cluster.world.behaviours.set(image, Behaviour { life, ..Behaviour::default() });
        }
        let containers = json!([{"name": "app", "image": "works:1"}]);
        let template = json!({"spec": {"restartPolicy": "Never", "containers": containers}});
        let mut cron = json!({
            "metadata": {"name": "tick"},
            "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template}}},
        });
        more.as_object().unwrap().iter().for_each(|(field, value)| cron["spec"][field] = value.clone());
        cluster.create(TypeId::CRON_JOBS, cron);
        cluster.settle();
        cluster
    }

    fn jobs(cluster: &Cluster) -> usize {
        cluster.world.store.all(TypeId::JOBS, "shop").count()
    }

    #[test]
    fn a_job_starts_every_minute_and_only_the_last_ones_are_kept() {
        let mut cluster = cluster(&json!({}));
        assert_eq!(jobs(&cluster), 0);
        cluster.pass(42);
        assert_eq!(jobs(&cluster), 1);
        let active = cluster.value(&key())["status"]["active"].clone();
        assert_eq!(active.as_array().map(Vec::len), Some(1));
        cluster.pass(600);
        assert!((3..=4).contains(&jobs(&cluster)), "{}", jobs(&cluster));
        let status = cluster.value(&key())["status"].clone();
        assert_eq!(text(&status, "/lastScheduleTime"), "2023-11-14T22:24:00Z");
        assert!(text(&status, "/lastSuccessfulTime") > "2023-11-14T22:23:00Z", "{status}");
        assert!(cluster.messages("tick", "SawCompletedJob")[0].ends_with(", condition: Complete"));
        let pods = cluster.world.store.all(TypeId::PODS, "shop").count();
        assert!((3..=4).contains(&pods), "{pods}");
    }

    #[test]
    fn a_suspended_one_starts_nothing() {
        let mut cluster = cluster(&json!({"suspend": true}));
        cluster.pass(300);
        assert_eq!((jobs(&cluster), cluster.world.queue.next_due()), (0, None));
    }

    #[test]
    fn what_still_runs_is_waited_for_replaced_or_left_alone() {
        let containers = json!([{"name": "app", "image": "slow:1"}]);
        let template =
            json!({"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": containers}}}});
        for (policy, most) in [("Forbid", 1), ("Replace", 1), ("Allow", 2)] {
            let mut cluster = cluster(&json!({"concurrencyPolicy": policy, "jobTemplate": template}));
            let mut seen = 0;
            for _ in 0..40 {
                cluster.pass(10);
                let active = cluster.value(&key())["status"]["active"].as_array().map_or(0, Vec::len);
                seen = seen.max(active);
            }
            assert_eq!(seen, most, "{policy}");
            let said = cluster.messages("tick", "JobAlreadyActive").len();
            assert_eq!(said > 0, policy == "Forbid");
        }
    }
}
