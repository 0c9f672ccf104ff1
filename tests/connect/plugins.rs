//! Credential plugins: run once, without the terminal, within bounds, and told apart when they fail.

use std::path::Path;
use std::time::{Duration, Instant};

use kittiwake::cluster::Class;
use kittiwake::cluster::connect::{Limits, Options, whoami};

use super::connect_home::{Cluster, Home, connected, failure, who};
use super::connect_pki::Validity;
use super::connect_server::{Answer, echo, who as asker};

const V1: &str = "client.authentication.k8s.io/v1";
const FUTURE: &str = "2999-01-01T00:00:00Z";
const PAST: &str = "2020-01-01T00:00:00Z";

/// Prints a credential with this token, of version `api`.
fn says(api: &str, token: &str, more: &str) -> String {
    format!(
        "printf '%s' '{{\"apiVersion\":\"{api}\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"'{token}'\"{more}}}}}'"
    )
}

fn until(end: &str) -> String {
    format!(",\"expirationTimestamp\":\"{end}\"")
}

fn exec(command: &Path, more: &str) -> String {
    format!("{{exec: {{apiVersion: {V1}, command: '{}', interactiveMode: Never{more}}}}}", command.display())
}

/// A home with a plugin that does `script`, and the options to use it.
fn with_plugin(cluster: &Cluster, script: &str, more: &str) -> (Home, Options) {
    let home = Home::new();
    let command = home.plugin("plugin", script);
    let options = home.config(&cluster.entry(), &exec(&command, more));
    (home, options)
}

#[tokio::test]
async fn many_requests_share_one_run() {
    let cluster = Cluster::new(echo).await;
    let (home, options) = with_plugin(&cluster, &says(V1, "abc", &until(FUTURE)), "");
    let client = connected(&options).await.unwrap().client;
    let asked = futures_util::future::join_all((0..8).map(|_| whoami(client.clone()))).await;
    assert!(asked.iter().all(|who| who.as_deref() == Ok("abc")), "{asked:?}");
    assert_eq!(whoami(client).await.unwrap(), "abc");
    assert_eq!(home.runs("plugin").len(), 1);
}

#[tokio::test]
async fn it_goes_on_for_the_next_when_the_first_loses_interest() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let gate = home.path("gate");
    let wait = format!("while [ ! -e {} ]; do sleep 0.02; done; {}", gate.display(), says(V1, "abc", ""));
    let command = home.plugin("plugin", &wait);
    let client = connected(&home.config(&cluster.entry(), &exec(&command, ""))).await.unwrap().client;
    let first = tokio::spawn(whoami(client.clone()));
    while home.runs("plugin").is_empty() {
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
    first.abort();
    home.write("gate", "");
    assert_eq!(whoami(client).await.unwrap(), "abc");
    assert_eq!(home.runs("plugin").len(), 1);
}

#[tokio::test]
async fn what_has_expired_is_obtained_again() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let first = home.path("first");
    let script = format!(
        "if [ -e {0} ]; then {1}; else touch {0}; {2}; fi",
        first.display(),
        says(V1, "two", &until(FUTURE)),
        says(V1, "one", &until(PAST))
    );
    let command = home.plugin("plugin", &script);
    let client = connected(&home.config(&cluster.entry(), &exec(&command, ""))).await.unwrap().client;
    assert_eq!(whoami(client.clone()).await.unwrap(), "one", "the server judges, not our clock");
    assert_eq!(whoami(client.clone()).await.unwrap(), "two");
    assert_eq!(whoami(client).await.unwrap(), "two");
    assert_eq!(home.runs("plugin").len(), 2);
}

