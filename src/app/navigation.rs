//! Moving about: the stack of views, and which of its tables are fed.

use super::{App, Effect, Level, Scope, Stage};
use crate::cluster::WatchId;
use crate::cluster::logs::LogId;
use crate::resources::{Kind, Selection};
use crate::views::{Table, View};

/// How many tables, counted from the one in sight, stay fed. Going back to them shows what is so at once.
const FED: usize = 3;

/// How many views are kept to go back to.
const KEPT: usize = 20;

/// Stops feeding a view.
fn closed(view: &mut dyn View) -> Option<Effect> {
    if let Some(log) = view.as_logs_mut() {
        return log.close().map(Effect::CloseLogs);
    }
    view.as_table_mut().and_then(Table::close).map(Effect::Close)
}

impl App {
    /// The table in sight.
    pub(super) fn table(&self) -> Option<&Table> {
        self.views.iter().rev().find_map(|view| view.as_table())
    }

    /// The table in sight.
    pub(super) fn table_mut(&mut self) -> Option<&mut Table> {
        self.views.iter_mut().rev().find_map(|view| view.as_table_mut())
    }

    /// Puts a table of `kind` on top, in the namespace in force.
    pub(super) fn push_root(&mut self, kind: &'static Kind, filter: &str) -> Vec<Effect> {
        let namespace = if kind.namespaced { self.namespace() } else { None };
        let mut table = Table::root(Selection::all(kind, namespace));
        if !filter.is_empty() {
            table.set_filter(filter);
        }
        self.push(Box::new(table))
    }

    /// Puts a view on top.
    pub(super) fn push(&mut self, view: Box<dyn View>) -> Vec<Effect> {
        self.views.push(view);
        let mut effects = Vec::new();
        if self.views.len() > KEPT {
            effects.extend(closed(&mut *self.views.remove(0)));
        }
        effects.extend(self.feed());
        effects
    }

    /// Takes the topmost view away; the last one ends the program.
    pub(super) fn pop(&mut self) -> Vec<Effect> {
        if self.views.len() == 1 {
            self.quit = true;
            return vec![Effect::Quit];
        }
        let mut effects: Vec<Effect> =
            self.views.pop().and_then(|mut view| closed(&mut *view)).into_iter().collect();
        effects.extend(self.feed());
        effects
    }

    /// Sees to it that the tables near the top are fed and the others are not.
    pub(super) fn feed(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let connected = self.session.stage == Stage::Connected;
        let tables = self.views.iter_mut().rev().filter_map(|view| view.as_table_mut());
        for (depth, table) in tables.enumerate() {
            let fed = connected && depth < FED;
            match table.watch() {
                None if fed && depth == 0 => {
                    self.next_watch += 1;
                    let watch = WatchId(self.next_watch);
                    table.open(watch);
                    effects.push(Effect::Open(watch, table.selection().clone()));
                }
                Some(_) if !fed => effects.extend(table.close().map(Effect::Close)),
                _ => {}
            }
        }
        // Logs cost most: one is read only while no table lies over it.
        let base = self.views.iter().rposition(|view| view.as_table().is_some() || view.as_logs().is_some());
        for (place, view) in self.views.iter_mut().enumerate() {
            let Some(log) = view.as_logs_mut() else { continue };
            let in_sight = connected && Some(place) == base;
            match log.id() {
                None if in_sight => {
                    self.next_log += 1;
                    let id = LogId(self.next_log);
                    log.open(id);
                    effects.push(Effect::OpenLogs(id, log.request().clone()));
                }
                Some(_) if !in_sight => effects.extend(log.close().map(Effect::CloseLogs)),
                _ => {}
            }
        }
        effects
    }

    /// Stops feeding every view.
    pub(super) fn unfeed(&mut self) -> Vec<Effect> {
        self.views.iter_mut().filter_map(|view| closed(&mut **view)).collect()
    }

    /// Shows the kind in sight, and what is gone to from now on, in another namespace (all for `None`).
    pub(super) fn go_to_namespace(&mut self, namespace: Option<String>) -> Vec<Effect> {
        self.scope = namespace.map_or(Scope::All, Scope::One);
        let Some((kind, filter)) = self.table().map(|table| (table.kind(), table.filter().to_owned())) else {
            return Vec::new();
        };
        if !kind.namespaced || !kind.listed {
            let name = self
                .namespace()
                .map_or_else(|| "all namespaces".to_owned(), |name| format!("namespace {name}"));
            self.messages.say(self.now, Level::Info, format!("{name}; {} are not in one", kind.plural));
            return Vec::new();
        }
        let mut effects = self.drop_branch();
        effects.extend(self.push_root(kind, &filter));
        effects
    }

    /// Takes away the table in sight and what led to it, back to where it was gone to directly.
    fn drop_branch(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(mut view) = self.views.pop() {
            let root = view.as_table().is_some_and(Table::is_root);
            effects.extend(closed(&mut *view));
            if root {
                break;
            }
        }
        effects
    }

    /// Goes to another cluster, to the same kind there.
    pub(super) fn go_to_context(&mut self, context: String) -> Vec<Effect> {
        let mut effects = self.unfeed();
        let kind = self.root_kind();
        self.views.clear();
        self.namespaces.clear();
        self.scope = Scope::OfContext;
        self.session.switch(context.clone());
        effects.extend(self.push_root(kind, ""));
        effects.push(Effect::Connect(context));
        effects
    }

    /// The kind that was gone to directly last.
    fn root_kind(&self) -> &'static Kind {
        let tables = self.views.iter().rev().filter_map(|view| view.as_table());
        let root = tables.filter(|table| table.is_root()).map(Table::kind).next();
        root.unwrap_or(crate::resources::default_kind())
    }

    /// Where I am, outermost first.
    pub(super) fn trail(&self) -> Vec<String> {
        let root = self.views.iter().rposition(|view| view.as_table().is_some_and(Table::is_root));
        let root = root.unwrap_or(0);
        let mut trail = vec![self.session.context.clone()];
        let table = self.views.get(root).and_then(|view| view.as_table());
        if let Some(selection) = table.map(Table::selection).filter(|s| s.kind.namespaced) {
            trail.push(selection.namespace.as_deref().unwrap_or("all namespaces").to_owned());
        }
        trail.extend(self.views.iter().skip(root).flat_map(|view| view.steps()));
        trail
    }
}
