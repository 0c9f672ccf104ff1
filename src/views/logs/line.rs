//! A line as it is shown: readable or as it was written, in pieces with roles, cut to what there is room for.
//!
//! Whatever stands in a line, nothing but printable characters comes out, and nothing costs more than the part of it
//! that can be in sight.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::style::Style;
use unicode_width::UnicodeWidthChar;

use crate::cluster::logs::parse::{Format, Parsed, Value, parse};
use crate::cluster::logs::{Level, Line};
use crate::ui::text::is_harmful;
use crate::ui::{Role, ansi};

/// How much of a line is taken apart. What is longer is no line that people read.
const HEAD: usize = 16 << 10;

/// What a notice begins with: a shape, since a colour alone would not tell it from a line.
const RULE: &[u8] = "── ".as_bytes();

/// How a piece of a line looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Paint {
    /// As the theme says.
    Role(Role),
    /// As the line says itself.
    Foreign(Style),
}

/// Printable text with its looks.
#[derive(Debug)]
pub(super) struct Painted {
    pub(super) text: String,
    /// Where each run of one look ends.
    runs: Vec<(usize, Paint)>,
    pub(super) cells: usize,
    most: usize,
    /// Whether something was left out at the end.
    pub(super) is_cut: bool,
}

impl Painted {
    /// The first `most` cells of a line; in its own words if it is to be `raw`.
    pub(super) fn of(line: &Line<'_>, raw: bool, most: usize) -> Painted {
        let mut painted = Painted { text: String::new(), runs: Vec::new(), cells: 0, most, is_cut: false };
        let head = &line.text[..line.text.len().min(HEAD.max(most.saturating_mul(4)))];
        if line.notice {
            let paint = Paint::Role(role_of(line.level));
            painted.push(RULE, paint);
            painted.push(head, paint);
        } else if raw || memchr::memchr(0x1b, head).is_some() {
            ansi::pieces(head, |piece, style| painted.push(piece, Paint::Foreign(style)));
        } else {
            painted.push_readable(head);
        }
        painted.is_cut |= head.len() < line.text.len();
        painted
    }

    fn push_readable(&mut self, line: &[u8]) {
        let parsed = parse(line);
        let Some(level) = parsed.level.or((parsed.format != Format::Plain).then_some(Level::Info)) else {
            self.push(line, Paint::Role(Role::Text));
            return;
        };
        if let Some(level) = parsed.level {
            let word = format!("{:5} ", level.name().to_uppercase());
            self.push(word.as_bytes(), Paint::Role(role_of(Some(level))));
        }
        let said = Paint::Role(if level < Level::Info { Role::LevelDebug } else { Role::Text });
        match free_text(line, &parsed) {
            Some(text) => {
                self.push(text, said);
            }
            None => {
                self.push(&parsed.message.bytes(), said);
                self.push_fields(&parsed);
            }
        }
        if let Some(caller) = parsed.caller {
            self.push(b"  ", said);
            self.push(caller, Paint::Role(Role::Dim));
        }
    }

    fn push_fields(&mut self, parsed: &Parsed<'_>) {
        let (key_paint, value_paint) = (Paint::Role(Role::Dim), Paint::Role(Role::Text));
        let mut gap: &[u8] = if parsed.message.is_empty() { b"" } else { b"  " };
        for (key, value) in parsed.fields() {
            let value = quoted(value);
            let room = self.push(gap, key_paint)
                && self.push(key, key_paint)
                && self.push(b"=", key_paint)
                && self.push(&value, value_paint);
            if !room {
                return;
            }
            gap = b" ";
        }
    }

    /// Adds text as far as there is room; tells whether there is room for more.
    fn push(&mut self, text: &[u8], paint: Paint) -> bool {
        for chunk in text.utf8_chunks() {
            let broken = (!chunk.invalid().is_empty()).then_some(char::REPLACEMENT_CHARACTER);
            for c in chunk.valid().chars().chain(broken) {
                if !self.push_char(c) {
                    self.is_cut = true;
                    break;
                }
            }
        }
        match self.runs.last_mut() {
            Some((end, last)) if *last == paint => *end = self.text.len(),
            _ => self.runs.push((self.text.len(), paint)),
        }
        !self.is_cut
    }

