//! Plugins that need a person: they get the terminal when the runtime lends it, and never otherwise.

use kittiwake::cluster::Class;
use kittiwake::cluster::connect::{Connection, Lease, Options, TerminalRequest, whoami};
use tokio::sync::mpsc;

use super::connect_home::{Cluster, Home, connected_with, failure};
use super::connect_server::echo;

const SAYS: &str = "printf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\
                    \"status\":{\"token\":\"%s\"}}' abc";

/// Fails unless it is told that a person is there.
fn needs_a_person() -> String {
    format!(
        "case \"$KUBERNETES_EXEC_INFO\" in *'\"interactive\":true'*) {SAYS};; *) echo 'log in first' >&2; exit 1;; esac"
    )
}

fn user(home: &Home, mode: &str) -> String {
    format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', interactiveMode: {mode}}}}}",
        home.path("plugin").display()
    )
}

async fn serving(options: &Options) -> (Connection, mpsc::Receiver<TerminalRequest>) {
    let (sender, requests) = mpsc::channel(1);
    (connected_with(options, sender).await.unwrap(), requests)
}

#[tokio::test]
async fn one_that_always_needs_a_person_runs_while_the_terminal_is_lent() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    home.plugin("plugin", &needs_a_person());
    let (connection, mut requests) = serving(&home.config(&cluster.entry(), &user(&home, "Always"))).await;
    let asking = tokio::spawn(whoami(connection.client.clone()));
    let request = requests.recv().await.unwrap();
    assert!(request.program.ends_with("/plugin"));
    assert_eq!(request.reason, "");
    assert!(home.runs("plugin").is_empty(), "it waits for the terminal");
    let (lease, end) = Lease::new();
    request.grant.send(lease).unwrap();
    end.await;
    assert_eq!(asking.await.unwrap().unwrap(), "abc");
    let runs = home.runs("plugin");
    assert!(runs.len() == 1 && runs[0].contains("\"interactive\":true"), "{runs:?}");
}

#[tokio::test]
async fn one_that_may_need_a_person_is_first_run_without() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    home.plugin("plugin", &needs_a_person());
    let (connection, mut requests) =
        serving(&home.config(&cluster.entry(), &user(&home, "IfAvailable"))).await;
    let asking = tokio::spawn(whoami(connection.client.clone()));
    let request = requests.recv().await.unwrap();
    assert_eq!(request.reason, "log in first");
    let (lease, end) = Lease::new();
    request.grant.send(lease).unwrap();
    end.await;
    assert_eq!(asking.await.unwrap().unwrap(), "abc");
    assert_eq!(home.runs("plugin").len(), 2);
}

#[tokio::test]
async fn a_refusal_is_kept_until_a_person_asks_again() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    home.plugin("plugin", &needs_a_person());
    let (connection, mut requests) = serving(&home.config(&cluster.entry(), &user(&home, "Always"))).await;
    let asking = tokio::spawn(whoami(connection.client.clone()));
    drop(requests.recv().await.unwrap());
    let error = asking.await.unwrap().unwrap_err();
    assert_eq!(error.class, Class::Credentials);
    assert!(
        error.to_string().contains("needs a terminal, and there is none; run kubectl with this context once")
    );
    assert_eq!(whoami(connection.client.clone()).await.unwrap_err(), error);
    assert!(requests.try_recv().is_err(), "nobody is asked twice");
    connection.forget_credentials();
    let asking = tokio::spawn(whoami(connection.client.clone()));
    let (lease, end) = Lease::new();
    requests.recv().await.unwrap().grant.send(lease).unwrap();
    end.await;
    assert_eq!(asking.await.unwrap().unwrap(), "abc");
}

#[tokio::test]
async fn off_a_terminal_each_says_what_it_needed() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    home.plugin("plugin", &needs_a_person());
    let line = failure(&home.config(&cluster.entry(), &user(&home, "Always"))).await;
    assert!(line.contains("needs a terminal, and there is none"), "{line}");
    assert!(home.runs("plugin").is_empty());
    let line = failure(&home.config(&cluster.entry(), &user(&home, "IfAvailable"))).await;
    assert!(line.contains("failed (exit status 1): log in first"), "{line}");
}
