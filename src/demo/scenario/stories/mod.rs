//! The stories, a file each: what somebody does in a calm cluster, or what is different in it.

mod bad_rollout;

use super::Scenario;

/// A cluster in which nothing happens that should not.
const CALM: Scenario = Scenario {
    name: "calm",
    title: "a shop on a good day",
    look_for: "nothing is wrong: look around; the only traces are a job that failed yesterday and a few old restarts",
    pods: None,
    prepare: |_| (),
    scenes: &[],
};

/// All scenarios.
#[must_use]
pub fn all() -> &'static [Scenario] {
    const ALL: &[Scenario] = &[CALM, bad_rollout::BAD_ROLLOUT];
    ALL
}
