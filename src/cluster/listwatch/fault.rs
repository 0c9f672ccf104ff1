//! The one place where an answer, a broken connection or nonsense on the wire becomes an [`Error`].

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::cluster::{Class, Error};
use crate::resources::wire::Str;

/// A `Status` object, as far as it is read here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireStatus<'a> {
    #[serde(borrow)]
    message: Str<'a>,
    #[serde(borrow)]
    reason: Str<'a>,
    code: u16,
    details: Option<WireDetails>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireDetails {
    retry_after_seconds: u64,
}

/// The failure that an answer with another status than 2xx tells of. `body` may be anything.
pub(super) fn of_answer(code: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let status: WireStatus<'_> = serde_json::from_slice(body).unwrap_or_default();
    let seconds = headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut error = of_code(code.as_u16(), &status);
    if status.message.is_empty() {
        error.message = match snippet(body).as_str() {
            "" => format!("the server answered {code}"),
            text => format!("the server answered {code}: {text}"),
        };
    }
    error.retry_after = seconds.map(Duration::from_secs).or(error.retry_after);
    error
}

/// The failure that an `ERROR` event of a watch tells of.
pub(super) fn of_event(status: &[u8]) -> Error {
    let status: WireStatus<'_> = serde_json::from_slice(status).unwrap_or_default();
    of_code(status.code, &status)
}

fn of_code(code: u16, status: &WireStatus<'_>) -> Error {
    let class = match code {
        401 => Class::Unauthorized,
        403 => Class::Forbidden,
        404 => Class::NotFound,
        410 => Class::Gone,
        429 => Class::Throttled,
        500.. => Class::Server,
        // An event without a code; and redirects, which an API server has no use for.
        _ if matches!(&*status.reason, "Expired" | "Gone") => Class::Gone,
        0 => Class::Server,
        _ => Class::Rejected,
    };
    let message = if status.message.is_empty() {
        format!("the server said {code} {}", &*status.reason)
    } else {
        one_line(&status.message)
    };
    let mut error = Error::new(class, message);
    let seconds = status.details.as_ref().map_or(0, |details| details.retry_after_seconds);
    error.retry_after = (seconds > 0).then(|| Duration::from_secs(seconds));
    error
}

/// The failure of a request that got no answer.
pub(super) fn of_request(error: &kube::Error) -> Error {
    let class = match error {
        kube::Error::Auth(_) => Class::Credentials,
        kube::Error::RustlsTls(_) | kube::Error::TlsRequired => Class::Tls,
        _ => Class::Unreachable,
    };
    Error::new(class, innermost(error))
}

/// The failure of a connection in the middle of an answer.
pub(super) fn of_body(error: &kube::Error) -> Error {
    Error::new(Class::Unreachable, format!("the connection broke: {}", innermost(error)))
}

/// No answer within `waited`.
pub(super) fn no_answer(waited: Duration) -> Error {
    Error::new(Class::Timeout, format!("the server has not answered for {}", seconds(waited)))
}

/// Nothing more of an answer within `waited`.
pub(super) fn silent(waited: Duration) -> Error {
    Error::new(Class::Timeout, format!("the server has sent nothing for {}", seconds(waited)))
}

/// A watch that the server ends as soon as it is established, again and again.
pub(super) fn ends_at_once() -> Error {
    Error::new(Class::Server, "the server ends each watch at once")
}

/// An answer that ends before its end.
pub(super) fn truncated() -> Error {
    protocol("the answer ended in the middle")
}

/// Bytes that are no list.
pub(super) fn not_a_list(bytes: &[u8]) -> Error {
    protocol(format!("the answer is not a list: {}", snippet(bytes)))
}

/// Bytes that are no event.
pub(super) fn not_an_event(bytes: &[u8]) -> Error {
    protocol(format!("the watch sent what is not an event: {}", snippet(bytes)))
}

/// Bytes that are no object of the API.
pub(super) fn not_an_object(bytes: &[u8]) -> Error {
    protocol(format!("the server sent what is not an object: {}", snippet(bytes)))
}

/// Something larger than is sensible.
pub(super) fn too_large(what: &str, limit: usize) -> Error {
    protocol(format!("the server sent {what} of more than {limit} bytes"))
}

/// An answer that is not what the API says it is.
pub(super) fn protocol(message: impl Into<String>) -> Error {
    Error::new(Class::Protocol, message)
}

/// The error at the end of the chain of sources: the one that says what happened.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    one_line(&innermost.to_string())
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

/// The beginning of some bytes, for a message.
fn snippet(bytes: &[u8]) -> String {
    const SHOWN: usize = 60;
    let text = one_line(&String::from_utf8_lossy(&bytes[..bytes.len().min(4 * SHOWN)]));
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The text in one line without control characters: it goes to a terminal.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: u16, body: &str) -> Error {
        of_answer(StatusCode::from_u16(code).unwrap(), &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn a_status_says_why() {
        let error = of(403, r#"{"kind":"Status","message":"pods is\n forbidden","code":403}"#);
        assert_eq!((error.class, error.message.as_str()), (Class::Forbidden, "pods is forbidden"));
        let error = of(429, r#"{"message":"later","details":{"retryAfterSeconds":7}}"#);
        assert_eq!((error.class, error.retry_after), (Class::Throttled, Some(Duration::from_secs(7))));
    }

    #[test]
    fn any_other_body_is_quoted_in_one_short_line() {
        let error = of(502, "<html>\r\n<h1>Bad \x1b[31mGateway</h1>");
        assert_eq!(error.message, "the server answered 502 Bad Gateway: <html> <h1>Bad [31mGateway</h1>");
        assert!(of(500, &"é".repeat(10_000)).message.chars().count() < 120);
        assert_eq!(of(504, "").class, Class::Server);
    }

    #[test]
    fn the_header_says_when_to_come_again() {
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, "3".parse().unwrap())]);
        let error = of_answer(StatusCode::SERVICE_UNAVAILABLE, &headers, b"");
        assert_eq!(error.retry_after, Some(Duration::from_secs(3)));
    }
}
