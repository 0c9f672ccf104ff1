//! Holds a log together: watches the pods, gives each container a source, and ends what is over.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use rustc_hash::FxBuildHasher;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

use super::earlier::{Past, PastSource};
use super::merge::{self, Merge};
use super::outlet::{Item, Outlet, Room};
use super::pods::{Container, LOGGED_PODS, Pod};
use super::resume::Resume;
use super::source::SourceTask;
use super::stream::{Progress, Reader, View};
use super::{
    Containers, LogBatch, LogEvent, LogFeed, LogId, LogRequest, LogTuning, Notice, Since, Source, SourceId,
    SourceState,
};
use crate::cluster::listwatch::{self, Backoff, Feed, Watch, WatchHandle};
use crate::cluster::{Batch, Class, Delta, Error, Link, WatchId};
use crate::resources::{RowId, Selection, Symbol};

/// Items and batches that may wait before whoever sends them does.
const WAITING: usize = 32;

/// An open log. Dropping it closes all its streams.
#[derive(Debug)]
pub struct TailHandle {
    task: AbortHandle,
    retry: Arc<Notify>,
    earlier: mpsc::Sender<u64>,
}

impl TailHandle {
    /// Tries again now whatever waits for its next attempt, or was refused.
    pub fn retry_now(&self) {
        self.retry.notify_waiters();
    }

    /// Asks for about so many lines from before the first ones; they come as [`LogEvent::Earlier`]. While they are on
    /// their way, asking again does nothing.
    pub fn earlier(&self, lines: u64) {
        let _ = self.earlier.try_send(lines);
    }
}

impl Drop for TailHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a log, on the current tokio runtime, until the handle is dropped or the receiver is gone.
///
/// Every failure is told as a [`Notice`] and met by waiting and trying again, as far as that can help.
#[must_use = "dropping the handle closes the log"]
pub fn open(
    client: kube::Client,
    id: LogId,
    request: LogRequest,
    feed: LogFeed,
    tuning: LogTuning,
) -> TailHandle {
    let retry = Arc::new(Notify::new());
    let (earlier, asked) = mpsc::channel(1);
    let noted = retry.clone();
    let task = tokio::spawn(async move {
        let receiver = feed.0.clone();
        let tail = Tail::new(client, id, request, feed, tuning, noted);
        tokio::select! {
            () = tail.run(asked) => {}
            () = receiver.closed() => {}
        }
    });
    TailHandle { task: task.abort_handle(), retry, earlier }
}

struct Tail {
    client: kube::Client,
    id: LogId,
    request: LogRequest,
    feed: LogFeed,
    tuning: Arc<LogTuning>,
    retry: Arc<Notify>,
    places: Arc<Semaphore>,
    room: Room,
    items: mpsc::Sender<Item>,
    merge: JoinSet<()>,
    pods: HashMap<RowId, Known, FxBuildHasher>,
    next: u32,
    sources: JoinSet<()>,
    watches: Vec<Watched>,
    past: Arc<Past>,
}

/// One selection of pods that is watched.
struct Watched {
    handle: WatchHandle,
    synced: bool,
    /// While a full list arrives, the pods that it has mentioned.
    mentioned: Option<HashSet<RowId, FxBuildHasher>>,
    pods: HashSet<RowId, FxBuildHasher>,
}

/// A pod that is read.
#[derive(Default)]
struct Known {
    sources: HashMap<Symbol, watch::Sender<View>>,
    refused: bool,
}

impl Tail {
    fn new(
        client: kube::Client,
        id: LogId,
        request: LogRequest,
        feed: LogFeed,
        tuning: LogTuning,
        retry: Arc<Notify>,
    ) -> Tail {
        let (items, received) = mpsc::channel(WAITING);
        let mut merge = JoinSet::new();
        let window = if request.follows() { tuning.window } else { tuning.window_at_rest };
        merge.spawn(merge::run(Merge::new(window, tuning.held_bytes / 2), id, received, feed.clone()));
        Tail {
            client,
            id,
            request,
            feed,
            retry,
            places: Arc::new(Semaphore::new(tuning.streams)),
            room: Room::new(tuning.held_bytes),
            tuning: Arc::new(tuning),
            items,
            merge,
            pods: HashMap::default(),
            next: 0,
            sources: JoinSet::new(),
            watches: Vec::new(),
            past: Arc::default(),
        }
    }

