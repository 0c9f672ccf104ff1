//! Pods, one case per branch of `printPod`.

use super::*;

/// A pod with two containers, one of them a sidecar, and two plain init containers; `patch` says what is special.
fn pod(patch: &Value) -> Value {
    let mut pod = json!({
        "metadata": metadata("web-7df9c-r2m9x"),
        "spec": {
            "nodeName": "node-3",
            "containers": [{"name": "app", "image": "shop/web:1"}, {"name": "log", "image": "shop/log:1"}],
            "tolerations": [{"key": "a", "operator": "Exists"}],
        },
        "status": {"phase": "Running", "podIP": "10.64.5.10", "podIPs": [{"ip": "10.64.5.10"}, {"ip": "fd00::a"}]},
    });
    merge(&mut pod, patch);
    pod
}

/// Statuses of the containers `app` and `log`.
fn containers(app: &Value, log: &Value) -> Value {
    json!({"status": {"containerStatuses": [named("app", app), named("log", log)]}})
}

/// The same with two init containers `fetch` and `migrate`, and a sidecar `mesh` after them.
fn inits(phase: &str, fetch: &Value, migrate: &Value, mesh: &Value) -> Value {
    json!({
        "spec": {"initContainers": [{"name": "fetch"}, {"name": "migrate"}, {"name": "mesh", "restartPolicy": "Always"}]},
        "status": {
            "phase": phase,
            "initContainerStatuses": [named("fetch", fetch), named("migrate", migrate), named("mesh", mesh)],
            "containerStatuses": [named("app", &waiting("PodInitializing")), named("log", &waiting("PodInitializing"))],
        },
    })
}

fn named(name: &str, status: &Value) -> Value {
    let mut named =
        json!({"name": name, "image": "shop/x:1", "imageID": "", "restartCount": 0, "ready": false});
    merge(&mut named, status);
    named
}

fn running() -> Value {
    json!({"ready": true, "started": true, "state": {"running": {"startedAt": "2026-07-01T11:46:00Z"}}})
}

fn unready() -> Value {
    json!({"ready": false, "started": true, "state": {"running": {"startedAt": "2026-07-01T11:46:00Z"}}})
}

fn waiting(reason: &str) -> Value {
    json!({"state": {"waiting": {"reason": reason, "message": "back-off 5m0s"}}})
}

fn ended(exit_code: i32, signal: i32, reason: &str) -> Value {
    json!({"state": {"terminated": {
        "exitCode": exit_code, "signal": signal, "reason": reason,
        "startedAt": "2026-07-01T11:46:00Z", "finishedAt": "2026-07-01T11:58:00Z", "containerID": "containerd://1",
    }}})
}

/// The same status after restarts, the last of which came at this time.
fn restarted(status: &Value, count: i32, last: &str) -> Value {
    let mut status = status.clone();
    let before = json!({"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": last}});
    merge(&mut status, &json!({"restartCount": count, "lastState": before}));
    status
}

fn condition(kind: &str, status: &str, reason: &str) -> Value {
    json!({"type": kind, "status": status, "reason": reason, "lastProbeTime": null})
}

fn with(mut object: Value, patch: &Value) -> Value {
    merge(&mut object, patch);
    object
}

/// Checks `READY STATUS RESTARTS` and the health of each pod.
fn check(cases: &[(Value, &str, Health)]) {
    for (patch, expected, health) in cases {
        let row = row("pods", &pod(patch));
        let text = ["READY", "STATUS", "RESTARTS"].map(|title| cell("pods", &*row, title)).join(" ");
        assert_eq!(text, *expected, "{patch}");
        assert_eq!(row.health(), *health, "{expected}: {patch}");
    }
}

#[test]
fn a_pod_has_the_cells_of_kubectl() {
    let healthy = with(
        containers(&running(), &running()),
        &json!({"status": {"conditions": [condition("Ready", "True", "")], "nominatedNodeName": "node-9"}}),
    );
    let row = row("pods", &pod(&healthy));
    assert_eq!(line("pods", &*row), "web-7df9c-r2m9x|2/2|Running|0|15m|10.64.5.10|node-3|node-9|<none>");
    assert_eq!(&*row.meta().namespace, "shop");
    assert_eq!(way(&*row).as_deref(), Some("containers shop [] [metadata.name=web-7df9c-r2m9x]"));
}

#[test]
fn a_pod_without_status_has_nothing_and_is_in_progress() {
    let row = row("pods", &json!({"metadata": {"name": "new"}, "spec": null, "status": null}));
    assert_eq!(line("pods", &*row), "new|0/0||0|<unknown>|<none>|<none>|<none>|<none>");
    assert_eq!(row.health(), Health::Progressing);
}

#[test]
fn an_address_is_the_first_one_whatever_its_family() {
    let row = row("pods", &pod(&json!({"status": {"podIPs": [{"ip": "fd00::a"}, {"ip": "10.0.0.1"}]}})));
    assert_eq!(cell("pods", &*row, "IP"), "fd00::a");
}

