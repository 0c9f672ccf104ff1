//! The life of one container: pulled, started, ready, ended, started again.

use serde_json::{Value, json};

use super::Sync;
use crate::demo::world::naming::scatter;
use crate::demo::world::value::{int, quantity, set, text};
use crate::demo::world::{Behaviour, Life, Moment};

/// After so many seconds without an end, the times between two starts begin anew.
const FORGIVEN: i64 = 600;

/// Failed probes that are told one by one; after these only now and then.
const TOLD: i64 = 25;

/// Which containers of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// It has to end well before the others start.
    Init,
    /// It starts before the others and runs beside them.
    Sidecar,
    /// It is what the pod is for.
    Main,
    /// Somebody looks into the pod with it.
    Ephemeral,
}

impl Sort {
    pub(super) fn declared(self) -> &'static str {
        match self {
            Sort::Main => "/spec/containers",
            Sort::Init | Sort::Sidecar => "/spec/initContainers",
            Sort::Ephemeral => "/spec/ephemeralContainers",
        }
    }

    pub(super) fn statuses(self) -> &'static str {
        match self {
            Sort::Main => "containerStatuses",
            Sort::Init | Sort::Sidecar => "initContainerStatuses",
            Sort::Ephemeral => "ephemeralContainerStatuses",
        }
    }
}

/// Where a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// It is on its way to its first or next start.
    Waits,
    /// It runs.
    Runs,
    /// It has ended and is not started again.
    Done {
        /// How.
        exit_code: i64,
    },
}

/// How events call a container.
pub(super) fn field(sort: Sort, name: &str) -> String {
    let which = &sort.declared()["/spec/".len()..];
    format!("spec.{which}{{{name}}}")
}

/// The status of a container that was never started.
pub(super) fn fresh(container: &Value, reason: &str) -> Value {
    json!({
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "lastState": {},
        "ready": false,
        "restartCount": 0,
        "started": false,
        "state": {"waiting": {"reason": reason}},
    })
}

/// The process is told to end, and does. One that was never started stays as it is.
pub(super) fn stop(status: &mut Value, now: Moment, exit_code: i64) {
    if status.pointer("/state/running").is_some() {
        terminate(status, now, exit_code, if exit_code == 0 { "Completed" } else { "Error" });
    }
}

/// The process has ended.
fn terminate(status: &mut Value, at: Moment, exit_code: i64, reason: &str) {
    let started = status.pointer("/state/running/startedAt").cloned().unwrap_or_default();
    status["state"] = json!({"terminated": {
        "containerID": status["containerID"],
        "exitCode": exit_code,
        "finishedAt": at.rfc3339(),
        "reason": reason,
        "startedAt": started,
    }});
    status["ready"] = json!(false);
    status["started"] = json!(false);
}

