//! Signals that end the program, or wake it up again.

use std::io;

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// Leave, with the terminal as it was.
    Leave,
    /// We were stopped and go on: the screen is not ours any more.
    Continued,
}

/// The signals that are listened to.
#[derive(Debug)]
pub(super) struct Signals {
    terminate: Stream,
    hang_up: Stream,
    interrupt: Stream,
    quit: Stream,
    proceed: Stream,
}

impl Signals {
    /// Begins to listen.
    pub(super) fn new() -> io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            proceed: signal(SignalKind::from_raw(CONTINUE))?,
        })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Leave,
            _ = self.hang_up.recv() => Signal::Leave,
            _ = self.interrupt.recv() => Signal::Leave,
            _ = self.quit.recv() => Signal::Leave,
            _ = self.proceed.recv() => Signal::Continued,
        }
    }
}

/// `SIGCONT`.
#[cfg(any(target_os = "linux", target_os = "android"))]
const CONTINUE: i32 = 18;
/// `SIGCONT`.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const CONTINUE: i32 = 19;