    fn push_char(&mut self, c: char) -> bool {
        let shown = match c {
            '\n' => '↵',
            '\r' => '␍',
            '\t' => ' ',
            c if is_harmful(c) => '·',
            c => c,
        };
        let cells = if c == '\t' { TAB - self.cells % TAB } else { shown.width().unwrap_or(0) };
        // Characters without a width of their own must not pile up either.
        if self.cells + cells > self.most || self.text.len() > self.most * 16 + 64 {
            return false;
        }
        for _ in 0..if c == '\t' { cells } else { 1 } {
            self.text.push(shown);
        }
        self.cells += cells;
        true
    }

    /// The text in rows of at most `columns` cells, at least one and at most `most` rows. A row ends behind a space if
    /// that leaves it at least half full.
    pub(super) fn rows(&self, columns: usize, most: usize) -> Vec<Range<usize>> {
        let mut rows = Vec::new();
        let (mut start, mut used) = (0, 0);
        // Behind the last space of the row, and how much of it that takes.
        let mut space = None;
        for (at, c) in self.text.char_indices() {
            let cells = c.width().unwrap_or(0);
            if used + cells > columns && at > start {
                let (end, before) = space.filter(|(_, before)| *before > columns / 2).unwrap_or((at, used));
                rows.push(start..end);
                (start, used, space) = (end, used - before, None);
                if rows.len() == most {
                    return rows;
                }
            }
            used += cells;
            if c == ' ' {
                space = Some((at + 1, used));
            }
        }
        rows.push(start..self.text.len());
        rows
    }

    /// The part of the text from column `from` on, in `columns` cells; and how many cells stay free before it, where a
    /// wide character was cut.
    pub(super) fn part(&self, from: usize, columns: usize) -> (usize, Range<usize>) {
        let (mut at_cell, mut start, mut gap) = (0, self.text.len(), 0);
        let mut end = self.text.len();
        for (at, c) in self.text.char_indices() {
            let cells = c.width().unwrap_or(0);
            if start == self.text.len() && at_cell >= from && cells > 0 {
                (start, gap) = (at, at_cell - from);
            }
            at_cell += cells;
            if at_cell > from + columns {
                end = at;
                break;
            }
        }
        (gap, start.min(end)..end)
    }

    /// The looks of a part of the text: pieces that end where each number says.
    pub(super) fn runs(&self, part: &Range<usize>) -> impl Iterator<Item = (Range<usize>, Paint)> {
        let first = self.runs.partition_point(|(end, _)| *end <= part.start);
        let (mut start, last) = (part.start, part.end);
        self.runs[first..].iter().map_while(move |(end, paint)| {
            let run = (start < last).then(|| (start..(*end).min(last), *paint));
            start = *end;
            run
        })
    }
}

/// Columns between the stops of a tabulator.
const TAB: usize = 8;

