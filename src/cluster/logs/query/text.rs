//! Text that is to be found in a line: a word or a regular expression, both whatever the case.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Look;

use crate::cluster::terms::{PATTERN_LIMIT, TermError, explain};

/// A word, a phrase or a regular expression.
#[derive(Debug, Clone)]
pub(in crate::cluster::logs) struct Text {
    regex: Regex,
    spans_lines: bool,
}

impl Text {
    /// The word, unless it is empty.
    pub(super) fn word(word: &str) -> Option<Text> {
        let regex = || build(&regex::escape(word), true, !word.is_ascii());
        Some(word)
            .filter(|word| !word.is_empty())
            .and_then(|_| regex())
            .map(|regex| Text { regex, spans_lines: true })
    }

    /// The bytes as they are, in this case.
    pub(super) fn exactly(text: &str) -> Option<Text> {
        build(&regex::escape(text), false, true).map(|regex| Text { regex, spans_lines: true })
    }

    /// The regular expression, unless it is empty.
    pub(super) fn pattern(pattern: &str) -> Result<Option<Text>, TermError> {
        if pattern.is_empty() {
            return Ok(None);
        }
        let parsed = ParserBuilder::new().multi_line(true).utf8(false).build().parse(pattern);
        let (Some(regex), Ok(parsed)) = (build(pattern, true, true), parsed) else {
            return Err(explain(pattern));
        };
        // What is bound to the ends of the whole text cannot be looked for in many lines at once.
        let looks = parsed.properties().look_set();
        let bound = [Look::Start, Look::End, Look::StartCRLF, Look::EndCRLF];
        Ok(Some(Text { regex, spans_lines: !bound.into_iter().any(|look| looks.contains(look)) }))
    }

    /// Whether it can be looked for in lines that lie one behind the other with line feeds between.
    pub(in crate::cluster::logs) const fn spans_lines(&self) -> bool {
        self.spans_lines
    }

    pub(in crate::cluster::logs) fn is_in(&self, line: &[u8]) -> bool {
        self.regex.is_match(line)
    }

    /// Where it is found first, from `at` on.
    pub(in crate::cluster::logs) fn find(&self, text: &[u8], at: usize) -> Option<Range<usize>> {
        self.regex.find_at(text, at).map(|found| found.range())
    }

    /// Where it is found.
    pub(super) fn places<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = Range<usize>> + 't {
        self.regex.find_iter(text).map(|found| found.range())
    }
}

/// A compiled pattern; `None` if it cannot be.
fn build(pattern: &str, any_case: bool, unicode: bool) -> Option<Regex> {
    RegexBuilder::new(pattern)
        .case_insensitive(any_case)
        .unicode(unicode)
        .multi_line(true)
        .size_limit(PATTERN_LIMIT)
        .build()
        .ok()
}
