//! Nodes and namespaces.

use super::*;

fn node(patch: &Value) -> Value {
    let mut object = json!({
        "metadata": metadata("node-3"),
        "spec": {"podCIDR": "10.64.5.0/24", "taints": [{"key": "a", "effect": "NoSchedule"}]},
        "status": {
            "conditions": [
                {"type": "MemoryPressure", "status": "False", "reason": "KubeletHasSufficientMemory"},
                {"type": "Ready", "status": "True", "reason": "KubeletReady"},
            ],
            "addresses": [
                {"type": "Hostname", "address": "node-3"}, {"type": "InternalIP", "address": "10.0.0.3"},
                {"type": "InternalIP", "address": "fd00::3"}, {"type": "ExternalIP", "address": "2001:db8::3"},
            ],
            "nodeInfo": {
                "kubeletVersion": "v1.37.2", "osImage": "Debian GNU/Linux 13", "kernelVersion": "6.12.1",
                "architecture": "amd64", "containerRuntimeVersion": "containerd://2.1.4",
            },
            "images": [{"names": ["shop/web:1"], "sizeBytes": 1}],
        },
    });
    merge(&mut object, patch);
    object
}

fn ready(status: &str) -> Value {
    json!({"status": {"conditions": [{"type": "Ready", "status": status}]}})
}

#[test]
fn a_node_has_the_cells_of_kubectl() {
    let row = row("nodes", &node(&json!({"metadata": {"namespace": null}})));
    assert_eq!(
        line("nodes", &*row),
        "node-3|Ready|<none>|15m|v1.37.2|10.0.0.3|2001:db8::3|Debian GNU/Linux 13|6.12.1 (amd64)|containerd://2.1.4"
    );
    assert_eq!(row.health(), Health::Healthy);
    assert_eq!(way(&*row).as_deref(), Some("pods * [] [spec.nodeName=node-3]"));
}

#[test]
fn what_a_node_has_not_reported_is_unknown() {
    let bare = row("nodes", &json!({"metadata": {"name": "new"}, "status": null}));
    assert_eq!(
        line("nodes", &*bare),
        "new|Unknown|<none>|<unknown>||<none>|<none>|<unknown>|<unknown>|<unknown>"
    );
    let arm = row(
        "nodes",
        &json!({"metadata": {"name": "new"}, "status": {"nodeInfo": {"architecture": "arm64"}}}),
    );
    assert_eq!(cell("nodes", &*arm, "KERNEL-VERSION"), "<unknown> (arm64)");
}

#[test]
fn a_node_is_ready_and_takes_pods_or_not() {
    let cordoned = |mut patch: Value| {
        merge(&mut patch, &json!({"spec": {"unschedulable": true}}));
        patch
    };
    let cases = [
        (ready("True"), "Ready", Health::Healthy),
        (ready("False"), "NotReady", Health::Failing),
        (ready("Unknown"), "NotReady", Health::Failing),
        (json!({"status": {"conditions": null}}), "Unknown", Health::Failing),
        (cordoned(ready("True")), "Ready,SchedulingDisabled", Health::Progressing),
        (cordoned(ready("False")), "NotReady,SchedulingDisabled", Health::Failing),
        (cordoned(json!({"status": {"conditions": []}})), "Unknown,SchedulingDisabled", Health::Failing),
    ];
    for (patch, status, health) in cases {
        let row = row("nodes", &node(&patch));
        assert_eq!((cell("nodes", &*row, "STATUS").as_str(), row.health()), (status, health));
    }
}

#[test]
fn a_ready_node_under_pressure_is_failing() {
    for trouble in ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"] {
        let conditions = json!([{"type": "Ready", "status": "True"}, {"type": trouble, "status": "True"}]);
        let row = row("nodes", &node(&json!({"status": {"conditions": conditions}})));
        assert_eq!((cell("nodes", &*row, "STATUS").as_str(), row.health()), ("Ready", Health::Failing));
    }
}

#[test]
fn roles_come_from_both_sorts_of_labels() {
    let labels = json!({"metadata": {"labels": {
        "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": "true", "node-role.kubernetes.io/": "",
        "kubernetes.io/role": "worker", "kubernetes.io/hostname": "node-3",
    }}});
    assert_eq!(cell("nodes", &*row("nodes", &node(&labels)), "ROLES"), "control-plane,worker");
    let old = json!({"metadata": {"labels": {"kubernetes.io/role": "edge"}}});
    assert_eq!(cell("nodes", &*row("nodes", &node(&old)), "ROLES"), "edge");
    assert_eq!(
        cell("nodes", &*row("nodes", &node(&json!({"metadata": {"labels": null}}))), "ROLES"),
        "<none>"
    );
}

fn namespace(status: &Value) -> Value {
    json!({"metadata": {"name": "shop", "creationTimestamp": "2026-06-01T12:00:00Z", "managedFields": [{}]}, "status": status})
}

#[test]
fn a_namespace_leads_to_its_pods() {
    let row = row("namespaces", &namespace(&json!({"phase": "Active"})));
    assert_eq!(line("namespaces", &*row), "shop|Active|30d");
    assert_eq!(row.health(), Health::Healthy);
    assert_eq!(way(&*row).as_deref(), Some("pods shop [] []"));
}

#[test]
fn a_terminating_namespace_is_in_progress_until_its_deletion_fails() {
    let condition = |kind: &str, status: &str| json!({"phase": "Terminating", "conditions": [{"type": kind, "status": status}]});
    let cases = [
        (json!({"phase": "Terminating"}), Health::Progressing),
        (condition("NamespaceContentRemaining", "True"), Health::Progressing),
        (condition("NamespaceDeletionContentFailure", "False"), Health::Progressing),
        (condition("NamespaceDeletionContentFailure", "True"), Health::Failing),
        (condition("NamespaceDeletionDiscoveryFailure", "True"), Health::Failing),
        (Value::Null, Health::Healthy),
    ];
    for (status, health) in cases {
        assert_eq!(row("namespaces", &namespace(&status)).health(), health, "{status}");
    }
}
