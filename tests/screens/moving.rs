//! The highlighted row is the object it was, whatever happens around it.

use kittiwake::app::Scope;
use serde_json::Value;

use crate::harness::{Screen, crashing, pod, some_pods, uid};

fn many(n: usize) -> Vec<Value> {
    (0..n).map(|n| pod(n + 100, "payments", &format!("pod-{n:03}"), 3600)).collect()
}

#[test]
fn a_table_of_pods() {
    let mut screen = Screen::live("pods", (120, 12), &some_pods());
    insta::assert_snapshot!(screen.text());
}

#[test]
fn the_highlight_follows_the_object_when_rows_come_go_and_move() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("j j");
    assert!(screen.highlighted().contains("worker-5c9d8-x8kfw"));
    screen.upsert(&[pod(9, "aaa", "first", 10)]);
    assert!(screen.highlighted().contains("worker-5c9d8-x8kfw"));
    screen.delete(&uid(1));
    assert!(screen.highlighted().contains("worker-5c9d8-x8kfw"));
    screen.press("A");
    assert!(screen.highlighted().contains("worker-5c9d8-x8kfw"));
    screen.sync(&[pod(3, "payments", "worker-5c9d8-x8kfw", 45), pod(7, "zzz", "last", 1)]);
    assert!(screen.highlighted().contains("worker-5c9d8-x8kfw"));
}

#[test]
fn when_the_highlighted_object_goes_its_neighbour_is_highlighted() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("j");
    screen.delete(&uid(2));
    assert!(screen.highlighted().contains("worker-5c9d8-x8kfw"));
    screen.press("G");
    screen.delete(&uid(4));
    assert!(screen.highlighted().contains("worker-5c9d8-x8kfw"));
}

#[test]
fn an_object_recreated_under_the_same_name_is_another_object() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("j");
    screen.delete(&uid(2));
    screen.upsert(&[pod(12, "payments", "api-7df9c-r2m9x", 1)]);
    assert!(!screen.highlighted().contains("api-7df9c-r2m9x"));
}

#[test]
fn someone_who_scrolled_keeps_looking_at_the_same_lines() {
    let mut screen = Screen::live("pods", (100, 14), &many(100));
    screen.press("ctrl-f ctrl-f ctrl-f");
    let before = screen.text();
    screen.upsert(&[pod(1, "aaa", "early", 3600)]);
    let lines = |text: &str| text.lines().skip(3).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&before), lines(&screen.text()));
}

#[test]
fn the_first_and_last_rows_are_reached_and_not_passed() {
    let mut screen = Screen::live("pods", (100, 14), &many(100));
    screen.press("k");
    assert!(screen.highlighted().contains("pod-000"));
    screen.press("G j");
    assert!(screen.highlighted().contains("pod-099"));
    assert!(screen.shows("pod-090"), "the last page is full");
    screen.press("g");
    assert!(screen.highlighted().contains("pod-000"));
}

#[test]
fn a_filter_that_matches_nothing_highlights_nothing() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("/");
    screen.type_text("zzz");
    assert!(!screen.shows("▌"));
    assert!(screen.shows("none of 4 pods matches"));
    screen.press("esc");
    assert!(screen.shows("▌"));
}

#[test]
fn a_filter_narrows_while_it_is_typed() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("/");
    screen.type_text("api");
    insta::assert_snapshot!(screen.text());
    screen.press("enter");
    assert!(screen.line("4 pods").contains("/api · 2 shown"));
    screen.press("esc");
    assert!(screen.shows("worker"), "esc clears a filter before it leaves");
}

#[test]
fn only_what_is_unhealthy() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("ctrl-z");
    assert!(screen.shows("api-7df9c-r2m9x") && !screen.shows("worker"));
    screen.upsert(&[crashing(pod(3, "payments", "worker-5c9d8-x8kfw", 45), 2)]);
    assert!(screen.shows("worker"), "what falls ill appears");
    screen.press("ctrl-z");
    assert!(screen.shows("cart"));
}

