//! A filter or a search: its text, what is wrong with it, and the lines that it finds, which are looked for in slices.

use crate::cluster::logs::{Log, Matches, Query};
use crate::ui::{Command, Input};
use crate::views::Key;

/// Text that is typed, and what it finds.
#[derive(Debug, Default)]
pub(super) struct Finder {
    input: Input,
    /// Why the text cannot be read; the one before is in force then.
    error: Option<String>,
    matches: Option<Matches>,
    /// The text before it was edited, while it is.
    editing: Option<String>,
}

/// What a key did to a [`Finder`] that is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// It means nothing to it.
    Nothing,
    /// It was taken, and changed no more than the text.
    Taken,
    /// It is accepted.
    Accepted,
}

impl Finder {
    pub(super) fn input(&self) -> &Input {
        &self.input
    }

    pub(super) fn text(&self) -> &str {
        self.input.text()
    }

    pub(super) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// What it finds; `None` if there is nothing to be found.
    pub(super) fn matches(&self) -> Option<&Matches> {
        self.matches.as_ref()
    }

    pub(super) fn query(&self) -> Option<&Query> {
        self.matches.as_ref().map(Matches::query)
    }

    pub(super) fn is_editing(&self) -> bool {
        self.editing.is_some()
    }

    /// Begins to be typed.
    pub(super) fn edit(&mut self) {
        self.editing = Some(self.input.text().to_owned());
    }

    /// Takes another text.
    pub(super) fn set(&mut self, text: &str, log: &Log) {
        self.input = Input::new(text);
        self.apply(log);
    }

    pub(super) fn paste(&mut self, text: &str, log: &Log) {
        self.input.insert(text);
        self.apply(log);
    }

    pub(super) fn type_key(&mut self, key: Key, log: &Log) -> Typed {
        match key.command {
            // One that cannot be read is not accepted: what is wrong with it stands beside it.
            Some(Command::Enter) if self.error.is_some() => {}
            Some(Command::Enter) => {
                self.editing = None;
                return Typed::Accepted;
            }
            Some(Command::Escape) => {
                let before = self.editing.take().unwrap_or_default();
                self.set(&before, log);
            }
            Some(_) => return Typed::Nothing,
            None => {
                if self.input.handle(key.chord) {
                    self.apply(log);
                }
            }
        }
        Typed::Taken
    }

    fn apply(&mut self, log: &Log) {
        match Query::parse(self.input.text()) {
            Ok(query) => {
                self.error = None;
                self.matches = (!query.is_empty()).then(|| Matches::new(query, log.store()));
                self.advance(log);
            }
            Err(error) => self.error = Some(format!("{error}, at {}", error.at + 1)),
        }
    }

    /// Begins anew: the lines are others.
    pub(super) fn restart(&mut self, log: &Log) {
        self.matches = self.matches.take().map(|old| Matches::new(old.query().clone(), log.store()));
    }

    /// Looks at some more lines.
    pub(super) fn advance(&mut self, log: &Log) {
        if let Some(matches) = &mut self.matches {
            matches.advance(log.store(), log.sources(), Matches::SLICE);
        }
    }

    /// Whether all lines were looked at.
    pub(super) fn is_done(&self, log: &Log) -> bool {
        self.matches.as_ref().is_none_or(|matches| matches.is_done(log.store()))
    }

    /// How many lines it finds, as far as is known: `5,015`, or `5,015…` while there is more to look at.
    pub(super) fn count(&self, log: &Log) -> Option<String> {
        let count = crate::ui::text::grouped(self.matches.as_ref()?.len());
        Some(if self.is_done(log) { count } else { format!("{count}…") })
    }
}