#[test]
fn the_phase_counts_until_a_container_says_more() {
    let pending = |reason| json!({"status": {"phase": "Pending", "conditions": [condition("PodScheduled", "False", reason)]}});
    check(&[
        (json!({"status": {"phase": "Pending"}}), "0/2 Pending 0", Health::Progressing),
        (pending("Unschedulable"), "0/2 Pending 0", Health::Failing),
        (pending("SchedulingGated"), "0/2 SchedulingGated 0", Health::Progressing),
        (json!({"status": {"phase": "Unknown"}}), "0/2 Unknown 0", Health::Failing),
        (json!({"status": {"phase": "Failed", "reason": "Evicted"}}), "0/2 Evicted 0", Health::Failing),
        (json!({"status": {"phase": "Failed", "reason": "NodeLost"}}), "0/2 NodeLost 0", Health::Failing),
        (json!({"status": {"phase": "Succeeded"}}), "0/2 Succeeded 0", Health::Idle),
        (json!({"status": {"phase": "Running"}}), "0/2 Running 0", Health::Progressing),
    ]);
}

#[test]
fn the_first_container_that_is_not_well_gives_the_status() {
    let creating = waiting("ContainerCreating");
    check(&[
        (containers(&running(), &running()), "2/2 Running 0", Health::Healthy),
        (containers(&running(), &unready()), "1/2 Running 0", Health::Progressing),
        (containers(&running(), &creating), "1/2 ContainerCreating 0", Health::Progressing),
        (containers(&waiting("CrashLoopBackOff"), &running()), "1/2 CrashLoopBackOff 0", Health::Failing),
        (
            containers(&waiting("ImagePullBackOff"), &waiting("ErrImagePull")),
            "0/2 ImagePullBackOff 0",
            Health::Failing,
        ),
        (containers(&waiting(""), &running()), "1/2 Running 0", Health::Progressing),
        (containers(&ended(1, 0, "Error"), &running()), "1/2 Error 0", Health::Failing),
        (containers(&ended(137, 9, "OOMKilled"), &running()), "1/2 OOMKilled 0", Health::Failing),
        (containers(&ended(3, 0, ""), &running()), "1/2 ExitCode:3 0", Health::Failing),
        (containers(&ended(137, 9, ""), &running()), "1/2 Signal:9 0", Health::Failing),
        (containers(&json!({"state": null}), &json!({"state": {}})), "0/2 Running 0", Health::Progressing),
    ]);
}

#[test]
fn a_pod_in_which_some_containers_have_completed_goes_by_the_others() {
    let done = ended(0, 0, "Completed");
    let ready = json!({"status": {"conditions": [condition("Ready", "True", "")]}});
    let not_ready = json!({"status": {"conditions": [condition("Ready", "False", "ContainersNotReady")]}});
    let phase = |phase: &str| json!({"status": {"phase": phase}});
    check(&[
        (with(containers(&done, &running()), &ready), "1/2 Running 0", Health::Progressing),
        (with(containers(&done, &running()), &not_ready), "1/2 NotReady 0", Health::Progressing),
        (containers(&done, &ended(2, 0, "Error")), "0/2 Error 0", Health::Failing),
        (containers(&done, &done), "0/2 Completed 0", Health::Progressing),
        (with(containers(&done, &done), &phase("Succeeded")), "0/2 Completed 0", Health::Idle),
        (with(containers(&done, &done), &phase("Failed")), "0/2 Completed 0", Health::Failing),
    ]);
}

#[test]
fn initialization_is_shown_until_it_is_over() {
    let (done, idle) = (ended(0, 0, "Completed"), waiting("PodInitializing"));
    let pending = |fetch: &Value, migrate: &Value| inits("Pending", fetch, migrate, &idle);
    check(&[
        (pending(&running(), &idle), "0/3 Init:0/3 0", Health::Progressing),
        (pending(&done, &running()), "0/3 Init:1/3 0", Health::Progressing),
        (pending(&done, &done), "0/3 Init:2/3 0", Health::Progressing),
        (pending(&done, &waiting("ImagePullBackOff")), "0/3 Init:ImagePullBackOff 0", Health::Failing),
        (pending(&waiting("ContainerCreating"), &idle), "0/3 Init:ContainerCreating 0", Health::Progressing),
        (pending(&ended(1, 0, "Error"), &idle), "0/3 Init:Error 0", Health::Failing),
        (pending(&ended(4, 0, ""), &idle), "0/3 Init:ExitCode:4 0", Health::Failing),
        (pending(&ended(143, 15, ""), &idle), "0/3 Init:Signal:15 0", Health::Failing),
        (inits("Pending", &done, &done, &running()), "1/3 PodInitializing 0", Health::Progressing),
        (inits("Pending", &done, &done, &unready()), "0/3 PodInitializing 0", Health::Progressing),
    ]);
}

