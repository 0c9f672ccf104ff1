//! A program in a pseudo-terminal, its screen as text, and keys to press.
//!
//! Shared by tests, benches and tools, none of which uses all of it.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    reason = "each of the crates that share it uses a part; a panic is a report"
)]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a screen may take to come before it is taken for one that never does. A bound for failures, not a wait.
const PATIENCE: Duration = Duration::from_secs(60);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    bytes: u64,
    /// When the screen last changed.
    at: Instant,
    ended: bool,
}

/// A running program and its terminal.
pub struct Pty {
    shared: Arc<Shared>,
    writer: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    pub started: Instant,
}

impl Pty {
    /// Starts `program` in a terminal of this many columns and rows. Of the environment only what is given is there.
    pub fn start(program: &Path, args: &[&str], env: &[(&str, &str)], (cols, rows): (u16, u16)) -> Pty {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        command.cwd(std::env::current_dir().expect("a current directory"));
        command.env("TERM", "xterm-256color");
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("HOME", "/nonexistent");
        for (name, value) in env {
            command.env(name, value);
        }
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let state = State { parser: vt100::Parser::new(rows, cols, 0), bytes: 0, at: started, ended: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let fed = shared.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 1 << 16];
            let mut pending = Vec::new();
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let arrived = Instant::now();
                pending.extend_from_slice(&buffer[..read]);
                let shown = if read == 0 { pending.len() } else { shown(&pending) };
                let mut state = fed.state.lock().unwrap();
                state.parser.process(&pending[..shown]);
                pending.drain(..shown);
                state.bytes += read as u64;
                state.at = arrived;
                state.ended = read == 0;
                fed.changed.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().expect("a writer");
        Pty { shared, writer, master: pair.master, child, started }
    }

    /// Sends bytes as a keyboard does.
    pub fn send(&mut self, bytes: &str) {
        self.writer.write_all(bytes.as_bytes()).expect("the terminal takes keys");
        self.writer.flush().unwrap();
    }

    /// Has another program write to the terminal.
    pub fn scribble(&self, bytes: &str) {
        self.shared.state.lock().unwrap().parser.process(bytes.as_bytes());
    }

    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.shared.state.lock().unwrap().parser.screen_mut().set_size(rows, cols);
        self.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        self.shared.state.lock().unwrap().parser.screen().contents()
    }

    /// Waits until the screen is as wanted; answers it, and when it was so.
    pub fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> (String, Instant) {
        self.wait_until(what, vt100::Screen::contents, |text| wanted(text))
    }

    fn wait_until<T>(
        &self,
        what: &str,
        read: impl Fn(&vt100::Screen) -> T,
        wanted: impl Fn(&T) -> bool,
    ) -> (T, Instant) {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.shared.state.lock().unwrap();
        loop {
            let seen = read(state.parser.screen());
            if wanted(&seen) {
                return (seen, state.at);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.ended {
                let screen = state.parser.screen().contents();
                drop(state);
                panic!("never: {what}\n{screen}");
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    /// What `read` makes of the screen.
    pub fn with_screen<T>(&self, read: impl Fn(&vt100::Screen) -> T) -> T {
        read(self.shared.state.lock().unwrap().parser.screen())
    }

    /// The screen with its colours and weights, as bytes that mean nothing but whether two are equal.
    pub fn text_with_looks(&self) -> Vec<u8> {
        self.shared.state.lock().unwrap().parser.screen().contents_formatted()
    }

    /// Waits until the screen looks as wanted; answers how it looks, and when it did.
    pub fn wait_looks(&self, what: &str, wanted: impl Fn(&[u8]) -> bool) -> (Vec<u8>, Instant) {
        let look = |screen: &vt100::Screen| screen.contents_formatted();
        self.wait_until(what, look, |looks| wanted(looks))
    }

    /// Waits until the screen has this text.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text)).0
    }

    /// Waits until the program has ended; answers its exit code and what it left on the screen.
    pub fn wait_for_end(&mut self) -> (u32, String) {
        let code = self.child.wait().expect("the program ends").exit_code();
        let mut state = self.shared.state.lock().unwrap();
        while !state.ended {
            state = self.shared.changed.wait(state).unwrap();
        }
        (code, state.parser.screen().contents())
    }

    /// Whether the program is on the terminal's alternate screen.
    pub fn on_alternate_screen(&self) -> bool {
        self.shared.state.lock().unwrap().parser.screen().alternate_screen()
    }

    /// Bytes written to the terminal so far.
    pub fn bytes(&self) -> u64 {
        self.shared.state.lock().unwrap().bytes
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }
}

/// How much of `bytes` a terminal shows: a synchronized update appears when it is complete, and not before.
fn shown(bytes: &[u8]) -> usize {
    const BEGIN: &[u8] = b"\x1b[?2026h";
    const END: &[u8] = b"\x1b[?2026l";
    let begun = memchr::memmem::rfind(bytes, BEGIN);
    let ended = memchr::memmem::rfind(bytes, END);
    if let Some(begun) = begun.filter(|begun| ended.is_none_or(|ended| ended < *begun)) {
        return begun;
    }
    // The rest may be the first part of a beginning.
    let tail = memchr::memrchr(0x1b, bytes).filter(|at| BEGIN.starts_with(&bytes[*at..]));
    tail.unwrap_or(bytes.len())
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
