//! One request for one container's log, and the lines of its answer.
//!
//! It ends for one of several reasons, none of which means by itself that the log has: what follows is decided in
//! `source`. A line counts as read only when its end has arrived, so that a body that is cut leaves no half line.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::outlet::Outlet;
use super::pods::{Run, State};
use super::request::{self, Begin, Which};
use super::resume::{Resume, Verdict};
use super::splitter::{Arrived, Splitter};
use super::{LogTuning, Notice, Since, Source, SourceState, Stamp};
use crate::cluster::listwatch::{Answer, Patience, ask};
use crate::cluster::{Class, Error};

/// How many bytes are read between two turns of the scheduler: well below a millisecond's work.
const TURN: usize = 64 << 10;
/// How much longer than the first silence that is looked into the longest is.
const SILENCES: u32 = 16;

/// What is known of a container, and whether its pod is gone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct View {
    pub(super) state: State,
    pub(super) gone: bool,
}

impl View {
    /// Whether the run with this number is over.
    pub(super) fn is_over(&self, run: i32) -> bool {
        self.gone || self.state.restarts > run || matches!(self.state.run, Run::Ended { .. })
    }
}

/// How far the log of one run was read, as far as earlier lines need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Progress {
    /// Which run.
    pub(super) run: i32,
    /// When the first line that was read was written; `None` if none was.
    pub(super) first: Option<Stamp>,
    /// How many lines with that time stand at the beginning of what was read.
    pub(super) at_first: usize,
    /// How many lines were read.
    pub(super) lines: u64,
}

/// How the reading of an answer ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The server has ended it.
    Ended,
    /// Its container has ended, and nothing came for a while.
    Over,
    /// There is more that does not come: the connection is dead.
    Stale,
}

/// Reads the log of one container, one answer after the other.
pub(super) struct Reader {
    pub(super) client: kube::Client,
    pub(super) tuning: Arc<LogTuning>,
    pub(super) source: Arc<Source>,
    pub(super) out: Outlet,
    pub(super) view: watch::Receiver<View>,
    pub(super) progress: Arc<Mutex<Progress>>,
    /// Where the first run begins.
    pub(super) since: Since,
    /// The run that is read.
    pub(super) run: i32,
    pub(super) resume: Resume,
    /// What stood behind the last line end when the server ended the latest answer.
    pub(super) rest: Option<(Option<Stamp>, Vec<u8>)>,
    /// When the log was first asked for and answered.
    pub(super) asked: Option<Instant>,
}

impl Reader {
    /// Reads from where reading has come to, until the answer ends.
    ///
    /// # Errors
    /// With what failed.
    pub(super) async fn read(&mut self, which: Which, follow: bool) -> Result<End, Error> {
        // Others wait a little for what is being asked for.
        self.out.open().await;
        let result = self.answer(which, follow).await;
        self.out.close().await;
        result
    }

    async fn answer(&mut self, which: Which, follow: bool) -> Result<End, Error> {
        let doing = self.doing();
        self.rest = None;
        let Some(mut answer) = self.head(which, follow, &doing).await? else { return Ok(End::Over) };
        self.asked.get_or_insert_with(Instant::now);
        self.resume.reopened();
        self.live().await;
        let mut splitter = Splitter::new(self.tuning.line_bytes);
        let mut silence = self.tuning.silence;
        let end = loop {
            let drained = self.drain(&mut answer, &mut splitter).await;
            let (more, taken) = drained.map_err(|error| error.while_doing(&doing))?;
            if !more {
                break End::Ended;
            }
            self.out.flush().await;
            tokio::select! {
                more = answer.fill() => if !more.map_err(|error| error.while_doing(&doing))? {
                    break End::Ended;
                },
                () = over(&mut self.view, self.run, self.tuning.farewell), if follow => break End::Over,
                () = sleep(silence), if follow => {
                    if self.is_behind(&doing).await? {
                        break End::Stale;
                    }
                    silence = (silence * 2).min(self.tuning.silence * SILENCES);
                    continue;
                }
            }
            silence = self.tuning.silence;
            self.take_piece(&mut answer, &mut splitter)?;
            // What comes together is taken together; a flood comes in large pieces by itself, and is not to wait.
            if taken < TURN {
                sleep(self.tuning.gather).await;
            }
        };
        if end == End::Ended {
            self.rest = splitter.rest().map(|line| (line.at, line.text.to_vec()));
        }
        Ok(end)
    }

    /// What failed, for messages.
    pub(super) fn doing(&self) -> String {
        format!("reading the log of {} in {}", self.source, self.source.namespace)
    }

