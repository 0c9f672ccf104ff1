//! The words that sentences leave open: `{order}`, `{status}`, `{path}`.

use std::io::Write as _;

use fastrand::Rng;

use super::stamp::Stamp;
use super::voices::Level;
use crate::demo::world::{Load, Moment};

/// What a line is written from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'r> {
    /// When the line is written, and when the process began.
    pub(super) at: Moment,
    pub(super) started: Moment,
    /// What the process uses.
    pub(super) load: &'r Load,
}

/// Fills in the words of one line. The same word means the same within it.
pub(super) struct Words<'r> {
    scene: Scene<'r>,
    level: Level,
    chance: Rng,
    status: Option<u16>,
}

impl<'r> Words<'r> {
    pub(super) const fn new(scene: Scene<'r>, level: Level, chance: Rng) -> Words<'r> {
        Words { scene, level, chance, status: None }
    }

    /// Writes a text with its words filled in. Braces that enclose no word are written as they stand.
    pub(super) fn fill(&mut self, text: &str, out: &mut Vec<u8>) {
        let mut rest = text;
        while let Some(begin) = rest.find('{') {
            out.extend_from_slice(&rest.as_bytes()[..begin]);
            let inside = &rest[begin + 1..];
            let Some(end) = inside.find('}') else {
                rest = &rest[begin..];
                break;
            };
            self.word(&inside[..end], out);
            rest = &inside[end + 1..];
        }
        out.extend_from_slice(rest.as_bytes());
    }

    fn word(&mut self, name: &str, out: &mut Vec<u8>) {
        match name {
            "status" => self.status(out),
            "ms" => self.milliseconds(out),
            "secs" => self.seconds(out),
            "trace" => self.hex(16, out),
            "span" | "build" => self.hex(8, out),
            "uuid" => self.uuid(out),
            "heap" | "share" => self.heap(name, out),
            "iso" => Stamp::of(self.scene.at).iso(b' ', out),
            "common" => Stamp::of(self.scene.at).common(out),
            "clock" => Stamp::of(self.scene.at).clock(out),
            "dump" => self.dump(out),
            "ip" => self.numbers("198.51.100.", 1..255, out),
            "pod-ip" => {
                let node = self.chance.u32(0..8);
                let _ = write!(out, "10.128.{node}.{}", self.chance.u32(2..60));
            }
            "price" => {
                let (whole, cents) = (self.chance.u32(2..400), self.chance.u32(0..100));
                let _ = write!(out, "{whole}.{cents:02}");
            }
            "score" => {
                let _ = write!(out, "0.{:03}", self.chance.u32(1..1_000));
            }
            _ => match number(name) {
                Some((begin, range)) => self.numbers(begin, range, out),
                None => out.extend_from_slice(self.choose(choices(name)).as_bytes()),
            },
        }
    }

    fn choose(&mut self, from: &'static [&'static str]) -> &'static str {
        from[self.chance.usize(..from.len())]
    }

    fn numbers(&mut self, begin: &str, range: std::ops::Range<u32>, out: &mut Vec<u8>) {
        let _ = write!(out, "{begin}{}", self.chance.u32(range));
    }

    fn status(&mut self, out: &mut Vec<u8>) {
        let of_level: &[u16] = match self.level {
            Level::Info => &[200, 200, 200, 200, 200, 201, 204, 304],
            Level::Warn => &[404, 404, 408, 409, 429],
            Level::Error => &[500, 502, 503, 503, 504],
        };
        let chance = &mut self.chance;
        let status = *self.status.get_or_insert_with(|| of_level[chance.usize(..of_level.len())]);
        let _ = write!(out, "{status}");
    }

    /// Most are fast, a few are not; what goes wrong takes long.
    fn took(&mut self) -> u32 {
        let fast = 2 + self.chance.u32(0..30);
        match self.level {
            Level::Info if self.chance.u8(..) < 20 => fast * 9,
            Level::Info => fast,
            Level::Warn => 400 + self.chance.u32(0..2_100),
            Level::Error => 1_000 + self.chance.u32(0..9_000),
        }
    }

    fn milliseconds(&mut self, out: &mut Vec<u8>) {
        let _ = write!(out, "{}", self.took());
    }

    fn seconds(&mut self, out: &mut Vec<u8>) {
        let took = self.took();
        let _ = write!(out, "{}.{:03}", took / 1_000, took % 1_000);
    }

    fn hex(&mut self, count: usize, out: &mut Vec<u8>) {
        let _ = write!(out, "{:0count$x}", self.chance.u64(..) >> (64 - 4 * count));
    }

    fn uuid(&mut self, out: &mut Vec<u8>) {
        let bits = self.chance.u128(..);
        let (a, b, c) = ((bits >> 96) as u32, (bits >> 80) as u16, (bits >> 64) as u16 & 0xfff);
        let (d, e) = ((bits >> 48) as u16 & 0x3fff | 0x8000, bits as u64 & 0xffff_ffff_ffff);
        let _ = write!(out, "{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}");
    }

    /// What the process holds in memory by now, in MiB, or as a part of what it began with and twice as much.
    fn heap(&mut self, name: &str, out: &mut Vec<u8>) {
        let load = self.scene.load;
        let minutes = self.scene.at.since(self.scene.started) as f64 / 60_000.0;
        let heap = load.memory_mib + load.leak_mib * minutes;
        let shown = if name == "heap" { heap } else { (heap / (load.memory_mib * 2.0) * 100.0).min(99.0) };
        let _ = write!(out, "{}", shown as u64);
    }

    /// A message of some kilobytes, as somebody left it in the log when looking for a fault.
    fn dump(&mut self, out: &mut Vec<u8>) {
        let count = 20 + self.chance.u32(0..60);
        for at in 0..count {
            out.extend_from_slice(if at == 0 { b"[" } else { b"," });
            let (sku, amount) = (self.chance.u32(10_000..99_999), self.chance.u32(1..9));
            let name = self.choose(choices("product"));
            let _ = write!(out, "{{sku:{sku},name:{name},amount:{amount},warehouse:W{}}}", amount % 4);
        }
        out.push(b']');
    }
}

