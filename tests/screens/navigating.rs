//! From one table to the next, and back.

use kittiwake::app::{Effect, Msg, Scope};
use kittiwake::cluster::{Class, Link};
use serde_json::json;

use crate::harness::{Screen, error, pod, some_pods};

#[test]
fn the_first_frame_is_there_before_anything_was_heard() {
    let mut screen = Screen::start("pods", Scope::All, (100, 8));
    insta::assert_snapshot!(screen.text());
    assert_eq!(screen.take_effects(), [Effect::Connect("prod".into())]);
}

#[test]
fn enter_drills_down_and_esc_comes_back_to_the_same_row() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("j j enter");
    let (_, selection) = screen.watching();
    assert_eq!(selection.kind.plural, "containers");
    assert_eq!(selection.fields, "metadata.name=worker-5c9d8-x8kfw");
    assert!(screen.shows("prod ▸ all namespaces ▸ pods ▸ worker-5c9d8-x8kfw ▸ containers"));
    screen.press("esc");
    assert!(screen.highlighted().contains("worker-5c9d8-x8kfw"));
    assert!(screen.line("▸").contains("● live"), "the table beneath was fed all along");
}

#[test]
fn esc_at_the_first_table_stays_and_q_leaves() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("esc");
    assert!(!screen.app.has_quit());
    screen.press("q");
    assert!(screen.app.has_quit());
}

#[test]
fn the_palette_goes_to_kinds_namespaces_and_filters() {
    let mut screen = Screen::live("pods", (100, 14), &some_pods());
    screen.press(":");
    screen.type_text("po");
    insta::assert_snapshot!(screen.text());
    screen.type_text(" shop /cart");
    screen.press("enter");
    let (_, selection) = screen.watching();
    assert_eq!(selection.namespace.as_deref(), Some("shop"));
    screen.sync(&[pod(4, "shop", "cart-79f6b-9wz4t", 10), pod(5, "shop", "web-1", 10)]);
    assert!(screen.shows("prod ▸ shop ▸ pods"));
    assert!(screen.shows("cart-79f6b-9wz4t") && !screen.shows("web-1"));
    assert!(!screen.shows("NAMESPACE"), "one namespace needs no column");
}

#[test]
fn zero_shows_all_namespaces() {
    let mut screen = Screen::start("pods", Scope::OfContext, (100, 12));
    screen.connect();
    assert_eq!(screen.watching().1.namespace.as_deref(), Some("default"));
    screen.press("0");
    assert_eq!(screen.watching().1.namespace, None);
    assert_eq!(screen.open.len(), 1, "the watch before is closed");
}

#[test]
fn the_context_decides_the_namespace_unless_it_was_named() {
    let mut screen = Screen::start("pods", Scope::OfContext, (100, 12));
    screen.tell(Msg::Connected {
        namespace: Some("payments".into()),
        user: String::new(),
        insecure: false,
        warnings: Vec::new(),
    });
    assert_eq!(screen.watching().1.namespace.as_deref(), Some("payments"));
}

#[test]
fn another_context_begins_anew() {
    let mut screen = Screen::live("pods", (100, 14), &some_pods());
    screen.press(":");
    screen.type_text("ctx");
    screen.press("enter");
    insta::assert_snapshot!(screen.text());
    screen.press("j enter");
    assert!(screen.take_effects().contains(&Effect::Connect("staging".into())));
    assert!(screen.shows("staging ▸") && !screen.shows("api-66b47"), "nothing of the other cluster stays");
    screen.press(":");
    screen.type_text("ctx nowhere");
    screen.press("enter");
    assert!(screen.shows("there is no context \"nowhere\""));
}

#[test]
fn what_is_far_down_the_stack_is_not_watched_and_comes_back_when_needed() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    for _ in 0..6 {
        screen.press(":");
        screen.type_text("pods");
        screen.press("enter");
        screen.sync(&some_pods());
    }
    assert_eq!(screen.open.len(), 3);
    screen.press("esc esc esc");
    assert!(screen.open.len() <= 3);
    let (_, selection) = screen.watching();
    assert_eq!(selection.kind.plural, "pods");
}

#[test]
fn what_a_closed_watch_still_says_is_not_shown() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    let (old, _) = screen.watching();
    screen.press(":");
    screen.type_text("ns shop");
    screen.press("enter");
    let rows = screen.rows(kittiwake::resources::find("pods").unwrap(), &some_pods());
    let deltas = rows.into_iter().map(kittiwake::cluster::Delta::Upsert).collect();
    screen.tell(Msg::Batch(kittiwake::cluster::Batch { watch: old, deltas }));
    assert!(!screen.shows("api-66b47"));
}

#[test]
fn forbidden_everywhere_falls_back_to_a_namespace_and_says_so() {
    let mut screen = Screen::start("pods", Scope::All, (120, 10));
    screen.tell(Msg::Connected {
        namespace: Some("viewer-ns".into()),
        user: "viewer".into(),
        insecure: false,
        warnings: Vec::new(),
    });
    screen.link(Link::Refused(error(Class::Forbidden, "listing pods is forbidden for viewer")));
    assert_eq!(screen.watching().1.namespace.as_deref(), Some("viewer-ns"));
    assert!(screen.shows("listing pods in all namespaces is forbidden; this is viewer-ns"));
    screen.link(Link::Refused(error(Class::Forbidden, "listing pods in viewer-ns is forbidden for viewer")));
    assert_eq!(screen.open.len(), 1, "and no further");
    assert!(screen.line("▸").contains("✗ forbidden"));
}

#[test]
fn the_version_and_the_user_are_asked_for_once_the_first_rows_are_there() {
    let mut screen = Screen::start("pods", Scope::All, (120, 10));
    screen.connect();
    assert!(!screen.take_effects().contains(&Effect::Identify));
    screen.sync(&some_pods());
    assert!(screen.take_effects().contains(&Effect::Identify));
    screen.tell(Msg::Version("v1.37.2".into()));
    screen.tell(Msg::User("alice@example.com".into()));
    assert!(screen.line("▸").ends_with("● live · v1.37.2 · alice@example.com"));
}

#[test]
fn a_row_that_leads_nowhere_says_so() {
    let event = json!({
        "metadata": {"name": "e.1", "namespace": "shop", "uid": "u"},
        "involvedObject": {"kind": "Widget", "name": "w"}, "reason": "Made", "message": "made",
    });
    let mut screen = Screen::live("events", (100, 12), &[event]);
    assert!(!screen.line("? help").contains("enter open"));
    screen.press("enter");
    assert!(screen.shows("leads nowhere"));
}

#[test]
fn enter_on_a_container_leads_to_its_log() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("enter");
    screen.sync(&[pod(1, "payments", "api-66b47-2q6h2", 600)]);
    screen.press("enter");
    assert!(screen.shows("▸ containers ▸ app ▸ logs"), "{}", screen.text());
}
