//! Ways through proxies, and faults that say it was the proxy.

use kittiwake::cluster::connect::{Environment, Options, server_version};
use kittiwake::cluster::{Class, Error};

use super::connect_home::{Cluster, Home, base64, connected};
use super::connect_pki::{Authority, Validity};
use super::connect_proxy::Proxy;
use super::connect_server::{Server, echo};

/// A cluster by a name that only a proxy can lead to.
async fn cluster() -> (Authority, Server) {
    let authority = Authority::new("cluster");
    let pair = authority.issue("server", &["api.cluster.invalid"], Validity::Now);
    let server = Server::https(&pair, echo).await;
    (authority, server)
}

fn entry(authority: &Authority, more: &str) -> String {
    let data = base64(&authority.pem());
    format!("{{server: 'https://api.cluster.invalid:6443', certificate-authority-data: {data}{more}}}")
}

async fn version(options: &Options) -> Result<String, Error> {
    server_version(connected(options).await?.client).await
}

#[tokio::test]
async fn a_cluster_has_its_own_proxy_and_its_login_is_sent_to_it() {
    let (authority, server) = cluster().await;
    let http = Proxy::http(server.address, 200).await;
    let socks = Proxy::socks5(server.address, "").await;
    let locked = Proxy::socks5(server.address, "me:pa@ss").await;
    let home = Home::new();
    for (proxy, url, expected) in [
        (&http, format!("http://{}", http.address), "api.cluster.invalid:6443"),
        (
            &http,
            format!("http://me:pa%40ss@{}/", http.address),
            "api.cluster.invalid:6443 Basic bWU6cGFAc3M=",
        ),
        (&socks, format!("socks5://{}", socks.address), "api.cluster.invalid:6443"),
        (&socks, format!("socks5h://{}", socks.address), "api.cluster.invalid:6443"),
        (&locked, format!("socks5://me:pa%40ss@{}", locked.address), "api.cluster.invalid:6443 me:pa@ss"),
    ] {
        let options = home.config(&entry(&authority, &format!(", proxy-url: '{url}'")), "{}");
        assert_eq!(version(&options).await.unwrap(), "v1.37.2", "{url}");
        assert_eq!(proxy.asked().last().unwrap(), expected, "{url}");
        let said = connected(&options).await.unwrap().proxy.unwrap();
        assert!(!said.contains("pa") && said.ends_with(&proxy.address.to_string()), "{said}");
    }
}

#[tokio::test]
async fn a_proxy_may_be_spoken_to_over_tls_and_is_checked() {
    let (authority, server) = cluster().await;
    let home = Home::new();
    let good = authority.issue("proxy", &["127.0.0.1"], Validity::Now);
    let proxy = Proxy::https(server.address, &good).await;
    let url = |proxy: &Proxy| format!(", proxy-url: 'https://{}'", proxy.address);
    let options = home.config(&entry(&authority, &url(&proxy)), "{}");
    assert_eq!(version(&options).await.unwrap(), "v1.37.2");
    assert_eq!(proxy.asked(), ["api.cluster.invalid:6443"]);
    let strange = Authority::new("stranger").issue("proxy", &["127.0.0.1"], Validity::Now);
    let proxy = Proxy::https(server.address, &strange).await;
    let error = version(&home.config(&entry(&authority, &url(&proxy)), "{}")).await.unwrap_err();
    assert_eq!(error.class, Class::Tls);
    let line = error.to_string();
    let start = format!(
        "asking the server's version: the certificate of the proxy https://{} is not tr",
        proxy.address
    );
    assert!(
        line.starts_with(&start) && line.ends_with("check proxy-url of the cluster in the kubeconfig"),
        "{line}"
    );
}

#[tokio::test]
async fn the_environment_has_a_proxy_with_exceptions_that_are_not_for_the_clusters_own() {
    let (authority, server) = cluster().await;
    let proxy = Proxy::http(server.address, 200).await;
    let home = Home::new();
    let mut options = home.config(&entry(&authority, ""), "{}");
    options.environment =
        Environment { https_proxy: Some(proxy.address.to_string()), ..Environment::default() };
    assert_eq!(version(&options).await.unwrap(), "v1.37.2");
    options.environment.no_proxy = Some("example.com, .cluster.invalid".into());
    assert!(connected(&options).await.unwrap().proxy.is_none());
    let own = entry(&authority, &format!(", proxy-url: 'http://{}'", proxy.address));
    options.kubeconfig = home.config(&own, "{}").kubeconfig;
    assert_eq!(version(&options).await.unwrap(), "v1.37.2");
}

#[tokio::test]
async fn servers_on_this_machine_need_no_proxy_of_the_environment() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let mut options = home.config(&cluster.entry(), "{}");
    options.environment =
        Environment { https_proxy: Some("http://127.0.0.1:1".into()), ..Environment::default() };
    assert_eq!(version(&options).await.unwrap(), "v1.37.2");
}

#[tokio::test]
async fn faults_say_that_it_was_the_proxy_and_who_named_it() {
    let (authority, server) = cluster().await;
    let forbidding = Proxy::http(server.address, 403).await.address;
    let asking = Proxy::http(server.address, 407).await.address;
    let locked = Proxy::socks5(server.address, "me:hunter2").await.address;
    let not_http = Proxy::socks5(server.address, "").await.address;
    let home = Home::new();
    for (url, expected) in [
        (
            "http://127.0.0.1:1".to_owned(),
            "the proxy http://127.0.0.1:1: connection refused; check proxy-url of the cluster in the kubeconfig"
                .to_owned(),
        ),
        (
            format!("http://me:hunter2@{forbidding}"),
            format!("the proxy http://{forbidding} refuses to connect to api.cluster.invalid:6443 (403); check"),
        ),
        (format!("http://{asking}"), format!("the proxy http://{asking} asks for a login (407); check proxy-url")),
        (
            format!("socks5://{locked}"),
            format!("the proxy socks5://{locked} does not connect to api.cluster.invalid:6443: it asks for a login;"),
        ),
        (
            format!("socks5://me:hunter3@{locked}"),
            format!("the proxy socks5://{locked} does not connect to api.cluster.invalid:6443: credentials not accepted;"),
        ),
        (format!("http://{not_http}"), format!("the proxy http://{not_http} ")),
        ("http://proxy.invalid:3128".to_owned(), "no address is known for the proxy http://proxy.invalid:3128;".to_owned()),
    ] {
        let options = home.config(&entry(&authority, &format!(", proxy-url: '{url}'")), "{}");
        let error = version(&options).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("asking the server's version: {expected}")), "{url}: {error}");
        assert!(!error.contains("hunter"), "{error}");
    }
    for (url, expected) in [
        (
            "ftp://p",
            "proxy-url of the cluster is not a proxy's address: \"ftp\" is not http, https or socks5",
        ),
        ("http://", "proxy-url of the cluster is not a proxy's address: it has no host"),
    ] {
        let options = home.config(&entry(&authority, &format!(", proxy-url: '{url}'")), "{}");
        let error = version(&options).await.unwrap_err();
        assert_eq!((error.class, &*error.to_string()), (Class::Config, expected));
    }
    let mut options = home.config(&entry(&authority, ""), "{}");
    options.environment.https_proxy = Some("http://127.0.0.1:1".into());
    let error = version(&options).await.unwrap_err().to_string();
    assert!(error.ends_with("check HTTPS_PROXY, or except the server with NO_PROXY"), "{error}");
}
