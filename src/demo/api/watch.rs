//! Watching: what happens to the objects of a selection, as it happens.
//!
//! A watch is a place in the history of the world and nothing more: it holds no changes back for its client. Who reads
//! too slowly for the history to last is told so, and lists again.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::body::PIECE;
use super::path::Place;
use super::read::{forbidden, parse_version, selector};
use super::request::Request;
use super::shape::Shape;
use super::{Answer, Body, Query, typed};
use crate::demo::server::{Hub, sleep};
use crate::demo::world::value::set;
use crate::demo::world::{Change, Failure, Object, Outcome, Selector, TypeId, World};

/// How often a client that wants bookmarks gets one.
const BOOKMARKS: Duration = Duration::from_secs(60);

/// How long a watch lasts where the client does not say.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// A watch.
struct Watch {
    of: TypeId,
    namespace: String,
    selector: Selector,
    shape: Shape,
    /// What there was when the watch began, and is still to be told.
    first: std::vec::IntoIter<Arc<Object>>,
    /// The client wants to know when it was told all of that.
    mark_first: bool,
    /// The version up to which everything was told.
    position: u64,
}

/// What came of a look at the world.
enum Look {
    /// There is more to tell.
    More,
    /// That was all for now.
    Done,
    /// What happened is forgotten, so the watch ends.
    Lost,
}

/// Begins a watch.
pub(super) fn answer(hub: &Arc<Hub>, of: TypeId, place: &Place, request: &Request) -> Answer {
    // What happens from here on wakes the watch, even if it happens before the watch first sleeps.
    let changes = hub.changes();
    let watch = hub.with(|world| Watch::new(world, of, place, request))?;
    let seconds = request.query.number("timeoutSeconds")?.and_then(|seconds| u64::try_from(seconds).ok());
    let life = seconds.filter(|seconds| *seconds > 0).map_or(LIFE, Duration::from_secs);
    let bookmarks = request.query.flag("allowWatchBookmarks");
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(follow(hub.clone(), watch, changes, Instant::now() + life, bookmarks, sender));
    Ok(typed(200, "application/json", Body::Stream(receiver)))
}

async fn follow(
    hub: Arc<Hub>,
    mut watch: Watch,
    mut changes: tokio::sync::watch::Receiver<u64>,
    end: Instant,
    bookmarks: bool,
    sender: mpsc::Sender<Bytes>,
) {
    let mut bookmark = Instant::now() + BOOKMARKS;
    loop {
        let mut out = Vec::new();
        let look = watch.read(&hub, &mut out);
        if !out.is_empty() && sender.send(out.into()).await.is_err() {
            return;
        }
        match look {
            Look::More => continue,
            Look::Lost => return,
            Look::Done => {}
        }
        let mut out = Vec::new();
        tokio::select! {
            _ = changes.changed() => {}
            () = sleep(bookmarks.then(|| bookmark.saturating_duration_since(Instant::now()))) => {
                bookmark = Instant::now() + BOOKMARKS;
                watch.bookmark(&json!({}), &mut out);
            }
            () = tokio::time::sleep_until(end) => return,
            () = sender.closed() => return,
        }
        if !out.is_empty() && sender.send(out.into()).await.is_err() {
            return;
        }
    }
}

impl Watch {
    fn new(world: &World, of: TypeId, place: &Place, request: &Request) -> Outcome<Watch> {
        let query = &request.query;
        let selector = selector(world, of, query)?;
        let shape = Shape::of(world.kind(of), request, world.now)?;
        let mark_first = wants_first(query)?;
        let version = query.get("resourceVersion");
        let asked = if version.is_empty() { 0 } else { parse_version(version)? };
        let now = world.store.version();
        let (first, position) = if mark_first || asked == 0 {
            let all = world.store.all(of, &place.namespace).filter(|object| selector.matches(object));
            (all.cloned().collect(), now)
        } else {
            (Vec::new(), asked)
        };
        let namespace = place.namespace.clone();
        Ok(Watch { of, namespace, selector, shape, first: first.into_iter(), mark_first, position })
    }

    /// Tells what there is to tell, about a piece of it at once.
    fn read(&mut self, hub: &Hub, out: &mut Vec<u8>) -> Look {
        while let Some(object) = self.first.next() {
            self.event("ADDED", object.json(), object.version, out);
            if out.len() >= PIECE {
                return Look::More;
            }
        }
        if std::mem::take(&mut self.mark_first) {
            self.bookmark(&json!({"k8s.io/initial-events-end": "true"}), out);
        }
        hub.peek(|world| self.read_changes(world, out))
    }

    fn read_changes(&mut self, world: &World, out: &mut Vec<u8>) -> Look {
        self.shape.set_now(world.now);
        let changes = match world.store.after(self.position) {
            Ok(changes) => changes,
            Err(failure) => {
                error(&failure, out);
                return Look::Lost;
            }
        };
        for change in changes {
            self.change(change, out);
            self.position = change.version;
            if out.len() >= PIECE {
                return Look::More;
            }
        }
        self.position = self.position.max(world.store.version());
        Look::Done
    }

    fn change(&mut self, change: &Change, out: &mut Vec<u8>) {
        let key = &change.object().key;
        if key.of != self.of || (!self.namespace.is_empty() && *key.namespace != *self.namespace) {
            return;
        }
        let selected = |object: &Option<Arc<Object>>| {
            object.as_ref().filter(|object| self.selector.matches(object)).cloned()
        };
        match (selected(&change.before), selected(&change.after)) {
            (None, Some(after)) => self.event("ADDED", after.json(), after.version, out),
            (Some(_), Some(after)) => self.event("MODIFIED", after.json(), after.version, out),
            (Some(before), None) => {
                // The object as it was last, with the version at which it went.
                let mut last = before.value();
                set(&mut last, "/metadata/resourceVersion", change.version.to_string());
                self.event("DELETED", last.to_string().as_bytes(), change.version, out);
            }
            (None, None) => {}
        }
    }

    fn event(&mut self, what: &str, json: &[u8], version: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(format!(r#"{{"type":"{what}","object":"#).as_bytes());
        self.shape.one(json, version, out);
        out.extend_from_slice(b"}\n");
    }

    /// An event that says nothing but how far the client has been told.
    fn bookmark(&mut self, annotations: &Value, out: &mut Vec<u8>) {
        let mut object = self.shape.empty();
        object["metadata"] = json!({"resourceVersion": self.position.to_string()});
        if annotations.as_object().is_some_and(|annotations| !annotations.is_empty()) {
            object["metadata"]["annotations"] = annotations.clone();
        }
        self.event("BOOKMARK", object.to_string().as_bytes(), self.position, out);
    }
}

/// Whether the watch is to begin with what there is, and to say when it was told.
fn wants_first(query: &Query) -> Outcome<bool> {
    let how = query.get("resourceVersionMatch");
    match (query.get("sendInitialEvents"), how) {
        ("", "") => Ok(false),
        ("", _) => {
            Err(forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
        }
        (_, "NotOlderThan") => Ok(query.flag("sendInitialEvents")),
        (..) => Err(forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")),
    }
}

fn error(failure: &Failure, out: &mut Vec<u8>) {
    out.extend_from_slice(json!({"type": "ERROR", "object": failure.to_status()}).to_string().as_bytes());
    out.push(b'\n');
}
