//! A sequence of slots kept in an order, some of them shown, that answers "which is the n-th shown" and "the how
//! manieth is this" in logarithmic time.
//!
//! A list of chunks of a few hundred entries: an insertion moves at most one chunk's entries (2 KiB), and a
//! [`Fenwick`] tree over the chunks counts what is shown in them. The filter is a bit of each entry and not a list of
//! its own, so the whole index is four bytes a row, and a row that starts or stops passing the filter costs one bit.
//!
//! The index knows nothing of rows. Whoever searches brings a closure that tells, for a slot, whether it comes before
//! what is sought; the answers must agree with the order in which the slots are held.

use std::cmp::Ordering;

use super::fenwick::Fenwick;

/// Entries in a full chunk. Tests use small chunks, so that few rows make many of them.
const FULL: usize = if cfg!(test) { 8 } else { 512 };

/// The bit of an entry that says that the slot is shown; the rest is the slot's number.
const SHOWN: u32 = 1 << 31;

/// Where an entry is. Good until the index changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    chunk: usize,
    at: usize,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// None of them is empty.
    chunks: Vec<Vec<u32>>,
    /// How many entries of each chunk are shown.
    shown: Fenwick,
}

fn entry(slot: u32, shown: bool) -> u32 {
    if shown { slot | SHOWN } else { slot }
}

fn slot_of(entry: u32) -> u32 {
    entry & !SHOWN
}

fn is_shown(entry: u32) -> bool {
    entry & SHOWN != 0
}

fn count_shown(entries: &[u32]) -> usize {
    entries.iter().map(|entry| (entry >> 31) as usize).sum()
}

impl Index {
    /// An index of these slots, which are in order; `shown` tells which are shown.
    pub(super) fn from_sorted(slots: impl Iterator<Item = u32>, shown: impl Fn(u32) -> bool) -> Index {
        let mut index = Index::default();
        // Some room in each, or the next insertions would split every one of them.
        let fill = FULL - FULL / 4;
        for slot in slots {
            let entry = entry(slot, shown(slot));
            match index.chunks.last_mut() {
                Some(chunk) if chunk.len() < fill => chunk.push(entry),
                _ => index.chunks.push(vec![entry]),
            }
        }
        index.recount();
        index
    }

