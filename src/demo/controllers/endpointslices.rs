//! EndpointSlices: the pods behind a service, and whether they serve.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{self, controlled_by, facts};
use super::replicasets::owner_of_type;
use crate::demo::world::value::{flag, list, map, set, text};
use crate::demo::world::{Change, ControllerId, Deletion, Key, Object, Selector, TypeId, World, Write};

/// Its name, as its slices give it.
pub(super) const NAME: &str = "endpointslice-controller.k8s.io";

/// Most endpoints in one slice.
const MOST: usize = 100;

/// A service, the services of a pod that changed in a way that matters to them, and the one that has lost a slice.
pub(super) fn routes(world: &World, change: &Change, keys: &mut Vec<Key>) {
    let object = change.object();
    match object.key.of {
        TypeId::SERVICES if !change.is_end() => keys.push(object.key.clone()),
        TypeId::ENDPOINT_SLICES if change.is_end() => {
            keys.extend(owner_of_type(world, change, TypeId::SERVICES));
        }
        TypeId::PODS if matters(change) => {
            let selects = |service: &Arc<Object>| {
                let selector = selector(&service.value());
                let versions = [&change.before, &change.after];
                selector
                    .is_some_and(|selector| versions.into_iter().flatten().any(|pod| selector.matches(pod)))
            };
            let services = world.store.all(TypeId::SERVICES, object.namespace());
            keys.extend(services.filter(|service| selects(service)).map(|service| service.key.clone()));
        }
        _ => {}
    }
}

/// What a service sees of a pod that has an address.
fn matters(change: &Change) -> bool {
    let seen = |pod: &Arc<Object>| {
        let address = pods::address(pod);
        let served = !address.is_empty() && !facts(pod).ended();
        served.then(|| (address.clone(), pods::is_ready(pod), pod.deleting, pod.labels.clone()))
    };
    change.before.as_ref().and_then(seen) != change.after.as_ref().and_then(seen)
}

/// The pods that a service selects; `None` where somebody else says who they are.
fn selector(service: &Value) -> Option<Selector> {
    let labels = map(service, "/spec/selector").filter(|labels| !labels.is_empty())?;
    (text(service, "/spec/type") != "ExternalName").then(|| Selector::of_labels(labels))
}

/// Writes the slices of a service.
pub(super) fn reconcile(world: &mut World, _: ControllerId, key: &Key) {
    let Some(service) = world.get(key).filter(|service| !service.deleting).cloned() else { return };
    let value = service.value();
    let Some(selector) = selector(&value) else { return };
    let serves =
        |pod: &&Arc<Object>| selector.matches(pod) && !pods::address(pod).is_empty() && !facts(pod).ended();
    let pods: Vec<Arc<Object>> =
        world.store.all(TypeId::PODS, &key.namespace).filter(serves).cloned().collect();
    let ports = pods.first().map_or(Value::Null, |pod| ports(&value, &pod.value()));
    let mut chunks: Vec<Value> =
        pods.chunks(MOST).map(|pods| pods.iter().map(|pod| endpoint(world, &value, pod)).collect()).collect();
    if chunks.is_empty() {
        chunks.push(Value::Null);
    }
    let slices = pods::owned(world, service.uid, TypeId::ENDPOINT_SLICES);
    let now = world.now.rfc3339();
    for (at, endpoints) in chunks.iter().enumerate() {
        match slices.get(at) {
            Some(slice) => update(world, &slice.key, &value, endpoints, &ports, &now),
            None => {
                let mut slice = json!({
                    "metadata": {
                        "generateName": format!("{}-", service.name()),
                        "ownerReferences": [controlled_by(world, &service)],
                    },
                    "addressType": "IPv4",
                });
                fill(&mut slice, &value, endpoints, &ports, &now);
                // The namespace may be going.
                let _ = world.create(TypeId::ENDPOINT_SLICES, &key.namespace, slice, Write::default());
            }
        }
    }
    for slice in slices.iter().skip(chunks.len()) {
        // Someone may have deleted it meanwhile.
        let _ = world.delete(&slice.key, &Deletion::default());
    }
}

fn update(world: &mut World, slice: &Key, service: &Value, endpoints: &Value, ports: &Value, now: &str) {
    world.modify(slice, |value| {
        let mut new = value.clone();
        let since = text(value, TRIGGER).to_owned();
        fill(&mut new, service, endpoints, ports, &since);
        if new != *value {
            set(&mut new, TRIGGER, now);
            *value = new;
        }
    });
}

const TRIGGER: &str = "/metadata/annotations/endpoints.kubernetes.io~1last-change-trigger-time";

fn fill(slice: &mut Value, service: &Value, endpoints: &Value, ports: &Value, time: &str) {
    set(slice, "/metadata/labels", map(service, "/metadata/labels").cloned().unwrap_or_default());
    set(slice, "/metadata/labels/kubernetes.io~1service-name", text(service, "/metadata/name"));
    set(slice, "/metadata/labels/endpointslice.kubernetes.io~1managed-by", NAME);
    if text(service, "/spec/clusterIP") == "None" {
        set(slice, "/metadata/labels/service.kubernetes.io~1headless", "");
    }
    set(slice, TRIGGER, time);
    slice["endpoints"] = endpoints.clone();
    slice["ports"] = ports.clone();
}

