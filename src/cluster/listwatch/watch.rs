//! What happens after the list.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::answer::Answer;
use super::backoff::random;
use super::lines::Lines;
use super::objects::{Head, Objects};
use super::session::{Session, Stop};
use super::{fault, request};
use crate::cluster::{Delta, Error, Link};
use crate::resources::wire::Str;

/// How far the rows of a selection are known.
#[derive(Debug, Default)]
pub(super) struct Position {
    /// The version at which they are; empty when everything must be listed.
    pub(super) version: String,
    /// Since when the current watch is established.
    pub(super) since: Option<Instant>,
    /// Whether the server has ever sent a bookmark here. Servers that do, do so every minute; without bookmarks
    /// silence means nothing.
    pub(super) bookmarks: bool,
}

impl Session {
    /// Watches from `position` on, which moves with each event, until the server ends the watch.
    ///
    /// # Errors
    /// With each failure; `position` is where to resume.
    pub(super) async fn watch(&mut self, position: &mut Position) -> Result<(), Stop> {
        let doing = self.doing("watching");
        let life = self.tuning.watch_life.mul_f64(1.0 + random());
        let request = request::watch(&self.selection, &position.version, life);
        let answer = self.ask(request, self.tuning.watch_idle, &doing).await;
        let answer = answer
            .map_err(|error| if error.may_pass() { Stop::Fault(error) } else { Stop::NoWatch(error) })?;
        position.since = Some(Instant::now());
        self.out.link(Link::Live).await?;
        self.events(answer, position).await.map_err(|stop| stop.while_doing(&doing))
    }

    async fn events(&mut self, mut answer: Answer, position: &mut Position) -> Result<(), Stop> {
        let mut lines = Lines::new(self.tuning.object_bytes);
        loop {
            while let Some(piece) = answer.piece()? {
                let deltas = &mut self.out.deltas;
                let taken = lines.push(piece, |line| event(line, &mut self.objects, position, deltas));
                // What was said after this version was an error or made no sense; what is so now may.
                taken.inspect_err(|_| position.version.clear())?;
                self.out.settle(piece.len()).await?;
            }
            match self.refill(&mut answer, Duration::ZERO).await {
                Ok(true) => {}
                Ok(false) if lines.rest().is_empty() => return Ok(()),
                Ok(false) => return Err(fault::cut_event().into()),
                // It may have nothing to say: dial again before saying that it is gone.
                Err(_) if answer.is_silent() && !position.bookmarks => return Ok(()),
                Err(stop) => return Err(stop),
            }
        }
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