impl Sync<'_> {
    /// Takes one container as far as it is by now.
    pub(super) fn step(&mut self, container: &Value, sort: Sort) -> Course {
        let name = text(container, "/name").to_owned();
        let list = self.status.get_mut(sort.statuses()).and_then(Value::as_array_mut);
        let found = list.into_iter().flatten().find(|status| text(status, "/name") == name);
        let Some(mut status) = found.map(Value::take) else { return Course::Waits };
        let course = self.step_status(container, sort, &mut status);
        let list = self.status.get_mut(sort.statuses()).and_then(Value::as_array_mut);
        if let Some(place) = list.into_iter().flatten().find(|status| status.is_null()) {
            *place = status;
        }
        course
    }

    fn step_status(&mut self, container: &Value, sort: Sort, status: &mut Value) -> Course {
        if status.pointer("/state/running").is_some() {
            self.watch(container, sort, status);
        }
        if let Some(ended) = status.pointer("/state/terminated").cloned() {
            let exit_code = int(&ended, "/exitCode");
            if !self.starts_again(sort, exit_code) {
                if sort == Sort::Init {
                    status["ready"] = json!(exit_code == 0);
                }
                return Course::Done { exit_code };
            }
            self.after_end(container, sort, status, &ended);
        }
        if let Some(waiting) = status.pointer("/state/waiting").cloned() {
            self.approach(container, sort, status, text(&waiting, "/reason"));
        }
        if status.pointer("/state/running").is_some() { Course::Runs } else { Course::Waits }
    }

    /// Notices what has become of a process that runs.
    fn watch(&mut self, container: &Value, sort: Sort, status: &mut Value) {
        let name = text(container, "/name");
        let (declared, runs) = (text(container, "/image"), text(status, "/image"));
        if declared != runs && super::images::full_name(declared) != runs {
            let message = format!("Container {name} definition changed, will be restarted");
            self.note(&field(sort, name), false, "Killing", message);
            terminate(status, self.now(), 0, "Completed");
            status["image"] = json!(declared);
            status["lastState"] = status["state"].take();
            status["state"] = json!({"waiting": {"reason": "ContainerCreating"}});
            set(status, "/restartCount", int(status, "/restartCount") + 1);
            return;
        }
        let started = Moment::parse(text(status, "/state/running/startedAt")).unwrap_or(self.now());
        self.world.memory.note_image(self.node.clone(), declared.into(), started);
        let behaviour = self.world.behaviours.of(declared).clone();
        let (end, exit_code, reason) = end(&behaviour, container, started);
        if end.is_some_and(|end| end <= self.now()) {
            return terminate(status, self.now(), exit_code, reason);
        }
        if let Some(end) = end {
            self.wait_until(end);
        }
        if status["ready"] == json!(true) {
            return;
        }
        if behaviour.life == Life::NeverReady && sort != Sort::Init {
            return self.probe_in_vain(container, sort, started);
        }
        let noise = if behaviour.warm_up_ms > 0 { self.chance(name, 900) } else { 0 };
        let ready = started.plus_ms(behaviour.warm_up_ms + noise);
        if sort == Sort::Init {
            return;
        }
        if self.now() < ready {
            return self.wait_until(ready);
        }
        status["ready"] = json!(true);
        status["started"] = json!(true);
    }

    /// Says now and then that a process is not ready.
    fn probe_in_vain(&mut self, container: &Value, sort: Sort, started: Moment) {
        let name = text(container, "/name");
        let period = int(container, "/readinessProbe/periodSeconds");
        let period = if period > 0 { period } else { 10 };
        let now = self.now();
        let due = self.memory_of(name).probe.unwrap_or(started.plus(period));
        if now < due {
            return self.wait_until(due);
        }
        let probe = &container["readinessProbe"];
        let said = if probe.get("tcpSocket").is_some() {
            let address = text(&self.status, "/podIP");
            format!("dial tcp {address}:{}: connect: connection refused", int(probe, "/tcpSocket/port"))
        } else if probe.get("exec").is_some() {
            "command exited with code 1".to_owned()
        } else {
            "HTTP probe failed with statuscode: 503".to_owned()
        };
        self.note(&field(sort, name), true, "Unhealthy", format!("Readiness probe failed: {said}"));
        let told = now.since(started) / 1_000 / period;
        let next = now.plus(if told < TOLD { period } else { 300 });
        self.memory_of(name).probe = Some(next);
        self.wait_until(next);
    }

    /// Whether a container that ended is started again.
    fn starts_again(&self, sort: Sort, exit_code: i64) -> bool {
        match (sort, text(&self.value, "/spec/restartPolicy")) {
            (Sort::Sidecar, _) => true,
            (Sort::Ephemeral, _) | (Sort::Init | Sort::Main, "Never") => false,
            (Sort::Init, _) | (Sort::Main, "OnFailure") => exit_code != 0,
            (Sort::Main, _) => true,
        }
    }

    /// A process has ended that is started again: at once the first time, later and later after that.
    fn after_end(&mut self, container: &Value, sort: Sort, status: &mut Value, ended: &Value) {
        let name = text(container, "/name");
        let finished = Moment::parse(text(ended, "/finishedAt")).unwrap_or(self.now());
        let seen = finished.plus_ms(1_000 + self.chance(name, 700));
        if self.now() < seen {
            return self.wait_until(seen);
        }
        let started = Moment::parse(text(ended, "/startedAt")).unwrap_or(finished);
        let before = self.memory_of(name).ended.unwrap_or(int(status, "/restartCount") as u32);
        let times = if finished.since(started) >= FORGIVEN * 1_000 { 1 } else { before + 1 };
        self.memory_of(name).ended = Some(times);
        status["lastState"] = json!({"terminated": ended});
        let pause = pause(times);
        let pod = format!("{}_{}({})", self.pod.name(), self.pod.namespace(), self.pod.uid);
        if pause == 0 {
            set(status, "/restartCount", int(status, "/restartCount") + 1);
            status["state"] = json!({"waiting": {"reason": "ContainerCreating"}});
            return;
        }
        let said = duration(pause);
        let message = format!("back-off {said} restarting failed container={name} pod={pod}");
        status["state"] = json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}});
        let message = format!("Back-off restarting failed container {name} in pod {pod}");
        self.note(&field(sort, name), true, "BackOff", message);
    }

    /// Brings a container that waits nearer to its start.
    fn approach(&mut self, container: &Value, sort: Sort, status: &mut Value, reason: &str) {
        let name = text(container, "/name");
        if reason == "CrashLoopBackOff" {
            let times = self.memory_of(name).ended.unwrap_or(int(status, "/restartCount") as u32 + 1);
            let finished = Moment::parse(text(status, "/lastState/terminated/finishedAt"));
            let again = finished.unwrap_or(self.now()).plus(pause(times));
            if self.now() < again {
                return self.wait_until(again);
            }
            self.memory_of(name).ended = Some(times);
            set(status, "/restartCount", int(status, "/restartCount") + 1);
            status["state"] = json!({"waiting": {"reason": "ContainerCreating"}});
        }
        if self.has_image(container, sort, status) {
            self.start(container, sort, status);
        }
    }

    fn start(&mut self, container: &Value, sort: Sort, status: &mut Value) {
        let (name, image) = (text(container, "/name"), text(container, "/image"));
        self.note(&field(sort, name), false, "Created", "Container created");
        self.note(&field(sort, name), false, "Started", "Container started");
        let uid = self.pod.uid.to_string();
        let run = int(status, "/restartCount").to_string();
        let id = hexadecimal(self.world.seed, &[&uid, name, &run]);
        let digest = hexadecimal(0, &[image]);
        status["image"] = json!(super::images::full_name(image));
        let repository = super::images::repository(image);
        status["imageID"] = json!(format!("{repository}@sha256:{digest}"));
        status["containerID"] = json!(format!("containerd://{id}"));
        status["state"] = json!({"running": {"startedAt": self.now().rfc3339()}});
        status["ready"] = json!(false);
        status["started"] = json!(sort != Sort::Main || container.get("startupProbe").is_none());
        self.memory_of(name).probe = None;
        self.watch(container, sort, status);
    }
}

