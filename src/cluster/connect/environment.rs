//! What the process environment says about the way to a cluster, read once.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// Where Kubernetes mounts a pod's credentials.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The variables that lead to a cluster. They are captured once and passed on, so that tests say what they are
/// instead of changing those of the process.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `KUBECONFIG`: a list of files.
    pub kubeconfig: Option<OsString>,
    /// The home directory; `~/.kube/config` is the kubeconfig when nothing else is said.
    pub home: Option<PathBuf>,
    /// `HTTPS_PROXY` or `https_proxy`.
    pub https_proxy: Option<String>,
    /// `HTTP_PROXY` or `http_proxy`.
    pub http_proxy: Option<String>,
    /// `NO_PROXY` or `no_proxy`.
    pub no_proxy: Option<String>,
    /// `KUBERNETES_SERVICE_HOST`: set within a pod.
    pub service_host: Option<String>,
    /// `KUBERNETES_SERVICE_PORT`: set within a pod.
    pub service_port: Option<String>,
    /// The directory of a pod's own credentials.
    pub service_account: PathBuf,
}

impl Environment {
    /// What this process's environment says now.
    #[must_use]
    pub fn capture() -> Environment {
        let any = |names: [&str; 2]| {
            names.into_iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        };
        let one = |name: &str| any([name, name]);
        Environment {
            kubeconfig: std::env::var_os("KUBECONFIG").filter(|value| !value.is_empty()),
            home: std::env::home_dir(),
            https_proxy: any(["HTTPS_PROXY", "https_proxy"]),
            http_proxy: any(["HTTP_PROXY", "http_proxy"]),
            no_proxy: any(["NO_PROXY", "no_proxy"]),
            service_host: one("KUBERNETES_SERVICE_HOST"),
            service_port: one("KUBERNETES_SERVICE_PORT"),
            service_account: PathBuf::from(SERVICE_ACCOUNT),
        }
    }
}

/// Without the proxies' addresses, which may hold passwords.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |url: &Option<String>| url.as_ref().map(|_| "…");
        f.debug_struct("Environment")
            .field("kubeconfig", &self.kubeconfig)
            .field("home", &self.home)
            .field("https_proxy", &hidden(&self.https_proxy))
            .field("http_proxy", &hidden(&self.http_proxy))
            .field("no_proxy", &self.no_proxy)
            .field("service_host", &self.service_host)
            .field("service_port", &self.service_port)
            .field("service_account", &self.service_account)
            .finish()
    }
}
