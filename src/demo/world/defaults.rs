//! What the API server fills in where a person says nothing. Two clusters whose objects differ only in these would
//! show differences that nobody made, so that they are filled in when an object is created, and again when an update
//! takes one away.

mod pods;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::World;
use super::types::TypeId;
use super::value::{get, remove, set, text};
use pods::{pod, template};

/// Fills in what is missing.
pub(super) fn apply(world: &World, of: TypeId, value: &mut Value) {
    match of {
        TypeId::PODS => pod(value),
        TypeId::NAMESPACES => namespace(value),
        TypeId::SERVICES => service(world, value),
        TypeId::DEPLOYMENTS => deployment(value),
        TypeId::REPLICA_SETS => {
            fill(value, "/spec/replicas", || json!(1));
            template(value, "/spec/template");
        }
        TypeId::STATEFUL_SETS => stateful_set(value),
        TypeId::DAEMON_SETS => daemon_set(value),
        TypeId::JOBS => job(value),
        TypeId::CRON_JOBS => cron_job(value),
        TypeId::INGRESSES => fill(value, "/status/loadBalancer", || json!({})),
        TypeId::NETWORK_POLICIES => network_policy(value),
        TypeId::ROLE_BINDINGS | TypeId::CLUSTER_ROLE_BINDINGS => binding(value),
        TypeId::QUOTAS => quantities(value, "/spec/hard"),
        TypeId::AUTOSCALERS => fill(value, "/spec/minReplicas", || json!(1)),
        TypeId::CLAIMS => {
            quantities(value, "/spec/resources/requests");
            fill(value, "/spec/volumeMode", || json!("Filesystem"));
            fill(value, "/status/phase", || json!("Pending"));
        }
        TypeId::SECRETS => secret(value),
        _ => {}
    }
}

/// Writes the quantities of a map that came as numbers as the API writes them.
fn quantities(value: &mut Value, pointer: &str) {
    for quantity in
        value.pointer_mut(pointer).and_then(Value::as_object_mut).into_iter().flatten().map(|(_, q)| q)
    {
        if quantity.is_number() {
            *quantity = quantity.to_string().into();
        }
    }
}

/// Puts a value where there is none.
fn fill(value: &mut Value, pointer: &str, missing: impl FnOnce() -> Value) {
    if get(value, pointer).is_none_or(Value::is_null) {
        set(value, pointer, missing());
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
    fill(value, "/status/loadBalancer", || json!({}));
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
    template(value, "/spec/template");
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
    template(value, "/spec/template");
}

fn daemon_set(value: &mut Value) {
    fill(value, "/spec/revisionHistoryLimit", || json!(10));
    fill(value, "/spec/updateStrategy/type", || json!("RollingUpdate"));
    if text(value, "/spec/updateStrategy/type") == "RollingUpdate" {
        fill(value, "/spec/updateStrategy/rollingUpdate/maxSurge", || json!(0));
        fill(value, "/spec/updateStrategy/rollingUpdate/maxUnavailable", || json!(1));
    }
    template(value, "/spec/template");
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
    template(value, "/spec/template");
}

fn cron_job(value: &mut Value) {
    fill(value, "/spec/concurrencyPolicy", || json!("Allow"));
    fill(value, "/spec/suspend", || json!(false));
    fill(value, "/spec/successfulJobsHistoryLimit", || json!(3));
    fill(value, "/spec/failedJobsHistoryLimit", || json!(1));
    fill(value, "/spec/jobTemplate/metadata", || json!({}));
    template(value, "/spec/jobTemplate/spec/template");
}

/// What is written as text is kept as everything else is.
fn secret(value: &mut Value) {
    fill(value, "/type", || json!("Opaque"));
    let texts = remove(value, "/stringData");
    for (key, text) in texts.as_ref().and_then(Value::as_object).into_iter().flatten() {
        let bytes = STANDARD.encode(text.as_str().unwrap_or_default());
        set(value, &format!("/data/{}", key.replace('~', "~0").replace('/', "~1")), bytes);
    }
}

fn network_policy(value: &mut Value) {
    let egress = value.pointer("/spec/egress").is_some();
    fill(
        value,
        "/spec/policyTypes",
        || if egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) },
    );
}

fn binding(value: &mut Value) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    fill(value, "/roleRef/apiGroup", || json!(GROUP));
    let Some(Value::Array(subjects)) = value.get_mut("subjects") else { return };
    for subject in subjects.iter_mut().filter(|subject| text(subject, "/kind") != "ServiceAccount") {
        fill(subject, "/apiGroup", || json!(GROUP));
    }
}
