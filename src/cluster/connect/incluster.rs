//! Within a pod: the service account as a kubeconfig of one context, so that everything after goes one way.

use std::net::IpAddr;

use kube::config::{AuthInfo, Cluster, Context, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext};

use super::Environment;

/// The name of the only context, of its cluster and of its user.
pub(super) const NAME: &str = "in-cluster";

/// The kubeconfig that a pod's environment and mounted files amount to; `None` outside of a pod.
pub(super) fn kubeconfig(environment: &Environment) -> Option<Kubeconfig> {
    let host = environment.service_host.as_deref().filter(|host| !host.is_empty())?;
    let port = environment.service_port.as_deref().filter(|port| !port.is_empty())?;
    let file = |name: &str| environment.service_account.join(name);
    let path = |name: &str| file(name).to_str().map(str::to_owned);
    if !file("token").is_file() {
        return None;
    }
    let namespace = std::fs::read_to_string(file("namespace")).ok().map(|text| text.trim().to_owned());
    let cluster = Cluster {
        server: Some(server(host, port)),
        certificate_authority: path("ca.crt").filter(|_| file("ca.crt").is_file()),
        ..Cluster::default()
    };
    let user = AuthInfo { token_file: path("token"), ..AuthInfo::default() };
    let context = Context {
        cluster: NAME.to_owned(),
        user: Some(NAME.to_owned()),
        namespace: namespace.filter(|namespace| !namespace.is_empty()),
        ..Context::default()
    };
    let name = || NAME.to_owned();
    Some(Kubeconfig {
        clusters: vec![NamedCluster { name: name(), cluster: Some(cluster), ..NamedCluster::default() }],
        auth_infos: vec![NamedAuthInfo { name: name(), auth_info: Some(user), ..NamedAuthInfo::default() }],
        contexts: vec![NamedContext { name: name(), context: Some(context), ..NamedContext::default() }],
        current_context: Some(name()),
        ..Kubeconfig::default()
    })
}

/// The server's address; an IPv6 host gets its brackets.
fn server(host: &str, port: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => format!("https://[{address}]:{port}"),
        _ => format!("https://{host}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_every_family_become_an_address() {
        assert_eq!(server("10.0.0.1", "443"), "https://10.0.0.1:443");
        assert_eq!(server("fd00::1", "6443"), "https://[fd00::1]:6443");
        assert_eq!(server("kubernetes.default", "443"), "https://kubernetes.default:443");
    }
}