/// The words that are numbers, with what stands before them.
fn number(name: &str) -> Option<(&'static str, std::ops::Range<u32>)> {
    Some(match name {
        "order" => ("ORD-", 1_000_000..9_999_999),
        "user" => ("u", 10_000..999_999),
        "cart" => ("c", 100_000..999_999),
        "sku" => ("", 10_000..99_999),
        "few" => ("", 1..9),
        "stars" => ("", 1..6),
        "some" => ("", 3..60),
        "many" => ("", 100..9_000),
        "bytes" => ("", 400..60_000),
        "count" => ("", 1_000..900_000),
        "percent" => ("", 1..100),
        "pid" => ("", 20..900),
        "partition" => ("", 0..24),
        "offset" => ("", 1_000_000..9_000_000),
        "attempt" => ("", 1..4),
        "port" => ("", 32_768..60_999),
        "thread" => ("worker-", 1..17),
        "id" => ("", 1_000..65_535),
        "page" => ("", 1..20),
        _ => return None,
    })
}

/// The words that are chosen from a few. An unknown one is a dash, which a test finds.
fn choices(name: &str) -> &'static [&'static str] {
    match name {
        "method" => {
            &["GET", "GET", "GET", "GET", "GET", "GET", "GET", "GET", "POST", "POST", "PUT", "DELETE"]
        }
        "path" => &[
            "/",
            "/products/48113",
            "/products/10442?colour=blue",
            "/cart",
            "/cart/items",
            "/checkout",
            "/search?q=kettle",
            "/search?q=caf%C3%A9",
            "/account/orders",
            "/assets/app.5f2c.js",
            "/api/v2/prices?currency=EUR",
        ],
        "agent" => &[
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0",
            "shop-app/7.2 (Android 15)",
        ],
        "upstream" => &["payments", "catalogue", "pricing", "inventory", "accounts", "feature-flags"],
        "backend" => {
            &["shop-storefront-8080", "shop-checkout-8080", "search-search-8080", "shop-accounts-8080"]
        }
        "query" => &[
            "kettle",
            "running shoes",
            "café press",
            "寿司セット",
            "lámpara",
            "usb-c cable",
            "tent 2 person",
        ],
        "product" => &["Kettle", "Crème-brûlée-torch", "Zelt", "Żarówka", "急須", "Lamp", "Socks"],
        "person" => &["Ana", "Zoë", "Søren", "Łukasz", "Мария", "美咲", "José", "Aylin"],
        "currency" => &["EUR", "EUR", "EUR", "GBP", "SEK", "PLN"],
        "country" => &["DE", "FR", "NL", "PL", "SE", "ES"],
        "carrier" => &["parcel-one", "green-van", "post"],
        "card" => &["visa", "mastercard", "amex"],
        "flag" => &["new-basket", "fast-search", "gift-cards", "dark-mode"],
        "table" => &["orders", "order_items", "products", "stock", "payments", "sessions"],
        "queue" => &["orders.created", "mail.outgoing", "stock.changed", "images.resize", "invoices.due"],
        "event" => &["order.created", "order.paid", "stock.low", "user.registered", "parcel.sent"],
        "node" => &["worker-a1", "worker-b1", "worker-c1", "worker-a2", "worker-b2"],
        "name" => &[
            "payments.payments.svc.cluster.local.",
            "queue.platform.svc.cluster.local.",
            "orders-db-0.orders-db.shop.svc.cluster.local.",
            "api.cards.example.net.",
        ],
        "type" => &["A", "A", "A", "AAAA", "SRV"],
        "object" => {
            &["shop/storefront", "shop/checkout", "search/search", "shop/accounts", "monitoring/dashboards"]
        }
        "size" => &["64x64", "320x240", "640x480", "1280x960"],
        "rule" => &["HighLatency", "DiskWillFill", "PodRestarts", "QueueGrows"],
        "region" => &["eu-west-a", "eu-west-b", "eu-west-c"],
        _ => &["-"],
    }
}
