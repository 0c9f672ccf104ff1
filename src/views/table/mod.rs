//! A live table of objects of one kind: what it shows comes in as deltas, what is highlighted is known by identity.

mod cursor;
mod head;
mod render;

use crate::cluster::logs::{Containers, LogRequest};
use crate::cluster::store::{Change, Order, Predicate, Sort, Store};
use crate::cluster::{Delta, Link, WatchId};
use crate::resources::{self, Kind, Row, Selection, Time};
use crate::ui::filter::Filter;
use crate::ui::{Command, Input, Scope};

use super::{Footer, Head, Intent, Key, Learned, Look, Outcome, View, moved};
use cursor::Cursor;

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// The namespace, then the name.
    Namespace,
    /// The column of this index among the kind's headers.
    Column(usize),
}

/// A column on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The namespace, where several are shown.
    Namespace,
    /// The column of this index among the kind's headers.
    Column(usize),
}

/// A table.
pub struct Table {
    /// What it shows.
    selection: Selection,
    /// The object that led here, for the trail.
    of: Option<String>,
    /// Whether it was gone to directly, not drilled down to.
    root: bool,
    /// The watch that feeds it, while there is one.
    watch: Option<WatchId>,
    store: Store,
    link: Link,
    /// Since when the rows may not be what is so.
    since: Option<Time>,
    /// Objects that could not be decoded.
    undecodable: usize,
    cursor: Cursor,
    /// Whether the highlighted row was chosen.
    moved: bool,
    order: Order,
    filter: Input,
    filter_error: Option<String>,
    /// The filter before it was edited, while it is.
    editing: Option<String>,
    unhealthy: bool,
    wide: bool,
    rows: usize,
    widths: Vec<u16>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("selection", &self.selection)
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}

impl Table {
    /// A table that somebody went to directly.
    #[must_use]
    pub fn root(selection: Selection) -> Table {
        Table::new(selection, None, true)
    }

    /// A table that the object named `of` led to.
    #[must_use]
    pub fn below(of: String, selection: Selection) -> Table {
        Table::new(selection, Some(of), false)
    }

    fn new(selection: Selection, of: Option<String>, root: bool) -> Table {
        let order = match selection.kind.sort {
            Some((column, descending)) => Order { sort: Sort::Column(column), descending },
            None => Order { sort: Sort::Natural, descending: false },
        };
        Table {
            selection,
            of,
            root,
            watch: None,
            store: Store::new(order),
            link: Link::Connecting,
            since: None,
            undecodable: 0,
            cursor: Cursor::default(),
            moved: false,
            order,
            filter: Input::default(),
            filter_error: None,
            editing: None,
            unhealthy: false,
            wide: false,
            rows: 0,
            widths: Vec::new(),
        }
    }

    /// What it shows.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The name that led here.
    #[must_use]
    pub fn of(&self) -> Option<&str> {
        self.of.as_deref()
    }

