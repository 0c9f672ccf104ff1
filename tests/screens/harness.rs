//! The application with its surroundings played by the test: rows come from JSON through the real decoders, keys are
//! written as in the help, the screen is text.

use std::collections::BTreeMap;
use std::sync::Arc;

use kittiwake::app::{App, Context, Effect, Msg, Scope, Start, Tempo};
use kittiwake::cluster::{Batch, Class, Delta, Error, Link, WatchId};
use kittiwake::resources::{self, Interner, Kind, Row, RowId, Selection, Time};
use kittiwake::ui::{Depth, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Value, json};

/// The time at which every test begins.
pub(crate) const NOON: i64 = 1_795_435_200;

pub(crate) struct Screen {
    pub(crate) app: App,
    pub(crate) effects: Vec<Effect>,
    pub(crate) now: i64,
    size: (u16, u16),
    interner: Interner,
    /// The watches that are open, newest last.
    pub(crate) open: BTreeMap<WatchId, Selection>,
}

impl Screen {
    /// The application at its start, not connected.
    pub(crate) fn start(kind: &str, scope: Scope, size: (u16, u16)) -> Screen {
        let context = |name: &str| Context {
            name: name.into(),
            cluster: name.into(),
            detail: format!("https://{name}.example · alice"),
        };
        let start = Start {
            kind: resources::find(kind).unwrap(),
            scope,
            filter: String::new(),
            context: "prod".into(),
            contexts: vec![context("prod"), context("staging")],
            theme: Theme::load("plain", Depth::None).unwrap(),
            depth: Depth::None,
            zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(1)),
            hint: None,
            tempo: Tempo::default(),
        };
        let (app, effects) = App::new(start, Time(NOON));
        let interner = Interner::default();
        let mut screen =
            Screen { app, effects: Vec::new(), now: NOON, size, interner, open: BTreeMap::new() };
        screen.note(effects);
        screen
    }

    /// The application connected, with its first table live and showing these objects.
    pub(crate) fn live(kind: &str, size: (u16, u16), objects: &[Value]) -> Screen {
        let mut screen = Screen::start(kind, Scope::All, size);
        screen.connect();
        screen.sync(objects);
        screen
    }

    pub(crate) fn connect(&mut self) {
        self.tell(Msg::Connected {
            namespace: None,
            user: "alice".into(),
            insecure: false,
            warnings: Vec::new(),
        });
    }

    fn note(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match &effect {
                Effect::Open(id, selection) => {
                    self.open.insert(*id, selection.clone());
                }
                Effect::Close(id) => {
                    self.open.remove(id);
                }
                Effect::Connect(_) => self.open.clear(),
                _ => {}
            }
            self.effects.push(effect);
        }
        self.draw();
    }

    pub(crate) fn tell(&mut self, msg: Msg) {
        let effects = self.app.update(msg, Time(self.now));
        self.note(effects);
    }

    /// Presses keys, written as in the help, one word a key.
    pub(crate) fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.tell(Msg::Key(key.parse().unwrap()));
        }
    }

    /// Types text.
    pub(crate) fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            let key = if c == ' ' { "space".to_owned() } else { c.to_string() };
            self.press(&key);
        }
    }

    /// The newest watch and what it watches.
    pub(crate) fn watching(&self) -> (WatchId, Selection) {
        let (id, selection) = self.open.iter().next_back().expect("a watch is open");
        (*id, selection.clone())
    }

    pub(crate) fn rows(&mut self, kind: &Kind, objects: &[Value]) -> Vec<Box<dyn Row>> {
        let mut rows = Vec::new();
        for object in objects {
            (kind.decode)(object.to_string().as_bytes(), &mut self.interner, &mut rows).unwrap();
        }
        rows
    }

    /// The newest watch says that there are exactly these objects.
    pub(crate) fn sync(&mut self, objects: &[Value]) {
        let (_, selection) = self.watching();
        let rows = self.rows(selection.kind, objects);
        let mut deltas = vec![Delta::Link(Link::Live), Delta::Relist];
        deltas.extend(rows.into_iter().map(Delta::Upsert));
        deltas.push(Delta::Synced);
        self.say(deltas);
    }

    /// The newest watch says that these objects are there, or look like this now.
    pub(crate) fn upsert(&mut self, objects: &[Value]) {
        let (_, selection) = self.watching();
        let rows = self.rows(selection.kind, objects);
        self.say(rows.into_iter().map(Delta::Upsert).collect());
    }

    /// The newest watch says that the object with this uid is gone.
    pub(crate) fn delete(&mut self, uid: &str) {
        self.say(vec![Delta::Delete(RowId::of_uid(uid))]);
    }

    pub(crate) fn say(&mut self, deltas: Vec<Delta>) {
        let (watch, _) = self.watching();
        self.tell(Msg::Batch(Batch { watch, deltas }));
    }

    pub(crate) fn link(&mut self, link: Link) {
        self.say(vec![Delta::Link(link)]);
    }

    /// Lets time pass, waking the application when it wants to be woken.
    pub(crate) fn pass(&mut self, seconds: i64) {
        let end = self.now + seconds;
        while let Some(wake) = self.app.next_wake().filter(|wake| wake.0 <= end) {
            assert!(wake.0 > self.now, "it wants to be woken in the past");
            self.now = wake.0;
            self.tell(Msg::Tick);
        }
        self.now = end;
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
        self.tell(Msg::Redraw);
    }

    fn draw(&mut self) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        let learned = self.app.render(buffer.area, &mut buffer);
        self.app.drawn(&learned);
        // What drawing taught the view may change what is drawn.
        let mut buffer = Buffer::empty(buffer.area);
        let learned = self.app.render(buffer.area, &mut buffer);
        self.app.drawn(&learned);
        buffer
    }

    /// The screen as text, without blanks at the ends of lines.
    pub(crate) fn text(&mut self) -> String {
        let buffer = self.draw();
        let line = |y| {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                if skip == 0 {
                    line.push_str(symbol);
                    skip = unicode_width::UnicodeWidthStr::width(symbol).max(1) - 1;
                } else {
                    skip -= 1;
                }
            }
            line.trim_end().to_owned() + "\n"
        };
        (0..buffer.area.height).map(line).collect()
    }

    /// The line with this text in it.
    pub(crate) fn line(&mut self, text: &str) -> String {
        let screen = self.text();
        let line = screen.lines().find(|line| line.contains(text));
        line.unwrap_or_else(|| panic!("no \"{text}\" in\n{screen}")).to_owned()
    }

    /// The highlighted line.
    pub(crate) fn highlighted(&mut self) -> String {
        self.line("▌")
    }

    pub(crate) fn shows(&mut self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// The effects since the last call.
    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }
}

