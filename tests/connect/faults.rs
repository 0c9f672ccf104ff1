//! Servers that are down, silent, not trusted, or not API servers at all.

use std::time::Duration;

use kittiwake::cluster::connect::{AnswerWithin, Limits, Options, server_version};
use kittiwake::cluster::{Class, Error};
use kube::client::Body;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::connect_home::{Cluster, Home, base64, connected};
use super::connect_pki::{Authority, Validity};
use super::connect_server::{Answer, Server, echo};

async fn version(options: &Options) -> Result<String, Error> {
    server_version(connected(options).await?.client).await
}

async fn fault(options: &Options) -> (Class, String) {
    let error = version(options).await.unwrap_err();
    let line = error.to_string();
    assert!(line.starts_with("asking the server's version: "), "{line}");
    assert!(!line.contains(['\n', '\u{1b}']), "{line:?}");
    (error.class, line["asking the server's version: ".len()..].to_owned())
}

/// A server that reads and says `bytes`, then waits for ever, or ends when `bytes` is some.
async fn raw(bytes: Option<&'static [u8]>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            match bytes {
                Some(bytes) => {
                    let _ = stream.read(&mut [0; 4096]).await;
                    let _ = stream.write_all(bytes).await;
                }
                None => open.push(stream),
            }
        }
    });
    address
}

fn short() -> Limits {
    Limits { connect: Duration::from_millis(300), answer: Duration::from_millis(300), ..Limits::default() }
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let options = Home::new().config(&format!("{{server: 'http://{address}'}}"), "{}");
    let expected = format!("{address}: connection refused; is it up, and is this its address?");
    // The directory is gone, so the file must have been read.
    assert!(version(&options).await.is_err());
    let home = Home::new();
    let options = home.config(&format!("{{server: 'http://{address}'}}"), "{}");
    assert_eq!(fault(&options).await, (Class::Unreachable, expected));
}

#[tokio::test]
async fn a_name_that_no_one_knows() {
    let home = Home::new();
    let options =
        home.config("{server: 'https://nowhere.invalid:6443', insecure-skip-tls-verify: true}", "{}");
    let (class, line) = fault(&options).await;
    assert_eq!(class, Class::Unreachable);
    assert!(line.starts_with("no address is known for nowhere.invalid:6443; check its name"), "{line}");
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_is_bounded() {
    let address = raw(None).await;
    let home = Home::new();
    let cluster = format!("{{server: 'https://{address}', insecure-skip-tls-verify: true}}");
    let options = Options { limits: short(), ..home.config(&cluster, "{}") };
    let (class, line) = fault(&options).await;
    assert_eq!(
        (class, &*line),
        (
            Class::Timeout,
            &*format!("no answer from {address} within 0.3 s; is it up, and does it need a VPN or a proxy?")
        )
    );
    let options =
        Options { limits: short(), ..home.config(&format!("{{server: 'http://{address}'}}"), "{}") };
    let client = connected(&options).await.unwrap().client;
    let plain = http::Request::get("/version").body(Body::empty()).unwrap();
    let error = Error::from_kube(client.send(plain).await.unwrap_err(), "asking");
    assert_eq!(error.to_string(), format!("asking: no answer from {address} within 0.3 s"));
    let quick =
        http::Request::get("/x").extension(AnswerWithin(Duration::from_millis(50))).body(Body::empty());
    let error = Error::from_kube(client.send(quick.unwrap()).await.unwrap_err(), "asking");
    assert_eq!(
        (error.class, &*error.message),
        (Class::Timeout, &*format!("asking: no answer from {address} within 0.05 s"))
    );
}

#[tokio::test]
async fn an_authority_that_is_not_trusted() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let other = base64(&Authority::new("other").pem());
    let entry =
        format!("{{server: 'https://{}', certificate-authority-data: {other}}}", cluster.server.address);
    let (class, line) = fault(&home.config(&entry, "{}")).await;
    assert_eq!(class, Class::Tls);
    let peer = cluster.server.address;
    assert!(
        line.starts_with(&format!("the certificate of {peer} is not trusted: it is signed by an unknown")),
        "{line}"
    );
    let insecure = format!("{{server: 'https://{peer}', insecure-skip-tls-verify: true}}");
    let options = home.config(&insecure, "{}");
    assert!(connected(&options).await.unwrap().insecure);
    assert_eq!(version(&options).await.unwrap(), "v1.37.2");
}

#[tokio::test]
async fn authorities_that_are_replaced_while_we_run_are_read_again() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    home.write("ca.crt", &Authority::new("before").pem());
    let entry = format!("{{server: 'https://{}', certificate-authority: ca.crt}}", cluster.server.address);
    let options = home.config(&entry, "{}");
    let client = connected(&options).await.unwrap().client;
    assert_eq!(server_version(client.clone()).await.unwrap_err().class, Class::Tls);
    home.write("ca.crt", &cluster.authority.pem());
    assert_eq!(server_version(client).await.unwrap(), "v1.37.2");
}

