//! The world behind a lock, and who is told when it changes.
//!
//! Everybody holds the lock only for as long as one request takes, or one step of a long answer, and nobody across
//! an `await`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::demo::clock::Clock;
use crate::demo::controllers::{CONTROLLERS, advance, settle};
use crate::demo::world::World;

/// The world, its time, and what keeps it going.
#[derive(Debug)]
pub(crate) struct Hub {
    world: Mutex<World>,
    /// How late it is.
    pub(crate) clock: Clock,
    /// Counts changes of the world and of the clock.
    changes: watch::Sender<u64>,
    /// The next moment at which something is to be done may be another one.
    timers: Notify,
}

impl Hub {
    /// Lets `world` live, `speed` times as fast as we do.
    pub(crate) fn new(world: World, speed: f64) -> Arc<Hub> {
        let clock = Clock::new(world.now, speed);
        let (changes, _) = watch::channel(0);
        Arc::new(Hub { world: Mutex::new(world), clock, changes, timers: Notify::new() })
    }

    /// Brings the world up to now, lets `act` read or change it, and lets the controllers do what follows.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.lock();
        let before = world.store.version();
        advance(&mut world, CONTROLLERS, self.clock.now());
        let answer = act(&mut world);
        settle(&mut world, CONTROLLERS);
        if world.store.version() != before {
            self.changes.send_modify(|count| *count += 1);
        }
        self.timers.notify_one();
        answer
    }

    /// Lets `read` look at the world as it was left last.
    pub(crate) fn peek<T>(&self, read: impl FnOnce(&World) -> T) -> T {
        read(&self.lock())
    }

    /// Tells of changes of the world and of the clock.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Changes the clock, and does what has become due.
    pub(crate) fn set_clock(&self, change: impl FnOnce(&Clock)) {
        change(&self.clock);
        self.with(|_| ());
        self.changes.send_modify(|count| *count += 1);
    }

    /// Lets the controllers hear of what the world was made with, and does what is due, whenever something is. Nothing
    /// is looked at in between.
    pub(crate) async fn drive(&self) {
        self.with(|_| ());
        loop {
            let due = self.peek(|world| world.queue.next_due());
            tokio::select! {
                () = sleep(due.and_then(|due| self.clock.until(due))) => self.with(|_| ()),
                () = self.timers.notified() => {}
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // Whatever panicked has answered for it; the world is as good as before.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sleeps for so long; for ever for `None`.
pub(crate) async fn sleep(long: Option<Duration>) {
    match long {
        Some(long) => tokio::time::sleep(long).await,
        None => std::future::pending().await,
    }
}
