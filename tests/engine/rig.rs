//! Both ends of a watch: the server's, which a test plays itself, and the table's.

use kittiwake::cluster::WatchId;
use kittiwake::cluster::listwatch::{Feed, Tuning, Watch, WatchHandle, open};
use kittiwake::resources::{Selection, find};
use serde_json::{Value, json};
use tokio::sync::mpsc;

pub(crate) use crate::server::{Asked, Flow, LONG, at, bookmark, client, event, list, status};
use crate::table::Table;

/// A watch under test: the requests it makes, and the table that it fills.
pub(crate) struct Rig {
    pub(crate) handle: Option<WatchHandle>,
    pub(crate) requests: mpsc::UnboundedReceiver<Asked>,
    pub(crate) table: Table,
}

impl Rig {
    /// All pods, with the program's own figures.
    pub(crate) fn pods() -> Rig {
        Rig::open(Selection::all(find("pods").unwrap(), None), Tuning::default(), 64)
    }

    /// A watch whose batches go through a channel of this capacity.
    pub(crate) fn open(selection: Selection, tuning: Tuning, capacity: usize) -> Rig {
        let (client, requests) = client();
        let (sender, batches) = mpsc::channel(capacity);
        let mut table = Table::new(batches);
        table.of_pods = selection.kind.plural == "pods";
        let watch = Watch { id: WatchId(1), selection };
        let handle = Some(open(client, watch, Feed::new(sender), tuning));
        Rig { handle, requests, table }
    }

    /// The next request.
    pub(crate) async fn asked(&mut self) -> Asked {
        let asked = tokio::time::timeout(LONG, self.requests.recv()).await;
        asked.unwrap_or_else(|_| panic!("no request; the table is {:#?}", self.table)).unwrap()
    }

    /// The next request, which must be for a watch.
    pub(crate) async fn asked_watch(&mut self) -> Asked {
        let asked = self.asked().await;
        assert!(asked.is_watch(), "not a watch: {}", asked.uri);
        asked
    }

    /// The next request, which must be for a list from its beginning.
    pub(crate) async fn asked_list(&mut self) -> Asked {
        let asked = self.asked().await;
        assert!(!asked.is_watch() && asked.query("continue").is_none(), "not a new list: {}", asked.uri);
        asked
    }

    /// Answers the first list with these pods, and then the watch.
    pub(crate) async fn settled(&mut self, version: &str, pods: &[Value]) -> Flow {
        self.asked_list().await.list(version, "", pods).await;
        let flow = self.asked_watch().await.ok();
        self.table.until(Table::is_live).await;
        flow
    }

    /// Makes sure that nothing is asked for a long time.
    pub(crate) async fn silence(&mut self) {
        let asked = tokio::time::timeout(LONG, self.requests.recv()).await;
        assert!(asked.is_err(), "asked {}", asked.unwrap().unwrap().uri);
    }
}

/// A pod whose uid follows from its name and which runs on `node`.
pub(crate) fn pod(name: &str, node: &str) -> Value {
    json!({
        "metadata": { "name": name, "namespace": "default", "uid": format!("uid-of-{name}") },
        "spec": { "nodeName": node, "containers": [{ "name": "app" }] },
        "status": { "phase": "Running" },
    })
}

/// Bytes as gzip.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