/// What a line says in free text, from the message to the end, if its fields would not tell all of it: words may
/// stand between them.
fn free_text<'a>(line: &'a [u8], parsed: &Parsed<'a>) -> Option<&'a [u8]> {
    let Cow::Borrowed(message) = parsed.message.bytes() else { return None };
    let start = (message.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
    let is_quoted = start.checked_sub(1).and_then(|before| line.get(before)) == Some(&b'"');
    match parsed.format {
        Format::Plain => line.get(start..),
        Format::Klog if !is_quoted => line.get(start..),
        Format::Json | Format::Logfmt | Format::Klog => None,
    }
}

/// A value as it is shown: in quotes if it would not end at its end otherwise.
fn quoted(value: Value<'_>) -> Cow<'_, [u8]> {
    let bytes = value.bytes();
    let nested = matches!(bytes.first(), Some(b'{' | b'['));
    if !bytes.is_empty() && (nested || !bytes.iter().any(|byte| matches!(byte, b' ' | b'\t' | b'"'))) {
        return bytes;
    }
    let mut text = vec![b'"'];
    text.extend_from_slice(&bytes);
    text.push(b'"');
    Cow::Owned(text)
}

/// The role for a word that tells this level.
pub(super) const fn role_of(level: Option<Level>) -> Role {
    match level {
        Some(Level::Fatal | Level::Error) => Role::LevelError,
        Some(Level::Warn) => Role::LevelWarn,
        Some(Level::Info) => Role::LevelInfo,
        Some(Level::Debug | Level::Trace) => Role::LevelDebug,
        None => Role::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::logs::{SourceId, Stamp};

    fn line(text: &[u8]) -> Line<'_> {
        Line { number: 0, source: SourceId(0), at: Stamp(0), level: None, notice: false, text }
    }

    fn readable(text: &str) -> String {
        Painted::of(&line(text.as_bytes()), false, 200).text
    }

    #[test]
    fn each_form_is_readable() {
        for (written, shown) in [
            (
                r#"{"ts":"2026-11-24T14:31:07Z","level":"error","msg":"request failed","status":502,"user":"a b","at":{"x":1}}"#,
                r#"ERROR request failed  status=502 user="a b" at={"x":1}"#,
            ),
            ("time=2026-11-24T14:31:07Z level=warn msg=\"slow query\" took=3s", "WARN  slow query  took=3s"),
            (
                r#"E1124 14:31:07.221000       1 pod.go:42] "Sync failed" pod="shop/web-1" err="no""#,
                "ERROR Sync failed  pod=shop/web-1 err=no  pod.go:42",
            ),
            (
                "I1124 14:31:07.221000       1 main.go:7] Listening on a=b and c=d",
                "INFO  Listening on a=b and c=d  main.go:7",
            ),
            ("2026-11-24 14:31:07 WARN cache a=1 is b=2 cold", "WARN  cache a=1 is b=2 cold"),
            ("GET /cart 200", "GET /cart 200"),
            ("    at com.example.Main(Main.java:1)", "    at com.example.Main(Main.java:1)"),
            ("", ""),
        ] {
            assert_eq!(readable(written), shown, "{written}");
        }
    }

    #[test]
    fn nothing_of_a_line_can_do_harm() {
        let text = b"a\x1b[2J\x1b[31mred\x1b[0m\rb\x07c\xff\xfe\td\xe2\x80\xaee";
        let painted = Painted::of(&line(text), false, 100);
        assert_eq!(painted.text, "ared␍b·c��      d·e");
        assert!(!painted.text.chars().any(char::is_control));
        let runs: Vec<Paint> = painted.runs(&(0..painted.text.len())).map(|(_, paint)| paint).collect();
        assert_eq!(runs.len(), 3, "before, red, behind: {runs:?}");
    }

    #[test]
    fn a_long_line_is_cut_to_what_there_is_room_for() {
        let long = vec![b'x'; 1 << 20];
        let painted = Painted::of(&line(&long), false, 100);
        assert!(painted.is_cut && painted.text.len() == 100);
        let rows = painted.rows(40, 2);
        assert_eq!(rows, [0..40, 40..80]);
        let pile: String = std::iter::once('a').chain(std::iter::repeat_n('\u{301}', 1 << 20)).collect();
        assert!(Painted::of(&line(pile.as_bytes()), false, 100).text.len() < 2_000);
    }

    #[test]
    fn wide_characters_are_never_split() {
        let painted = Painted::of(&line("左右左右".as_bytes()), true, 100);
        assert_eq!(painted.rows(3, 9), [0..3, 3..6, 6..9, 9..12]);
        assert_eq!(painted.part(1, 4), (1, 3..6));
        assert_eq!(painted.part(2, 4), (0, 3..9));
        assert_eq!(painted.part(20, 4).1.len(), 0);
    }

    #[test]
    fn rows_end_behind_spaces_unless_that_wastes_them() {
        let painted = Painted::of(&line(b"one two three-four"), true, 100);
        let rows: Vec<&str> = painted.rows(9, 9).into_iter().map(|row| &painted.text[row]).collect();
        assert_eq!(rows, ["one two ", "three-fou", "r"]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_can_be_shown(
            text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300),
            raw: bool, most in 0usize..80, columns in 1usize..40, from in 0usize..40,
        ) {
            let painted = Painted::of(&line(&text), raw, most);
            proptest::prop_assert!(!painted.text.chars().any(char::is_control));
            for row in painted.rows(columns, 5).into_iter().chain([painted.part(from, columns).1]) {
                let whole: usize = painted.runs(&row).map(|(run, _)| run.len()).sum();
                proptest::prop_assert_eq!(painted.text[row.clone()].len(), whole);
            }
        }
    }
}
