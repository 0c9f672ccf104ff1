//! The containers of a pod.

use super::*;

fn pod() -> Value {
    json!({
        "metadata": metadata("web"),
        "spec": {
            "initContainers": [
                {"name": "migrate", "image": "shop/migrate:2", "restartPolicy": null},
                {"name": "mesh", "image": "mesh:1", "restartPolicy": "Always"},
            ],
            "containers": [
                {"name": "web", "image": "shop/web:1", "ports": [
                    {"name": "http", "containerPort": 8080, "protocol": "TCP"}, {"containerPort": 53, "protocol": "UDP"},
                ]},
                {"name": "crash", "image": "shop/crash:1"},
                {"name": "late", "image": "shop/late:1"},
            ],
            "ephemeralContainers": [{"name": "debugger-x", "image": "busybox", "targetContainerName": "web"}],
        },
        "status": {
            "phase": "Running",
            "initContainerStatuses": [
                {"name": "mesh", "ready": true, "restartCount": 0, "started": true,
                    "state": {"running": {"startedAt": "2026-07-01T11:50:00Z"}}},
                {"name": "migrate", "ready": true, "restartCount": 0, "state": {"terminated": {"exitCode": 0,
                    "reason": "Completed", "startedAt": "2026-07-01T11:45:00Z", "finishedAt": "2026-07-01T11:46:00Z"}}},
            ],
            "containerStatuses": [
                {"name": "web", "ready": true, "restartCount": 1, "started": true, "state": {"running":
                    {"startedAt": "2026-07-01T11:55:00Z"}}, "lastState": {"terminated":
                    {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-07-01T11:54:50Z"}}},
                {"name": "crash", "ready": false, "restartCount": 3, "started": false,
                    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}},
            ],
            "ephemeralContainerStatuses": [{"name": "debugger-x", "ready": false, "restartCount": 0,
                "state": {"running": {"startedAt": null}}}],
        },
    })
}

#[test]
fn each_container_of_a_pod_is_a_row_in_the_order_of_the_spec() {
    let rows = rows("containers", &pod());
    let lines: Vec<String> = rows.iter().map(|row| line("containers", &**row)).collect();
    assert_eq!(
        lines,
        [
            "migrate|init|True|Completed|0|15m|shop/migrate:2|<none>",
            "mesh|sidecar|True|Running|0|10m|mesh:1|<none>",
            "web|app|True|Running|1 (5m10s ago)|5m|shop/web:1|8080/TCP (http), 53/UDP",
            "crash|app|False|CrashLoopBackOff|3|<none>|shop/crash:1|<none>",
            "late|app|False|Waiting|0|<none>|shop/late:1|<none>",
            "debugger-x|ephemeral|False|Running|0|<unknown>|busybox|<none>",
        ]
    );
    let health: Vec<Health> = rows.iter().map(|row| row.health()).collect();
    use Health::{Failing, Healthy, Idle, Progressing};
    assert_eq!(health, [Idle, Healthy, Healthy, Failing, Progressing, Healthy]);
    assert!(rows.is_sorted_by(|a, b| a.cell(1).compare(&b.cell(1)).is_lt()), "sorted by the default column");
}

#[test]
fn a_container_is_identified_by_its_pod_and_its_name() {
    let rows = rows("containers", &pod());
    let pod = row("pods", &pod()).meta().id;
    for row in rows {
        assert_eq!(row.meta().id, pod.part(&row.meta().name));
        assert_eq!(&*row.meta().namespace, "shop");
    }
}

/// The state and health of a pod's only container.
fn state(phase: &str, status: &Value) -> (String, Health) {
    let mut pod = json!({"metadata": {"name": "x"}, "spec": {"containers": [{"name": "app"}]}, "status": {"phase": phase}});
    if !status.is_null() {
        let mut entry = json!({"name": "app"});
        merge(&mut entry, status);
        merge(&mut pod, &json!({"status": {"containerStatuses": [entry]}}));
    }
    let row = rows("containers", &pod).remove(0);
    (cell("containers", &*row, "STATE"), row.health())
}

#[test]
fn the_state_is_the_reason_or_what_stands_in_for_it() {
    let cases = [
        ("Running", json!({"ready": false, "state": {"running": {}}}), "Running", Health::Progressing),
        (
            "Pending",
            json!({"state": {"waiting": {"reason": "ContainerCreating"}}}),
            "ContainerCreating",
            Health::Progressing,
        ),
        (
            "Pending",
            json!({"state": {"waiting": {"reason": "ErrImagePull"}}}),
            "ErrImagePull",
            Health::Failing,
        ),
        ("Pending", json!({"state": {"waiting": {}}}), "Waiting", Health::Progressing),
        ("Pending", json!({"state": {}}), "Waiting", Health::Progressing),
        (
            "Running",
            json!({"state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}),
            "Completed",
            Health::Idle,
        ),
        ("Running", json!({"state": {"terminated": {"exitCode": 2}}}), "ExitCode:2", Health::Failing),
        (
            "Running",
            json!({"state": {"terminated": {"exitCode": 137, "signal": 9}}}),
            "Signal:9",
            Health::Failing,
        ),
        (
            "Succeeded",
            json!({"state": {"terminated": {"exitCode": 137, "reason": "Error"}}}),
            "Error",
            Health::Idle,
        ),
        ("Pending", Value::Null, "Waiting", Health::Progressing),
        ("Failed", Value::Null, "Unknown", Health::Failing),
        ("Succeeded", Value::Null, "Unknown", Health::Idle),
    ];
    for (phase, status, text, health) in cases {
        assert_eq!(state(phase, &status), (text.to_owned(), health), "{phase} {status}");
    }
}