#[tokio::test]
async fn a_401_makes_it_run_once_more_and_not_in_a_loop() {
    let cluster =
        Cluster::new(|seen| if asker(seen) == "run-1" { Answer::unauthorized() } else { echo(seen) }).await;
    let count = "run-$(wc -l < \"$0.runs\" | tr -d ' ')";
    let (home, options) = with_plugin(&cluster, &says(V1, &format!("\"{count}\""), &until(FUTURE)), "");
    let client = connected(&options).await.unwrap().client;
    assert_eq!(whoami(client).await.unwrap(), "run-2", "the request went out again");
    assert_eq!(home.runs("plugin").len(), 2);

    let never = Cluster::new(|_| Answer::unauthorized()).await;
    let (home, options) = with_plugin(&never, &says(V1, &format!("\"{count}\""), &until(FUTURE)), "");
    let client = connected(&options).await.unwrap().client;
    for _ in 0..5 {
        assert_eq!(whoami(client.clone()).await.unwrap_err().class, Class::Unauthorized);
    }
    assert_eq!(home.runs("plugin").len(), 2);
}

#[tokio::test]
async fn it_is_told_what_is_wanted() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let script = format!("[ \"$1 $COLOUR\" = 'a b blue' ] && [ ! -t 0 ] && {}", says(V1, "told", ""));
    let command = home.plugin("plugin", &script);
    let more = ", args: [a b], env: [{name: COLOUR, value: blue}], provideClusterInfo: true";
    let more_cluster = ", tls-server-name: kubernetes, extensions: [{name: client.authentication.k8s.io/exec, \
                        extension: {audience: x}}]";
    let options = home.config(&cluster.entry_with(more_cluster), &exec(&command, more));
    assert_eq!(who(&options).await.unwrap(), "told");
    let info: serde_json::Value = serde_json::from_str(&home.runs("plugin")[0]).unwrap();
    assert_eq!(info["apiVersion"], V1);
    assert_eq!(info["kind"], "ExecCredential");
    assert_eq!(info["spec"]["interactive"], false);
    let told = &info["spec"]["cluster"];
    assert_eq!(told["server"], format!("https://{}", cluster.server.address));
    assert_eq!(told["tls-server-name"], "kubernetes");
    assert_eq!(told["config"]["audience"], "x");
    assert!(!told["certificate-authority-data"].as_str().unwrap().is_empty());

    let (home, options) = with_plugin(&cluster, &says(V1, "told", ""), "");
    who(&options).await.unwrap();
    assert!(!home.runs("plugin")[0].contains("cluster"), "only when it asks for it");
}

#[tokio::test]
async fn a_command_with_a_slash_is_relative_to_the_kubeconfig() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    home.plugin("plugin", &says(V1, "near", ""));
    let options = home.config(&cluster.entry(), &exec(Path::new("./plugin"), ""));
    assert_eq!(who(&options).await.unwrap(), "near");
}

#[tokio::test]
async fn certificates_that_it_answers_are_used_and_their_change_makes_new_connections() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let (one, two) = (cluster.client(Validity::Now), cluster.client(Validity::Now));
    for (name, pair) in [("one", &one), ("two", &two)] {
        let end = if name == "one" { PAST } else { FUTURE };
        let answer = serde_json::json!({ "apiVersion": V1, "kind": "ExecCredential", "status": {
            "clientCertificateData": pair.certificate, "clientKeyData": pair.key, "expirationTimestamp": end } });
        home.write(name, &answer.to_string());
    }
    let script =
        "d=$(dirname \"$0\"); if [ -e $d/first ]; then cat $d/two; else touch $d/first; cat $d/one; fi";
    let command = home.plugin("plugin", script);
    let client = connected(&home.config(&cluster.entry(), &exec(&command, ""))).await.unwrap().client;
    for _ in 0..3 {
        assert_eq!(whoami(client.clone()).await.unwrap(), "certificate");
    }
    let seen = cluster.server.seen();
    assert_eq!(seen.iter().map(|seen| seen.connection).collect::<Vec<_>>(), [0, 1, 1]);
    assert_eq!(seen[0].certificate.as_deref(), Some(&*one.chain()[0]));
    assert_eq!(seen[1].certificate.as_deref(), Some(&*two.chain()[0]));
    assert_eq!(home.runs("plugin").len(), 2);
}

