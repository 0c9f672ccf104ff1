//! What the columns of built-in kinds read off objects, where that is more than a field.

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::time;
use crate::demo::world::Moment;
use crate::demo::world::value::{flag, int, list, map, text};
use crate::resources::Time;
use crate::resources::wire::LabelSelector;

/// `text`, or something else where there is none.
pub(super) fn or(text: &str, other: &str) -> Value {
    json!(if text.is_empty() { other } else { text })
}

/// The text at `at`, or that it is not set.
pub(super) fn unset(object: &Value, at: &str) -> Value {
    or(text(object, at), "<unset>")
}

/// All of `parts` with commas between.
pub(super) fn joined(parts: impl Iterator<Item = String>) -> Value {
    json!(parts.collect::<Vec<_>>().join(","))
}

/// How long ago the moment at `at` was; unknown where there is none.
pub(super) fn age(object: &Value, at: &str, now: Moment) -> Value {
    json!(Time::parse(text(object, at)).map_or_else(|| "<unknown>".to_owned(), |then| then.age(time(now))))
}

/// How long ago the moment at `at` was; nothing where there is none.
pub(super) fn since(object: &Value, at: &str, now: Moment) -> Value {
    if text(object, at).is_empty() { json!("<none>") } else { age(object, at, now) }
}

/// When it was created, as a timestamp.
pub(super) fn created(object: &Value) -> Value {
    json!(text(object, "/metadata/creationTimestamp"))
}

/// The status of a condition.
pub(super) fn condition<'o>(object: &'o Value, kind: &str) -> &'o str {
    let found = list(object, "/status/conditions").iter().find(|condition| text(condition, "/type") == kind);
    found.map_or("", |condition| text(condition, "/status"))
}

fn of_containers(object: &Value, template: &str, field: &str) -> Value {
    let containers = list(object, &format!("{template}/spec/containers"));
    joined(containers.iter().map(|container| text(container, field).to_owned()))
}

/// The names of the containers of a pod template.
pub(super) fn containers(object: &Value, template: &str) -> Value {
    of_containers(object, template, "/name")
}

/// The images of the containers of a pod template.
pub(super) fn images(object: &Value, template: &str) -> Value {
    of_containers(object, template, "/image")
}

/// A label selector, as a request would write it.
pub(super) fn selector(object: &Value, at: &str) -> Value {
    let selector = object.pointer(at).and_then(|value| LabelSelector::deserialize(value).ok());
    match selector {
        None => json!("<none>"),
        Some(selector) => match selector.to_text() {
            None => json!("<error>"),
            Some(text) => or(&text, "<none>"),
        },
    }
}

/// A map of labels.
pub(super) fn labels(object: &Value, at: &str) -> Value {
    let pairs = map(object, at).into_iter().flatten();
    let pairs: Vec<String> =
        pairs.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    or(&pairs.join(","), "<none>")
}

/// A list of words.
pub(super) fn names(object: &Value, at: &str) -> Value {
    joined(list(object, at).iter().filter_map(Value::as_str).map(str::to_owned))
}

/// `RWO` and its like.
pub(super) fn access_modes(object: &Value, at: &str) -> Value {
    let short = |mode: &Value| match mode.as_str() {
        Some("ReadWriteOnce") => "RWO",
        Some("ReadOnlyMany") => "ROX",
        Some("ReadWriteMany") => "RWX",
        Some("ReadWriteOncePod") => "RWOP",
        _ => "",
    };
    joined(list(object, at).iter().map(|mode| short(mode).to_owned()))
}

/// The claim that a volume is bound to.
pub(super) fn targets_of_claim(object: &Value) -> Value {
    match map(object, "/spec/claimRef") {
        Some(_) => json!(format!(
            "{}/{}",
            text(object, "/spec/claimRef/namespace"),
            text(object, "/spec/claimRef/name")
        )),
        None => json!(""),
    }
}

/// How much of a quota is used: of what is limited, or of what is requested and counted.
pub(super) fn quota(object: &Value, limits: bool) -> Value {
    let hard = map(object, "/status/hard").into_iter().flatten();
    let parts = hard.filter(|(what, _)| what.starts_with("limits.") == limits).map(|(what, most)| {
        let used = object["status"]["used"][what].as_str().unwrap_or("0");
        format!("{what}: {used}/{}", most.as_str().unwrap_or_default())
    });
    json!(parts.collect::<Vec<_>>().join(", "))
}

/// What became of a job.
pub(super) fn job_status(object: &Value) -> Value {
    let is = |kind: &str| condition(object, kind) == "True";
    let status = if is("Complete") {
        "Complete"
    } else if is("Failed") {
        "Failed"
    } else if !text(object, "/metadata/deletionTimestamp").is_empty() {
        "Terminating"
    } else if is("Suspended") {
        "Suspended"
    } else if is("FailureTarget") {
        "FailureTarget"
    } else if is("SuccessCriteriaMet") {
        "SuccessCriteriaMet"
    } else {
        "Running"
    };
    json!(status)
}

/// How many pods of a job have completed, of how many.
pub(super) fn completions(object: &Value) -> Value {
    let done = int(object, "/status/succeeded");
    if let Some(all) = object.pointer("/spec/completions").and_then(Value::as_i64) {
        return json!(format!("{done}/{all}"));
    }
    match int(object, "/spec/parallelism") {
        many @ 2.. => json!(format!("{done}/1 of {many}")),
        _ => json!(format!("{done}/1")),
    }
}

