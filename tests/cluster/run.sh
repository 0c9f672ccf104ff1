#!/usr/bin/env bash
# Runs a command beside a real control plane: builds it if need be, starts one of its own with something in it, tells
# the command about it, and stops it in the end.
#
#   tests/cluster/run.sh COMMAND [ARGUMENT...]
#
# The command gets KW_LAB (the directory with the kubeconfigs) and KW_LAB_BIN (the directory of lab and kubectl).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

KW_LAB_BIN=$("$here/build.sh" | tail -n 1)
KW_LAB=$(mktemp -d "${TMPDIR:-/tmp}/kw-lab.XXXXXX")
export KW_LAB_BIN KW_LAB
stop() { "$KW_LAB_BIN/lab" down --dir "$KW_LAB" --wipe >&2 || true; }
trap stop EXIT

"$KW_LAB_BIN/lab" up --dir "$KW_LAB" --nodes 5 >&2
"$KW_LAB_BIN/lab" load --dir "$KW_LAB" --pods "${KW_LAB_PODS:-150}" --namespaces 5 >&2
"$KW_LAB_BIN/lab" gallery --dir "$KW_LAB" >&2
"$@"
