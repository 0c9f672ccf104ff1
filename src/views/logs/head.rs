//! What stands above a log: whether it is followed, how much there is, and how many lines there were when.

use super::times::clock;
use super::{Logs, Look};
use crate::cluster::Link;
use crate::cluster::logs::{Bucket, Since, SourceState, Stamp};
use crate::resources::Time;
use crate::ui::Role;
use crate::ui::text::{grouped, width};
use crate::views::{Badge, Head};

/// The heights of a column, from nothing to all.
const BARS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// Columns of the histogram at most: a minute, or an hour, in one glance.
const WIDEST: usize = 60;
/// With fewer it says nothing.
const NARROWEST: usize = 8;
/// Of less than so many seconds the ends are told with theirs.
const SHORT: i64 = 600;
/// One line in so many is enough for a column to have the colour of an error or of a warning.
const TELLING: u64 = 20;

impl Logs {
    pub(super) fn describe(&self, room: usize, look: Look<'_>) -> Head {
        let settings = self.settings();
        let counts = self.counts(room.saturating_sub(width(&settings) + 2), look);
        let ticks = matches!(self.log.pods(), Link::Interrupted { .. });
        Head { badge: self.badge(), counts, settings, next_change: ticks.then_some(Time(look.now.0 + 1)) }
    }

    /// Whether the end is followed or what keeps it from being so; and how much there is.
    fn badge(&self) -> Badge {
        let interrupted =
            self.log.sources().iter().filter(|s| matches!(s.state, SourceState::Interrupted { .. })).count();
        let (role, state) = match self.log.pods() {
            Link::Refused(error) => (Role::Failing, format!("✗ {}", error.class.name())),
            Link::Interrupted { error, .. } => {
                (Role::Failing, format!("↻ reconnecting: {}", error.class.name()))
            }
            _ if interrupted > 0 => {
                (Role::Failing, format!("↻ reconnecting {}", count(interrupted, "stream")))
            }
            _ if self.asked_earlier => (Role::Progressing, "◌ reading earlier lines".to_owned()),
            _ if !self.follow => (Role::Progressing, format!("‖ paused, {} new", grouped(self.new_lines()))),
            _ if self.log.is_over() => (Role::Idle, "■ ended".to_owned()),
            Link::Connecting if self.log.found().is_none() => (Role::Progressing, "◌ connecting".to_owned()),
            _ => (Role::Healthy, "▶ following".to_owned()),
        };
        let store = self.log.store();
        let mut text = format!(
            "{state} · {} · {} · {}",
            count(self.labels.pods, "pod"),
            count(store.len(), "line"),
            size(store.bytes())
        );
        if store.dropped() > 0 {
            text.push_str(&format!(" · {} before dropped", grouped(store.dropped() as usize)));
        }
        Badge { role, text }
    }

    /// How many lines have come since following ended, of those that are shown.
    fn new_lines(&self) -> usize {
        match self.filter.matches() {
            Some(matches) => matches.len() - matches.place_of(self.seen),
            None => self.log.store().end().saturating_sub(self.seen) as usize,
        }
    }

    fn settings(&self) -> String {
        let mut parts = Vec::new();
        match self.request.since {
            Since::Tail(_) => {}
            Since::All => parts.push("all".to_owned()),
            Since::Ago(ago) => parts.push(format!("since {}m", ago.as_secs() / 60)),
        }
        if self.raw {
            parts.push("raw".to_owned());
        }
        if let Some(found) = self.search.count(&self.log) {
            parts.push(format!("search {}  {found} found", self.search.text()));
        }
        if let Some(shown) = self.filter.count(&self.log) {
            let around = if self.around > 0 { format!(" ±{}", self.around) } else { String::new() };
            parts.push(format!("{}{around}  {shown} shown", self.filter.text()));
        }
        parts.join(" · ")
    }

    /// The histogram with the times at its ends, and how many errors and warnings there are; as much as there is room
    /// for, the numbers first.
    fn counts(&self, room: usize, look: Look<'_>) -> Vec<(String, Role)> {
        let total = self.log.histogram().total();
        let number = |word: &str, count: u64| format!("   {word} {}", grouped(count as usize));
        let mut numbers = Vec::new();
        if total.errors > 0 {
            numbers.push((number("error", total.errors), Role::LevelError));
        }
        if total.warnings > 0 {
            numbers.push((number("warn", total.warnings), Role::LevelWarn));
        }
        let taken: usize = numbers.iter().map(|(text, _)| width(text)).sum();
        let mut pieces = self.histogram(room.saturating_sub(taken), look);
        pieces.extend(numbers);
        pieces
    }

    fn histogram(&self, room: usize, look: Look<'_>) -> Vec<(String, Role)> {
        let columns = room.saturating_sub("14:00:00  14:32:00".len()).min(WIDEST);
        if columns < NARROWEST {
            return Vec::new();
        }
        let (start, each, buckets) = self.log.histogram().columns(columns);
        let most = buckets.iter().map(|bucket| bucket.lines).max().unwrap_or(0);
        if most == 0 {
            return Vec::new();
        }
        // The last column may reach into what is to come.
        let store = self.log.store();
        let last = store.get(store.end() - 1).map_or(i64::MAX, |line| line.at.0);
        let end = Stamp(last.clamp(start.0, start.0 + each * buckets.len() as i64));
        let seconds = end.time().0 - start.time().0 < SHORT;
        let mut pieces = vec![(clock(start, seconds, look.zone) + " ", Role::Dim)];
        for bucket in &buckets {
            let height = (bucket.lines * 8).div_ceil(most) as usize;
            match pieces.last_mut() {
                Some((text, role)) if *role == colour(bucket) => text.push_str(BARS[height]),
                _ => pieces.push((BARS[height].to_owned(), colour(bucket))),
            }
        }
        pieces.push((format!(" {}", clock(end, seconds, look.zone)), Role::Dim));
        pieces
    }
}

fn colour(bucket: &Bucket) -> Role {
    if bucket.errors > 0 && bucket.errors * TELLING >= bucket.lines {
        Role::LevelError
    } else if bucket.warnings > 0 && bucket.warnings * TELLING >= bucket.lines {
        Role::LevelWarn
    } else {
        Role::Text
    }
}

fn count(count: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// A number of bytes, to be read at a glance.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}
