//! Events: what controllers say about objects. The same words about the same object are counted, not repeated; after
//! an hour they are forgotten, as API servers do.

use serde_json::{Value, json};

use crate::demo::world::naming::scatter;
use crate::demo::world::value::{int, remove, set, text};
use crate::demo::world::{Change, ControllerId, Key, Moment, Object, TypeId, World};

/// How long an event is kept after it was said last, in seconds.
const KEPT: i64 = 3_600;

/// Most events that are kept.
const MOST: usize = 20_000;

/// Something that is said about an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    /// Who says it.
    pub(super) component: &'a str,
    /// The node of the one who says it; empty when it speaks for the whole cluster.
    pub(super) host: &'a str,
    /// The part of the object that it is about, such as `spec.containers{app}`; empty for the whole.
    pub(super) field: &'a str,
    /// What was done, where that is said beside what came of it: the newer way of writing events, as the scheduler does.
    pub(super) action: &'a str,
    /// Whether something is wrong.
    pub(super) warning: bool,
    /// One word.
    pub(super) reason: &'a str,
    /// A sentence.
    pub(super) message: &'a str,
}

/// A controller says that something is as it should be.
pub(super) fn normal(world: &mut World, component: &str, about: &Object, reason: &str, message: &str) {
    record(
        world,
        about,
        Said { component, host: "", field: "", action: "", warning: false, reason, message },
    );
}

/// A controller says that something is wrong.
pub(super) fn warning(world: &mut World, component: &str, about: &Object, reason: &str, message: &str) {
    record(world, about, Said { component, host: "", field: "", action: "", warning: true, reason, message });
}

/// Takes note of what is said. Where nothing can be created any more, nothing is noted.
pub(super) fn record(world: &mut World, about: &Object, said: Said) {
    let namespace = if about.namespace().is_empty() { "default" } else { about.namespace() };
    let uid = about.uid.to_string();
    let hash = scatter(world.seed, &[&uid, said.field, said.reason, said.message]);
    let key = Key::new(TypeId::EVENTS, namespace, &format!("{}.{hash:016x}", about.name()));
    let now = world.now;
    if world.get(&key).is_some() {
        world.modify(&key, |event| again(event, now));
        return;
    }
    let open = world.get(&Key::new(TypeId::NAMESPACES, "", namespace)).is_some_and(|found| !found.deleting);
    if open {
        make_room(world);
        let event = first(world, about, &key, &said);
        world.insert(TypeId::EVENTS, event);
    }
}

/// An event that is said once more.
fn again(event: &mut Value, now: Moment) {
    if event["eventTime"].is_null() {
        set(event, "/count", int(event, "/count") + 1);
        set(event, "/lastTimestamp", now.rfc3339());
    } else {
        let count = int(event, "/series/count").max(1) + 1;
        set(event, "/series", json!({"count": count, "lastObservedTime": now.micro()}));
    }
}

/// An event that is said for the first time.
fn first(world: &World, about: &Object, key: &Key, said: &Said) -> Value {
    let kind = world.kind(about.key.of);
    let mut involved = json!({
        "kind": kind.kind,
        "name": about.name(),
        "uid": about.uid.to_string(),
        "apiVersion": kind.api_version(),
        "resourceVersion": about.version.to_string(),
    });
    if !about.namespace().is_empty() {
        set(&mut involved, "/namespace", about.namespace());
    }
    if !said.field.is_empty() {
        set(&mut involved, "/fieldPath", said.field);
    }
    let mut source = json!({"component": said.component});
    if !said.host.is_empty() {
        set(&mut source, "/host", said.host);
    }
    let now = world.now.rfc3339();
    let mut event = json!({
        "metadata": {"name": &*key.name, "namespace": &*key.namespace},
        "involvedObject": involved,
        "reason": said.reason,
        "message": said.message,
        "source": source,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "type": if said.warning { "Warning" } else { "Normal" },
        "eventTime": null,
        "reportingComponent": said.component,
        "reportingInstance": said.host,
    });
    if !said.action.is_empty() {
        set(&mut event, "/action", said.action);
        set(&mut event, "/eventTime", world.now.micro());
        set(&mut event, "/source", json!({}));
        for unused in ["firstTimestamp", "lastTimestamp"] {
            event[unused] = Value::Null;
        }
        remove(&mut event, "/count");
    }
    event
}

/// Forgets the tenth of the events that was said longest ago when there are too many.
fn make_room(world: &mut World) {
    if world.store.count(TypeId::EVENTS) < MOST {
        return;
    }
    let mut all: Vec<_> = world.store.all(TypeId::EVENTS, "").cloned().collect();
    all.sort_by_key(|event| event.version);
    for event in &all[..MOST / 10] {
        world.forget(event);
    }
}

/// New events are looked at.
pub(super) fn routes(_: &World, change: &Change, keys: &mut Vec<Key>) {
    if change.object().key.of == TypeId::EVENTS && change.is_new() {
        keys.push(change.object().key.clone());
    }
}

/// Forgets an event when its time has come.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    let Some(event) = world.get(key).cloned() else { return };
    let value = event.value();
    let said = ["/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"];
    let last = said.iter().find_map(|field| Moment::parse(text(&value, field))).unwrap_or_default();
    let series = Moment::parse(text(&value, "/series/lastObservedTime")).unwrap_or(last);
    let end = last.max(series).plus(KEPT);
    if end <= world.now {
        world.forget(&event);
    } else {
        world.look_at(me, key, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::Cluster;

    fn all(cluster: &Cluster) -> Vec<(String, i64)> {
        let read = |event: Value| (text(&event, "/message").to_owned(), int(&event, "/count"));
        cluster.world.store.all(TypeId::EVENTS, "shop").map(|event| read(event.value())).collect()
    }

    #[test]
    fn the_same_words_are_counted_and_forgotten_an_hour_after_they_were_said_last() {
        let mut cluster = Cluster::empty();
        let about = cluster.create(TypeId::CONFIG_MAPS, json!({"metadata": {"name": "settings"}}));
        normal(&mut cluster.world, "tester", &about, "Read", "it was read");
        cluster.pass(1_800);
        normal(&mut cluster.world, "tester", &about, "Read", "it was read");
        assert_eq!(all(&cluster), [("it was read".to_owned(), 2)]);
        cluster.pass(3_599);
        assert_eq!(all(&cluster).len(), 1);
        cluster.pass(1);
        assert_eq!(all(&cluster), []);
        assert_eq!(cluster.world.queue.next_due(), None);
    }

    #[test]
    fn there_are_never_too_many() {
        let mut cluster = Cluster::empty();
        let about = cluster.create(TypeId::CONFIG_MAPS, json!({"metadata": {"name": "settings"}}));
        for number in 0..=MOST {
            normal(&mut cluster.world, "tester", &about, "Read", &format!("line {number}"));
        }
        assert_eq!(cluster.world.store.count(TypeId::EVENTS), MOST - MOST / 10 + 1);
    }
}
