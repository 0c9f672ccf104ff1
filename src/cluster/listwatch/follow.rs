//! Follows a selection for ever: lists, watches, and decides what comes after each end.

use std::sync::Arc;

use tokio::sync::Notify;

use super::backoff::Backoff;
use super::fault;
use super::outbox::Unwanted;
use super::session::{Session, Stop};
use super::watch::Position;
use crate::cluster::{Class, Error, Link};

/// The task behind a [`WatchHandle`](super::WatchHandle).
pub(super) struct Follow {
    session: Session,
    /// Where to resume; `None` when everything is to be listed.
    position: Option<Position>,
    backoff: Backoff,
    /// Watches that ended as soon as they were established, and versions that the server no longer knew, since a
    /// watch was last healthy.
    quick_ends: u32,
    retry: Arc<Notify>,
}

impl Follow {
    pub(super) fn new(session: Session, retry: Arc<Notify>) -> Follow {
        Follow { session, position: None, backoff: Backoff::default(), quick_ends: 0, retry }
    }

    /// Runs until nobody wants the rows.
    pub(super) async fn run(mut self) -> Unwanted {
        loop {
            let end = self.round().await;
            self.note_health();
            let met = match end {
                Ok(()) => self.ended().await,
                Err(Stop::Fault(error)) => self.failed(error).await,
                Err(Stop::Unwanted) => return Unwanted,
            };
            if met.is_err() {
                return Unwanted;
            }
        }
    }

    /// Lists if need be, and watches until that ends.
    async fn round(&mut self) -> Result<(), Stop> {
        let position = match &mut self.position {
            Some(position) => position,
            none => none.insert(Position::after_list(self.session.list().await?)),
        };
        self.session.watch(position).await
    }

    /// A watch that has lived for a while makes up for earlier failures.
    fn note_health(&mut self) {
        let tuning = &self.session.tuning;
        if self.lived().is_some_and(|lived| lived >= tuning.healthy_watch) {
            self.backoff.reset();
            self.quick_ends = 0;
        }
    }

    fn lived(&self) -> Option<std::time::Duration> {
        Some(self.position.as_ref()?.since?.elapsed())
    }

    /// The server has ended the watch, as it does every few minutes.
    async fn ended(&mut self) -> Result<(), Unwanted> {
        if self.lived().is_some_and(|lived| lived >= self.session.tuning.short_watch) {
            return Ok(());
        }
        match self.is_quick_end() {
            true => Ok(()),
            false => self.interrupted(fault::ends_at_once()).await,
        }
    }

    /// Counts an end that need not mean anything; tells whether it may still be met at once.
    fn is_quick_end(&mut self) -> bool {
        self.quick_ends += 1;
        self.quick_ends <= self.session.tuning.quick_ends
    }

    async fn failed(&mut self, error: Error) -> Result<(), Unwanted> {
        match error.class {
            Class::Gone => {
                self.position = None;
                if self.is_quick_end() { Ok(()) } else { self.interrupted(error).await }
            }
            // A server that keeps silent may have nothing to say: ask before saying that it is gone.
            Class::Timeout if self.is_mere_silence() => Ok(()),
            // What was said after this version made no sense; what is so now may.
            Class::Protocol => {
                self.position = None;
                self.interrupted(error).await
            }
            _ if error.may_pass() => self.interrupted(error).await,
            _ => self.refused(error).await,
        }
    }

    fn is_mere_silence(&self) -> bool {
        self.position.as_ref().is_some_and(|position| position.since.is_some() && !position.bookmarks)
    }

    /// Waits before the next attempt, or until a person asks for it.
    async fn interrupted(&mut self, error: Error) -> Result<(), Unwanted> {
        let wait = self.backoff.next(&self.session.tuning, error.retry_after);
        let retry = self.retry.clone();
        let asked = retry.notified();
        tokio::pin!(asked);
        asked.as_mut().enable();
        let retry_in_ms = wait.as_millis().try_into().unwrap_or(u64::MAX);
        self.session.out.link(Link::Interrupted { error: Arc::new(error), retry_in_ms }).await?;
        let _ = tokio::time::timeout(wait, asked).await;
        Ok(())
    }

    /// Waits until a person asks for another attempt, which begins from the beginning.
    async fn refused(&mut self, error: Error) -> Result<(), Unwanted> {
        let retry = self.retry.clone();
        let asked = retry.notified();
        tokio::pin!(asked);
        asked.as_mut().enable();
        self.session.out.link(Link::Refused(Arc::new(error))).await?;
        asked.await;
        self.position = None;
        self.backoff.reset();
        self.quick_ends = 0;
        self.session.out.link(Link::Connecting).await
    }
}
