//! What must be so in every cluster that a scenario makes.

mod consistency;

use super::*;

const NOW: Moment = Moment(1_790_000_123_000);

fn made(name: &str) -> World {
    let scenario = find(name).expect("there is such a scenario");
    build(scenario, &BuildOptions { pods: None, seed: 7, now: NOW })
}
