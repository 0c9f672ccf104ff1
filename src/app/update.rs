//! What follows from what happens.

use std::sync::Arc;

use super::command::{self, Destination, Line};
use super::{App, Effect, Level, Msg, Scope, Stage};
use crate::cluster::{Batch, Class, Delta, Error, Link};
use crate::resources::Time;
use crate::ui::{Chord, Command, Theme};
use crate::views::{Intent, Key, Logs, Outcome, Picker, Prompt, Table, View};

impl App {
    /// Takes something that happened at `now`; answers what is to be done about it outside.
    pub fn update(&mut self, msg: Msg, now: Time) -> Vec<Effect> {
        self.now = now;
        if self.messages.dismiss(Some(now)) || self.next_change.is_some_and(|change| change <= now) {
            self.show_soon();
        }
        // The others may leave everything in sight as it was.
        if !matches!(msg, Msg::Batch(_) | Msg::Logs(_) | Msg::Work | Msg::Tick) {
            self.show_soon();
        }
        match msg {
            Msg::Batch(batch) => self.receive(batch),
            Msg::Key(chord) => self.key(chord),
            Msg::Paste(text) => match self.views.last_mut().map(|view| view.paste(&text)) {
                Some(Outcome::Wants(intent)) => self.carry_out(intent),
                _ => Vec::new(),
            },
            Msg::Redraw | Msg::Tick => Vec::new(),
            Msg::Logs(batch) => self.receive_log(batch),
            Msg::Work => self.work(),
            Msg::Connected { namespace, user, insecure, warnings } => {
                for warning in warnings {
                    self.messages.say(now, Level::Info, warning);
                }
                self.connected(namespace, user, insecure)
            }
            Msg::NotConnected { error, retry_in_ms } => self.not_connected(error, retry_in_ms),
            Msg::Version(version) => {
                self.session.version = Some(version);
                Vec::new()
            }
            Msg::User(user) => {
                self.session.user = user;
                Vec::new()
            }
            Msg::Namespaces(names) => {
                self.namespaces = names;
                Vec::new()
            }
            Msg::Notice(level, text) => {
                self.messages.say(now, level, text);
                Vec::new()
            }
        }
    }

    /// What is on screen is no longer so.
    pub(super) fn show_soon(&mut self) {
        (self.dirty, self.calm) = (true, false);
    }

    fn connected(&mut self, namespace: Option<String>, user: String, insecure: bool) -> Vec<Effect> {
        self.session.stage = Stage::Connected;
        self.session.user = user;
        self.session.insecure = insecure;
        self.session.namespace = namespace;
        // The first table was made before the context's namespace was known.
        let (only, wanted) = (self.views.len() == 1, self.namespace());
        let elsewhere = |table: &&Table| table.kind().namespaced && table.selection().namespace != wanted;
        if only
            && self.scope == Scope::OfContext
            && let Some(table) = self.table().filter(elsewhere)
        {
            let (kind, filter) = (table.kind(), table.filter().to_owned());
            self.views.clear();
            return self.push_root(kind, &filter);
        }
        self.feed()
    }

    fn not_connected(&mut self, error: Arc<Error>, retry_in_ms: Option<u64>) -> Vec<Effect> {
        let since = match &self.session.stage {
            Stage::Failed { since, .. } => *since,
            _ => self.now,
        };
        self.session.stage = Stage::Failed { error: error.clone(), since };
        let now = self.now;
        if let Some(table) = self.table_mut() {
            // The whole of it stands where the rows would be.
            let link = match retry_in_ms {
                Some(retry_in_ms) => Link::Interrupted { error, retry_in_ms },
                None => Link::Refused(error),
            };
            table.receive(vec![Delta::Link(link)], now);
        }
        Vec::new()
    }

    fn receive(&mut self, batch: Batch) -> Vec<Effect> {
        let now = self.now;
        let in_sight = self.table().and_then(Table::watch) == Some(batch.watch);
        let fed = |view: &&mut Box<dyn View>| view.as_table().and_then(Table::watch) == Some(batch.watch);
        let Some(table) = self.views.iter_mut().find(fed).and_then(|view| view.as_table_mut()) else {
            // It was closed while this was on its way.
            return Vec::new();
        };
        let answered =
            batch.deltas.iter().any(|d| matches!(d, Delta::Synced | Delta::Link(Link::Refused(_))));
        let (all_read, polled) = (table.undecodable() == 0, matches!(table.link().0, Link::Polled { .. }));
        let first_error = batch.deltas.iter().find_map(|delta| match delta {
            Delta::Undecodable { error, .. } if all_read => Some(error.to_string()),
            Delta::Link(Link::Polled { error, .. }) if !polled => Some(format!("not live: {error}")),
            _ => None,
        });
        let visible = table.receive(batch.deltas, now);
        if let Some(error) = first_error {
            self.messages.say(now, Level::Error, error);
        }
        if visible && in_sight {
            self.show_soon();
        }
        let mut effects = if in_sight { self.fall_back() } else { Vec::new() };
        if answered && !self.session.identified {
            self.session.identified = true;
            effects.push(Effect::Identify);
        }
        effects
    }