fn endpoint(world: &World, service: &Value, pod: &Arc<Object>) -> Value {
    let ready = pods::is_ready(pod);
    let always = flag(service, "/spec/publishNotReadyAddresses");
    let mut endpoint = json!({
        "addresses": [&**pods::address(pod)],
        "conditions": {"ready": always || (ready && !pod.deleting), "serving": ready, "terminating": pod.deleting},
        "targetRef": {
            "kind": "Pod",
            "name": pod.name(),
            "namespace": pod.namespace(),
            "uid": pod.uid.to_string(),
        },
    });
    let node = &facts(pod).node;
    if !node.is_empty() {
        set(&mut endpoint, "/nodeName", &**node);
        let zone = world.get(&Key::new(TypeId::NODES, "", node));
        if let Some(zone) = zone.and_then(|node| node.label("topology.kubernetes.io/zone")) {
            set(&mut endpoint, "/zone", zone);
        }
    }
    if text(service, "/spec/clusterIP") == "None" {
        let value = pod.value();
        if text(&value, "/spec/subdomain") == text(service, "/metadata/name") {
            set(&mut endpoint, "/hostname", text(&value, "/spec/hostname"));
        }
    }
    endpoint
}

/// The ports of a service as its pods have them: named ones are looked up in `pod`.
fn ports(service: &Value, pod: &Value) -> Value {
    let named = |name: &str, protocol: &str| {
        let containers = list(pod, "/spec/containers").iter();
        let mut ports = containers.flat_map(|container| list(container, "/ports"));
        ports.find(|port| text(port, "/name") == name && text(port, "/protocol") == protocol)
    };
    let resolve = |port: &Value| {
        let protocol = text(port, "/protocol");
        let number = match &port["targetPort"] {
            Value::String(name) => named(name, protocol)?["containerPort"].clone(),
            number => number.clone(),
        };
        let mut resolved = json!({"name": text(port, "/name"), "port": number, "protocol": protocol});
        if let Some(application) = port.get("appProtocol") {
            resolved["appProtocol"] = application.clone();
        }
        Some(resolved)
    };
    let ports: Vec<Value> = list(service, "/spec/ports").iter().filter_map(resolve).collect();
    json!(ports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::{Cluster, deployment};

    fn cluster(replicas: i64) -> Cluster {
        let mut cluster = Cluster::of_nodes(2);
        let mut web = deployment("web", replicas, "web:1");
        web["spec"]["template"]["spec"]["containers"][0]["ports"] =
            json!([{"name": "http", "containerPort": 8080}]);
        cluster.create(TypeId::DEPLOYMENTS, web);
        let spec = json!({"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]});
        cluster.create(TypeId::SERVICES, json!({"metadata": {"name": "web"}, "spec": spec}));
        cluster
    }

    fn slices(cluster: &Cluster) -> Vec<Value> {
        cluster.world.store.all(TypeId::ENDPOINT_SLICES, "shop").map(|slice| slice.value()).collect()
    }

    fn ready(world: &World) -> usize {
        let slices = world.store.all(TypeId::ENDPOINT_SLICES, "shop").map(|slice| slice.value());
        slices
            .map(|slice| list(&slice, "/endpoints").iter().filter(|e| flag(e, "/conditions/ready")).count())
            .sum()
    }

    #[test]
    fn a_service_has_the_pods_that_it_selects_and_knows_which_are_ready() {
        let mut cluster = cluster(2);
        cluster.settle();
        assert_eq!((slices(&cluster).len(), slices(&cluster)[0]["endpoints"].clone()), (1, Value::Null));
        cluster.until(60, |world| ready(world) == 2);
        let slice = slices(&cluster).remove(0);
        assert_eq!(slice["ports"], json!([{"name": "", "port": 8080, "protocol": "TCP"}]));
        assert_eq!(text(&slice, "/metadata/labels/kubernetes.io~1service-name"), "web");
        assert!(text(&slice, "/metadata/name").starts_with("web-"));
        let endpoint = &slice["endpoints"][0];
        assert_eq!(text(endpoint, "/targetRef/kind"), "Pod");
        assert_eq!(endpoint["conditions"], json!({"ready": true, "serving": true, "terminating": false}));
        cluster.change(&Key::new(TypeId::DEPLOYMENTS, "shop", "web"), |web| set(web, "/spec/replicas", 0));
        cluster.settle();
        assert_eq!(ready(&cluster.world), 0);
        cluster.pass(10);
        assert_eq!(slices(&cluster)[0]["endpoints"], Value::Null);
    }

    #[test]
    fn many_pods_make_several_slices_and_few_make_one_again() {
        let mut cluster = cluster(150);
        cluster.until(120, |world| ready(world) == 150);
        assert_eq!(slices(&cluster).len(), 2);
        cluster.change(&Key::new(TypeId::DEPLOYMENTS, "shop", "web"), |web| set(web, "/spec/replicas", 3));
        cluster.pass(30);
        assert_eq!((slices(&cluster).len(), ready(&cluster.world)), (1, 3));
    }

    #[test]
    fn slices_go_with_their_service() {
        let mut cluster = cluster(1);
        cluster.pass(30);
        cluster.delete(&Key::new(TypeId::SERVICES, "shop", "web"));
        cluster.settle();
        assert!(slices(&cluster).is_empty());
    }
}
