//! The command palette: a line to type into, and what it may mean above it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use super::chrome::spans;
use super::{Footer, Intent, Key, Learned, Look, Outcome, View};
use crate::ui::text::width;
use crate::ui::{Command, Input, Role, Scope};

/// What is typed, and all that could be.
#[derive(Debug)]
pub struct Prompt {
    input: Input,
    all: Vec<Suggestion>,
    /// Indices into `all` of what fits the text, best first.
    fitting: Vec<usize>,
    chosen: Option<usize>,
}

/// Something that can be typed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suggestion {
    /// The whole line.
    pub line: String,
    /// Other words for it: short names.
    pub also: Vec<String>,
    /// What it does.
    pub help: String,
}

impl Prompt {
    /// Most suggestions shown at once.
    const SHOWN: usize = 8;

    /// An empty line.
    #[must_use]
    pub fn new(all: Vec<Suggestion>) -> Prompt {
        let mut prompt = Prompt { input: Input::default(), all, fitting: Vec::new(), chosen: None };
        prompt.search();
        prompt
    }

    /// More that can be typed, learned since it was opened.
    pub fn suggest(&mut self, more: Vec<Suggestion>) {
        for suggestion in more {
            if !self.all.iter().any(|known| known.line == suggestion.line) {
                self.all.push(suggestion);
            }
        }
        self.search();
    }

    /// Finds what fits: first what begins with the text, then what has it inside.
    fn search(&mut self) {
        let text = self.input.text().to_lowercase();
        let rank = |suggestion: &Suggestion| {
            let whole = std::iter::once(&suggestion.line).chain(&suggestion.also);
            let ranks = whole.filter_map(|name| match name.to_lowercase().find(&text) {
                Some(0) if name.len() == text.len() => Some(0),
                Some(0) => Some(1),
                Some(_) => Some(2),
                None => None,
            });
            ranks.min()
        };
        let mut found: Vec<(u8, usize)> =
            self.all.iter().enumerate().filter_map(|(at, s)| rank(s).map(|rank| (rank, at))).collect();
        found.sort();
        self.fitting = found.into_iter().map(|(_, at)| at).take(Self::SHOWN).collect();
        self.chosen = None;
    }

    fn step(&mut self, by: isize) {
        let len = self.fitting.len() as isize;
        if len > 0 {
            let from = self.chosen.map_or(if by > 0 { -1 } else { len }, |at| at as isize);
            self.chosen = Some((from + by).rem_euclid(len) as usize);
        }
    }

    fn suggestion(&self, at: usize) -> Option<&Suggestion> {
        self.fitting.get(at).map(|at| &self.all[*at])
    }
}

impl View for Prompt {
    fn scope(&self) -> Scope {
        Scope::Text
    }

    fn handle(&mut self, key: Key) -> Outcome {
        match key.command {
            Some(Command::Escape) => Outcome::Wants(Intent::Close),
            Some(Command::Enter) => {
                let chosen = self.chosen.and_then(|at| self.suggestion(at)).map(|s| s.line.clone());
                let line = chosen.unwrap_or_else(|| self.input.text().to_owned());
                Outcome::Wants(if line.trim().is_empty() { Intent::Close } else { Intent::Run(line) })
            }
            Some(Command::Up) => {
                self.step(-1);
                Outcome::Consumed
            }
            Some(Command::Down) => {
                self.step(1);
                Outcome::Consumed
            }
            Some(Command::Complete) => {
                if let Some(line) = self.suggestion(self.chosen.unwrap_or(0)).map(|s| s.line.clone()) {
                    self.input = Input::new(line);
                    self.search();
                }
                Outcome::Consumed
            }
            Some(_) => Outcome::Ignored,
            None if key.chord.code() == crossterm::event::KeyCode::Backspace
                && self.input.text().is_empty() =>
            {
                Outcome::Wants(Intent::Close)
            }
            None => {
                if self.input.handle(key.chord) {
                    self.search();
                }
                Outcome::Consumed
            }
        }
    }

    fn paste(&mut self, text: &str) -> Outcome {
        self.input.insert(text);
        self.search();
        Outcome::Consumed
    }

    fn render(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) -> Learned {
        let style = |role| look.theme.style(role);
        let rows = self.fitting.len().min(usize::from(area.height)) as u16;
        let list = Rect { y: area.bottom() - rows, height: rows, ..area };
        Clear.render(list, buf);
        let shown: Vec<&Suggestion> = (0..usize::from(rows)).filter_map(|at| self.suggestion(at)).collect();
        let line = shown.iter().map(|s| width(&s.line)).max().unwrap_or(0);
        let also = shown.iter().map(|s| width(&s.also.join(" "))).max().unwrap_or(0);
        for ((at, suggestion), y) in shown.iter().enumerate().zip(list.y..) {
            let parts = [
                (format!(" {:line$}  ", suggestion.line), style(Role::Text)),
                (format!("{:also$}  ", suggestion.also.join(" ")), style(Role::Key)),
                (suggestion.help.clone(), style(Role::Dim)),
            ];
            spans(list.x, y, usize::from(list.width), buf, &parts);
            if self.chosen == Some(at) {
                buf.set_style(Rect { y, height: 1, ..list }, style(Role::Selected));
            }
        }
        Learned::default()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn footer(&self) -> Option<Footer<'_>> {
        Some(Footer::Typing {
            prompt: ":",
            text: self.input.text(),
            column: self.input.column(),
            note: Ok("tab completes · ↓ chooses".to_owned()),
        })
    }
}
