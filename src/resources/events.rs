//! Events, in the shape of `core/v1` with the columns of `printEvent`, newest first.
//!
//! Two generations of writers fill in different fields: the older `firstTimestamp`, `lastTimestamp` and `count`, the
//! newer `eventTime` and, when it repeats, `series`. Health: a warning is failing, anything else healthy.

use std::borrow::Cow;

use serde::Deserialize;

use super::wire::{ObjectMeta, Str, nullable, one_row};
use super::{Cell, Header, Health, Interner, KINDS, Kind, Meta, Read, Resource, Selection, Symbol, Time};

/// The kind.
pub(super) static EVENTS: Kind = Kind {
    group: "",
    version: "v1",
    plural: "events",
    singular: "event",
    short: &["ev"],
    kind: "Event",
    namespaced: true,
    listed: true,
    path: "events",
    headers: &[
        Header::text("LAST SEEN", 1).least(14),
        Header::text("TYPE", 4),
        Header::text("REASON", 0),
        Header::text("OBJECT", 1).least(20),
        Header::text("SUBOBJECT", 7).wide(),
        Header::text("SOURCE", 6).wide(),
        Header::text("MESSAGE", 1).least(30),
        Header::text("FIRST SEEN", 6).wide(),
        Header::number("COUNT", 5),
        Header::text("NAME", 8).wide(),
    ],
    // Ages sort youngest first.
    sort: Some((0, false)),
    decode: |bytes, interner, rows| one_row(bytes, interner, rows, Event::build),
};

/// A row of the events table.
#[derive(Debug, PartialEq)]
struct Event {
    meta: Meta,
    last_seen: Option<Time>,
    first_seen: Option<Time>,
    kind: Symbol,
    reason: Symbol,
    /// `kind/name`, the kind in lower case; the kind alone when there is no name.
    object: Symbol,
    subobject: Symbol,
    source: Symbol,
    message: Box<str>,
    /// The kind of the object, when it is one of ours.
    target: Option<&'static Kind>,
    count: i32,
}

impl Resource for Event {
    const CELLS: &'static [Read<Self>] = &[
        |event| Cell::Age(event.last_seen),
        |event| Cell::Status(Cow::Borrowed(&event.kind), Resource::health(event)),
        |event| Cell::verbatim(&event.reason),
        |event| Cell::verbatim(&event.object),
        |event| Cell::verbatim(&event.subobject),
        |event| Cell::verbatim(&event.source),
        |event| Cell::verbatim(&event.message),
        |event| Cell::Age(event.first_seen),
        |event| Cell::Int(event.count.into()),
        |event| Cell::text(&event.meta.name),
    ];

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn health(&self) -> Health {
        if &*self.kind == "Warning" { Health::Failing } else { Health::Healthy }
    }

    fn enter(&self) -> Option<Selection> {
        let (_, name) = self.object.split_once('/')?;
        let kind = self.target?;
        Some(Selection::named(kind, kind.namespaced.then(|| self.meta.namespace.clone()), name))
    }
}

impl Event {
    fn build(wire: &Wire<'_>, interner: &mut Interner) -> Event {
        let (first_seen, last_seen) = wire.seen();
        Event {
            meta: wire.metadata.to_meta(interner),
            last_seen,
            first_seen,
            kind: interner.intern(&wire.kind),
            reason: interner.intern(&wire.reason),
            object: interner.intern(&wire.involved_object.describe()),
            subobject: interner.intern(&wire.involved_object.field_path),
            source: interner.intern(&wire.source()),
            message: one_line(&wire.message),
            target: wire.target(),
            count: wire.count(),
        }
    }
}

/// The text without what would break a line: each run of control characters, and the white space around it, is a
/// space.
fn one_line(text: &str) -> Box<str> {
    let text = text.trim();
    if !text.contains(char::is_control) {
        return Box::from(text);
    }
    let parts = text.split(char::is_control).map(str::trim).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ").into()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow)]
    metadata: ObjectMeta<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Str<'a>,
    #[serde(borrow, default)]
    reason: Str<'a>,
    #[serde(borrow, default)]
    message: Str<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    involved_object: Reference<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    source: Source<'a>,
    #[serde(borrow, default)]
    reporting_component: Str<'a>,
    #[serde(borrow, default)]
    reporting_instance: Str<'a>,
    #[serde(borrow, default)]
    first_timestamp: Str<'a>,
    #[serde(borrow, default)]
    last_timestamp: Str<'a>,
    #[serde(borrow, default)]
    event_time: Str<'a>,
    #[serde(default, deserialize_with = "nullable")]
    count: i32,
    #[serde(borrow, default)]
    series: Option<Series<'a>>,
}

/// What an event is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Reference<'a> {
    #[serde(borrow)]
    api_version: Str<'a>,
    #[serde(borrow)]
    kind: Str<'a>,
    #[serde(borrow)]
    namespace: Str<'a>,
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    field_path: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Source<'a> {
    #[serde(borrow)]
    component: Str<'a>,
    #[serde(borrow)]
    host: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Series<'a> {
    #[serde(deserialize_with = "nullable")]
    count: i32,
    #[serde(borrow)]
    last_observed_time: Str<'a>,
}

impl Wire<'_> {
    /// When it was seen first and last.
    fn seen(&self) -> (Option<Time>, Option<Time>) {
        let first = Time::parse(&self.first_timestamp).or_else(|| Time::parse(&self.event_time));
        let last = match &self.series {
            Some(series) => Time::parse(&series.last_observed_time),
            None => Time::parse(&self.last_timestamp).or(first),
        };
        (first, last)
    }

    /// How often it was seen. An event of the newer sort that happened once carries no count.
    fn count(&self) -> i32 {
        match (&self.series, self.count) {
            (Some(series), _) => series.count,
            (None, 0) => 1,
            (None, count) => count,
        }
    }

    /// Who says so, and where that runs.
    fn source(&self) -> Cow<'_, str> {
        let component = self.source.component.or(&self.reporting_component);
        match self.source.host.or(&self.reporting_instance) {
            "" => Cow::Borrowed(component),
            host => Cow::Owned(format!("{component}, {host}")),
        }
    }

    /// The kind that the object is of, when it is one of ours and is found from here by its name: in the event's own
    /// namespace, if it has any.
    fn target(&self) -> Option<&'static Kind> {
        let object = &self.involved_object;
        let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
        let unknown_group = object.api_version.is_empty();
        let is_it = |kind: &&&Kind| {
            kind.listed && kind.kind == &*object.kind && (unknown_group || kind.group == group)
        };
        let kind = KINDS.iter().find(is_it)?;
        (!kind.namespaced || object.namespace == self.metadata.namespace).then_some(*kind)
    }
}

impl Reference<'_> {
    fn describe(&self) -> String {
        let mut text = self.kind.to_lowercase();
        if !self.name.is_empty() {
            text.push('/');
            text.push_str(&self.name);
        }
        text
    }
}
