#!/usr/bin/env bash
# Times the release build on a real control plane with this many pods (10000 if none is named), beside the peer with
# --peer.
#
#   tests/cluster/bench.sh [PODS] [--peer]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

KW_LAB_PODS=10000
case "${1:-}" in [0-9]*) KW_LAB_PODS=$1 && shift ;; esac
KW_LAB_BIN=$("$here/build.sh" | tail -n 1)
KW_LAB=$(mktemp -d "${TMPDIR:-/tmp}/kw-lab.XXXXXX")
export KW_LAB_BIN KW_LAB KW_LAB_PODS
stop() { "$KW_LAB_BIN/lab" down --dir "$KW_LAB" --wipe >&2 || true; }
trap stop EXIT

cargo bench --no-run --bench cluster >&2
"$KW_LAB_BIN/lab" up --dir "$KW_LAB" --nodes 50 >&2
# From some 20,000 pods on, controllers and kwok take minutes to look at each of them, and memory that is not there.
still=()
[ "$KW_LAB_PODS" -le 20000 ] || still=(--still)
"$KW_LAB_BIN/lab" load --dir "$KW_LAB" --pods "$KW_LAB_PODS" --direct "${still[@]}" >&2
"$KW_LAB_BIN/lab" settle --dir "$KW_LAB" >&2
cargo bench --quiet --bench cluster -- "$@"
