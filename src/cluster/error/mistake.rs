//! What a panic means: a mistake in this program, told like any other failure by whoever caught it.

use std::any::Any;

use super::text::{QUOTE, one_line};
use super::{Class, Error};

impl Error {
    /// The failure that a caught panic is.
    #[must_use]
    pub(crate) fn from_panic(panic: &(dyn Any + Send)) -> Error {
        Error::new(Class::Internal, format!("a mistake in kw: {}", words(panic)))
            .advise("ctrl-r tries again; please report it")
    }
}

/// What a panic had to say, on one line.
#[must_use]
pub(crate) fn words(panic: &(dyn Any + Send)) -> String {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text.as_str(),
        (None, None) => "it panicked",
    };
    one_line(text, QUOTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_in_its_own_words() {
        let caught = |work: fn()| std::panic::catch_unwind(work).unwrap_err();
        let error = Error::from_panic(&*caught(|| panic!("row {}\nis odd", 7)));
        assert_eq!(error.message, "a mistake in kw: row 7 is odd");
        assert!(!error.may_pass(), "the same again would fail again");
        assert_eq!(words(&*caught(|| panic!("plain"))), "plain");
        assert_eq!(words(&*caught(|| std::panic::panic_any(7))), "it panicked");
    }
}
