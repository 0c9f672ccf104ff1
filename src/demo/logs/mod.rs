//! What containers log. No line is stored: a container's log is a function of its identity and of time, computed for
//! whoever reads it, from whichever place. So ten thousand pods can be read for as long as they have run, and what
//! was read once reads the same again.

mod stamp;
#[cfg(test)]
mod tests;
mod topics;
mod voices;
mod words;

use serde_json::Value;

use super::world::naming::scatter;
use super::world::value::{list, text};
use super::world::{Behaviour, Failure, Key, Life, Moment, Outcome, TypeId, World};
use stamp::Stamp;
use words::Scene;

/// Which part of a log somebody wants: the parameters of the API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// The container; may be left out when the pod has only one.
    pub container: Option<String>,
    /// The container that ran before this one.
    pub previous: bool,
    /// Nothing before this.
    pub since: Option<Moment>,
    /// Only so many of the last lines that there are now.
    pub tail: Option<u64>,
    /// Each line begins with its time.
    pub timestamps: bool,
}

/// A place in the log of one run of a container.
#[derive(Debug, Clone)]
pub struct Cursor {
    pod: Key,
    container: String,
    timestamps: bool,
    run: Run,
    /// The number of the next line.
    next: u64,
    /// The version of the pod that was looked at last.
    seen: u64,
}

/// What comes next in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A line was written.
    Line,
    /// The next line will be written at this moment.
    At(Moment),
    /// The container has ended, and this was all.
    End,
}

/// One run of a container.
#[derive(Debug, Clone)]
struct Run {
    /// What tells it from all other runs.
    seed: u64,
    behaviour: Behaviour,
    started: Moment,
    /// When it ended, if it has, and how many lines it had written by then.
    ended: Option<(Moment, u64)>,
}

/// Opens the log of a container.
///
/// # Errors
/// 404 for the pod, 400 for the container: not named, not known, not started, or never run before.
pub fn open(world: &World, namespace: &str, pod: &str, query: &Query) -> Outcome<Cursor> {
    let key = Key::new(TypeId::PODS, namespace, pod);
    let object = world.get(&key).ok_or_else(|| Failure::not_found("pods", pod))?.value();
    let container = choose(&object, pod, query.container.as_deref())?;
    let run = Run::of(world, &object, &container, query.previous)?;
    let mut cursor = Cursor { pod: key, container, timestamps: query.timestamps, run, next: 0, seen: 0 };
    if let Some(since) = query.since {
        cursor.next = cursor.run.first_at(since);
    }
    if let Some(tail) = query.tail {
        let written = cursor.run.written(world.now);
        cursor.next = cursor.next.max(written.saturating_sub(tail));
    }
    Ok(cursor)
}

impl Cursor {
    /// Writes the next line, with its line break, if it has been written by now.
    pub fn next(&mut self, world: &World, out: &mut Vec<u8>) -> Next {
        self.notice_end(world);
        let turn = self.run.time(self.next);
        let at = self.run.ended.map_or(turn, |(ended, _)| turn.min(ended));
        match self.run.all() {
            Some(all) if self.next >= all => return Next::End,
            None if at > world.now => return Next::At(at),
            _ => {}
        }
        if self.timestamps {
            Stamp::of(at).iso(b'T', out);
            stamp::digits(self.run.nanos(self.next), 6, out);
            out.extend_from_slice(b"Z ");
        }
        self.run.line(self.next, at, out);
        out.push(b'\n');
        self.next += 1;
        Next::Line
    }

    /// A run that was going on may have ended meanwhile.
    fn notice_end(&mut self, world: &World) {
        if self.run.ended.is_some() {
            return;
        }
        let Some(object) = world.get(&self.pod) else {
            self.run.end(world.now);
            return;
        };
        if object.version == self.seen {
            return;
        }
        self.seen = object.version;
        let same = Run::of(world, &object.value(), &self.container, false)
            .ok()
            .filter(|run| run.started == self.run.started && run.seed == self.run.seed);
        match same {
            Some(run) => self.run.ended = run.ended,
            None => self.run.end(world.now),
        }
    }
}

impl Run {
    fn of(world: &World, pod: &Value, container: &str, previous: bool) -> Outcome<Run> {
        let name = text(pod, "/metadata/name");
        let status = status(pod, container);
        let waiting = || {
            let reason = status.map_or("", |status| text(status, "/state/waiting/reason"));
            let reason = if reason.is_empty() { "ContainerCreating" } else { reason };
            let why = match reason {
                "ErrImagePull" | "ImagePullBackOff" => "trying and failing to pull image".to_owned(),
                _ => format!("waiting to start: {reason}"),
            };
            Failure::bad_request(format!("container \"{container}\" in pod \"{name}\" is {why}"))
        };
        let none_before = || {
            let what = format!("previous terminated container \"{container}\" in pod \"{name}\" not found");
            Failure::bad_request(what)
        };
        let state = |at: &str| status.and_then(|status| status.pointer(at));
        let (found, running) = match (previous, state("/state/running"), state("/state/terminated")) {
            (true, ..) => (state("/lastState/terminated").ok_or_else(none_before)?, false),
            (false, Some(running), _) => (running, true),
            (false, None, Some(ended)) => (ended, false),
            // Between two runs the last one is still there to be read.
            (false, None, None) => (state("/lastState/terminated").ok_or_else(waiting)?, false),
        };
        let started = Moment::parse(text(found, "/startedAt")).unwrap_or(world.now);
        // A status has whole seconds: what was written in the last of them must not come after the end.
        let recorded = || Moment::parse(text(found, "/finishedAt")).map(|second| second.plus_ms(999));
        let ended = if running { None } else { recorded().or(Some(world.now)) };
        let image = declared(pod, container).map_or("", |declared| text(declared, "/image"));
        let seed = scatter(world.seed, &[text(pod, "/metadata/uid"), container, &started.0.to_string()]);
        let mut run = Run { seed, behaviour: world.behaviours.of(image).clone(), started, ended: None };
        if let Some(ended) = ended {
            run.end(ended);
        }
        Ok(run)
    }

