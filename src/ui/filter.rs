//! The filter language: what is typed after `/` in a table.
//!
//! Terms separated by spaces, all of which must hold for a row. A word holds if a cell contains it, whatever the case
//! of its (ASCII) letters; `/regex/` holds if a cell matches it, also whatever the case; `!` before either turns it
//! round. Words are substrings and not fuzzy: in triage a row that is shown must be a row that was meant.
//!
//! Cells are matched as they are written, all of the kind's and the namespace. Ages are not: they change by themselves,
//! and a filter whose rows come and go without an event is no filter. Neither is the `<none>` of an empty cell.
//!
//! A new sort of term (a comparison, `restarts>3`) is a variant of [`Test`] and an arm in [`Term::parse`].

use std::borrow::Cow;

use memchr::memchr2_iter;
use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::cluster::store::Predicate;
use crate::cluster::terms::{PATTERN_LIMIT, explain, until};
use crate::resources::{Cell, Row, Time};

pub use crate::cluster::terms::TermError as FilterError;

/// A parsed filter. The default one is empty and lets every row pass.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    terms: Vec<Term>,
}

impl Filter {
    /// Reads a filter as it is typed: what is not finished yet (a lone `!`, a regular expression without its last
    /// slash) is taken as far as it goes.
    ///
    /// # Errors
    /// When a regular expression is malformed or too large.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        let mut terms = Vec::new();
        let mut at = 0;
        loop {
            at += text[at..].len() - text[at..].trim_start().len();
            if at == text.len() {
                return Ok(Filter { terms });
            }
            let (term, length) = Term::parse(&text[at..]).map_err(|error| error.behind(at))?;
            terms.extend(term);
            at += length;
        }
    }

    /// Whether it lets every row pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether the row passes. `columns` is how many its kind has; `scratch` is overwritten.
    #[must_use]
    pub fn matches(&self, row: &dyn Row, columns: usize, scratch: &mut String) -> bool {
        self.terms.iter().all(|term| term.test.holds(row, columns, scratch) != term.inverted)
    }

    /// The filter as a store takes it; `None` if it lets every row pass.
    #[must_use]
    pub fn into_predicate(self, columns: usize) -> Option<Predicate> {
        let mut scratch = String::new();
        (!self.is_empty())
            .then(|| -> Predicate { Box::new(move |row| self.matches(row, columns, &mut scratch)) })
    }
}

/// One term of a filter.
#[derive(Debug, Clone)]
struct Term {
    inverted: bool,
    test: Test,
}

impl Term {
    /// Reads the term that `text` begins with, if there is anything to it yet, and how long it is.
    fn parse(text: &str) -> Result<(Option<Term>, usize), FilterError> {
        let inverted = text.starts_with('!');
        let start = usize::from(inverted);
        let (test, length) = match text[start..].strip_prefix('/') {
            Some(rest) => {
                let (pattern, length) = until(rest, b'/');
                let test = Pattern::new(pattern).map_err(|error| error.behind(start + 1))?;
                (test.map(Test::Pattern), 1 + length)
            }
            None => {
                let word = text[start..].split(char::is_whitespace).next().unwrap_or_default();
                (Word::new(word).map(Test::Word), word.len())
            }
        };
        Ok((test.map(|test| Term { inverted, test }), start + length))
    }
}

/// What a term asks of a row.
#[derive(Debug, Clone)]
enum Test {
    Word(Word),
    Pattern(Pattern),
}

impl Test {
    fn holds(&self, row: &dyn Row, columns: usize, scratch: &mut String) -> bool {
        match self {
            Test::Word(word) => any_text(row, columns, word.figures, scratch, |text| word.is_in(text)),
            Test::Pattern(pattern) => {
                any_text(row, columns, pattern.figures, scratch, |text| pattern.regex.is_match(text))
            }
        }
    }
}

