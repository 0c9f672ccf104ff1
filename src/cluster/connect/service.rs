//! One request and its answer: the address, the headers, the credentials, and the limit on how long it may take.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::Body;

use super::Limits;
use super::connector::{Connector, seconds};
use super::credentials::{Credentials, Proof};
use super::kubeconfig::Target;
use super::proxy::Proxy;
use super::tls::{Identity, Trust};
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// As a request's extension: how long to wait for the head of its answer, connecting included, instead of
/// [`Limits::answer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerWithin(pub Duration);

/// The API server's address, as the cluster says it. Without a scheme it is https when the cluster or the user speak
/// of certificates, as client-go has it.
pub(super) fn base(target: &Target) -> Result<Uri, Error> {
    let name = one_line(&target.cluster_name, 120);
    let server = target.cluster.server.as_deref().unwrap_or_default().trim();
    let wrong = |what: &str| {
        Error::new(Class::Config, format!("cluster \"{name}\" {what}"))
            .advise("check its server in the kubeconfig")
    };
    if server.is_empty() {
        return Err(wrong("has no server"));
    }
    let full = if server.contains("://") {
        server.to_owned()
    } else if speaks_of_certificates(target) {
        format!("https://{server}")
    } else {
        format!("http://{server}")
    };
    let uri: Uri = full.parse().map_err(|_| wrong("has a server that is not an address"))?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some_and(|host| !host.is_empty()) => Ok(uri),
        _ => Err(wrong("has a server that is neither http nor https")),
    }
}

fn speaks_of_certificates(target: &Target) -> bool {
    let (cluster, user) = (&target.cluster, &target.user);
    cluster.certificate_authority.is_some()
        || cluster.certificate_authority_data.is_some()
        || cluster.insecure_skip_tls_verify == Some(true)
        || user.client_certificate.is_some()
        || user.client_certificate_data.is_some()
}

/// What a client of one cluster is made of.
pub(super) struct Stack {
    pub(super) base: Uri,
    pub(super) headers: HeaderMap,
    pub(super) proxy: Option<Proxy>,
    /// None: plain http.
    pub(super) trust: Option<Arc<Trust>>,
    pub(super) credentials: Arc<Credentials>,
    pub(super) limits: Limits,
}

impl Stack {
    pub(super) fn client(self, namespace: Option<&str>) -> kube::Client {
        let shared = Shared { stack: self, transport: Mutex::new(None) };
        kube::Client::new(Exchange(Arc::new(shared)), namespace.unwrap_or("default"))
    }
}

type Http = legacy::Client<Connector, Body>;

/// A pool of connections made with one identity. Another identity gets another pool, so that neither an open
/// connection nor a resumed TLS session speaks for the one before.
#[derive(Clone)]
struct Transport {
    identity: Option<Arc<Identity>>,
    http: Http,
}

struct Shared {
    stack: Stack,
    transport: Mutex<Option<Transport>>,
}

impl Shared {
    async fn exchange(&self, request: Request<Body>) -> Result<Response<Incoming>, Error> {
        let proof = self.stack.credentials.current().await?;
        let again = copy(&request);
        let response = self.send(request, &proof).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let newer = self.stack.credentials.renew(&proof).await?;
        match (newer, again) {
            (Some(newer), Some(request)) => self.send(request, &newer).await,
            (Some(_), None) => Ok(response),
            (None, _) => proof.expired().map_or(Ok(response), Err),
        }
    }

    async fn send(&self, request: Request<Body>, proof: &Proof) -> Result<Response<Incoming>, Error> {
        let http = self.transport(proof.identity.as_ref())?;
        let limit =
            request.extensions().get::<AnswerWithin>().map_or(self.stack.limits.answer, |limit| limit.0);
        let request = self.prepare(request, proof)?;
        match tokio::time::timeout(limit, http.request(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(Error::from_chain(&error, "")),
            Err(_) => {
                let host = self.stack.base.authority().map(ToString::to_string).unwrap_or_default();
                Err(Error::new(Class::Timeout, format!("no answer from {host} within {}", seconds(limit))))
            }
        }
    }

    fn transport(&self, identity: Option<&Arc<Identity>>) -> Result<Http, Error> {
        let mut current = self.transport.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transport) = &*current {
            let same = match (&transport.identity, identity) {
                (Some(one), Some(other)) => Arc::ptr_eq(one, other),
                (None, None) => true,
                _ => false,
            };
            if same {
                return Ok(transport.http.clone());
            }
        }
        let stack = &self.stack;
        let connector = Connector::new(
            stack.trust.clone(),
            identity.cloned(),
            stack.proxy.clone(),
            stack.limits.connect,
        )?;
        let http =
            legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        *current = Some(Transport { identity: identity.cloned(), http: http.clone() });
        Ok(http)
    }

    fn prepare(&self, request: Request<Body>, proof: &Proof) -> Result<Request<Body>, Error> {
        let (mut parts, body) = request.into_parts();
        parts.uri = join(&self.stack.base, parts.uri.path_and_query())?;
        for name in self.stack.headers.keys() {
            for value in self.stack.headers.get_all(name) {
                parts.headers.append(name.clone(), value.clone());
            }
        }
        if let (Some(value), false) = (&proof.header, parts.headers.contains_key(header::AUTHORIZATION)) {
            parts.headers.insert(header::AUTHORIZATION, HeaderValue::clone(value));
        }
        Ok(Request::from_parts(parts, body))
    }
}

/// The same request once more, when its body can be sent twice.
fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    Some(copy)
}

/// The request's path under the server's own, which a gateway before many clusters has.
fn join(base: &Uri, path: Option<&PathAndQuery>) -> Result<Uri, Error> {
    let prefix = base.path().trim_end_matches('/');
    let path = path.map_or("/", PathAndQuery::as_str);
    let path = if prefix.is_empty() { path.parse() } else { format!("{prefix}{path}").parse() };
    let scheme = base.scheme().cloned().unwrap_or(Scheme::HTTPS);
    let authority = base.authority().map(ToString::to_string).unwrap_or_default();
    path.ok()
        .and_then(|path: PathAndQuery| {
            Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build().ok()
        })
        .ok_or_else(|| Error::new(Class::Rejected, "the request's path is not an address"))
}

/// The service inside kube's client.
struct Exchange(Arc<Shared>);

impl tower::Service<Request<Body>> for Exchange {
    type Response = Response<Incoming>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Response<Incoming>, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.0);
        async move { shared.exchange(request).await }.boxed()
    }
}