#[test]
fn sorting_is_by_value_and_again_flips_it() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("R");
    assert!(screen.shows("RESTARTS↓"));
    let text = screen.text();
    assert!(text.find("api-7df9c").unwrap() < text.find("cart").unwrap());
    assert!(screen.highlighted().contains("api-7df9c"), "nobody has chosen a row: the first is highlighted");
    screen.press("R");
    assert!(screen.shows("RESTARTS↑"));
    screen.press("A");
    let text = screen.text();
    assert!(text.find("worker").unwrap() < text.find("cart").unwrap(), "youngest first");
}

#[test]
fn any_column_can_be_chosen_to_sort_by() {
    let mut screen = Screen::live("pods", (100, 16), &some_pods());
    screen.press("S");
    insta::assert_snapshot!(screen.text());
    screen.press("S");
    assert!(screen.shows("STATUS↑"));
}

#[test]
fn the_name_is_never_the_first_to_be_cut() {
    let mut screen = Screen::live("pods", (200, 12), &some_pods());
    for width in (40..200).rev() {
        screen.resize(width, 10);
        assert!(screen.shows("api-7df9c-r2m9x"), "at {width}:\n{}", screen.text());
    }
}

#[test]
fn every_size_down_to_nothing_is_drawn() {
    let mut screen = Screen::live("pods", (80, 24), &some_pods());
    for keys in ["", "/", "esc", "S", "esc", "?", "esc", ":"] {
        screen.press(keys);
        for (width, height) in [(80, 24), (40, 10), (20, 5), (10, 3), (3, 2), (1, 1)] {
            screen.resize(width, height);
            screen.text();
        }
    }
}

#[test]
fn wide_columns_come_and_go() {
    let mut screen = Screen::live("pods", (200, 12), &some_pods());
    assert!(!screen.shows("NOMINATED NODE"));
    screen.press("ctrl-w");
    assert!(screen.shows("NOMINATED NODE") && screen.shows("READINESS GATES"));
}

#[test]
fn an_empty_namespace_says_how_to_see_more() {
    let mut screen = Screen::start("pods", Scope::OfContext, (80, 10));
    screen.connect();
    screen.sync(&[]);
    assert!(screen.shows("no pods in default · 0 shows all namespaces"));
}

#[test]
fn while_rows_arrive_the_first_is_highlighted_until_somebody_chooses() {
    use kittiwake::cluster::Delta;
    let mut screen = Screen::start("pods", Scope::All, (100, 12));
    screen.connect();
    screen.say(vec![Delta::Relist]);
    screen.upsert(&[pod(2, "shop", "b", 10)]);
    screen.upsert(&[pod(1, "shop", "a", 10)]);
    assert!(screen.highlighted().contains(" a "), "nobody has chosen");
    screen.press("j");
    screen.upsert(&[pod(3, "shop", "0", 10)]);
    assert!(screen.highlighted().contains(" b "), "somebody has");
    screen.say(vec![Delta::Synced]);
    assert!(screen.highlighted().contains(" b "));
}

#[test]
fn rows_come_in_the_servers_order_in_which_a_slash_ends_a_namespace() {
    let mut screen = Screen::live("pods", (100, 12), &[pod(1, "shop", "a", 10), pod(2, "shop-eu", "b", 10)]);
    let text = screen.text();
    assert!(text.find("shop-eu").unwrap() < text.find(" shop ").unwrap(), "{text}");
}

#[test]
fn a_filter_that_cannot_be_read_says_so_and_the_one_before_stays() {
    let mut screen = Screen::live("pods", (100, 12), &some_pods());
    screen.press("/");
    screen.type_text("/ap[i/");
    assert!(screen.shows("api-66b47"), "{}", screen.text());
    insta::assert_snapshot!(screen.text().lines().last().unwrap());
    screen.press("enter");
    assert!(screen.text().lines().last().unwrap().contains("unclosed"), "it is not accepted");
    screen.press("ctrl-u");
    screen.type_text("!api !worker");
    assert!(screen.shows("cart") && !screen.shows("api-66b47") && !screen.shows("worker-"));
}