    /// Asks, and waits for the head of the answer; `None` if the container has ended meanwhile and none came.
    async fn head(&mut self, which: Which, follow: bool, doing: &str) -> Result<Option<Answer>, Error> {
        let begin = match self.resume.since() {
            Some(at) => Begin::At(at),
            None => Begin::of(self.since, self.asked),
        };
        let request = request::log(&self.source, which, begin, follow);
        let mut patience = Patience::of(&self.tuning.watch);
        if follow {
            (patience.head, patience.idle) = (request::ANY_TIME, request::ANY_TIME);
        }
        let client = self.client.clone();
        let asking = ask(&client, request, patience, doing);
        tokio::pin!(asking);
        if !follow {
            return asking.await.map(Some);
        }
        // The head of a quiet log comes with its first line.
        if let Ok(answer) = timeout(self.tuning.news, &mut asking).await {
            return answer.map(Some);
        }
        self.live().await;
        let mut silence = self.tuning.silence;
        loop {
            tokio::select! {
                answer = &mut asking => return answer.map(Some),
                () = over(&mut self.view, self.run, self.tuning.farewell) => return Ok(None),
                () = sleep(silence) => {
                    if self.is_behind(doing).await? {
                        return Err(Error::new(Class::Timeout, "there are lines, but none comes").while_doing(doing));
                    }
                    silence = (silence * 2).min(self.tuning.silence * SILENCES);
                }
            }
        }
    }

    /// Takes all that has arrived; tells whether more may come, and how many bytes that was.
    async fn drain(&mut self, answer: &mut Answer, splitter: &mut Splitter) -> Result<(bool, usize), Error> {
        let (mut all, mut worked, mut idle) = (0, 0, 0);
        loop {
            let taken = self.take_piece(answer, splitter)?;
            (all, worked) = (all + taken, worked + taken);
            if self.out.is_full() {
                self.out.flush().await;
            }
            if worked >= TURN {
                worked = 0;
                tokio::task::yield_now().await;
            }
            match answer.fill_now() {
                Some(more) => {
                    idle = 0;
                    if !more? {
                        return Ok((false, all));
                    }
                }
                // Whoever reads the socket may have to have its turn first.
                None if idle < 2 => {
                    idle += 1;
                    tokio::task::yield_now().await;
                }
                None => return Ok((true, all)),
            }
        }
    }

    /// Takes what was filled in; tells how many bytes that was.
    fn take_piece(&mut self, answer: &mut Answer, splitter: &mut Splitter) -> Result<usize, Error> {
        let mut taken = 0;
        while let Some(piece) = answer.piece()? {
            taken += piece.len();
            let (resume, out, run) = (&mut self.resume, &mut self.out, self.run);
            let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
            splitter.push(piece, |line| take(line, resume, out, run, &mut progress));
        }
        Ok(taken)
    }

    /// Takes what the server ended without a line end as a line: there is no more to come of it.
    pub(super) async fn take_rest(&mut self) {
        if let Some((at, text)) = self.rest.take() {
            {
                let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
                let line = Arrived { at, text: &text, left_out: 0 };
                take(line, &mut self.resume, &mut self.out, self.run, &mut progress);
            }
            self.out.flush().await;
        }
    }

    /// Whether the log has a line that did not reach us.
    async fn is_behind(&mut self, doing: &str) -> Result<bool, Error> {
        let request = request::log(&self.source, Which::Current, Begin::Tail(1), false);
        let mut answer = ask(&self.client, request, Patience::of(&self.tuning.watch), doing).await?;
        let (mut splitter, mut newest) = (Splitter::new(self.tuning.line_bytes), None);
        let take = |piece: &[u8]| {
            splitter.push(piece, |line| newest = newest.max(line.at));
            true
        };
        answer.read(take).await.map_err(|error| error.while_doing(doing))?;
        Ok(newest > self.resume.last())
    }

    /// Says that lines arrive.
    async fn live(&mut self) {
        self.out.say(Notice::State(SourceState::Live)).await;
    }
}

/// Takes a line.
fn take(line: Arrived<'_>, resume: &mut Resume, out: &mut Outlet, run: i32, progress: &mut Progress) {
    let at = match line.at {
        // A word of the kubelet's, which is not in the log.
        None => resume.last().unwrap_or_else(now),
        Some(at) => {
            match resume.take(at, line.text) {
                Verdict::Known => return,
                Verdict::New => {}
                Verdict::NewBehindGap(from) => out.notice(Notice::Gap { from, to: Some(at) }),
            }
            progress.note(run, at);
            at
        }
    };
    out.line(at, line.text);
    if line.left_out > 0 {
        out.notice(Notice::Cut(line.left_out));
    }
}

impl Progress {
    /// Notes a line of this run at the end of what was read.
    fn note(&mut self, run: i32, at: Stamp) {
        match self.first {
            None => *self = Progress { run, first: Some(at), at_first: 1, lines: 1 },
            Some(first) if self.run == run => {
                self.at_first += usize::from(first == at && self.lines == self.at_first as u64);
                self.lines += 1;
            }
            Some(_) => {}
        }
    }
}

/// The time of day.
pub(super) fn now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Stamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// Waits until this run is over, and then for so long.
async fn over(view: &mut watch::Receiver<View>, run: i32, farewell: Duration) {
    if view.wait_for(|view| view.is_over(run)).await.is_err() {
        // Whoever knew is gone, and so will be this task.
        std::future::pending::<()>().await;
    }
    sleep(farewell).await;
}
