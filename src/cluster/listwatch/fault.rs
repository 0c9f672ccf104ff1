//! What goes wrong between a request and the end of its answer. What a status or a broken connection means is said
//! in [`crate::cluster::error`]; here is what only lists and watches can be wrong about.

use std::time::Duration;

use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// The most characters that are quoted of what was not understood.
const QUOTE: usize = 60;

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

/// A watch that ends in the middle of an event.
pub(super) fn cut_event() -> Error {
    Error::new(Class::Unreachable, "the connection ended in the middle of an event")
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

/// The failure that an `ERROR` event of a watch tells of, in the `Status` that is its object.
pub(super) fn of_event(object: &[u8]) -> Error {
    match serde_json::from_slice(object) {
        Ok(status) => Error::from_status(&status, ""),
        Err(_) => not_an_event(object),
    }
}

/// An answer that is not what the API says it is.
pub(super) fn protocol(message: impl Into<String>) -> Error {
    Error::new(Class::Protocol, message)
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

/// The beginning of some bytes, for a message.
fn snippet(bytes: &[u8]) -> String {
    one_line(&String::from_utf8_lossy(&bytes[..bytes.len().min(4 * QUOTE)]), QUOTE)
}
