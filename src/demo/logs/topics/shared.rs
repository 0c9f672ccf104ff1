//! Topics of the services that all teams share, and of any service.

use super::Topic;

/// What any service would say.
pub(super) static SERVICE: Topic = Topic {
    name: "service",
    starts: &[
        "starting | build={build}",
        "configuration read | file=settings.yaml",
        "listening | address=:8080",
    ],
    info: &[
        "request served | method={method} path={path} status={status} took_ms={ms} trace={trace}",
        "task done | id={id} took_ms={ms}",
        "cache refreshed | entries={many} took_ms={ms}",
    ],
    warn: &[
        "request slow | method={method} path={path} status={status} took_ms={ms} trace={trace}",
        "call repeated | upstream={upstream} attempt={attempt}",
    ],
    error: &["request failed | method={method} path={path} status={status} took_ms={ms} trace={trace}"],
};

pub(super) static TOPICS: &[Topic] = &[
    Topic {
        name: "worker",
        starts: &[
            "starting | build={build}",
            "connected to queue | address=queue.platform.svc:5672",
            "{some} consumers ready",
        ],
        info: &[
            "message handled | queue={queue} event={event} partition={partition} offset={offset} took_ms={ms}",
            "mail handed over | to={user} template=order-confirmation language={country} greeting={person} 📦",
            "batch committed | messages={some} took_ms={ms}",
            "lag | queue={queue} messages={few}",
        ],
        warn: &[
            "message will be tried again | queue={queue} event={event} attempt={attempt} error=timeout",
            "lag grows | queue={queue} messages={many}",
        ],
        error: &[
            "message given up | queue={queue} event={event} attempt=5 trace={trace} moved_to=dead-letters",
        ],
    },
    Topic {
        name: "gateway",
        starts: &[
            "gateway starting | version=3.8.1",
            "{some} routes loaded",
            "tls certificates loaded | count={few}",
            "listening | address=:8080",
        ],
        info: &[
            "access | method={method} path={path} status={status} took_ms={ms} upstream={upstream} client={ip} trace={trace}",
            "access | method={method} path={path} status={status} took_ms={ms} upstream={upstream} client={ip} user={user} trace={trace}",
            "routes unchanged | checked={some}",
        ],
        warn: &[
            "rate limited | client={ip} path={path} status=429 limit=50/s",
            "upstream slow | upstream={upstream} took_ms={ms} trace={trace}",
        ],
        error: &[
            "upstream failed | upstream={upstream} address={pod-ip}:8080 status={status} took_ms={ms} trace={trace}",
            "connection reset by peer | upstream={upstream} address={pod-ip}:8080 trace={trace}",
        ],
    },
    Topic {
        name: "flags",
        starts: &["feature flags starting", "{some} flags read", "listening | address=:8080"],
        info: &[
            "flags delivered | client={pod-ip} flags={some} took_ms={ms}",
            "flag evaluated | flag={flag} user={user} on=true",
        ],
        warn: &["unknown flag asked for | flag=old-basket client={pod-ip}"],
        error: &["could not read flags, using the last ones | error=timeout took_ms={ms}"],
    },
    Topic {
        name: "images",
        starts: &[
            "image service starting | libvips=8.17",
            "cache opened | entries={many}",
            "listening | address=:8080",
        ],
        info: &[
            "image resized | sku={sku} size={size} bytes={bytes} took_ms={ms}",
            "image from cache | sku={sku} size={size} bytes={bytes}",
        ],
        warn: &["image is very large | sku={sku} bytes=48301177 took_ms={ms}"],
        error: &["cannot decode image | sku={sku} error=unexpected_end_of_file"],
    },
    Topic {
        name: "mailer",
        starts: &["mailer 1.1.8 starting", "relay is smtp.example.net:587", "{few} templates compiled"],
        info: &[
            "mail to {user}@example.org accepted: 250 2.0.0 queued as {span}",
            "connection to relay reused ({some} mails)",
        ],
        warn: &["relay is busy: 451 4.7.1 try again later, attempt {attempt}"],
        error: &["mail to {user}@example.org refused: 550 5.1.1 no such user"],
    },
    Topic {
        name: "queue",
        starts: &[
            "node starting, version 4.1.2",
            "data directory /var/lib/queue",
            "cluster: 3 nodes known",
            "listening on :5672",
        ],
        info: &[
            "accepting connection {pod-ip}:{port} -> :5672 (user shop)",
            "closing connection {pod-ip}:{port}",
            "queue {queue}: {many} messages/min, {few} ready",
            "segment {offset} written, {bytes} bytes",
        ],
        warn: &[
            "memory at {percent}% of the high watermark",
            "consumer on {queue} did not acknowledge for {ms} ms",
        ],
        error: &["closing connection {pod-ip}:{port}: missed heartbeats from client, timeout 60s"],
    },
    Topic {
        name: "batch",
        starts: &["started", "arguments read", "connected to the database"],
        info: &[
            "{many} rows read from {table}",
            "{some} rows written to {table} in {ms} ms",
            "page {page} done",
        ],
        warn: &["row {id} of {table} has no currency, taking {currency}"],
        error: &["row {id} of {table} skipped: constraint violated"],
    },
    Topic {
        name: "leak",
        starts: &[
            "starting | build={build}",
            "cache of rendered pages: unbounded | file=settings.yaml",
            "listening | address=:8080",
        ],
        info: &[
            "request served | method={method} path={path} status={status} took_ms={ms} trace={trace}",
            "page rendered and cached | path={path} heap_mib={heap} entries={many}",
            "heap after collection | heap_mib={heap}",
        ],
        warn: &[
            "heap after collection is higher than before | heap_mib={heap}",
            "collection took long | took_ms={ms} heap_mib={heap}",
        ],
        error: &["request aborted while collecting garbage | path={path} took_ms={ms} heap_mib={heap}"],
    },
];
