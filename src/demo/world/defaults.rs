//! What the API server fills in where a person says nothing. Two clusters whose objects differ only in these would
//! show differences that nobody made, so that they are filled in when an object is created, and again when an update
//! takes one away.

use serde_json::{Value, json};

use super::World;
use super::types::TypeId;
use super::value::{list, set, text};

/// Fills in what is missing.
pub(super) fn apply(world: &World, of: TypeId, value: &mut Value) {
    match of {
        TypeId::PODS => pod(value),
        TypeId::NAMESPACES => namespace(value),
        TypeId::SERVICES => service(world, value),
        TypeId::DEPLOYMENTS => deployment(value),
        TypeId::REPLICA_SETS => {
            fill(value, "/spec/replicas", || json!(1));
            pod_spec(value, "/spec/template/spec");
        }
        TypeId::STATEFUL_SETS => stateful_set(value),
        TypeId::DAEMON_SETS => daemon_set(value),
        TypeId::JOBS => job(value),
        TypeId::CRON_JOBS => cron_job(value),
        TypeId::AUTOSCALERS => fill(value, "/spec/minReplicas", || json!(1)),
        TypeId::SECRETS => fill(value, "/type", || json!("Opaque")),
        _ => {}
    }
}

/// Puts a value where there is none.
fn fill(value: &mut Value, pointer: &str, missing: impl FnOnce() -> Value) {
    if value.pointer(pointer).is_none_or(Value::is_null) {
        set(value, pointer, missing());
    }
}

fn pod(value: &mut Value) {
    pod_spec(value, "/spec");
    fill(value, "/spec/enableServiceLinks", || json!(true));
    fill(value, "/spec/serviceAccountName", || json!("default"));
    fill(value, "/spec/preemptionPolicy", || json!("PreemptLowerPriority"));
    fill(value, "/spec/priority", || json!(0));
    fill(value, "/spec/tolerations", || {
        let lasting =
            |key| json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
        json!([lasting("node.kubernetes.io/not-ready"), lasting("node.kubernetes.io/unreachable")])
    });
    fill(value, "/status/phase", || json!("Pending"));
    let class = quality(value);
    fill(value, "/status/qosClass", || json!(class));
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
}

