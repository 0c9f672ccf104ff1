//! Who may do what, with the server's own word for it.

use std::process::Output;

use crate::lab::{alone, eventually, kubectl, kw, screen, screen_as};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

/// The one line that a failure ends in.
fn failure(config: &str, args: &[&str]) -> String {
    let output = kw(config, args);
    assert_eq!(output.status.code(), Some(1), "{config}: {output:?}");
    let said = said(&output);
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn every_good_credential_works() {
    let _alone = alone();
    for config in ["admin", "token", "exec", "tlsname", "insecure"] {
        let output = kw(config, &["nodes", "--once"]);
        assert!(output.status.success(), "{config}: {}", said(&output));
        assert!(String::from_utf8_lossy(&output.stdout).contains("node-1"), "{config}");
    }
    let output = kw("viewer", &["pods", "-n", "viewer-ns", "--once"]);
    assert!(output.status.success(), "viewer: {}", said(&output));
}

#[test]
fn every_bad_credential_is_told_apart_in_one_line() {
    let _alone = alone();
    let list = ["pods", "-n", "default", "--once"];
    let cases = [("badtoken", "401"), ("expired", "expired"), ("untrusted", "certificate")];
    for (config, word) in cases {
        let said = failure(config, &list);
        assert!(said.to_lowercase().contains(word), "{config}: {said}");
    }
    let said = failure("viewer", &["pods", "-A", "--once"]);
    assert!(said.contains("forbidden for viewer; name a namespace"), "{said}");
    let said = failure("viewer", &["nodes", "--once"]);
    assert!(said.ends_with("forbidden for viewer; ask for the \"list\" verb on nodes"), "{said}");
}

#[test]
fn impersonation_is_the_servers() {
    let _alone = alone();
    let said = failure("admin", &["pods", "-A", "--once", "--as", "viewer"]);
    assert!(said.contains("forbidden") && said.contains("viewer"), "{said}");
    let output = kw("admin", &["pods", "-A", "--once", "--as", "nobody", "--as-group", "system:masters"]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn contexts_are_switched_on_screen() {
    let _alone = alone();
    let mut kw = screen_as("contexts", &["nodes", "--context", "lab"], (120, 20));
    kw.wait("nodes", |screen| screen.contains("node-1") && screen.contains("● live"));
    kw.send(":ctx token\r");
    kw.wait("nodes through a token", |screen| {
        screen.contains(" token ▸") && screen.contains("node-1") && screen.contains("system:serviceaccount")
    });
    kw.send(":ctx down\r");
    kw.wait("a server that is not there", |screen| screen.contains("refused"));
    kw.send(":ctx lab\r");
    kw.wait("back", |screen| screen.contains("node-1") && screen.contains("● live"));
}

#[test]
fn somebody_with_few_rights_is_taken_to_where_they_may_look() {
    let _alone = alone();
    let mut kw = screen_as("viewer", &["pods", "-A"], (140, 20));
    kw.wait_for("listing pods in all namespaces is forbidden");
    kw.wait_for("forbidden for viewer");
    kw.send(":ns viewer-ns\r");
    kw.wait("the namespace that is allowed", |screen| {
        screen.contains("viewer-ns ▸ pods") && screen.contains("● live")
    });
}

#[test]
fn what_may_be_listed_and_not_watched_is_shown_as_not_live() {
    let _alone = alone();
    kubectl(&["delete", "clusterrole,clusterrolebinding", "lister", "--ignore-not-found"]);
    kubectl(&["create", "clusterrole", "lister", "--verb=list", "--resource=pods"]);
    kubectl(&["create", "clusterrolebinding", "lister", "--clusterrole=lister", "--user=lister"]);
    let mut kw = screen(&["pods", "-n", "team-1", "--as", "lister"], (160, 60));
    kw.wait("rows, and why they are not live", |screen| {
        screen.contains("◷ not live, listed every 30s: forbidden")
            && screen.contains("watching pods in team-1 is forbidden for lister")
            && screen.contains("Running")
    });
    kubectl(&["delete", "clusterrole", "lister"]);
    kubectl(&["create", "clusterrole", "lister", "--verb=list,watch", "--resource=pods"]);
    eventually("it is live when it may be", || {
        kw.send("\x12");
        if kw.text().contains("● live") { Ok(()) } else { Err(kw.text()) }
    });
}
