//! A live log: the lines of any number of containers in one stream. It owns what is kept of them; what is in sight is
//! known by the numbers of lines, so that pausing, filtering and scrolling lose nothing, and a frame costs what is
//! visible.

mod find;
mod head;
mod labels;
mod line;
mod render;
mod scroll;
mod shown;
mod times;

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::cluster::logs::{LineStore, Log, LogEvent, LogId, LogRequest, Since};
use crate::ui::text::grouped;
use crate::ui::{Command, Scope};

use super::{Footer, Head, Intent, Item, Key, Learned, Look, Outcome, View};
use find::{Finder, Typed};
use labels::Labels;
use scroll::Room;
use shown::Shown;
use times::Times;

/// How much of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All that is kept.
    Everything,
    /// What the filter lets pass, with what is shown around it.
    Shown,
}

/// What a batch did to a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Whether anything on screen may look different.
    pub visible: bool,
    /// What a person should be told.
    pub say: Option<&'static str>,
}

/// A log.
#[derive(Debug)]
pub struct Logs {
    of: String,
    request: LogRequest,
    /// What it is read by, while it is.
    id: Option<LogId>,
    log: Log,
    labels: Labels,
    filter: Finder,
    search: Finder,
    /// How many lines around each that passes the filter are shown.
    around: u64,
    /// Whether the end is in sight, and stays there.
    follow: bool,
    /// The first line in sight, while the end is not followed.
    top: u64,
    /// The highlighted line, while the end is not followed.
    cursor: u64,
    /// The number that the next line had when following ended.
    seen: u64,
    /// Where the marked lines begin, or end; they reach to the highlighted one.
    mark: Option<u64>,
    /// The first column in sight.
    column: usize,
    wrap: bool,
    raw: bool,
    sources: bool,
    times: Times,
    /// Whether earlier lines are on their way.
    asked_earlier: bool,
    room: Room,
}

/// The most bytes that are copied: terminals take no more.
const MOST_COPIED: usize = 1 << 20;

impl Logs {
    /// The log that is asked for, of what is named `of`.
    #[must_use]
    pub fn new(of: String, request: LogRequest) -> Logs {
        Logs {
            of,
            request,
            id: None,
            log: Log::new(LineStore::BUDGET),
            labels: Labels::default(),
            filter: Finder::default(),
            search: Finder::default(),
            around: 0,
            follow: true,
            top: 0,
            cursor: 0,
            seen: 0,
            mark: None,
            column: 0,
            wrap: false,
            raw: false,
            sources: true,
            times: Times::Local,
            asked_earlier: false,
            room: Room::default(),
        }
    }

    /// The name of what it is the log of.
    #[must_use]
    pub fn of(&self) -> &str {
        &self.of
    }

    /// Which lines are asked for.
    #[must_use]
    pub fn request(&self) -> &LogRequest {
        &self.request
    }

    /// What it is read by.
    #[must_use]
    pub fn id(&self) -> Option<LogId> {
        self.id
    }

    /// Starts to be read, from nothing.
    pub fn open(&mut self, id: LogId) {
        self.close();
        self.id = Some(id);
    }

    /// Stops being read, and lets go of the lines.
    pub fn close(&mut self) -> Option<LogId> {
        self.log = Log::new(LineStore::BUDGET);
        self.labels = Labels::default();
        self.filter.restart(&self.log);
        self.search.restart(&self.log);
        self.asked_earlier = false;
        self.resume();
        self.id.take()
    }

    /// Asks for other lines, and lets go of those there are.
    pub fn reopen(&mut self, request: LogRequest) -> Option<LogId> {
        self.request = request;
        self.close()
    }

    /// Takes what the log says.
    pub fn receive(&mut self, events: Vec<LogEvent>) -> Told {
        let received = self.log.receive(events);
        if received.sources {
            self.labels = Labels::of(self.log.sources());
        }
        self.filter.advance(&self.log);
        self.search.advance(&self.log);
        let mut told = Told { visible: received != Default::default(), say: None };
        if received.answered_earlier {
            self.asked_earlier = false;
            told.say = (received.earlier == 0).then_some(scroll::BEGINNING);
        }
        told
    }

