//! The metrics API: what pods and nodes use at this moment.

use http::Method;
use serde_json::{Value, json};

use super::path::Place;
use super::read::selector;
use super::request::Request;
use super::{Answer, document};
use crate::demo::metrics::{Usage, node_usage, usage};
use crate::demo::world::{Failure, Object, TypeId, World};

/// The group of the metrics API.
pub(super) const GROUP: &str = "metrics.k8s.io";
/// Its version.
pub(super) const VERSION: &str = "v1beta1";

/// Answers a request for metrics.
pub(super) fn answer(world: &World, place: &Place, request: &Request) -> Answer {
    if place.version != VERSION || place.subresource.is_some() {
        return Err(Failure::no_such_path());
    }
    if request.method != Method::GET {
        return Err(Failure::method_not_allowed());
    }
    let (of, kind, read): (_, _, fn(&World, &Object) -> Option<Value>) = match &*place.plural {
        "pods" => (TypeId::PODS, "PodMetrics", of_pod),
        "nodes" => (TypeId::NODES, "NodeMetrics", of_node),
        _ => return Err(Failure::no_such_path()),
    };
    let complete = |mut metrics: Value| {
        metrics["kind"] = json!(kind);
        metrics["apiVersion"] = json!(format!("{GROUP}/{VERSION}"));
        metrics
    };
    if let Some(name) = &place.name {
        let metrics = world.get(&place.key(of)).and_then(|object| read(world, object)).map(complete);
        let resource = format!("{}.{GROUP}", place.plural);
        return metrics
            .map(|metrics| document(200, &metrics))
            .ok_or_else(|| Failure::not_found(&resource, name));
    }
    let selector = selector(world, of, &request.query)?;
    let selected = world.store.all(of, &place.namespace).filter(|object| selector.matches(object));
    let items: Vec<Value> = selected.filter_map(|object| read(world, object)).collect();
    Ok(document(
        200,
        &json!({
            "kind": format!("{kind}List"), "apiVersion": format!("{GROUP}/{VERSION}"), "metadata": {},
            "items": items,
        }),
    ))
}

/// What a pod uses; nothing is known of one that does not run.
fn of_pod(world: &World, pod: &Object) -> Option<Value> {
    let value = pod.value();
    let containers: Vec<Value> = usage(world, &value)
        .into_iter()
        .map(|(name, usage)| json!({"name": name, "usage": quantities(usage)}))
        .collect();
    if containers.is_empty() {
        return None;
    }
    Some(json!({
        "metadata": metadata(world, pod), "timestamp": world.now.rfc3339(), "window": "15s",
        "containers": containers,
    }))
}

/// What a node and all pods on it use.
fn of_node(world: &World, node: &Object) -> Option<Value> {
    Some(json!({
        "metadata": metadata(world, node), "timestamp": world.now.rfc3339(), "window": "15s",
        "usage": quantities(node_usage(world, node)),
    }))
}

fn quantities(usage: Usage) -> Value {
    json!({"cpu": format!("{}m", usage.cpu_milli), "memory": format!("{}Ki", usage.memory / 1024)})
}

fn metadata(world: &World, object: &Object) -> Value {
    let mut metadata = json!({"name": object.name(), "creationTimestamp": world.now.rfc3339()});
    if !object.namespace().is_empty() {
        metadata["namespace"] = json!(object.namespace());
    }
    if !object.labels.is_empty() {
        metadata["labels"] = object.labels.iter().map(|(key, value)| (&**key, &**value)).collect();
    }
    metadata
}