#[tokio::test]
async fn a_plugin_that_is_missing_comes_with_its_hint() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let hint = ", installHint: \"Install it:\\n\\n  \\e[1mbrew\\e[0m install kubelogin\\n\"";
    let options = home.config(&cluster.entry(), &exec(Path::new("kw-no-such-plugin"), hint));
    assert_eq!(
        failure(&options).await,
        "asking who I am: credential plugin \"kw-no-such-plugin\" is not installed; Install it: brew install kubelogin"
    );
    let options = home.config(&cluster.entry(), &exec(Path::new("kw-no-such-plugin"), ""));
    assert!(failure(&options).await.ends_with("install it, and see that PATH leads to it"));
    home.write("flat", "text");
    let options = home.config(&cluster.entry(), &exec(&home.path("flat"), ""));
    assert!(failure(&options).await.ends_with("cannot be run: permission denied; is it executable?"));
    let command = home.write("odd", "#!/no/such/interpreter\n");
    std::fs::set_permissions(&command, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let options = home.config(&cluster.entry(), &exec(&command, ""));
    assert!(
        failure(&options)
            .await
            .ends_with("its first line names does not exist; install that, or mend the line")
    );
}

#[tokio::test]
async fn a_plugin_that_fails_is_quoted_by_its_last_line() {
    let cluster = Cluster::new(echo).await;
    let script = "echo noise >&2; printf '\\033[31mError: token has expired\\033[0m\\n\\n' >&2; exit 255";
    let (home, options) = with_plugin(&cluster, script, "");
    let client = connected(&options).await.unwrap().client;
    let error = whoami(client.clone()).await.unwrap_err();
    assert_eq!(error.class, Class::Credentials);
    let line = error.to_string();
    assert!(
        line.contains("/plugin\" failed (exit status 255): Error: token has expired; log in with it"),
        "{line}"
    );
    assert_eq!(whoami(client).await.unwrap_err(), error);
    assert_eq!(home.runs("plugin").len(), 1, "a failure is believed for a moment");
    assert!(cluster.server.seen().is_empty());
}

#[tokio::test]
async fn a_failure_is_forgotten_when_a_person_tries_again() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let script = format!("[ -e {} ] && {}", home.path("login").display(), says(V1, "abc", ""));
    let command = home.plugin("plugin", &script);
    let connection = connected(&home.config(&cluster.entry(), &exec(&command, ""))).await.unwrap();
    assert!(whoami(connection.client.clone()).await.is_err());
    home.write("login", "");
    connection.forget_credentials();
    assert_eq!(whoami(connection.client).await.unwrap(), "abc");
}

