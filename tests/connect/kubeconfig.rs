//! Which files are read, how they are merged, and what is said when they cannot be used.

use std::ffi::OsString;
use std::path::Path;

use kittiwake::cluster::connect::{Environment, Kubeconfig, Options};
use kittiwake::cluster::{Class, Error};

use super::connect_home::{Cluster, Home, connected, failure, who};
use super::connect_server::echo;

/// A kubeconfig with a context `NAME`, its cluster and its user, the token being `FILE-NAME`.
fn text(file: &str, names: &[&str], current: &str) -> String {
    let list = |entry: &dyn Fn(&str) -> String| names.iter().map(|name| entry(name)).collect::<String>();
    format!(
        "current-context: \"{current}\"\nclusters:\n{}users:\n{}contexts:\n{}",
        list(&|name| format!("- {{name: {name}, cluster: {{server: 'https://{file}-{name}:6443'}}}}\n")),
        list(&|name| format!("- {{name: {name}, user: {{token: {file}-{name}}}}}\n")),
        list(&|name| format!("- {{name: {name}, context: {{cluster: {name}, user: {name}}}}}\n")),
    )
}

fn list(paths: &[&Path]) -> Options {
    let joined: OsString = std::env::join_paths(paths).unwrap();
    let environment = Environment { kubeconfig: Some(joined), ..Environment::default() };
    Options { environment, ..Options::default() }
}

fn refused(options: &Options) -> String {
    let Err(error) = Kubeconfig::load(options) else { panic!("it loads") };
    assert_eq!(error.class, Class::Config);
    assert!(!error.to_string().contains(['\n', '\u{1b}']), "{error:?}");
    error.to_string()
}

async fn target_error(options: &Options) -> Error {
    connected(options).await.err().unwrap()
}

#[test]
fn the_first_file_that_says_something_wins_and_missing_ones_are_only_noted() {
    let home = Home::new();
    let first = home.write("first", &text("one", &["red", "blue"], ""));
    let second = home.write("second", &text("two", &["red", "green"], "green"));
    let options = list(&[&first, &home.path("gone"), &second, &first]);
    let loaded = Kubeconfig::load(&options).unwrap();
    assert_eq!(loaded.current(), Some("green"), "an empty current-context says nothing");
    let contexts = loaded.contexts();
    let servers: Vec<_> = contexts.iter().map(|context| (&*context.name, &*context.server)).collect();
    let expected = [
        ("red", "https://one-red:6443"),
        ("blue", "https://one-blue:6443"),
        ("green", "https://two-green:6443"),
    ];
    assert_eq!(servers, expected);
    assert_eq!(loaded.warnings().len(), 1);
    assert!(loaded.warnings()[0].ends_with("gone, which does not exist"), "{:?}", loaded.warnings());
}

#[test]
fn the_flag_wins_over_the_variable_and_that_over_the_home_directory() {
    let home = Home::new();
    std::fs::create_dir(home.path(".kube")).unwrap();
    home.write(".kube/config", &text("home", &["a"], "a"));
    let variable = home.write("variable", &text("variable", &["a"], "a"));
    let flag = home.write("flag", &text("flag", &["a"], "a"));
    let mut options = list(&[&variable]);
    options.environment.home = Some(home.path(""));
    options.kubeconfig = Some(flag);
    let server = |options: &Options| Kubeconfig::load(options).unwrap().contexts()[0].server.clone();
    assert_eq!(server(&options), "https://flag-a:6443");
    options.kubeconfig = None;
    assert_eq!(server(&options), "https://variable-a:6443");
    options.environment.kubeconfig = None;
    assert_eq!(server(&options), "https://home-a:6443");
}

#[test]
fn no_kubeconfig_says_so_and_what_to_do() {
    let home = Home::new();
    let nothing = Options::default();
    assert!(
        refused(&nothing)
            .starts_with("no kubeconfig: there is no home directory; name one with --kubeconfig FILE")
    );
    let mut options = Options::default();
    options.environment.home = Some(home.path(""));
    assert!(refused(&options).contains("/.kube/config does not exist; name one with --kubeconfig FILE"));
    let missing = Options { kubeconfig: Some(home.path("x")), ..Options::default() };
    assert!(refused(&missing).ends_with("/x does not exist; check --kubeconfig"));
    let all = refused(&list(&[&home.path("x"), &home.path("y")]));
    assert!(all.starts_with("no kubeconfig: KUBECONFIG names "), "{all}");
    assert!(all.contains("/y, which does not exist"), "{all}");
}

#[test]
fn what_is_not_a_kubeconfig_is_told_by_file_and_line_without_its_content() {
    let home = Home::new();
    let load = |path| refused(&Options { kubeconfig: Some(path), ..Options::default() });
    assert!(
        load(home.write("empty", ""))
            .ends_with("/empty has no contexts; --kubeconfig FILE or KUBECONFIG names another")
    );
    let broken = load(home.write("broken", "users:\n- name: a\n  user: {token: s3cret\nclusters: [\n"));
    assert!(broken.contains("/broken is malformed at line "), "{broken}");
    assert!(!broken.contains("s3cret"), "{broken}");
    let list = load(home.write("list", "- s3cret\n- b\n"));
    assert!(list.contains("/list is malformed") && !list.contains("s3cret"), "{list}");
    let wrong = load(home.write("wrong", "users: s3cret\n"));
    assert!(wrong.contains("/wrong is malformed") && !wrong.contains("s3cret"), "{wrong}");
    std::fs::create_dir(home.path("dir")).unwrap();
    let directory = load(home.path("dir"));
    assert!(directory.contains("/dir is a directory, not a file; mend it, or name another"), "{directory}");
    std::fs::write(home.path("binary"), b"\x7fELF\xff\xfe\x00").unwrap();
    assert!(load(home.path("binary")).contains("/binary is not text; "));
    let odd = load(home.write("odd\n\u{1b}[31m", "x: ["));
    assert!(odd.contains("/odd is malformed"), "{odd}");
}