#[test]
fn a_sidecar_counts_as_a_container_and_can_fail_a_running_pod() {
    let done = ended(0, 0, "Completed");
    let initialized = json!({"status": {"conditions": [condition("Initialized", "True", "")]}});
    let apps = containers(&running(), &running());
    let running_with = |mesh: &Value| with(inits("Running", &done, &done, mesh), &apps);
    check(&[
        (running_with(&running()), "3/3 Running 0", Health::Healthy),
        (running_with(&unready()), "2/3 Running 0", Health::Progressing),
        (running_with(&done), "2/3 Running 0", Health::Progressing),
        (running_with(&waiting("CrashLoopBackOff")), "0/3 Init:CrashLoopBackOff 0", Health::Failing),
        (
            with(running_with(&waiting("CrashLoopBackOff")), &initialized),
            "2/3 Init:CrashLoopBackOff 0",
            Health::Failing,
        ),
    ]);
}

#[test]
fn restarts_of_init_containers_count_only_while_they_run() {
    let again = |status: &Value, count, last| restarted(status, count, last);
    let done = ended(0, 0, "Completed");
    let fetch = again(&done, 4, "2026-07-01T11:50:00Z");
    let mesh = again(&running(), 2, "2026-07-01T11:57:00Z");
    let apps = containers(&again(&running(), 1, "2026-07-01T11:30:00Z"), &running());
    check(&[
        (
            inits("Pending", &again(&waiting("CrashLoopBackOff"), 3, "2026-07-01T11:50:00Z"), &done, &mesh),
            "0/3 Init:CrashLoopBackOff 3 (10m ago)",
            Health::Failing,
        ),
        (inits("Pending", &fetch, &running(), &mesh), "0/3 Init:1/3 4 (10m ago)", Health::Progressing),
        (inits("Pending", &fetch, &done, &mesh), "1/3 PodInitializing 2 (3m ago)", Health::Progressing),
        (with(inits("Running", &fetch, &done, &mesh), &apps), "3/3 Running 3 (3m ago)", Health::Healthy),
        (
            with(inits("Running", &fetch, &done, &running()), &apps),
            "3/3 Running 1 (30m ago)",
            Health::Healthy,
        ),
    ]);
}

#[test]
fn restarts_come_with_the_age_of_the_last_one() {
    let crash = waiting("CrashLoopBackOff");
    let (app, log) =
        (restarted(&crash, 7, "2026-07-01T11:59:30Z"), restarted(&running(), 2, "2026-06-28T12:00:00Z"));
    check(&[
        (containers(&app, &log), "1/2 CrashLoopBackOff 9 (30s ago)", Health::Failing),
        (containers(&running(), &log), "2/2 Running 2 (3d ago)", Health::Healthy),
        (
            containers(&running(), &with(running(), &json!({"restartCount": 5}))),
            "2/2 Running 5",
            Health::Healthy,
        ),
        (
            containers(&running(), &restarted(&running(), 0, "2026-06-28T12:00:00Z")),
            "2/2 Running 0",
            Health::Healthy,
        ),
    ]);
}

#[test]
fn a_pod_that_is_being_deleted_terminates_unless_it_has_ended_or_its_node_is_lost() {
    let deleted =
        json!({"metadata": {"deletionTimestamp": "2026-07-01T12:00:20Z", "deletionGracePeriodSeconds": 30}});
    let status = |phase: &str, reason: &str| {
        with(deleted.clone(), &json!({"status": {"phase": phase, "reason": reason}}))
    };
    let done = containers(&ended(0, 0, "Completed"), &ended(0, 0, "Completed"));
    check(&[
        (with(containers(&running(), &running()), &deleted), "2/2 Terminating 0", Health::Progressing),
        (
            with(containers(&waiting("CrashLoopBackOff"), &running()), &deleted),
            "1/2 Terminating 0",
            Health::Progressing,
        ),
        (status("Running", "NodeLost"), "0/2 Unknown 0", Health::Failing),
        (status("Failed", "NodeLost"), "0/2 Unknown 0", Health::Failing),
        (with(status("Succeeded", ""), &done), "0/2 Completed 0", Health::Idle),
        (status("Failed", "Evicted"), "0/2 Evicted 0", Health::Failing),
    ]);
}

#[test]
fn readiness_gates_are_counted_and_hold_up_health() {
    let gates = json!({"spec": {"readinessGates": [{"conditionType": "lb/a"}, {"conditionType": "lb/b"}, {"conditionType": "lb/c"}]}});
    let apps = containers(&running(), &running());
    let conditions = json!({"status": {"conditions": [
        condition("lb/a", "True", ""), condition("lb/b", "False", ""), condition("Ready", "False", "ReadinessGatesNotReady"),
    ]}});
    let row = row("pods", &pod(&with(with(apps, &gates), &conditions)));
    assert_eq!(cell("pods", &*row, "READINESS GATES"), "1/3");
    assert_eq!(cell("pods", &*row, "STATUS"), "Running");
    assert_eq!(row.health(), Health::Progressing);
}
