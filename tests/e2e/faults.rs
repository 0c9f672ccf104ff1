//! The control plane goes away and comes back.

use crate::lab::{alone, kubectl, lab, screen};

#[test]
fn rows_stay_while_the_server_is_away_and_are_right_when_it_is_back() {
    let _alone = alone();
    let mut kw = screen(&["pods", "-n", "team-2"], (140, 40));
    let (before, _) = kw.wait("live rows", |screen| screen.contains("● live") && screen.contains("Running"));
    let rows = |screen: &str| screen.matches("Running").count();
    lab(&["stop", "kube-apiserver"]);
    let (away, _) = kw.wait("the badge", |screen| screen.contains("↻ reconnecting, data"));
    assert_eq!(rows(&away), rows(&before), "{away}");
    kw.send("jj");
    kw.wait("keys are taken", |screen| screen.lines().nth(5).is_some_and(|line| line.contains('▌')));
    lab(&["start", "kube-apiserver"]);
    kw.send("\x12");
    kw.wait("recovery", |screen| screen.contains("● live") && rows(screen) == rows(&before));
    kubectl(&["scale", "deployment", "--all", "--replicas=0", "-n", "team-2"]);
    kw.wait("changes arrive again", |screen| rows(screen) < rows(&before));
    kw.send("q");
    assert_eq!(kw.wait_for_end().0, 0);
}