#[test]
fn text_of_other_systems_is_read() {
    let home = Home::new();
    let text = text("win", &["a"], "a").replace('\n', "\r\n");
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    std::fs::write(home.path("utf16"), bytes).unwrap();
    for path in [home.write("crlf", &text), home.write("bom", &format!("\u{feff}{text}")), home.path("utf16")]
    {
        let loaded = Kubeconfig::load(&Options { kubeconfig: Some(path), ..Options::default() }).unwrap();
        assert_eq!(loaded.contexts()[0].server, "https://win-a:6443");
    }
}

#[tokio::test]
async fn a_context_that_is_not_there_comes_with_those_nearest_to_it() {
    let home = Home::new();
    let names = ["production", "staging", "dev", "test", "kind", "minikube", "edge"];
    let path = home.write("config", &text("x", &names, "gone"));
    let mut options = Options { kubeconfig: Some(path), ..Options::default() };
    options.context = Some("prod".into());
    let error = target_error(&options).await.to_string();
    assert!(error.starts_with("no context \"prod\" in /"), "{error}");
    assert!(error.contains("choose with --context: production, "), "{error}");
    assert!(error.ends_with(", 2 more"), "{error}");
    options.context = None;
    let error = target_error(&options).await.to_string();
    assert!(error.starts_with("current-context names no context that is there: \"gone\""), "{error}");
}

#[tokio::test]
async fn a_context_that_names_what_is_missing_says_which() {
    let home = Home::new();
    let config = |context: &str, current: &str| {
        let text = format!(
            "current-context: {current}\ncontexts: [{{name: a, context: {context}}}]\nclusters: [{{name: c, cluster: {{}}}}]\n"
        );
        Options { kubeconfig: Some(home.write("config", &text)), ..Options::default() }
    };
    let error = target_error(&config("{cluster: x, user: u}", "a")).await.to_string();
    assert!(
        error.starts_with("context \"a\" names the cluster \"x\", which is not there; check /"),
        "{error}"
    );
    let error = target_error(&config("{cluster: c, user: u}", "a")).await.to_string();
    assert!(error.starts_with("context \"a\" names the user \"u\", which is not there"), "{error}");
    let error = target_error(&config("{cluster: c}", "a")).await.to_string();
    assert_eq!(error, "cluster \"c\" has no server; check its server in the kubeconfig");
    let error = target_error(&config("{cluster: c}", "''")).await.to_string();
    assert!(error.contains("sets no current-context; choose with --context: a"), "{error}");
}

#[tokio::test]
async fn paths_are_relative_to_the_file_they_stand_in() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    std::fs::create_dir_all(home.path("deep/certs")).unwrap();
    home.write("deep/certs/ca.crt", &cluster.authority.pem());
    home.write("deep/token", "from-a-file\n");
    let text = format!(
        "current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\nusers: [{{name: u, user: \
         {{tokenFile: token}}}}]\nclusters: [{{name: c, cluster: {{server: 'https://{}', certificate-authority: \
         certs/ca.crt}}}}]",
        cluster.server.address
    );
    let options = Options { kubeconfig: Some(home.write("deep/config", &text)), ..Options::default() };
    assert_eq!(who(&options).await.unwrap(), "from-a-file");
}

#[tokio::test]
async fn a_pod_uses_its_service_account() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    home.write("token", "pod-token\n");
    home.write("ca.crt", &cluster.authority.pem());
    home.write("namespace", "team\n");
    let environment = Environment {
        home: Some(home.path("nowhere")),
        service_host: Some("127.0.0.1".into()),
        service_port: Some(cluster.server.address.port().to_string()),
        service_account: home.path(""),
        ..Environment::default()
    };
    let options = Options { environment, ..Options::default() };
    assert_eq!(who(&options).await.unwrap(), "pod-token");
    let connection = connected(&options).await.unwrap();
    assert_eq!((connection.namespace.as_deref(), &*connection.context), (Some("team"), "in-cluster"));
    // A context that was asked for is not there: no falling back.
    let asked = Options { context: Some("prod".into()), ..options };
    assert!(failure(&asked).await.starts_with("no context \"prod\" in the pod's service account"));
}

#[test]
fn thousands_of_contexts_are_no_trouble() {
    let home = Home::new();
    let names: Vec<String> = (0..3000).map(|index| format!("ctx-{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let path = home.write("config", &text("big", &names, "ctx-7"));
    let loaded = Kubeconfig::load(&list(&[&path, &home.write("other", &text("x", &names, ""))])).unwrap();
    assert_eq!(loaded.contexts().len(), 3000);
}
