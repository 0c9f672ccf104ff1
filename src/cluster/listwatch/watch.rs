//! What happens after the list.

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::backoff::random;
use super::lines::Lines;
use super::objects::{Head, Objects};
use super::session::{Session, Stop};
use super::{fault, request};
use crate::cluster::{Delta, Error, Link};
use crate::resources::wire::Str;

/// How far a watch has come.
#[derive(Debug, Clone)]
pub(super) struct Position {
    /// The version after which it goes on.
    pub(super) version: String,
    /// Since when the current watch is established.
    pub(super) since: Option<Instant>,
    /// Whether this server has ever sent a bookmark here. Those that do, do so every minute; without them silence
    /// means nothing.
    pub(super) bookmarks: bool,
}

impl Position {
    /// Right behind a list that was so at `version`.
    pub(super) const fn after_list(version: String) -> Position {
        Position { version, since: None, bookmarks: false }
    }
}

impl Session {
    /// Watches from `position` on, which moves with each event, until the server ends the watch.
    ///
    /// # Errors
    /// With each failure; `position` is where to resume.
    pub(super) async fn watch(&mut self, position: &mut Position) -> Result<(), Stop> {
        position.since = None;
        let life = self.tuning.watch_life.mul_f64(1.0 + random());
        let request = request::watch(&self.selection, &position.version, life);
        let mut answer = self.ask(request, self.tuning.watch_idle).await?;
        position.since = Some(Instant::now());
        self.out.link(Link::Live).await?;
        let mut lines = Lines::new(self.tuning.object_bytes);
        loop {
            while let Some(piece) = answer.piece()? {
                let deltas = &mut self.out.deltas;
                lines.push(piece, |line| event(line, &mut self.objects, position, deltas))?;
                self.out.settle(piece.len()).await?;
            }
            if !self.refill(&mut answer).await? {
                break;
            }
        }
        if !lines.rest().is_empty() {
            return Err(fault::truncated().into());
        }
        self.out.flush().await?;
        Ok(())
    }
}

/// One event, as the server writes it.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "type")]
    kind: Str<'a>,
    #[serde(borrow)]
    object: &'a RawValue,
}

/// Takes one line of a watch.
fn event(
    line: &[u8],
    objects: &mut Objects,
    position: &mut Position,
    deltas: &mut Vec<Delta>,
) -> Result<(), Error> {
    if line.trim_ascii().is_empty() {
        return Ok(());
    }
    let event: Event<'_> = serde_json::from_slice(line).map_err(|_| fault::not_an_event(line))?;
    let object = event.object.get().as_bytes();
    if &*event.kind == "ERROR" {
        return Err(fault::of_event(object));
    }
    let head = Head::read(object)?;
    match &*event.kind {
        "ADDED" | "MODIFIED" => objects.upsert(object, deltas)?,
        "DELETED" => objects.delete(object, &head, deltas),
        "BOOKMARK" => position.bookmarks = true,
        _ => return Err(fault::not_an_event(line)),
    }
    if !head.version().is_empty() {
        position.version.clear();
        position.version.push_str(head.version());
    }
    Ok(())
}