    /// Where listing in all namespaces is forbidden, goes to one in which it may not be, and says so.
    fn fall_back(&mut self) -> Vec<Effect> {
        let Some(table) = self.table().filter(|table| table.is_root() && table.store().is_empty()) else {
            return Vec::new();
        };
        let (selection, kind) = (table.selection(), table.kind());
        let everywhere = kind.namespaced && selection.namespace.is_none();
        match table.link().0 {
            Link::Refused(error) if error.class == Class::Forbidden && everywhere => {
                let to = self.session.namespace.clone().unwrap_or_else(|| "default".to_owned());
                let text = format!("listing {} in all namespaces is forbidden; this is {to}", kind.plural);
                self.messages.say(self.now, Level::Error, text);
                self.go_to_namespace(Some(to))
            }
            _ => Vec::new(),
        }
    }

    fn key(&mut self, chord: Chord) -> Vec<Effect> {
        self.messages.dismiss(None);
        let Some(view) = self.views.last_mut() else { return Vec::new() };
        let command = self.keymap.command(view.scope(), chord);
        match view.handle(Key { chord, command }) {
            Outcome::Consumed => Vec::new(),
            Outcome::Wants(intent) => self.carry_out(intent),
            Outcome::Ignored => command.map_or_else(Vec::new, |command| self.command(command)),
        }
    }

    /// What a key does that no view had a use for.
    fn command(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::Palette => {
                let prompt = Box::new(Prompt::new(self.suggestions()));
                let mut effects = self.push(prompt);
                if self.session.stage == Stage::Connected && self.namespaces.is_empty() {
                    effects.push(Effect::ListNamespaces);
                }
                effects
            }
            Command::Help => self.push_help(),
            Command::Reconnect => {
                self.messages.say(self.now, Level::Info, "reconnecting");
                vec![Effect::RetryNow]
            }
            Command::Quit => {
                self.quit = true;
                vec![Effect::Quit]
            }
            _ => Vec::new(),
        }
    }

    fn carry_out(&mut self, intent: Intent) -> Vec<Effect> {
        match intent {
            Intent::DrillDown { of, selection } => self.push(Box::new(Table::below(of, selection))),
            Intent::OpenLog { of, request } => self.push(Box::new(Logs::new(of, request))),
            Intent::ReopenLog(request) => self.reopen_log(request),
            Intent::EarlierLog => self.earlier_log(),
            Intent::SaveLog(extent) => self.save_log(extent),
            Intent::PageLog => self.page_log(),
            Intent::Copy(text) => self.copy(text),
            Intent::Choose { title, items } => self.push(Box::new(Picker::new(title, items))),
            Intent::Close if self.views.len() == 1 => Vec::new(),
            Intent::Close | Intent::Leave => self.pop(),
            Intent::ChooseSort => self.choose_sort(),
            Intent::Sort(by) => {
                let effects = self.pop();
                if let Some(table) = self.table_mut() {
                    table.sort(by);
                }
                effects
            }
            Intent::Namespace(namespace) => self.go_to_namespace(namespace.map(|name| name.to_string())),
            Intent::Context(name) => self.go_to_context(name),
            Intent::Theme(name) => {
                let effects = self.pop();
                self.set_theme(&name);
                effects
            }
            Intent::Run(line) => {
                let mut effects = self.pop();
                effects.extend(self.run(&line));
                effects
            }
            Intent::Say(text) => {
                self.messages.say(self.now, Level::Info, text);
                Vec::new()
            }
        }
    }

    /// Runs a line of the palette.
    fn run(&mut self, line: &str) -> Vec<Effect> {
        match command::parse(line) {
            Err(error) => {
                self.messages.say(self.now, Level::Error, error);
                Vec::new()
            }
            Ok(Line::Go(to)) => self.go(to),
            Ok(Line::Namespace(name)) => self.go_to_namespace(name),
            Ok(Line::Context(Some(name))) => self.go_to_known_context(name),
            Ok(Line::Context(None)) => self.choose_context(),
            Ok(Line::Theme(Some(name))) => {
                self.set_theme(&name);
                Vec::new()
            }
            Ok(Line::Theme(None)) => self.choose_theme(),
            Ok(Line::Messages) => self.push_messages(),
            Ok(Line::Help) => self.push_help(),
            Ok(Line::Quit) => self.command(Command::Quit),
        }
    }

    fn go(&mut self, to: Destination) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(context) = to.context {
            if !self.session.contexts.iter().any(|known| known.name == context) {
                self.messages.say(self.now, Level::Error, format!("there is no context \"{context}\""));
                return effects;
            }
            effects.extend(self.go_to_context(context));
        }
        if let Some(name) = to.namespace {
            self.scope = if matches!(&*name, "all" | "*") { Scope::All } else { Scope::One(name) };
        }
        match (to.kind, self.table_mut()) {
            (Some(kind), _) => effects.extend(self.push_root(kind, &to.filter)),
            (None, Some(table)) => table.set_filter(&to.filter),
            (None, None) => {}
        }
        effects
    }

    fn go_to_known_context(&mut self, name: String) -> Vec<Effect> {
        if self.session.contexts.iter().any(|known| known.name == name) {
            return self.go_to_context(name);
        }
        let names: Vec<&str> = self.session.contexts.iter().map(|known| &*known.name).collect();
        let text = format!("there is no context \"{name}\"; there are {}", names.join(", "));
        self.messages.say(self.now, Level::Error, text);
        Vec::new()
    }

    fn set_theme(&mut self, name: &str) {
        match Theme::load(name, self.depth) {
            Ok(theme) => self.theme = theme,
            Err(error) => self.messages.say(self.now, Level::Error, error),
        }
    }
}