    /// Whether it was gone to directly.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.root
    }

    /// The watch that feeds it.
    #[must_use]
    pub fn watch(&self) -> Option<WatchId> {
        self.watch
    }

    /// The rows.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The state of the connection behind the rows, and since when they may not be what is so.
    #[must_use]
    pub fn link(&self) -> (&Link, Option<Time>) {
        (&self.link, self.since)
    }

    /// How many objects could not be decoded.
    #[must_use]
    pub fn undecodable(&self) -> usize {
        self.undecodable
    }

    /// The highlighted row.
    #[must_use]
    pub fn selected(&self) -> Option<&dyn Row> {
        self.cursor.id.and_then(|id| self.store.get(id))
    }

    /// The filter as typed.
    #[must_use]
    pub fn filter(&self) -> &str {
        self.filter.text()
    }

    /// Whether only what is unhealthy is shown.
    #[must_use]
    pub fn only_unhealthy(&self) -> bool {
        self.unhealthy
    }

    /// What it is sorted by and whether descending; `None` is the server's order.
    #[must_use]
    pub fn order(&self) -> Option<(SortBy, bool)> {
        match self.order.sort {
            Sort::Natural if !self.order.descending => None,
            Sort::Natural | Sort::Namespace => Some((SortBy::Namespace, self.order.descending)),
            Sort::Column(at) => Some((SortBy::Column(at), self.order.descending)),
        }
    }

    /// Starts to be fed by `watch`, from nothing.
    pub fn open(&mut self, watch: WatchId) {
        self.close();
        self.watch = Some(watch);
    }

    /// Stops being fed, and lets go of the rows: they would not be true for long. What was highlighted is remembered.
    pub fn close(&mut self) -> Option<WatchId> {
        self.store = Store::new(self.order);
        self.apply_filter();
        self.link = Link::Connecting;
        self.since = None;
        self.undecodable = 0;
        self.watch.take()
    }

    /// Takes what the watch says; tells whether anything on screen may look different.
    pub fn receive(&mut self, deltas: Vec<Delta>, now: Time) -> bool {
        let mut visible = false;
        let mut of_rows = Vec::with_capacity(deltas.len());
        for delta in deltas {
            match delta {
                Delta::Link(link) => self.set_link(link, now),
                Delta::Undecodable { count, .. } => self.undecodable = count,
                delta => {
                    visible |= matches!(delta, Delta::Synced);
                    of_rows.push(delta);
                    continue;
                }
            }
            visible = true;
        }
        for change in self.store.apply_all(of_rows) {
            visible |= self.is_visible(change);
        }
        if !self.store.is_synced() && !self.moved {
            // Nobody has chosen a row yet: the first one is highlighted, whichever arrives first.
            self.cursor.go(0, &self.store, self.rows);
        } else if self.store.is_synced() || self.cursor.id.is_none_or(|id| self.store.rank(id).is_some()) {
            // A chosen row that has not arrived yet may still come.
            self.cursor.follow(&self.store, self.rows);
        }
        visible
    }

    fn set_link(&mut self, link: Link, now: Time) {
        self.since = match link {
            Link::Live | Link::Connecting => None,
            // The rows are as old as the list that was just made.
            Link::Polled { .. } => Some(now),
            Link::Interrupted { .. } | Link::Refused(_) => self.since.or(Some(now)),
        };
        self.link = link;
    }

    /// Whether a change touches the rows in sight or the counts above them.
    fn is_visible(&self, change: Change) -> bool {
        change.counts || change.touches(&(self.cursor.top..self.cursor.top + self.rows.max(1)))
    }

    /// Sorts by this column, or flips the order when it already does.
    pub fn sort(&mut self, by: SortBy) {
        let sort = match by {
            SortBy::Namespace => Sort::Namespace,
            SortBy::Column(at) => Sort::Column(at),
        };
        // The first press shows what people look for: most restarts first, youngest first, names from A.
        let first = matches!(by, SortBy::Column(at) if self.kind().headers[at].title == "RESTARTS");
        let descending = if self.order.sort == sort { !self.order.descending } else { first };
        self.order = Order { sort, descending };
        self.store.set_order(self.order);
        if self.moved {
            self.cursor.follow(&self.store, self.rows);
        } else {
            // Nobody has chosen a row: sorting is to see what comes first.
            self.cursor.top = 0;
            self.cursor.go(0, &self.store, self.rows);
        }
    }

    /// The column with this title, if the kind has it.
    #[must_use]
    pub fn column(&self, title: &str) -> Option<SortBy> {
        self.kind().headers.iter().position(|header| header.title == title).map(SortBy::Column)
    }

    /// The columns that could be on screen now, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<Shown> {
        let namespace =
            (self.kind().namespaced && self.selection.namespace.is_none()).then_some(Shown::Namespace);
        let own = self.kind().headers.iter().enumerate().filter(|(_, header)| self.wide || !header.wide);
        namespace.into_iter().chain(own.map(|(at, _)| Shown::Column(at))).collect()
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &'static Kind {
        self.selection.kind
    }

    /// Sets the filter as if it had been typed.
    pub fn set_filter(&mut self, text: &str) {
        self.filter = Input::new(text);
        self.apply_filter();
    }

    /// Puts the filter in force. One that cannot be read leaves the one before in force and says why.
    fn apply_filter(&mut self) {
        match Filter::parse(self.filter.text()) {
            Ok(filter) => {
                self.filter_error = None;
                let filter = filter.into_predicate(self.kind().headers.len());
                self.store.set_filter(if self.unhealthy { Some(and_unhealthy(filter)) } else { filter });
            }
            Err(error) => self.filter_error = Some(format!("{error}, at {}", error.at + 1)),
        }
        self.cursor.follow(&self.store, self.rows);
    }

    fn handle_typing(&mut self, key: Key) -> Outcome {
        match key.command {
            // One that cannot be read is not accepted: what is wrong with it stands beside it.
            Some(Command::Enter) if self.filter_error.is_some() => {}
            Some(Command::Enter) => self.editing = None,
            Some(Command::Escape) => {
                let before = self.editing.take().unwrap_or_default();
                self.set_filter(&before);
            }
            Some(command @ (Command::Up | Command::Down)) => return self.handle_table(command),
            Some(_) => return Outcome::Ignored,
            None => {
                if self.filter.handle(key.chord) {
                    self.apply_filter();
                }
            }
        }
        Outcome::Consumed
    }

    fn handle_table(&mut self, command: Command) -> Outcome {
        if let Some(rank) = moved(command, self.cursor.rank, self.store.shown(), self.rows) {
            self.moved = true;
            self.cursor.go(rank, &self.store, self.rows);
            return Outcome::Consumed;
        }
        let sort = match command {
            Command::SortName => self.column("NAME"),
            Command::SortAge => self.column("AGE").or_else(|| self.column("LAST SEEN")),
            Command::SortRestarts => self.column("RESTARTS"),
            _ => None,
        };
        match command {
            Command::Enter => return self.enter(),
            Command::Filter => self.editing = Some(self.filter.text().to_owned()),
            Command::Escape if !self.filter.text().is_empty() => self.set_filter(""),
            Command::Escape if self.unhealthy => {
                self.unhealthy = false;
                self.apply_filter();
            }
            Command::Escape => return Outcome::Wants(Intent::Close),
            Command::Back => return Outcome::Wants(Intent::Leave),
            Command::Wide => {
                self.wide = !self.wide;
                self.widths.clear();
            }
            Command::Unhealthy => {
                self.unhealthy = !self.unhealthy;
                self.apply_filter();
            }
            Command::Logs | Command::Previous => return self.open_log(command == Command::Previous),
            Command::AllNamespaces => return Outcome::Wants(Intent::Namespace(None)),
            Command::Sort => return Outcome::Wants(Intent::ChooseSort),
            Command::SortName | Command::SortAge | Command::SortRestarts => match sort {
                Some(by) => self.sort(by),
                None => {
                    return Outcome::Wants(Intent::Say(format!(
                        "{} have no such column",
                        self.kind().plural
                    )));
                }
            },
            _ => return Outcome::Ignored,
        }
        Outcome::Consumed
    }

    /// Whose logs those of the highlighted row are: its pods, its own, or its container's.
    fn log_of(&self) -> Option<(Selection, Containers)> {
        let (row, pods) = (self.selected()?, resources::default_kind());
        let meta = row.meta();
        if self.kind() == pods {
            let pod = Selection::named(pods, Some(meta.namespace.clone()), &meta.name);
            return Some((pod, Containers::All));
        }
        if self.kind().path == pods.plural {
            let pod = Selection { kind: pods, ..self.selection.clone() };
            return Some((pod, Containers::Named((&*meta.name).into())));
        }
        let of = row.enter().filter(|selection| selection.kind == pods)?;
        Some((of, Containers::All))
    }

    fn open_log(&self, previous: bool) -> Outcome {
        let Some(row) = self.selected() else { return Outcome::Consumed };
        let name = &row.meta().name;
        Outcome::Wants(match self.log_of() {
            Some((pods, containers)) => Intent::OpenLog {
                of: name.to_string(),
                request: LogRequest { containers, previous, ..LogRequest::follow(pods) },
            },
            None => Intent::Say(format!("{} {name} has no logs of its own", self.kind().singular)),
        })
    }

    fn enter(&self) -> Outcome {
        let Some(row) = self.selected() else { return Outcome::Consumed };
        Outcome::Wants(match row.enter() {
            Some(selection) => Intent::DrillDown { of: row.meta().name.to_string(), selection },
            None if self.log_of().is_some() => return self.open_log(false),
            None => Intent::Say(format!("{} {} leads nowhere", self.kind().singular, row.meta().name)),
        })
    }
}

