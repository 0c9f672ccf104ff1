//! What a table would make of the batches that it gets.

use std::collections::{BTreeMap, BTreeSet};

use kittiwake::cluster::{Batch, Class, Delta, Error, Link, WatchId};
use kittiwake::resources::{RowId, Time};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::rig::LONG;

/// The index of the column that shows a pod's node.
const NODE: usize = 6;

/// What a table would show.
#[derive(Debug)]
pub(crate) struct Table {
    batches: mpsc::Receiver<Batch>,
    /// Whether rows have a column of nodes.
    pub(crate) of_pods: bool,
    /// The node of each pod, by name. Tests put there what they want to see again.
    pub(crate) rows: BTreeMap<String, String>,
    ids: BTreeMap<RowId, String>,
    /// While a full list runs, the rows that it has mentioned.
    listed: Option<BTreeSet<RowId>>,
    pub(crate) lists: usize,
    pub(crate) link: Link,
    /// Each interruption and refusal so far.
    pub(crate) faults: Vec<(Class, String)>,
    pub(crate) undecodable: Option<(usize, String)>,
    pub(crate) largest_batch: usize,
    /// Whether each row's node is `v` and its version, which must then grow from event to event.
    pub(crate) strict: bool,
}

impl Table {
    pub(crate) fn new(batches: mpsc::Receiver<Batch>) -> Table {
        Table {
            batches,
            of_pods: true,
            rows: BTreeMap::new(),
            ids: BTreeMap::new(),
            listed: None,
            lists: 0,
            link: Link::Connecting,
            faults: Vec::new(),
            undecodable: None,
            largest_batch: 0,
            strict: false,
        }
    }

    /// Takes batches until the table looks like this.
    pub(crate) async fn until(&mut self, looks: impl Fn(&Table) -> bool) {
        let deadline = Instant::now() + LONG;
        while !looks(self) {
            match tokio::time::timeout_at(deadline, self.batches.recv()).await {
                Ok(Some(batch)) => self.take(batch),
                Ok(None) => panic!("the engine has ended; the table is {self:#?}"),
                Err(_) => panic!("it never came to look so; the table is {self:#?}"),
            }
        }
    }

    /// Takes batches until the rows are these and nothing is under way.
    pub(crate) async fn until_rows(&mut self, names: &[&str]) {
        self.until(|table| table.listed.is_none() && table.rows.keys().eq(names)).await;
    }

    pub(crate) fn is_live(&self) -> bool {
        self.link == Link::Live && self.listed.is_none()
    }

    /// How many rows there are; parts of several objects may share a name.
    pub(crate) fn count(&self) -> usize {
        self.ids.len()
    }

    /// Takes no batches any more.
    pub(crate) fn hang_up(&mut self) {
        self.batches = mpsc::channel(1).1;
    }

    /// Takes batches until this many faults have been told.
    pub(crate) async fn until_faults(&mut self, count: usize) -> (Class, &str) {
        self.until(|table| table.faults.len() >= count).await;
        let (class, message) = &self.faults[count - 1];
        (*class, message)
    }

    fn take(&mut self, batch: Batch) {
        assert!(!batch.deltas.is_empty(), "a batch says something");
        assert_eq!(batch.watch, WatchId(1));
        self.largest_batch = self.largest_batch.max(batch.deltas.len());
        batch.deltas.into_iter().for_each(|delta| self.apply(delta));
    }

    fn apply(&mut self, delta: Delta) {
        match delta {
            Delta::Relist => {
                self.listed = Some(BTreeSet::new());
                self.lists += 1;
            }
            Delta::Upsert(row) => {
                let meta = row.meta();
                if let Some(listed) = &mut self.listed {
                    listed.insert(meta.id);
                }
                let mut node = String::new();
                if self.of_pods {
                    row.cell(NODE).write(Time(0), &mut node);
                }
                if self.strict && self.listed.is_none() {
                    let version = |node: &String| node[1..].parse::<u64>().unwrap();
                    let before = self.rows.get(&*meta.name).map_or(0, version);
                    assert!(version(&node) > before, "{} told twice, or too late", meta.name);
                }
                self.ids.insert(meta.id, meta.name.to_string());
                self.rows.insert(meta.name.to_string(), node);
            }
            Delta::Delete(id) => self.drop_row(id),
            Delta::Synced => {
                let listed = self.listed.take().expect("a list ends that has begun");
                let gone: Vec<RowId> = self.ids.keys().copied().filter(|id| !listed.contains(id)).collect();
                gone.into_iter().for_each(|id| self.drop_row(id));
            }
            Delta::Link(link) => {
                let note = |error: &Error| (error.class, error.message.clone());
                match &link {
                    Link::Interrupted { error, .. } | Link::Refused(error) => self.faults.push(note(error)),
                    Link::Connecting | Link::Live | Link::Polled { .. } => {}
                }
                self.link = link;
            }
            Delta::Undecodable { count, error } => self.undecodable = Some((count, error.message.clone())),
        }
    }

    fn drop_row(&mut self, id: RowId) {
        let name = self.ids.remove(&id).expect("what is deleted was there");
        if !self.ids.values().any(|other| *other == name) {
            self.rows.remove(&name);
        }
    }
}
