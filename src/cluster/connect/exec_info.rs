//! What a credential plugin is told: `ExecCredential` with a spec, in a variable.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use kube::config::{Cluster, ExecConfig};
use serde_json::{Value, json};

use super::credentials;
use super::kubeconfig::Target;
use super::tls;
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

const GROUP: &str = "client.authentication.k8s.io";
/// The extension of a cluster that is passed on to plugins.
const EXTENSION: &str = "client.authentication.k8s.io/exec";

/// What is passed on, but for whether a person is there.
pub(super) struct Info {
    pub(super) api_version: String,
    /// With `provideClusterInfo`.
    cluster: Option<Cluster>,
}

impl Info {
    pub(super) fn new(target: &Target, exec: &ExecConfig) -> Result<Info, Error> {
        let api_version = exec.api_version.clone().unwrap_or_default();
        let version = api_version.strip_prefix(GROUP).and_then(|rest| rest.strip_prefix('/'));
        if !matches!(version, Some("v1" | "v1beta1")) {
            let (user, said) = (credentials::named(target), one_line(&api_version, 80));
            let message = match said.as_str() {
                "" => format!("exec of {user} in the kubeconfig has no apiVersion"),
                said => format!(
                    "exec of {user} in the kubeconfig has the apiVersion \"{said}\", which no one speaks"
                ),
            };
            let advice = format!("get a new kubeconfig for this cluster, or set it to {GROUP}/v1");
            return Err(Error::new(Class::Config, message).advise(advice));
        }
        let cluster = exec.provide_cluster_info.then(|| target.cluster.clone());
        Ok(Info { api_version, cluster })
    }

    /// The variable's value.
    pub(super) async fn encode(&self, interactive: bool) -> Result<String, Error> {
        let mut spec = json!({ "interactive": interactive });
        if let Some(cluster) = &self.cluster {
            spec["cluster"] = describe(cluster).await?;
        }
        let info = json!({ "apiVersion": self.api_version, "kind": "ExecCredential", "spec": spec });
        Ok(info.to_string())
    }
}

async fn describe(cluster: &Cluster) -> Result<Value, Error> {
    let mut told = json!({ "server": cluster.server });
    let mut tell = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            told[name] = value;
        }
    };
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    tell("tls-server-name", said(&cluster.tls_server_name).map(Value::from));
    tell("proxy-url", said(&cluster.proxy_url).map(Value::from));
    tell("insecure-skip-tls-verify", cluster.insecure_skip_tls_verify.filter(|&skip| skip).map(Value::from));
    tell("disable-compression", cluster.disable_compression.filter(|&off| off).map(Value::from));
    let (data, path) = (said(&cluster.certificate_authority_data), said(&cluster.certificate_authority));
    let authority =
        tls::read(data.as_deref(), path.as_deref(), "certificate-authority of the cluster", Class::Config)
            .await?;
    tell("certificate-authority-data", authority.map(|bytes| BASE64.encode(bytes).into()));
    let config = cluster.extensions.iter().flatten().find(|extension| extension.name == EXTENSION);
    tell("config", config.map(|extension| extension.extension.clone()));
    Ok(told)
}
