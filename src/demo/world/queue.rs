//! What controllers have to do, now and later.

use std::collections::{BTreeSet, HashSet, VecDeque};

use super::object::Key;
use super::time::Moment;

/// Names a controller: its place in the table of controllers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ControllerId(pub u8);

/// An object that a controller has to look at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Task {
    /// Who.
    pub controller: ControllerId,
    /// At what. It need not exist (any more).
    pub key: Key,
}

/// The work of all controllers. A task that waits already is not added again.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<Task>,
    known: HashSet<Task>,
    later: BTreeSet<(Moment, Task)>,
}

impl Queue {
    /// Now.
    pub fn add(&mut self, task: Task) {
        if self.known.insert(task.clone()) {
            self.waiting.push_back(task);
        }
    }

    /// At this moment, or as soon after as time is told. A task that waits for the same moment is not added again.
    pub fn add_at(&mut self, at: Moment, task: Task) {
        self.later.insert((at, task));
    }

    /// The next task, if one waits.
    pub fn pop(&mut self) -> Option<Task> {
        let task = self.waiting.pop_front()?;
        self.known.remove(&task);
        Some(task)
    }

    /// Moves the tasks of the earliest moment up to `now` to those that wait; tells that moment.
    pub fn take_due(&mut self, now: Moment) -> Option<Moment> {
        let due = self.next_due().filter(|due| *due <= now)?;
        while self.next_due() == Some(due) {
            if let Some((_, task)) = self.later.pop_first() {
                self.add(task);
            }
        }
        Some(due)
    }

    /// When something is to be done next.
    #[must_use]
    pub fn next_due(&self) -> Option<Moment> {
        self.later.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::types::TypeId;
    use super::*;

    fn task(name: &str) -> Task {
        Task { controller: ControllerId(0), key: Key::new(TypeId::PODS, "shop", name) }
    }

    #[test]
    fn a_task_waits_once_and_late_ones_come_in_the_order_of_time() {
        let mut queue = Queue::default();
        queue.add(task("a"));
        queue.add(task("a"));
        queue.add_at(Moment(30), task("c"));
        queue.add_at(Moment(20), task("b"));
        assert_eq!((queue.pop(), queue.pop()), (Some(task("a")), None));
        assert_eq!((queue.next_due(), queue.take_due(Moment(10))), (Some(Moment(20)), None));
        assert_eq!((queue.take_due(Moment(50)), queue.pop()), (Some(Moment(20)), Some(task("b"))));
        assert_eq!((queue.take_due(Moment(50)), queue.pop()), (Some(Moment(30)), Some(task("c"))));
    }
}
