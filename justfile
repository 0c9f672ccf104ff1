# The few commands of daily work. `just` alone lists them.

default:
    @just --list

# Build and run on the embedded cluster
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# Build and run on the kubeconfig in force
run *ARGS:
    cargo run --release -- {{ARGS}}

# The tests that need nothing but Rust
test:
    cargo test

# Formatting, lints, licences
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo deny check bans licenses sources

# The end-to-end tests on a real control plane (built on first use: needs Go, some minutes)
e2e:
    tests/cluster/run.sh cargo test --test e2e --test contract-real --features e2e

# Build the real control plane (cached)
cluster-build:
    tests/cluster/build.sh

# Time the release build on a real control plane with so many pods, beside sofka if it is installed
bench-cluster PODS="10000":
    tests/cluster/bench.sh {{PODS}} --peer

# Time the release build on the embedded cluster
bench-demo:
    cargo bench --quiet --bench demo_screen

# Time following logs through a real API server
bench-logs:
    cargo bench --no-run --bench logs_cluster
    KW_LAB_PODS=60 tests/cluster/run.sh cargo bench --quiet --bench logs_cluster

# Micro benchmarks of the store and of decoding, and of keeping and searching logs
bench:
    cargo bench --bench store
    cargo bench --bench logs

# Make the pictures of the documentation from the program itself, on the embedded cluster
pictures:
    docs/pictures/make.sh
