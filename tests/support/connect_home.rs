//! A directory with a kubeconfig in it, credential plugins beside it, and a way to connect with them.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use kittiwake::cluster::Error;
use kittiwake::cluster::connect::{Connection, Kubeconfig, Options, TerminalRequests, connect};

use super::connect_pki::{Authority, Pair, Validity};
use super::connect_server::{Answer, Seen, Server};

/// Where a test's files are.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Home {
        Home(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// A program that notes each of its runs and goes on as `script` says.
    pub(crate) fn plugin(&self, name: &str, script: &str) -> PathBuf {
        let runs = self.path(&format!("{name}.runs"));
        let text = format!("#!/bin/sh\necho \"$KUBERNETES_EXEC_INFO\" >> {}\n{script}\n", runs.display());
        let path = self.write(name, &text);
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        path
    }

    /// What a plugin was told in each of its runs.
    pub(crate) fn runs(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.path(&format!("{name}.runs"))).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// A kubeconfig with one context of `cluster` and `user`, each in YAML's flow style.
    pub(crate) fn config(&self, cluster: &str, user: &str) -> Options {
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: here\n\
             contexts:\n- {{name: here, context: {{cluster: c, user: u, namespace: ns}}}}\n\
             clusters:\n- {{name: c, cluster: {cluster}}}\nusers:\n- {{name: u, user: {user}}}\n"
        );
        Options { kubeconfig: Some(self.write("config", &text)), ..Options::default() }
    }
}

/// An API server over TLS with an authority of its own.
pub(crate) struct Cluster {
    pub(crate) authority: Authority,
    pub(crate) server: Server,
}

impl Cluster {
    pub(crate) async fn new(respond: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Cluster {
        let authority = Authority::new("cluster");
        let pair = authority.issue("server", &["127.0.0.1", "kubernetes"], Validity::Now);
        let server = Server::https(&pair, respond).await;
        Cluster { authority, server }
    }

    /// Its part of a kubeconfig.
    pub(crate) fn entry(&self) -> String {
        self.entry_with("")
    }

    /// The same with more fields.
    pub(crate) fn entry_with(&self, more: &str) -> String {
        let authority = base64(&self.authority.pem());
        format!(
            "{{server: 'https://{}', certificate-authority-data: {authority}{more}}}",
            self.server.address
        )
    }

    pub(crate) fn client(&self, validity: Validity) -> Pair {
        self.authority.issue("alice", &[], validity)
    }
}

pub(crate) fn base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// Connects where nobody lends a terminal.
pub(crate) async fn connected(options: &Options) -> Result<Connection, Error> {
    let (terminal, _) = tokio::sync::mpsc::channel(1);
    connected_with(options, terminal).await
}

pub(crate) async fn connected_with(
    options: &Options,
    terminal: TerminalRequests,
) -> Result<Connection, Error> {
    connect(&Kubeconfig::load(options)?, options, terminal).await
}

/// Connects and asks who we are.
pub(crate) async fn who(options: &Options) -> Result<String, Error> {
    kittiwake::cluster::connect::whoami(connected(options).await?.client).await
}

/// The line that connecting, or asking who we are, ends in when it fails.
pub(crate) async fn failure(options: &Options) -> String {
    who(options).await.unwrap_err().to_string()
}