    /// The lines as text, as `kubectl logs --timestamps --prefix` would tell them, and how many there are.
    #[must_use]
    pub fn text(&self, extent: Extent) -> (Vec<u8>, usize) {
        let all = Shown { store: self.log.store(), matches: None, around: 0 };
        let shown = if extent == Extent::Shown { self.shown() } else { all };
        let (mut text, mut count) = (Vec::new(), 0);
        for line in shown.between(0, u64::MAX).filter_map(|number| self.log.store().get(number)) {
            if line.notice {
                continue;
            }
            line.at.write(&mut text);
            if let Some(entry) = self.log.source(line.source) {
                text.extend_from_slice(format!(" {} ", entry.source).as_bytes());
            }
            text.extend_from_slice(line.text);
            text.push(b'\n');
            count += 1;
        }
        (text, count)
    }

    /// The lines that are shown.
    fn shown(&self) -> Shown<'_> {
        Shown { store: self.log.store(), matches: self.filter.matches(), around: self.around }
    }

    fn handle_typing(&mut self, key: Key) -> Outcome {
        let (searching, log) = (self.search.is_editing(), &self.log);
        let finder = if searching { &mut self.search } else { &mut self.filter };
        match finder.type_key(key, log) {
            Typed::Accepted if searching && self.search.matches().is_some() => match self.find(false, true) {
                Outcome::Consumed => Outcome::Consumed,
                _ => self.find(true, true),
            },
            Typed::Accepted | Typed::Taken => Outcome::Consumed,
            Typed::Nothing => Outcome::Ignored,
        }
    }

    fn handle_command(&mut self, command: Command) -> Outcome {
        if let Some(outcome) = self.moved(command) {
            return outcome;
        }
        match command {
            Command::Follow if self.follow => self.pause(),
            Command::Follow => self.resume(),
            Command::Filter => self.filter.edit(),
            Command::Search => self.search.edit(),
            Command::SearchNext => return self.find(true, false),
            Command::SearchPrevious => return self.find(false, false),
            Command::Context => return self.show_more_around(),
            Command::Wrap => {
                self.wrap = !self.wrap;
                self.column = 0;
            }
            Command::Raw => self.raw = !self.raw,
            Command::Timestamps => self.times = self.times.next(),
            Command::Sources => self.sources = !self.sources,
            Command::Left | Command::Right => self.scroll(command == Command::Right),
            Command::Since => return self.choose_since(),
            Command::Previous => {
                let request = LogRequest { previous: !self.request.previous, ..self.request.clone() };
                return Outcome::Wants(Intent::ReopenLog(request));
            }
            Command::Mark if self.mark.is_some() => self.mark = None,
            Command::Mark => {
                self.pause();
                self.mark = self.shown().near(self.cursor);
            }
            Command::Copy => return self.copy(),
            Command::Save => return self.save(),
            Command::Pager if self.log.store().is_empty() => return nothing_yet(),
            Command::Pager => return Outcome::Wants(Intent::PageLog),
            Command::Escape => return self.escape(),
            Command::Back => return Outcome::Wants(Intent::Leave),
            _ => return Outcome::Ignored,
        }
        Outcome::Consumed
    }

    /// Takes back one thing, or goes back.
    fn escape(&mut self) -> Outcome {
        if self.mark.take().is_some() {
        } else if !self.search.text().is_empty() {
            self.search.set("", &self.log);
        } else if !self.filter.text().is_empty() {
            self.filter.set("", &self.log);
            self.around = 0;
            if !self.follow {
                self.go_to(self.cursor);
            }
        } else {
            return Outcome::Wants(Intent::Close);
        }
        Outcome::Consumed
    }

    fn show_more_around(&mut self) -> Outcome {
        if self.filter.matches().is_none() {
            return Outcome::Wants(Intent::Say("there is no filter: / filters".to_owned()));
        }
        self.around = match self.around {
            0 => 3,
            3 => 10,
            _ => 0,
        };
        if !self.follow {
            self.go_to(self.cursor);
        }
        Outcome::Consumed
    }

    fn choose_since(&self) -> Outcome {
        let ago = |minutes: u64| Since::Ago(Duration::from_secs(minutes * 60));
        let choices = [
            (ago(1), "1m", "what was written in the last minute"),
            (ago(5), "5m", "in the last 5 minutes"),
            (ago(15), "15m", "in the last 15 minutes"),
            (ago(60), "1h", "in the last hour"),
            (Since::All, "all", "all that the node still has"),
            (Since::Tail(100), "100", "the last 100 lines of each container"),
            (Since::Tail(Since::LINES), "1,000", "the last 1,000 lines of each container"),
            (Since::Tail(10_000), "10,000", "the last 10,000 lines of each container"),
        ];
        let item = |((since, label, detail), letter): ((Since, &str, &str), char)| Item {
            label: label.to_owned(),
            detail: detail.to_owned(),
            letter: Some(letter),
            current: since == self.request.since,
            intent: Intent::ReopenLog(LogRequest { since, ..self.request.clone() }),
        };
        let items = choices.into_iter().zip('1'..).map(item).collect();
        Outcome::Wants(Intent::Choose { title: "How far back", items })
    }

    /// The marked lines, or the highlighted one, or the last one that is in sight: its own text and nothing else.
    fn copy(&self) -> Outcome {
        let shown = self.shown();
        let at = if self.follow { shown.last() } else { shown.near(self.cursor) };
        let Some(at) = at else { return nothing_yet() };
        let mark = self.mark.unwrap_or(at);
        let mut text = String::new();
        for number in shown.between(mark.min(at), mark.max(at)) {
            let Some(line) = self.log.store().get(number) else { continue };
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&String::from_utf8_lossy(line.text));
            if text.len() > MOST_COPIED {
                return Outcome::Wants(Intent::Say(
                    "that is too much to copy: ctrl-s saves to a file".into(),
                ));
            }
        }
        Outcome::Wants(Intent::Copy(text))
    }

    fn save(&self) -> Outcome {
        if self.log.store().is_empty() {
            return nothing_yet();
        }
        let Some(count) = self.filter.count(&self.log) else {
            return Outcome::Wants(Intent::SaveLog(Extent::Everything));
        };
        let item = |label: &str, count: String, letter, extent| Item {
            label: label.to_owned(),
            detail: format!("{count} lines"),
            letter: Some(letter),
            current: extent == Extent::Shown,
            intent: Intent::SaveLog(extent),
        };
        let items = vec![
            item("what matches", count, '1', Extent::Shown),
            item("everything", grouped(self.log.store().len()), '2', Extent::Everything),
        ];
        Outcome::Wants(Intent::Choose { title: "Save", items })
    }
}

