//! The life of one source: waits for its container, reads its runs one after the other, and decides what follows when
//! an answer ends.
//!
//! An answer ends when the container does, but also when the kubelet has rotated the file, when the API server is
//! restarted, when a connection breaks. What the pod's status says tells them apart: as long as the run goes on, so
//! does reading, from where it was. When the run is over, what is left of it is read once more without following, as
//! the previous run if the next has begun, so that its last lines are not lost with a connection.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

use super::pods::Run;
use super::request::Which;
use super::resume::Resume;
use super::stream::{End, Reader, View};
use super::{Ending, Notice, Since, SourceState};
use crate::cluster::listwatch::Backoff;
use crate::cluster::{Class, Error};
use crate::resources::Symbol;

/// One source, from its appearance to its end.
pub(super) struct SourceTask {
    pub(super) reader: Reader,
    /// Places among the streams that may be open.
    pub(super) places: Arc<Semaphore>,
    /// Told when a person asks for another attempt.
    pub(super) retry: Arc<Notify>,
    pub(super) backoff: Backoff,
}

/// What a failure means for the run that is read.
enum Failed {
    /// It may pass, or has passed: try again.
    Again,
    /// There is nothing to be had.
    Over,
}

impl SourceTask {
    /// Follows the container until its pod is gone.
    pub(super) async fn follow(mut self) {
        let mut first = true;
        while let Some(view) = self.next_run(first).await {
            let restarts = view.state.restarts;
            if !first {
                self.begin(restarts).await;
            }
            first = false;
            self.reader.run = restarts;
            let place = self.place().await;
            self.follow_run().await;
            drop(place);
        }
        self.reader.out.say(ended(Ending::Deleted)).await;
    }

    /// Reads what there is of one run, and no more.
    pub(super) async fn read(mut self, previous: bool) {
        let view = self.view();
        let which = if previous { Which::Previous } else { Which::Current };
        match &view.state.run {
            _ if previous && !view.state.has_previous => {
                let source = &self.reader.source;
                let error = Error::new(Class::NotFound, format!("{source} has not run before"));
                return self.reader.out.say(state(SourceState::Refused(Arc::new(error)))).await;
            }
            Run::Waiting(why) if !previous => {
                return self.reader.out.say(state(SourceState::Waiting(why.clone()))).await;
            }
            _ => {}
        }
        self.reader.run = view.state.restarts - i32::from(previous);
        let _place = self.place().await;
        match self.read_to_end(which).await {
            Ok(()) => {
                self.reader.take_rest().await;
                self.reader.out.say(ended(Ending::Read)).await;
            }
            Err(error) => self.reader.out.say(state(SourceState::Refused(Arc::new(error)))).await,
        }
    }

    fn view(&mut self) -> View {
        self.reader.view.borrow_and_update().clone()
    }

    /// Waits for a run that was not read yet; `None` when the pod is gone.
    async fn next_run(&mut self, first: bool) -> Option<View> {
        let mut said = None;
        loop {
            let view = self.view();
            let fresh = first || view.state.restarts > self.reader.run;
            match &view.state.run {
                _ if view.gone => return None,
                Run::Running | Run::Ended { .. } if fresh => return Some(view),
                Run::Waiting(why) if said.as_ref() != Some(why) => {
                    said = Some(why.clone());
                    // What it will write is wanted from the beginning.
                    self.reader.since = Since::All;
                    self.reader.out.say(state(SourceState::Waiting(why.clone()))).await;
                }
                _ => {}
            }
            if self.reader.view.changed().await.is_err() {
                return None;
            }
        }
    }

    /// Begins the run with this number, after another.
    async fn begin(&mut self, run: i32) {
        let before = self.reader.run;
        self.reader.since = Since::All;
        if run > before + 1 {
            // One was missed; of others before it nothing is left.
            if let (Some(from), true) = (self.reader.resume.last(), run > before + 2) {
                self.reader.out.notice(Notice::Gap { from, to: None });
            }
            self.reader.run = run - 1;
            self.reader.resume = Resume::default();
            self.reader.out.say(Notice::Restarted(run - 1)).await;
            if self.read_to_end(Which::Previous).await.is_ok() {
                self.reader.take_rest().await;
            }
        }
        self.reader.resume = Resume::default();
        self.reader.asked = None;
        self.reader.out.say(Notice::Restarted(run)).await;
        self.backoff.reset();
    }

