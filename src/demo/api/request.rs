//! A request, read as far as every handler needs it.

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use super::{Query, protobuf};
use crate::demo::world::{Failure, Outcome, Write};

/// A request.
pub(super) struct Request {
    pub(super) method: Method,
    /// The path as it came: its segments may be percent-encoded.
    pub(super) path: String,
    pub(super) query: Query,
    /// What the client takes, in its order of preference.
    pub(super) accept: String,
    /// What the body is, without parameters.
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

impl Request {
    /// The largest body that is read, as API servers have it.
    const LARGEST: usize = 3 << 20;

    /// Reads a request to its end.
    pub(super) async fn read(request: http::Request<Incoming>) -> Outcome<Request> {
        let (head, body) = request.into_parts();
        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_type = header(CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_owned();
        let accept = header(ACCEPT).to_owned();
        let body = Limited::new(body, Self::LARGEST).collect().await;
        let body = body.map_err(|_| Failure::too_large(Self::LARGEST))?.to_bytes();
        Ok(Request {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: Query::parse(head.uri.query().unwrap_or_default()),
            accept,
            content_type,
            body,
        })
    }

    /// The object in the body. `kind` is what is expected, for the message when there is none.
    pub(super) fn object(&self, kind: &str) -> Outcome<Value> {
        let unreadable = |why: String| {
            let what = format!("the object provided is unrecognized (must be of type {kind}): {why}");
            Failure::bad_request(what)
        };
        match &*self.content_type {
            "" | "application/json" => {
                serde_json::from_slice(&self.body).map_err(|error| unreadable(error.to_string()))
            }
            "application/yaml" => {
                serde_yaml::from_slice(&self.body).map_err(|error| unreadable(error.to_string()))
            }
            protobuf::MEDIA_TYPE => protobuf::read(&self.body)
                .ok_or_else(|| unreadable("it is not in the protobuf that is understood here".to_owned())),
            _ => Err(Failure::unsupported_media_type(
                "the body of the request was in an unknown format - accepted media types include: \
                 application/json, application/yaml, application/vnd.kubernetes.protobuf",
            )),
        }
    }

    /// How changes are to be made. `options` is the kind of the parameters, for the message when they are wrong.
    pub(super) fn write(&self, options: &str) -> Outcome<Write> {
        match self.query.get("dryRun") {
            "" => Ok(Write { dry_run: false }),
            "All" => Ok(Write { dry_run: true }),
            other => Err(dry_run(options, other)),
        }
    }
}

/// What a `dryRun` that is not known is refused with.
pub(super) fn dry_run(options: &str, said: &str) -> Failure {
    let error = crate::demo::world::FieldError {
        reason: "FieldValueNotSupported",
        field: "dryRun".into(),
        message: format!("Unsupported value: [{said:?}]: supported values: \"All\""),
    };
    Failure::invalid(&format!("{options}.meta.k8s.io"), "", &[error])
}