/// When a process ends by itself, with which exit code and for what reason.
fn end(behaviour: &Behaviour, container: &Value, started: Moment) -> (Option<Moment>, i64, &'static str) {
    let by_itself = match behaviour.life {
        Life::Ends { after_ms, exit_code } => {
            let reason = if exit_code == 0 { "Completed" } else { "Error" };
            Some((started.plus_ms(after_ms), exit_code, reason))
        }
        Life::Forever | Life::NeverReady => None,
    };
    let limit = quantity(text(container, "/resources/limits/memory"));
    let load = behaviour.load;
    let killed = limit.filter(|_| load.leak_mib > 0.0).map(|limit| {
        let room = limit / f64::from(1 << 20) - load.memory_mib * 1.05;
        let minutes = (room / load.leak_mib).max(0.05);
        (started.plus_ms((minutes * 60_000.0) as i64), 137, "OOMKilled")
    });
    match [by_itself, killed].into_iter().flatten().min() {
        Some((at, exit_code, reason)) => (Some(at), exit_code, reason),
        None => (None, 0, ""),
    }
}

/// Seconds until a container is started again that has ended so many times in a row.
fn pause(times: u32) -> i64 {
    match times {
        0 | 1 => 0,
        times => (10 << (times - 2).min(5)).min(300),
    }
}

/// Seconds as Go writes a duration.
fn duration(seconds: i64) -> String {
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}

/// 64 hexadecimal digits.
fn hexadecimal(seed: u64, parts: &[&str]) -> String {
    (0..4).map(|part: u64| format!("{:016x}", scatter(seed ^ part, parts))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pauses: Vec<String> = (1..9).map(|times| duration(pause(times))).collect();
        assert_eq!(pauses, ["0s", "10s", "20s", "40s", "1m20s", "2m40s", "5m0s", "5m0s"]);
    }
}
