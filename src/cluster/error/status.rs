//! What an answer that is a refusal means: status codes, and the `Status` object that comes with most of them.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use kube::core::response::Status;

use super::text::{QUOTE, one_line};
use super::{Class, Error};

impl Error {
    /// What an answer with a status of 300 or more means. `body` may be a `Status` object, another page, or nothing;
    /// what it says becomes part of one line. `doing` is a gerund: `listing pods in default`.
    #[must_use]
    pub fn from_response(status: StatusCode, headers: &HeaderMap, body: &[u8], doing: &str) -> Error {
        let decoded: Option<Status> = serde_json::from_slice(body)
            .ok()
            .filter(|status: &Status| !status.message.is_empty() || status.code != 0);
        let mut error = match decoded {
            Some(mut object) => {
                object.code = status.as_u16();
                Error::from_status(&object, doing)
            }
            None => without_status(status, headers, body, doing),
        };
        error.retry_after = error.retry_after.or_else(|| retry_after(headers));
        error
    }

    /// What a `Status` object means.
    #[must_use]
    pub fn from_status(status: &Status, doing: &str) -> Error {
        let said = one_line(&status.message, QUOTE);
        let class = class_of(status.code, &status.reason);
        let mut error = match class {
            Class::Forbidden => super::forbidden::explain(&said, doing),
            Class::Unauthorized => unauthorized(doing),
            _ if said.is_empty() => Error::new(class, class_words(class, status.code)).while_doing(doing),
            _ => Error::new(class, said).while_doing(doing),
        };
        error.retry_after = status
            .details
            .as_ref()
            .filter(|details| details.retry_after_seconds > 0)
            .map(|details| Duration::from_secs(details.retry_after_seconds.into()));
        error
    }
}

/// The class of a status code; the reason helps where the code is missing, as in a watch's `ERROR` event.
fn class_of(code: u16, reason: &str) -> Class {
    match (code, reason) {
        (401, _) | (0, "Unauthorized") => Class::Unauthorized,
        (403, _) | (0, "Forbidden") => Class::Forbidden,
        (404, _) | (0, "NotFound") => Class::NotFound,
        (410, _) | (0, "Gone" | "Expired") => Class::Gone,
        (429, _) | (0, "TooManyRequests") => Class::Throttled,
        (504, _) | (0, "Timeout" | "ServerTimeout") => Class::Timeout,
        (400..=499, _) => Class::Rejected,
        (300..=399, _) => Class::Protocol,
        _ => Class::Server,
    }
}

fn class_words(class: Class, code: u16) -> String {
    match class {
        Class::NotFound => "the server has no such thing".to_owned(),
        Class::Gone => "the server no longer knows this version".to_owned(),
        Class::Throttled => "the server has too much to do".to_owned(),
        Class::Timeout => "the server ran out of time".to_owned(),
        _ => match StatusCode::from_u16(code).ok().and_then(|code| code.canonical_reason()) {
            Some(words) => format!("the server answers {code} {words}"),
            None => format!("the server answers {code}"),
        },
    }
}

fn unauthorized(doing: &str) -> Error {
    Error::new(Class::Unauthorized, "the server does not accept the credentials (401)")
        .while_doing(doing)
        .advise("log in again, or check the user of this context")
}

/// An answer without a `Status`: from something before the API server, or from a part of it that sends plain text.
fn without_status(status: StatusCode, headers: &HeaderMap, body: &[u8], doing: &str) -> Error {
    let class = class_of(status.as_u16(), "");
    if status.is_redirection() {
        let place =
            headers.get(header::LOCATION).and_then(|place| place.to_str().ok()).unwrap_or("elsewhere");
        // The query of a login page's address can carry secrets.
        let place = one_line(place.split(['?', '#']).next().unwrap_or_default(), 120);
        return Error::new(Class::Protocol, format!("not an API server: it redirects to {place}"))
            .while_doing(doing)
            .advise("log in there, or check the server of the cluster in the kubeconfig");
    }
    if is_html(headers, body) {
        let message = format!("a web page with status {} came instead of the API's answer", status.as_u16());
        let advice = "a proxy or a login page may stand before the API server";
        return Error::new(class, message).while_doing(doing).advise(advice);
    }
    match class {
        Class::Unauthorized => unauthorized(doing),
        Class::Forbidden => {
            super::forbidden::explain(&one_line(&String::from_utf8_lossy(body), QUOTE), doing)
        }
        _ => {
            let said = one_line(&String::from_utf8_lossy(&body[..body.len().min(4 * QUOTE)]), QUOTE);
            let words = class_words(class, status.as_u16());
            let message = if said.is_empty() { words } else { format!("{words}: {said}") };
            Error::new(class, message).while_doing(doing)
        }
    }
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let start = String::from_utf8_lossy(&body[..body.len().min(64)]).trim_start().to_ascii_lowercase();
    kind.starts_with("text/html") || start.starts_with("<!doctype") || start.starts_with("<html")
}

/// `Retry-After` in seconds; the other form, a date, is not used by API servers.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> Error {
        Error::from_response(
            StatusCode::from_u16(status).unwrap(),
            &HeaderMap::new(),
            body.as_bytes(),
            "doing",
        )
    }

    #[test]
    fn a_status_object_speaks_for_itself() {
        let body = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Operation cannot be
            fulfilled","reason":"Conflict","details":{"retryAfterSeconds":3},"code":409}"#
            .replace('\n', " ");
        let error = said(409, &body);
        assert_eq!((error.class, error.retry_after), (Class::Rejected, Some(Duration::from_secs(3))));
        assert_eq!(error.to_string(), "doing: Operation cannot be fulfilled");
    }

    #[test]
    fn every_code_has_a_class_and_a_line() {
        for (code, class, line) in [
            (400, Class::Rejected, "doing: the server answers 400 Bad Request"),
            (404, Class::NotFound, "doing: the server has no such thing"),
            (410, Class::Gone, "doing: the server no longer knows this version"),
            (429, Class::Throttled, "doing: the server has too much to do"),
            (500, Class::Server, "doing: the server answers 500 Internal Server Error"),
            (504, Class::Timeout, "doing: the server ran out of time"),
            (599, Class::Server, "doing: the server answers 599"),
        ] {
            let error = said(code, "");
            assert_eq!((error.class, &*error.to_string()), (class, line));
        }
    }

    #[test]
    fn other_bodies_are_quoted_on_one_line_and_cut() {
        assert_eq!(
            said(404, "404 page\n\u{1b}[1mnot found\n").message,
            "doing: the server has no such thing: 404 page not found"
        );
        assert!(said(500, &"x".repeat(100_000)).message.chars().count() < 400);
        assert_eq!(said(500, "\u{0}\u{0}").message, "doing: the server answers 500 Internal Server Error");
        assert_eq!(said(403, "nope").to_string(), "doing: nope");
    }

    #[test]
    fn an_error_event_of_a_watch_has_its_class_by_its_reason() {
        let status: Status =
            serde_json::from_str(r#"{"message":"too old resource version","reason":"Expired"}"#).unwrap();
        assert_eq!(Error::from_status(&status, "").class, Class::Gone);
    }
}