/// What passes `filter`, if there is one, and is not well.
fn and_unhealthy(filter: Option<Predicate>) -> Predicate {
    let mut filter = filter.unwrap_or_else(|| Box::new(|_| true));
    Box::new(move |row| row.health().is_unhealthy() && filter(row))
}

impl View for Table {
    fn scope(&self) -> Scope {
        if self.editing.is_some() { Scope::Text } else { Scope::Table }
    }

    fn handle(&mut self, key: Key) -> Outcome {
        match key.command {
            _ if self.editing.is_some() => self.handle_typing(key),
            Some(command) => self.handle_table(command),
            None => Outcome::Ignored,
        }
    }

    fn paste(&mut self, text: &str) -> Outcome {
        if self.editing.is_none() {
            return Outcome::Ignored;
        }
        self.filter.insert(text);
        self.apply_filter();
        Outcome::Consumed
    }

    fn render(
        &self,
        area: ratatui::layout::Rect,
        buf: &mut ratatui::buffer::Buffer,
        look: Look<'_>,
    ) -> Learned {
        self.draw(area, buf, look)
    }

    fn learn(&mut self, learned: &Learned) {
        if self.rows != learned.rows {
            self.rows = learned.rows;
            self.cursor.keep_in_sight(&self.store, self.rows);
        }
        self.widths.clone_from(&learned.widths);
    }

