//! What a reader of a log keeps: the lines, who wrote them, and how many there were when.

use std::sync::Arc;

use super::{Histogram, LineStore, LogEvent, Notice, Source, SourceId, SourceState, Stamp};
use crate::cluster::Link;

/// A log as far as it has arrived.
#[derive(Debug)]
pub struct Log {
    store: LineStore,
    histogram: Histogram,
    sources: Vec<SourceEntry>,
    pods: Link,
    found: Option<usize>,
    received: u64,
    newest: Stamp,
    at_beginning: bool,
    over: bool,
}

/// One container, and how its log is doing.
#[derive(Debug, Clone)]
pub struct SourceEntry {
    /// Which container.
    pub source: Arc<Source>,
    /// How it is doing.
    pub state: SourceState,
    /// How many of its lines have arrived.
    pub lines: u64,
}

/// What a batch did to a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Received {
    /// So many lines and notices were added at the end.
    pub added: u64,
    /// So many were put in front.
    pub earlier: u64,
    /// Whether earlier ones that were asked for have arrived, however many.
    pub answered_earlier: bool,
    /// Whether anything about sources, their states or the watch of pods changed.
    pub sources: bool,
}

impl Log {
    /// An empty log that keeps lines within this budget.
    #[must_use]
    pub fn new(budget: usize) -> Log {
        Log {
            store: LineStore::new(budget),
            histogram: Histogram::default(),
            sources: Vec::new(),
            pods: Link::Connecting,
            found: None,
            received: 0,
            newest: Stamp::default(),
            at_beginning: false,
            over: false,
        }
    }

    /// Takes what a log says, in order.
    pub fn receive(&mut self, events: Vec<LogEvent>) -> Received {
        let mut received = Received::default();
        for event in events {
            self.take(event, &mut received);
        }
        received
    }

    fn take(&mut self, event: LogEvent, received: &mut Received) {
        match event {
            LogEvent::Lines(lines) => {
                for line in lines.iter() {
                    let number = self.store.push(line.source, line.at, line.text);
                    let level = self.store.get(number).and_then(|line| line.level);
                    self.histogram.count(line.at, level);
                    self.newest = self.newest.max(line.at);
                    if let Some(entry) = self.sources.get_mut(line.source.0 as usize) {
                        entry.lines += 1;
                    }
                }
                self.received += lines.len() as u64;
                received.added += lines.len() as u64;
            }
            LogEvent::Earlier { lines, complete } => {
                let taken = self.store.prepend(&lines) as u64;
                for line in self.store.lines(self.store.first()..self.store.first() + taken) {
                    self.histogram.count(line.at, line.level);
                }
                self.at_beginning = complete;
                received.earlier += taken;
                received.answered_earlier = true;
            }
            LogEvent::Source(id, source) => {
                debug_assert_eq!(id.0 as usize, self.sources.len(), "sources are counted");
                self.sources.push(SourceEntry { source, state: SourceState::Opening, lines: 0 });
                received.sources = true;
            }
            LogEvent::Notice(id, notice) => {
                received.sources = true;
                if notice.is_lasting() && !self.is_repeated(id, &notice) {
                    let text = self.words(id, &notice);
                    self.store.push_notice(id, self.newest, notice.level(), &text);
                    received.added += 1;
                }
                if let (Notice::State(state), Some(entry)) = (notice, self.sources.get_mut(id.0 as usize)) {
                    entry.state = state;
                }
            }
            LogEvent::Pods(link) => {
                self.pods = link;
                received.sources = true;
            }
            LogEvent::Found(count) => {
                self.found = Some(count);
                received.sources = true;
            }
            LogEvent::End => {
                self.over = true;
                received.sources = true;
            }
        }
    }

    /// Whether a state is said that was said already.
    fn is_repeated(&self, id: SourceId, notice: &Notice) -> bool {
        match (notice, self.source(id)) {
            (Notice::State(state), Some(entry)) => state.adds_nothing_to(&entry.state),
            _ => false,
        }
    }

    fn words(&self, id: SourceId, notice: &Notice) -> String {
        self.source(id).map_or_else(|| notice.to_string(), |entry| format!("{}: {notice}", entry.source))
    }

    /// The lines.
    #[must_use]
    pub const fn store(&self) -> &LineStore {
        &self.store
    }

    /// How many lines there were when, those that are no longer kept included.
    #[must_use]
    pub const fn histogram(&self) -> &Histogram {
        &self.histogram
    }

    /// The container with this number.
    #[must_use]
    pub fn source(&self, id: SourceId) -> Option<&SourceEntry> {
        self.sources.get(id.0 as usize)
    }

    /// All containers so far, in the order of their numbers.
    #[must_use]
    pub fn sources(&self) -> &[SourceEntry] {
        &self.sources
    }

    /// The connection over which pods are watched.
    #[must_use]
    pub const fn pods(&self) -> &Link {
        &self.pods
    }

    /// How many containers there were when all had been listed; `None` before that.
    #[must_use]
    pub const fn found(&self) -> Option<usize> {
        self.found
    }

    /// How many lines have arrived, without the earlier ones that were asked for.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Whether the first line that is kept is the first that the containers have.
    #[must_use]
    pub const fn is_at_beginning(&self) -> bool {
        self.at_beginning && self.store.takes_earlier()
    }

    /// Whether there may be earlier lines that can be asked for and kept.
    #[must_use]
    pub const fn wants_earlier(&self) -> bool {
        !self.at_beginning && self.store.takes_earlier()
    }

    /// Whether nothing more comes.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Forgets the lines, and goes on with those that arrive.
    pub fn clear(&mut self) {
        self.store.clear();
        self.histogram = Histogram::default();
        self.at_beginning = false;
    }
}