    async fn run(mut self, asked: mpsc::Receiver<u64>) {
        let (sender, mut batches) = mpsc::channel(WAITING);
        for (number, selection) in (0..).zip(self.request.pods.clone()) {
            let selection = Selection { kind: &LOGGED_PODS, ..selection };
            let watch = Watch { id: WatchId(number), selection };
            let (client, feed) = (self.client.clone(), Feed::new(sender.clone()));
            let handle = listwatch::open(client, watch, feed, self.tuning.watch.clone());
            let (mentioned, pods) = (None, HashSet::default());
            self.watches.push(Watched { handle, synced: false, mentioned, pods });
        }
        let mut earlier = JoinSet::new();
        earlier.spawn(self.earlier(asked));
        let retry = self.retry.clone();
        while !self.is_over() {
            let again = retry.notified();
            tokio::select! {
                Some(batch) = batches.recv() => self.take(batch).await,
                Some(_) = self.sources.join_next() => {}
                () = again => self.watches.iter().for_each(|watched| watched.handle.retry_now()),
            }
        }
        let Tail { items, mut merge, feed, id, .. } = self;
        // What waits to be put in order goes out before the end.
        drop(items);
        merge.join_next().await;
        let _ = feed.send(LogBatch { id, events: vec![LogEvent::End] }).await;
        // Earlier lines can still be asked for.
        earlier.join_next().await;
    }