    /// It ended at this moment.
    fn end(&mut self, at: Moment) {
        self.ended = Some((at, self.first_at(at.plus_ms(1))));
    }

    /// What numbers are drawn for, besides the words of a line.
    const TIME: u64 = 1;
    const NANOS: u64 = 2;

    /// A number that belongs to a line.
    fn draw(&self, number: u64, what: u64) -> u64 {
        fastrand::Rng::with_seed(self.seed ^ (number << 2 | what).wrapping_mul(0xd134_2543_de82_ef95)).u64(..)
    }

    /// What the time of a line has beyond milliseconds: chance, but the last words, which share one, follow each other.
    fn nanos(&self, number: u64) -> u32 {
        let (chance, last) =
            (self.draw(number, Run::NANOS), self.ended.map(|(_, spoken)| number.checked_sub(spoken)));
        match last.flatten() {
            Some(last) => 900_000 + (last as u32 * 1_000).min(98_000) + (chance % 1_000) as u32,
            None => (chance % 900_000) as u32,
        }
    }

    /// Milliseconds between two lines, on average.
    fn interval(&self) -> f64 {
        60_000.0 / self.behaviour.voice.per_minute.max(0.001)
    }

    /// When line `number` is written: a little before or after its turn, but never before the one in front of it.
    fn time(&self, number: u64) -> Moment {
        let greetings = voices::greetings(&self.behaviour.voice);
        if number < greetings {
            return self.started.plus_ms(number as i64 * 40);
        }
        let early = (self.draw(number, Run::TIME) % 1_000) as f64 / 1_000.0;
        let turn = (number - greetings) as f64 + 0.05 + 0.9 * early;
        self.started.plus_ms(greetings as i64 * 40 + (turn * self.interval()) as i64)
    }

    /// The first line that is written at or after `moment`.
    fn first_at(&self, moment: Moment) -> u64 {
        let turns = (moment.since(self.started) as f64 / self.interval()).floor();
        let mut number = if turns > 2.0 { turns as u64 - 2 } else { 0 };
        while self.time(number) < moment {
            number += 1;
        }
        number
    }

    /// How many lines there are in all, the last words of a process that ended by itself included; `None` while it runs.
    fn all(&self) -> Option<u64> {
        self.ended.map(|(_, spoken)| spoken + self.last_words().len() as u64)
    }

    /// How many lines are written by `now`.
    fn written(&self, now: Moment) -> u64 {
        self.all().unwrap_or_else(|| self.first_at(now.plus_ms(1)))
    }

    fn last_words(&self) -> &'static [&'static str] {
        let by_itself = matches!(self.behaviour.life, Life::Ends { exit_code: 1.., .. });
        if by_itself { self.behaviour.voice.last_words } else { &[] }
    }

    fn line(&self, number: u64, at: Moment, out: &mut Vec<u8>) {
        let (voice, load) = (&self.behaviour.voice, &self.behaviour.load);
        let scene = |at| Scene { at, started: self.started, load };
        match self.ended.and_then(|(ended, spoken)| Some((ended, number.checked_sub(spoken)?))) {
            Some((ended, last)) => {
                let words = self.last_words().get(last as usize).copied().unwrap_or_default();
                voices::last_word(voice.format, words, scene(ended), out);
            }
            None => voices::speak(voice, self.seed, number, scene(at), out),
        }
    }
}

fn choose(pod: &Value, name: &str, wanted: Option<&str>) -> Outcome<String> {
    let containers = list(pod, "/spec/containers");
    if let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) {
        return match declared(pod, wanted) {
            Some(_) => Ok(wanted.to_owned()),
            None => Err(Failure::bad_request(format!("container {wanted} is not valid for pod {name}"))),
        };
    }
    match containers {
        [only] => Ok(text(only, "/name").to_owned()),
        several => {
            let names: Vec<&str> = several.iter().map(|container| text(container, "/name")).collect();
            let names = names.join(" ");
            let what = format!("a container name must be specified for pod {name}, choose one of: [{names}]");
            Err(Failure::bad_request(what))
        }
    }
}

/// The container as the pod declares it, of whatever sort.
fn declared<'p>(pod: &'p Value, name: &str) -> Option<&'p Value> {
    let sorts = ["/spec/containers", "/spec/initContainers", "/spec/ephemeralContainers"];
    sorts.iter().flat_map(|sort| list(pod, sort)).find(|declared| text(declared, "/name") == name)
}

/// What the pod says of the container's state.
fn status<'p>(pod: &'p Value, name: &str) -> Option<&'p Value> {
    let sorts =
        ["/status/containerStatuses", "/status/initContainerStatuses", "/status/ephemeralContainerStatuses"];
    sorts.iter().flat_map(|sort| list(pod, sort)).find(|status| text(status, "/name") == name)
}
