//! What a pod's status says of its containers.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Str, nullable};

/// An entry of a pod's container statuses.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerStatus<'a> {
    /// The container.
    #[serde(borrow)]
    pub name: Str<'a>,
    /// Whether its readiness probe passes; for an init container, whether it ended well.
    #[serde(deserialize_with = "nullable")]
    pub ready: bool,
    /// Whether its startup probe has passed.
    pub started: Option<bool>,
    /// How often it was started again.
    #[serde(deserialize_with = "nullable")]
    pub restart_count: i32,
    /// Now.
    #[serde(borrow, deserialize_with = "nullable")]
    pub state: State<'a>,
    /// Before its last restart.
    #[serde(borrow, deserialize_with = "nullable")]
    pub last_state: State<'a>,
}

/// A container's state: at most one of the three is there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct State<'a> {
    /// It does not run yet.
    #[serde(borrow)]
    pub waiting: Option<Waiting<'a>>,
    /// It runs.
    #[serde(borrow)]
    pub running: Option<Running<'a>>,
    /// It has ended.
    #[serde(borrow)]
    pub terminated: Option<Terminated<'a>>,
}

/// Why a container does not run yet.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Waiting<'a> {
    /// Reason, one word.
    #[serde(borrow)]
    pub reason: Str<'a>,
}

/// A running container.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Running<'a> {
    /// When it was started, RFC 3339.
    #[serde(borrow)]
    pub started_at: Str<'a>,
}

/// How a container ended.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Terminated<'a> {
    /// Reason, one word.
    #[serde(borrow)]
    pub reason: Str<'a>,
    /// Exit status.
    #[serde(deserialize_with = "nullable")]
    pub exit_code: i32,
    /// The signal that ended it, 0 for none.
    #[serde(deserialize_with = "nullable")]
    pub signal: i32,
    /// When it was started, RFC 3339.
    #[serde(borrow)]
    pub started_at: Str<'a>,
    /// When it ended, RFC 3339.
    #[serde(borrow)]
    pub finished_at: Str<'a>,
}

impl Terminated<'_> {
    /// The reason, or what stands in for it.
    #[must_use]
    pub fn describe(&self) -> Cow<'_, str> {
        match (&*self.reason, self.signal) {
            ("", 0) => Cow::Owned(format!("ExitCode:{}", self.exit_code)),
            ("", signal) => Cow::Owned(format!("Signal:{signal}")),
            (reason, _) => Cow::Borrowed(reason),
        }
    }
}
