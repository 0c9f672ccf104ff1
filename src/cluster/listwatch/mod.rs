//! The list/watch engine: from a client and a [`Selection`] to a stream of [`Batch`]es that says what is so.
//!
//! It sends its own requests and frames the bodies itself. The library's own path builds whole objects; here an
//! object of 6 kB becomes a row of 200 bytes without ever being anything else than bytes. The walk:
//!
//! `request` → `answer` (pieces, inflated) → `items` or `lines` (one object's bytes) → `objects` (rows) →
//! `outbox` (batches) → [`Feed`]. `list` and `watch` walk it once; `follow` does so for ever and decides what
//! follows a failure.
//!
//! It never ends over what a server sends, nor over a mistake in its own code, never loops without waiting, never
//! drops a row because the network went away, and never works for more than about a millisecond at a time: the
//! interface runs on the same thread.

mod answer;
mod backoff;
mod fault;
mod follow;
mod inflate;
mod items;
mod lines;
mod list;
mod objects;
mod outbox;
mod request;
mod session;
mod tuning;
mod watch;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::{Notify, mpsc};

use super::{Batch, Class, Error, WatchId};
use crate::resources::Selection;
use follow::Follow;
use outbox::Unwanted;
use session::{Session, Stop};

pub(in crate::cluster) use answer::{Answer, Patience, ask};
pub(crate) use backoff::Backoff;
pub(in crate::cluster) use request::Target;
pub use tuning::{Paging, Tuning};

/// What to watch, and under which number.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Its number, which every batch carries.
    pub id: WatchId,
    /// Which objects.
    pub selection: Selection,
}

/// Where batches go, and the one place through which every decoded event passes: what is to see all of them (a
/// recorder) listens here.
#[derive(Debug, Clone)]
pub struct Feed(mpsc::Sender<Batch>);

impl Feed {
    /// A feed into a channel. When the channel is full, watches stop reading; nothing is lost.
    #[must_use]
    pub const fn new(sender: mpsc::Sender<Batch>) -> Feed {
        Feed(sender)
    }

    /// Sends a batch; waits while the receiver is behind.
    ///
    /// # Errors
    /// When the receiver is gone.
    pub async fn send(&self, batch: Batch) -> Result<(), mpsc::error::SendError<Batch>> {
        self.0.send(batch).await
    }
}

/// An open watch. Dropping it ends the watch and closes its connection.
#[derive(Debug)]
pub struct WatchHandle {
    task: tokio::task::AbortHandle,
    retry: Arc<Notify>,
}

impl WatchHandle {
    /// Dials again now, if the watch waits: for its next attempt, or because it was refused.
    pub fn retry_now(&self) {
        self.retry.notify_waiters();
    }
}

impl Drop for WatchHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Lists and then watches, on the current tokio runtime, until the handle is dropped or the receiver is gone.
///
/// Every failure is told as a [`Delta::Link`](super::Delta::Link) and met by waiting and trying again; rows are
/// deleted only when the server says that they are gone.
#[must_use = "dropping the handle ends the watch"]
pub fn open(client: kube::Client, watch: Watch, out: Feed, tuning: Tuning) -> WatchHandle {
    let retry = Arc::new(Notify::new());
    let receiver = out.0.clone();
    let noted = retry.clone();
    let follow = move || {
        let session = Session::new(client.clone(), watch.clone(), out.clone(), tuning.clone());
        Follow::new(session, noted.clone())
    };
    let task = tokio::spawn(async move {
        tokio::select! {
            Unwanted = follow_always(follow) => {}
            () = receiver.closed() => {}
        }
    });
    WatchHandle { task: task.abort_handle(), retry }
}

/// Follows until nobody wants the rows. A mistake in this program is told like a refusal, and a person can have it
/// begun again: no watch ends in silence.
async fn follow_always(begin: impl Fn() -> Follow) -> Unwanted {
    let mut follow = begin();
    loop {
        let Err(panic) = AssertUnwindSafe(follow.run()).catch_unwind().await else { return Unwanted };
        follow = begin();
        if follow.refused(Error::from_panic(&*panic)).await.is_err() {
            return Unwanted;
        }
    }
}

/// Lists once, without watching: the batches are those with which [`open`] begins, up to
/// [`Delta::Synced`](super::Delta::Synced).
///
/// # Errors
/// With the first failure, except that a list which the server forgets between two pages is begun again a few times.
/// A receiver that is gone is no failure: then there is nobody to tell.
pub async fn list_once(client: kube::Client, watch: Watch, out: Feed, tuning: Tuning) -> Result<(), Error> {
    let mut session = Session::new(client, watch, out, tuning);
    for attempt in 0.. {
        match session.list().await {
            Ok(_) | Err(Stop::Unwanted) => break,
            Err(Stop::Fault(error)) if error.class == Class::Gone && attempt < session.tuning.quick_ends => {}
            Err(Stop::Fault(error) | Stop::NoWatch(error)) => return Err(error),
        }
    }
    Ok(())
}
