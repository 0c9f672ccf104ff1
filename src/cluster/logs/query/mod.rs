//! The filter language for logs.
//!
//! Terms separated by spaces, all of which must hold for a line:
//!
//! - a word, or several in quotes: the line contains it, whatever the case; `/regex/` likewise;
//! - `level>=warn`, and any comparison with a level (its first letters are enough);
//! - `source:web`, `pod:web`, `container:app`: the name contains it;
//! - `status>=500`, `took>1s`, `user=alice`, `path~checkout`, `http.method!=GET`: a field of JSON, logfmt, klog or of
//!   the pairs behind a message. Numbers compare as numbers, also with units of time and of bytes; `~` is a regular
//!   expression. A line without the field does not match, not even `!=`.
//! - `!` before any of these turns it round.
//!
//! Notices never match: they are no lines.

mod field;
mod text;

use std::ops::Range;

use field::{Compare, Field};
use text::Text;

use super::{Level, Line, SourceEntry};
use crate::cluster::terms::{TermError, until};

/// A parsed filter. The default one is empty and lets every line pass.
#[derive(Debug, Clone, Default)]
pub struct Query {
    terms: Vec<Term>,
}

#[derive(Debug, Clone)]
struct Term {
    inverted: bool,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Text(Text),
    Level(Compare, Level),
    Source(Name, Text),
    Field(Field),
}

/// Which name of a source.
#[derive(Debug, Clone, Copy)]
enum Name {
    Any,
    Pod,
    Container,
}

impl Query {
    /// Reads a filter as it is typed: what is not finished yet (a lone `!`, `status>`, an expression without its last
    /// slash) is taken as far as it goes.
    ///
    /// # Errors
    /// When a regular expression is malformed or too large, or there is no such level.
    pub fn parse(text: &str) -> Result<Query, TermError> {
        let mut terms = Vec::new();
        let mut at = 0;
        loop {
            at += text[at..].len() - text[at..].trim_start().len();
            if at == text.len() {
                return Ok(Query { terms });
            }
            let (term, length) = Term::parse(&text[at..]).map_err(|error| error.behind(at))?;
            terms.extend(term);
            at += length;
        }
    }

    /// The filter that asks for this regular expression alone.
    ///
    /// # Errors
    /// When it is malformed or too large.
    pub fn of_pattern(pattern: &str) -> Result<Query, TermError> {
        let test = Text::pattern(pattern)?.map(Test::Text);
        Ok(Query { terms: test.map(|test| Term { inverted: false, test }).into_iter().collect() })
    }

    /// Whether it lets every line pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether the line passes. `sources` are those of the log.
    #[must_use]
    pub fn matches(&self, line: &Line<'_>, sources: &[SourceEntry]) -> bool {
        self.is_empty() || !line.notice && self.terms.iter().all(|term| term.holds(line, sources))
    }

    /// Where in a text the words and regular expressions are found that must be there, for showing them; the places
    /// of one term after those of another.
    pub fn highlights(&self, text: &[u8], mut each: impl FnMut(Range<usize>)) {
        for term in self.terms.iter().filter(|term| !term.inverted) {
            if let Test::Text(wanted) = &term.test {
                wanted.places(text).filter(|place| !place.is_empty()).for_each(&mut each);
            }
        }
    }

    /// A text that every line contains which passes, so that only lines with it need be looked at; and the place of
    /// its term, if containing it is all that the term asks.
    pub(super) fn anchor(&self) -> Option<(&Text, Option<usize>)> {
        let wanted = || self.terms.iter().enumerate().filter(|(_, term)| !term.inverted);
        let text = wanted().find_map(|(place, term)| match &term.test {
            Test::Text(text) if text.spans_lines() => Some((text, Some(place))),
            _ => None,
        });
        text.or_else(|| {
            wanted().find_map(|(_, term)| match &term.test {
                Test::Field(field) => Some((field.key(), None)),
                _ => None,
            })
        })
    }

