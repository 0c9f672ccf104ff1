//! Who the server sees: every way to say who one is that needs no other program.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kittiwake::cluster::Class;
use kittiwake::cluster::connect::{server_version, whoami};

use super::connect_home::{Cluster, Home, base64, connected, failure, who};
use super::connect_pki::Validity;
use super::connect_server::{Answer, Server, echo, who as asker};

#[tokio::test]
async fn tokens_logins_and_certificates_arrive() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    home.write("token", "from-file\n");
    let pair = cluster.client(Validity::Now);
    home.write("client.crt", &pair.certificate);
    home.write("client.key", &pair.key);
    let data = format!(
        "{{client-certificate-data: {}, client-key-data: {}}}",
        base64(&pair.certificate),
        base64(&pair.key)
    );
    for (user, expected) in [
        ("{}", "nobody"),
        ("{token: inline}", "inline"),
        ("{tokenFile: token}", "from-file"),
        ("{token: inline, tokenFile: token}", "from-file"),
        ("{token: inline, tokenFile: gone}", "inline"),
        ("{username: alice, password: 'pa:ss'}", "alice:pa:ss"),
        ("{client-certificate: client.crt, client-key: client.key}", "certificate"),
        (&*data, "certificate"),
        ("{client-certificate: client.crt, client-key: client.key, token: both}", "both"),
    ] {
        assert_eq!(who(&home.config(&cluster.entry(), user)).await.unwrap(), expected, "{user}");
    }
}

#[tokio::test]
async fn the_connection_says_what_it_is() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let connection = connected(&home.config(&cluster.entry(), "{token: t}")).await.unwrap();
    assert_eq!(server_version(connection.client.clone()).await.unwrap(), "v1.37.2");
    let names =
        (&*connection.context, &*connection.cluster, &*connection.user, connection.namespace.as_deref());
    assert_eq!(names, ("here", "c", "u", Some("ns")));
    assert_eq!(connection.server, format!("https://{}", cluster.server.address));
    assert!(!connection.insecure);
    assert_eq!(connection.client.default_namespace(), "ns");
    let seen = &cluster.server.seen()[0];
    assert_eq!((&*seen.method, &*seen.path), ("GET", "/version"));
    assert_eq!(seen.header("user-agent"), concat!("kw/", env!("CARGO_PKG_VERSION")));
    assert_eq!(seen.header("host"), cluster.server.address.to_string());
}

#[tokio::test]
async fn a_gateway_before_many_clusters_keeps_its_path() {
    let cluster = Cluster::new(|seen| {
        assert!(seen.path.starts_with("/k8s/clusters/c-1/"), "{}", seen.path);
        Answer::json(r#"{"gitVersion":"v1.30.0"}"#)
    })
    .await;
    let home = Home::new();
    let entry = cluster.entry().replacen("',", "/k8s/clusters/c-1/',", 1);
    let connection = connected(&home.config(&entry, "{}")).await.unwrap();
    assert_eq!(server_version(connection.client).await.unwrap(), "v1.30.0");
}

#[tokio::test]
async fn impersonation_arrives_from_flags_and_from_the_kubeconfig() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let user =
        "{token: t, as: carol, as-groups: [ops, dev], as-uid: '7', as-user-extra: {example.com/a: [x, y]}}";
    let mut options = home.config(&cluster.entry(), user);
    who(&options).await.unwrap();
    options.as_user = Some("alice".into());
    options.as_groups = vec!["admins".into()];
    assert_eq!(connected(&options).await.unwrap().user, "alice");
    who(&options).await.unwrap();
    let seen = cluster.server.seen();
    let headers = |index: usize| {
        ["impersonate-user", "impersonate-group", "impersonate-uid", "impersonate-extra-example.com%2fa"]
            .map(|name| seen[index].header(name).to_owned())
    };
    assert_eq!(headers(0), ["carol", "ops,dev", "7", "x,y"]);
    assert_eq!(headers(1), ["alice", "admins", "7", "x,y"]);
    options = home.config(&cluster.entry(), "{token: t}");
    options.as_groups = vec!["admins".into()];
    assert!(failure(&options).await.ends_with("add --as USER"));
}

#[tokio::test]
async fn credentials_are_not_sent_in_the_clear() {
    let server = Server::http(echo).await;
    let home = Home::new();
    let options = home.config(&format!("{{server: 'http://{}'}}", server.address), "{token: s3cret}");
    let connection = connected(&options).await.unwrap();
    assert!(
        connection.warnings[0].ends_with("is not https: no credentials are sent"),
        "{:?}",
        connection.warnings
    );
    assert_eq!(whoami(connection.client).await.unwrap(), "nobody");
}