    /// Fetches earlier lines as often as they are asked for.
    fn earlier(&self, mut asked: mpsc::Receiver<u64>) -> impl Future<Output = ()> + Send + 'static {
        let (client, tuning, past) = (self.client.clone(), self.tuning.clone(), self.past.clone());
        let (id, feed, since) = (self.id, self.feed.clone(), self.request.since);
        async move {
            while let Some(wanted) = asked.recv().await {
                let (lines, complete) = past.fetch(&client, &tuning, since, wanted).await;
                // Who asked again meanwhile has the answer to that now.
                while asked.try_recv().is_ok() {}
                let events = vec![LogEvent::Earlier { lines, complete }];
                if feed.send(LogBatch { id, events }).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Whether nothing more can come of what was not to be followed.
    fn is_over(&self) -> bool {
        !self.request.follows() && self.is_settled() && self.sources.is_empty()
    }

    /// Whether all pods are known that there were at the beginning.
    fn is_settled(&self) -> bool {
        self.watches.iter().all(|watched| watched.synced)
    }

    async fn say(&self, event: LogEvent) {
        let _ = self.items.send(Item::Event(event)).await;
    }

    /// Takes what a watch of pods says.
    async fn take(&mut self, batch: Batch) {
        let at = batch.watch.0 as usize;
        for delta in batch.deltas {
            match delta {
                Delta::Relist => self.watches[at].mentioned = Some(HashSet::default()),
                Delta::Upsert(row) => {
                    if let Some(pod) = Pod::of(&*row) {
                        let id = row.meta().id;
                        self.watches[at].pods.insert(id);
                        if let Some(mentioned) = &mut self.watches[at].mentioned {
                            mentioned.insert(id);
                        }
                        self.upsert(id, &row.meta().namespace, &row.meta().name, pod).await;
                    }
                }
                Delta::Delete(id) => {
                    self.watches[at].pods.remove(&id);
                    self.gone(id);
                }
                Delta::Synced => self.synced(at).await,
                Delta::Link(link) => self.link(at, link).await,
                Delta::Undecodable { error, .. } => {
                    let notice = Notice::State(SourceState::Refused(error));
                    let _ = self.items.send(Item::Notice(SourceId::NONE, notice)).await;
                }
            }
        }
    }

    async fn link(&mut self, at: usize, link: Link) {
        let refused = matches!(link, Link::Refused(_));
        self.say(LogEvent::Pods(link)).await;
        if refused {
            // Nothing is known of these pods until a person asks again.
            self.settle(at).await;
        }
    }

    /// The full list of a selection is complete: what it did not mention is gone.
    async fn synced(&mut self, at: usize) {
        let watched = &mut self.watches[at];
        if let Some(mentioned) = watched.mentioned.take() {
            let gone: Vec<RowId> = watched.pods.difference(&mentioned).copied().collect();
            watched.pods = mentioned;
            gone.into_iter().for_each(|id| self.gone(id));
        }
        self.settle(at).await;
    }

    /// A selection is known, as far as it can be.
    async fn settle(&mut self, at: usize) {
        let before = self.is_settled();
        self.watches[at].synced = true;
        if !before && self.is_settled() {
            self.say(LogEvent::Found(self.next as usize)).await;
            let waiting = (self.next as usize).saturating_sub(self.tuning.streams);
            if waiting > 0 {
                let _ = self.items.send(Item::Notice(SourceId::NONE, Notice::Queued(waiting))).await;
            }
        }
    }

    /// The pod is there and looks like this.
    async fn upsert(&mut self, id: RowId, namespace: &str, name: &str, pod: &Pod) {
        let named: Vec<&Container> = match &self.request.containers {
            Containers::All => pod.containers.iter().collect(),
            Containers::Named(wanted) => {
                pod.containers.iter().filter(|container| container.name == *wanted).collect()
            }
        };
        if named.is_empty() {
            return self.no_such_container(id, namespace, name, pod).await;
        }
        for container in named {
            let view = View { state: container.state.clone(), gone: false };
            let known = self.pods.entry(id).or_default().sources.get(&container.name);
            match known {
                Some(sender) => {
                    sender.send_if_modified(|before| std::mem::replace(before, view.clone()) != view);
                }
                // Who asks for all that ran before means those that did.
                None if self.request.previous
                    && self.request.containers == Containers::All
                    && !view.state.has_previous => {}
                None => {
                    let source = Source {
                        namespace: namespace.into(),
                        pod: name.into(),
                        container: container.name.clone(),
                        role: container.role,
                        one_of_many: pod.containers.len() > 1,
                    };
                    let sender = self.begin(source, view).await;
                    self.pods.entry(id).or_default().sources.insert(container.name.clone(), sender);
                }
            }
        }
    }

    /// Begins to read a container.
    async fn begin(&mut self, source: Source, view: View) -> watch::Sender<View> {
        let (id, source) = (SourceId(self.next), Arc::new(source));
        self.next += 1;
        self.say(LogEvent::Source(id, source.clone())).await;
        let progress = Arc::new(Mutex::new(Progress::default()));
        let (sender, view) = watch::channel(view);
        self.past.add(PastSource {
            id,
            source: source.clone(),
            progress: progress.clone(),
            view: view.clone(),
        });
        let task = SourceTask {
            reader: Reader {
                client: self.client.clone(),
                tuning: self.tuning.clone(),
                source,
                out: Outlet::new(id, self.items.clone(), self.room.clone()),
                view,
                progress,
                // What appears later was not there before.
                since: if self.is_settled() { Since::All } else { self.request.since },
                run: 0,
                resume: Resume::default(),
                rest: None,
                asked: None,
            },
            places: self.places.clone(),
            retry: self.retry.clone(),
            backoff: Backoff::default(),
        };
        let (follows, previous, items) = (self.request.follows(), self.request.previous, self.items.clone());
        self.sources.spawn(async move {
            let run = async move { if follows { task.follow().await } else { task.read(previous).await } };
            // A mistake in this program is told like a refusal: no source ends in silence.
            if let Err(panic) = AssertUnwindSafe(run).catch_unwind().await {
                let refused = SourceState::Refused(Arc::new(Error::from_panic(&*panic)));
                let _ = items.send(Item::Notice(id, Notice::State(refused))).await;
                let _ = items.send(Item::Close(id)).await;
            }
        });
        sender
    }

    /// The pod has no container of the name that was asked for; said once.
    async fn no_such_container(&mut self, id: RowId, namespace: &str, name: &str, pod: &Pod) {
        let Containers::Named(wanted) = &self.request.containers else { return };
        let known = self.pods.entry(id).or_default();
        if std::mem::replace(&mut known.refused, true) {
            return;
        }
        let names: Vec<&str> = pod.containers.iter().map(|container| &*container.name).collect();
        let message =
            format!("pod {name} in {namespace} has no container {wanted}; it has {}", names.join(", "));
        let refused = SourceState::Refused(Arc::new(Error::new(Class::NotFound, message)));
        let _ = self.items.send(Item::Notice(SourceId::NONE, Notice::State(refused))).await;
    }

    /// The pod is gone, unless another selection has it.
    fn gone(&mut self, id: RowId) {
        if self.watches.iter().any(|watched| watched.pods.contains(&id)) {
            return;
        }
        for sender in self.pods.remove(&id).unwrap_or_default().sources.into_values() {
            sender.send_modify(|view| view.gone = true);
        }
    }
}
