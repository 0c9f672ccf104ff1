//! What was said to the person, and until when it stands in the last line.

use std::collections::VecDeque;

use crate::resources::Time;

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// What a newcomer should know: it stands until a key is pressed.
    Hint,
    /// Good to know.
    Info,
    /// Something failed.
    Error,
}

/// One message.
#[derive(Debug, Clone)]
pub struct Message {
    /// When it was said.
    pub at: Time,
    /// How much it matters.
    pub level: Level,
    /// What it says, one line.
    pub text: String,
}

/// The last messages.
#[derive(Debug, Default)]
pub struct Messages {
    said: VecDeque<Message>,
    shown_until: Option<Time>,
}

impl Messages {
    /// How many are kept.
    const KEPT: usize = 500;

    /// Says something: it stands in the last line for some seconds.
    pub fn say(&mut self, at: Time, level: Level, text: impl Into<String>) {
        if self.said.len() == Self::KEPT {
            self.said.pop_front();
        }
        let seconds = match level {
            Level::Hint => i64::MAX,
            Level::Info => 5,
            Level::Error => 12,
        };
        self.shown_until = Some(Time(at.0.saturating_add(seconds)));
        self.said.push_back(Message { at, level, text: text.into() });
    }

    /// The message that stands in the last line now.
    #[must_use]
    pub fn current(&self, now: Time) -> Option<&Message> {
        self.shown_until.filter(|until| now < *until).and_then(|_| self.said.back())
    }

    /// When the message in the last line goes by itself.
    #[must_use]
    pub fn expires(&self) -> Option<Time> {
        self.shown_until.filter(|until| *until < Time(i64::MAX))
    }

    /// Takes the message from the last line, if it is time or `now` is `None`; tells whether there was one.
    pub fn dismiss(&mut self, now: Option<Time>) -> bool {
        let due = self.shown_until.is_some_and(|until| now.is_none_or(|now| now >= until));
        if due {
            self.shown_until = None;
        }
        due
    }

    /// All that are kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.said.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stands_for_some_seconds_and_is_kept() {
        let mut messages = Messages::default();
        messages.say(Time(100), Level::Info, "hello");
        assert_eq!(messages.current(Time(104)).map(|m| &*m.text), Some("hello"));
        assert!(messages.current(Time(105)).is_none());
        assert!(messages.dismiss(Some(Time(105))));
        assert!(!messages.dismiss(Some(Time(106))));
        assert_eq!(messages.iter().count(), 1);
    }

    #[test]
    fn a_hint_stands_until_it_is_dismissed() {
        let mut messages = Messages::default();
        messages.say(Time(100), Level::Hint, "look here");
        assert_eq!((messages.expires(), messages.dismiss(Some(Time(1 << 40)))), (None, false));
        assert!(messages.current(Time(1 << 40)).is_some());
        assert!(messages.dismiss(None));
    }

    #[test]
    fn the_history_is_bounded() {
        let mut messages = Messages::default();
        for n in 0..2000 {
            messages.say(Time(n), Level::Info, n.to_string());
        }
        assert_eq!(messages.iter().count(), Messages::KEPT);
        assert_eq!(messages.iter().next_back().map(|m| &*m.text), Some("1999"));
    }
}
