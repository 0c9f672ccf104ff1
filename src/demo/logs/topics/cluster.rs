//! Topics of what keeps the cluster going: databases, the door, agents on the nodes, operators.

use super::Topic;

pub(super) static TOPICS: &[Topic] = &[
    Topic {
        name: "database",
        starts: &[
            "{iso} UTC [1] LOG:  starting, 64-bit, listening on IPv4 address \"0.0.0.0\", port 5432",
            "{iso} UTC [27] LOG:  redo starts at 4A/{span}",
            "{iso} UTC [27] LOG:  redo done at 4A/{span}",
            "{iso} UTC [1] LOG:  database system is ready to accept connections",
        ],
        info: &[
            "{iso} UTC [{pid}] LOG:  connection authorized: user=shop database=shop application_name=orders host={pod-ip}",
            "{iso} UTC [25] LOG:  checkpoint complete: wrote {many} buffers ({few}.{few}%); write={secs} s, sync=0.004 s",
            "{iso} UTC [{pid}] LOG:  duration: {ms}.{some} ms  statement: SELECT * FROM {table} WHERE id = {id}",
            "{iso} UTC [25] LOG:  checkpoint starting: time",
        ],
        warn: &[
            "{iso} UTC [{pid}] WARNING:  there is already a transaction in progress",
            "{iso} UTC [{pid}] LOG:  process {pid} still waiting for ShareLock on transaction {offset} after {ms}.{some} ms",
        ],
        error: &[
            "{iso} UTC [{pid}] ERROR:  deadlock detected",
            "{iso} UTC [{pid}] ERROR:  duplicate key value violates unique constraint \"{table}_pkey\"",
            "{iso} UTC [{pid}] FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
        ],
    },
    Topic {
        name: "cache",
        starts: &[
            "1:M {iso} * Server initialized",
            "1:M {iso} * DB loaded from disk: {secs} seconds",
            "1:M {iso} * Ready to accept connections tcp",
        ],
        info: &[
            "1:M {iso} * {many} changes in 60 seconds. Saving...",
            "1:M {iso} * Background saving terminated with success",
            "{pid}:C {iso} * DB saved on disk",
        ],
        warn: &[
            "1:M {iso} # Client id={id} addr={pod-ip}:{port} scheduled to be closed for overcoming of output buffer limits",
        ],
        error: &["1:M {iso} # Error condition on socket for SYNC: Connection refused"],
    },
    Topic {
        name: "index",
        starts: &["node starting, version 9.1.3", "using 3 data paths, 200gb", "started, cluster is green"],
        info: &[
            "[products-v12][{few}] refreshed in {ms} ms",
            "[products-v12][{few}] merged {some} segments",
            "[gc] young collection took {ms} ms",
        ],
        warn: &[
            "[gc] old collection took {ms} ms",
            "[products-v12][{few}] search took {ms} ms, source {query}",
        ],
        error: &["[parent] data too large, data for [<http_request>] would be larger than the limit"],
    },
    Topic {
        name: "access",
        starts: &[
            "{iso} [notice] controller starting, release 1.13.3",
            "{iso} [notice] {some} ingresses read, configuration written",
            "{iso} [notice] start worker processes",
        ],
        info: &[
            "{ip} - - [{common}] \"{method} {path} HTTP/2.0\" {status} {bytes} \"-\" \"{agent}\" {many} {secs} [{backend}] {pod-ip}:8080 {bytes} {secs} {status} {trace}",
            "{ip} - {user} [{common}] \"{method} {path} HTTP/2.0\" {status} {bytes} \"https://shop.example.com/\" \"{agent}\" {many} {secs} [{backend}] {pod-ip}:8080 {bytes} {secs} {status} {trace}",
        ],
        warn: &[
            "{ip} - - [{common}] \"{method} {path} HTTP/1.1\" {status} {bytes} \"-\" \"{agent}\" {many} {secs} [{backend}] {pod-ip}:8080 {bytes} {secs} {status} {trace}",
            "{iso} [warn] a client request body is buffered to a temporary file, client: {ip}",
        ],
        error: &[
            "{ip} - - [{common}] \"{method} {path} HTTP/2.0\" {status} 552 \"-\" \"{agent}\" {many} {secs} [{backend}] {pod-ip}:8080 0 {secs} {status} {trace}",
            "{iso} [error] upstream timed out (110: Operation timed out) while reading response header from upstream, client: {ip}, upstream: \"http://{pod-ip}:8080{path}\"",
        ],
    },
    Topic {
        name: "dns",
        starts: &[
            ".:53",
            "[INFO] plugin/reload: Running configuration SHA512 = {trace}{trace}",
            "CoreDNS-1.13.1 linux/amd64",
        ],
        info: &[
            "[INFO] {pod-ip}:{port} - {id} \"{type} IN {name} udp 82 false 1232\" NOERROR qr,aa,rd 162 0.000{many}s",
        ],
        warn: &[
            "[WARNING] plugin/kubernetes: Kubernetes API connection failure: Get \"https://10.96.0.1:443/version\": context deadline exceeded",
        ],
        error: &[
            "[ERROR] plugin/errors: 2 api.cards.example.net. A: read udp {pod-ip}:{port}->192.0.2.53:53: i/o timeout",
        ],
    },
    Topic {
        name: "proxy",
        starts: &[
            "Version info | version=v1.37.0",
            "Using nftables Proxier",
            "Starting service config controller",
            "Caches are synced | controller=node",
        ],
        info: &[
            "SyncProxyRules complete | elapsed={ms}ms numServices={some}",
            "Adding new service port | portName={object}:http servicePort=10.96.12.7:8080/TCP",
        ],
        warn: &["Can't set sysctl, kernel may not support it | sysctl=net/netfilter/nf_conntrack_max"],
        error: &["Failed to sync rules, will retry | err=exit-status-1"],
    },
    Topic {
        name: "storage",
        starts: &[
            "Driver: disks.csi.example.com | version=2.5.1",
            "Registering plugin | path=/csi/csi.sock",
            "Listening for connections | address=//csi/csi.sock",
        ],
        info: &[
            "GRPC call | method=/csi.v1.Node/NodeGetVolumeStats took={ms}ms",
            "Volume is attached | node={node} volume=vol-{span}",
            "GRPC call | method=/csi.v1.Identity/Probe took={ms}ms",
        ],
        warn: &["Volume is still in use, will retry | node={node} volume=vol-{span} attempt={attempt}"],
        error: &["GRPC error | method=/csi.v1.Controller/ControllerPublishVolume err=DeadlineExceeded"],
    },
    Topic {
        name: "network",
        starts: &[
            "agent starting | version=1.18.0",
            "datapath ready | mode=direct",
            "{some} endpoints restored",
        ],
        info: &[
            "endpoint regenerated | endpoint={id} took_ms={ms}",
            "policy computed | identity={id} rules={some}",
            "node healthy | node={node} rtt_us={many}",
        ],
        warn: &["connection tracking table is filling | used={percent}%"],
        error: &["endpoint not regenerated, will retry | endpoint={id} error=timeout"],
    },
    Topic {
        name: "operator",
        starts: &[
            "Starting manager | version=1.18.2",
            "Attempting to acquire leader lease platform/operator...",
            "Successfully acquired lease platform/operator",
            "Starting workers | count=2",
        ],
        info: &[
            "Reconciled | object={object} took={ms}ms",
            "Certificate is up to date | object={object} renewal=720h",
            "Backup completed | object={object} bytes={count}",
        ],
        warn: &["Object has been modified, will retry | object={object}"],
        error: &["Reconciler error | object={object} err=context-deadline-exceeded"],
    },
    Topic {
        name: "metrics-server",
        starts: &[
            "Generated self-signed cert | path=/tmp/apiserver.crt",
            "Serving securely on [::]:10250",
            "Caches are synced",
        ],
        info: &["Scraped node | node={node} took={ms}ms", "Storing metrics | pods={many} took={ms}ms"],
        warn: &["Metrics are old | node={node} age={some}s"],
        error: &["Failed to scrape node | node={node} err=context-deadline-exceeded"],
    },
    Topic {
        name: "metrics",
        starts: &[
            "starting | version=3.5.0",
            "replaying WAL | segments={some}",
            "server is ready to receive web requests",
        ],
        info: &[
            "compacted block | blocks={few} took_ms={ms}",
            "head truncated | series={count} took_ms={ms}",
            "scrape loop reloaded | targets={many}",
        ],
        warn: &["scrape took longer than its interval | target={pod-ip}:9090 took_ms={ms}"],
        error: &["out of order sample | target={pod-ip}:9090 samples={some}"],
    },
    Topic {
        name: "alerts",
        starts: &["starting | version=0.28.1", "gossip settled | peers=2", "listening | address=:9093"],
        info: &["notified | receiver=team-basket alerts={few} took_ms={ms}", "silence expired | id={uuid}"],
        warn: &["alert fires | alert={rule} since_minutes={some}"],
        error: &["not notified, will retry | receiver=chat status={status} attempt={attempt}"],
    },
    Topic {
        name: "dashboards",
        starts: &[
            "starting | version=12.0.2",
            "{some} dashboards provisioned",
            "http server listens | address=:3000",
        ],
        info: &[
            "request completed | method={method} path=/api/ds/query status={status} duration_ms={ms} user={user}",
            "session renewed | user={user}",
        ],
        warn: &["query slow | dashboard=checkout panel={few} duration_ms={ms}"],
        error: &["query failed | dashboard=checkout panel={few} status={status} duration_ms={ms}"],
    },
    Topic {
        name: "agent",
        starts: &[
            "starting | version=1.9.1",
            "enabled collectors | count={some}",
            "listening | address=:9100",
        ],
        info: &["scraped | collectors=41 took_ms={ms}"],
        warn: &["collector slow | collector=filesystem took_ms={ms}"],
        error: &["collector failed | collector=thermal_zone error=no_such_file"],
    },
    Topic {
        name: "shipper",
        starts: &["log shipper 4.0.3", "tailing /var/log/containers", "output is monitoring/logs"],
        info: &["{many} records sent in {ms} ms", "file rotated, {bytes} bytes read"],
        warn: &["buffer is {percent}% full", "output answers {status}, attempt {attempt}"],
        error: &["chunk {span} dropped after 5 attempts"],
    },
];