    fn footer(&self) -> Option<Footer<'_>> {
        self.editing.as_ref()?;
        let note = match &self.filter_error {
            Some(error) => Err(error.clone()),
            None => Ok(format!("{} shown", crate::ui::text::grouped(self.store.shown()))),
        };
        Some(Footer::Typing { prompt: "/", text: self.filter.text(), column: self.filter.column(), note })
    }

    fn idle(&self) -> Vec<Command> {
        let everywhere = !self.kind().namespaced || self.selection.namespace.is_none();
        let silent = self.log_of().is_none();
        let leads_nowhere = silent && self.selected().and_then(Row::enter).is_none();
        let idle = [
            (Command::Enter, leads_nowhere),
            (Command::AllNamespaces, everywhere),
            (Command::Logs, silent),
            (Command::Previous, silent),
        ];
        idle.into_iter().filter_map(|(command, idle)| idle.then_some(command)).collect()
    }

    fn steps(&self) -> Vec<String> {
        self.of.clone().into_iter().chain([self.kind().plural.to_owned()]).collect()
    }

    fn head(&self, room: usize, look: Look<'_>) -> Option<Head> {
        Some(self.describe(room, look.now))
    }

    fn as_table(&self) -> Option<&Table> {
        Some(self)
    }

    fn as_table_mut(&mut self) -> Option<&mut Table> {
        Some(self)
    }
}
