//! All slots in one order: an [`Index`] and how its slots are compared.
//!
//! To find a place among 100,000 rows takes some seventeen comparisons, each of which would fetch a row that is not in
//! the cache. So the [`Key`] of each row is kept, eight bytes side by side, and a row is looked at only where keys do
//! not tell. The natural order needs no keys: rows come in it, or close to it, and the end is tried first.

use std::cmp::Ordering;

use super::index::{Index, Position};
use super::key::{self, Key};
use super::order::{Order, Sort, natural};
use super::slots::Slots;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    order: Order,
    /// By slot, for the slots that are held; empty in the natural order.
    keys: Vec<Key>,
    index: Index,
}

/// What is read off it does not depend on the order.
impl std::ops::Deref for Sorted {
    type Target = Index;
    fn deref(&self) -> &Index {
        &self.index
    }
}

impl Sorted {
    /// The slots of `natural`, which come in the natural order, in another one.
    pub(super) fn new(order: Order, slots: &Slots, natural: &Sorted) -> Sorted {
        let mut keys = Vec::new();
        let slot_keys = natural.iter().map(|slot| (key::of(slots.row(slot), order), slot));
        let mut keyed: Vec<(Key, u32)> = slot_keys.collect();
        for (key, slot) in &keyed {
            put(&mut keys, *slot, *key);
        }
        key::sort(&mut keyed, slots, order);
        let sorted = keyed.into_iter().map(|(_, slot)| slot);
        let index = Index::from_sorted(sorted, |slot| slots.is_shown(slot));
        Sorted { order, keys, index }
    }

    /// Takes in a slot.
    pub(super) fn insert(&mut self, slots: &Slots, slot: u32) -> Position {
        self.read_key(slots, slot);
        let Sorted { order, keys, index } = self;
        index.insert(slot, slots.is_shown(slot), |other| compare(*order, keys, slots, other, slot))
    }

    /// Where the slot is, which must be held.
    pub(super) fn position(&self, slots: &Slots, slot: u32) -> Position {
        let found = self.index.find(|other| compare(self.order, &self.keys, slots, other, slot));
        found.expect("every row is in the index")
    }

    /// Takes out what is at `position`.
    pub(super) fn remove(&mut self, position: Position) {
        self.index.remove(position);
    }

    /// Puts the slot at `position` where it belongs now that its row is another one. Tells where that is.
    pub(super) fn update(&mut self, slots: &Slots, slot: u32, position: Position) -> Position {
        self.read_key(slots, slot);
        let Sorted { order, keys, index } = self;
        let compare = |other| compare(*order, keys, slots, other, slot);
        let shown = slots.is_shown(slot);
        if index.is_in_place(position, compare) {
            index.show(position, shown);
            return position;
        }
        index.remove(position);
        index.insert(slot, shown, compare)
    }

    /// Takes over from the slots which of them are shown.
    pub(super) fn show_all(&mut self, slots: &Slots) {
        self.index.show_all(|slot| slots.is_shown(slot));
    }

    /// Forgets the slots that are no longer used.
    pub(super) fn sweep(&mut self, slots: &Slots) {
        self.index.rebuild(|slot| slots.is_used(slot), |slot| slot);
    }

    /// Gives all slots their new numbers.
    pub(super) fn rename(&mut self, renamed: &[u32]) {
        if !self.keys.is_empty() {
            let old = std::mem::take(&mut self.keys);
            self.keys.reserve_exact(self.index.iter().count());
            for slot in self.index.iter() {
                put(&mut self.keys, renamed[slot as usize], old[slot as usize]);
            }
        }
        self.index.rebuild(|_| true, |slot| renamed[slot as usize]);
    }

    fn read_key(&mut self, slots: &Slots, slot: u32) {
        if !self.order.is_natural() {
            put(&mut self.keys, slot, key::of(slots.row(slot), self.order));
        }
    }
}

fn put(keys: &mut Vec<Key>, slot: u32, key: Key) {
    let slot = slot as usize;
    if keys.len() <= slot {
        keys.resize(slot + 1, 0);
    }
    keys[slot] = key;
}

/// The order of two slots that are held.
fn compare(order: Order, keys: &[Key], slots: &Slots, a: u32, b: u32) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    if order.is_natural() {
        return natural(slots.row(a), slots.row(b));
    }
    let key = keys[a as usize];
    match order.directed(key.cmp(&keys[b as usize])) {
        Ordering::Equal if key::is_exact(key) && order.sort != Sort::Natural => {
            natural(slots.row(a), slots.row(b))
        }
        Ordering::Equal => order.compare(slots.row(a), slots.row(b)),
        different => different,
    }
}
