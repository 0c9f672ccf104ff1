#!/usr/bin/env bash
# Makes the pictures of the documentation from the program itself, on the embedded cluster. Time stands still there, so
# that each run shows the same.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cargo build --quiet --release --bin kw
cargo build --quiet --example picture

# picture NAME SIZE STEPS ARGUMENT...: what `kw demo ARGUMENT...` shows after the steps.
picture() {
    target/debug/examples/picture "docs/pictures/$1.svg" "$2" "$3" -- "$PWD/target/release/kw" demo --theme dusk --speed 0 "${@:4}"
}

picture pods 112x24 'wait:● live · v1;keys:S;wait:Sort by;keys:S;wait:STATUS↑' --scenario bad-rollout pods -n shop
picture tour-deployments 100x20 'wait:● live · v1;keys:/checkout\r;wait:1 shown' --scenario bad-rollout deployments -n shop
picture tour-pods 112x14 'wait:● live · v1;keys:/checkout\r\r;wait:▸ checkout ▸ pods;wait:CrashLoopBackOff' --scenario bad-rollout deployments -n shop
picture tour-events 112x16 'wait:● live · v1;keys:\z;wait:unhealthy only' --scenario bad-rollout events -n shop
picture tour-logs 112x20 'wait:● live · v1;keys:/checkout\r;wait:1 shown;keys:l;wait:following;wait:payment;keys:/level>=error\r;wait:FATAL' --scenario bad-rollout deployments -n shop
picture tour-palette 112x18 'wait:● live · v1;keys::de;wait:deployments' --scenario bad-rollout pods -n shop
