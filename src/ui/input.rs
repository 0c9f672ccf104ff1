//! A line of text that is being typed.

use crossterm::event::KeyCode;
use unicode_width::UnicodeWidthStr;

use super::chord::Chord;

/// Text and a cursor in it. Edits as a shell's line does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    /// Byte offset, always on a character boundary.
    cursor: usize,
}

impl Input {
    /// Longest text that it takes, in bytes: a pasted novel does no harm.
    const LIMIT: usize = 4096;

    /// Text with the cursor behind it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Input {
        let text = text.into();
        Input { cursor: text.len(), text }
    }

    /// What is typed so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the cursor stands, in terminal columns from the start of the text.
    #[must_use]
    pub fn column(&self) -> usize {
        self.text[..self.cursor].width()
    }

    /// Puts text in at the cursor, as far as it fits; control characters are left out.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.text.len() + c.len_utf8() <= Self::LIMIT {
                self.text.insert(self.cursor, c);
                self.cursor += c.len_utf8();
            }
        }
    }

    /// Takes a key; tells whether it meant anything here.
    pub fn handle(&mut self, chord: Chord) -> bool {
        if let Some(c) = chord.typed() {
            self.insert(c.encode_utf8(&mut [0; 4]));
            return true;
        }
        match (chord.code(), chord.ctrl()) {
            (KeyCode::Backspace, false) | (KeyCode::Char('h'), true) => self.delete_to(self.before()),
            (KeyCode::Char('w'), true) => self.delete_to(self.word_start()),
            (KeyCode::Char('u'), true) => self.delete_to(0),
            (KeyCode::Char('k'), true) => self.text.truncate(self.cursor),
            (KeyCode::Delete, false) | (KeyCode::Char('d'), true) => {
                if self.cursor < self.text.len() {
                    self.text.remove(self.cursor);
                }
            }
            (KeyCode::Left, false) | (KeyCode::Char('b'), true) => self.cursor = self.before(),
            (KeyCode::Right, false) | (KeyCode::Char('f'), true) => self.cursor = self.after(),
            (KeyCode::Home, false) | (KeyCode::Char('a'), true) => self.cursor = 0,
            (KeyCode::End, false) | (KeyCode::Char('e'), true) => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].char_indices().next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..].chars().next().map_or(self.cursor, |c| self.cursor + c.len_utf8())
    }

    fn word_start(&self) -> usize {
        let head = self.text[..self.cursor].trim_end();
        head.rfind(char::is_whitespace)
            .map_or(0, |at| at + head[at..].chars().next().map_or(0, char::len_utf8))
    }

    fn delete_to(&mut self, start: usize) {
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[&str]) -> Input {
        let mut input = Input::default();
        for key in keys {
            input.handle(key.parse().unwrap());
        }
        input
    }

    #[test]
    fn it_edits_as_a_shell_does() {
        assert_eq!(typed(&["a", "b", "left", "x"]).text(), "axb");
        assert_eq!(typed(&["a", "space", "b", "c", "ctrl-w", "d"]).text(), "a d");
        assert_eq!(typed(&["a", "b", "ctrl-a", "delete"]).text(), "b");
        assert_eq!(typed(&["a", "b", "ctrl-u"]).text(), "");
        assert_eq!(typed(&["é", "左", "left", "backspace"]).text(), "左");
    }

    #[test]
    fn the_cursor_counts_terminal_columns() {
        assert_eq!(Input::new("a左").column(), 3);
    }

    proptest::proptest! {
        #[test]
        fn no_sequence_of_keys_breaks_it(keys in proptest::collection::vec(0usize..14, 0..60)) {
            let all = ["a", "é", "左", "space", "left", "right", "home", "end", "backspace", "delete",
                       "ctrl-w", "ctrl-u", "ctrl-k", "ctrl-d"];
            let input = typed(&keys.iter().map(|at| all[*at]).collect::<Vec<_>>());
            proptest::prop_assert!(input.text.is_char_boundary(input.cursor));
        }
    }
}
