//! One file per view. A view owns its state, takes keys and answers with what it wants of the rest, and draws itself
//! without changing. It does no I/O and reads no clock: the time comes in with [`Look`].

mod chrome;
mod logs;
mod page;
mod picker;
mod prompt;
mod table;

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::cluster::logs::LogRequest;
use crate::resources::{Selection, Symbol, Time};
use crate::ui::{Chord, Command, Keymap, Scope, Theme};

pub use chrome::{Badge, Footer, Head, Header, footer, header};
pub use logs::{Extent, Logs, Told};
pub use page::{Entry, Page};
pub use picker::{Item, Picker};
pub use prompt::{Prompt, Suggestion};
pub use table::{Shown, SortBy, Table};

/// What everything that draws may know.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Colours.
    pub theme: &'a Theme,
    /// Keys, for hints.
    pub keymap: &'a Keymap,
    /// The time that ages are counted to.
    pub now: Time,
    /// Where local time is told.
    pub zone: &'a TimeZone,
}

/// A key, and what it asks for where it was pressed.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// What was pressed.
    pub chord: Chord,
    /// What it is bound to in the view's scope.
    pub command: Option<Command>,
}

/// What a view made of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It means nothing here; whoever is beneath may have a use for it.
    Ignored,
    /// It was taken.
    Consumed,
    /// It was taken, and something beyond this view is wanted.
    Wants(Intent),
}

/// What a view wants of the rest.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Show these objects, which belong to what is named `of`, above this view.
    DrillDown {
        /// The name that leads there, for the trail.
        of: String,
        /// What to show.
        selection: Selection,
    },
    /// Show this log above this view.
    OpenLog {
        /// The name that leads there, for the trail.
        of: String,
        /// Which lines.
        request: LogRequest,
    },
    /// Read the log in sight anew, as this asks.
    ReopenLog(LogRequest),
    /// Read what the log in sight has from before its first line.
    EarlierLog,
    /// Save lines of the log in sight to a file.
    SaveLog(Extent),
    /// Open lines of the log in sight in a pager.
    PageLog,
    /// Copy this text.
    Copy(String),
    /// Let one of these be chosen.
    Choose {
        /// What for.
        title: &'static str,
        /// What there is to choose.
        items: Vec<Item>,
    },
    /// Close this view, if it is not the last.
    Close,
    /// Close this view; with the last one, the program.
    Leave,
    /// Let a column be chosen to sort by.
    ChooseSort,
    /// Sort the table by this.
    Sort(SortBy),
    /// Show the objects of this namespace, or of all.
    Namespace(Option<Symbol>),
    /// Go to another cluster.
    Context(String),
    /// Change colours.
    Theme(String),
    /// Run a command line.
    Run(String),
    /// Say something in the last line.
    Say(String),
}

/// What drawing found out, for the view to remember: drawing itself changes nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Learned {
    /// The earliest moment at which something drawn changes by itself.
    pub next_change: Option<Time>,
    /// How many rows fit.
    pub rows: usize,
    /// How many cells of a row a text has that can be scrolled or wrapped.
    pub columns: usize,
    /// The width each column has had so far.
    pub widths: Vec<u16>,
    /// Where the terminal's cursor belongs.
    pub cursor: Option<Position>,
}

/// Something that fills a part of the screen and takes keys.
pub trait View {
    /// Which bindings hold while it has the keyboard.
    fn scope(&self) -> Scope;

    /// Takes a key.
    fn handle(&mut self, key: Key) -> Outcome;

    /// Takes text that was pasted.
    fn paste(&mut self, _text: &str) -> Outcome {
        Outcome::Ignored
    }

    /// Draws.
    fn render(&self, area: Rect, buf: &mut Buffer, look: Look<'_>) -> Learned;

    /// Remembers what drawing found out.
    fn learn(&mut self, _learned: &Learned) {}

    /// Whether what is beneath stays in sight.
    fn is_overlay(&self) -> bool {
        false
    }

    /// A line that takes the place of the hints while this view has the keyboard.
    fn footer(&self) -> Option<Footer<'_>> {
        None
    }

    /// What would do nothing if it were asked for now: no hints are given for it.
    fn idle(&self) -> Vec<Command> {
        Vec::new()
    }

    /// The steps that it adds to the way here.
    fn steps(&self) -> Vec<String> {
        Vec::new()
    }

    /// What the lines above say while it is in sight, of which the second has room for so many cells; `None` if they
    /// tell of what is beneath.
    fn head(&self, _room: usize, _look: Look<'_>) -> Option<Head> {
        None
    }

    /// Does a part of what it could not do at once, some milliseconds' worth; tells whether that changed anything in
    /// sight.
    fn work(&mut self) -> bool {
        false
    }

    /// Whether there is something left to do for [`View::work`].
    fn is_busy(&self) -> bool {
        false
    }

    /// The log in it, if it is one.
    fn as_logs(&self) -> Option<&Logs> {
        None
    }

    /// The log in it, if it is one.
    fn as_logs_mut(&mut self) -> Option<&mut Logs> {
        None
    }

    /// The table in it, if it is one.
    fn as_table(&self) -> Option<&Table> {
        None
    }

    /// The table in it, if it is one.
    fn as_table_mut(&mut self) -> Option<&mut Table> {
        None
    }
}

/// Moves an index among `len` rows as `command` says, `page` rows to a page; `None` if it is no movement.
pub(crate) fn moved(command: Command, at: usize, len: usize, page: usize) -> Option<usize> {
    let last = len.saturating_sub(1);
    let page = page.max(2) - 1;
    Some(match command {
        Command::Up => at.saturating_sub(1),
        Command::Down => (at + 1).min(last),
        Command::Top => 0,
        Command::Bottom => last,
        Command::PageUp => at.saturating_sub(page),
        Command::PageDown => (at + page).min(last),
        _ => return None,
    })
}

/// Scrolls as little as possible so that row `at` of the rows from `top` is in sight.
pub(crate) fn scrolled(top: usize, at: usize, rows: usize) -> usize {
    if at < top {
        at
    } else if rows > 0 && at >= top + rows {
        at + 1 - rows
    } else {
        top
    }
}
