//! Pods that have been running, or have ended: what kubelet would have written of them by now.

use serde_json::{Value, json};

use super::builder::{Builder, Place, digest};
use super::template::{NOT_READY, UNREACHABLE};
use crate::demo::world::value::{list, text};
use crate::demo::world::{Moment, TypeId};

/// A pod to be.
pub(super) struct Plan<'t> {
    pub(super) namespace: &'t str,
    pub(super) name: String,
    /// What its name begins with, when the rest came by chance.
    pub(super) generate_name: Option<String>,
    pub(super) owners: Value,
    pub(super) template: &'t Value,
    /// Labels besides those of the template.
    pub(super) labels: Vec<(&'static str, String)>,
    pub(super) created: Moment,
    pub(super) state: State,
}

/// How a pod is now.
pub(super) enum State {
    /// It runs, and its first container was started again so many times, last at that moment, for that reason.
    Running { restarts: Option<(i64, Moment, &'static str)> },
    /// Its process ended by itself after so many milliseconds.
    Ended { after_ms: i64, exit_code: i64 },
}

/// A pod that is there, as far as endpoints need to know of it.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) name: String,
    pub(super) uid: String,
    pub(super) place: Place,
}

/// Milliseconds from the creation of a pod until its containers start.
const PULLING: i64 = 2_000;

impl Builder {
    /// Inserts a pod at its place.
    pub(super) fn pod(&mut self, plan: Plan<'_>, place: &Place) -> Made {
        let host = &self.hosts[place.host];
        let mut metadata = plan.template["metadata"].clone();
        metadata["name"] = plan.name.clone().into();
        metadata["namespace"] = plan.namespace.into();
        metadata["creationTimestamp"] = plan.created.rfc3339().into();
        if let Some(begin) = plan.generate_name {
            metadata["generateName"] = begin.into();
        }
        if plan.owners.is_array() {
            metadata["ownerReferences"] = plan.owners;
        }
        for (label, value) in plan.labels {
            metadata["labels"][label] = value.into();
        }
        let mut spec = plan.template["spec"].clone();
        spec["nodeName"] = host.name.clone().into();
        tolerate(&mut spec);
        if let Some(value) = priority(text(&spec, "/priorityClassName")) {
            spec["priority"] = value.into();
        }
        let host_network = spec["hostNetwork"] == true;
        let address = if host_network { host.address.clone() } else { place.address.clone() };
        let mut status = status(self.world.seed, &plan.name, &spec, plan.created, &plan.state);
        status["hostIP"] = host.address.clone().into();
        status["hostIPs"] = json!([{"ip": host.address}]);
        if matches!(plan.state, State::Running { .. }) {
            status["podIPs"] = json!([{"ip": address}]);
            status["podIP"] = address.clone().into();
        }
        // Moved into place, where `json!` would copy them: there may be a hundred thousand pods.
        let mut pod = json!({});
        for (part, value) in [("metadata", metadata), ("spec", spec), ("status", status)] {
            pod[part] = value;
        }
        let object = self.insert(TypeId::PODS, pod);
        Made { name: plan.name, uid: object.uid.to_string(), place: Place { address, host: place.host } }
    }
}

/// What is admitted into every pod that does not say it: it may stay five minutes on a node that does not answer.
fn tolerate(spec: &mut Value) {
    let mut all = list(spec, "/tolerations").to_vec();
    let patient = |key: &str| json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
    for key in [NOT_READY, UNREACHABLE] {
        if !all.iter().any(|toleration| ["", key].contains(&text(toleration, "/key"))) {
            all.push(patient(key));
        }
    }
    spec["tolerations"] = all.into();
}

/// The classes of priority, with their values.
pub(super) const PRIORITIES: &[(&str, i64, &str)] = &[
    ("system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster"),
    ("system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved"),
    ("customer-facing", 10_000, "What a customer waits for"),
];

fn priority(class: &str) -> Option<i64> {
    PRIORITIES.iter().find(|(name, ..)| *name == class).map(|(_, value, _)| *value)
}

fn status(seed: u64, pod: &str, spec: &Value, created: Moment, state: &State) -> Value {
    let first = created.plus_ms(PULLING);
    let containers: Vec<Value> = list(spec, "/containers")
        .iter()
        .enumerate()
        .map(|(at, declared)| container(seed, pod, declared, first, at == 0, state))
        .collect();
    let (phase, reason, ready_at) = match state {
        State::Running { restarts } => {
            ("Running", "", restarts.map_or(first, |(_, last, _)| last).plus_ms(2_000))
        }
        State::Ended { after_ms, exit_code: 0 } => ("Succeeded", "PodCompleted", first.plus_ms(*after_ms)),
        State::Ended { after_ms, .. } => ("Failed", "PodFailed", first.plus_ms(*after_ms)),
    };
    let running = phase == "Running";
    let (created, first, ready_at) = (created.rfc3339(), first.rfc3339(), ready_at.rfc3339());
    let condition = |kind: &str, holds: bool, since: &str, reason: &str| {
        let mut condition = json!({
            "type": kind, "status": if holds { "True" } else { "False" }, "lastProbeTime": null,
            "lastTransitionTime": since,
        });
        if !reason.is_empty() {
            condition["reason"] = reason.into();
        }
        condition
    };
    let initialized = if phase == "Succeeded" { reason } else { "" };
    let conditions = vec![
        condition("PodReadyToStartContainers", running, if running { &first } else { &ready_at }, ""),
        condition("Initialized", true, &created, initialized),
        condition("Ready", running, &ready_at, reason),
        condition("ContainersReady", running, &ready_at, reason),
        condition("PodScheduled", true, &created, ""),
    ];
    let mut status = json!({"phase": phase, "startTime": created, "observedGeneration": 1});
    status["conditions"] = conditions.into();
    status["containerStatuses"] = containers.into();
    status
}

fn container(seed: u64, pod: &str, declared: &Value, first: Moment, main: bool, state: &State) -> Value {
    let (name, image) = (text(declared, "/name"), text(declared, "/image"));
    let id = |run: &str| format!("containerd://{}", digest(seed, &[pod, name, run]));
    let repository = image.rsplit_once(':').map_or(image, |(repository, _)| repository);
    let mut out = json!({
        "name": name, "image": image, "imageID": format!("{repository}@sha256:{}", digest(0, &[image])),
        "containerID": id("now"), "lastState": {}, "ready": true, "started": true, "restartCount": 0,
    });
    match state {
        State::Running { restarts: Some((count, last, reason)) } if main => {
            let exit_code = match *reason {
                "OOMKilled" => 137,
                "Completed" => 0,
                _ => 1,
            };
            out["restartCount"] = (*count).into();
            out["state"] = json!({"running": {"startedAt": last.rfc3339()}});
            out["lastState"] = json!({"terminated": {
                "containerID": id("before"), "exitCode": exit_code, "reason": reason,
                "startedAt": first.rfc3339(), "finishedAt": last.plus(-1).rfc3339(),
            }});
        }
        State::Running { .. } => out["state"] = json!({"running": {"startedAt": first.rfc3339()}}),
        State::Ended { after_ms, exit_code } => {
            let reason = if *exit_code == 0 { "Completed" } else { "Error" };
            out["ready"] = false.into();
            out["started"] = false.into();
            out["state"] = json!({"terminated": {
                "containerID": id("now"), "exitCode": exit_code, "reason": reason,
                "startedAt": first.rfc3339(), "finishedAt": first.plus_ms(*after_ms).rfc3339(),
            }});
        }
    }
    out
}
