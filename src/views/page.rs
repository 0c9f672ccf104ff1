//! A page to read and scroll: the help, the messages.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::chrome::spans;
use super::{Intent, Key, Learned, Look, Outcome, View, moved};
use crate::ui::text::{fit, printable, width, wrap};
use crate::ui::{Command, Role, Scope};

/// A page with a title and lines.
#[derive(Debug)]
pub struct Page {
    title: String,
    lines: Vec<Entry>,
    top: usize,
    rows: usize,
}

/// One entry of a page.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What stands on the left: a key, a time.
    pub lead: String,
    /// What it says; as many lines as it needs.
    pub text: String,
    /// How it looks.
    pub role: Role,
}

impl Page {
    /// A page that starts at its first line.
    #[must_use]
    pub fn new(title: impl Into<String>, lines: Vec<Entry>) -> Page {
        Page { title: title.into(), lines, top: 0, rows: 0 }
    }

    /// The entries as lines of at most `room` cells: lead and piece of text. A lead that is too long for its column
    /// stands on a line of its own.
    fn wrapped(&self, lead: usize, room: usize) -> Vec<(&str, String, Role)> {
        let mut out = Vec::new();
        for entry in &self.lines {
            let mut lead_left = &*entry.lead;
            if width(lead_left) + 2 > lead {
                out.push((std::mem::take(&mut lead_left), String::new(), entry.role));
            }
            for line in wrap(&printable(&entry.text), room) {
                out.push((std::mem::take(&mut lead_left), line, entry.role));
            }
        }
        out
    }
}

impl View for Page {
    fn scope(&self) -> Scope {
        Scope::Page
    }

    fn handle(&mut self, key: Key) -> Outcome {
        match key.command {
            Some(Command::Escape | Command::Back | Command::Help) => Outcome::Wants(Intent::Close),
            Some(command) => match moved(command, self.top, self.lines.len(), self.rows) {
                Some(top) => {
                    self.top = top;
                    Outcome::Consumed
                }
                None => Outcome::Ignored,
            },
            None => Outcome::Ignored,
        }
    }

    fn render(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) -> Learned {
        let style = |role| look.theme.style(role);
        let x = area.x + 1;
        buf.set_stringn(x, area.y, &self.title, usize::from(area.width), style(Role::Title));
        let widest = self.lines.iter().map(|entry| width(&entry.lead)).max().unwrap_or(0) + 2;
        let lead = widest.min(usize::from(area.width) * 2 / 5);
        let room = usize::from(area.width).saturating_sub(lead + 2).max(1);
        let rows = usize::from(area.height.saturating_sub(2));
        let lines = self.wrapped(lead, room);
        let top = self.top.min(lines.len().saturating_sub(rows));
        for (y, (head, text, role)) in (area.y + 2..area.bottom()).zip(&lines[top..]) {
            let parts: [(String, Style); 2] =
                [(format!("{head:lead$}"), style(Role::Key)), (fit(text, room).into_owned(), style(*role))];
            spans(x, y, usize::from(area.width.saturating_sub(2)), buf, &parts);
        }
        Learned { rows, ..Learned::default() }
    }

    fn learn(&mut self, learned: &Learned) {
        self.rows = learned.rows;
        self.top = self.top.min(self.lines.len().saturating_sub(1));
    }
}
