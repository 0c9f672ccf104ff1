//! What a pod is as a whole, from what its containers are: its phase and its conditions.

use serde_json::{Value, json};

use super::super::conditions;
use crate::demo::world::Moment;
use crate::demo::world::value::{int, list, set, text};

/// Writes phase and conditions.
pub(super) fn conclude(pod: &Value, status: &mut Value, now: Moment) {
    let phase = phase(pod, status);
    status["phase"] = json!(phase);
    let ended = match phase {
        "Succeeded" => Some("PodCompleted"),
        "Failed" => Some("PodFailed"),
        _ => None,
    };
    let network =
        if text(status, "/podIP").is_empty() || ended.is_some() { Err(("", String::new())) } else { Ok(()) };
    let initialized = match unfinished(pod, status) {
        names if names.is_empty() => Ok(()),
        names => Err(("ContainersNotInitialized", format!("containers with incomplete status: [{names}]"))),
    };
    let ready = match (unready(pod, status), ended) {
        (_, Some(reason)) => Err((reason, String::new())),
        (names, None) if names.is_empty() => Ok(()),
        (names, None) => Err(("ContainersNotReady", format!("containers with unready status: [{names}]"))),
    };
    let all = [
        ("PodReadyToStartContainers", network),
        ("Initialized", initialized),
        ("Ready", ready.clone()),
        ("ContainersReady", ready),
    ];
    let mut renewal: Vec<Value> = Vec::new();
    for (of, result) in all {
        renewal.push(renewed(conditions::find(status, of), of, result, pod, now));
    }
    let ours = |known: &Value| all_types(text(known, "/type"));
    renewal.extend(list(status, "/conditions").iter().filter(|known| !ours(known)).cloned());
    set(status, "/conditions", renewal);
}

fn all_types(of: &str) -> bool {
    matches!(of, "PodReadyToStartContainers" | "Initialized" | "Ready" | "ContainersReady")
}

/// The condition as it is now: unchanged where nothing has changed.
fn renewed(
    known: Option<&Value>,
    of: &str,
    result: Result<(), (&str, String)>,
    pod: &Value,
    now: Moment,
) -> Value {
    let status = if result.is_ok() { "True" } else { "False" };
    let (reason, message) = result.err().unwrap_or_default();
    if let Some(known) = known {
        let same = text(known, "/status") == status
            && text(known, "/reason") == reason
            && text(known, "/message") == message;
        if same {
            return known.clone();
        }
    }
    let since = conditions::since(known, status, now);
    let mut new = json!({"type": of, "status": status, "lastProbeTime": null, "lastTransitionTime": since});
    for (field, said) in [("reason", reason), ("message", &*message)] {
        if !said.is_empty() {
            new[field] = json!(said);
        }
    }
    let generation = int(pod, "/metadata/generation");
    if generation > 0 {
        new["observedGeneration"] = json!(generation);
    }
    new
}

/// The init containers that have not done their part, separated by spaces.
fn unfinished(pod: &Value, status: &Value) -> String {
    let statuses = list(status, "/initContainerStatuses");
    let open = |container: &&Value| {
        let name = text(container, "/name");
        let Some(found) = statuses.iter().find(|status| text(status, "/name") == name) else { return true };
        if is_sidecar(container) {
            found["started"] != json!(true) && found.pointer("/state/terminated").is_none()
        } else {
            found.pointer("/state/terminated/exitCode").and_then(Value::as_i64) != Some(0)
        }
    };
    names(list(pod, "/spec/initContainers").iter().filter(open))
}

/// The containers that are not ready, sidecars among them, separated by spaces.
fn unready(pod: &Value, status: &Value) -> String {
    let statuses = ["/initContainerStatuses", "/containerStatuses"];
    let is_ready = |container: &Value| {
        let mut all = statuses.iter().flat_map(|which| list(status, which));
        all.any(|found| found["name"] == container["name"] && found["ready"] == json!(true))
    };
    let sidecars = list(pod, "/spec/initContainers").iter().filter(|container| is_sidecar(container));
    let all = sidecars.chain(list(pod, "/spec/containers"));
    names(all.filter(|container| !is_ready(container)))
}

fn is_sidecar(container: &Value) -> bool {
    text(container, "/restartPolicy") == "Always"
}

fn names<'v>(containers: impl Iterator<Item = &'v Value>) -> String {
    containers.map(|container| text(container, "/name")).collect::<Vec<_>>().join(" ")
}

/// The phase that follows from the states of the containers.
fn phase(pod: &Value, status: &Value) -> &'static str {
    let policy = text(pod, "/spec/restartPolicy");
    for container in list(pod, "/spec/initContainers").iter().filter(|container| !is_sidecar(container)) {
        let named = |status: &&Value| status["name"] == container["name"];
        let found = list(status, "/initContainerStatuses").iter().find(named);
        match found.and_then(|found| found.pointer("/state/terminated/exitCode")).and_then(Value::as_i64) {
            Some(0) => {}
            Some(_) if policy == "Never" => return "Failed",
            _ => return "Pending",
        }
    }
    let (mut waiting, mut running, mut well, mut ill) = (0, 0, 0, 0);
    for found in list(status, "/containerStatuses") {
        let ended = ["/state/terminated/exitCode", "/lastState/terminated/exitCode"];
        if found.pointer("/state/running").is_some() {
            running += 1;
            continue;
        }
        match ended.iter().find_map(|at| found.pointer(at)).and_then(Value::as_i64) {
            Some(0) if found.pointer("/state/terminated").is_some() => well += 1,
            Some(_) => ill += 1,
            None => waiting += 1,
        }
    }
    match (waiting, running, well, ill) {
        (1.., ..) | (0, 0, 0, 0) => "Pending",
        (_, 1.., ..) => "Running",
        _ if policy == "Always" && text(pod, "/metadata/deletionTimestamp").is_empty() => "Running",
        (.., 0) => "Succeeded",
        _ if policy == "OnFailure" && text(pod, "/metadata/deletionTimestamp").is_empty() => "Running",
        _ => "Failed",
    }
}
