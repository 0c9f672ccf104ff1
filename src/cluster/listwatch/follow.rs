//! Follows a selection for ever: lists, watches, and decides what comes after each end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::backoff::{Backoff, scattered};
use super::fault;
use super::outbox::Unwanted;
use super::session::{Session, Stop};
use super::watch::Position;
use crate::cluster::{Class, Error, Link};

/// The task behind a [`WatchHandle`](super::WatchHandle).
pub(super) struct Follow {
    session: Session,
    position: Position,
    /// Whether the latest watch was asked for right after a full list.
    fresh: bool,
    backoff: Backoff,
    /// Watches that ended as soon as they were established, and versions that the server no longer knew, since a
    /// watch was last healthy.
    quick_ends: u32,
    retry: Arc<Notify>,
}

impl Follow {
    pub(super) fn new(session: Session, retry: Arc<Notify>) -> Follow {
        Follow {
            session,
            position: Position::default(),
            fresh: false,
            backoff: Backoff::default(),
            quick_ends: 0,
            retry,
        }
    }

    /// Runs until nobody wants the rows.
    pub(super) async fn run(&mut self) -> Unwanted {
        loop {
            let end = self.round().await;
            self.note_health();
            let met = match end {
                Ok(()) => self.ended().await,
                Err(Stop::Fault(error)) => self.failed(error).await,
                Err(Stop::NoWatch(error)) => self.unwatchable(error).await,
                Err(Stop::Unwanted) => return Unwanted,
            };
            if met.is_err() {
                return Unwanted;
            }
        }
    }

    /// Lists if need be, and watches until that ends.
    async fn round(&mut self) -> Result<(), Stop> {
        self.position.since = None;
        self.fresh = self.position.version.is_empty();
        if self.fresh {
            self.position.version = self.session.list().await?;
        }
        self.session.watch(&mut self.position).await
    }

    /// A watch that has lived for a while makes up for earlier failures.
    fn note_health(&mut self) {
        let tuning = &self.session.tuning;
        if self.lived().is_some_and(|lived| lived >= tuning.healthy_watch) {
            self.backoff.reset();
            self.quick_ends = 0;
        }
    }

    /// How long the latest watch was established.
    fn lived(&self) -> Option<Duration> {
        Some(self.position.since?.elapsed())
    }

    /// The server has ended the watch, as it does every few minutes.
    async fn ended(&mut self) -> Result<(), Unwanted> {
        if self.lived().is_some_and(|lived| lived >= self.session.tuning.short_watch) {
            return Ok(());
        }
        if self.is_quick_end() { Ok(()) } else { self.interrupted(fault::ends_at_once()).await }
    }

    /// Counts an end that need not mean anything; tells whether it may still be met at once.
    fn is_quick_end(&mut self) -> bool {
        self.quick_ends += 1;
        self.quick_ends <= self.session.tuning.quick_ends
    }

    async fn failed(&mut self, error: Error) -> Result<(), Unwanted> {
        if error.class == Class::Gone {
            self.position.version.clear();
            return if self.is_quick_end() { Ok(()) } else { self.interrupted(error).await };
        }
        if error.may_pass() { self.interrupted(error).await } else { self.refused(error).await }
    }

    /// Lists from now on what cannot be watched. Each list is followed by another attempt to watch, so that the rows
    /// are live again as soon as they may be.
    async fn unwatchable(&mut self, error: Error) -> Result<(), Unwanted> {
        self.position.version.clear();
        if !self.fresh {
            // Whether they can still be listed is seen first.
            return Ok(());
        }
        self.backoff.reset();
        self.quick_ends = 0;
        let every = self.session.tuning.poll;
        self.pause(Link::Polled { error: Arc::new(error), every_ms: millis(every) }, scattered(every)).await
    }

    /// Waits before the next attempt.
    async fn interrupted(&mut self, error: Error) -> Result<(), Unwanted> {
        let wait = self.backoff.next(&self.session.tuning, error.retry_after);
        self.pause(Link::Interrupted { error: Arc::new(error), retry_in_ms: millis(wait) }, wait).await
    }

    /// Waits until a person asks for another attempt, which begins from the beginning.
    pub(super) async fn refused(&mut self, error: Error) -> Result<(), Unwanted> {
        self.pause(Link::Refused(Arc::new(error)), Duration::MAX).await?;
        self.position.version.clear();
        self.backoff.reset();
        self.quick_ends = 0;
        self.session.out.link(Link::Connecting).await
    }

    /// Says how things stand and waits, at most until a person asks for another attempt.
    async fn pause(&mut self, link: Link, wait: Duration) -> Result<(), Unwanted> {
        let retry = self.retry.clone();
        let asked = retry.notified();
        tokio::pin!(asked);
        asked.as_mut().enable();
        self.session.out.link(link).await?;
        let _ = tokio::time::timeout(wait, asked).await;
        Ok(())
    }
}

fn millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}
