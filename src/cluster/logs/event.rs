//! What is asked of a log, and what it says.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::{Level, Lines, Stamp};
use crate::cluster::{Error, Link};
use crate::resources::{Selection, Symbol};

/// Names one opened log for the life of the program. A number is never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogId(pub u64);

/// Which lines are wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRequest {
    /// Which pods: those of all these selections, each of which is watched. A pod that is in several counts once.
    pub pods: Vec<Selection>,
    /// Which of their containers.
    pub containers: Containers,
    /// How far back.
    pub since: Since,
    /// The run before the latest restart, instead of the current one. It has an end, so that nothing is followed.
    pub previous: bool,
    /// Goes on with what is written from now on, and with pods that appear later. Otherwise the log ends, with
    /// [`LogEvent::End`], where each container's does now.
    pub follow: bool,
}

impl LogRequest {
    /// Whether it goes on: a run that is over does not.
    #[must_use]
    pub const fn follows(&self) -> bool {
        self.follow && !self.previous
    }

    /// Everything that the pods of this selection write, from their last lines on.
    #[must_use]
    pub fn follow(pods: Selection) -> LogRequest {
        LogRequest {
            pods: vec![pods],
            containers: Containers::All,
            since: Since::Tail(Since::LINES),
            previous: false,
            follow: true,
        }
    }
}

/// Which containers of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Containers {
    /// All: init containers, sidecars, regular and ephemeral ones.
    All,
    /// Those with this name.
    Named(Symbol),
}

/// How far back a log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// From its beginning, as far as the kubelet still has it.
    All,
    /// What was written in so long a time before now.
    Ago(Duration),
    /// So many of each container's last lines.
    Tail(u64),
}

impl Since {
    /// How many last lines are a good beginning: some screenfuls, which arrive at once.
    pub const LINES: u64 = 1_000;
}

/// Names one container of one pod within one log: counted from 0 in the order in which they appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

impl SourceId {
    /// What stands for no container: notices that are about the log as a whole.
    pub const NONE: SourceId = SourceId(SourceId::MOST);
    /// There are fewer sources than this.
    pub(super) const MOST: u32 = (1 << 24) - 1;
}

/// One container of one pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The pod's namespace.
    pub namespace: Symbol,
    /// The pod's name.
    pub pod: Symbol,
    /// The container's name.
    pub container: Symbol,
    /// What the container is for.
    pub role: Role,
    /// Whether the pod has other containers: then the pod's name does not tell them apart.
    pub one_of_many: bool,
}

impl fmt::Display for Source {
    /// `pod`, or `pod/container` where the pod has several.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pod)?;
        if self.one_of_many { write!(f, "/{}", self.container) } else { Ok(()) }
    }
}

/// What a container is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Runs to its end before the regular ones start.
    Init,
    /// An init container that keeps running beside the regular ones.
    Sidecar,
    /// One of the pod's regular containers.
    App,
    /// Added to a running pod to look into it.
    Ephemeral,
}

/// How a source is doing.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceState {
    /// Its log is being asked for.
    Opening,
    /// Its container has not started; why.
    Waiting(Symbol),
    /// Its lines arrive.
    Live,
    /// The connection is down for a reason that may pass.
    Interrupted {
        /// What failed.
        error: Arc<Error>,
        /// When the next attempt starts, in milliseconds from when this was said.
        retry_in_ms: u64,
    },
    /// The server refuses, and only a person can change that.
    Refused(Arc<Error>),
    /// There are as many streams open as there may be; it is opened when another ends.
    Queued,
    /// There is no more to come.
    Ended(Ending),
}

impl SourceState {
    /// Whether it tells a person nothing that `before` did not: the usual steps of a container on its way up are one
    /// state.
    #[must_use]
    pub fn adds_nothing_to(&self, before: &SourceState) -> bool {
        let usual = |why: &Symbol| matches!(&**why, "ContainerCreating" | "PodInitializing");
        match (self, before) {
            (SourceState::Waiting(why), SourceState::Waiting(before)) => why == before || usual(why),
            _ => self == before,
        }
    }
}

/// Why a container's log ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// All that was asked for was read.
    Read,
    /// The container has ended.
    Terminated {
        /// The reason, one word: `Completed`, `OOMKilled`.
        reason: Symbol,
        /// Exit status.
        code: i32,
    },
    /// The pod is gone.
    Deleted,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Read => f.write_str("read to its end"),
            Ending::Terminated { reason, code: 0 } => write!(f, "ended: {reason}"),
            Ending::Terminated { reason, code } => write!(f, "ended: {reason}, exit code {code}"),
            Ending::Deleted => f.write_str("the pod is gone"),
        }
    }
}

