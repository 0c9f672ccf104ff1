//! Who somebody is and what they may do: the user `demo`, and everything.

use http::Method;
use serde_json::{Value, json};

use super::path::Place;
use super::request::Request;
use super::{Answer, document, protobuf};
use crate::demo::world::Failure;

const AUTHORIZATION: &str = "authorization.k8s.io";
const AUTHENTICATION: &str = "authentication.k8s.io";

/// Group, version, plural and kind of what can be asked.
pub(super) const RESOURCES: &[(&str, &str, &str, &str)] = &[
    (AUTHORIZATION, "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
    (AUTHORIZATION, "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
    (AUTHENTICATION, "v1", "selfsubjectreviews", "SelfSubjectReview"),
];

/// Answers a question about the user; `None` when it is none.
pub(super) fn answer(place: &Place, request: &Request) -> Option<Answer> {
    let (group, version, _, kind) = RESOURCES.iter().find(|(group, version, plural, _)| {
        *group == place.group && *version == place.version && *plural == place.plural
    })?;
    if request.method != Method::POST || place.name.is_some() {
        return Some(Err(Failure::method_not_allowed()));
    }
    // kubectl asks in protobuf. The answer does not depend on the question, so that it need not be read.
    let question =
        if request.content_type == protobuf::MEDIA_TYPE { Ok(json!({})) } else { request.object(kind) };
    Some(question.map(|mut review| {
        review["kind"] = json!(kind);
        review["apiVersion"] = json!(format!("{group}/{version}"));
        if !review["metadata"].is_object() {
            review["metadata"] = json!({});
        }
        review["status"] = status(kind);
        document(201, &review)
    }))
}

fn status(kind: &str) -> Value {
    match kind {
        "SelfSubjectAccessReview" => json!({"allowed": true}),
        "SelfSubjectRulesReview" => json!({
            "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
            "incomplete": false,
        }),
        _ => json!({"userInfo": {"username": "demo", "groups": ["system:authenticated"]}}),
    }
}