#[tokio::test]
async fn a_certificate_for_another_name_and_the_way_out() {
    let authority = Authority::new("cluster");
    let pair = authority.issue("server", &["kubernetes", "api.example.com"], Validity::Now);
    let server = Server::https(&pair, echo).await;
    let home = Home::new();
    let entry = |more: &str| {
        let data = base64(&authority.pem());
        format!("{{server: 'https://{}', certificate-authority-data: {data}{more}}}", server.address)
    };
    let (class, line) = fault(&home.config(&entry(""), "{}")).await;
    assert_eq!(class, Class::Tls);
    let start = format!(
        "the certificate of {} is for kubernetes, api.example.com, not for 127.0.0.1;",
        server.address
    );
    assert!(line.starts_with(&start), "{line}");
    let named = home.config(&entry(", tls-server-name: api.example.com"), "{}");
    assert_eq!(version(&named).await.unwrap(), "v1.37.2");
}

#[tokio::test]
async fn a_server_whose_certificate_is_over() {
    let authority = Authority::new("cluster");
    let pair = authority.issue("server", &["127.0.0.1"], Validity::Over);
    let server = Server::https(&pair, echo).await;
    let entry = format!(
        "{{server: 'https://{}', certificate-authority-data: {}}}",
        server.address,
        base64(&authority.pem())
    );
    let home = Home::new();
    let (class, line) = fault(&home.config(&entry, "{}")).await;
    assert_eq!(class, Class::Tls);
    assert!(
        line.starts_with(&format!("the certificate of {} expired on 2020-02-03;", server.address)),
        "{line}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_or_http() {
    let home = Home::new();
    let address = raw(Some(b"SSH-2.0-OpenSSH_9.6\r\n")).await;
    let tls = home.config(&format!("{{server: 'https://{address}', insecure-skip-tls-verify: true}}"), "{}");
    let (class, line) = fault(&tls).await;
    assert_eq!(
        (class, &*line),
        (Class::Tls, &*format!("{address} does not speak TLS; check the port and https://"))
    );
    let (class, line) = fault(&home.config(&format!("{{server: 'http://{address}'}}"), "{}")).await;
    assert_eq!(
        (class, &*line),
        (Class::Protocol, "the answer is not HTTP; check that the server is an API server")
    );
    let address = raw(Some(b"")).await;
    let (class, line) = fault(&home.config(&format!("{{server: 'http://{address}'}}"), "{}")).await;
    assert_eq!(class, Class::Unreachable, "{line}");
    let address = raw(Some(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"git")).await;
    let (class, line) = fault(&home.config(&format!("{{server: 'http://{address}'}}"), "{}")).await;
    assert_eq!(class, Class::Unreachable, "{line}");
}

#[tokio::test]
async fn what_stands_before_the_api_server_is_told_from_it() {
    let home = Home::new();
    let page = Server::http(|_| Answer {
        status: 503,
        headers: vec![("content-type", "text/html".into())],
        body: "<html>\u{1b}[2Jgone".into(),
        owed: 0,
    })
    .await;
    let (class, line) = fault(&home.config(&format!("{{server: 'http://{}'}}", page.address), "{}")).await;
    assert_eq!(class, Class::Server);
    assert!(line.starts_with("a web page with status 503 came instead of the API's answer"), "{line}");
    let login = Server::http(|_| Answer {
        status: 302,
        headers: vec![("location", "https://sso.example.com/login?state=s3cret".into())],
        body: String::new(),
        owed: 0,
    })
    .await;
    let (class, line) = fault(&home.config(&format!("{{server: 'http://{}'}}", login.address), "{}")).await;
    assert_eq!(class, Class::Protocol);
    assert!(line.starts_with("not an API server: it redirects to https://sso.example.com/login;"), "{line}");
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_once_and_its_wish_is_kept() {
    let busy = Server::http(|_| Answer {
        status: 429,
        headers: vec![("retry-after", "7".into())],
        body: r#"{"kind":"Status","message":"too many\nrequests","reason":"TooManyRequests","code":429}"#
            .into(),
        owed: 0,
    })
    .await;
    let home = Home::new();
    let options = home.config(&format!("{{server: 'http://{}'}}", busy.address), "{}");
    let error = version(&options).await.unwrap_err();
    assert_eq!((error.class, error.retry_after), (Class::Throttled, Some(Duration::from_secs(7))));
    assert_eq!(error.message, "asking the server's version: too many requests");
    assert_eq!(busy.seen().len(), 1, "nothing retries by itself");
}

#[tokio::test]
async fn connections_are_used_again() {
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let client = connected(&home.config(&cluster.entry(), "{}")).await.unwrap().client;
    for _ in 0..3 {
        server_version(client.clone()).await.unwrap();
    }
    assert!(cluster.server.seen().iter().all(|seen| seen.connection == 0));
}
