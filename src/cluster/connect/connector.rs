//! The bytes between here and an API server: name resolution, TCP, the proxy, TLS, all within one time limit, with
//! errors that say which of them failed.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tower::{Service, ServiceExt as _};

use super::proxy::Proxy;
use super::tls::{Identity, Trust, proxy_config, server_name_of};
use crate::cluster::error::chain::{from_io, from_tls};
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// A dead peer is noticed after about this plus three probes.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_PROBES: u32 = 3;
/// How long sent bytes may stay without an acknowledgement.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// Opens connections to one cluster, with one identity.
#[derive(Clone)]
pub(super) struct Connector(Arc<Inner>);

struct Inner {
    tcp: HttpConnector,
    proxy: Option<Proxy>,
    /// None: the server is plain http.
    tls: Option<Mutex<Tls>>,
    identity: Option<Arc<Identity>>,
    limit: Duration,
}

/// Replaced when the file of authorities holds others.
#[derive(Clone)]
struct Tls {
    trust: Arc<Trust>,
    config: Arc<ClientConfig>,
}

impl Connector {
    pub(super) fn new(
        trust: Option<Arc<Trust>>,
        identity: Option<Arc<Identity>>,
        proxy: Option<Proxy>,
        limit: Duration,
    ) -> Result<Connector, Error> {
        let tls = match trust {
            Some(trust) => {
                let config = trust.config(identity.as_deref())?;
                Some(Mutex::new(Tls { trust, config }))
            }
            None => None,
        };
        Ok(Connector(Arc::new(Inner { tcp: tcp(limit), proxy, tls, identity, limit })))
    }
}

fn tcp(limit: Duration) -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(limit));
    tcp.set_keepalive(Some(KEEPALIVE_IDLE));
    tcp.set_keepalive_interval(Some(KEEPALIVE_INTERVAL));
    tcp.set_keepalive_retries(Some(KEEPALIVE_PROBES));
    #[cfg(target_os = "linux")]
    tcp.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
    tcp
}

impl Inner {
    async fn connect(&self, target: &Uri) -> Result<Stream, Error> {
        let peer = peer(target);
        match tokio::time::timeout(self.limit, self.open(target, &peer)).await {
            Ok(opened) => opened,
            Err(_) => {
                let way = self
                    .proxy
                    .as_ref()
                    .map(|proxy| format!(" through the proxy {proxy}"))
                    .unwrap_or_default();
                let message = format!("no answer from {peer}{way} within {}", seconds(self.limit));
                Err(Error::new(Class::Timeout, message)
                    .advise("is it up, and does it need a VPN or a proxy?"))
            }
        }
    }

    async fn open(&self, target: &Uri, peer: &str) -> Result<Stream, Error> {
        let Some(tls) = &self.tls else { return self.reach(target, peer).await };
        let current = tls.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let stream = self.reach(target, peer).await?;
        match handshake(stream, &current.config, current.name(target)?, peer).await {
            Err(error) if error.class == Class::Tls => match self.reread(&current, tls).await {
                // The authorities were replaced while we ran, as a cluster's are when they are rotated.
                Some(fresh) => {
                    let stream = self.reach(target, peer).await?;
                    handshake(stream, &fresh.config, fresh.name(target)?, peer).await
                }
                None => Err(error),
            },
            done => done,
        }
    }

    async fn reread(&self, current: &Tls, tls: &Mutex<Tls>) -> Option<Tls> {
        let trust = Arc::new(current.trust.reread().await?);
        let config = trust.config(self.identity.as_deref()).ok()?;
        let fresh = Tls { trust, config };
        *tls.lock().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        Some(fresh)
    }

    /// A way to the server, itself or through the proxy, before TLS.
    async fn reach(&self, target: &Uri, peer: &str) -> Result<Stream, Error> {
        let Some(proxy) = &self.proxy else { return self.dial(target, peer).await };
        let named = format!("the proxy {proxy}");
        let reached = async {
            let stream = self.dial(&proxy.uri, &named).await?;
            let stream = if proxy.is_https() {
                let tls =
                    self.tls.as_ref().map(|tls| tls.lock().unwrap_or_else(PoisonError::into_inner).clone());
                let config = proxy_config(tls.as_ref().map(|tls| &*tls.trust)).await?;
                let name = server_name_of(proxy.uri.host().unwrap_or_default())?;
                handshake(stream, &config, name, &named).await?
            } else {
                stream
            };
            proxy.tunnel(stream, target).await
        };
        reached.await.map_err(|error: Error| error.advise(proxy.advice()))
    }

    async fn dial(&self, target: &Uri, peer: &str) -> Result<Stream, Error> {
        match self.tcp.clone().oneshot(target.clone()).await {
            Ok(tcp) => Ok(Stream(Box::new(tcp.into_inner()))),
            Err(error) => Err(not_dialled(&error, peer)),
        }
    }
}

impl Tls {
    fn name(&self, target: &Uri) -> Result<ServerName<'static>, Error> {
        match &self.trust.server_name {
            Some(name) => Ok(name.clone()),
            None => server_name_of(target.host().unwrap_or_default()),
        }
    }
}

async fn handshake(
    stream: Stream,
    config: &Arc<ClientConfig>,
    name: ServerName<'static>,
    peer: &str,
) -> Result<Stream, Error> {
    match tokio_rustls::TlsConnector::from(Arc::clone(config)).connect(name, stream).await {
        Ok(stream) => Ok(Stream(Box::new(stream))),
        Err(error) => Err(match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(tls) => from_tls(tls, peer),
            None => match from_io(&error) {
                Some(known) => Error::new(known.class, format!("TLS with {peer}: {}", known.message)),
                None => Error::new(Class::Tls, one_line(&format!("TLS with {peer} failed: {error}"), 300)),
            },
        }),
    }
}

/// Why there is no TCP connection. hyper-util keeps its type to itself, but not its words for name resolution.
fn not_dialled(error: &(dyn std::error::Error + 'static), peer: &str) -> Error {
    if error.to_string() == "dns error" {
        return Error::new(Class::Unreachable, format!("no address is known for {peer}"))
            .advise("check its name in the kubeconfig, the name service, and whether it needs a VPN");
    }
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    let Some(known) = cause.and_then(from_io) else {
        let said = cause.map_or_else(|| error.to_string(), ToString::to_string);
        return Error::new(Class::Unreachable, one_line(&format!("{peer} cannot be reached: {said}"), 300));
    };
    let advice = match known.class {
        Class::Timeout => "is it up, and does it need a VPN or a proxy?",
        _ => "is it up, and is this its address?",
    };
    Error::new(known.class, format!("{peer}: {}", known.message)).advise(advice)
}

/// `host:port`.
fn peer(target: &Uri) -> String {
    let host = target.host().unwrap_or_default();
    format!("{host}:{}", port(target))
}

/// The port, said or implied.
pub(super) fn port(target: &Uri) -> u16 {
    let implied = if target.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    target.port_u16().unwrap_or(implied)
}

/// `10 s`, `0.3 s`.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_millis() as f64 / 1000.0)
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<TokioIo<Stream>, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let inner = Arc::clone(&self.0);
        async move { inner.connect(&target).await.map(TokioIo::new) }.boxed()
    }
}

/// Bytes both ways.
trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

/// A connection of whatever layers it took.
pub(super) struct Stream(Box<dyn Bytes>);

impl Stream {
    pub(super) fn new(bytes: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Stream {
        Stream(Box::new(bytes))
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(cx)
    }
}
