//! What can go wrong between here and an API server: what failed, why, and what to do next.

pub(crate) mod chain;
mod forbidden;
pub(crate) mod mistake;
mod status;
pub(crate) mod text;

use std::time::Duration;

/// A failure, told so that one line of it helps: what was being done, why it failed, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}{}", if advice.is_empty() { "" } else { "; " }, advice)]
pub struct Error {
    /// What sort of failure.
    pub class: Class,
    /// What was being done and why it failed, in one line.
    pub message: String,
    /// What to do next; empty when there is nothing to say.
    pub advice: String,
    /// How long the server asked us to wait before the next attempt.
    pub retry_after: Option<Duration>,
}

/// Sorts of failure, as far as what comes next differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The kubeconfig is missing, malformed or names what is not there.
    Config,
    /// Credentials could not be obtained (a plugin, a token file, a certificate).
    Credentials,
    /// 401: the server does not accept the credentials.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404: the server has no such thing.
    NotFound,
    /// 410: the server no longer knows the version asked for.
    Gone,
    /// 400, 405, 406, 409, 415, 422 and other refusals of the request as it is.
    Rejected,
    /// 429.
    Throttled,
    /// 5xx.
    Server,
    /// No connection: name resolution, refused, reset, proxy.
    Unreachable,
    /// The connection was made but the server's certificate is not trusted, or TLS failed otherwise.
    Tls,
    /// No answer, or none for too long.
    Timeout,
    /// An answer that is not what the API says it is: garbage, truncated, too large.
    Protocol,
    /// A mistake in this program.
    Internal,
}

impl Class {
    /// A word or two for it, where there is no room for more.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Class::Config => "kubeconfig",
            Class::Credentials => "no credentials",
            Class::Unauthorized => "not logged in",
            Class::Forbidden => "forbidden",
            Class::NotFound => "not found",
            Class::Gone => "version gone",
            Class::Rejected => "request refused",
            Class::Throttled => "server busy",
            Class::Server => "server error",
            Class::Unreachable => "unreachable",
            Class::Tls => "certificate",
            Class::Timeout => "no answer",
            Class::Protocol => "unreadable answer",
            Class::Internal => "internal error",
        }
    }
}

impl Error {
    /// A failure of this sort with nothing to advise.
    #[must_use]
    pub fn new(class: Class, message: impl Into<String>) -> Error {
        Error { class, message: message.into(), advice: String::new(), retry_after: None }
    }

    /// The same failure, with what to do next.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Error {
        self.advice = advice.into();
        self
    }

    /// The same failure, told as a failure of `doing` (a gerund: `listing pods`). Nothing changes when the message
    /// says so already, or when `doing` is empty.
    #[must_use]
    pub fn while_doing(mut self, doing: &str) -> Error {
        if !doing.is_empty() && !self.message.starts_with(doing) {
            self.message = format!("{doing}: {}", self.message);
        }
        self
    }

    /// Whether trying the same again, by itself, can help. What only a person can change is not tried in a loop.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self.class {
            Class::Config | Class::Forbidden | Class::NotFound | Class::Rejected | Class::Internal => false,
            Class::Credentials
            | Class::Unauthorized
            | Class::Gone
            | Class::Throttled
            | Class::Server
            | Class::Unreachable
            | Class::Tls
            | Class::Timeout
            | Class::Protocol => true,
        }
    }
}
