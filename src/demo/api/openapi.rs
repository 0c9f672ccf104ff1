//! As much of OpenAPI as clients look for: which kinds there are, and that the server checks fields itself.
//!
//! There are no schemas. Clients then fall back on what they know of built-in kinds.

use serde_json::{Map, Value, json};

use super::{Answer, document};
use crate::demo::world::{Failure, Type, World};

/// Answers what is behind `/openapi/`.
pub(super) fn answer(world: &World, what: &str) -> Answer {
    match what {
        "v2" => {
            let body = json!({"swagger": "2.0", "info": info(), "paths": {}, "definitions": {}});
            Ok(document(200, &body))
        }
        "v3" => {
            let mut paths = Map::new();
            for (_, kind) in world.types.served() {
                let path = path(kind);
                paths.insert(path.clone(), json!({"serverRelativeURL": format!("/openapi/v3/{path}")}));
            }
            Ok(document(200, &json!({"paths": paths})))
        }
        _ => {
            let wanted = what.strip_prefix("v3/").unwrap_or_default();
            let kinds = world.types.served().map(|(_, kind)| kind).filter(|kind| path(kind) == wanted);
            let paths: Map<String, Value> = kinds.map(item).collect();
            if paths.is_empty() {
                return Err(Failure::no_such_path());
            }
            Ok(document(200, &json!({"openapi": "3.0.0", "info": info(), "paths": paths, "components": {}})))
        }
    }
}

fn info() -> Value {
    json!({"title": "kittiwake demo", "version": "v1.37.0"})
}

/// Where the document of the kind's group and version is.
fn path(kind: &Type) -> String {
    if kind.group.is_empty() {
        format!("api/{}", kind.version)
    } else {
        format!("apis/{}", kind.api_version())
    }
}

/// The path of one object of this kind, with the operations that change it.
fn item(kind: &Type) -> (String, Value) {
    let parameters = ["dryRun", "fieldManager", "fieldValidation"]
        .map(|name| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}}));
    let operation = |action: &str| {
        json!({
            "operationId": format!("{action}{}", kind.kind),
            "parameters": parameters,
            "responses": {"200": {"description": "OK"}},
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind":
                {"group": kind.group, "version": kind.version, "kind": kind.kind},
        })
    };
    let namespace = if kind.namespaced { "/namespaces/{namespace}" } else { "" };
    let name = format!("/{}{namespace}/{}/{{name}}", path(kind), kind.plural);
    (name, json!({"put": operation("put"), "patch": operation("patch")}))
}