/// What a person should know at this place of the stream. Not a line of any log.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The state of a source has changed.
    State(SourceState),
    /// The container was started again; so often altogether.
    Restarted(i32),
    /// Lines may be missing between two moments: the log no longer had the line that was read last.
    Gap {
        /// When the last line before it was written.
        from: Stamp,
        /// When the first line behind it was written; `None` if none could be read.
        to: Option<Stamp>,
    },
    /// A line is longer than is kept; so many bytes of it were left out.
    Cut(u64),
    /// More containers match than are read at once: so many wait for their turn.
    Queued(usize),
}

impl Notice {
    /// Whether it belongs into the stream, at its place among the lines; the others only change how a source is shown.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Notice::State(state) => {
                matches!(state, SourceState::Refused(_) | SourceState::Ended(_) | SourceState::Waiting(_))
                    && *state != SourceState::Ended(Ending::Read)
            }
            Notice::Restarted(_) | Notice::Gap { .. } | Notice::Cut(_) | Notice::Queued(_) => true,
        }
    }

    /// How grave it is.
    #[must_use]
    pub const fn level(&self) -> Level {
        match self {
            Notice::State(SourceState::Refused(_)) | Notice::Gap { .. } => Level::Error,
            Notice::State(SourceState::Ended(Ending::Terminated { code, .. })) if *code != 0 => Level::Error,
            Notice::State(SourceState::Interrupted { .. })
            | Notice::Restarted(_)
            | Notice::Cut(_)
            | Notice::Queued(_) => Level::Warn,
            Notice::State(_) => Level::Info,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::State(state) => state.fmt(f),
            Notice::Restarted(count) => write!(f, "started again, restart {count}"),
            Notice::Gap { from, to } => {
                f.write_str("lines may be missing ")?;
                match to {
                    Some(to) => write!(f, "between {from} and {to}"),
                    None => write!(f, "behind {from}"),
                }
            }
            Notice::Cut(bytes) => write!(f, "{bytes} bytes of a line are left out"),
            Notice::Queued(1) => f.write_str("one more container waits for its turn"),
            Notice::Queued(count) => write!(f, "{count} more containers wait for their turn"),
        }
    }
}

impl fmt::Display for SourceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceState::Opening => f.write_str("opening"),
            SourceState::Waiting(why) => write!(f, "not started yet: {why}"),
            SourceState::Live => f.write_str("live"),
            SourceState::Interrupted { error, .. } | SourceState::Refused(error) => error.fmt(f),
            SourceState::Queued => f.write_str("waits for its turn"),
            SourceState::Ended(ending) => ending.fmt(f),
        }
    }
}

/// Some events of one log, in order.
#[derive(Debug)]
pub struct LogBatch {
    /// Which log.
    pub id: LogId,
    /// What it says.
    pub events: Vec<LogEvent>,
}

/// One thing that a log says.
#[derive(Debug)]
pub enum LogEvent {
    /// There is a container whose lines may follow under this number.
    Source(SourceId, Arc<Source>),
    /// Lines of any sources, newer than those before but for what lags.
    Lines(Lines),
    /// What was asked for of before: lines from before the first one, in order.
    Earlier {
        /// The lines.
        lines: Lines,
        /// Whether the containers have no earlier ones.
        complete: bool,
    },
    /// What a person should know; of [`SourceId::NONE`] where it is about the log as a whole.
    Notice(SourceId, Notice),
    /// The state of the connection over which pods are watched.
    Pods(Link),
    /// All containers that there are now are known; `0` of them if none matches.
    Found(usize),
    /// Nothing more comes: the log was not to be followed.
    End,
}

/// Where batches go, and the one place through which every line passes.
#[derive(Debug, Clone)]
pub struct LogFeed(pub(super) mpsc::Sender<LogBatch>);

impl LogFeed {
    /// A feed into a channel. When the channel is full, logs are read no further; nothing is lost.
    #[must_use]
    pub const fn new(sender: mpsc::Sender<LogBatch>) -> LogFeed {
        LogFeed(sender)
    }

    /// Sends a batch; waits while the receiver is behind.
    ///
    /// # Errors
    /// When the receiver is gone.
    pub async fn send(&self, batch: LogBatch) -> Result<(), mpsc::error::SendError<LogBatch>> {
        self.0.send(batch).await
    }
}
