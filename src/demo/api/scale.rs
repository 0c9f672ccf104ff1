//! The `scale` subresource: how many replicas there are to be, for clients that need not know the kind.

use http::Method;
use serde_json::{Value, json};

use super::path::Place;
use super::request::Request;
use super::write::read_patch;
use super::{Answer, document};
use crate::demo::world::value::{int, set, text};
use crate::demo::world::{Failure, FieldError, Object, Outcome, Part, TypeId, World};
use crate::resources::wire::LabelSelector;

/// Gets, replaces or patches a scale.
pub(super) fn answer(world: &mut World, of: TypeId, place: &Place, request: &Request) -> Answer {
    let (key, kind) = (place.key(of), world.kind(of));
    let object = world.get(&key).ok_or_else(|| Failure::not_found(&kind.resource(), &key.name))?.clone();
    let mut wanted = scale(&object);
    let write = match request.method {
        Method::GET => return Ok(document(200, &wanted)),
        Method::PUT => {
            wanted = request.object("Scale")?;
            request.write("UpdateOptions")?
        }
        Method::PATCH => {
            read_patch(request, true)?.apply("Scale", &mut wanted)?;
            request.write("PatchOptions")?
        }
        _ => return Err(Failure::method_not_allowed()),
    };
    let mut value = object.value();
    adopt(&wanted, &mut value)?;
    let object = world.update(&key, value, Part::Main, write)?;
    Ok(document(200, &scale(&object)))
}

/// Takes the number of replicas over into the object, and the version and identity that the scale is meant for.
fn adopt(scale: &Value, object: &mut Value) -> Outcome<()> {
    let replicas = &scale["spec"]["replicas"];
    if !replicas.is_null() && !replicas.is_i64() {
        return Err(Failure::bad_request("spec.replicas of a Scale is a number"));
    }
    if replicas.as_i64().is_some_and(|replicas| replicas < 0) {
        let error = FieldError::invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        return Err(Failure::invalid("Scale.autoscaling", text(scale, "/metadata/name"), &[error]));
    }
    for field in ["/metadata/name", "/metadata/resourceVersion", "/metadata/uid"] {
        let said = text(scale, field);
        if !said.is_empty() {
            set(object, field, said);
        }
    }
    set(object, "/spec/replicas", int(scale, "/spec/replicas"));
    Ok(())
}

fn scale(object: &Object) -> Value {
    use serde::Deserialize as _;
    let value = object.value();
    let metadata = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"];
    let metadata: Value = metadata.iter().map(|field| (*field, value["metadata"][field].clone())).collect();
    let mut status = json!({"replicas": int(&value, "/status/replicas")});
    let selector =
        value.pointer("/spec/selector").and_then(|selector| LabelSelector::deserialize(selector).ok());
    if let Some(selector) = selector.and_then(|selector| selector.to_text()).filter(|text| !text.is_empty()) {
        status["selector"] = json!(selector);
    }
    let mut spec = json!({});
    // As with all numbers that may be left out, nothing is the same as 0.
    if int(&value, "/spec/replicas") != 0 {
        spec["replicas"] = value["spec"]["replicas"].clone();
    }
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": status})
}
