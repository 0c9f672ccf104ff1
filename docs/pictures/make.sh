#!/usr/bin/env bash
# Makes the pictures from the program itself. Run by `just pictures`, which starts a control plane.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
kw() { cargo run --quiet --example picture -- "docs/pictures/$1.svg" "$2" "$3" -- target/release/kw --theme dusk --kubeconfig "$KW_LAB/admin.conf" "${@:4}"; }

kw pods 112x24 'wait:● live · v1;keys:R;wait:RESTARTS↓' pods -n gallery
