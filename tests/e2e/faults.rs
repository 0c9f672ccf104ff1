//! The control plane goes away and comes back.

use std::collections::BTreeMap;

use crate::lab::{Churn, alone, eventually, kubectl, lab, screen};

/// The API server is away until this is dropped.
struct Away;

impl Away {
    fn begin() -> Away {
        lab(&["stop", "kube-apiserver"]);
        Away
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        lab(&["start", "kube-apiserver"]);
    }
}

#[test]
fn rows_stay_while_the_server_is_away_and_are_right_when_it_is_back() {
    let _alone = alone();
    let mut kw = screen(&["pods", "-n", "team-2"], (140, 60));
    let rows = |text: &str| text.matches("Running").count();
    let all = rows(&kubectl(&["get", "pods", "-n", "team-2"]));
    let (before, _) = kw.wait("live rows", |screen| screen.contains("● live") && rows(screen) == all);
    let server = Away::begin();
    let (away, _) = kw.wait("the badge", |screen| screen.contains("↻ reconnecting, data"));
    assert_eq!(rows(&away), rows(&before), "{away}");
    kw.send("jj");
    kw.wait("keys are taken", |screen| screen.lines().nth(5).is_some_and(|line| line.contains('▌')));
    drop(server);
    kw.send("\x12");
    kw.wait("recovery", |screen| screen.contains("● live") && rows(screen) == rows(&before));
    kubectl(&["scale", "deployment", "--all", "--replicas=0", "-n", "team-2"]);
    kw.wait("changes arrive again", |screen| rows(screen) < rows(&before));
    kw.send("q");
    assert_eq!(kw.wait_for_end().0, 0);
}

/// Of each pod that some text shows, what does not pass while one looks: readiness, status and count of restarts.
fn pods(text: &str) -> BTreeMap<String, Vec<String>> {
    let row = |line: &str| {
        // On screen the shape of the health stands before the name.
        let row = line.split(['✗', '◐', '✓', '○']).next_back()?;
        let mut words = row.split_whitespace().map(str::to_owned);
        let (name, rest) = (words.next()?, words.take(3).collect::<Vec<String>>());
        rest.first().is_some_and(|ready| ready.contains('/')).then_some((name, rest))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn a_server_that_restarts_under_load_costs_no_row_and_no_change() {
    let _alone = alone();
    let mut kw = screen(&["pods", "-n", "team-3"], (160, 60));
    let names = |text: &str| pods(text).into_keys().collect::<Vec<String>>();
    let all = names(&kubectl(&["get", "pods", "-n", "team-3"]));
    let (before, _) = kw.wait("live rows", |screen| screen.contains("● live") && names(screen) == all);
    let churn = Churn::start("team-3");
    kw.wait("changes", |screen| pods(screen) != pods(&before));
    let server = Away::begin();
    let (away, _) = kw.wait("the badge", |screen| screen.contains("↻ reconnecting, data"));
    assert_eq!(names(&away), all, "{away}");
    drop(server);
    let (back, _) = kw.wait("recovery by itself", |screen| screen.contains("● live"));
    assert_eq!(names(&back), all, "{back}");
    kw.wait("changes again", |screen| pods(screen) != pods(&back));
    drop(churn);
    eventually("the screen and kubectl agree", || {
        let (ours, theirs) = (pods(&kw.text()), pods(&kubectl(&["get", "pods", "-n", "team-3"])));
        if ours == theirs { Ok(()) } else { Err(format!("kw: {ours:?}\nkubectl: {theirs:?}")) }
    });
    kw.send("q");
    assert_eq!(kw.wait_for_end().0, 0);
}
