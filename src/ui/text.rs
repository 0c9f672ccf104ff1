//! Text in terminal cells.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many cells `text` takes.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text` in at most `cells`; what is cut off is marked by `…`.
#[must_use]
pub fn fit(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    // Characters may join into narrower clusters, so what is kept is measured whole.
    let mut used = 0;
    let kept = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(1);
        used > cells - 1
    });
    let mut end = kept.map_or(text.len(), |(at, _)| at);
    while width(&text[..end]) > cells - 1 {
        end = text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// `text` in at most `cells`; what is cut off at its beginning is marked by `…`.
#[must_use]
pub fn fit_end(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let tail = |at: usize| &text[at..];
    let begin = text.char_indices().map(|(at, _)| at).find(|at| width(tail(*at)) < cells);
    match begin {
        Some(at) => Cow::Owned(format!("…{}", tail(at))),
        None => Cow::Borrowed(if cells == 0 { "" } else { "…" }),
    }
}

/// `text` without what would move the cursor or change the terminal: control characters become `·`.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_harmful) {
        Cow::Owned(text.chars().map(|c| if is_harmful(c) { '·' } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a character would move the cursor, change the terminal or turn the text around.
#[must_use]
pub fn is_harmful(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` in lines of at most `cells`, broken at spaces; a word that is longer has a line of its own.
#[must_use]
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && width(&line) + 1 + width(word) > cells {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A count with its thousands apart: `12,345`.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut_and_marked() {
        assert_eq!(fit("payments", 8), "payments");
        assert_eq!(fit("payments", 5), "paym…");
        assert_eq!(fit("左右左右", 5), "左右…");
        assert_eq!(fit("左右左右", 4), "左…");
        assert_eq!(fit("x", 0), "");
        assert_eq!(fit_end("shop/web:2.1", 12), "shop/web:2.1");
        assert_eq!(fit_end("shop/web:2.1", 8), "…web:2.1");
        assert_eq!(fit_end("左右左右", 4), "…右");
        assert_eq!((fit_end("ab", 1), fit_end("ab", 0)), ("…".into(), "".into()));
    }

    #[test]
    fn what_would_move_the_cursor_is_shown_as_a_dot() {
        assert_eq!(printable("a\x1b[2Jb\nc"), "a·[2Jb·c");
        assert_eq!(printable("\u{202e}abc"), "·abc");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("a bc def", 4), ["a bc", "def"]);
        assert_eq!(wrap("unbreakable x", 4), ["unbreakable", "x"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }

    proptest::proptest! {
        #[test]
        fn a_fitted_text_fits(text in ".{0,40}", cells in 0usize..30) {
            proptest::prop_assert!(width(&fit(&text, cells)) <= cells);
            proptest::prop_assert!(width(&fit_end(&text, cells)) <= cells);
        }
    }
}
