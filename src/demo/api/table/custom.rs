//! The columns of custom resources, as their definition has them.

use serde_json::{Value, json};

use super::jsonpath::JsonPath;
use super::{Definition, cells};
use crate::demo::world::{self, Moment};

/// A column.
pub(super) struct Column {
    pub(super) definition: Definition,
    path: JsonPath,
}

/// The name, and then the columns of the definition; the age where it has none.
pub(super) fn columns(defined: &[world::Column]) -> Vec<Column> {
    let named = |name: &str, path: &str, kind: &str| Column {
        definition: Definition::new(name, kind),
        path: JsonPath::parse(path),
    };
    let mut columns = vec![named("Name", ".metadata.name", "string")];
    columns[0].definition.format = "name";
    if defined.is_empty() {
        columns.push(named("Age", ".metadata.creationTimestamp", "date"));
    }
    columns.extend(defined.iter().map(|column| Column {
        definition: Definition {
            description: column.description.clone(),
            priority: column.priority,
            format: "",
            ..Definition::new(column.name.clone(), column.kind.clone())
        },
        path: JsonPath::parse(&column.path),
    }));
    columns
}

impl Column {
    /// Its value in a custom resource.
    pub(super) fn read(&self, object: &Value, now: Moment) -> Value {
        let found = self.path.find(object);
        let Some(first) = found.first() else { return Value::Null };
        match (&*self.definition.kind, first) {
            ("date", Value::String(_)) => cells::age(&json!({"at": first}), "/at", now),
            ("string", _) => json!(found.iter().map(|value| written(value)).collect::<Vec<_>>().join(",")),
            ("integer", Value::Number(number)) => number.as_i64().map_or(Value::Null, Value::from),
            ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) => (*first).clone(),
            _ => Value::Null,
        }
    }
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
