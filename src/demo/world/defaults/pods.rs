//! What is filled in of pods and of templates of pods.

use serde_json::{Value, json};

use super::{fill, quantities};
use crate::demo::world::value::{list, map, set, text};

pub(super) fn pod(value: &mut Value) {
    fill(value, "/spec/enableServiceLinks", || json!(true));
    fill(value, "/spec/serviceAccountName", || json!("default"));
    pod_spec(value, "/spec");
    fill(value, "/spec/preemptionPolicy", || json!("PreemptLowerPriority"));
    fill(value, "/spec/priority", || json!(0));
    fill(value, "/spec/tolerations", || {
        let lasting =
            |key| json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
        json!([lasting("node.kubernetes.io/not-ready"), lasting("node.kubernetes.io/unreachable")])
    });
    fill(value, "/status/phase", || json!("Pending"));
    if let Some(Value::Array(containers)) = value.pointer_mut("/spec/containers") {
        containers.iter_mut().for_each(requests);
    }
    let class = quality(value);
    fill(value, "/status/qosClass", || json!(class));
}

/// A container of which it is only said how much it may have requests as much.
fn requests(container: &mut Value) {
    for (what, most) in map(container, "/resources/limits").cloned().unwrap_or_default() {
        fill(container, &format!("/resources/requests/{}", what.replace('/', "~1")), || most);
    }
}

/// The quality of service class, from the requests and limits of the containers.
fn quality(pod: &Value) -> &'static str {
    let containers = list(pod, "/spec/containers");
    let has = |container: &Value, of: &str, what: &str| {
        container.pointer(&format!("/resources/{of}/{what}")).is_some()
    };
    let equal = |container: &Value, what: &str| {
        let at = |of: &str| container.pointer(&format!("/resources/{of}/{what}")).cloned();
        at("limits").is_some() && (at("requests").is_none() || at("requests") == at("limits"))
    };
    if containers.iter().all(|c| equal(c, "cpu") && equal(c, "memory")) {
        "Guaranteed"
    } else if containers
        .iter()
        .any(|c| ["requests", "limits"].iter().any(|of| has(c, of, "cpu") || has(c, of, "memory")))
    {
        "Burstable"
    } else {
        "BestEffort"
    }
}

/// The template of pods at `at`.
pub(super) fn template(value: &mut Value, at: &str) {
    fill(value, &format!("{at}/metadata"), || json!({}));
    pod_spec(value, &format!("{at}/spec"));
}

fn pod_spec(value: &mut Value, at: &str) {
    let Some(spec) = value.pointer_mut(at).filter(|spec| spec.is_object()) else { return };
    fill(spec, "/restartPolicy", || json!("Always"));
    fill(spec, "/terminationGracePeriodSeconds", || json!(30));
    fill(spec, "/dnsPolicy", || json!("ClusterFirst"));
    fill(spec, "/schedulerName", || json!("default-scheduler"));
    fill(spec, "/securityContext", || json!({}));
    for which in ["containers", "initContainers"] {
        let Some(Value::Array(containers)) = spec.get_mut(which) else { continue };
        containers.iter_mut().for_each(container);
    }
    if let Some(Value::Array(volumes)) = spec.get_mut("volumes") {
        volumes.iter_mut().for_each(volume);
    }
    // The old name of the field is still there.
    let account = text(spec, "/serviceAccountName").to_owned();
    if !account.is_empty() {
        set(spec, "/serviceAccount", account);
    }
}

fn volume(volume: &mut Value) {
    for source in ["configMap", "secret", "downwardAPI", "projected"] {
        let Some(source) = volume.get_mut(source).filter(|source| source.is_object()) else { continue };
        fill(source, "/defaultMode", || json!(0o644));
    }
    if let Some(host) = volume.get_mut("hostPath").filter(|host| host.is_object()) {
        fill(host, "/type", || json!(""));
    }
}

fn container(container: &mut Value) {
    fill(container, "/resources", || json!({}));
    quantities(container, "/resources/limits");
    quantities(container, "/resources/requests");
    fill(container, "/terminationMessagePath", || json!("/dev/termination-log"));
    fill(container, "/terminationMessagePolicy", || json!("File"));
    let image = text(container, "/image");
    let name = image.rsplit('/').next().unwrap_or_default();
    let latest = !name.contains(':') || name.ends_with(":latest");
    fill(container, "/imagePullPolicy", || json!(if latest { "Always" } else { "IfNotPresent" }));
    if let Some(Value::Array(ports)) = container.get_mut("ports") {
        ports.iter_mut().for_each(|port| fill(port, "/protocol", || json!("TCP")));
    }
    if let Some(Value::Array(variables)) = container.get_mut("env") {
        for field in variables.iter_mut().filter_map(|variable| variable.pointer_mut("/valueFrom/fieldRef")) {
            fill(field, "/apiVersion", || json!("v1"));
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get_mut(probe).filter(|probe| probe.is_object()) else { continue };
        for (field, number) in
            [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
        {
            fill(probe, &format!("/{field}"), || json!(number));
        }
        if let Some(get) = probe.get_mut("httpGet").filter(|get| get.is_object()) {
            fill(get, "/path", || json!("/"));
            fill(get, "/scheme", || json!("HTTP"));
        }
    }
}
