//! Topics of the shop, of payments and of search.

use super::Topic;

pub(super) static TOPICS: &[Topic] = &[
    Topic {
        name: "storefront",
        starts: &[
            "storefront starting, build {build}",
            "{some} templates compiled, 5 languages",
            "ready on http://0.0.0.0:8080",
        ],
        info: &[
            "{method} {path} {status} {ms}ms | user={user} trace={trace}",
            "{method} {path} {status} {ms}ms | trace={trace}",
            "rendered home for {person} | language={country} experiments={flag} took={ms}ms",
            "prefetched {some} products | took={ms}ms",
        ],
        warn: &[
            "{method} {path} {status} {ms}ms | user={user} trace={trace}",
            "recommendations not in time, showing bestsellers | trace={trace}",
        ],
        error: &[
            "{method} {path} {status} {ms}ms | upstream={upstream} trace={trace}",
            "TypeError: cannot read properties of undefined (reading 'price') | path={path} trace={trace}",
        ],
    },
    Topic {
        name: "checkout",
        starts: &[
            "checkout starting | build={build}",
            "configuration read | file=/etc/checkout/settings.yaml",
            "payments client ready | address=payments.payments.svc:8080",
            "listening | address=:8080",
        ],
        info: &[
            "checkout step | step=address user={user} cart={cart} took_ms={ms} trace={trace}",
            "checkout step | step=payment user={user} cart={cart} took_ms={ms} trace={trace}",
            "order placed | order={order} user={user} total={price} currency={currency} items={few} took_ms={ms} trace={trace}",
            "payment authorized | order={order} card={card} took_ms={ms} trace={trace}",
            "voucher applied | cart={cart} amount={price}",
        ],
        warn: &[
            "payment declined | order={order} card={card} reason=insufficient_funds trace={trace}",
            "call repeated | upstream={upstream} attempt={attempt} took_ms={ms} trace={trace}",
            "address needs correction | user={user} country={country}",
        ],
        error: &[
            "payment failed | order={order} upstream=payments status={status} took_ms={ms} trace={trace}",
            "order not placed | cart={cart} user={user} error=deadline_exceeded trace={trace}",
        ],
    },
    Topic {
        name: "checkout-start",
        starts: &[
            "checkout starting | build={build}",
            "configuration read | file=/etc/checkout/settings.yaml",
            "pricing client ready | address=pricing.shop.svc:8080",
        ],
        info: &["waiting for configuration of the payments client | file=/etc/checkout/settings.yaml"],
        warn: &["default used for unknown key | key=payments.timeout"],
        error: &["payments client is not configured"],
    },
    Topic {
        name: "cart",
        starts: &[
            "cart starting | build={build}",
            "cache connected | address=cart-cache.shop.svc:6379",
            "listening | address=:8080",
        ],
        info: &[
            "item added | cart={cart} sku={sku} amount={few} user={user} took_ms={ms} trace={trace}",
            "cart read | cart={cart} items={few} took_ms={ms} trace={trace}",
            "item removed | cart={cart} sku={sku} user={user}",
            "carts merged after sign-in | cart={cart} user={user}",
        ],
        warn: &[
            "price changed since it was added | cart={cart} sku={sku} before={price} now={price}",
            "cache slow | took_ms={ms} trace={trace}",
        ],
        error: &["cart cannot be read | cart={cart} error=connection_refused trace={trace}"],
    },
    Topic {
        name: "catalogue",
        starts: &["catalogue starting", "{count} products indexed", "listening | address=:8080"],
        info: &[
            "products listed | category=kitchen page={page} took_ms={ms} trace={trace}",
            "product read | sku={sku} name={product} took_ms={ms} trace={trace}",
            "product changed | sku={sku} by={person}",
        ],
        warn: &[
            "product without a picture | sku={sku} name={product}",
            "query slow | table=products rows={many} took_ms={ms}",
        ],
        error: &["query failed | table=products error=too_many_connections took_ms={ms} trace={trace}"],
    },
    Topic {
        name: "pricing",
        starts: &["pricing starting", "{many} rules loaded", "listening | address=:8080"],
        info: &[
            "price computed | sku={sku} price={price} currency={currency} took_us={many}",
            "prices computed | skus={some} took_ms={ms} trace={trace}",
            "exchange rates updated | source=ecb currencies=31",
        ],
        warn: &[
            "rule ignored, it contradicts an older one | rule={id}",
            "exchange rates are old | hours={few}",
        ],
        error: &["no price | sku={sku} currency={currency} trace={trace}"],
    },
    Topic {
        name: "inventory",
        starts: &[
            "Starting InventoryApplication v2.6.4",
            "Pool started, 10 connections",
            "Started InventoryApplication in {secs} seconds",
        ],
        info: &[
            "[{thread}] stock reserved: sku {sku}, {few} pieces, {order}",
            "[{thread}] stock released: sku {sku}, {few} pieces",
            "[{thread}] delivery booked in: {some} pieces of {sku} ({product}) at warehouse W{few}",
        ],
        warn: &[
            "[{thread}] stock low: sku {sku}, {few} left",
            "[{thread}] lock on sku {sku} waited for {ms} ms",
        ],
        error: &[
            "[{thread}] reservation failed for {order}: java.sql.SQLTransientConnectionException: pool is exhausted after {ms} ms",
        ],
    },
    Topic {
        name: "orders",
        starts: &[
            "orders starting | build={build}",
            "schema is up to date | version=60",
            "consuming | queue=orders.created",
            "listening | address=:8080",
        ],
        info: &[
            "order stored | order={order} user={user} total={price} currency={currency} took_ms={ms} trace={trace}",
            "event published | event={event} order={order} partition={partition} trace={trace}",
            "order read | order={order} took_ms={ms} trace={trace}",
            "order shipped | order={order} carrier={carrier} country={country}",
        ],
        warn: &[
            "event published late | event={event} order={order} took_ms={ms}",
            "message does not match its schema | event={event} payload={dump}",
        ],
        error: &[
            "order not stored | order={order} error=serialization_failure attempt={attempt} trace={trace}",
        ],
    },
    Topic {
        name: "shipping",
        starts: &["shipping 1.12.0", "carriers: parcel-one, green-van, post", "listening on :8080"],
        info: &[
            "label printed for {order}, {carrier} to {country}",
            "parcel of {order} handed to {carrier}",
            "route computed in {ms} ms",
        ],
        warn: &["{carrier} answers slowly: {ms} ms"],
        error: &["no label for {order}: {carrier} says {status}"],
    },
    Topic {
        name: "recommendations",
        starts: &[
            "recommendations starting",
            "model loaded | version=2026-08 parameters=41M",
            "listening | address=:8080",
        ],
        info: &[
            "recommended | user={user} items={some} model=2026-08 score={score} took_ms={ms} trace={trace}",
            "embeddings from cache | hits={percent}%",
        ],
        warn: &[
            "no history, recommending bestsellers | user={user}",
            "model slow | took_ms={ms} trace={trace}",
        ],
        error: &["embeddings not available | upstream=embeddings status={status} took_ms={ms} trace={trace}"],
    },
    Topic {
        name: "reviews",
        starts: &["reviews 2.3.9", "language models: 5", "listening on :8080"],
        info: &["review of {sku} by {person}: {stars} stars", "{some} reviews of {sku} listed in {ms} ms"],
        warn: &["review of {sku} by {person} needs a look: too many links"],
        error: &["review of {sku} not stored: database is read-only"],
    },
    Topic {
        name: "accounts",
        starts: &[
            "accounts starting | build={build}",
            "signing keys loaded | count=2",
            "listening | address=:8080",
        ],
        info: &[
            "signed in | user={user} method=password client={ip} took_ms={ms}",
            "token renewed | user={user} took_ms={ms}",
            "registered | user={user} name={person} country={country}",
        ],
        warn: &[
            "sign-in failed | user={user} client={ip} reason=wrong_password attempt={attempt}",
            "account locked for ten minutes | user={user} client={ip}",
        ],
        error: &["session cannot be stored | user={user} error=timeout took_ms={ms}"],
    },
    Topic {
        name: "payments",
        starts: &[
            "payments starting | build={build}",
            "providers | cards=on transfer=on invoice=on",
            "ledger connected | address=ledger.payments.svc:8080",
            "listening | address=:8080",
        ],
        info: &[
            "authorized | payment={uuid} order={order} amount={price} currency={currency} card={card} took_ms={ms} trace={trace}",
            "captured | payment={uuid} order={order} amount={price} currency={currency} took_ms={ms}",
            "refunded | payment={uuid} amount={price} currency={currency}",
            "risk score | order={order} score={score}",
        ],
        warn: &[
            "declined | payment={uuid} card={card} reason=do_not_honor trace={trace}",
            "provider slow | provider=cards took_ms={ms} trace={trace}",
        ],
        error: &[
            "provider failed | provider=cards status={status} payment={uuid} took_ms={ms} trace={trace}",
            "ledger entry missing | payment={uuid} trace={trace}",
        ],
    },
    Topic {
        name: "fraud",
        starts: &["fraud starting | model=risk-19", "{some} rules active", "listening | address=:8080"],
        info: &[
            "scored | order={order} score={score} decision=accept took_ms={ms} trace={trace}",
            "scored | order={order} score={score} decision=review rule={id} took_ms={ms}",
        ],
        warn: &["score high | order={order} user={user} client={ip} country={country} score={score}"],
        error: &["features incomplete, accepting by rule | order={order} missing={few} trace={trace}"],
    },
    Topic {
        name: "ledger",
        starts: &["ledger 3.0.7", "last entry is {offset}", "listening on :8080"],
        info: &[
            "entry {offset}: {price} {currency}, {order}",
            "balance of {user} read in {ms} ms",
            "{some} entries sealed",
        ],
        warn: &["entry {offset} waited {ms} ms for its lock"],
        error: &["entry for {order} refused: duplicate key"],
    },
    Topic {
        name: "search",
        starts: &[
            "search starting | build={build}",
            "index connected | address=index.search.svc:9200 shards=12",
            "listening | address=:8080",
        ],
        info: &[
            "searched | query={query} hits={many} page={page} took_ms={ms} trace={trace}",
            "searched | query={query} hits={few} user={user} took_ms={ms} trace={trace}",
            "suggested | prefix={query} took_ms={ms}",
        ],
        warn: &[
            "nothing found | query={query} user={user} trace={trace}",
            "shard slow | shard={few} took_ms={ms} trace={trace}",
        ],
        error: &[
            "search failed | query={query} shard={few} error=circuit_breaking_exception took_ms={ms} trace={trace}",
        ],
    },
    Topic {
        name: "indexer",
        starts: &["indexer 3.5.0", "consuming stock.changed", "index products-v12 is green"],
        info: &[
            "{many} documents indexed in {ms} ms",
            "product {sku} ({product}) updated",
            "segment merged, {bytes} bytes",
        ],
        warn: &["bulk request took {ms} ms, halving the batch"],
        error: &["document {sku} rejected: mapper_parsing_exception on field price"],
    },
    Topic {
        name: "embeddings",
        starts: &["embeddings 0.14.0", "2 graphics processors found", "model e-large loaded in {secs} s"],
        info: &["{some} texts embedded in {ms} ms (batch {few})", "memory of device {few}: {percent}% used"],
        warn: &["batch waited {ms} ms for the device"],
        error: &["batch of {some} does not fit into the memory of the device, splitting it"],
    },
];
