//! What becomes of the API's JSON: cells as kubectl writes them, health, where Enter leads.

mod containers;
mod events;
mod nodes;
mod pods;
mod registry;
mod robustness;
mod services;
mod workloads;

use serde_json::{Value, json};

use super::{Health, Interner, KINDS, Kind, Row, Selection, Time};

/// The moment at which the tests look: 2026-07-01T12:00:00Z.
const NOW: Time = Time(1_782_907_200);

fn kind(plural: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.plural == plural).expect("a built-in kind")
}

/// The rows that an object makes.
fn rows(plural: &str, object: &Value) -> Vec<Box<dyn Row>> {
    let mut rows = Vec::new();
    (kind(plural).decode)(object.to_string().as_bytes(), &mut Interner::default(), &mut rows)
        .expect("decodes");
    rows
}

/// The row of an object that makes one.
fn row(plural: &str, object: &Value) -> Box<dyn Row> {
    let mut rows = rows(plural, object);
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// The value of one cell, as seen at [`NOW`].
fn cell(plural: &str, row: &dyn Row, title: &str) -> String {
    let column = kind(plural).headers.iter().position(|header| header.title == title).expect("a column");
    let mut text = String::new();
    row.cell(column).write(NOW, &mut text);
    text
}

/// All cells in the order of the headers, with `|` between.
fn line(plural: &str, row: &dyn Row) -> String {
    let cells: Vec<String> =
        kind(plural).headers.iter().map(|header| cell(plural, row, header.title)).collect();
    cells.join("|")
}

/// Where Enter leads, in one line: kind, namespace (`*` for all), labels, fields.
fn way(row: &dyn Row) -> Option<String> {
    let Selection { kind, namespace, labels, fields } = row.enter()?;
    Some(format!("{} {} [{labels}] [{fields}]", kind.plural, namespace.as_deref().unwrap_or("*")))
}

/// Puts the fields of `patch` into `object`, map by map.
fn merge(object: &mut Value, patch: &Value) {
    match (object, patch) {
        (Value::Object(object), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(object.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (object, patch) => *object = patch.clone(),
    }
}

/// Metadata as the API server sends it, most of which no row keeps.
fn metadata(name: &str) -> Value {
    json!({
        "name": name,
        "namespace": "shop",
        "uid": "5f0c8b4e-7f1d-4d5e-9a53-3f1f6c2f0a11",
        "resourceVersion": "48213",
        "generation": 2,
        "creationTimestamp": "2026-07-01T11:45:00Z",
        "labels": {"app": "web", "pod-template-hash": "7df9c"},
        "annotations": {"note": "tab\there, \"quotes\", a newline\n, \u{1f426}"},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "1", "controller": true}],
        "managedFields": [{
            "manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
            "time": "2026-07-01T11:45:00Z",
            "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:containers": {}}},
        }],
    })
}