#[tokio::test]
async fn a_wrong_token_is_said_once_and_not_tried_again() {
    let cluster = Cluster::new(|_| Answer::unauthorized()).await;
    let home = Home::new();
    let error = who(&home.config(&cluster.entry(), "{token: wrong}")).await.unwrap_err();
    assert_eq!(error.class, Class::Unauthorized);
    assert_eq!(
        error.to_string(),
        "asking who I am: the server does not accept the credentials (401); log in again, or check the user of this \
         context"
    );
    assert_eq!(cluster.server.seen().len(), 1);
}

#[tokio::test]
async fn a_token_file_is_read_again_after_a_401_and_the_last_one_stays_when_it_is_gone() {
    let cluster =
        Cluster::new(|seen| if asker(seen) == "old" { Answer::unauthorized() } else { echo(seen) }).await;
    let home = Home::new();
    home.write("token", "new");
    let connection = connected(&home.config(&cluster.entry(), "{tokenFile: token}")).await.unwrap();
    assert_eq!(whoami(connection.client.clone()).await.unwrap(), "new");
    std::fs::remove_file(home.path("token")).unwrap();
    assert_eq!(whoami(connection.client.clone()).await.unwrap(), "new");

    home.write("token", "old");
    connection.forget_credentials();
    assert_eq!(whoami(connection.client.clone()).await.unwrap_err().class, Class::Unauthorized);
    home.write("token", "newest");
    assert_eq!(whoami(connection.client).await.unwrap(), "newest");
}

#[tokio::test]
async fn an_expired_client_certificate_is_told_by_its_day() {
    let cluster = Cluster::new(|_| Answer::unauthorized()).await;
    let home = Home::new();
    let pair = cluster.client(Validity::Over);
    home.write("client.crt", &pair.certificate);
    home.write("client.key", &pair.key);
    let options = home.config(&cluster.entry(), "{client-certificate: client.crt, client-key: client.key}");
    let error = who(&options).await.unwrap_err();
    assert_eq!(error.class, Class::Credentials);
    let expected =
        "asking who I am: the client certificate expired on 2020-02-03; renew it: get a new kubeconfig for";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[tokio::test]
async fn a_certificate_that_is_replaced_makes_new_connections() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let cluster = Cluster::new(move |seen| match count.fetch_add(1, Ordering::SeqCst) {
        1 => Answer::unauthorized(),
        _ => echo(seen),
    })
    .await;
    let home = Home::new();
    let write = || {
        let pair = cluster.client(Validity::Now);
        home.write("client.crt", &pair.certificate);
        home.write("client.key", &pair.key);
    };
    write();
    let options = home.config(&cluster.entry(), "{client-certificate: client.crt, client-key: client.key}");
    let connection = connected(&options).await.unwrap();
    assert_eq!(whoami(connection.client.clone()).await.unwrap(), "certificate");
    write();
    assert_eq!(whoami(connection.client).await.unwrap(), "certificate");
    let seen = cluster.server.seen();
    assert_eq!(seen.iter().map(|seen| seen.connection).collect::<Vec<_>>(), [0, 0, 1]);
    assert_ne!(seen[0].certificate, seen[2].certificate);
}

#[tokio::test]
async fn contradictory_or_broken_users_are_told_without_their_secrets() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    home.write("junk", "s3cret");
    let sealed = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    home.write("sealed", sealed);
    home.write("client.crt", &cluster.client(Validity::Now).certificate);
    home.write("other.key", &cluster.client(Validity::Now).key);
    for (user, expected) in [
        ("{token: s3cret, username: a, password: s3cret}", "user \"u\" has both a token and a password"),
        ("{tokenFile: gone}", "it does not exist"),
        ("{client-certificate: client.crt}", "user \"u\" has a client certificate but no key"),
        (
            "{client-certificate: gone, client-key: junk}",
            "client-certificate of user \"u\" cannot be read from",
        ),
        (
            "{client-certificate: junk, client-key: junk}",
            "the client certificate is not PEM text of a certificate",
        ),
        ("{client-certificate: client.crt, client-key: junk}", "the key is not PEM text of a private key"),
        ("{client-certificate: client.crt, client-key: sealed}", "the key is encrypted"),
        ("{client-certificate: client.crt, client-key: other.key}", "the client certificate cannot be used"),
        (
            "{client-certificate-data: '%%', client-key: junk}",
            "client-certificate of user \"u\"-data is not base64",
        ),
        ("{token: \"s3cret\\nx\"}", "the token or password holds characters that no header can have"),
        ("{auth-provider: {name: gcp}}", "gke-gcloud-auth-plugin"),
        ("{auth-provider: {name: azure}}", "kubelogin convert-kubeconfig"),
        ("{auth-provider: {name: oidc}}", "has no idp-issuer-url"),
        ("{auth-provider: {name: oidc}, exec: {command: x}}", "has both exec and auth-provider"),
    ] {
        let line = failure(&home.config(&cluster.entry(), user)).await;
        assert!(line.contains(expected), "{user}: {line}");
        assert!(!line.contains("s3cret") && !line.contains('\n'), "{line}");
    }
}
