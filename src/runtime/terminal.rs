//! The terminal: taken over, and given back on every way out.
//!
//! A panic that ends the program gives it back as it drops the [`Terminal`], and is reported then. A panic that
//! somebody catches (a watch, the runtime's tasks) must leave the screen alone: so nothing is written when a panic
//! begins, whoever catches it tells what it means.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::io::{self, BufWriter, Stdout, Write, stderr, stdout};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;

use crate::app::App;

/// Whether the screen is ours to keep clean of reports.
static TAKEN: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// What the latest panic of this thread had to say while the terminal was taken.
    static REPORT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A terminal in raw mode on its alternate screen. Dropping it restores the terminal; so does a panic.
#[derive(Debug)]
pub(super) struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<Counted>>,
    /// How many bytes were written since somebody took the number.
    written: Rc<Cell<usize>>,
}

/// Writes to standard output, a frame at a time, and counts the bytes.
#[derive(Debug)]
struct Counted {
    out: BufWriter<Stdout>,
    written: Rc<Cell<usize>>,
}

impl Write for Counted {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let written = self.out.write(text)?;
        self.written.set(self.written.get() + written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Terminal {
    /// Takes the terminal over.
    pub(super) fn take() -> io::Result<Terminal> {
        let out = BufWriter::with_capacity(64 << 10, stdout());
        let written = Rc::default();
        let backend = CrosstermBackend::new(Counted { out, written: Rc::clone(&written) });
        let terminal = Terminal { inner: ratatui::Terminal::new(backend)?, written };
        TAKEN.store(true, Ordering::Relaxed);
        keep_reports();
        enter()?;
        Ok(terminal)
    }

    /// Draws what changed since the last frame, as one write that terminals show at once; answers how many bytes it
    /// took.
    pub(super) fn draw(&mut self, app: &mut App) -> io::Result<u32> {
        queue!(self.inner.backend_mut(), BeginSynchronizedUpdate)?;
        let mut learned = None;
        self.inner.draw(|frame| {
            let of_frame = app.render(frame.area(), frame.buffer_mut());
            if let Some(position) = of_frame.cursor {
                frame.set_cursor_position(position);
            }
            learned = Some(of_frame);
        })?;
        execute!(self.inner.backend_mut(), EndSynchronizedUpdate)?;
        if let Some(learned) = learned {
            app.drawn(&learned);
        }
        Ok(u32::try_from(self.written.take()).unwrap_or(u32::MAX))
    }

    /// Puts a text into the clipboard of the terminal, if it lets us (OSC 52, xterm's control sequences).
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        let out = self.inner.backend_mut();
        write!(out, "\x1b]52;c;{}\x07", BASE64.encode(text))?;
        Write::flush(out)
    }

    /// Gives the terminal back for a while, to a program that talks to the person.
    pub(super) fn lend(&mut self) {
        restore();
    }

    /// Takes it over again; the next frame draws everything.
    pub(super) fn reclaim(&mut self) -> io::Result<()> {
        enter()?;
        // Not `clear`, which asks the terminal where its cursor is and fails when no answer comes.
        let size = self.inner.size()?;
        self.inner.resize(size.into())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
        TAKEN.store(false, Ordering::Relaxed);
        if std::thread::panicking() {
            let _ = REPORT.with_borrow(|report| write!(stderr(), "{report}"));
        }
    }
}

/// Has panics keep what they have to say while the terminal is taken.
fn keep_reports() {
    let elsewhere = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !TAKEN.load(Ordering::Relaxed) {
            return elsewhere(info);
        }
        let mut report = format!("kw: a mistake in kw ended it; please report this: {info}\n");
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            report.push_str(&format!("{trace}"));
        }
        REPORT.set(report);
    }));
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// Restores the terminal as far as it can be; there is nobody to tell if it cannot.
fn restore() {
    let mut out = stdout();
    let _ = execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}
