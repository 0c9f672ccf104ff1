//! A release that does not start.

use super::{app, release};
use crate::demo::scenario::{Scenario, Scene};
use crate::demo::world::{Behaviour, Life, Voice, World};

pub(super) const BAD_ROLLOUT: Scenario = Scenario {
    name: "bad-rollout",
    title: "a release that does not start",
    look_for: "deployment checkout in shop hangs: find the pods that crash, read why (l)",
    pods: None,
    prepare,
    scenes: &[Scene {
        at: -150,
        act: |world| release(world, "checkout", IMAGE, "bounded retries of payments"),
    }],
};

const IMAGE: &str = "registry.example.com/shop/checkout:2.15.0";

fn prepare(world: &mut World) {
    let good = app("checkout").behaviour();
    let voice = Voice { topic: "checkout-start", per_minute: 30.0, last_words: LAST_WORDS, ..good.voice };
    let broken =
        Behaviour { life: Life::Ends { after_ms: 3_400, exit_code: 1 }, warm_up_ms: 60_000, voice, ..good };
    world.behaviours.set(IMAGE, broken);
}

/// Why it ends.
const LAST_WORDS: &[&str] = &[
    "payments client: configuration key \"payments.retry.max_elapsed\" is missing (required since 2.15.0)",
    "|panic: invalid configuration: 1 error",
    "|",
    "|goroutine 1 [running]:",
    "|example.com/shop/checkout/internal/config.MustLoad({0xc00011a0c0, 0x1b})",
    "|\t/src/internal/config/config.go:88 +0x1f4",
    "|example.com/shop/checkout/internal/payments.NewClient(0xc0000b4000)",
    "|\t/src/internal/payments/client.go:41 +0x65",
    "|main.main()",
    "|\t/src/cmd/checkout/main.go:57 +0x2e9",
];
