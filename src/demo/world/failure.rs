//! What a request can be refused with, in the words of the API: a `Status`.

use serde_json::{Value, json};

/// A refusal.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// HTTP status code.
    pub code: u16,
    /// Machine-readable reason, such as `NotFound`.
    pub reason: &'static str,
    /// What a person reads.
    pub message: String,
    /// `details` of the status: what it is about, and the causes; `Null` when there are none.
    pub details: Value,
}

/// What came of a request.
pub type Outcome<T> = Result<T, Failure>;

/// One field of an object that is not as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldError {
    /// `FieldValueRequired`, `FieldValueInvalid`, `FieldValueForbidden` and so on.
    pub reason: &'static str,
    /// Its path, as `spec.replicas`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl FieldError {
    /// A value that is not acceptable.
    #[must_use]
    pub fn invalid(field: impl Into<String>, value: &Value, why: &str) -> FieldError {
        let message = format!("Invalid value: {value}: {why}");
        FieldError { reason: "FieldValueInvalid", field: field.into(), message }
    }

    /// A value that is missing.
    #[must_use]
    pub fn required(field: impl Into<String>, why: &str) -> FieldError {
        let message =
            if why.is_empty() { "Required value".to_owned() } else { format!("Required value: {why}") };
        FieldError { reason: "FieldValueRequired", field: field.into(), message }
    }

    /// A value that must not be there, or must not change.
    #[must_use]
    pub fn forbidden(field: impl Into<String>, why: &str) -> FieldError {
        FieldError {
            reason: "FieldValueForbidden",
            field: field.into(),
            message: format!("Forbidden: {why}"),
        }
    }
}

impl Failure {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Failure {
        Failure { code, reason, message: message.into(), details: Value::Null }
    }

    /// A refusal that comes before it is known what the request is about: its details are there, and empty.
    fn vague(code: u16, reason: &'static str, message: impl Into<String>) -> Failure {
        Failure { details: json!({}), ..Failure::new(code, reason, message) }
    }

    /// 400: the request makes no sense.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Failure {
        Failure::new(400, "BadRequest", message)
    }

    /// 401: no credentials, or wrong ones.
    #[must_use]
    pub fn unauthorized() -> Failure {
        Failure::new(401, "Unauthorized", "Unauthorized")
    }

    /// 404 for a path that leads nowhere.
    #[must_use]
    pub fn no_such_path() -> Failure {
        Failure::vague(404, "NotFound", "the server could not find the requested resource")
    }

    /// 404 for an object. `resource` is its plural, with the group behind a dot when it has one.
    #[must_use]
    pub fn not_found(resource: &str, name: &str) -> Failure {
        Failure::new(404, "NotFound", format!("{resource} \"{name}\" not found")).about(resource, name)
    }

    /// 405.
    #[must_use]
    pub fn method_not_allowed() -> Failure {
        Failure::vague(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )
    }

    /// 406: no representation that was asked for.
    #[must_use]
    pub fn not_acceptable(message: impl Into<String>) -> Failure {
        Failure::vague(406, "NotAcceptable", message)
    }

    /// 409: there is one of this name.
    #[must_use]
    pub fn already_exists(resource: &str, name: &str) -> Failure {
        Failure::new(409, "AlreadyExists", format!("{resource} \"{name}\" already exists"))
            .about(resource, name)
    }

    /// 409: the request does not fit what is there now.
    #[must_use]
    pub fn conflict(resource: &str, name: &str, why: &str) -> Failure {
        let message = format!("Operation cannot be fulfilled on {resource} \"{name}\": {why}");
        Failure::new(409, "Conflict", message).about(resource, name)
    }

    /// 403.
    #[must_use]
    pub fn forbidden(resource: &str, name: &str, why: &str) -> Failure {
        let message = format!("{resource} \"{name}\" is forbidden: {why}");
        Failure::new(403, "Forbidden", message).about(resource, name)
    }

    /// 410: the version asked for is forgotten.
    #[must_use]
    pub fn expired(message: impl Into<String>) -> Failure {
        Failure::new(410, "Expired", message)
    }

    /// 413: a body of more than `limit` bytes.
    #[must_use]
    pub fn too_large(limit: usize) -> Failure {
        let message = format!("Request entity too large: limit is {limit}");
        Failure::new(413, "RequestEntityTooLarge", message)
    }

    /// 415: a body in a format that is not understood.
    #[must_use]
    pub fn unsupported_media_type(message: impl Into<String>) -> Failure {
        Failure::new(415, "UnsupportedMediaType", message)
    }

    /// 415: a patch in a format that is not understood, or not for this type.
    #[must_use]
    pub fn unsupported_patch() -> Failure {
        Failure::vague(415, "UnsupportedMediaType", "415: Unsupported Media Type")
    }

    /// 422: fields that are not as they should be. `kind` with its group behind a dot when it has one.
    #[must_use]
    pub fn invalid(kind: &str, name: &str, errors: &[FieldError]) -> Failure {
        let lines: Vec<String> =
            errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
        let list = match lines.as_slice() {
            [one] => one.clone(),
            all => format!("[{}]", all.join(", ")),
        };
        let mut failure = Failure::new(422, "Invalid", format!("{kind} \"{name}\" is invalid: {list}"));
        failure = failure.about(kind, name);
        let cause = |error: &FieldError| json!({"reason": error.reason, "message": error.message, "field": error.field});
        failure.details["causes"] = errors.iter().map(cause).collect();
        failure
    }

    /// 422 for an operation that cannot be done to what is there.
    #[must_use]
    pub fn unprocessable() -> Failure {
        Failure::vague(422, "Invalid", "the server rejected our request due to an error in our request")
    }

    /// 429 for an eviction that a disruption budget does not allow now, and why.
    #[must_use]
    pub fn disruption_budget(why: &str) -> Failure {
        let message = "Cannot evict pod as it would violate the pod's disruption budget.";
        let mut failure = Failure::new(429, "TooManyRequests", message);
        failure.details = json!({"causes": [{"reason": "DisruptionBudget", "message": why}]});
        failure
    }

    /// 504 for a version that has not been yet.
    #[must_use]
    pub fn version_too_large(asked: u64, version: u64) -> Failure {
        let message = format!("Timeout: Too large resource version: {asked}, current: {version}");
        let mut failure = Failure::new(504, "Timeout", message);
        failure.details = json!({
            "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
            "retryAfterSeconds": 1,
        });
        failure
    }

    /// 500.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Failure {
        Failure::new(500, "InternalError", message)
    }

    /// The same, saying which object it is about.
    fn about(mut self, resource: &str, name: &str) -> Failure {
        let (kind, group) = resource.split_once('.').unwrap_or((resource, ""));
        self.details = json!({"kind": kind});
        if !name.is_empty() {
            self.details["name"] = name.into();
        }
        if !group.is_empty() {
            self.details["group"] = group.into();
        }
        self
    }

    /// The body of the answer.
    #[must_use]
    pub fn to_status(&self) -> Value {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason, "code": self.code,
        });
        if !self.details.is_null() {
            status["details"] = self.details.clone();
        }
        status
    }
}
