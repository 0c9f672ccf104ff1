//! What the filter languages of tables and of logs share: where a term went wrong, and regular expressions between
//! slashes.

/// Why a text is not a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TermError {
    /// Where in the text, in bytes from its start; on a character's boundary.
    pub at: usize,
    /// What is wrong there, in a few words.
    pub message: String,
}

impl TermError {
    /// The same mistake, in a text that begins so many bytes earlier.
    #[must_use]
    pub fn behind(self, bytes: usize) -> TermError {
        TermError { at: self.at + bytes, ..self }
    }
}

/// Most memory that a regular expression may take up, in bytes. Patterns that people type need a few kilobytes.
pub const PATTERN_LIMIT: usize = 1 << 20;

/// What precedes the `end` (a slash, a quote) that ends a pattern, and the length with that end. After a backslash it
/// belongs to the pattern.
#[must_use]
pub fn until(text: &str, end: u8) -> (&str, usize) {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            byte if byte == end && !escaped => return (&text[..at], at + 1),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    (text, text.len())
}

/// What is wrong with a pattern that does not compile. The compiler tells it in a drawing over several lines; the
/// parser behind it knows the place.
#[must_use]
pub fn explain(pattern: &str) -> TermError {
    let (at, message) = match regex_syntax::Parser::new().parse(pattern) {
        Err(regex_syntax::Error::Parse(error)) => (error.span().start.offset, error.kind().to_string()),
        Err(regex_syntax::Error::Translate(error)) => (error.span().start.offset, error.kind().to_string()),
        _ => (0, "regular expression is too large".to_owned()),
    };
    TermError { at, message }
}
