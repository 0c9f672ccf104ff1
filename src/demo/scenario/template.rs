//! The pod templates of applications, with what the API server would fill in: a template is hashed as it is stored.

use serde_json::{Value, json};

use super::app::{App, Reach, Shape};
use crate::demo::world::{TypeId, World};

/// The taints of nodes that are not well.
pub(super) const NOT_READY: &str = "node.kubernetes.io/not-ready";
pub(super) const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// The labels of everything that belongs to an application.
pub(super) fn labels(app: &App) -> Value {
    json!({
        "app.kubernetes.io/name": app.name, "app.kubernetes.io/instance": app.name,
        "app.kubernetes.io/component": app.component, "app.kubernetes.io/part-of": app.namespace,
        "example.com/team": app.team,
    })
}

/// The labels that its pods are selected by.
pub(super) fn selector(app: &App) -> Value {
    json!({"app.kubernetes.io/name": app.name, "app.kubernetes.io/instance": app.name})
}

/// The template of its pods in this version.
pub(super) fn template(world: &World, app: &App, version: [u32; 3]) -> Value {
    let mut owner = json!({});
    owner["spec"]["template"] = bare(app, version);
    world.complete(TypeId::DEPLOYMENTS, &mut owner);
    owner["spec"]["template"].take()
}

/// The same as somebody would write it.
fn bare(app: &App, version: [u32; 3]) -> Value {
    let [major, minor, patch] = version;
    let mut labels = if app.lean { selector(app) } else { labels(app) };
    labels["app.kubernetes.io/version"] = format!("{major}.{minor}.{patch}").into();
    let image = format!("{}:{major}.{minor}.{patch}", app.repository());
    let mut spec = json!({"containers": containers(app, &image)});
    if app.lean {
        return json!({"metadata": {"labels": labels}, "spec": spec});
    }
    spec["securityContext"] = json!({"runAsNonRoot": true, "runAsUser": 10001});
    spec["serviceAccountName"] = app.name.clone().into();
    spec["volumes"] = json!([{"name": "config", "configMap": {"name": format!("{}-config", app.name)}}]);
    if let Some(class) = app.priority {
        spec["priorityClassName"] = class.into();
    }
    if app.priority == Some("customer-facing") {
        // Customers do not wait five minutes for a node that does not answer.
        let impatient = |key: &str| json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30});
        spec["tolerations"] = json!([impatient(NOT_READY), impatient(UNREACHABLE)]);
    }
    if app.shape == Shape::DaemonSet {
        spec["hostNetwork"] = (app.component == "network").into();
        spec["tolerations"] = json!([{"operator": "Exists"}]);
        spec["securityContext"] = json!({});
    }
    if app.graphics {
        spec["nodeSelector"] = json!({"example.com/accelerator": "graphics"});
        spec["tolerations"] =
            json!([{"key": "dedicated", "operator": "Equal", "value": "graphics", "effect": "NoSchedule"}]);
    }
    json!({"metadata": {"labels": labels}, "spec": spec})
}

/// What a pod of the application asks for: thousandths of a core and MiB.
pub(super) fn requests(app: &App) -> (i64, i64) {
    let exporter = if has_exporter(app) { EXPORTER } else { (0, 0) };
    (i64::from(app.cpu) + exporter.0, i64::from(app.memory * 3 / 4) + exporter.1)
}

/// What the container beside a database asks for.
const EXPORTER: (i64, i64) = (20, 32);

/// Whether a container that measures runs beside the application.
fn has_exporter(app: &App) -> bool {
    matches!(app.shape, Shape::StatefulSet { .. }) && matches!(app.component, "database" | "cache" | "queue")
}

