//! Which proxy stands before a cluster, if any, and the way through it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Uri;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower::ServiceExt as _;

use super::connector::{Stream, port};
use super::{Environment, no_proxy};
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// The longest head of an answer to CONNECT that is read, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// A proxy. It is written without its password.
#[derive(Clone)]
pub(super) struct Proxy {
    kind: Kind,
    /// Where it is: scheme, host and port, never the userinfo.
    pub(super) uri: Uri,
    login: Option<(String, SecretString)>,
    from: From,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Http,
    Https,
    /// Names are resolved by the proxy, for `socks5` as for `socks5h`; Go does the same.
    Socks5,
}

/// Who said to use it.
#[derive(Clone, Copy)]
enum From {
    Kubeconfig,
    Environment(&'static str),
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            Kind::Http => "http",
            Kind::Https => "https",
            Kind::Socks5 => "socks5",
        };
        let host = self.uri.host().unwrap_or_default();
        write!(f, "{scheme}://{host}:{}", port(&self.uri))
    }
}

/// The proxy for `server`: the cluster's own, else the environment's, unless `NO_PROXY` excepts the server.
///
/// # Errors
///
/// [`Class::Config`] when the proxy that applies is not an address we understand.
pub(super) fn choose(
    server: &Uri,
    of_cluster: Option<&str>,
    environment: &Environment,
) -> Result<Option<Proxy>, Error> {
    if let Some(url) = of_cluster.filter(|url| !url.is_empty()) {
        return parse(url, From::Kubeconfig).map(Some);
    }
    let https = server.scheme_str() == Some("https");
    let (url, name) = match https {
        true => (&environment.https_proxy, "HTTPS_PROXY"),
        false => (&environment.http_proxy, "HTTP_PROXY"),
    };
    let Some(url) = url.as_deref().filter(|url| !url.is_empty()) else { return Ok(None) };
    if no_proxy::excepts(server, environment.no_proxy.as_deref().unwrap_or_default()) {
        return Ok(None);
    }
    parse(url, From::Environment(name)).map(Some)
}

