//! The colours that a text brings along: SGR sequences are read, every other escape sequence is passed over.
//!
//! Nothing of a sequence is ever shown or handed on, so that no text can do anything to the terminal.

use ratatui::style::{Color, Modifier, Style};

/// How far a sequence may reach; one that is longer is cut there.
const LONGEST: usize = 256;

/// Tells the pieces between the escape sequences of `text` in order, each with its style, until one is not wanted.
pub fn pieces(text: &[u8], mut each: impl FnMut(&[u8], Style) -> bool) {
    let (mut rest, mut style) = (text, Style::new());
    loop {
        let end = memchr::memchr(ESCAPE, rest).unwrap_or(rest.len());
        if end > 0 && !each(&rest[..end], style) || end == rest.len() {
            return;
        }
        rest = &rest[end + 1..];
        let (length, parameters) = sequence(rest);
        if let Some(parameters) = parameters {
            style = changed(style, parameters);
        }
        rest = &rest[length..];
    }
}

const ESCAPE: u8 = 0x1b;

/// How long the sequence is whose escape character `text` follows, and its parameters if it is one of SGR.
fn sequence(text: &[u8]) -> (usize, Option<&[u8]>) {
    let within = &text[..text.len().min(LONGEST)];
    match within.first() {
        Some(b'[') => {
            let end = within.iter().skip(1).position(|byte| !(0x20..=0x3f).contains(byte));
            let Some(end) = end.map(|end| end + 1) else { return (within.len(), None) };
            let parameters = &within[1..end];
            match within[end] {
                b'm' => (end + 1, Some(parameters)),
                0x40..=0x7e => (end + 1, None),
                _ => (end, None),
            }
        }
        // A string for the terminal: up to BEL, or to the escape character that ends it.
        Some(b']' | b'P' | b'X' | b'^' | b'_') => {
            match within.iter().position(|byte| matches!(*byte, 0x07 | ESCAPE)) {
                Some(end) if within[end] == 0x07 => (end + 1, None),
                Some(end) => (end + if within.get(end + 1) == Some(&b'\\') { 2 } else { 0 }, None),
                None => (within.len(), None),
            }
        }
        Some(0x20..=0x2f) => (within.len().min(2), None),
        Some(0x30..=0x7e) => (1, None),
        _ => (0, None),
    }
}

/// The style after these parameters of SGR (ECMA-48, 8.3.117, and xterm's colours).
fn changed(mut style: Style, parameters: &[u8]) -> Style {
    let number = |text: &[u8]| match text {
        [] => Some(0u16),
        text => std::str::from_utf8(text).ok()?.parse().ok(),
    };
    let mut numbers = parameters.split(|byte| matches!(byte, b';' | b':')).map(number);
    while let Some(parameter) = numbers.next() {
        style = match parameter {
            Some(0) => Style::new(),
            Some(1) => style.add_modifier(Modifier::BOLD),
            Some(2) => style.add_modifier(Modifier::DIM),
            Some(3) => style.add_modifier(Modifier::ITALIC),
            Some(4) => style.add_modifier(Modifier::UNDERLINED),
            Some(7) => style.add_modifier(Modifier::REVERSED),
            Some(9) => style.add_modifier(Modifier::CROSSED_OUT),
            Some(22) => without(style, Modifier::BOLD | Modifier::DIM),
            Some(23) => without(style, Modifier::ITALIC),
            Some(24) => without(style, Modifier::UNDERLINED),
            Some(27) => without(style, Modifier::REVERSED),
            Some(29) => without(style, Modifier::CROSSED_OUT),
            Some(code @ (30..=37 | 90..=97)) => style.fg(sixteen(code)),
            Some(code @ (40..=47 | 100..=107)) => style.bg(sixteen(code - 10)),
            Some(38) => Style { fg: extended(&mut numbers).or(style.fg), ..style },
            Some(48) => Style { bg: extended(&mut numbers).or(style.bg), ..style },
            Some(39) => Style { fg: None, ..style },
            Some(49) => Style { bg: None, ..style },
            _ => style,
        };
    }
    style
}

fn without(style: Style, gone: Modifier) -> Style {
    Style { add_modifier: style.add_modifier - gone, ..style }
}

/// The colour of 30 to 37 and 90 to 97.
fn sixteen(code: u16) -> Color {
    let code = code as u8;
    Color::Indexed(if code >= 90 { code - 90 + 8 } else { code - 30 })
}

/// The colour that follows 38 or 48: `5;n`, or `2;r;g;b`.
fn extended(numbers: &mut impl Iterator<Item = Option<u16>>) -> Option<Color> {
    let mut byte = || numbers.next().flatten().and_then(|number| u8::try_from(number).ok());
    match byte()? {
        5 => byte().map(Color::Indexed),
        2 => Some(Color::Rgb(byte()?, byte()?, byte()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<(String, Style)> {
        let mut out = Vec::new();
        pieces(text, |piece, style| {
            out.push((String::from_utf8_lossy(piece).into_owned(), style));
            true
        });
        out
    }

    #[test]
    fn colours_and_weights_are_read() {
        let plain = Style::new();
        assert_eq!(
            all(b"a\x1b[1;31mb\x1b[38;5;208mc\x1b[48;2;1;2;3md\x1b[0me\x1b[92mf\x1b[mg"),
            [
                ("a".into(), plain),
                ("b".into(), plain.fg(Color::Indexed(1)).add_modifier(Modifier::BOLD)),
                ("c".into(), plain.fg(Color::Indexed(208)).add_modifier(Modifier::BOLD)),
                (
                    "d".into(),
                    plain.fg(Color::Indexed(208)).bg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::BOLD)
                ),
                ("e".into(), plain),
                ("f".into(), plain.fg(Color::Indexed(10))),
                ("g".into(), plain),
            ]
        );
    }

    #[test]
    fn what_would_do_something_to_the_terminal_is_passed_over() {
        for harmful in
            ["\x1b[2J", "\x1b]52;c;aGk=\x07", "\x1b]0;title\x1b\\", "\x1bc", "\x1b(0", "\x1b[?1049h"]
        {
            let texts: Vec<String> =
                all(format!("a{harmful}b").as_bytes()).into_iter().map(|piece| piece.0).collect();
            assert_eq!(texts, ["a", "b"], "{harmful:?}");
        }
        assert_eq!(all(b"a\x1b["), [("a".into(), Style::new())]);
    }

    proptest::proptest! {
        #[test]
        fn no_escape_character_is_left_in_any_piece(
            text in proptest::collection::vec(proptest::prop_oneof![
                proptest::prelude::Just(b'\x1b'), proptest::prelude::Just(b'['), proptest::prelude::Just(b'm'),
                proptest::prelude::any::<u8>(),
            ], 0..80),
        ) {
            pieces(&text, |piece, _| {
                assert!(!piece.contains(&ESCAPE));
                true
            });
        }
    }
}