fn containers(app: &App, image: &str) -> Vec<Value> {
    let mut main = json!({"name": app.name, "image": image});
    main["resources"] = json!({
        "requests": {"cpu": cores(app.cpu), "memory": format!("{}Mi", app.memory * 3 / 4)},
        "limits": {"memory": format!("{}Mi", app.memory)},
    });
    main["ports"] = ports(app);
    if app.lean {
        return vec![main];
    }
    main["env"] = environment(app).into();
    main["volumeMounts"] = mounts(app);
    if app.reach != Reach::Nobody || app.component == "worker" {
        main["livenessProbe"] = probe(app, "/healthz", 10);
        main["readinessProbe"] = probe(app, "/readyz", 5);
    }
    if !has_exporter(app) {
        return vec![main];
    }
    let mut exporter =
        json!({"name": "exporter", "image": "registry.example.com/monitoring/exporter:0.17.1"});
    exporter["ports"] = json!([{"name": "metrics", "containerPort": 9187, "protocol": "TCP"}]);
    let (cpu, memory) = EXPORTER;
    exporter["resources"] = json!({
        "requests": {"cpu": format!("{cpu}m"), "memory": format!("{memory}Mi")}, "limits": {"memory": "64Mi"},
    });
    vec![main, exporter]
}

fn cores(milli: u32) -> String {
    if milli.is_multiple_of(1000) { (milli / 1000).to_string() } else { format!("{milli}m") }
}

/// The name of the application's main port.
pub(super) fn port_name(app: &App) -> &'static str {
    match app.port {
        53 => "dns",
        8443 => "https",
        5432 => "postgres",
        6379 => "cache",
        5672 => "amqp",
        9100 | 9187 => "metrics",
        _ => "http",
    }
}

fn ports(app: &App) -> Value {
    let port = |name: &str, number: u16, protocol: &str| json!({"name": name, "containerPort": number, "protocol": protocol});
    match app.port {
        53 => json!([port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9153, "TCP")]),
        8443 => {
            json!([port("http", 8080, "TCP"), port("https", 8443, "TCP"), port("metrics", 10254, "TCP")])
        }
        8080 if !app.lean => json!([port("http", 8080, "TCP"), port("metrics", 9090, "TCP")]),
        other => json!([port(port_name(app), other, "TCP")]),
    }
}

fn environment(app: &App) -> Vec<Value> {
    let mut all = vec![
        json!({"name": "LOG_LEVEL", "value": "info"}),
        json!({"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}),
    ];
    for called in app.calls {
        let (place, port) = called.split_once(':').unwrap_or((called, "80"));
        let (name, namespace) = place.split_once('.').unwrap_or((place, &app.namespace));
        // Where the copies for trying things out have their own, they talk to it.
        let staged = app.namespace == "staging" && super::catalogue::STAGED.contains(&name);
        let namespace = if staged { "staging" } else { namespace };
        let variable = name.to_ascii_uppercase().replace('-', "_");
        all.push(
            json!({"name": format!("{variable}_ADDRESS"), "value": format!("{name}.{namespace}.svc:{port}")}),
        );
    }
    if app.secret {
        let from = json!({"secretKeyRef": {"name": format!("{}-credentials", app.name), "key": "password"}});
        all.push(json!({"name": "PASSWORD", "valueFrom": from}));
    }
    all
}

fn mounts(app: &App) -> Value {
    let config = json!({"name": "config", "mountPath": format!("/etc/{}", app.name), "readOnly": true});
    match app.shape {
        Shape::StatefulSet { .. } => {
            json!([config, {"name": "data", "mountPath": format!("/var/lib/{}", app.name)}])
        }
        _ => json!([config]),
    }
}

fn probe(app: &App, path: &str, period: u32) -> Value {
    let mut probe = json!({"initialDelaySeconds": 2, "timeoutSeconds": 2, "periodSeconds": period});
    match port_name(app) {
        name @ "http" => probe["httpGet"] = json!({"path": path, "port": name}),
        name @ "https" => probe["httpGet"] = json!({"path": path, "port": name, "scheme": "HTTPS"}),
        _ => probe["tcpSocket"] = json!({"port": app.port}),
    }
    probe
}
