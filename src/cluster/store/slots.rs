//! Where the rows are: in numbered slots, found by identity.
//!
//! Everything else in the store names a row by its slot, four bytes, and the table that finds a slot by identity keeps
//! only slots too: it looks into the row for the identity. Slots of rows that are gone are used again.

use hashbrown::HashTable;

use crate::resources::{Row, RowId};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Slots {
    rows: Vec<Option<Box<dyn Row>>>,
    /// Whether the row was mentioned since the last full list began.
    seen: Vec<bool>,
    /// Whether the row passes the filter.
    shown: Vec<bool>,
    free: Vec<u32>,
    by_id: HashTable<u32>,
}

impl Slots {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The row in a slot that is in use.
    pub(super) fn row(&self, slot: u32) -> &dyn Row {
        self.rows[slot as usize].as_deref().expect("a slot that is in use")
    }

    /// The slot of the row with this identity.
    pub(super) fn find(&self, id: RowId) -> Option<u32> {
        self.by_id.find(id.hash64(), |slot| self.row(*slot).meta().id == id).copied()
    }

    /// Takes in a row whose identity no other has, as one that was mentioned.
    pub(super) fn insert(&mut self, row: Box<dyn Row>, shown: bool) -> u32 {
        let hash = row.meta().id.hash64();
        let slot = self.free.pop().unwrap_or_else(|| {
            self.rows.push(None);
            self.seen.push(true);
            self.shown.push(shown);
            u32::try_from(self.rows.len() - 1).expect("fewer than four thousand million rows")
        });
        self.rows[slot as usize] = Some(row);
        self.seen[slot as usize] = true;
        self.shown[slot as usize] = shown;
        let rows = &self.rows;
        self.by_id.insert_unique(hash, slot, |slot| hash_of(rows, *slot));
        slot
    }

    /// Puts another row of the same identity in a slot.
    pub(super) fn replace(&mut self, slot: u32, row: Box<dyn Row>, shown: bool) {
        self.rows[slot as usize] = Some(row);
        self.shown[slot as usize] = shown;
    }

    /// Takes a row out and lets the slot be used again.
    pub(super) fn remove(&mut self, slot: u32) -> Box<dyn Row> {
        let row = self.rows[slot as usize].take().expect("a slot that is in use");
        if let Ok(found) = self.by_id.find_entry(row.meta().id.hash64(), |other| *other == slot) {
            found.remove();
        }
        self.free.push(slot);
        row
    }

    /// Whether there is a row in the slot.
    pub(super) fn is_used(&self, slot: u32) -> bool {
        self.rows[slot as usize].is_some()
    }

    /// Whether the row passes the filter.
    pub(super) fn is_shown(&self, slot: u32) -> bool {
        self.shown[slot as usize]
    }

    /// Notes whether the row passes the filter.
    pub(super) fn show(&mut self, slot: u32, shown: bool) {
        self.shown[slot as usize] = shown;
    }

    /// Notes that the row was mentioned.
    pub(super) fn see(&mut self, slot: u32) {
        self.seen[slot as usize] = true;
    }

    /// Forgets which rows were mentioned.
    pub(super) fn unsee_all(&mut self) {
        self.seen.fill(false);
    }

    /// The slots of the rows that were not mentioned.
    pub(super) fn unseen(&self) -> Vec<u32> {
        let unseen = |slot: &u32| !self.seen[*slot as usize] && self.is_used(*slot);
        (0..self.rows.len() as u32).filter(unseen).collect()
    }

    /// Whether so many slots are free that the memory is worth having back.
    pub(super) fn is_sparse(&self) -> bool {
        self.rows.len() > 1024 && self.rows.len() / 4 > self.len()
    }

    /// How many rows there is room for.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.rows.capacity()
    }

    /// Moves the rows together, in the order of `slots`, which are all that are in use, and gives back what is
    /// free. Returns the new number of each slot.
    pub(super) fn compact(&mut self, slots: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut renamed = vec![u32::MAX; self.rows.len()];
        let mut old = std::mem::take(self);
        self.by_id.reserve(old.len(), |_| 0);
        for slot in slots {
            let Some(row) = old.rows[slot as usize].take() else { continue };
            let new = self.insert(row, old.shown[slot as usize]);
            self.seen[new as usize] = old.seen[slot as usize];
            renamed[slot as usize] = new;
        }
        renamed
    }
}

fn hash_of(rows: &[Option<Box<dyn Row>>], slot: u32) -> u64 {
    rows[slot as usize].as_ref().map_or(0, |row| row.meta().id.hash64())
}
