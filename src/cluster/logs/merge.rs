//! One stream of many, in time order as far as a short wait allows.
//!
//! The lines of one source keep their order. Between sources the earliest line goes first, once every open source has
//! a line to compare, or once some line has waited for the length of the window, or once much is held back: a source
//! that is quiet or lags holds up the others for no longer than that. Nothing is dropped.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use rustc_hash::FxBuildHasher;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::outlet::{Held, Item};
use super::{LineRef, LogBatch, LogEvent, LogFeed, LogId, Notice, SourceId, Stamp};

/// The most lines that go out in one batch: what a receiver does with it should take no millisecond.
const BATCH: usize = 4096;
/// The most items that are taken in before something goes out.
const INTAKE: usize = 256;

/// Puts lines in order; knows no channel and no clock.
pub(super) struct Merge {
    window: Duration,
    /// So many bytes are held back at most before they go whatever else may come.
    limit: usize,
    sources: HashMap<SourceId, Queue, FxBuildHasher>,
    /// The first line of each source that has one.
    heads: BTreeSet<(Stamp, SourceId)>,
    /// Open sources that have no line.
    awaited: usize,
    held: usize,
    /// When the first lines in the queues arrived that waited longest, unless that must be found out.
    oldest: Option<Instant>,
    out: Vec<LogEvent>,
    /// Lines in `out`.
    going: usize,
}

#[derive(Default)]
struct Queue {
    open: bool,
    waiting: VecDeque<Waiting>,
}

enum Waiting {
    Lines(Part),
    Notice(Notice),
}

/// Lines that are going out.
struct Part {
    held: Held,
    /// So many have gone.
    gone: usize,
    /// How many bytes they had.
    bytes: usize,
}

impl Merge {
    pub(super) fn new(window: Duration, limit: usize) -> Merge {
        Merge {
            window,
            limit,
            sources: HashMap::default(),
            heads: BTreeSet::new(),
            awaited: 0,
            held: 0,
            oldest: None,
            out: Vec::new(),
            going: 0,
        }
    }

    /// Takes what has arrived.
    pub(super) fn take(&mut self, item: Item) {
        match item {
            Item::Event(event) => self.out.push(event),
            Item::Open(id) => self.set_open(id, true),
            Item::Close(id) => self.set_open(id, false),
            Item::Notice(id, notice) => self.queue(id, Waiting::Notice(notice)),
            Item::Lines(id, held) if !held.lines.is_empty() => {
                let bytes = held.lines.bytes();
                self.held += bytes;
                self.queue(id, Waiting::Lines(Part { held, gone: 0, bytes }));
            }
            Item::Lines(..) => {}
        }
    }

    /// Puts out what may go by `now`, at most a batch's worth; tells whether there may be more.
    pub(super) fn emit(&mut self, now: Instant) -> bool {
        while self.going < BATCH {
            let Some(&(_, id)) = self.heads.first() else { return false };
            if self.awaited > 0 && self.held <= self.limit && self.due().is_none_or(|due| due > now) {
                return false;
            }
            self.run(id);
        }
        true
    }

    /// When the first line has waited long enough, if any waits.
    pub(super) fn due(&mut self) -> Option<Instant> {
        if self.oldest.is_none() {
            let arrived = |id: &SourceId| match self.sources.get(id)?.waiting.front()? {
                Waiting::Lines(part) => Some(part.held.arrived),
                Waiting::Notice(_) => None,
            };
            self.oldest = self.heads.iter().filter_map(|(_, id)| arrived(id)).min();
        }
        self.oldest.map(|oldest| oldest + self.window)
    }

    /// What is to go out, if anything.
    pub(super) fn batch(&mut self) -> Option<Vec<LogEvent>> {
        self.going = 0;
        Some(std::mem::take(&mut self.out)).filter(|out| !out.is_empty())
    }

    /// Whether no line waits.
    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    fn set_open(&mut self, id: SourceId, open: bool) {
        let queue = self.sources.entry(id).or_default();
        let was = std::mem::replace(&mut queue.open, open);
        if queue.waiting.is_empty() {
            self.awaited = self.awaited + usize::from(open) - usize::from(was);
            if !open {
                self.sources.remove(&id);
            }
        }
    }

    fn queue(&mut self, id: SourceId, waiting: Waiting) {
        let queue = self.sources.entry(id).or_default();
        let first = queue.waiting.is_empty();
        queue.waiting.push_back(waiting);
        if first {
            self.oldest = None;
            self.awaited -= usize::from(queue.open);
            self.new_head(id);
        }
    }

    /// Lets the source's notices out that are next, and then lists its first line.
    fn new_head(&mut self, id: SourceId) {
        let Some(queue) = self.sources.get_mut(&id) else { return };
        while let Some(Waiting::Notice(_)) = queue.waiting.front() {
            if let Some(Waiting::Notice(notice)) = queue.waiting.pop_front() {
                self.out.push(LogEvent::Notice(id, notice));
            }
        }
        match queue.waiting.front() {
            Some(Waiting::Lines(part)) => {
                let at = part.held.lines.get(part.gone).map_or(Stamp(0), |line| line.at);
                self.heads.insert((at, id));
            }
            _ if queue.open => self.awaited += 1,
            _ => drop(self.sources.remove(&id)),
        }
    }

    /// Puts out lines of the source whose line is the first of all, up to the first line of another.
    fn run(&mut self, id: SourceId) {
        self.heads.pop_first();
        let until = self.heads.first().map(|(at, _)| *at);
        let Some(queue) = self.sources.get_mut(&id) else { return };
        let Some(Waiting::Lines(part)) = queue.waiting.front_mut() else { return };
        let (start, lines) = (part.gone, &mut part.held.lines);
        let goes = |line: LineRef<'_>| until.is_none_or(|until| line.at <= until);
        // The first goes in any case.
        let mut end = start + 1;
        while end - start < BATCH && lines.get(end).is_some_and(goes) {
            end += 1;
        }
        part.gone = end;
        let over = end == lines.len();
        self.going += end - start;
        match self.out.last_mut() {
            Some(LogEvent::Lines(out)) => out.extend((start..end).filter_map(|place| lines.get(place))),
            _ if over && start == 0 => self.out.push(LogEvent::Lines(std::mem::take(lines))),
            _ => {
                let going = (start..end).filter_map(|place| lines.get(place)).collect();
                self.out.push(LogEvent::Lines(going));
            }
        }
        if over {
            self.held -= part.bytes;
            self.oldest = None;
            queue.waiting.pop_front();
        }
        self.new_head(id);
    }
}

/// Puts in order what comes, and sends it on, until nobody wants it or nothing can come any more.
pub(super) async fn run(mut merge: Merge, id: LogId, mut items: mpsc::Receiver<Item>, feed: LogFeed) {
    let mut open = true;
    while open || !merge.is_empty() {
        let more = merge.emit(Instant::now());
        if let Some(events) = merge.batch() {
            if feed.send(LogBatch { id, events }).await.is_err() {
                return;
            }
            if more {
                tokio::task::yield_now().await;
                continue;
            }
        }
        let due = merge.due();
        let item = tokio::select! {
            biased;
            item = items.recv(), if open => item,
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => continue,
        };
        match item {
            Some(item) => merge.take(item),
            None => open = false,
        }
        for _ in 0..INTAKE {
            match items.try_recv() {
                Ok(item) => merge.take(item),
                Err(_) => break,
            }
        }
    }
}

#[cfg(test)]
mod tests;
