//! Which lines are in sight, and moving among them: by their numbers, so that what is looked at stays where it is
//! while lines come and go.

use super::line::Painted;
use super::{Logs, Since};
use crate::ui::Command;
use crate::views::{Intent, Outcome};

/// A line in sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) number: u64,
    /// How many of its rows lie above what is in sight.
    pub(super) skip: usize,
    /// How many rows it has.
    pub(super) rows: usize,
}

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Room {
    pub(super) rows: usize,
    /// The cells of a row for text.
    pub(super) columns: usize,
}

impl Room {
    /// The most rows that a line is broken into.
    pub(super) fn most_rows(self) -> usize {
        (self.rows / 2).max(4)
    }
}

impl Logs {
    /// The lines in sight.
    pub(super) fn window(&self, room: Room) -> Vec<Placed> {
        let shown = self.shown();
        if self.follow {
            return self.window_up_from(shown.last(), room);
        }
        let (mut window, mut used) = (Vec::new(), 0);
        let mut next = shown.near(self.top);
        while let Some(number) = next.filter(|_| used < room.rows) {
            let rows = self.rows_of(number, room);
            window.push(Placed { number, skip: 0, rows });
            used += rows;
            next = shown.next(number);
        }
        let ends_early =
            used < room.rows && window.first().is_some_and(|p| shown.previous(p.number).is_some());
        if ends_early { self.window_up_from(shown.last(), room) } else { window }
    }

    /// The lines in sight when this one is the last.
    fn window_up_from(&self, last: Option<u64>, room: Room) -> Vec<Placed> {
        let (mut window, mut used) = (Vec::new(), 0);
        let mut next = last;
        while let Some(number) = next.filter(|_| used < room.rows) {
            let rows = self.rows_of(number, room);
            window.push(Placed { number, skip: 0, rows });
            used += rows;
            next = self.shown().previous(number);
        }
        if let Some(first) = window.last_mut() {
            first.skip = used.saturating_sub(room.rows);
        }
        window.reverse();
        window
    }

    fn rows_of(&self, number: u64, room: Room) -> usize {
        if !self.wrap || room.columns == 0 {
            return 1;
        }
        let most = room.most_rows();
        let line = self.log.store().get(number);
        line.map_or(1, |line| {
            Painted::of(&line, self.raw, room.columns * most).rows(room.columns, most).len()
        })
    }

    /// Stops following; what is in sight stays there.
    pub(super) fn pause(&mut self) {
        if !self.follow {
            return;
        }
        let window = self.window(self.room);
        self.top = window.iter().find(|placed| placed.skip == 0).or(window.first()).map_or(0, |p| p.number);
        self.cursor = window.last().map_or(0, |placed| placed.number);
        self.follow = false;
        self.seen = self.log.store().end();
    }

    /// Follows the end.
    pub(super) fn resume(&mut self) {
        self.follow = true;
        self.mark = None;
    }

    /// Highlights a line, and scrolls as little as possible to it.
    pub(super) fn go_to(&mut self, number: u64) {
        self.cursor = number;
        let window = self.window(self.room);
        let (Some(first), Some(last)) = (window.first(), window.last()) else { return };
        let used: usize = window.iter().map(|placed| placed.rows).sum();
        if number < first.number {
            self.top = number;
        } else if number > last.number || (number == last.number && used > self.room.rows) {
            let up = self.window_up_from(Some(number), self.room);
            let whole = up.iter().find(|placed| placed.skip == 0);
            self.top = whole.map_or(number, |placed| placed.number);
        }
    }

    /// Moves as `command` says; `None` if it is no movement.
    pub(super) fn moved(&mut self, command: Command) -> Option<Outcome> {
        let down = matches!(command, Command::Down | Command::PageDown | Command::Bottom);
        if !down && !matches!(command, Command::Up | Command::PageUp | Command::Top) {
            return None;
        }
        if command == Command::Bottom {
            self.resume();
        }
        if down && self.follow {
            return Some(Outcome::Consumed);
        }
        self.pause();
        let page = self.window(self.room).len().max(2) - 1;
        let shown = self.shown();
        let from = shown.near(self.cursor)?;
        let steps = if matches!(command, Command::Up | Command::Down) { 1 } else { page };
        let step = |number: &u64| if down { shown.next(*number) } else { shown.previous(*number) };
        let to = match command {
            Command::Top => shown.first(),
            _ => std::iter::successors(Some(from), step).take(steps + 1).last(),
        };
        if let Some(to) = to.filter(|to| *to != from) {
            self.go_to(to);
        } else if !down {
            return Some(self.earlier());
        }
        Some(Outcome::Consumed)
    }

    /// Asks for what was written before the first line, if there may be more.
    fn earlier(&mut self) -> Outcome {
        if self.asked_earlier || self.log.store().is_empty() {
            return Outcome::Consumed;
        }
        if self.log.is_at_beginning() || self.request.since == Since::All && self.log.store().dropped() == 0 {
            return Outcome::Wants(Intent::Say(BEGINNING.to_owned()));
        }
        self.asked_earlier = true;
        Outcome::Wants(Intent::EarlierLog)
    }

    /// Scrolls sideways by a part of what there is room for, if there is something to see there.
    pub(super) fn scroll(&mut self, right: bool) {
        let step = (self.room.columns / 4).max(4);
        let end = self.column + self.room.columns;
        let lines = self.window(self.room).into_iter().filter_map(|p| self.log.store().get(p.number));
        let is_more = |line| Painted::of(&line, self.raw, end + 1).cells > end;
        if !right {
            self.column = self.column.saturating_sub(step);
        } else if !self.wrap && lines.into_iter().any(is_more) {
            self.column += step;
        }
    }

    /// Goes to the nearest line that the search finds: from the highlighted one on, or before it.
    pub(super) fn find(&mut self, forward: bool, including: bool) -> Outcome {
        let Some(matches) = self.search.matches() else {
            return Outcome::Wants(Intent::Say("nothing is searched for: s searches".to_owned()));
        };
        let shown = self.shown();
        let from = if self.follow { shown.last() } else { shown.near(self.cursor) };
        let Some(from) = from else { return Outcome::Consumed };
        let is_shown = |number: &u64| shown.at_or_after(*number) == Some(*number);
        let found = if forward {
            let start = matches.place_of(from + u64::from(!including));
            (start..matches.len()).filter_map(|place| matches.get(place)).find(is_shown)
        } else {
            let end = matches.place_of(from + u64::from(including));
            (0..end).rev().filter_map(|place| matches.get(place)).find(is_shown)
        };
        match found {
            Some(number) => {
                self.pause();
                self.go_to(number);
                Outcome::Consumed
            }
            None if matches.is_empty() && self.search.is_done(&self.log) => {
                Outcome::Wants(Intent::Say(format!("\"{}\" is not found", self.search.text())))
            }
            None => {
                let way = if forward { "below" } else { "above" };
                Outcome::Wants(Intent::Say(format!("\"{}\" is found no further {way}", self.search.text())))
            }
        }
    }
}

/// What is said where there are no earlier lines.
pub(super) const BEGINNING: &str = "this is where the log begins, as far as it is kept on its node";
