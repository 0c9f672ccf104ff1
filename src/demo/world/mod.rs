//! The simulated cluster itself: its objects, its time, and the rules by which requests change them.
//!
//! Everything here is synchronous and does no I/O: whoever holds the [`World`] tells it how late it is, asks, and
//! lets the controllers settle what follows (see [`controllers`](super::controllers)).

mod behaviour;
mod defaults;
mod definition;
mod delete;
mod facts;
mod failure;
mod memory;
pub mod naming;
mod object;
mod patch;
mod queue;
mod selector;
mod store;
mod strategic;
#[cfg(test)]
mod tests;
mod time;
mod types;
mod validate;
pub mod value;
mod write;

use std::sync::Arc;

pub use behaviour::{Behaviour, Behaviours, Format, Image, Life, Load, Trouble, Voice};
pub use delete::{Deleted, Deletion, Preconditions, Propagation};
pub use facts::{Amount, NodeFacts, POWER, Phase, PodFacts, Taint};
pub use failure::{Failure, FieldError, Outcome};
pub use memory::{ContainerMemory, Memory, PodMemory};
pub use naming::Chance;
pub use object::{Key, Object, Owner, Uid};
pub use patch::Patch;
pub use queue::{ControllerId, Queue, Task};
pub use selector::Selector;
pub use store::{Change, Page, Store, Tenants};
pub use time::Moment;
pub use types::{Column, Text, Type, TypeId, Types};
pub use write::{Part, Write};

/// A simulated cluster.
#[derive(Debug)]
pub struct World {
    /// How late it is there.
    pub now: Moment,
    /// The types of objects that are served.
    pub types: Types,
    /// The objects.
    pub store: Store,
    /// What controllers have to do.
    pub queue: Queue,
    /// Names that come by chance.
    pub chance: Chance,
    /// What everything that comes by chance depends on.
    pub seed: u64,
    /// How containers behave.
    pub behaviours: Behaviours,
    /// What controllers remember that no object says.
    pub memory: Memory,
    /// Changes that the controllers have not been told of.
    fresh: Vec<Change>,
}

impl World {
    /// How many changes are remembered for watches that resume.
    pub const MEMORY: usize = 8192;

    /// An empty cluster.
    #[must_use]
    pub fn new(seed: u64, now: Moment) -> World {
        World {
            now,
            types: Types::default(),
            store: Store::new(Self::MEMORY),
            queue: Queue::default(),
            chance: Chance::new(seed),
            seed,
            behaviours: Behaviours::default(),
            memory: Memory::default(),
            fresh: Vec::new(),
        }
    }

    /// The object.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Arc<Object>> {
        self.store.get(key)
    }

    /// Fills in what the API server would, where an object of this type says nothing.
    pub fn complete(&self, of: TypeId, value: &mut serde_json::Value) {
        defaults::apply(self, of, value);
    }

    /// What is known of a type.
    #[must_use]
    pub fn kind(&self, of: TypeId) -> &Type {
        self.types.get(of)
    }

    /// Changes that the controllers have not been told of, oldest first.
    pub fn take_fresh(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.fresh)
    }

    /// Lets a controller look at an object so many milliseconds from now.
    pub fn look_again(&mut self, controller: ControllerId, key: &Key, in_ms: i64) {
        self.look_at(controller, key, self.now.plus_ms(in_ms));
    }

    /// Lets a controller look at an object at this moment. Saying it twice is saying it once.
    pub fn look_at(&mut self, controller: ControllerId, key: &Key, at: Moment) {
        self.queue.add_at(at, Task { controller, key: key.clone() });
    }
}
