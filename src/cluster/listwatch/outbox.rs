//! What is on its way to the program: deltas, gathered into batches.

use std::time::Duration;

use tokio::time::Instant;

use super::{Feed, WatchId};
use crate::cluster::{Batch, Delta, Link};

/// Nobody wants the deltas any more.
#[derive(Debug)]
pub(super) struct Unwanted;

/// Gathers the deltas of one watch.
pub(super) struct Outbox {
    watch: WatchId,
    feed: Feed,
    /// What the next batch will say.
    pub(super) deltas: Vec<Delta>,
    limit: usize,
    /// Bytes decoded since the scheduler last had its turn.
    worked: usize,
    /// Since when there has been a delta to send.
    since: Option<Instant>,
    live: bool,
}

/// How many bytes are decoded between two turns of the scheduler: about 0.5 ms of work.
const TURN: usize = 64 << 10;

impl Outbox {
    /// An empty one, whose batches have at most `limit` deltas.
    pub(super) const fn new(watch: WatchId, feed: Feed, limit: usize) -> Outbox {
        Outbox { watch, feed, deltas: Vec::new(), limit, worked: 0, since: None, live: false }
    }

    /// To be called after each piece of `bytes` bytes: sends when a batch is full, and lets others work.
    pub(super) async fn settle(&mut self, bytes: usize) -> Result<(), Unwanted> {
        if self.deltas.len() >= self.limit {
            self.flush().await?;
        }
        self.worked += bytes;
        if self.worked >= TURN {
            self.worked = 0;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Sends what there is. Waits while the program is behind.
    pub(super) async fn flush(&mut self) -> Result<(), Unwanted> {
        while !self.deltas.is_empty() {
            let first = self.limit.min(self.deltas.len());
            let rest = self.deltas.split_off(first);
            let deltas = std::mem::replace(&mut self.deltas, rest);
            self.feed.send(Batch { watch: self.watch, deltas }).await.map_err(|_| Unwanted)?;
        }
        self.worked = 0;
        self.since = None;
        Ok(())
    }

    /// When the deltas must go, if each may wait for others for `gather`; `None` when they must go now, or when
    /// there are none.
    pub(super) fn due(&mut self, gather: Duration) -> Option<Instant> {
        if gather.is_zero() || self.deltas.is_empty() {
            return None;
        }
        Some(*self.since.get_or_insert_with(Instant::now) + gather)
    }

    /// Sends what there is and then the state of the connection, unless it was and is live.
    pub(super) async fn link(&mut self, link: Link) -> Result<(), Unwanted> {
        let live = link == Link::Live;
        if !(live && self.live) {
            self.deltas.push(Delta::Link(link));
        }
        self.live = live;
        self.flush().await
    }
}
