//! The cluster we are connected to, as far as the screen knows.

use std::sync::Arc;

use crate::cluster::Error;
use crate::resources::Time;

/// A context of the kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// The name of its cluster.
    pub cluster: String,
    /// Its server and its user, for people to tell contexts apart.
    pub detail: String,
}

/// How far the connection has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Credentials are being obtained.
    Connecting,
    /// There is a client.
    Connected,
    /// It failed.
    Failed {
        /// Why.
        error: Arc<Error>,
        /// Since when.
        since: Time,
    },
}

/// The session.
#[derive(Debug)]
pub struct Session {
    /// The context.
    pub context: String,
    /// All contexts.
    pub contexts: Vec<Context>,
    /// How far it has come.
    pub stage: Stage,
    /// The context's namespace.
    pub namespace: Option<String>,
    /// Who we are: the kubeconfig's word until the server's is there.
    pub user: String,
    /// The server's version.
    pub version: Option<String>,
    /// Whether the server's certificate is not checked.
    pub insecure: bool,
    /// Whether the server was asked for its version and for who we are.
    pub identified: bool,
}

impl Session {
    /// A session that is about to connect.
    #[must_use]
    pub fn new(context: String, contexts: Vec<Context>) -> Session {
        Session {
            context,
            contexts,
            stage: Stage::Connecting,
            namespace: None,
            user: String::new(),
            version: None,
            insecure: false,
            identified: false,
        }
    }

    /// The name of the cluster, unless the context's says as much.
    #[must_use]
    pub fn cluster(&self) -> Option<&str> {
        let context = self.contexts.iter().find(|context| context.name == self.context)?;
        Some(&*context.cluster).filter(|cluster| !cluster.is_empty() && *cluster != self.context)
    }

    /// The same contexts, about to connect to another.
    pub fn switch(&mut self, context: String) {
        *self = Session::new(context, std::mem::take(&mut self.contexts));
    }
}