#[tokio::test]
async fn a_plugin_that_never_ends_is_stopped_with_all_that_it_started() {
    let cluster = Cluster::new(echo).await;
    let script = "echo $$ > \"$0.self\"; sleep 1000 & echo $! > \"$0.child\"; wait";
    let (home, mut options) = with_plugin(&cluster, script, "");
    options.limits = Limits { plugin: Duration::from_millis(400), ..Limits::default() };
    let line = failure(&options).await;
    assert!(line.contains("did not answer within 0.4 s and was stopped; run it by hand"), "{line}");
    let gone = async |name: &str, zombie_will_do: bool| {
        let id = std::fs::read_to_string(home.path(name)).unwrap();
        while let Ok(state) = std::fs::read_to_string(format!("/proc/{}/stat", id.trim())) {
            if zombie_will_do && state.contains(") Z ") {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let all_gone = async {
        gone("plugin.self", false).await;
        // Its parent is whoever adopts orphans here, and it may take its time.
        gone("plugin.child", true).await;
    };
    tokio::time::timeout(Duration::from_secs(10), all_gone).await.unwrap();
}

#[tokio::test]
async fn a_plugin_that_chatters_does_no_harm() {
    let cluster = Cluster::new(echo).await;
    let noise = "head -c 5000000 /dev/zero | tr '\\0' 'x'";
    let (_home, options) = with_plugin(&cluster, &format!("{noise} >&2; {}", says(V1, "abc", "")), "");
    assert_eq!(who(&options).await.unwrap(), "abc");
    let (_home, options) = with_plugin(&cluster, noise, "");
    assert!(
        failure(&options)
            .await
            .ends_with("printed too much to be an answer; run it by hand to see what it prints")
    );
    let (_home, options) = with_plugin(&cluster, &format!("{noise} >&2; exit 3"), "");
    let line = failure(&options).await;
    assert!(line.len() < 1000 && line.contains("(exit status 3): xxx"), "{line}");
}

#[tokio::test]
async fn what_a_plugin_leaves_behind_is_not_waited_for() {
    let cluster = Cluster::new(echo).await;
    // The background process keeps both pipes open.
    let script = format!("sleep 30 & echo $! > \"$0.child\"; {}", says(V1, "abc", ""));
    let (home, options) = with_plugin(&cluster, &script, "");
    let start = Instant::now();
    assert_eq!(who(&options).await.unwrap(), "abc");
    assert!(start.elapsed() < Duration::from_secs(10));
    let child = std::fs::read_to_string(home.path("plugin.child")).unwrap();
    std::process::Command::new("kill").arg(child.trim()).status().unwrap();
}

#[tokio::test]
async fn answers_that_are_none_are_told_without_their_secrets() {
    let cluster = Cluster::new(echo).await;
    for (script, expected) in [
        (":".to_owned(), "printed no answer"),
        ("echo s3cret".to_owned(), "printed something that is not an ExecCredential; run it by hand"),
        (
            says("client.authentication.k8s.io/v1beta1", "s3cret", ""),
            "answered in client.authentication.k8s.io/v1beta1, but was asked in client.authentication.k8s.io/v1; set",
        ),
        (says(V1, "", ""), "answered with neither a token nor a certificate"),
        ("kill -9 $$".to_owned(), "failed (killed)"),
    ] {
        let (_home, options) = with_plugin(&cluster, &script, "");
        let line = failure(&options).await;
        assert!(line.contains(expected), "{line}");
        assert!(!line.contains("s3cret"), "{line}");
    }
}

#[tokio::test]
async fn the_older_version_is_spoken_and_the_oldest_is_refused() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let beta = "client.authentication.k8s.io/v1beta1";
    let command = home.plugin("plugin", &says(beta, "abc", ""));
    let user = |api: &str| format!("{{exec: {{apiVersion: {api}, command: '{}'}}}}", command.display());
    assert_eq!(who(&home.config(&cluster.entry(), &user(beta))).await.unwrap(), "abc");
    let line = failure(&home.config(&cluster.entry(), &user("client.authentication.k8s.io/v1alpha1"))).await;
    assert!(
        line.contains("v1alpha1\", which no one speaks; get a new kubeconfig for this cluster"),
        "{line}"
    );
    let line = failure(&home.config(&cluster.entry(), &user("''"))).await;
    assert!(line.starts_with("exec of user \"u\" in the kubeconfig has no apiVersion"), "{line}");
    let line = failure(&home.config(&cluster.entry(), &format!("{{exec: {{apiVersion: {V1}}}}}"))).await;
    assert!(line.ends_with("names no command"), "{line}");
}

#[tokio::test]
async fn a_token_beside_it_keeps_it_from_running() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let command = home.plugin("plugin", &says(V1, "plugin", ""));
    let user = exec(&command, "").replacen('{', "{token: inline, ", 1);
    assert_eq!(who(&home.config(&cluster.entry(), &user)).await.unwrap(), "inline");
    assert!(home.runs("plugin").is_empty());
}