    /// Waits for a place among the streams.
    async fn place(&mut self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Some(place);
        }
        self.reader.out.say(state(SourceState::Queued)).await;
        self.places.clone().acquire_owned().await.ok()
    }

    /// Follows one run until it is over and read.
    async fn follow_run(&mut self) {
        loop {
            let (began, lines) = (Instant::now(), self.reader.resume.lines);
            let over_before = self.view().is_over(self.reader.run);
            let end = self.reader.read(Which::Current, true).await;
            let lived = began.elapsed();
            // What has brought new lines makes up for earlier failures.
            if lived >= self.reader.tuning.watch.healthy_watch || self.reader.resume.lines > lines {
                self.backoff.reset();
            }
            match end {
                Ok(end) => {
                    if self.is_over(end == End::Ended).await {
                        return self.finish(end == End::Ended, over_before && end == End::Ended).await;
                    }
                    // The server ended it for reasons of its own; or it does not come through.
                    if lived < self.reader.tuning.short_stream {
                        let wait = self.backoff.next(&self.reader.tuning.watch, None);
                        self.pause(wait).await;
                    }
                }
                Err(error) => match self.failed(error).await {
                    Failed::Again if self.is_over(false).await => return self.finish(false, false).await,
                    Failed::Again => {}
                    Failed::Over => return self.finish(false, false).await,
                },
            }
        }
    }

    /// Whether the run is over; when its log `has_ended`, the news of that may be on its way.
    async fn is_over(&mut self, has_ended: bool) -> bool {
        let (run, news) = (self.reader.run, self.reader.tuning.news);
        let over = self.reader.view.wait_for(|view| view.is_over(run));
        timeout(if has_ended { news } else { Duration::ZERO }, over).await.is_ok()
    }

    /// Decides what a failure means, says so, and waits as long as need be.
    async fn failed(&mut self, error: Error) -> Failed {
        match error.class {
            // The pod may be gone, or the container not up yet: the pod's status knows more, a little later.
            Class::NotFound | Class::Rejected => {
                let wait = self.backoff.next(&self.reader.tuning.watch, error.retry_after);
                let waits = is_waiting(&error);
                if waits {
                    let why = self.why_waiting();
                    self.reader.out.say(state(SourceState::Waiting(why))).await;
                }
                let run = self.reader.run;
                let news = self.reader.tuning.news.max(wait);
                let over = self.reader.view.wait_for(|view| view.is_over(run));
                if timeout(if waits { wait } else { news }, over).await.is_ok() {
                    return Failed::Over;
                }
                if !waits {
                    self.refused(error).await;
                }
                Failed::Again
            }
            _ if error.may_pass() => {
                let wait = self.backoff.next(&self.reader.tuning.watch, error.retry_after);
                self.interrupted(error, wait).await;
                Failed::Again
            }
            _ => {
                self.refused(error).await;
                Failed::Again
            }
        }
    }

    fn why_waiting(&mut self) -> Symbol {
        match self.view().state.run {
            Run::Waiting(why) => why,
            _ => "starting".into(),
        }
    }

    /// Says that the server refuses, and waits until a person asks again, or the run is no longer what is read.
    async fn refused(&mut self, error: Error) {
        let retry = self.retry.clone();
        let asked = retry.notified();
        tokio::pin!(asked);
        asked.as_mut().enable();
        self.reader.out.say(state(SourceState::Refused(Arc::new(error)))).await;
        let run = self.reader.run;
        tokio::select! {
            () = asked => self.backoff.reset(),
            _ = self.reader.view.wait_for(|view| view.gone || view.state.restarts > run) => {}
        }
    }

    /// Says what has failed, and waits before the next attempt.
    async fn interrupted(&mut self, error: Error, wait: Duration) {
        let retry_in_ms = wait.as_millis().try_into().unwrap_or(u64::MAX);
        let interrupted = SourceState::Interrupted { error: Arc::new(error), retry_in_ms };
        self.reader.out.say(state(interrupted)).await;
        self.pause(wait).await;
    }

    /// Waits, at most until a person asks for another attempt.
    async fn pause(&mut self, wait: Duration) {
        let retry = self.retry.clone();
        tokio::select! {
            () = retry.notified() => {}
            () = sleep(wait) => {}
        }
    }

    /// The run is over: reads what may be left of it, unless `all_read`; says how it ended. `whole` is whether the
    /// server itself has ended the log.
    async fn finish(&mut self, whole: bool, all_read: bool) {
        let (view, run) = (self.view(), self.reader.run);
        let which = match view.state.restarts - run {
            _ if view.gone => None,
            0 => Some(Which::Current),
            1 => Some(Which::Previous),
            _ => None,
        };
        let mut complete = whole;
        let rest = self.reader.rest.take();
        if let (Some(which), false) = (which, all_read) {
            complete |= self.read_to_end(which).await.is_ok();
        }
        self.reader.rest = self.reader.rest.take().or(rest);
        if complete {
            self.reader.take_rest().await;
        } else if let Some(from) = self.reader.resume.last() {
            self.reader.out.say(Notice::Gap { from, to: None }).await;
        }
        if let (Run::Ended { reason, code }, false) = (view.state.run, view.gone)
            && view.state.restarts == run
        {
            self.reader.out.say(ended(Ending::Terminated { reason, code })).await;
        }
    }

    /// Reads a run to the end that it has, in as many attempts as are allowed.
    async fn read_to_end(&mut self, which: Which) -> Result<(), Error> {
        let attempts = self.reader.tuning.attempts;
        let mut backoff = Backoff::default();
        for attempt in 1.. {
            match self.reader.read(which, false).await {
                Ok(_) => break,
                Err(error) if attempt < attempts && error.may_pass() => {
                    let wait = backoff.next(&self.reader.tuning.watch, error.retry_after);
                    self.interrupted(error, wait).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Whether the server says that the container is not up yet. It has no code of its own for that: the words are those
/// of the kubelet (`validateContainerLogStatus` in `pkg/kubelet/kubelet_pods.go`).
fn is_waiting(error: &Error) -> bool {
    let said =
        ["waiting to start", "is not available", "is not initialized", "trying and failing to pull image"];
    error.class == Class::Rejected && said.iter().any(|words| error.message.contains(words))
}

const fn state(state: SourceState) -> Notice {
    Notice::State(state)
}

const fn ended(ending: Ending) -> Notice {
    Notice::State(SourceState::Ended(ending))
}
