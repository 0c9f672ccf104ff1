//! The pure core: what is on screen and what follows from what happens. No I/O, no clock, no tokio: everything comes
//! in as a [`Msg`], everything wanted goes out as an [`Effect`].

mod command;
mod logs;
mod messages;
mod navigation;
mod pages;
mod screen;
mod session;
mod tempo;
mod update;

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::cluster::logs::{LogBatch, LogId, LogRequest};
use crate::cluster::{Batch, Error, WatchId};
use crate::resources::{Kind, Selection, Symbol, Time};
use crate::ui::{Chord, Depth, Keymap, Theme};
use crate::views::{Learned, View};

pub use messages::{Level, Messages};
pub use session::{Context, Session, Stage};
pub use tempo::Tempo;

/// Something that happened.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Chord),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size, or its content was lost: draw everything.
    Redraw,
    /// A moment that [`App::next_wake`] named has come.
    Tick,
    /// A watch says something.
    Batch(Batch),
    /// A log says something.
    Logs(LogBatch),
    /// Nothing else happens: there is time for what [`App::is_busy`] is about.
    Work,
    /// There is a client for the cluster; nothing was asked of it yet.
    Connected {
        /// The namespace of the context.
        namespace: Option<String>,
        /// The user, as the kubeconfig names it.
        user: String,
        /// Whether the server's certificate is not checked.
        insecure: bool,
        /// What is odd about the configuration, a line each.
        warnings: Vec<String>,
    },
    /// There is no client yet; it is tried again by itself unless the reason only changes by somebody's doing.
    NotConnected {
        /// Why.
        error: Arc<Error>,
        /// When the next attempt starts, in milliseconds from now; `None` if only a person can change the reason.
        retry_in_ms: Option<u64>,
    },
    /// The server told its version.
    Version(String),
    /// The server told who we are.
    User(String),
    /// The names of the namespaces.
    Namespaces(Vec<String>),
    /// Something that a person should know.
    Notice(Level, String),
}

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Connect to this context, letting go of the one before.
    Connect(String),
    /// Watch these objects.
    Open(WatchId, Selection),
    /// Stop a watch.
    Close(WatchId),
    /// Read these logs.
    OpenLogs(LogId, LogRequest),
    /// Ask for about so many lines from before the first ones of a log.
    EarlierLogs(LogId, u64),
    /// Stop reading a log.
    CloseLogs(LogId),
    /// Put this text into the terminal's clipboard.
    Copy(String),
    /// Write a file.
    Save {
        /// Its name, without a folder.
        name: String,
        /// What is to be in it.
        text: Vec<u8>,
        /// What that is, in words, for the answer.
        what: String,
    },
    /// Show this text in a pager, which has the terminal until it ends.
    Page(Vec<u8>),
    /// Stop waiting: try again now whatever is down.
    RetryNow,
    /// Ask the server for its version and for who we are.
    Identify,
    /// Ask for the names of the namespaces.
    ListNamespaces,
    /// Leave.
    Quit,
}

/// Which namespaces were asked for on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The one of the context, or `default`: kubectl's rule.
    OfContext,
    /// This one.
    One(String),
    /// All.
    All,
}

/// What the program starts with.
#[derive(Debug)]
pub struct Start {
    /// The kind to show.
    pub kind: &'static Kind,
    /// Where.
    pub scope: Scope,
    /// The filter to begin with.
    pub filter: String,
    /// The context to connect to.
    pub context: String,
    /// The contexts that there are.
    pub contexts: Vec<Context>,
    /// Colours.
    pub theme: Theme,
    /// How many colours the terminal has.
    pub depth: Depth,
    /// Where local time is told.
    pub zone: TimeZone,
    /// What a newcomer should know; it stands in the last line until a key is pressed.
    pub hint: Option<String>,
    /// How the cluster's time passes.
    pub tempo: Tempo,
}

/// The state of the whole program.
pub struct App {
    now: Time,
    tempo: Tempo,
    theme: Theme,
    depth: Depth,
    zone: TimeZone,
    keymap: Keymap,
    messages: Messages,
    session: Session,
    scope: Scope,
    /// The views, the one with the keyboard last. The first is always a table.
    views: Vec<Box<dyn View>>,
    next_watch: u64,
    next_log: u64,
    namespaces: Vec<String>,
    /// When something that was drawn changes by itself.
    next_change: Option<Time>,
    /// Whether what is on screen is no longer so.
    dirty: bool,
    /// Whether all of it is the doing of what never stops changing.
    calm: bool,
    quit: bool,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("session", &self.session)
            .field("views", &self.views.len())
            .finish_non_exhaustive()
    }
}

impl App {
    /// The program at its start, and what it wants done first.
    #[must_use]
    pub fn new(start: Start, now: Time) -> (App, Vec<Effect>) {
        let mut app = App {
            now,
            tempo: start.tempo,
            theme: start.theme,
            depth: start.depth,
            zone: start.zone,
            keymap: Keymap::default(),
            messages: Messages::default(),
            session: Session::new(start.context.clone(), start.contexts),
            scope: start.scope,
            views: Vec::new(),
            next_watch: 0,
            next_log: 0,
            namespaces: Vec::new(),
            next_change: None,
            dirty: true,
            calm: false,
            quit: false,
        };
        if let Some(hint) = start.hint {
            app.messages.say(now, Level::Hint, hint);
        }
        app.push_root(start.kind, &start.filter);
        (app, vec![Effect::Connect(start.context)])
    }

    /// Whether what is on screen is no longer so.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Whether the next frame has time: it only shows how much has arrived of what never ends.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        self.calm
    }

    /// Whether there is something to do that was too much to be done at once: it wants a [`Msg::Work`] when nothing
    /// else happens.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.views.iter().any(|view| view.is_busy())
    }

    /// Whether it is over.
    #[must_use]
    pub fn has_quit(&self) -> bool {
        self.quit
    }

    /// The next moment at which it wants a [`Msg::Tick`], if any: nothing happens while nothing changes.
    #[must_use]
    pub fn next_wake(&self) -> Option<Time> {
        [self.next_change, self.messages.expires()].into_iter().flatten().min()
    }

    /// The screen was drawn: remembers what that found out.
    pub fn drawn(&mut self, learned: &Learned) {
        (self.dirty, self.calm) = (false, false);
        self.next_change = learned.next_change;
        // The part of the stack in sight was drawn last; a layer above learns from its own drawing.
        if let Some(view) = self.views.last_mut() {
            view.learn(learned);
        }
    }

    /// The namespace in which kinds are shown, `None` for all.
    fn namespace(&self) -> Option<Symbol> {
        match &self.scope {
            Scope::All => None,
            Scope::One(name) => Some(Symbol::from(&**name)),
            Scope::OfContext => Some(Symbol::from(self.session.namespace.as_deref().unwrap_or("default"))),
        }
    }
}
