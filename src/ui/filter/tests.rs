//! Filters over one row of each type of cell.

use proptest::prelude::*;

use super::*;
use crate::resources::{Health, Meta, Read, Resource, RowId, Symbol};

/// A row of no real kind.
#[derive(Debug, PartialEq)]
struct Line(Meta);

impl Resource for Line {
    const CELLS: &'static [Read<Self>] = &[
        |line| Cell::text(&line.0.name),
        |_| Cell::Status(Cow::Borrowed("CrashLoopBackOff"), Health::Failing),
        |_| Cell::Ratio(1, 2),
        |_| Cell::Restarts(37, Some(Time(-3600 * 5))),
        |_| Cell::Int(-42),
        |_| Cell::Age(Some(Time(-86_400 * 9))),
        |_| Cell::None,
        |_| Cell::Ranked(7, Cow::Borrowed("sidecar")),
        |_| Cell::Ip([10, 0, 0, 7].into()),
        |_| Cell::Text(Cow::Borrowed("Pulled image “café:1”")),
    ];

    fn meta(&self) -> &Meta {
        &self.0
    }

    fn health(&self) -> Health {
        Health::Failing
    }
}

fn line(namespace: &str, name: &str) -> Line {
    let (namespace, name) = (Symbol::from(namespace), Box::from(name));
    Line(Meta { id: RowId::of_uid("1"), namespace, name, created: None })
}

fn passes(filter: &str) -> bool {
    let row = line("payments", "ledger-7d9f");
    Filter::parse(filter).unwrap().matches(&row, Line::CELLS.len(), &mut String::new())
}

#[test]
fn a_word_is_found_anywhere_in_any_cell_in_any_case() {
    for word in ["ledger", "EDGER-7", "payments", "crashloop", "F", "café", "“", "sidecar"] {
        assert!(passes(word), "{word}");
    }
    for word in ["ledger7", "paymentss", "crash-loop"] {
        assert!(!passes(word), "{word}");
    }
}

#[test]
fn numbers_are_found_as_they_are_written() {
    for word in ["1/2", "1/", "37", "-42", "10.0.0.", ".7"] {
        assert!(passes(word), "{word}");
    }
    for word in ["2/1", "370", "--"] {
        assert!(!passes(word), "{word}");
    }
}

#[test]
fn what_changes_by_itself_and_what_is_not_there_is_not_found() {
    for word in ["9d", "5h", "ago", "none", "37 ("] {
        assert!(!passes(word), "{word}");
    }
}

#[test]
fn all_terms_must_hold() {
    assert!(passes("  ledger   crash "));
    assert!(!passes("ledger running"));
}

#[test]
fn an_exclamation_mark_turns_a_term_round() {
    assert!(passes("!running ledger"));
    assert!(!passes("!crash"));
    assert!(!passes("!/^ledger/"));
    assert!(passes("!!"), "no cell contains an exclamation mark");
}

#[test]
fn a_regular_expression_is_matched_cell_by_cell() {
    assert!(passes("/^ledger-[0-9a-f]{4}$/"));
    assert!(passes("/^crashloopbackoff$/"));
    assert!(passes("/image .*1/ ledger"), "spaces belong to it");
    assert!(passes(r"/^1\/2$/"), "an escaped slash belongs to it");
    assert!(passes("/^37$/"));
    assert!(!passes("/ledger.*crash/"));
    assert!(!passes("/(?-i)^crash/"));
}

#[test]
fn what_is_not_finished_yet_is_taken_as_far_as_it_goes() {
    for text in ["", "  ", "!", "/", "!/", "//"] {
        assert!(Filter::parse(text).unwrap().is_empty(), "{text:?}");
    }
    assert!(passes("/^ledger"));
    assert!(!passes("/^edger"));
    assert!(Filter::parse("").unwrap().into_predicate(1).is_none());
}

#[test]
fn an_error_tells_its_place_in_the_text() {
    let error = |text: &str| Filter::parse(text).unwrap_err();
    assert_eq!(error("café /a(b/"), FilterError { at: 8, message: "unclosed group".to_owned() });
    assert_eq!(error("!/[z-a]/").at, 3);
    assert_eq!(error("ok /\\p{Nonsense}/").at, 4);
    assert_eq!(error("/a{999}{999}{999}/").message, "regular expression is too large");
}

#[test]
fn figures_are_written_only_for_what_could_be_in_them() {
    let figures = |pattern: &str| {
        let Figures { number, ratio, address } = Pattern::new(pattern).unwrap().unwrap().figures;
        (number, ratio, address)
    };
    assert_eq!(figures("^pay.*00ff"), (false, false, false));
    assert_eq!(figures(r"^\d+$|ledger"), (true, true, true));
    assert_eq!(figures(r"[a-z]*1\/"), (false, true, false));
    assert_eq!(figures(r"(10\.)+"), (false, false, true));
    assert_eq!(figures(r"(?-u:[x-z])\b"), (false, false, false));
}

/// What patterns are made of.
const PIECES: &[&str] =
    &["0", "1", "a", "/", ".", "^", "$", "|", "?", "*", r"\d", r"\.", "[^0]", "[0-9a]", "(1|a)", r"\b"];

proptest! {
    #[test]
    fn a_pattern_that_matches_is_never_taken_for_one_that_cannot(
        pieces in proptest::collection::vec(prop::sample::select(PIECES), 1..7),
        text in "[-/.01]{0,6}",
    ) {
        let pattern = pieces.concat();
        if let (Ok(regex), Ok(parsed)) = (Regex::new(&pattern), regex_syntax::parse(&pattern)) {
            prop_assert!(!regex.is_match(&text) || may_match(&parsed, text.as_bytes()), "{:?}", pattern);
        }
    }

    #[test]
    fn any_text_is_a_filter_or_an_error_within_it(text in "[!/ab(é \\\\]{0,12}") {
        match Filter::parse(&text) {
            Ok(filter) => { let _ = filter.matches(&line("a", "b"), Line::CELLS.len(), &mut String::new()); }
            Err(error) => prop_assert!(text.is_char_boundary(error.at), "{:?}", error),
        }
    }

    #[test]
    fn a_word_is_found_where_a_plain_search_finds_it(text in "[abAB-]{0,12}", word in "[abAB-]{1,3}") {
        let plain = text.to_lowercase().contains(&word.to_lowercase());
        prop_assert_eq!(Word::new(&word).unwrap().is_in(&text), plain);
    }
}
