//! Made-up pods, decoded by the real decoder from what an API server would send, in the order in which it would.

use kittiwake::resources::{Interner, Kind, Row, find};

const NAMESPACES: usize = 40;
const NODES: usize = 300;
const APPS: [&str; 4] = ["checkout-frontend", "ledger", "payments-api", "search-indexer"];
const REPLICAS: usize = 25;

/// Numbers that look random and are the same each time (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % sides
    }
}

/// The kind.
pub(crate) fn kind() -> &'static Kind {
    find("pods").unwrap()
}

/// So many pods, by namespace and name.
pub(crate) fn rows(n: usize) -> Vec<Box<dyn Row>> {
    let mut rows = Vec::with_capacity(n);
    let mut interner = Interner::default();
    for at in 0..n {
        decode(&json(n, at, 0), &mut interner, &mut rows);
    }
    rows
}

/// The same as an API server would send them.
pub(crate) fn objects(n: usize) -> Vec<String> {
    (0..n).map(|at| json(n, at, 0)).collect()
}

/// The rows of these.
pub(crate) fn decoded(objects: &[String]) -> Vec<Box<dyn Row>> {
    let (mut rows, mut interner) = (Vec::with_capacity(objects.len()), Interner::default());
    for object in objects {
        decode(object, &mut interner, &mut rows);
    }
    rows
}

/// Changes to [`rows`], one pod after another, spread over all of them.
pub(crate) struct Changes {
    n: usize,
    at: usize,
    interner: Interner,
}

impl Changes {
    pub(crate) fn new(n: usize) -> Changes {
        Changes { n, at: 0, interner: Interner::default() }
    }

    pub(crate) fn next(&mut self) -> Box<dyn Row> {
        // Coprime to any n that is a power of ten, so that it visits all of them.
        self.at += 7919;
        let mut rows = Vec::new();
        let json = json(self.n, self.at % self.n, 1 + self.at / self.n);
        decode(&json, &mut self.interner, &mut rows);
        rows.remove(0)
    }
}

fn decode(json: &str, interner: &mut Interner, rows: &mut Vec<Box<dyn Row>>) {
    (kind().decode)(json.as_bytes(), interner, rows).unwrap();
}

/// The pod number `at` of `n`, numbered by namespace and name; each `version` of it has another status, restarts and age, but the same name.
fn json(n: usize, at: usize, version: usize) -> String {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (at as u64 + 1).wrapping_mul(0xd1b5_4a32_d192_ed03));
    for _ in 0..8 {
        dice.roll(1);
    }
    let (high, low) = (dice.roll(1 << 31), dice.roll(1 << 31));
    let (workload, replica) = (at / REPLICAS, at % REPLICAS);
    let template = ((workload as u64 + 1) * 0x9e37_79b9) & 0xf_ffff_ffff;
    let suffix = (replica << 16) + dice.roll(1 << 16);
    // The place of this workload among all, in units of one namespace and one app within it.
    let place = at * NAMESPACES * APPS.len() / n;
    let (namespace, app) = (place / APPS.len(), APPS[place % APPS.len()]);
    let node = dice.roll(NODES);
    for _ in 0..version {
        dice.roll(1);
    }
    let (day, hour, minute, second) = (1 + dice.roll(28), dice.roll(24), dice.roll(60), dice.roll(60));
    let restarts = [0, 0, 0, 0, 0, 0, 1, 2, 5, 40][dice.roll(10)];
    let (waiting, ready) = match dice.roll(20) {
        0 => (r#""waiting":{"reason":"CrashLoopBackOff"}"#, false),
        1 => (r#""waiting":{"reason":"ImagePullBackOff"}"#, false),
        _ => (r#""running":{}"#, true),
    };
    format!(
        r#"{{"metadata":{{"name":"{app}-{workload:04x}-{template:09x}-{suffix:06x}","namespace":"team-{namespace:02}",
        "uid":"{high:08x}-0000-4000-8000-0000{low:08x}","creationTimestamp":"2026-01-{day:02}T{hour:02}:{minute:02}:{second:02}Z"}},
        "spec":{{"nodeName":"ip-10-0-{node}.eu-west-1.compute.internal","containers":[{{"name":"app"}}]}},
        "status":{{"phase":"Running","podIPs":[{{"ip":"10.{}.{}.{}"}}],
        "containerStatuses":[{{"name":"app","ready":{ready},"restartCount":{restarts},"state":{{{waiting}}}}}],
        "conditions":[{{"type":"Ready","status":"{}"}}]}}}}"#,
        at >> 16,
        (at >> 8) & 255,
        at & 255,
        if ready { "True" } else { "False" },
    )
}
