//! Getting and listing.

use super::path::Place;
use super::request::Request;
use super::shape::Shape;
use super::{Answer, Query};
use crate::demo::world::{Failure, FieldError, Outcome, Selector, TypeId, World};

/// Gets an object.
pub(super) fn get(world: &World, of: TypeId, place: &Place, request: &Request) -> Answer {
    let (key, kind) = (place.key(of), world.kind(of));
    let object = world.get(&key).ok_or_else(|| Failure::not_found(&kind.resource(), &key.name))?;
    Ok(Shape::of(kind, request, world.now)?.response(200, object.json(), object.version))
}

/// Lists objects.
pub(super) fn list(world: &mut World, of: TypeId, place: &Place, request: &Request) -> Answer {
    let shape = Shape::of(world.kind(of), request, world.now)?;
    let selector = selector(world, of, &request.query)?;
    let limit = usize::try_from(request.query.number("limit")?.unwrap_or(0)).unwrap_or(0);
    let page = match request.query.get("continue") {
        "" => {
            check_version(world, &request.query)?;
            world.store.list(of, &place.namespace, &selector, limit)
        }
        token => world.store.list_on(token, limit)?,
    };
    Ok(shape.list(page, selector.is_everything()))
}

/// What a request selects.
pub(super) fn selector(world: &World, of: TypeId, query: &Query) -> Outcome<Selector> {
    Selector::parse(query.get("labelSelector"), query.get("fieldSelector"), world.kind(of))
}

/// What there is now must be what was asked for: there are no lists of the past.
fn check_version(world: &World, query: &Query) -> Outcome<()> {
    let (version, how) = (query.get("resourceVersion"), query.get("resourceVersionMatch"));
    if version.is_empty() {
        return if how.is_empty() {
            Ok(())
        } else {
            Err(forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided"))
        };
    }
    let (asked, now) = (parse_version(version)?, world.store.version());
    match how {
        _ if asked > now => Err(Failure::version_too_large(asked, now)),
        "Exact" if asked < now => Err(Failure::expired(format!("too old resource version: {asked} ({now})"))),
        _ => Ok(()),
    }
}

/// The version in `text`.
pub(super) fn parse_version(text: &str) -> Outcome<u64> {
    let unreadable = |_| {
        let why = format!("strconv.ParseUint: parsing {text:?}: invalid syntax");
        Failure::bad_request(format!(
            "invalid resource version: resourceVersion: Invalid value: {text:?}: {why}"
        ))
    };
    text.parse().map_err(unreadable)
}

/// What parameters about versions that do not fit together are refused with.
pub(super) fn forbidden(why: &str) -> Failure {
    Failure::invalid("ListOptions.meta.k8s.io", "", &[FieldError::forbidden("resourceVersionMatch", why)])
}
