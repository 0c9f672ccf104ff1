//! What runs in the cluster: the applications of the shop and of those who run it, a row each.

use std::borrow::Cow;

use super::app::{App, Reach, Shape};
use crate::demo::world::Format;

const fn app(name: &'static str, namespace: &'static str, team: &'static str) -> App {
    App::new(Cow::Borrowed(name), Cow::Borrowed(namespace), Cow::Borrowed(team))
}

const DEPLOYMENT: Shape = Shape::Deployment;
const DAEMON: Shape = Shape::DaemonSet;
const fn stateful(gib: u32) -> Shape {
    Shape::StatefulSet { gib }
}

/// The applications of a calm cluster.
pub(super) static APPS: &[App] = &[
    // The shop.
    app("storefront", "shop", "web")
        .shape(DEPLOYMENT, "frontend")
        .version([5, 21, 0], 0.8)
        .runs(4, 250, 512)
        .calls(&["catalogue.shop:8080", "cart.shop:8080", "search.search:8080", "accounts.shop:8080"])
        .says(Format::Colour, "storefront", 60.0)
        .scales(10)
        .public("shop.example.com", "/"),
    app("checkout", "shop", "basket")
        .version([2, 14, 3], 6.2)
        .runs(4, 200, 384)
        .calls(&["cart.shop:8080", "payments.payments:8080", "orders.shop:8080", "pricing.shop:8080"])
        .says(Format::Json, "checkout", 40.0)
        .scales(8)
        .public("shop.example.com", "/checkout")
        .secret()
        .priority("customer-facing"),
    app("cart", "shop", "basket")
        .version([3, 2, 1], 12.5)
        .runs(3, 150, 256)
        .calls(&["cart-cache.shop:6379", "pricing.shop:8080"])
        .says(Format::Json, "cart", 50.0)
        .scales(6)
        .priority("customer-facing"),
    app("cart-cache", "shop", "basket")
        .shape(stateful(8), "cache")
        .version([8, 2, 0], 61.0)
        .runs(3, 100, 512)
        .reached(Reach::Headless, 6379)
        .says(Format::Bare, "cache", 2.0),
    app("catalogue", "shop", "products")
        .version([4, 9, 0], 2.9)
        .runs(3, 200, 512)
        .calls(&["catalogue-db.shop:5432", "images.platform:8080"])
        .says(Format::Logfmt, "catalogue", 35.0)
        .scales(6)
        .secret(),
    app("catalogue-db", "shop", "products")
        .shape(stateful(50), "database")
        .version([17, 4, 0], 118.0)
        .runs(2, 500, 2048)
        .reached(Reach::Headless, 5432)
        .says(Format::Bare, "database", 6.0)
        .secret(),
    app("pricing", "shop", "products")
        .version([1, 31, 2], 9.1)
        .runs(2, 150, 256)
        .calls(&["feature-flags.platform:8080"])
        .says(Format::Logfmt, "pricing", 30.0),
    app("inventory", "shop", "warehouse")
        .version([2, 6, 4], 27.0)
        .runs(3, 150, 384)
        .calls(&["catalogue-db.shop:5432", "queue.platform:5672"])
        .says(Format::Plain, "inventory", 20.0)
        .secret(),
    app("orders", "shop", "basket")
        .version([6, 0, 2], 15.7)
        .runs(3, 200, 512)
        .calls(&["orders-db.shop:5432", "queue.platform:5672", "inventory.shop:8080"])
        .says(Format::Json, "orders", 25.0)
        .secret()
        .priority("customer-facing"),
    app("orders-db", "shop", "basket")
        .shape(stateful(100), "database")
        .version([17, 4, 0], 96.0)
        .runs(3, 500, 2048)
        .reached(Reach::Headless, 5432)
        .says(Format::Bare, "database", 8.0)
        .secret(),
    app("shipping", "shop", "warehouse")
        .version([1, 12, 0], 44.0)
        .calls(&["orders.shop:8080", "queue.platform:5672"])
        .says(Format::Plain, "shipping", 10.0),
    app("recommendations", "shop", "discovery")
        .version([3, 40, 1], 1.6)
        .runs(3, 300, 768)
        .calls(&["embeddings.search:8080", "feature-flags.platform:8080"])
        .says(Format::Logfmt, "recommendations", 20.0)
        .scales(6),
    app("reviews", "shop", "products")
        .version([2, 3, 9], 71.0)
        .calls(&["catalogue-db.shop:5432"])
        .says(Format::Plain, "reviews", 8.0)
        .secret(),
    app("accounts", "shop", "identity")
        .version([7, 1, 5], 18.3)
        .runs(3, 150, 384)
        .calls(&["orders-db.shop:5432", "mailer.platform:8080"])
        .says(Format::Json, "accounts", 18.0)
        .public("accounts.example.com", "/")
        .secret(),
    app("notifications", "shop", "identity")
        .shape(DEPLOYMENT, "worker")
        .version([1, 19, 0], 33.0)
        .reached(Reach::Nobody, 8080)
        .calls(&["queue.platform:5672", "mailer.platform:8080"])
        .says(Format::Json, "worker", 24.0),
    app("wishlist", "shop", "basket")
        .version([0, 9, 3], 52.0)
        .runs(1, 50, 128)
        .calls(&["orders-db.shop:5432"])
        .says(Format::Logfmt, "wishlist", 4.0),
    // Payments.
    app("payments", "payments", "payments")
        .version([4, 3, 0], 20.4)
        .runs(3, 200, 512)
        .calls(&["ledger.payments:8080", "fraud.payments:8080", "payments-db.payments:5432"])
        .says(Format::Json, "payments", 30.0)
        .secret()
        .priority("customer-facing"),
    app("fraud", "payments", "risk")
        .version([2, 22, 0], 3.3)
        .runs(2, 300, 1024)
        .calls(&["feature-flags.platform:8080"])
        .says(Format::Json, "fraud", 16.0)
        .scales(5),
    app("ledger", "payments", "payments")
        .version([3, 0, 7], 88.0)
        .runs(2, 200, 512)
        .calls(&["payments-db.payments:5432"])
        .says(Format::Plain, "ledger", 12.0)
        .secret(),
    app("invoices", "payments", "payments")
        .shape(DEPLOYMENT, "worker")
        .version([1, 7, 1], 39.0)
        .calls(&["ledger.payments:8080", "mailer.platform:8080"])
        .says(Format::Plain, "worker", 6.0),
    app("payments-db", "payments", "payments")
        .shape(stateful(100), "database")
        .version([17, 4, 0], 104.0)
        .runs(3, 500, 2048)
        .reached(Reach::Headless, 5432)
        .says(Format::Bare, "database", 6.0)
        .secret(),
    // Search.
    app("search", "search", "discovery")
        .version([8, 4, 2], 4.4)
        .runs(4, 300, 768)
        .calls(&["index.search:9200", "suggest.search:8080"])
        .says(Format::Json, "search", 70.0)
        .scales(12)
        .public("shop.example.com", "/search"),
    app("suggest", "search", "discovery")
        .version([2, 0, 11], 29.0)
        .runs(2, 150, 512)
        .calls(&["index.search:9200"])
        .says(Format::Logfmt, "search", 40.0),
    app("indexer", "search", "discovery")
        .shape(DEPLOYMENT, "worker")
        .version([3, 5, 0], 13.0)
        .reached(Reach::Nobody, 8080)
        .calls(&["index.search:9200", "queue.platform:5672", "catalogue.shop:8080"])
        .says(Format::Plain, "indexer", 20.0),
    app("embeddings", "search", "discovery")
        .version([0, 14, 0], 5.0)
        .runs(1, 2000, 8192)
        .says(Format::Plain, "embeddings", 6.0)
        .graphics(),
    app("index", "search", "discovery")
        .shape(stateful(200), "database")
        .version([9, 1, 3], 47.0)
        .runs(3, 1000, 4096)
        .reached(Reach::Headless, 9200)
        .says(Format::Plain, "index", 6.0),
    // What all teams share.
    app("gateway", "platform", "platform")
        .version([3, 8, 1], 10.5)
        .runs(3, 250, 256)
        .reached(Reach::NodePort, 8080)
        .calls(&["storefront.shop:8080", "accounts.shop:8080"])
        .says(Format::Json, "gateway", 90.0)
        .priority("customer-facing"),
    app("feature-flags", "platform", "platform")
        .version([1, 4, 0], 57.0)
        .says(Format::Logfmt, "flags", 8.0)
        .public("flags.example.com", "/"),
    app("images", "platform", "platform").version([2, 2, 0], 24.0).runs(3, 400, 1024).says(
        Format::Logfmt,
        "images",
        25.0,
    ),
    app("mailer", "platform", "platform")
        .version([1, 1, 8], 150.0)
        .says(Format::Plain, "mailer", 5.0)
        .secret(),
    app("queue", "platform", "platform")
        .shape(stateful(20), "queue")
        .version([4, 1, 2], 66.0)
        .runs(3, 300, 1024)
        .reached(Reach::Headless, 5672)
        .says(Format::Plain, "queue", 5.0)
        .secret(),
    app("certificates", "platform", "platform")
        .shape(DEPLOYMENT, "operator")
        .version([1, 18, 2], 74.0)
        .runs(1, 50, 128)
        .reached(Reach::Nobody, 8080)
        .says(Format::Klog, "operator", 3.0),
    app("backups", "platform", "platform")
        .shape(DEPLOYMENT, "operator")
        .version([0, 8, 0], 35.0)
        .runs(1, 50, 128)
        .reached(Reach::Nobody, 8080)
        .says(Format::Klog, "operator", 2.0),
    // Who watches.
    app("metrics", "monitoring", "observability")
        .shape(stateful(150), "database")
        .version([3, 5, 0], 31.0)
        .runs(2, 500, 4096)
        .reached(Reach::Headless, 9090)
        .says(Format::Logfmt, "metrics", 4.0),
    app("alerts", "monitoring", "observability")
        .version([0, 28, 1], 80.0)
        .runs(2, 50, 128)
        .reached(Reach::Cluster, 9093)
        .says(Format::Logfmt, "alerts", 2.0),
    app("dashboards", "monitoring", "observability")
        .version([12, 0, 2], 17.0)
        .runs(1, 100, 512)
        .reached(Reach::Cluster, 3000)
        .says(Format::Logfmt, "dashboards", 6.0)
        .public("dashboards.example.com", "/"),
    app("node-exporter", "monitoring", "observability")
        .shape(DAEMON, "agent")
        .version([1, 9, 1], 92.0)
        .runs(0, 25, 64)
        .reached(Reach::Headless, 9100)
        .says(Format::Logfmt, "agent", 0.5),
    app("log-shipper", "monitoring", "observability")
        .shape(DAEMON, "agent")
        .version([4, 0, 3], 22.0)
        .runs(0, 100, 256)
        .reached(Reach::Nobody, 2020)
        .says(Format::Plain, "shipper", 4.0),
    // The door.
    app("ingress-controller", "ingress", "platform")
        .shape(DEPLOYMENT, "controller")
        .version([1, 13, 3], 40.0)
        .runs(3, 300, 512)
        .reached(Reach::LoadBalancer, 8443)
        .says(Format::Bare, "access", 180.0)
        .priority("system-cluster-critical"),
    // The cluster itself.
    app("coredns", "kube-system", "platform")
        .shape(DEPLOYMENT, "dns")
        .version([1, 13, 1], 110.0)
        .runs(2, 100, 170)
        .reached(Reach::Cluster, 53)
        .says(Format::Bare, "dns", 8.0)
        .priority("system-cluster-critical"),
    app("metrics-server", "kube-system", "platform")
        .shape(DEPLOYMENT, "metrics")
        .version([0, 8, 0], 110.0)
        .runs(2, 100, 200)
        .reached(Reach::Cluster, 10250)
        .says(Format::Klog, "metrics-server", 2.0)
        .priority("system-cluster-critical"),
    app("csi-controller", "kube-system", "platform")
        .shape(DEPLOYMENT, "storage")
        .version([2, 5, 1], 83.0)
        .runs(2, 50, 128)
        .reached(Reach::Nobody, 9808)
        .says(Format::Klog, "storage", 2.0)
        .priority("system-cluster-critical"),
    app("kube-proxy", "kube-system", "platform")
        .shape(DAEMON, "network")
        .version([1, 37, 0], 48.0)
        .runs(0, 100, 128)
        .reached(Reach::Nobody, 10249)
        .says(Format::Klog, "proxy", 1.0)
        .priority("system-node-critical"),
    app("network-agent", "kube-system", "platform")
        .shape(DAEMON, "network")
        .version([1, 18, 0], 70.0)
        .runs(0, 100, 256)
        .reached(Reach::Nobody, 9879)
        .says(Format::Logfmt, "network", 2.0)
        .priority("system-node-critical"),
    app("csi-node", "kube-system", "platform")
        .shape(DAEMON, "storage")
        .version([2, 5, 1], 83.0)
        .runs(0, 25, 64)
        .reached(Reach::Nobody, 9808)
        .says(Format::Klog, "storage", 0.5)
        .priority("system-node-critical"),
];

/// The applications of the shop that have a copy for trying things out, in namespace `staging`.
pub(super) static STAGED: &[&str] =
    &["storefront", "checkout", "cart", "catalogue", "pricing", "orders", "accounts", "reviews", "shipping"];
