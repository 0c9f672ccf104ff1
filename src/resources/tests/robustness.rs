//! Bytes that are not what they should be: decoding says so and never panics.

use proptest::prelude::*;

use super::*;

/// An object with fields of all kinds in it, as far as they agree: `service` says whose selector it has.
fn everything(service: bool) -> Value {
    let labels = json!({"a": "b"});
    let selector =
        json!({"matchLabels": labels, "matchExpressions": [{"key": "c", "operator": "In", "values": ["d"]}]});
    let status = json!({"name": "a", "ready": true, "started": true, "restartCount": 3,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}, "running": {"startedAt": "2026-07-01T11:45:00Z"}},
        "lastState": {"terminated": {"exitCode": 1, "signal": 9, "finishedAt": "2026-07-01T11:45:00Z"}}});
    json!({
        "metadata": metadata("every\"thing\u{1f426}"),
        "type": "Warning", "reason": "BackOff", "message": "a\nb", "count": 3, "eventTime": "2026-07-01T11:45:00.123456Z",
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": "a", "namespace": "shop"},
        "source": {"component": "kubelet"}, "series": {"count": 3, "lastObservedTime": "2026-07-01T11:45:00.123456Z"},
        "spec": {
            "replicas": 3, "paused": true, "unschedulable": true, "nodeName": "node-1", "type": "LoadBalancer",
            "initContainers": [{"name": "a", "restartPolicy": "Always"}],
            "containers": [{"name": "a", "image": "b", "ports": [{"containerPort": 80, "protocol": "TCP", "name": "http"}]}],
            "readinessGates": [{"conditionType": "Ready"}], "clusterIPs": ["10.0.0.1"], "externalIPs": ["10.0.0.2"],
            "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}],
            "selector": if service { labels } else { selector },
            "template": {"spec": {"containers": [{"name": "a", "image": "b"}]}},
        },
        "status": {
            "phase": "Running", "observedGeneration": 2, "replicas": 2, "podIPs": [{"ip": "10.0.0.3"}],
            "conditions": [{"type": "Ready", "status": "True", "reason": "x"}],
            "initContainerStatuses": [status.clone()], "containerStatuses": [status],
            "addresses": [{"type": "InternalIP", "address": "10.0.0.4"}], "nodeInfo": {"architecture": "amd64"},
            "loadBalancer": {"ingress": [{"ip": "10.0.0.5"}]},
        },
    })
}

/// Decodes as every kind and looks at all that comes of it.
fn look(bytes: &[u8]) {
    for kind in KINDS {
        let mut rows = Vec::new();
        let decoded = (kind.decode)(bytes, &mut Interner::default(), &mut rows);
        assert!(
            decoded.is_ok() || rows.is_empty(),
            "{}: rows of an object that does not decode",
            kind.plural
        );
        for row in rows {
            let mut text = String::new();
            for column in 0..kind.headers.len() {
                row.cell(column).write(NOW, &mut text);
            }
            row.health();
            row.enter();
        }
    }
}

/// Replaces the field at the `steps`-th place of a walk through the tree; elements of lists stay.
fn replace(value: &mut Value, steps: &mut usize, by: &Value) {
    match value {
        Value::Object(map) => {
            for field in map.values_mut() {
                if *steps == 0 {
                    *field = by.clone();
                }
                *steps = steps.wrapping_sub(1);
                replace(field, steps, by);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|element| replace(element, steps, by)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn bytes_out_of_place_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        keep in any::<prop::sample::Index>(),
        service in any::<bool>(),
    ) {
        let mut bytes = everything(service).to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        look(&bytes);
        look(&bytes[..keep.index(bytes.len())]);
    }

    #[test]
    fn values_out_of_place_never_panic(at in 0usize..160, which in 0usize..9, service in any::<bool>()) {
        let strange = [
            Value::Null, json!(i64::MIN), json!(u64::MAX), json!(1.5e300), json!(i32::MAX), json!(-1), json!("\u{0}"), json!([null, {}]),
            json!({"": null}),
        ];
        let mut object = everything(service);
        replace(&mut object, &mut { at }, &strange[which]);
        look(object.to_string().as_bytes());
    }
}

#[test]
fn every_field_may_be_null_except_the_metadata() {
    for kind in KINDS {
        let whole = everything(kind.plural == "services");
        for at in 0.. {
            let mut object = whole.clone();
            replace(&mut object, &mut { at }, &Value::Null);
            if object == whole {
                assert!(at > 80, "only {at} fields");
                break;
            }
            if !object["metadata"].is_null() {
                let mut rows = Vec::new();
                let decoded =
                    (kind.decode)(object.to_string().as_bytes(), &mut Interner::default(), &mut rows);
                assert!(decoded.is_ok(), "{}: {decoded:?} in {object}", kind.plural);
            }
        }
    }
}

#[test]
fn what_is_not_an_object_is_an_error() {
    for kind in KINDS {
        for bytes in [
            "",
            "null",
            "[]",
            "{}",
            "{\"metadata\": 1}",
            "{\"metadata\": {\"name\": 1}}",
            "{\"metadata\": {}} x",
        ] {
            let mut rows = Vec::new();
            assert!(
                (kind.decode)(bytes.as_bytes(), &mut Interner::default(), &mut rows).is_err(),
                "{} {bytes}",
                kind.plural
            );
            assert!(rows.is_empty());
        }
    }
}
