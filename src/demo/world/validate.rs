//! The rules that objects must meet, as far as people meet them: names, required fields, what cannot change.

use serde_json::Value;

use super::failure::FieldError;
use super::selector::Selector;
use super::types::TypeId;
use super::value::{flag, list, map, remove, text};

/// What is wrong with an object by itself.
#[must_use]
pub(super) fn object(of: TypeId, value: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    name(of, value, &mut errors);
    match of {
        TypeId::PODS => containers(value, "/spec/containers", &mut errors),
        TypeId::DEPLOYMENTS | TypeId::REPLICA_SETS | TypeId::STATEFUL_SETS | TypeId::DAEMON_SETS => {
            not_negative(value, "/spec/replicas", &mut errors);
            template_and_selector(value, &mut errors);
        }
        TypeId::JOBS => containers(value, "/spec/template/spec/containers", &mut errors),
        TypeId::CRON_JOBS if text(value, "/spec/schedule").is_empty() => {
            errors.push(FieldError::required("spec.schedule", ""));
        }
        TypeId::SERVICES
            if list(value, "/spec/ports").is_empty() && text(value, "/spec/type") != "ExternalName" =>
        {
            errors.push(FieldError::required("spec.ports", ""));
        }
        _ => {}
    }
    errors
}

/// What is wrong with a change of an object.
#[must_use]
pub(super) fn change(of: TypeId, old: &Value, new: &Value) -> Vec<FieldError> {
    let fixed: &[&str] = match of {
        TypeId::DEPLOYMENTS | TypeId::REPLICA_SETS | TypeId::DAEMON_SETS => &["/spec/selector"],
        TypeId::STATEFUL_SETS => &[
            "/spec/selector",
            "/spec/serviceName",
            "/spec/podManagementPolicy",
            "/spec/volumeClaimTemplates",
        ],
        TypeId::JOBS => &["/spec/selector", "/spec/template", "/spec/completions"],
        TypeId::SECRETS => &["/type"],
        _ => &[],
    };
    let changed = |pointer: &&&str| old.pointer(pointer) != new.pointer(pointer);
    let error = |pointer: &&str| {
        let value = new.pointer(pointer).unwrap_or(&Value::Null);
        FieldError::invalid(dotted(pointer), value, "field is immutable")
    };
    let mut errors: Vec<FieldError> = fixed.iter().filter(changed).map(error).collect();
    if flag(old, "/immutable") {
        let changed = ["/data", "/binaryData"].into_iter().filter(|at| old.pointer(at) != new.pointer(at));
        let why = "field is immutable when `immutable` is set";
        errors.extend(changed.map(|at| FieldError::forbidden(dotted(at), why)));
    }
    errors
}

/// What is wrong with a change of a pod: little of one can be changed.
#[must_use]
pub(super) fn pod_change(old: &Value, new: &Value) -> Option<FieldError> {
    let fixed = |pod: &Value| {
        let mut spec = pod["spec"].clone();
        for field in ["/activeDeadlineSeconds", "/tolerations", "/terminationGracePeriodSeconds"] {
            remove(&mut spec, field);
        }
        for containers in ["containers", "initContainers"] {
            for container in spec.get_mut(containers).and_then(Value::as_array_mut).into_iter().flatten() {
                remove(container, "/image");
            }
        }
        spec
    };
    (fixed(old) != fixed(new)).then(|| {
        let why = "pod updates may not change fields other than `spec.containers[*].image`, \
                   `spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations` (only additions \
                   to existing tolerations), `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was \
                   previously negative)";
        FieldError::forbidden("spec", why)
    })
}

fn dotted(pointer: &str) -> String {
    pointer[1..].replace('/', ".")
}

fn name(of: TypeId, value: &Value, errors: &mut Vec<FieldError>) {
    let name = text(value, "/metadata/name");
    if name.is_empty() {
        errors.push(FieldError::required("metadata.name", "name or generateName is required"));
        return;
    }
    // These may have colons and capitals in them; the rest are DNS subdomains.
    let free = text(value, "/apiVersion").starts_with("rbac.");
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let label = matches!(of, TypeId::NAMESPACES | TypeId::SERVICES);
    let length = if label { 63 } else { 253 };
    let good = name.chars().all(allowed)
        && edge(name.chars().next())
        && edge(name.chars().next_back())
        && name.len() <= length
        && !(label && name.contains('.'));
    if !free && !good {
        let why = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
                   and must start and end with an alphanumeric character";
        errors.push(FieldError::invalid("metadata.name", &Value::from(name), why));
    }
}

fn not_negative(value: &Value, pointer: &str, errors: &mut Vec<FieldError>) {
    if let Some(number) = value.pointer(pointer).filter(|number| number.as_i64().is_some_and(|n| n < 0)) {
        errors.push(FieldError::invalid(dotted(pointer), number, "must be greater than or equal to 0"));
    }
}

fn template_and_selector(value: &Value, errors: &mut Vec<FieldError>) {
    let empty = serde_json::Map::new();
    let selector = value.pointer("/spec/selector").unwrap_or(&Value::Null);
    if Selector::of_value(selector).is_everything() {
        errors.push(FieldError::required("spec.selector", ""));
        return;
    }
    let labels = map(value, "/spec/template/metadata/labels").unwrap_or(&empty);
    let get = |key: &str| labels.get(key).and_then(Value::as_str).map(str::to_owned);
    if !Selector::of_value(selector).matches_labels(get) {
        let why = "`selector` does not match template `labels`";
        let labels = Value::Object(labels.clone());
        errors.push(FieldError::invalid("spec.template.metadata.labels", &labels, why));
    }
    containers(value, "/spec/template/spec/containers", errors);
}

fn containers(value: &Value, pointer: &str, errors: &mut Vec<FieldError>) {
    let (containers, field) = (list(value, pointer), dotted(pointer));
    if containers.is_empty() {
        errors.push(FieldError::required(field.clone(), ""));
    }
    for (at, container) in containers.iter().enumerate() {
        for part in ["name", "image"] {
            if text(container, &format!("/{part}")).is_empty() {
                errors.push(FieldError::required(format!("{field}[{at}].{part}"), ""));
            }
        }
    }
}