fn container(container: &mut Value) {
    fill(container, "/resources", || json!({}));
    fill(container, "/terminationMessagePath", || json!("/dev/termination-log"));
    fill(container, "/terminationMessagePolicy", || json!("File"));
    let image = text(container, "/image");
    let name = image.rsplit('/').next().unwrap_or_default();
    let latest = !name.contains(':') || name.ends_with(":latest");
    fill(container, "/imagePullPolicy", || json!(if latest { "Always" } else { "IfNotPresent" }));
    if let Some(Value::Array(ports)) = container.get_mut("ports") {
        ports.iter_mut().for_each(|port| fill(port, "/protocol", || json!("TCP")));
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get_mut(probe).filter(|probe| probe.is_object()) else { continue };
        for (field, number) in
            [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
        {
            fill(probe, &format!("/{field}"), || json!(number));
        }
    }
}

fn namespace(value: &mut Value) {
    let name = text(value, "/metadata/name").to_owned();
    set(value, "/metadata/labels/kubernetes.io~1metadata.name", name);
    if text(value, "/metadata/deletionTimestamp").is_empty() {
        fill(value, "/spec/finalizers", || json!(["kubernetes"]));
    }
    fill(value, "/status/phase", || json!("Active"));
}

fn service(world: &World, value: &mut Value) {
    fill(value, "/spec/type", || json!("ClusterIP"));
    fill(value, "/spec/sessionAffinity", || json!("None"));
    if text(value, "/spec/type") == "ExternalName" {
        return;
    }
    fill(value, "/spec/internalTrafficPolicy", || json!("Cluster"));
    fill(value, "/spec/ipFamilies", || json!(["IPv4"]));
    fill(value, "/spec/ipFamilyPolicy", || json!("SingleStack"));
    let place = format!("{}/{}", text(value, "/metadata/namespace"), text(value, "/metadata/name"));
    fill(value, "/spec/clusterIP", || json!(address(world, &place)));
    let address = value["spec"]["clusterIP"].clone();
    fill(value, "/spec/clusterIPs", || json!([address]));
    let external = matches!(text(value, "/spec/type"), "NodePort" | "LoadBalancer");
    if external {
        fill(value, "/spec/externalTrafficPolicy", || json!("Cluster"));
    }
    if text(value, "/spec/type") == "LoadBalancer" {
        fill(value, "/spec/allocateLoadBalancerNodePorts", || json!(true));
    }
    fill(value, "/status/loadBalancer", || json!({}));
    let Some(Value::Array(ports)) = value.pointer_mut("/spec/ports") else { return };
    for port in ports {
        fill(port, "/protocol", || json!("TCP"));
        let number = port["port"].clone();
        if external {
            let chosen = super::naming::scatter(world.seed, &[&place, &number.to_string()]) % 2768;
            fill(port, "/nodePort", || json!(30_000 + chosen));
        }
        fill(port, "/targetPort", || number);
    }
}

/// An address of the service network for the service at `place`.
fn address(world: &World, place: &str) -> String {
    let number = super::naming::scatter(world.seed, &[place, "service"]) % 65_000 + 10;
    format!("10.96.{}.{}", number / 256, number % 256)
}

fn deployment(value: &mut Value) {
    fill(value, "/spec/replicas", || json!(1));
    fill(value, "/spec/revisionHistoryLimit", || json!(10));
    fill(value, "/spec/progressDeadlineSeconds", || json!(600));
    fill(value, "/spec/strategy/type", || json!("RollingUpdate"));
    if text(value, "/spec/strategy/type") == "RollingUpdate" {
        fill(value, "/spec/strategy/rollingUpdate/maxSurge", || json!("25%"));
        fill(value, "/spec/strategy/rollingUpdate/maxUnavailable", || json!("25%"));
    }
    pod_spec(value, "/spec/template/spec");
}

fn stateful_set(value: &mut Value) {
    fill(value, "/spec/replicas", || json!(1));
    fill(value, "/spec/revisionHistoryLimit", || json!(10));
    fill(value, "/spec/podManagementPolicy", || json!("OrderedReady"));
    fill(value, "/spec/serviceName", || json!(""));
    fill(value, "/spec/updateStrategy/type", || json!("RollingUpdate"));
    if text(value, "/spec/updateStrategy/type") == "RollingUpdate" {
        fill(value, "/spec/updateStrategy/rollingUpdate/partition", || json!(0));
        fill(value, "/spec/updateStrategy/rollingUpdate/maxUnavailable", || json!(1));
    }
    fill(
        value,
        "/spec/persistentVolumeClaimRetentionPolicy",
        || json!({"whenDeleted": "Retain", "whenScaled": "Retain"}),
    );
    pod_spec(value, "/spec/template/spec");
}

fn daemon_set(value: &mut Value) {
    fill(value, "/spec/revisionHistoryLimit", || json!(10));
    fill(value, "/spec/updateStrategy/type", || json!("RollingUpdate"));
    if text(value, "/spec/updateStrategy/type") == "RollingUpdate" {
        fill(value, "/spec/updateStrategy/rollingUpdate/maxSurge", || json!(0));
        fill(value, "/spec/updateStrategy/rollingUpdate/maxUnavailable", || json!(1));
    }
    pod_spec(value, "/spec/template/spec");
}

fn job(value: &mut Value) {
    let uid = value.pointer("/metadata/uid").cloned().unwrap_or_default();
    let name = value.pointer("/metadata/name").cloned().unwrap_or_default();
    fill(value, "/spec/parallelism", || json!(1));
    fill(value, "/spec/completions", || json!(1));
    fill(value, "/spec/backoffLimit", || json!(6));
    fill(value, "/spec/completionMode", || json!("NonIndexed"));
    fill(value, "/spec/suspend", || json!(false));
    fill(value, "/spec/manualSelector", || json!(false));
    fill(value, "/spec/podReplacementPolicy", || json!("TerminatingOrFailed"));
    fill(
        value,
        "/spec/selector",
        || json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid.clone()}}),
    );
    let labels = [
        ("batch.kubernetes.io~1controller-uid", &uid),
        ("controller-uid", &uid),
        ("batch.kubernetes.io~1job-name", &name),
        ("job-name", &name),
    ];
    for (label, said) in labels {
        fill(value, &format!("/spec/template/metadata/labels/{label}"), || said.clone());
    }
    let labels = value.pointer("/spec/template/metadata/labels").cloned().unwrap_or_default();
    fill(value, "/metadata/labels", || labels);
    fill(value, "/spec/template/spec/restartPolicy", || json!("Never"));
    pod_spec(value, "/spec/template/spec");
}

fn cron_job(value: &mut Value) {
    fill(value, "/spec/concurrencyPolicy", || json!("Allow"));
    fill(value, "/spec/suspend", || json!(false));
    fill(value, "/spec/successfulJobsHistoryLimit", || json!(3));
    fill(value, "/spec/failedJobsHistoryLimit", || json!(1));
    pod_spec(value, "/spec/jobTemplate/spec/template/spec");
}