fn parse(url: &str, from: From) -> Result<Proxy, Error> {
    let origin = from.name();
    let wrong = |why: &str| Error::new(Class::Config, format!("{origin} is not a proxy's address: {why}"));
    let (scheme, rest) = url.trim().split_once("://").unwrap_or(("http", url.trim()));
    let (kind, plain, implied) = match scheme.to_ascii_lowercase().as_str() {
        "http" => (Kind::Http, "http", 80),
        "https" => (Kind::Https, "https", 443),
        "socks5" | "socks5h" => (Kind::Socks5, "http", 1080),
        other => return Err(wrong(&format!("\"{}\" is not http, https or socks5", one_line(other, 20)))),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (login, place) = match authority.rsplit_once('@') {
        Some((login, place)) => (Some(login_of(login)), place),
        None => (None, authority),
    };
    let parsed: Uri = format!("{plain}://{place}/").parse().map_err(|_| wrong("it has no host"))?;
    let host = parsed.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it has no host"))?;
    let number = parsed.port_u16().unwrap_or(implied);
    let uri = format!("{plain}://{host}:{number}/").parse().map_err(|_| wrong("it has no host"))?;
    Ok(Proxy { kind, uri, login, from })
}

fn login_of(userinfo: &str) -> (String, SecretString) {
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    (percent_decoded(user), percent_decoded(password).into())
}

/// `%40` is `@`. What is not an escape stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits =
            after.get(..2).filter(|digits| first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let decoded =
            digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(decoded.unwrap_or(first));
        rest = if decoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl From {
    fn name(self) -> &'static str {
        match self {
            From::Kubeconfig => "proxy-url of the cluster",
            From::Environment(name) => name,
        }
    }
}

impl Proxy {
    pub(super) fn is_https(&self) -> bool {
        self.kind == Kind::Https
    }

    /// What to do when it fails.
    pub(super) fn advice(&self) -> String {
        match self.from {
            From::Kubeconfig => "check proxy-url of the cluster in the kubeconfig".to_owned(),
            From::Environment(name) => format!("check {name}, or except the server with NO_PROXY"),
        }
    }

    /// The way to `target` through the connection to this proxy.
    pub(super) async fn tunnel(&self, stream: Stream, target: &Uri) -> Result<Stream, Error> {
        match self.kind {
            Kind::Socks5 => self.socks(stream, target).await,
            Kind::Http | Kind::Https => self.connect(stream, target).await,
        }
    }

    async fn socks(&self, stream: Stream, target: &Uri) -> Result<Stream, Error> {
        let opened = std::sync::Mutex::new(Some(stream));
        let ready = tower::service_fn(move |_: Uri| {
            let stream = opened.lock().ok().and_then(|mut stream| stream.take());
            std::future::ready(stream.map(TokioIo::new).ok_or(std::io::ErrorKind::NotConnected))
        });
        // hyper-util implies 443 where the port is not said.
        let target = with_port(target);
        let mut socks = SocksV5::new(self.uri.clone(), ready);
        if let Some((user, password)) = &self.login {
            socks = socks.with_auth(user.clone(), password.expose_secret().to_owned());
        }
        match socks.oneshot(target.clone()).await {
            Ok(stream) => Ok(Stream::new(stream.into_inner())),
            Err(error) => {
                let said = error.to_string();
                let why = match said.strip_prefix("SOCKS error: ").unwrap_or(&said) {
                    // What hyper-util says to every proxy that wants another way to log in, or one at all.
                    why if why.contains("user/pass") && self.login.is_none() => "it asks for a login",
                    why => why,
                };
                let way = format!("the proxy {self} does not connect to {}", place(&target));
                Err(Error::new(Class::Unreachable, one_line(&format!("{way}: {why}"), 300)))
            }
        }
    }

    async fn connect(&self, mut stream: Stream, target: &Uri) -> Result<Stream, Error> {
        let place = place(target);
        let mut request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n");
        if let Some((user, password)) = &self.login {
            let login = BASE64.encode(format!("{user}:{}", password.expose_secret()));
            request.push_str(&format!("Proxy-Authorization: Basic {login}\r\n"));
        }
        request.push_str("\r\n");
        let broken = |error: std::io::Error| {
            let why = one_line(&error.to_string(), 120);
            Error::new(Class::Unreachable, format!("the proxy {self} broke off: {why}"))
        };
        stream.write_all(request.as_bytes()).await.map_err(broken)?;
        stream.flush().await.map_err(broken)?;
        let head = read_head(&mut stream).await.map_err(broken)?;
        match status_of(&head) {
            Some(200..=299) => Ok(stream),
            Some(407) => {
                Err(Error::new(Class::Unreachable, format!("the proxy {self} asks for a login (407)")))
            }
            Some(status) => {
                let message = format!("the proxy {self} refuses to connect to {place} ({status})");
                Err(Error::new(Class::Unreachable, message))
            }
            None => Err(Error::new(Class::Protocol, format!("the proxy {self} does not speak HTTP"))),
        }
    }
}

/// Reads up to the empty line, and no byte more: what follows belongs to the server.
async fn read_head(stream: &mut Stream) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) if !head.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(head)
}

/// The status in `HTTP/1.1 200 Connection established`.
fn status_of(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head.split(|&byte| byte == b'\r').next()?).ok()?;
    let mut words = line.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next().filter(|status| status.len() == 3)?.parse().ok()
}

/// `host:port`, as CONNECT wants it.
fn place(target: &Uri) -> String {
    format!("{}:{}", target.host().unwrap_or_default(), port(target))
}

fn with_port(target: &Uri) -> Uri {
    let scheme = target.scheme_str().unwrap_or("https");
    format!("{scheme}://{}/", place(target)).parse().unwrap_or_else(|_| target.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_every_form_are_understood() {
        for (url, expected) in [
            ("proxy.example.com", "http://proxy.example.com:80"),
            ("proxy:3128", "http://proxy:3128"),
            ("HTTP://u:p%40@proxy:3128/path?x", "http://proxy:3128"),
            ("https://proxy", "https://proxy:443"),
            ("socks5h://[::1]", "socks5://[::1]:1080"),
        ] {
            let Ok(proxy) = parse(url, From::Kubeconfig) else { panic!("{url}") };
            assert_eq!(proxy.to_string(), expected);
        }
    }

    #[test]
    fn what_was_escaped_in_a_login_is_sent_as_it_was_meant() {
        assert_eq!(percent_decoded("pa%40ss%3Aword"), "pa@ss:word");
        assert_eq!(percent_decoded("100%+A%zz%"), "100%+A%zz%");
    }
}
