//! The figures that logs are read by, in one place, so that tests can make them small.

use std::time::Duration;

use crate::cluster::listwatch::Tuning;

/// How patient, how large and how many. [`LogTuning::default`] is what the program uses.
#[derive(Debug, Clone)]
pub struct LogTuning {
    /// How pods are watched, and how long to wait between attempts.
    pub watch: Tuning,
    /// How long a line waits for earlier ones of other sources.
    pub window: Duration,
    /// The same where nothing is followed: then nobody watches, and the right order is worth more.
    pub window_at_rest: Duration,
    /// How long the first line of a piece waits for more: less than a frame. The socket is left alone meanwhile, so
    /// that a flood wakes nobody more often than this.
    pub gather: Duration,
    /// The most bytes that wait to be put in order, over all sources.
    pub held_bytes: usize,
    /// The most bytes that are kept of a line.
    pub line_bytes: usize,
    /// The most streams at a time. Each is a connection.
    pub streams: usize,
    /// How long a stream may go on that should end, since its container has.
    pub farewell: Duration,
    /// How long the news of a container's end may be on its way when its stream has ended.
    pub news: Duration,
    /// After so long a silence the server is asked whether there is something that does not reach us; then after
    /// twice as long, and so on. A quiet log is as silent as a dead connection behind a proxy that lives.
    pub silence: Duration,
    /// A stream that lived for less may not be opened again at once.
    pub short_stream: Duration,
    /// How often reading is tried when nothing is followed.
    pub attempts: u32,
}

impl Default for LogTuning {
    fn default() -> LogTuning {
        LogTuning {
            watch: Tuning::default(),
            window: Duration::from_millis(250),
            window_at_rest: Duration::from_secs(10),
            gather: Duration::from_millis(10),
            held_bytes: 16 << 20,
            line_bytes: 4 << 20,
            streams: 100,
            farewell: Duration::from_secs(3),
            news: Duration::from_secs(3),
            silence: Duration::from_secs(60),
            short_stream: Duration::from_secs(5),
            attempts: 6,
        }
    }
}
