//! Deployments and replica sets, and the selectors by which they choose pods.

use super::*;

fn workload(patch: &Value) -> Value {
    let mut object = json!({
        "metadata": metadata("web"),
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"creationTimestamp": null}, "spec": {"containers": [
                {"name": "web", "image": "shop/web:1", "resources": {}},
                {"name": "log", "image": "shop/log:7"},
            ]}},
            "strategy": {"type": "RollingUpdate"},
        },
        "status": {
            "observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "availableReplicas": 3,
            "conditions": [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}],
        },
    });
    merge(&mut object, patch);
    object
}

#[test]
fn a_deployment_has_the_cells_of_kubectl() {
    let row = row("deployments", &workload(&json!({"status": {"readyReplicas": 2}})));
    assert_eq!(line("deployments", &*row), "web|2/3|3|3|15m|web,log|shop/web:1,shop/log:7|app=web");
    assert_eq!(way(&*row).as_deref(), Some("pods shop [app=web] []"));
}

#[test]
fn a_replica_set_has_the_cells_of_kubectl() {
    let row = row("replicasets", &workload(&json!({"status": {"readyReplicas": 1, "replicas": 2}})));
    assert_eq!(line("replicasets", &*row), "web|3|2|1|15m|web,log|shop/web:1,shop/log:7|app=web");
    assert_eq!(way(&*row).as_deref(), Some("pods shop [app=web] []"));
}

#[test]
fn a_workload_without_spec_and_status_wants_one_pod_and_has_none() {
    let bare = json!({"metadata": {"name": "new", "creationTimestamp": null}, "spec": null});
    assert_eq!(line("deployments", &*row("deployments", &bare)), "new|0/1|0|0|<unknown>|||");
    assert_eq!(line("replicasets", &*row("replicasets", &bare)), "new|1|0|0|<unknown>|||<none>");
    assert_eq!(row("deployments", &bare).health(), Health::Progressing);
}

#[test]
fn a_selector_is_written_in_the_syntax_of_the_api() {
    let cases = [
        (json!({"matchLabels": {"b": "2", "a": "1", "empty": ""}}), "a=1,b=2,empty="),
        (
            json!({"matchLabels": null, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["web", "api"]}]}),
            "tier in (api,web)",
        ),
        (
            json!({"matchExpressions": [
            {"key": "z", "operator": "DoesNotExist", "values": null},
            {"key": "y", "operator": "Exists"},
            {"key": "x", "operator": "NotIn", "values": ["1"]},
        ], "matchLabels": {"y-a": "1"}}),
            "x notin (1),y,y-a=1,!z",
        ),
    ];
    for (selector, text) in cases {
        let mut object = workload(&json!({}));
        object["spec"]["selector"] = selector;
        for plural in ["deployments", "replicasets"] {
            let row = row(plural, &object);
            assert_eq!(cell(plural, &*row, "SELECTOR"), text);
            assert_eq!(way(&*row), Some(format!("pods shop [{text}] []")));
        }
    }
}

#[test]
fn a_selector_that_is_empty_or_not_valid_leads_nowhere() {
    let strange = json!({"matchExpressions": [{"key": "a", "operator": "Gt", "values": ["1"]}]});
    let no_values = json!({"matchExpressions": [{"key": "a", "operator": "In", "values": []}]});
    let cases = [
        (json!({}), "", "<none>"),
        (Value::Null, "", "<none>"),
        (strange, "<invalid>", "<error>"),
        (no_values, "<invalid>", "<error>"),
    ];
    for (selector, of_deployment, of_set) in cases {
        let mut object = workload(&json!({}));
        object["spec"]["selector"] = selector;
        for (plural, text) in [("deployments", of_deployment), ("replicasets", of_set)] {
            let row = row(plural, &object);
            assert_eq!(cell(plural, &*row, "SELECTOR"), text);
            assert_eq!(way(&*row), None);
        }
    }
}

fn check(plural: &str, cases: &[(&str, Value, Health)]) {
    for (what, patch, health) in cases {
        assert_eq!(row(plural, &workload(patch)).health(), *health, "{what}");
    }
}

#[test]
fn a_deployment_is_as_well_as_its_rollout() {
    let condition =
        |kind: &str, status: &str, reason: &str| json!([{"type": kind, "status": status, "reason": reason}]);
    let stuck = condition("Progressing", "False", "ProgressDeadlineExceeded");
    let paused = condition("Progressing", "Unknown", "DeploymentPaused");
    let quota = condition("ReplicaFailure", "True", "FailedCreate");
    let none = json!({"replicas": 0, "readyReplicas": 0, "updatedReplicas": 0, "availableReplicas": 0});
    check(
        "deployments",
        &[
            ("all updated and available", json!({}), Health::Healthy),
            (
                "the deadline has passed",
                json!({"status": {"conditions": stuck, "updatedReplicas": 1}}),
                Health::Failing,
            ),
            ("pods cannot be made", json!({"status": {"conditions": quota}}), Health::Failing),
            (
                "the failure is of an older spec",
                json!({"metadata": {"generation": 3}, "status": {"conditions": stuck}}),
                Health::Progressing,
            ),
            ("not yet looked at", json!({"status": {"observedGeneration": 1}}), Health::Progressing),
            ("not all updated", json!({"status": {"updatedReplicas": 2}}), Health::Progressing),
            ("not all available", json!({"status": {"availableReplicas": 2}}), Health::Progressing),
            ("old pods left", json!({"status": {"replicas": 4}}), Health::Progressing),
            ("scaled to zero", json!({"spec": {"replicas": 0}, "status": none}), Health::Idle),
            ("on its way to zero", json!({"spec": {"replicas": 0}}), Health::Progressing),
            (
                "paused, rolled out",
                json!({"spec": {"paused": true}, "status": {"conditions": paused}}),
                Health::Healthy,
            ),
            (
                "paused half-way",
                json!({"spec": {"paused": true}, "status": {"updatedReplicas": 1}}),
                Health::Idle,
            ),
            (
                "paused, not available",
                json!({"spec": {"paused": true}, "status": {"availableReplicas": 1}}),
                Health::Progressing,
            ),
            (
                "being deleted",
                json!({"metadata": {"deletionTimestamp": "2026-07-01T12:00:00Z"}}),
                Health::Progressing,
            ),
        ],
    );
}

#[test]
fn a_replica_set_is_as_well_as_its_pods() {
    let quota = json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}]);
    check(
        "replicasets",
        &[
            ("all ready", json!({}), Health::Healthy),
            ("not all ready", json!({"status": {"readyReplicas": 2}}), Health::Progressing),
            ("too many", json!({"status": {"replicas": 4, "readyReplicas": 4}}), Health::Progressing),
            ("pods cannot be made", json!({"status": {"replicas": 1, "conditions": quota}}), Health::Failing),
            (
                "an older revision",
                json!({"spec": {"replicas": 0}, "status": {"replicas": 0, "readyReplicas": 0}}),
                Health::Idle,
            ),
            ("on its way to zero", json!({"spec": {"replicas": 0}}), Health::Progressing),
            ("not yet looked at", json!({"metadata": {"generation": 3}}), Health::Progressing),
        ],
    );
}
