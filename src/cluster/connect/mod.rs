//! From flags and files to an authenticated client of one cluster.
//!
//! kube's `Client` is the outside; what is inside is ours, because the library's own stack retries by itself, runs
//! credential plugins on the terminal and on the runtime's threads, and is silent about which part failed. The parts,
//! in the order in which a request meets them:
//!
//! - `kubeconfig`, `incluster`: which cluster and which user a context means;
//! - `service`: the address, the headers, one more attempt when the credentials had become stale;
//! - `credentials`, `exec`, `oidc`: what proves who we are, renewed when it runs out;
//! - `connector`, `proxy`, `tls`: the bytes.
//!
//! Nothing here writes to the terminal or blocks a thread of the runtime. A plugin that needs a person asks for the
//! terminal through [`TerminalRequest`]; the runtime decides.

mod ask;
mod connector;
mod credentials;
mod der;
mod environment;
mod exec;
mod exec_answer;
mod exec_info;
mod exec_run;
mod files;
mod headers;
mod incluster;
mod issuer;
mod kubeconfig;
mod no_proxy;
mod oidc;
mod oidc_client;
mod oidc_write;
mod proxy;
mod service;
mod terminal;
mod tls;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use ask::{server_version, whoami};
pub use environment::Environment;
pub use kubeconfig::{ContextInfo, Kubeconfig};
pub use service::AnswerWithin;
pub use terminal::{Lease, LeaseEnd, TerminalRequest, TerminalRequests};

use super::Error;
use credentials::Credentials;

/// Which cluster, as whom, and within which limits.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--kubeconfig`.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`.
    pub context: Option<String>,
    /// `--as`.
    pub as_user: Option<String>,
    /// `--as-group`.
    pub as_groups: Vec<String>,
    /// The process environment.
    pub environment: Environment,
    /// How long to wait for what.
    pub limits: Limits,
}

/// How long to wait for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection: name resolution, TCP, the proxy and TLS together.
    pub connect: Duration,
    /// For the head of an answer, once the request is sent. A request may carry its own as [`AnswerWithin`].
    pub answer: Duration,
    /// For a credential plugin that runs without a person.
    pub plugin: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect: Duration::from_secs(10),
            // The API server itself gives up after 60 s.
            answer: Duration::from_secs(65),
            plugin: Duration::from_secs(60),
        }
    }
}

/// One cluster, reached as one user.
#[derive(Clone)]
pub struct Connection {
    /// Sends requests: no retries, credentials renewed by itself, errors that are [`Error`] inside.
    pub client: kube::Client,
    /// The context's name.
    pub context: String,
    /// The cluster's name in the kubeconfig.
    pub cluster: String,
    /// Who we are: the kubeconfig's name for the user, or who is impersonated.
    pub user: String,
    /// The context's namespace, when it has one.
    pub namespace: Option<String>,
    /// The API server's address.
    pub server: String,
    /// Whether the server's certificate is not checked.
    pub insecure: bool,
    /// Whom we impersonate, when we do.
    pub impersonating: Option<String>,
    /// The proxy's address, without its password, when there is one.
    pub proxy: Option<String>,
    /// What is odd but not wrong; one line each.
    pub warnings: Vec<String>,
    credentials: Arc<Credentials>,
}

impl Connection {
    /// Forgets cached credentials, and that a plugin was refused the terminal: the next request obtains new ones.
    /// For when a person asks to try again.
    pub fn forget_credentials(&self) {
        self.credentials.forget();
    }

    /// What has gone wrong since without keeping anyone from working: renewed tokens that could not be written to
    /// the kubeconfig. One line each.
    #[must_use]
    pub fn later_warnings(&self) -> Vec<String> {
        self.credentials.warnings()
    }
}

/// Makes a client for the context that `options` ask for. It connects with the first request, not here, so that a
/// server which is down is the business of whoever asks it something; see [`server_version`].
///
/// # Errors
///
/// [`Class::Config`](super::Class::Config) when the context is not there or says what cannot be,
/// [`Class::Credentials`](super::Class::Credentials) when a file of
/// certificates cannot be read.
pub async fn connect(
    kubeconfig: &Kubeconfig,
    options: &Options,
    terminal: TerminalRequests,
) -> Result<Connection, Error> {
    let mut target = kubeconfig.target(options.context.as_deref())?;
    let mut warnings = kubeconfig.warnings().to_vec();
    headers::impersonate(&mut target.user, options);
    let base = service::base(&target)?;
    let proxy = proxy::choose(&base, target.cluster.proxy_url.as_deref(), &options.environment)?;
    let insecure = target.cluster.insecure_skip_tls_verify.unwrap_or(false);
    let secure = base.scheme() == Some(&http::uri::Scheme::HTTPS);
    let credentials = if secure {
        Credentials::new(&target, options, terminal)?
    } else {
        if credentials::knows_someone(&target.user) {
            warnings.push(format!("{base} is not https: no credentials are sent"));
        }
        Credentials::none()
    };
    let credentials = Arc::new(credentials);
    let trust = if secure { Some(Arc::new(tls::Trust::load(&target, insecure).await?)) } else { None };
    let connection = Connection {
        context: target.context.clone(),
        cluster: target.cluster_name.clone(),
        user: target.user.impersonate.clone().unwrap_or_else(|| target.user_name.clone()),
        namespace: target.namespace.clone(),
        server: base.to_string().trim_end_matches('/').to_owned(),
        insecure: insecure && secure,
        impersonating: target.user.impersonate.clone(),
        proxy: proxy.as_ref().map(ToString::to_string),
        warnings,
        credentials: Arc::clone(&credentials),
        client: service::Stack {
            headers: headers::for_every_request(&target.user)?,
            base,
            proxy,
            trust,
            credentials,
            limits: options.limits,
        }
        .client(target.namespace.as_deref()),
    };
    Ok(connection)
}