/// How long a job took, or takes so far.
pub(super) fn duration(object: &Value, now: Moment) -> Value {
    let at = |field| Time::parse(text(object, field));
    let end = at("/status/completionTime").unwrap_or(time(now));
    json!(at("/status/startTime").map_or_else(String::new, |start| start.age(end)))
}

/// What an autoscaler measures, and what it aims at.
pub(super) fn metrics(object: &Value) -> Value {
    let wanted = list(object, "/spec/metrics");
    let current = list(object, "/status/currentMetrics");
    let mut parts: Vec<String> =
        wanted.iter().enumerate().map(|(at, wanted)| metric(wanted, current.get(at))).collect();
    if parts.is_empty() {
        return json!("<none>");
    }
    let more = parts.len().saturating_sub(2);
    parts.truncate(2);
    let mut text = parts.join(", ");
    if more > 0 {
        text += &format!(" + {more} more...");
    }
    json!(text)
}

fn metric(wanted: &Value, current: Option<&Value>) -> String {
    let none = Value::Null;
    let current = current.unwrap_or(&none);
    let kind = text(wanted, "/type");
    let field =
        format!("/{}{}", kind[..kind.len().min(1)].to_ascii_lowercase(), kind.get(1..).unwrap_or_default());
    let (of, now) = (wanted.pointer(&field).unwrap_or(&none), current.pointer(&field).unwrap_or(&none));
    let name = if kind.ends_with("Resource") { text(of, "/name") } else { text(of, "/metric/name") };
    if let Some(aim) = of.pointer("/target/averageUtilization").and_then(Value::as_i64) {
        let now = now.pointer("/current/averageUtilization").and_then(Value::as_i64);
        let now = now.map_or("<unknown>".to_owned(), |now| format!("{now}%"));
        return format!("{name}: {now}/{aim}%");
    }
    let (value, suffix) = match text(of, "/target/averageValue") {
        "" => ("value", ""),
        _ => ("averageValue", if kind.ends_with("Resource") { "" } else { " (avg)" }),
    };
    let aim = text(of, &format!("/target/{value}"));
    let now = text(now, &format!("/current/{value}"));
    let now = if now.is_empty() { "<unknown>" } else { now };
    if kind.ends_with("Resource") { format!("{name}: {now}/{aim}") } else { format!("{now}/{aim}{suffix}") }
}

/// At most three of `all`, and how many more there are.
fn some(all: &[String]) -> String {
    let shown = all[..all.len().min(3)].join(",");
    match all.len().saturating_sub(3) {
        0 => shown,
        more => format!("{shown} + {more} more..."),
    }
}

/// The ports of an endpoint slice.
pub(super) fn ports(object: &Value) -> Value {
    let ports: Vec<String> =
        list(object, "/ports").iter().map(|port| int(port, "/port").to_string()).collect();
    json!(if ports.is_empty() { "<unset>".to_owned() } else { some(&ports) })
}

/// The addresses of an endpoint slice.
pub(super) fn endpoints(object: &Value) -> Value {
    let addresses = list(object, "/endpoints").iter().flat_map(|endpoint| list(endpoint, "/addresses"));
    let addresses: Vec<String> = addresses.filter_map(Value::as_str).map(str::to_owned).collect();
    json!(if addresses.is_empty() { "<unset>".to_owned() } else { some(&addresses) })
}

/// The hosts of an ingress.
pub(super) fn hosts(object: &Value) -> Value {
    let hosts =
        list(object, "/spec/rules").iter().map(|rule| text(rule, "/host")).filter(|host| !host.is_empty());
    let hosts: Vec<String> = hosts.map(str::to_owned).collect();
    json!(if hosts.is_empty() { "*".to_owned() } else { some(&hosts) })
}

/// The ports of an ingress.
pub(super) fn tls_ports(object: &Value) -> Value {
    json!(if list(object, "/spec/tls").is_empty() { "80" } else { "80, 443" })
}

/// The role of a binding.
pub(super) fn role(object: &Value) -> Value {
    json!(format!("{}/{}", text(object, "/roleRef/kind"), text(object, "/roleRef/name")))
}

/// The subjects of this kind in a binding.
pub(super) fn subjects(object: &Value, kind: &str) -> Value {
    let subjects = list(object, "/subjects").iter().filter(|subject| text(subject, "/kind") == kind);
    let names = subjects.map(|subject| match text(subject, "/namespace") {
        "" => text(subject, "/name").to_owned(),
        namespace => format!("{namespace}/{}", text(subject, "/name")),
    });
    json!(names.collect::<Vec<_>>().join(", "))
}

/// Whether a certificate was granted.
pub(super) fn conditions_of_request(object: &Value) -> Value {
    let has =
        |kind: &str| list(object, "/status/conditions").iter().any(|found| text(found, "/type") == kind);
    let mut words = vec![match (has("Denied"), has("Approved")) {
        (true, _) => "Denied",
        (false, true) => "Approved",
        (false, false) => "Pending",
    }];
    if has("Failed") {
        words.push("Failed");
    }
    if !text(object, "/status/certificate").is_empty() {
        words.push("Issued");
    }
    json!(words.join(","))
}

/// The versions of a custom resource definition.
pub(super) fn versions(object: &Value) -> Value {
    let versions = list(object, "/spec/versions").iter().filter(|version| flag(version, "/served"));
    joined(versions.map(|version| {
        let mark = if flag(version, "/storage") { "(storage)" } else { "" };
        format!("{}{mark}", text(version, "/name"))
    }))
}
