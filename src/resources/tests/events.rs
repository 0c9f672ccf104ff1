//! Events.

use super::*;

fn event(patch: &Value) -> Value {
    let mut object = json!({
        "metadata": metadata("web-r2m9x.18a3f"),
        "involvedObject": {
            "apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "web-r2m9x", "uid": "1", "resourceVersion": "7",
            "fieldPath": "spec.containers{app}",
        },
        "type": "Warning", "reason": "BackOff", "message": "Back-off restarting \"app\"\n",
        "source": {"component": "kubelet", "host": "node-3"},
        "firstTimestamp": "2026-07-01T11:30:00Z", "lastTimestamp": "2026-07-01T11:59:00Z", "count": 14,
        "eventTime": null, "reportingComponent": "kubelet", "reportingInstance": "node-3",
    });
    merge(&mut object, patch);
    object
}

#[test]
fn an_event_of_the_older_sort_has_the_cells_of_kubectl() {
    let row = row("events", &event(&json!({})));
    assert_eq!(
        line("events", &*row),
        "60s|Warning|BackOff|pod/web-r2m9x|spec.containers{app}|kubelet, node-3|Back-off restarting \"app\"|30m|14|web-r2m9x.18a3f"
    );
    assert_eq!(row.health(), Health::Failing);
}

#[test]
fn an_event_of_the_newer_sort_has_the_cells_of_kubectl() {
    let newer = json!({
        "type": "Normal", "reason": "Scheduled", "count": null, "source": {"component": null, "host": null},
        "involvedObject": {"fieldPath": null},
        "firstTimestamp": null, "lastTimestamp": null, "eventTime": "2026-07-01T11:50:00.123456Z",
        "reportingComponent": "default-scheduler", "reportingInstance": "default-scheduler-host",
    });
    let row = row("events", &event(&newer));
    assert_eq!(
        line("events", &*row),
        "10m|Normal|Scheduled|pod/web-r2m9x||default-scheduler, default-scheduler-host|Back-off restarting \"app\"|10m|1|web-r2m9x.18a3f"
    );
    assert_eq!(row.health(), Health::Healthy);
}

#[test]
fn a_series_says_when_and_how_often() {
    let series = |series: Value| row("events", &event(&json!({"series": series})));
    let repeated = series(json!({"count": 40, "lastObservedTime": "2026-07-01T11:59:50.5Z"}));
    assert_eq!(
        (cell("events", &*repeated, "LAST SEEN"), cell("events", &*repeated, "COUNT")),
        ("10s".into(), "40".into())
    );
    let never = series(json!({"count": 2, "lastObservedTime": null}));
    assert_eq!(cell("events", &*never, "LAST SEEN"), "<unknown>");
}

#[test]
fn the_newest_event_comes_first() {
    let (column, descending) = kind("events").sort.expect("a sort");
    let (old, new) = (
        row("events", &event(&json!({}))),
        row("events", &event(&json!({"lastTimestamp": "2026-07-01T11:59:59Z"}))),
    );
    let undated = row("events", &event(&json!({"firstTimestamp": null, "lastTimestamp": null})));
    assert!(!descending);
    assert!(new.cell(column).compare(&old.cell(column)).is_lt());
    assert!(old.cell(column).compare(&undated.cell(column)).is_lt());
}

#[test]
fn a_message_is_one_line() {
    let message = |text: &str| cell("events", &*row("events", &event(&json!({"message": text}))), "MESSAGE");
    assert_eq!(message("  plain text \n"), "plain text");
    assert_eq!(message("a: \r\n\tb\n\n c\u{1b}[31m"), "a: b c [31m");
    assert_eq!(message(""), "");
}

#[test]
fn a_source_names_who_and_where() {
    let source = |patch: Value| cell("events", &*row("events", &event(&patch)), "SOURCE");
    assert_eq!(source(json!({"source": {"host": ""}, "reportingInstance": ""})), "kubelet");
    assert_eq!(source(json!({"source": null})), "kubelet, node-3");
    assert_eq!(source(json!({"source": null, "reportingComponent": null, "reportingInstance": null})), "");
}

#[test]
fn an_event_leads_to_its_object() {
    let to = |object: Value, namespace: &str| {
        let mut event = event(&json!({"metadata": {"namespace": namespace}}));
        event["involvedObject"] = object;
        way(&*row("events", &event))
    };
    let cases = [
        (
            json!({"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "a"}),
            "shop",
            Some("pods shop [] [metadata.name=a]"),
        ),
        (
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "a"}),
            "shop",
            Some("deployments shop [] [metadata.name=a]"),
        ),
        (
            json!({"kind": "ReplicaSet", "namespace": "shop", "name": "a"}),
            "shop",
            Some("replicasets shop [] [metadata.name=a]"),
        ),
        (
            json!({"apiVersion": "v1", "kind": "Node", "name": "node-3"}),
            "default",
            Some("nodes * [] [metadata.name=node-3]"),
        ),
        (
            json!({"apiVersion": "v1", "kind": "Namespace", "name": "shop", "namespace": "shop"}),
            "shop",
            Some("namespaces * [] [metadata.name=shop]"),
        ),
        (
            json!({"apiVersion": "serving.example.com/v1", "kind": "Service", "namespace": "shop", "name": "a"}),
            "shop",
            None,
        ),
        (
            json!({"apiVersion": "example.com/v1", "kind": "Widget", "namespace": "shop", "name": "a"}),
            "shop",
            None,
        ),
        (json!({"apiVersion": "v1", "kind": "Pod", "namespace": "elsewhere", "name": "a"}), "shop", None),
        (json!({"apiVersion": "v1", "kind": "Pod", "namespace": "shop"}), "shop", None),
        (json!({"kind": "Container", "namespace": "shop", "name": "a"}), "shop", None),
        (Value::Null, "shop", None),
    ];
    for (object, namespace, expected) in cases {
        assert_eq!(to(object.clone(), namespace).as_deref(), expected, "{object}");
    }
}

#[test]
fn an_object_without_a_name_is_its_kind() {
    let row = row("events", &event(&json!({"involvedObject": {"name": ""}})));
    assert_eq!(cell("events", &*row, "OBJECT"), "pod");
}
