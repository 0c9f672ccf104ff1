#!/usr/bin/env bash
# Builds the programs of the test cluster, and prints the directory they are in as its last line:
#   controlplane  etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubectl in one (kubectl is a link to it)
#   kwok          plays the kubelets: nodes and pods that cost nothing, with logs, exec and port-forward
#   lab           starts, fills, churns and stops all of that
#   metrics-server  only with --metrics: another four minutes
# What is built already is skipped: a stamp beside each program holds a hash of what it was made from.
# The first time takes some ten minutes on two cores and 3 GB of memory; Go's build cache makes the later ones short.
# Needs: go, the Go module proxy (or a filled module cache). Set KW_CLUSTER_CACHE to keep it elsewhere.
set -euo pipefail

KUBERNETES=v1.37.2 # must be what go.mod requires
KWOK=v0.8.0
METRICS_SERVER=v0.9.0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${KW_CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kittiwake-cluster}
bin=$cache/bin

say() { printf 'build.sh: %s\n' "$*" >&2; }

if ! command -v go >/dev/null; then
    say "go is not installed (or not on PATH); the test cluster is built from Go source."
    say "Install Go 1.26 or later, as https://go.dev/doc/install says, and run this again."
    exit 1
fi

mkdir -p "$bin"
cd "$here"
export CGO_ENABLED=0
go_version=$(go env GOVERSION)

# Two builds at once would compile everything twice: the second waits, and then finds it done.
if command -v flock >/dev/null; then
    exec 9>"$cache/lock"
    flock -n 9 || { say "another build is running in $cache, waiting for it"; flock 9; }
fi

# The flags that `kubectl version` and the server's /version are made from. Both packages keep a copy.
version_flags() {
    local minor=${KUBERNETES#v1.} pkg
    minor=${minor%%.*}
    for pkg in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
        printf -- '-X %s.gitVersion=%s -X %s.gitMajor=1 -X %s.gitMinor=%s -X %s.gitTreeState=clean ' \
            "$pkg" "$KUBERNETES" "$pkg" "$pkg" "$minor" "$pkg"
    done
}

# hash WORD FILE...: of the Go version, a word and the files' contents.
hash() { { echo "$go_version $1"; shift; cat "$@"; } </dev/null | cksum | tr ' ' '-'; }

# build NAME HASH COMMAND...: runs COMMAND, which must write the program to $bin/NAME.new, unless it was made from the same.
build() {
    local name=$1 want=$2 start=$SECONDS
    shift 2
    if [ -x "$bin/$name" ] && [ "$(cat "$bin/.$name.stamp" 2>/dev/null)" = "$want" ]; then
        return
    fi
    say "building $name ..."
    nice -n 10 "$@"
    mv -f "$bin/$name.new" "$bin/$name"
    echo "$want" >"$bin/.$name.stamp"
    say "built $name in $((SECONDS - start)) s"
}

build_here() { go build -buildvcs=false -trimpath -ldflags "-s -w $(version_flags)" -o "$bin/$1.new" "./$1"; }

# Other people's programs come as modules with their own pinned dependencies, which ours must not change.
# build_there NAME PACKAGE@VERSION
build_there() {
    local tmp=$cache/$1.tmp
    GOBIN=$tmp go install -trimpath -ldflags "-s -w" "$2"
    mv -f "$tmp/$1" "$bin/$1.new"
    rmdir "$tmp"
}

export -f build_here build_there version_flags
export bin cache KUBERNETES

mapfile -t lab < <(find lab -type f | LC_ALL=C sort)
build lab "$(hash "$KUBERNETES" go.mod go.sum "${lab[@]}")" bash -ec 'build_here lab'
build kwok "$(hash "$KWOK")" bash -ec "build_there kwok sigs.k8s.io/kwok/cmd/kwok@$KWOK"
build controlplane "$(hash "$KUBERNETES" go.mod go.sum controlplane/*.go)" bash -ec 'build_here controlplane'
ln -sf controlplane "$bin/kubectl"
if [ "${1:-}" = --metrics ]; then
    build metrics-server "$(hash "$METRICS_SERVER")" bash -ec \
        "build_there metrics-server sigs.k8s.io/metrics-server/cmd/metrics-server@$METRICS_SERVER"
fi

echo "$bin"
