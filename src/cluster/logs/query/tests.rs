//! Filters as people type them.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::cluster::logs::{Role, Source, SourceId, SourceState, Stamp, parse};

fn line(text: &[u8]) -> Line<'_> {
    Line { number: 1, source: SourceId(0), at: Stamp(0), level: parse::level(text), notice: false, text }
}

fn sources() -> Vec<SourceEntry> {
    let source = Source {
        namespace: "shop".into(),
        pod: "web-7df9c".into(),
        container: "proxy".into(),
        role: Role::App,
        one_of_many: true,
    };
    vec![SourceEntry { source: Arc::new(source), state: SourceState::Live, lines: 0 }]
}

fn passes(query: &str, text: &str) -> bool {
    Query::parse(query).unwrap().matches(&line(text.as_bytes()), &sources())
}

const PLAIN: &str = "ERROR request failed id=7 path=/checkout/12 status=502 took=3012ms size=3Ki";
const JSON: &str = r#"{"level":"info","msg":"Access","status":200,"took":"1m0.5s","http":{"method":"GET"},"user":"Alice B"}"#;

#[test]
fn terms_ask_what_they_say() {
    for (query, plain, json) in [
        ("", true, true),
        ("!", true, true),
        ("FAILED", true, false),
        ("request /id=\\d/", true, false),
        ("!request", false, true),
        ("\"request failed\"", true, false),
        ("\"failed request\"", false, false),
        ("/^error/", true, false),
        (r"/\Aerror/", true, false),
        ("!/checkout$/", true, true),
        ("level>=warn", true, false),
        ("level>=w", true, false),
        ("level=info", false, true),
        ("!level<error", true, false),
        ("level!=info", true, false),
        ("source:web", true, true),
        ("source:prox", true, true),
        ("pod:proxy", false, false),
        ("container:PROXY !pod:api", true, true),
        ("status>=500", true, false),
        ("status<500", false, true),
        ("status=200", false, true),
        ("status!=200", true, false),
        ("status==200.0", false, true),
        ("nothing!=1", false, false),
        ("!nothing=1", true, true),
        ("took>3s", true, true),
        ("took>=1m", false, true),
        ("took<60.5s", true, false),
        ("took>1000", true, false),
        ("size>3000B", true, false),
        ("size>1s", false, false),
        ("path~check", true, false),
        ("path!~^/cart", true, false),
        ("http.method=get", false, true),
        ("user=\"alice b\"", false, true),
        ("user>alex", false, false),
        ("status>", true, true),
        ("level>=warn status>=500 path~checkout", true, false),
    ] {
        assert_eq!((passes(query, PLAIN), passes(query, JSON)), (plain, json), "{query}");
    }
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (query, at, part) in [
        ("ok /(a/", 4, "unclosed group"),
        ("level>=high", 7, "there are the levels"),
        ("x !path~[", 8, "unclosed character class"),
        (r"/\w{900}{900}/", 1, "too large"),
    ] {
        let error = Query::parse(query).unwrap_err();
        assert_eq!(error.at, at, "{query}: {error}");
        assert!(error.message.contains(part), "{query}: {error}");
    }
}

#[test]
fn what_is_found_can_be_shown() {
    let mut places = Vec::new();
    Query::parse("an !x /N./ status>1").unwrap().highlights(b"banana", |place| places.push(place));
    assert_eq!(places, [1..3, 3..5, 2..4, 4..6]);
}

#[test]
fn a_notice_is_no_line() {
    let notice = Line { notice: true, ..line(b"ended") };
    assert!(!Query::parse("ended").unwrap().matches(&notice, &[]));
    assert!(Query::default().matches(&notice, &[]));
}

proptest! {
    #[test]
    fn any_text_is_a_filter_or_a_mistake_in_it(
        query in "[!/\"a-z0-9><=~. \\\\(\\[é]{0,30}",
        text in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        match Query::parse(&query) {
            Ok(query) => {
                let _ = query.matches(&line(&text), &sources());
                query.highlights(&text, |place| assert!(place.end <= text.len()));
            }
            Err(error) => prop_assert!(query.is_char_boundary(error.at)),
        }
    }
}
