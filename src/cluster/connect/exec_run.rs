//! One run of a credential plugin's process: started, read to its bounds, and gone afterwards whatever happens.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

/// The variable through which a plugin learns what is wanted.
const INFO: &str = "KUBERNETES_EXEC_INFO";
/// The longest answer that is kept, in bytes.
const LONGEST: usize = 1024 * 1024;
/// How much of the end of its complaints is kept, in bytes.
const TAIL: usize = 8 * 1024;
/// How long output is awaited after the end: a process that it left behind may hold the pipe for ever.
const GRACE: Duration = Duration::from_millis(500);

/// What is started.
pub(super) struct Launch {
    pub(super) command: String,
    pub(super) args: Vec<String>,
    pub(super) variables: Vec<(String, String)>,
}

/// What came of it.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    /// There was more on stdout than is kept.
    pub(super) overflow: bool,
    /// The end of what it said on stderr; empty when that was the terminal.
    pub(super) stderr: Vec<u8>,
}

impl Launch {
    /// Whether the command is a path to something that is there.
    pub(super) fn exists(&self) -> bool {
        let path = Path::new(&self.command);
        path.components().count() > 1 && path.exists()
    }

    /// Runs it without a terminal. Dropping the future kills it, with what it started.
    pub(super) async fn alone(&self, info: &str) -> std::io::Result<Ended> {
        let mut command = self.command(info);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        // A group of its own: it can be killed whole, and one that reads from the terminal after all is stopped
        // by the kernel instead of stealing keys.
        #[cfg(unix)]
        command.process_group(0);
        let mut running = Running(command.spawn()?);
        running.collect().await
    }

    /// Runs it on the real terminal, for as long as the person takes.
    pub(super) async fn on_terminal(&self, info: &str) -> std::io::Result<Ended> {
        let mut command = self.command(info);
        command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
        let mut child = command.spawn()?;
        let mut stdout = Bounded::default();
        let ended = collect(&mut child, &mut stdout, &mut Tail::default()).await?;
        Ok(Ended { status: ended, stdout: stdout.bytes, overflow: stdout.overflow, stderr: Vec::new() })
    }

    fn command(&self, info: &str) -> Command {
        let mut command = Command::new(&self.command);
        command.args(&self.args);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env(INFO, info).stdout(Stdio::piped()).kill_on_drop(true);
        command
    }
}

/// A child in a process group of its own, killed with its group when it is dropped before its end.
struct Running(Child);

impl Running {
    async fn collect(&mut self) -> std::io::Result<Ended> {
        let (mut stdout, mut stderr) = (Bounded::default(), Tail::default());
        let status = collect(&mut self.0, &mut stdout, &mut stderr).await?;
        Ok(Ended { status, stdout: stdout.bytes, overflow: stdout.overflow, stderr: stderr.0 })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The id is gone once the child has been waited for. Tokio kills and reaps the child itself.
        #[cfg(unix)]
        if let Some(id) = self.0.id()
            && let Some(group) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

async fn collect(child: &mut Child, stdout: &mut Bounded, stderr: &mut Tail) -> std::io::Result<ExitStatus> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let read = async {
        tokio::join!(drain(out, |bytes| stdout.push(bytes)), drain(err, |bytes| stderr.push(bytes)));
    };
    tokio::pin!(read);
    tokio::select! {
        status = child.wait() => {
            let status = status?;
            let _ = tokio::time::timeout(GRACE, &mut read).await;
            Ok(status)
        }
        () = &mut read => child.wait().await,
    }
}

/// Reads to the end, so that the writer never waits for us; what is kept is the taker's business.
async fn drain(source: Option<impl AsyncRead + Unpin>, mut take: impl FnMut(&[u8])) {
    let Some(mut source) = source else { return };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = source.read(&mut buffer).await {
        take(&buffer[..count]);
    }
}

/// The beginning of what was written.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    overflow: bool,
}

impl Bounded {
    fn push(&mut self, bytes: &[u8]) {
        let room = LONGEST - self.bytes.len();
        self.overflow |= bytes.len() > room;
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// The end of what was written.
#[derive(Default)]
struct Tail(Vec<u8>);

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        if self.0.len() > 2 * TAIL {
            self.0.drain(..self.0.len() - TAIL);
        }
    }
}