    /// Whether a line passes of which it is known that the term in place `but` holds.
    pub(super) fn confirms(&self, line: &Line<'_>, sources: &[SourceEntry], but: Option<usize>) -> bool {
        let mut others = self.terms.iter().enumerate().filter(|(place, _)| Some(*place) != but);
        !line.notice && others.all(|(_, term)| term.holds(line, sources))
    }
}

impl Term {
    /// Reads the term that `text` begins with, if there is anything to it yet, and how long it is.
    fn parse(text: &str) -> Result<(Option<Term>, usize), TermError> {
        let inverted = text.starts_with('!');
        let start = usize::from(inverted);
        let rest = &text[start..];
        let (test, length) = match rest.as_bytes().first() {
            Some(end @ (b'/' | b'"')) => {
                let (inside, length) = until(&rest[1..], *end);
                let test = if *end == b'/' {
                    Text::pattern(inside).map_err(|error| error.behind(start + 1))?
                } else {
                    Text::word(inside)
                };
                (test.map(Test::Text), 1 + length)
            }
            _ => {
                let length = word_length(rest);
                (Test::of_word(&rest[..length]).map_err(|error| error.behind(start))?, length)
            }
        };
        Ok((test.map(|test| Term { inverted, test }), start + length))
    }

    fn holds(&self, line: &Line<'_>, sources: &[SourceEntry]) -> bool {
        let holds = match &self.test {
            Test::Text(text) => text.is_in(line.text),
            Test::Level(compare, level) => line.level.is_some_and(|has| compare.orders(has.cmp(level))),
            Test::Source(name, text) => {
                sources.get(line.source.0 as usize).is_some_and(|entry| name.contains(&entry.source, text))
            }
            Test::Field(field) => field.holds(line.text),
        };
        holds != self.inverted
    }
}

/// How long the word is that `text` begins with; a value in quotes belongs to it.
fn word_length(text: &str) -> usize {
    let bare = text.find(char::is_whitespace).unwrap_or(text.len());
    match text.find('"') {
        Some(quote) if quote < bare => quote + 1 + until(&text[quote + 1..], b'"').1,
        _ => bare,
    }
}

impl Test {
    /// What a word asks, if there is anything to it yet.
    fn of_word(word: &str) -> Result<Option<Test>, TermError> {
        for (prefix, name) in [("source:", Name::Any), ("pod:", Name::Pod), ("container:", Name::Container)] {
            if let Some(wanted) = word.strip_prefix(prefix) {
                return Ok(Text::word(wanted).map(|text| Test::Source(name, text)));
            }
        }
        let Some((key, compare, at)) = Compare::find(word) else {
            return Ok(Text::word(word).map(Test::Text));
        };
        let value = &word[at..];
        if value.is_empty() {
            return Ok(None);
        }
        if matches!(key, "level" | "lvl" | "severity") && !compare.is_pattern() {
            return level(value)
                .map(|level| Some(Test::Level(compare, level)))
                .map_err(|error| error.behind(at));
        }
        Field::new(key, compare, value)
            .map(|field| Some(Test::Field(field)))
            .map_err(|error| error.behind(at))
    }
}

/// The level that a word means, or that it is the beginning of.
fn level(word: &str) -> Result<Level, TermError> {
    let begins = |level: &Level| level.name().starts_with(&word.to_ascii_lowercase());
    Level::of_word(word.as_bytes()).or_else(|| Level::ALL.into_iter().find(begins)).ok_or_else(|| TermError {
        at: 0,
        message: "there are the levels trace, debug, info, warn, error and fatal".to_owned(),
    })
}

impl Name {
    fn contains(self, source: &super::Source, text: &Text) -> bool {
        match self {
            Name::Pod => text.is_in(source.pod.as_bytes()),
            Name::Container => text.is_in(source.container.as_bytes()),
            Name::Any => text.is_in(source.pod.as_bytes()) || text.is_in(source.container.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests;
