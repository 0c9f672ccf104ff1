//! Text that others wrote (servers, plugins, proxies), made fit for one line of a terminal.

/// The longest text of another program's that is quoted in an error, in characters.
pub(crate) const QUOTE: usize = 300;

/// `text` on one line of at most `limit` characters: escape sequences and control characters are gone, white space is
/// one space, and what was cut is marked with an ellipsis.
#[must_use]
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit * 4));
    let mut count = 0;
    let mut gap = false;
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' || char == '\u{9b}' {
            skip_escape(char, &mut chars);
            continue;
        }
        if char.is_whitespace() || char.is_control() {
            gap = count > 0;
            continue;
        }
        if is_invisible(char) {
            continue;
        }
        if count + usize::from(gap) + 1 > limit {
            line.push('…');
            return line;
        }
        if std::mem::take(&mut gap) {
            line.push(' ');
            count += 1;
        }
        line.push(char);
        count += 1;
    }
    line
}

/// The last line of `output` that says something, on one line.
pub(crate) fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    text.lines().map(|line| one_line(line, QUOTE)).rfind(|line| !line.is_empty()).unwrap_or_default()
}

/// Takes the rest of an escape sequence: `ESC [ parameters final`, `ESC ] text BEL`, or `ESC` and one character.
fn skip_escape(start: char, rest: &mut std::str::Chars<'_>) {
    let kind = if start == '\u{9b}' { Some('[') } else { rest.next() };
    match kind {
        Some('[') => {
            let _ = rest.find(|char| ('\u{40}'..='\u{7e}').contains(char));
        }
        Some(']' | 'P' | '_' | '^' | 'X') => {
            let mut escaped = false;
            let _ = rest.find(|&char| {
                let end = char == '\u{7}' || (escaped && char == '\\');
                escaped = char == '\u{1b}';
                end
            });
        }
        _ => {}
    }
}

/// Characters that take no room and can reorder or hide what stands around them.
const fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_control_characters_are_gone() {
        assert_eq!(one_line("\u{1b}[31mred\u{1b}[0m\r\n\tand\u{7} more\n", 99), "red and more");
        assert_eq!(one_line("a\u{1b}]0;title\u{7}b\u{1b}]8;;x\u{1b}\\c", 99), "abc");
        assert_eq!(one_line("user\u{202e}nimda\u{200b}", 99), "usernimda");
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        assert_eq!(one_line("abc def", 7), "abc def");
        assert_eq!(one_line("abc defg", 7), "abc def…");
        assert_eq!(one_line("abc defg", 3), "abc…");
    }

    #[test]
    fn the_last_line_that_says_something_is_found() {
        assert_eq!(last_line(b"warning\nError: no login\n\n \n"), "Error: no login");
        assert_eq!(last_line(b""), "");
    }
}