/// Whether `test` holds for the namespace or for a cell of the row, as it is written. Cells that are not text take
/// longest, since they must be written first: only those are that `figures` names.
fn any_text(
    row: &dyn Row,
    columns: usize,
    figures: Figures,
    scratch: &mut String,
    test: impl Fn(&str) -> bool,
) -> bool {
    let mut written = |cell: &Cell<'_>| {
        scratch.clear();
        // Nothing that has an age gets here, so that any moment will do.
        cell.write(Time(0), scratch);
        test(scratch)
    };
    let mut holds = |cell| match cell {
        Cell::None | Cell::Age(_) => false,
        Cell::Text(text) | Cell::Status(text, _) | Cell::Ranked(_, text) => test(&text),
        cell if !figures.may_be_in(&cell) => false,
        Cell::Restarts(count, _) => written(&Cell::Int(count)),
        cell => written(&cell),
    };
    let namespace = Cell::Text(Cow::Borrowed(&*row.meta().namespace));
    (0..columns).any(|column| holds(row.cell(column))) || holds(namespace)
}

/// In which cells that are not text a term could be found, as far as the characters go that it needs.
#[derive(Debug, Clone, Copy)]
struct Figures {
    number: bool,
    ratio: bool,
    address: bool,
}

impl Figures {
    /// Those that `possible` answers for, given the characters of which they are made.
    fn of(possible: impl Fn(&[u8]) -> bool) -> Figures {
        Figures {
            number: possible(b"-0123456789"),
            ratio: possible(b"-/0123456789"),
            address: possible(b".0123456789"),
        }
    }

    fn may_be_in(self, cell: &Cell<'_>) -> bool {
        match cell {
            Cell::Int(_) | Cell::Restarts(..) => self.number,
            Cell::Ratio(..) => self.ratio,
            Cell::Ip(_) => self.address,
            _ => true,
        }
    }
}

/// A regular expression, matched whatever the case.
#[derive(Debug, Clone)]
struct Pattern {
    regex: Regex,
    figures: Figures,
}

impl Pattern {
    /// The pattern, unless it is empty.
    fn new(pattern: &str) -> Result<Option<Pattern>, FilterError> {
        if pattern.is_empty() {
            return Ok(None);
        }
        let built = RegexBuilder::new(pattern).case_insensitive(true).size_limit(PATTERN_LIMIT).build();
        let parsed = ParserBuilder::new().case_insensitive(true).build().parse(pattern);
        let (Ok(regex), Ok(parsed)) = (built, parsed) else { return Err(explain(pattern)) };
        let figures = Figures::of(|characters| may_match(&parsed, characters));
        Ok(Some(Pattern { regex, figures }))
    }
}

/// Whether the pattern could match in a text that has only these characters.
fn may_match(pattern: &Hir, characters: &[u8]) -> bool {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal.0.iter().all(|byte| characters.contains(byte)),
        HirKind::Class(Class::Unicode(class)) => {
            let has = |byte: u8| {
                class.iter().any(|range| (range.start()..=range.end()).contains(&char::from(byte)))
            };
            characters.iter().any(|byte| has(*byte))
        }
        HirKind::Class(Class::Bytes(class)) => {
            let has = |byte: u8| class.iter().any(|range| (range.start()..=range.end()).contains(&byte));
            characters.iter().any(|byte| has(*byte))
        }
        HirKind::Repetition(repeated) => repeated.min == 0 || may_match(&repeated.sub, characters),
        HirKind::Capture(group) => may_match(&group.sub, characters),
        HirKind::Concat(parts) => parts.iter().all(|part| may_match(part, characters)),
        HirKind::Alternation(parts) => parts.iter().any(|part| may_match(part, characters)),
    }
}

/// A word to be found whatever the case of its ASCII letters.
#[derive(Debug, Clone)]
struct Word {
    text: Box<[u8]>,
    /// The first byte in either case.
    first: [u8; 2],
    figures: Figures,
}

impl Word {
    /// The word, unless it is empty.
    fn new(text: &str) -> Option<Word> {
        let text: Box<[u8]> = text.as_bytes().into();
        let first = text.first()?;
        Some(Word {
            first: [first.to_ascii_lowercase(), first.to_ascii_uppercase()],
            figures: Figures::of(|characters| text.iter().all(|byte| characters.contains(byte))),
            text,
        })
    }

    fn is_in(&self, text: &str) -> bool {
        let text = text.as_bytes();
        let Some(last) = text.len().checked_sub(self.text.len()) else {
            return false;
        };
        let begins = memchr2_iter(self.first[0], self.first[1], &text[..=last]);
        begins.into_iter().any(|at| text[at..at + self.text.len()].eq_ignore_ascii_case(&self.text))
    }
}

#[cfg(test)]
mod tests;
