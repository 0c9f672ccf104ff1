//! What listing and watching share.

use std::time::Duration;

use super::answer::{self, Answer, Patience};
use super::objects::Objects;
use super::outbox::{Outbox, Unwanted};
use super::{Feed, Tuning, Watch};
use crate::cluster::Error;
use crate::resources::Selection;

/// One selection on one server.
pub(super) struct Session {
    client: kube::Client,
    pub(super) selection: Selection,
    pub(super) tuning: Tuning,
    pub(super) objects: Objects,
    pub(super) out: Outbox,
}

/// Why a list or a watch went no further.
#[derive(Debug)]
pub(super) enum Stop {
    /// A failure.
    Fault(Error),
    /// The server does not let these rows be watched, for a reason that will not pass.
    NoWatch(Error),
    /// Nobody wants the rows any more.
    Unwanted,
}

impl Stop {
    /// The same end; a failure also says what it was a failure of.
    pub(super) fn while_doing(self, doing: &str) -> Stop {
        match self {
            Stop::Fault(error) => Stop::Fault(error.while_doing(doing)),
            Stop::NoWatch(error) => Stop::NoWatch(error.while_doing(doing)),
            Stop::Unwanted => Stop::Unwanted,
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Fault(error)
    }
}

impl From<Unwanted> for Stop {
    fn from(Unwanted: Unwanted) -> Stop {
        Stop::Unwanted
    }
}

impl Session {
    pub(super) fn new(client: kube::Client, watch: Watch, out: Feed, tuning: Tuning) -> Session {
        let objects = Objects::new(watch.selection.kind);
        let out = Outbox::new(watch.id, out, tuning.batch);
        Session { client, selection: watch.selection, tuning, objects, out }
    }

    /// What failed, for messages: `listing pods in default`, if `verb` is `listing`.
    pub(super) fn doing(&self, verb: &str) -> String {
        let plural = self.selection.kind.plural;
        match &self.selection.namespace {
            Some(namespace) => format!("{verb} {plural} in {namespace}"),
            None => format!("{verb} {plural}"),
        }
    }

    /// Sends a request; gives the body of a good answer, which fails when nothing arrives for `idle`.
    pub(super) async fn ask(
        &mut self,
        request: http::Request<kube::client::Body>,
        idle: Duration,
        doing: &str,
    ) -> Result<Answer, Error> {
        let patience = Patience { idle, ..Patience::of(&self.tuning) };
        answer::ask(&self.client, request, patience, doing).await
    }

    /// Waits for more of an answer and tells whether there is more. What was decoded so far is sent before
    /// waiting, and only then: what arrives together goes out together.
    ///
    /// For at most `gather` it waits before that for what is about to arrive.
    pub(super) async fn refill(&mut self, answer: &mut Answer, gather: Duration) -> Result<bool, Stop> {
        if let Some(more) = answer.fill_now() {
            return Ok(more?);
        }
        if let Some(due) = self.out.due(gather)
            && let Some(more) = answer.fill_until(due).await
        {
            return Ok(more?);
        }
        self.objects.report(&mut self.out.deltas);
        self.out.flush().await?;
        Ok(answer.fill().await?)
    }
}