    /// All slots, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.chunks.iter().flatten().map(|entry| slot_of(*entry))
    }

    /// The shown slots from the one at `rank` on, in order.
    pub(super) fn shown_from(&self, rank: usize) -> impl Iterator<Item = u32> + '_ {
        let from = |start: Position| {
            let rest = self.chunks[start.chunk + 1..].iter().flatten();
            self.chunks[start.chunk][start.at..].iter().chain(rest)
        };
        let entries = self.nth_shown(rank).into_iter().flat_map(from);
        entries.filter(|entry| is_shown(**entry)).map(|entry| slot_of(*entry))
    }

    /// The shown slot that has `rank` shown ones before it.
    pub(super) fn shown_at(&self, rank: usize) -> Option<u32> {
        self.nth_shown(rank).map(|position| slot_of(self.entry(position)))
    }

    /// How many shown slots come before `position`.
    pub(super) fn rank(&self, position: Position) -> usize {
        let before = self.chunks.get(position.chunk).map_or(0, |chunk| count_shown(&chunk[..position.at]));
        self.shown.before(position.chunk) + before
    }

    /// Where the slot is for which `order` says that it is the one sought; or else where it would go.
    pub(super) fn find(&self, order: impl Fn(u32) -> Ordering) -> Result<Position, Position> {
        let starts_after = |chunk: &Vec<u32>| order(slot_of(chunk[0])).is_gt();
        let chunk = self.chunks.partition_point(|chunk| !starts_after(chunk)).saturating_sub(1);
        let entries = self.chunks.get(chunk).map_or(&[][..], Vec::as_slice);
        match entries.binary_search_by(|entry| order(slot_of(*entry))) {
            Ok(at) => Ok(Position { chunk, at }),
            Err(at) => Err(Position { chunk, at }),
        }
    }

    /// Puts `slot` where `order`, which compares the others with it, says that it belongs. Quick at the end.
    pub(super) fn insert(&mut self, slot: u32, shown: bool, order: impl Fn(u32) -> Ordering) -> Position {
        let position = match self.chunks.iter().enumerate().next_back() {
            Some((chunk, last)) if order(slot_of(last[last.len() - 1])).is_lt() => {
                Position { chunk, at: last.len() }
            }
            _ => self.find(order).unwrap_or_else(|place| place),
        };
        self.insert_at(position, entry(slot, shown))
    }

    /// Takes out the entry at `position`.
    pub(super) fn remove(&mut self, position: Position) {
        let chunk = &mut self.chunks[position.chunk];
        if is_shown(chunk.remove(position.at)) {
            self.shown.decrement(position.chunk);
        }
        if self.chunks[position.chunk].len() < FULL / 4 {
            self.join(position.chunk);
        }
    }

    /// Shows or hides the slot at `position`.
    pub(super) fn show(&mut self, position: Position, shown: bool) {
        let entry = &mut self.chunks[position.chunk][position.at];
        match (is_shown(*entry), shown) {
            (false, true) => self.shown.increment(position.chunk),
            (true, false) => self.shown.decrement(position.chunk),
            _ => return,
        }
        *entry ^= SHOWN;
    }

    /// Shows just the slots for which `shown` says so.
    pub(super) fn show_all(&mut self, shown: impl Fn(u32) -> bool) {
        for held in self.chunks.iter_mut().flatten() {
            *held = entry(slot_of(*held), shown(slot_of(*held)));
        }
        self.recount();
    }

    /// Whether the slot at `position` is rightly between its neighbours, which `order` compares with it.
    pub(super) fn is_in_place(&self, position: Position, order: impl Fn(u32) -> Ordering) -> bool {
        let chunk = &self.chunks[position.chunk];
        let before = match position.at.checked_sub(1) {
            Some(at) => chunk.get(at),
            None => position.chunk.checked_sub(1).and_then(|chunk| self.chunks[chunk].last()),
        };
        let next_chunk = || self.chunks.get(position.chunk + 1).and_then(|chunk| chunk.first());
        let after = chunk.get(position.at + 1).or_else(next_chunk);
        before.is_none_or(|entry| order(slot_of(*entry)).is_lt())
            && after.is_none_or(|entry| order(slot_of(*entry)).is_gt())
    }

    /// Keeps the slots for which `keep` says so, under the number that `rename` gives them.
    pub(super) fn rebuild(&mut self, keep: impl Fn(u32) -> bool, rename: impl Fn(u32) -> u32) {
        let kept = self.chunks.iter().flatten().filter(|entry| keep(slot_of(**entry)));
        let entries: Vec<u32> = kept.map(|held| entry(rename(slot_of(*held)), is_shown(*held))).collect();
        self.chunks = entries.chunks(FULL - FULL / 4).map(<[u32]>::to_vec).collect();
        self.recount();
    }

    fn entry(&self, position: Position) -> u32 {
        self.chunks[position.chunk][position.at]
    }

    fn nth_shown(&self, rank: usize) -> Option<Position> {
        let (chunk, rest) = self.shown.find(rank)?;
        let mut shown = self.chunks[chunk].iter().enumerate().filter(|(_, entry)| is_shown(**entry));
        shown.nth(rest).map(|(at, _)| Position { chunk, at })
    }

    fn insert_at(&mut self, mut position: Position, entry: u32) -> Position {
        if self.chunks.is_empty() {
            self.chunks.push(Vec::new());
            self.recount();
        }
        if self.chunks[position.chunk].len() >= FULL {
            position = self.split(position);
        }
        self.chunks[position.chunk].insert(position.at, entry);
        if is_shown(entry) {
            self.shown.increment(position.chunk);
        }
        position
    }

    /// Makes room at `position` in a full chunk, and tells where that is then.
    fn split(&mut self, position: Position) -> Position {
        let Position { chunk, at } = position;
        // Slots that arrive in order leave full chunks behind them, not half empty ones.
        let is_end = chunk + 1 == self.chunks.len() && at == self.chunks[chunk].len();
        let keep = if is_end { at } else { FULL / 2 };
        let tail = self.chunks[chunk].split_off(keep);
        self.chunks.insert(chunk + 1, tail);
        self.recount();
        if at > keep || is_end { Position { chunk: chunk + 1, at: at - keep } } else { position }
    }

    /// Joins a chunk that has become small to a neighbour that has room.
    fn join(&mut self, chunk: usize) {
        let fits = |left: usize| {
            let both = self.chunks.get(left).zip(self.chunks.get(left + 1));
            both.is_some_and(|(left, right)| left.len() + right.len() <= FULL - FULL / 4)
        };
        if let Some(left) = [Some(chunk), chunk.checked_sub(1)].into_iter().flatten().find(|left| fits(*left))
        {
            let right = self.chunks.remove(left + 1);
            self.chunks[left].extend(right);
        } else if self.chunks[chunk].is_empty() {
            self.chunks.remove(chunk);
        } else {
            return;
        }
        self.recount();
    }

    fn recount(&mut self) {
        self.shown = self.chunks.iter().map(|chunk| count_shown(chunk)).collect();
    }
}

#[cfg(test)]
mod tests;
