//! A short list to choose from: a column to sort by, a context, a theme.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Widget};

use super::chrome::spans;
use super::{Intent, Key, Learned, Look, Outcome, View, moved, scrolled};
use crate::ui::text::width;
use crate::ui::{Command, Role, Scope};

/// The list and where the cursor is in it.
#[derive(Debug)]
pub struct Picker {
    title: String,
    items: Vec<Item>,
    at: usize,
    rows: usize,
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its name.
    pub label: String,
    /// More about it.
    pub detail: String,
    /// A letter that chooses it at once.
    pub letter: Option<char>,
    /// Whether it is what is in force now.
    pub current: bool,
    /// What choosing it asks for.
    pub intent: Intent,
}

impl Picker {
    /// A list with the cursor on what is in force.
    #[must_use]
    pub fn new(title: impl Into<String>, items: Vec<Item>) -> Picker {
        let at = items.iter().position(|item| item.current).unwrap_or(0);
        Picker { title: title.into(), items, at, rows: 0 }
    }

    fn choose(&self, at: usize) -> Outcome {
        self.items.get(at).map_or(Outcome::Consumed, |item| Outcome::Wants(item.intent.clone()))
    }
}

impl View for Picker {
    fn scope(&self) -> Scope {
        Scope::List
    }

    fn handle(&mut self, key: Key) -> Outcome {
        let by_letter =
            key.chord.typed().and_then(|c| self.items.iter().position(|item| item.letter == Some(c)));
        if let Some(at) = by_letter {
            return self.choose(at);
        }
        match key.command {
            Some(Command::Escape | Command::Back) => Outcome::Wants(Intent::Close),
            Some(Command::Enter) => self.choose(self.at),
            Some(command) => match moved(command, self.at, self.items.len(), self.rows) {
                Some(at) => {
                    self.at = at;
                    Outcome::Consumed
                }
                None => Outcome::Ignored,
            },
            None => Outcome::Consumed,
        }
    }

    fn render(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) -> Learned {
        let style = |role| look.theme.style(role);
        let label = self.items.iter().map(|item| width(&item.label)).max().unwrap_or(0);
        let detail = self.items.iter().map(|item| width(&item.detail)).max().unwrap_or(0);
        let wanted = (label + detail + 12).max(width(&self.title) + 6);
        let boxed = centred(area, wanted as u16, self.items.len() as u16 + 2);
        Clear.render(boxed, buf);
        let title = format!(" {} ", self.title);
        let frame =
            Block::bordered().border_style(style(Role::Dim)).title(title).title_style(style(Role::Title));
        let inner = frame.inner(boxed);
        frame.render(boxed, buf);
        let rows = usize::from(inner.height);
        let top = scrolled(0, self.at, rows);
        for ((at, item), y) in self.items.iter().enumerate().skip(top).zip(inner.y..inner.bottom()) {
            let letter = item.letter.map_or_else(|| " ".to_owned(), |c| c.to_string());
            let parts = [
                (format!(" {letter} "), style(Role::Key)),
                (if item.current { "• ".to_owned() } else { "  ".to_owned() }, style(Role::Text)),
                (format!("{:label$}  ", item.label), style(Role::Text)),
                (item.detail.clone(), style(Role::Dim)),
            ];
            spans(inner.x, y, usize::from(inner.width), buf, &parts);
            if at == self.at {
                buf.set_style(Rect { y, height: 1, ..inner }, style(Role::Selected));
            }
        }
        Learned { rows, ..Learned::default() }
    }

    fn learn(&mut self, learned: &Learned) {
        self.rows = learned.rows;
    }

    fn is_overlay(&self) -> bool {
        true
    }
}

/// A rectangle of at most this size in the middle of `area`.
fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}
