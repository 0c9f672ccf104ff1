use super::*;
use crate::demo::controllers::testing::{Cluster, deployment};

fn pod(name: &str, cpu: &str) -> Value {
    let resources = json!({"requests": {"cpu": cpu}});
    json!({"metadata": {"name": name}, "spec": {"containers": [{"name": "app", "image": "web:1", "resources": resources}]}})
}

fn node_of(cluster: &Cluster, pod: &Key) -> String {
    text(&cluster.value(pod), "/spec/nodeName").to_owned()
}

#[test]
fn pods_are_spread_over_the_nodes() {
    let mut cluster = Cluster::of_nodes(4);
    cluster.create(TypeId::DEPLOYMENTS, deployment("web", 20, "web:1"));
    cluster.settle();
    for number in 1..=4 {
        assert_eq!(cluster.world.store.on_node(&format!("node-{number}")).pods.len(), 5);
    }
}

#[test]
fn a_pod_that_fits_nowhere_says_why_and_is_bound_when_there_is_room() {
    let mut cluster = Cluster::of_nodes(3);
    let taint = json!([{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]);
    cluster.change(&Key::new(TypeId::NODES, "", "node-2"), |node| set(node, "/spec/taints", taint));
    cluster.change(&Key::new(TypeId::NODES, "", "node-3"), |node| set(node, "/spec/unschedulable", true));
    let first = cluster.create(TypeId::PODS, pod("first", "3"));
    cluster.settle();
    assert_eq!(node_of(&cluster, &first.key), "node-1");
    let second = cluster.create(TypeId::PODS, pod("second", "3"));
    cluster.settle();
    let why = "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s), 1 node(s) were \
               unschedulable. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 \
               Preemption is not helpful for scheduling.";
    let value = cluster.value(&second.key);
    let condition = conditions::find(&value["status"], "PodScheduled").unwrap();
    assert_eq!((text(condition, "/reason"), text(condition, "/message")), ("Unschedulable", why));
    assert_eq!(cluster.messages("second", "FailedScheduling"), [why]);
    cluster.change(&Key::new(TypeId::NODES, "", "node-3"), |node| set(node, "/spec/unschedulable", false));
    cluster.settle();
    assert_eq!(node_of(&cluster, &second.key), "node-3");
    assert_eq!(cluster.messages("second", "Scheduled"), ["Successfully assigned shop/second to node-3"]);
}

#[test]
fn a_pod_that_waits_gets_the_place_of_one_that_ended() {
    let mut cluster = Cluster::of_nodes(1);
    let first = cluster.create(TypeId::PODS, pod("first", "3"));
    cluster.pass(10);
    let second = cluster.create(TypeId::PODS, pod("second", "3"));
    cluster.pass(10);
    assert_eq!(node_of(&cluster, &second.key), "");
    cluster.delete(&first.key);
    cluster.pass(10);
    assert_eq!(node_of(&cluster, &second.key), "node-1");
}

#[test]
fn labels_affinities_and_tolerations_decide() {
    let mut cluster = Cluster::of_nodes(3);
    let node = |number: usize| Key::new(TypeId::NODES, "", &format!("node-{number}"));
    cluster.change(&node(2), |node| set(node, "/metadata/labels/disk", "ssd"));
    let taint = json!([{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]);
    cluster.change(&node(3), |node| {
        set(node, "/spec/taints", taint);
        set(node, "/metadata/labels/zone", "b");
    });
    let mut selects = pod("selects", "1");
    selects["spec"]["nodeSelector"] = json!({"disk": "ssd"});
    let mut tolerates = pod("tolerates", "1");
    let term = json!({"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a", "b"]}]});
    tolerates["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
        json!({"nodeSelectorTerms": [term]});
    tolerates["spec"]["tolerations"] = json!([{"key": "gpu", "operator": "Equal", "value": "yes"}]);
    let (selects, tolerates) =
        (cluster.create(TypeId::PODS, selects), cluster.create(TypeId::PODS, tolerates));
    cluster.settle();
    assert_eq!(
        (&*node_of(&cluster, &selects.key), &*node_of(&cluster, &tolerates.key)),
        ("node-2", "node-3")
    );
}

#[test]
fn a_pod_waits_for_its_volume() {
    let mut cluster = Cluster::of_nodes(1);
    let mut wants = pod("wants", "1");
    wants["spec"]["volumes"] = json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]);
    let wants = cluster.create(TypeId::PODS, wants);
    cluster.settle();
    let said = cluster.messages("wants", "FailedScheduling").remove(0);
    assert!(said.starts_with("0/1 nodes are available: persistentvolumeclaim \"data\" not found."), "{said}");
    let claim = json!({"metadata": {"name": "data", "namespace": "shop"}, "status": {"phase": "Bound"}});
    cluster.world.insert(TypeId::CLAIMS, claim);
    cluster.settle();
    assert_eq!(node_of(&cluster, &wants.key), "node-1");
}