fn nothing_yet() -> Outcome {
    Outcome::Wants(Intent::Say("there are no lines yet".to_owned()))
}

impl View for Logs {
    fn scope(&self) -> Scope {
        if self.filter.is_editing() || self.search.is_editing() { Scope::Text } else { Scope::Logs }
    }

    fn handle(&mut self, key: Key) -> Outcome {
        match key.command {
            _ if self.scope() == Scope::Text => self.handle_typing(key),
            Some(command) => self.handle_command(command),
            None => Outcome::Ignored,
        }
    }

    fn paste(&mut self, text: &str) -> Outcome {
        let finder = match (self.filter.is_editing(), self.search.is_editing()) {
            (true, _) => &mut self.filter,
            (_, true) => &mut self.search,
            _ => return Outcome::Ignored,
        };
        finder.paste(text, &self.log);
        Outcome::Consumed
    }

    fn render(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) -> Learned {
        self.draw(area, buf, look)
    }

    fn learn(&mut self, learned: &Learned) {
        let room = Room { rows: learned.rows, columns: learned.columns };
        if self.room != room {
            self.room = room;
            if !self.follow {
                self.go_to(self.cursor);
            }
        }
    }

    fn footer(&self) -> Option<Footer<'_>> {
        let (prompt, finder) = match (self.filter.is_editing(), self.search.is_editing()) {
            (true, _) => ("/", &self.filter),
            (_, true) => ("search ", &self.search),
            _ => return None,
        };
        let found = || finder.count(&self.log).map_or_else(String::new, |count| format!("{count} found"));
        let note = finder.error().map_or_else(|| Ok(found()), |error| Err(error.to_owned()));
        let input = finder.input();
        Some(Footer::Typing { prompt, text: input.text(), column: input.column(), note })
    }

    fn idle(&self) -> Vec<Command> {
        if self.filter.matches().is_none() { vec![Command::Context] } else { Vec::new() }
    }

    fn steps(&self) -> Vec<String> {
        vec![self.of.clone(), if self.request.previous { "previous logs" } else { "logs" }.to_owned()]
    }

    fn head(&self, room: usize, look: Look<'_>) -> Option<Head> {
        Some(self.describe(room, look))
    }

    fn work(&mut self) -> bool {
        let busy = self.is_busy();
        self.filter.advance(&self.log);
        self.search.advance(&self.log);
        busy
    }

    fn is_busy(&self) -> bool {
        !self.filter.is_done(&self.log) || !self.search.is_done(&self.log)
    }

    fn as_logs(&self) -> Option<&Logs> {
        Some(self)
    }

    fn as_logs_mut(&mut self) -> Option<&mut Logs> {
        Some(self)
    }
}
