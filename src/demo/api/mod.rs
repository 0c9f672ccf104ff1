//! The HTTP side of the simulated API server: from a request to what it means, and from objects to the bytes of an
//! answer.
//!
//! What a request does to the world is the world's business ([`World`]); what follows from it
//! is the controllers'. Here is only how clients say it and how they are answered: paths, parameters, representations,
//! streams. A file for each of them.

mod accept;
mod body;
mod discovery;
mod eviction;
mod logs;
mod metrics;
mod openapi;
mod path;
mod protobuf;
mod query;
mod read;
mod request;
mod review;
mod scale;
mod shape;
mod table;
mod watch;
mod write;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, Response};
use hyper::body::Incoming;
use serde_json::{Value, json};

use body::Body;
use path::{Path, Place};
use query::Query;
use request::Request;

use super::server::Hub;
use super::world::{Failure, Outcome, World};

/// What a handler answers with.
type Answer = Outcome<Response<Body>>;

/// Answers a request.
pub(crate) async fn answer(hub: &Arc<Hub>, token: &str, request: http::Request<Incoming>) -> Response<Body> {
    let answer = match request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()) {
        Some(said) if said.strip_prefix("Bearer ") == Some(token) => match Request::read(request).await {
            Ok(request) => respond(hub, &request),
            Err(failure) => Err(failure),
        },
        _ => Err(Failure::unauthorized()),
    };
    answer.unwrap_or_else(|failure| refuse(&failure))
}

/// Finds out what is asked for, and asks for it.
fn respond(hub: &Arc<Hub>, request: &Request) -> Answer {
    match Path::parse(&request.path)? {
        Path::Plain(text) => Ok(plain(text)),
        Path::Version => Ok(document(200, &version())),
        Path::Discovery(what) => hub.with(|world| discovery::answer(world, what, request)),
        Path::OpenApi(what) => hub.with(|world| openapi::answer(world, &what)),
        Path::Api(place) => match review::answer(&place, request) {
            Some(answer) => answer,
            None if place.group == metrics::GROUP => {
                hub.with(|world| metrics::answer(world, &place, request))
            }
            None => resource(hub, &place, request),
        },
    }
}

/// The subresources that give the object itself.
const GOTTEN: &[&str] = &["status", "approval", "ephemeralcontainers", "resize"];

/// A request for objects of a type.
fn resource(hub: &Arc<Hub>, place: &Place, request: &Request) -> Answer {
    let of = hub.peek(|world| place.find(world))?;
    // What has a namespace is created and deleted in one, not in all of them.
    let within = !place.namespace.is_empty() || hub.peek(|world| !world.kind(of).namespaced);
    let with = |act: &dyn Fn(&mut World) -> Answer| hub.with(act);
    match (&request.method, place.name.as_deref(), place.subresource.as_deref()) {
        (&Method::GET, None, None) if request.query.flag("watch") => watch::answer(hub, of, place, request),
        (&Method::GET, None, None) => with(&|world| read::list(world, of, place, request)),
        (&Method::POST, None, None) if within => with(&|world| write::create(world, of, place, request)),
        (&Method::DELETE, None, None) if within => {
            with(&|world| write::delete_all(world, of, place, request))
        }
        (&Method::GET, Some(_), Some("log")) => logs::answer(hub, place, request),
        (&Method::POST, Some(_), Some("eviction")) => with(&|world| eviction::answer(world, place, request)),
        (_, Some(_), Some("scale")) => with(&|world| scale::answer(world, of, place, request)),
        (&Method::GET, Some(_), part) if part.is_none_or(|part| GOTTEN.contains(&part)) => {
            with(&|world| read::get(world, of, place, request))
        }
        (&Method::PUT, Some(_), _) => with(&|world| write::replace(world, of, place, request)),
        (&Method::PATCH, Some(_), _) => with(&|world| write::patch(world, of, place, request)),
        (&Method::DELETE, Some(_), None) => with(&|world| write::delete(world, of, place, request)),
        _ => Err(Failure::method_not_allowed()),
    }
}

fn version() -> Value {
    json!({
        "major": "1", "minor": "37", "emulationMajor": "1", "emulationMinor": "37",
        "minCompatibilityMajor": "1", "minCompatibilityMinor": "36",
        "gitVersion": "v1.37.0+demo", "gitCommit": "", "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "", "compiler": "", "platform": "demo",
    })
}

/// An answer of JSON.
fn document(code: u16, body: &Value) -> Response<Body> {
    typed(code, "application/json", Body::Whole(body.to_string().into()))
}

/// An answer of text.
fn plain(text: &'static str) -> Response<Body> {
    typed(200, "text/plain; charset=utf-8", Body::Whole(Bytes::from_static(text.as_bytes())))
}

/// An answer of this type.
fn typed(code: u16, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(code).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    response
}

/// The answer to a request that is refused.
fn refuse(failure: &Failure) -> Response<Body> {
    let mut response = document(failure.code, &failure.to_status());
    if let Some(seconds) = failure.details["retryAfterSeconds"].as_u64() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
