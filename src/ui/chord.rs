//! Key chords: what is pressed together, written as people write it (`ctrl-d`, `shift-tab`, `G`).

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key with the modifiers held down.
///
/// A letter with shift is the capital letter: terminals report one or the other, this is always the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    /// A key and its modifiers, in the one form that compares equal.
    #[must_use]
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Chord {
        let mut modifiers = modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match code {
            KeyCode::Char(c) => {
                let shifted =
                    modifiers.contains(KeyModifiers::SHIFT) && !modifiers.contains(KeyModifiers::CONTROL);
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::Char(match c {
                    c if shifted => c.to_uppercase().next().unwrap_or(c),
                    // Terminals differ on the case of a letter under control.
                    c if modifiers.contains(KeyModifiers::CONTROL) => c.to_ascii_lowercase(),
                    c => c,
                })
            }
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        if code == KeyCode::BackTab {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        Chord { code, modifiers }
    }

    /// The character it types, if it types one.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }

    /// The key.
    #[must_use]
    pub fn code(self) -> KeyCode {
        self.code
    }

    /// Whether control is held.
    #[must_use]
    pub fn ctrl(self) -> bool {
        self.modifiers.contains(KeyModifiers::CONTROL)
    }
}

impl From<KeyEvent> for Chord {
    fn from(event: KeyEvent) -> Chord {
        Chord::new(event.code, event.modifiers)
    }
}

const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("space", KeyCode::Char(' ')),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
];

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-")] {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        if self.modifiers.contains(KeyModifiers::SHIFT) {
            f.write_str("shift-")?;
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "f{n}"),
            code => write!(f, "{code}"),
        }
    }
}

impl FromStr for Chord {
    type Err = String;

    fn from_str(text: &str) -> Result<Chord, String> {
        let unknown = || format!("\"{text}\" is not a key");
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        loop {
            let named = NAMED.iter().find(|(name, _)| *name == rest).map(|(_, code)| *code);
            let function =
                rest.strip_prefix('f').and_then(|n| n.parse().ok()).filter(|n| (1..=24).contains(n));
            let mut chars = rest.chars();
            let single = chars.next().filter(|_| chars.next().is_none()).map(KeyCode::Char);
            if let Some(code) = named.or(function.map(KeyCode::F)).or(single) {
                return Ok(Chord::new(code, modifiers));
            }
            let (modifier, tail) = rest.split_once('-').ok_or_else(unknown)?;
            modifiers |= match modifier {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => return Err(unknown()),
            };
            rest = tail;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chord_reads_back_as_it_is_written() {
        for text in [
            "ctrl-d",
            "G",
            "g",
            "space",
            "ctrl-space",
            "shift-tab",
            "esc",
            "-",
            "ctrl--",
            "/",
            "alt-x",
            "pgdn",
            "f1",
            "f",
        ] {
            let chord: Chord = text.parse().unwrap();
            assert_eq!(chord.to_string(), text);
        }
        assert!("hyper-x".parse::<Chord>().is_err());
        assert!("".parse::<Chord>().is_err());
    }

    #[test]
    fn the_ways_terminals_report_a_key_are_one_chord() {
        let shifted = Chord::new(KeyCode::Char('g'), KeyModifiers::SHIFT);
        assert_eq!(shifted, Chord::new(KeyCode::Char('G'), KeyModifiers::NONE));
        assert_eq!(shifted, Chord::new(KeyCode::Char('G'), KeyModifiers::SHIFT));
        assert_eq!("shift-n".parse::<Chord>(), "N".parse());
        assert_eq!(
            Chord::new(KeyCode::Tab, KeyModifiers::SHIFT),
            Chord::new(KeyCode::BackTab, KeyModifiers::NONE)
        );
    }
}
