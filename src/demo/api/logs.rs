//! Logs: what containers wrote, and with `follow` what they go on writing.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::body::PIECE;
use super::path::Place;
use super::request::Request;
use super::{Answer, Body, typed};
use crate::demo::logs::{Cursor, Next, Query, open};
use crate::demo::server::{Hub, sleep};
use crate::demo::world::{Failure, FieldError, Moment, Outcome, World};

/// A log that somebody reads.
struct Reading {
    cursor: Cursor,
    /// Goes on when there is nothing more for now.
    follow: bool,
    /// How many bytes may still be sent.
    left: u64,
}

/// Opens a log.
pub(super) fn answer(hub: &Arc<Hub>, place: &Place, request: &Request) -> Answer {
    let name = place.name.as_deref().unwrap_or_default();
    let changes = hub.changes();
    let cursor = hub.with(|world| open(world, &place.namespace, name, &read(world, request)?))?;
    let left = positive(request, "limitBytes", 1)?.unwrap_or(u64::MAX);
    let reading = Reading { cursor, follow: request.query.flag("follow"), left };
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(send(hub.clone(), reading, changes, sender));
    Ok(typed(200, "text/plain", Body::Stream(receiver)))
}

fn read(world: &World, request: &Request) -> Outcome<Query> {
    let query = &request.query;
    let since_seconds = positive(request, "sinceSeconds", 1)?;
    let since = match (since_seconds, query.get("sinceTime")) {
        (Some(seconds), _) => Some(world.now.plus(-i64::try_from(seconds).unwrap_or(i64::MAX / 2_000))),
        (None, "") => None,
        (None, text) => Some(Moment::parse(text).ok_or_else(|| {
            Failure::bad_request(format!("parsing time {text:?}: it is not in the format of RFC 3339"))
        })?),
    };
    Ok(Query {
        container: Some(query.get("container").to_owned()).filter(|container| !container.is_empty()),
        previous: query.flag("previous"),
        since,
        tail: positive(request, "tailLines", 0)?,
        timestamps: query.flag("timestamps"),
    })
}

/// The number that a parameter is set to, which must not be below `least`.
fn positive(request: &Request, name: &str, least: u64) -> Outcome<Option<u64>> {
    let Some(number) = request.query.number(name)? else { return Ok(None) };
    match u64::try_from(number).ok().filter(|number| *number >= least) {
        Some(number) => Ok(Some(number)),
        None => {
            let why = format!("must be greater than {}", if least == 0 { "or equal to 0" } else { "0" });
            let error = FieldError::invalid(name, &number.into(), &why);
            Err(Failure::invalid("PodLogOptions", "", &[error]))
        }
    }
}

async fn send(
    hub: Arc<Hub>,
    mut reading: Reading,
    mut changes: tokio::sync::watch::Receiver<u64>,
    sender: mpsc::Sender<Bytes>,
) {
    loop {
        let mut out = Vec::new();
        let next = hub.with(|world| reading.read(world, &mut out));
        if !out.is_empty() && sender.send(out.into()).await.is_err() {
            return;
        }
        match next {
            Next::Line => {}
            Next::At(moment) if reading.follow && reading.left > 0 => tokio::select! {
                () = sleep(hub.clock.until(moment)) => {}
                _ = changes.changed() => {}
                () = sender.closed() => return,
            },
            Next::At(_) | Next::End => return,
        }
    }
}

impl Reading {
    /// Reads about a piece.
    fn read(&mut self, world: &World, out: &mut Vec<u8>) -> Next {
        loop {
            let next = self.cursor.next(world, out);
            if out.len() as u64 >= self.left {
                out.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
                self.left = 0;
                return Next::End;
            }
            if next != Next::Line || out.len() >= PIECE {
                self.left -= out.len() as u64;
                return next;
            }
        }
    }
}
