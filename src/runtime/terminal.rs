//! The terminal: taken over, and given back on every way out.

use std::io::{self, BufWriter, Stdout, Write, stdout};

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;

use crate::app::App;

/// A terminal in raw mode on its alternate screen. Dropping it restores the terminal; so does a panic.
#[derive(Debug)]
pub(super) struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Terminal {
    /// Takes the terminal over.
    pub(super) fn take() -> io::Result<Terminal> {
        let restored = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            restore();
            restored(info);
        }));
        enter()?;
        let backend = CrosstermBackend::new(BufWriter::with_capacity(64 << 10, stdout()));
        Ok(Terminal { inner: ratatui::Terminal::new(backend)? })
    }

    /// Draws what changed since the last frame, as one write that terminals show at once.
    pub(super) fn draw(&mut self, app: &mut App) -> io::Result<()> {
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
        Ok(())
    }

    /// Forgets what is on screen, so that the next frame draws everything.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    /// Gives the terminal back for a while, to a program that talks to the person.
    pub(super) fn lend(&mut self) {
        restore();
    }

    /// Takes it over again.
    pub(super) fn reclaim(&mut self) -> io::Result<()> {
        enter()?;
        self.forget()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
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
