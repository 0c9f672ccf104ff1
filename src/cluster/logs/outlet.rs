//! From a stream to what puts lines in order: pieces, and the room that they take up until then.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::Instant;

use super::{Lines, LogEvent, Notice, SourceId, Stamp};

/// What arrives to be put in order.
#[derive(Debug)]
pub(super) enum Item {
    /// Lines of this source may come from now on: others wait for them a little.
    Open(SourceId),
    /// Lines of one source, in its order.
    Lines(SourceId, Held),
    /// A word about a source, behind what it has sent so far.
    Notice(SourceId, Notice),
    /// Nothing comes from this source for now: nobody waits for it.
    Close(SourceId),
    /// Something that has no place among the lines.
    Event(LogEvent),
}

/// Lines, with the room that they take up until they are dropped.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) lines: Lines,
    pub(super) arrived: Instant,
    _room: OwnedSemaphorePermit,
}

/// The room that there is for lines on their way.
#[derive(Debug, Clone)]
pub(super) struct Room {
    units: Arc<Semaphore>,
    all: u32,
}

impl Room {
    /// The unit in which room is counted, in bytes.
    const UNIT: usize = 1 << 10;

    /// Room for so many bytes.
    pub(super) fn new(bytes: usize) -> Room {
        let all = u32::try_from(bytes / Room::UNIT).unwrap_or(u32::MAX >> 4).max(1);
        Room { units: Arc::new(Semaphore::new(all as usize)), all }
    }

    /// Waits until there is room for these lines; what is larger than all of it gets all of it.
    async fn take(&self, lines: &Lines) -> Option<OwnedSemaphorePermit> {
        // What a line costs beside its text is about a word or two.
        let units = (lines.bytes() + 16 * lines.len()) / Room::UNIT + 1;
        let units = u32::try_from(units).unwrap_or(u32::MAX).min(self.all);
        self.units.clone().acquire_many_owned(units).await.ok()
    }
}

/// The most bytes and lines of a piece.
const PIECE_BYTES: usize = 64 << 10;
const PIECE_LINES: usize = 4096;

/// The way out for one source: gathers its lines into pieces.
pub(super) struct Outlet {
    id: SourceId,
    sender: mpsc::Sender<Item>,
    room: Room,
    /// What waits to be sent, in order.
    waiting: Vec<Waiting>,
}

enum Waiting {
    Lines(Lines),
    Notice(Notice),
}

impl Outlet {
    pub(super) const fn new(id: SourceId, sender: mpsc::Sender<Item>, room: Room) -> Outlet {
        Outlet { id, sender, room, waiting: Vec::new() }
    }

    /// Adds a line.
    pub(super) fn line(&mut self, at: Stamp, text: &[u8]) {
        if !matches!(self.waiting.last(), Some(Waiting::Lines(_))) {
            self.waiting.push(Waiting::Lines(Lines::default()));
        }
        if let Some(Waiting::Lines(lines)) = self.waiting.last_mut() {
            lines.push(self.id, at, text);
        }
    }

    /// Adds a word about the source.
    pub(super) fn notice(&mut self, notice: Notice) {
        self.waiting.push(Waiting::Notice(notice));
    }

    /// Whether so much waits that it should be sent.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.iter().any(|waiting| match waiting {
            Waiting::Lines(lines) => lines.bytes() >= PIECE_BYTES || lines.len() >= PIECE_LINES,
            Waiting::Notice(_) => false,
        })
    }

    /// Sends what waits. Waits itself while there is no room: so the server waits, and nothing is lost. When nobody
    /// receives any more, this task is about to end.
    pub(super) async fn flush(&mut self) {
        for waiting in std::mem::take(&mut self.waiting) {
            let item = match waiting {
                Waiting::Notice(notice) => Item::Notice(self.id, notice),
                Waiting::Lines(lines) => {
                    let Some(room) = self.room.take(&lines).await else { return };
                    Item::Lines(self.id, Held { lines, arrived: Instant::now(), _room: room })
                }
            };
            let _ = self.sender.send(item).await;
        }
    }

    /// Sends a notice behind all that waits.
    pub(super) async fn say(&mut self, notice: Notice) {
        self.notice(notice);
        self.flush().await;
    }

    /// Says that lines may come from now on.
    pub(super) async fn open(&mut self) {
        let _ = self.sender.send(Item::Open(self.id)).await;
    }

    /// Sends what waits, and says that nothing comes for now.
    pub(super) async fn close(&mut self) {
        self.flush().await;
        let _ = self.sender.send(Item::Close(self.id)).await;
    }
}

impl Held {
    /// Lines that arrive now, however much room there is.
    #[cfg(test)]
    pub(super) async fn now(lines: Lines, room: &Room) -> Held {
        let room = room.take(&lines).await.expect("there is room");
        Held { lines, arrived: Instant::now(), _room: room }
    }
}
