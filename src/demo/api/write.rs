//! Creating, replacing, patching and deleting.

use http::Response;
use serde_json::{Value, json};

use super::path::Place;
use super::read::selector;
use super::request::{Request, dry_run};
use super::shape::Shape;
use super::{Answer, Body, document};
use crate::demo::world::value::{flag, list, set, text};
use crate::demo::world::{
    Deleted, Deletion, Failure, Key, Object, Outcome, Page, Part, Patch, Preconditions, Propagation, TypeId,
    World,
};

/// The types whose objects are answered with when they are gone at once; of others it is only said that they are.
const RETURNED: &[TypeId] = &[
    TypeId::PODS,
    TypeId::SERVICES,
    TypeId::SERVICE_ACCOUNTS,
    TypeId::CLAIMS,
    TypeId::VOLUMES,
    TypeId::QUOTAS,
];

/// Creates an object.
pub(super) fn create(world: &mut World, of: TypeId, place: &Place, request: &Request) -> Answer {
    let kind = world.kind(of).kind.to_string();
    let write = request.write("CreateOptions")?;
    let object = world.create(of, &place.namespace, request.object(&kind)?, write)?;
    respond(world, 201, request, &object)
}

/// Replaces an object, or its status.
pub(super) fn replace(world: &mut World, of: TypeId, place: &Place, request: &Request) -> Answer {
    let kind = world.kind(of).kind.to_string();
    let write = request.write("UpdateOptions")?;
    let object = world.update(&place.key(of), request.object(&kind)?, part(place)?, write)?;
    respond(world, 200, request, &object)
}

/// Changes parts of an object, or of its status.
pub(super) fn patch(world: &mut World, of: TypeId, place: &Place, request: &Request) -> Answer {
    let write = request.write("PatchOptions")?;
    let patch = read_patch(request, !world.kind(of).custom)?;
    let object = world.patch(&place.key(of), &patch, part(place)?, write)?;
    respond(world, 200, request, &object)
}

/// The patch in the body.
pub(super) fn read_patch(request: &Request, strategic: bool) -> Outcome<Patch> {
    let value = || {
        serde_json::from_slice::<Value>(&request.body)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| Failure::bad_request("invalid JSON patch"))
    };
    match &*request.content_type {
        "application/merge-patch+json" => Ok(Patch::Merge(value()?)),
        "application/strategic-merge-patch+json" if strategic => Ok(Patch::Strategic(value()?)),
        "application/json-patch+json" => serde_json::from_slice(&request.body)
            .map(Patch::Json)
            .map_err(|error| Failure::bad_request(format!("error decoding patch: {error}"))),
        _ => Err(Failure::unsupported_patch()),
    }
}

/// Deletes an object.
pub(super) fn delete(world: &mut World, of: TypeId, place: &Place, request: &Request) -> Answer {
    let how = deletion(request)?;
    let key = place.key(of);
    match world.delete(&key, &how)? {
        Deleted::Gone(object) if RETURNED.contains(&of) => {
            let mut last = object.value();
            set(&mut last, "/metadata/resourceVersion", world.store.version().to_string());
            let shape = Shape::of(world.kind(of), request, world.now)?;
            Ok(shape.response(200, last.to_string().as_bytes(), world.store.version()))
        }
        Deleted::Gone(object) => Ok(success(world, &key, &object)),
        Deleted::Going(object) => respond(world, 200, request, &object),
    }
}

/// Deletes all objects of a selection.
pub(super) fn delete_all(world: &mut World, of: TypeId, place: &Place, request: &Request) -> Answer {
    let how = deletion(request)?;
    let selector = selector(world, of, &request.query)?;
    let shape = Shape::of(world.kind(of), request, world.now)?;
    let selected = world.store.list(of, &place.namespace, &selector, 0).items;
    let mut items = Vec::new();
    for object in selected {
        let (Deleted::Gone(object) | Deleted::Going(object)) = world.delete(&object.key, &how)?;
        items.push(object);
    }
    let version = world.store.version();
    Ok(shape.list(Page { items, version, rest: None }, true))
}

/// Which part of an object the path means.
fn part(place: &Place) -> Outcome<Part> {
    match place.subresource.as_deref() {
        None | Some("finalize") => Ok(Part::Main),
        Some("status" | "approval") => Ok(Part::Status),
        Some("ephemeralcontainers" | "resize") => Ok(Part::Containers),
        Some(_) => Err(Failure::method_not_allowed()),
    }
}

fn respond(world: &World, code: u16, request: &Request, object: &Object) -> Answer {
    Ok(Shape::of(world.kind(object.key.of), request, world.now)?.response(
        code,
        object.json(),
        object.version,
    ))
}

fn success(world: &World, key: &Key, object: &Object) -> Response<Body> {
    let kind = world.kind(key.of);
    let mut details = json!({"name": object.name(), "kind": kind.plural, "uid": object.uid.to_string()});
    if !kind.group.is_empty() {
        details["group"] = kind.group.clone().into();
    }
    document(
        200,
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}),
    )
}

/// How to delete: the body says it, or where there is none the parameters do.
fn deletion(request: &Request) -> Outcome<Deletion> {
    if !request.body.is_empty() {
        return read_deletion(&request.object("DeleteOptions")?);
    }
    let query = &request.query;
    let mut options = json!({"propagationPolicy": query.get("propagationPolicy")});
    options["orphanDependents"] = json!(query.flag("orphanDependents"));
    options["gracePeriodSeconds"] = json!(query.number("gracePeriodSeconds")?);
    if !query.get("dryRun").is_empty() {
        options["dryRun"] = json!([query.get("dryRun")]);
    }
    read_deletion(&options)
}

/// How a `DeleteOptions` says to delete.
pub(super) fn read_deletion(options: &Value) -> Outcome<Deletion> {
    let propagation = match text(options, "/propagationPolicy") {
        "Background" => Some(Propagation::Background),
        "Foreground" => Some(Propagation::Foreground),
        "Orphan" => Some(Propagation::Orphan),
        _ => flag(options, "/orphanDependents").then_some(Propagation::Orphan),
    };
    let stages = list(options, "/dryRun");
    if let Some(other) = stages.iter().find(|stage| **stage != "All") {
        return Err(dry_run("DeleteOptions", other.as_str().unwrap_or_default()));
    }
    let precondition = |at: &str| options.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let grace = options.pointer("/gracePeriodSeconds").and_then(Value::as_i64);
    Ok(Deletion {
        propagation,
        // A negative period means the shortest there is.
        grace: grace.map(|seconds| if seconds < 0 { 1 } else { seconds }),
        preconditions: Preconditions {
            uid: precondition("/preconditions/uid"),
            version: precondition("/preconditions/resourceVersion"),
        },
        dry_run: !stages.is_empty(),
    })
}
