//! Moving about: the stack of views, and which of its tables are fed.

use super::{App, Effect, Level, Scope, Stage};
use crate::cluster::WatchId;
use crate::resources::{Kind, Selection};
use crate::views::{Table, View};

/// How many tables, counted from the one in sight, stay fed. Going back to them shows what is so at once.
const FED: usize = 3;

/// How many views are kept to go back to.
const KEPT: usize = 20;

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
            effects.extend(self.views.remove(0).as_table_mut().and_then(Table::close).map(Effect::Close));
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
        let closed = self.views.pop().and_then(|mut view| view.as_table_mut().and_then(Table::close));
        let mut effects: Vec<Effect> = closed.map(Effect::Close).into_iter().collect();
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
        effects
    }

    /// Stops feeding every table.
    pub(super) fn unfeed(&mut self) -> Vec<Effect> {
        let tables = self.views.iter_mut().filter_map(|view| view.as_table_mut());
        tables.filter_map(Table::close).map(Effect::Close).collect()
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
            let table = view.as_table_mut();
            let root = table.as_ref().is_some_and(|table| table.is_root());
            effects.extend(table.and_then(Table::close).map(Effect::Close));
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
        let tables: Vec<&Table> = self.views.iter().filter_map(|view| view.as_table()).collect();
        let root = tables.iter().rposition(|table| table.is_root()).unwrap_or(0);
        let mut trail = vec![self.session.context.clone()];
        if let Some(selection) = tables.get(root).map(|table| table.selection()).filter(|s| s.kind.namespaced)
        {
            trail.push(selection.namespace.as_deref().unwrap_or("all namespaces").to_owned());
        }
        for table in tables.iter().skip(root) {
            trail.extend(table.of().map(str::to_owned));
            trail.push(table.kind().plural.to_owned());
        }
        trail
    }
}