pub(crate) fn uid(n: usize) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

fn stamp(age: i64) -> String {
    jiff::Timestamp::from_second(NOON - age).unwrap().to_string()
}

/// A running pod, `age` seconds old at noon.
pub(crate) fn pod(n: usize, namespace: &str, name: &str, age: i64) -> Value {
    json!({
        "metadata": {"name": name, "namespace": namespace, "uid": uid(n), "creationTimestamp": stamp(age)},
        "spec": {"nodeName": format!("node-{}", n % 3 + 1), "containers": [{"name": "app"}, {"name": "proxy"}]},
        "status": {
            "phase": "Running",
            "podIPs": [{"ip": format!("10.64.0.{n}")}],
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [
                {"name": "app", "ready": true, "restartCount": 0, "state": {"running": {}}},
                {"name": "proxy", "ready": true, "restartCount": 0, "state": {"running": {}}},
            ],
        },
    })
}

/// The same pod, crash-looping after so many restarts.
pub(crate) fn crashing(mut pod: Value, restarts: u32) -> Value {
    let ended = stamp(120);
    pod["status"]["conditions"][0]["status"] = json!("False");
    pod["status"]["containerStatuses"][0] = json!({
        "name": "app", "ready": false, "restartCount": restarts,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 1, "finishedAt": ended}},
    });
    pod
}

pub(crate) fn some_pods() -> Vec<Value> {
    vec![
        pod(1, "payments", "api-66b47-2q6h2", 9 * 86_400),
        crashing(pod(2, "payments", "api-7df9c-r2m9x", 31 * 60), 14),
        pod(3, "payments", "worker-5c9d8-x8kfw", 45),
        pod(4, "shop", "cart-79f6b-9wz4t", 5 * 3600 + 120),
    ]
}

/// An error of this sort.
pub(crate) fn error(class: Class, text: &str) -> Arc<Error> {
    Arc::new(Error::new(class, text))
}
