//! What keys do: one table, from which the keys are bound and the help is made.

use super::chord::Chord;

/// Something a key can ask for. What it means is up to the view that has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Move one row up.
    Up,
    /// Move one row down.
    Down,
    /// Move to the first row.
    Top,
    /// Move to the last row.
    Bottom,
    /// Move a page up.
    PageUp,
    /// Move a page down.
    PageDown,
    /// Drill down, or choose.
    Enter,
    /// Go back one step; clear the filter first.
    Escape,
    /// Leave this view; at the first one, the program.
    Back,
    /// Leave the program.
    Quit,
    /// Open the command palette.
    Palette,
    /// Edit the filter.
    Filter,
    /// Show the keys.
    Help,
    /// Reconnect now.
    Reconnect,
    /// Show all namespaces.
    AllNamespaces,
    /// Show wide columns, or stop.
    Wide,
    /// Show only what is unhealthy, or stop.
    Unhealthy,
    /// Choose the column to sort by.
    Sort,
    /// Sort by name.
    SortName,
    /// Sort by age.
    SortAge,
    /// Sort by restarts.
    SortRestarts,
    /// Complete what was typed.
    Complete,
    /// Show the log.
    Logs,
    /// Show the log of the run before the latest restart.
    Previous,
    /// Follow a log, or pause.
    Follow,
    /// Choose how far back a log is read.
    Since,
    /// Search among what is shown.
    Search,
    /// Go to what is found next.
    SearchNext,
    /// Go to what is found before.
    SearchPrevious,
    /// Show what stands around matches: more of it, or none.
    Context,
    /// Break long lines, or stop.
    Wrap,
    /// Scroll to the left.
    Left,
    /// Scroll to the right.
    Right,
    /// Another way to show times, or none.
    Timestamps,
    /// Show whose each line is, or stop.
    Sources,
    /// Show lines as they were written, or stop.
    Raw,
    /// Begin to mark lines, or stop.
    Mark,
    /// Copy.
    Copy,
    /// Save to a file.
    Save,
    /// Open in a pager.
    Pager,
}

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In every view that is not taking text.
    Everywhere,
    /// In tables.
    Table,
    /// In logs.
    Logs,
    /// In lists to choose from.
    List,
    /// In pages of text.
    Page,
    /// While text is typed: every other key is text.
    Text,
}

/// A line of the table.
#[derive(Debug)]
pub struct Binding {
    /// What it does.
    pub command: Command,
    /// Where.
    pub scope: Scope,
    /// The keys, as written in [`Chord`]'s text form; the first is the one that is shown.
    pub keys: &'static [&'static str],
    /// What it does, for the help.
    pub help: &'static str,
    /// What it does in a word or two for the hint line; empty to leave it out.
    pub hint: &'static str,
}

const fn bind(
    scope: Scope,
    command: Command,
    keys: &'static [&'static str],
    help: &'static str,
    hint: &'static str,
) -> Binding {
    Binding { command, scope, keys, help, hint }
}

/// Every binding. Within a scope, and between a scope and [`Scope::Everywhere`], a key stands once.
pub static BINDINGS: &[Binding] = &[
    bind(Scope::Table, Command::Enter, &["enter", "right"], "drill down", "open"),
    bind(Scope::Table, Command::Logs, &["l"], "logs: all containers in one stream, live", "logs"),
    bind(Scope::Table, Command::Previous, &["p"], "logs of the run before the latest restart", "previous"),
    bind(Scope::Table, Command::Sort, &["S"], "sort by a column; the same again flips it", "sort"),
    bind(Scope::Table, Command::SortName, &["N"], "sort by name", ""),
    bind(Scope::Table, Command::SortAge, &["A"], "sort by age", ""),
    bind(Scope::Table, Command::SortRestarts, &["R"], "sort by restarts", ""),
    bind(Scope::Table, Command::Wide, &["ctrl-w"], "wide columns", "wide"),
    bind(Scope::Table, Command::Unhealthy, &["ctrl-z"], "only what is unhealthy", "unhealthy"),
    bind(Scope::Table, Command::AllNamespaces, &["0"], "all namespaces", "all namespaces"),
    bind(Scope::Table, Command::Filter, &["/"], "filter: word  !word  /regex/", "filter"),
    bind(
        Scope::Table,
        Command::Back,
        &["q", "left"],
        "back to the table before; from the first one, quit",
        "",
    ),
    bind(
        Scope::Logs,
        Command::Follow,
        &["f", "space"],
        "follow, or pause: what arrives is kept",
        "follow/pause",
    ),
    bind(
        Scope::Logs,
        Command::Filter,
        &["/"],
        "filter: word  \"two words\"  !word  /regex/  level>=warn  status>=500  path~checkout  source:web",
        "filter",
    ),
    bind(Scope::Logs, Command::Search, &["s"], "search, in the language of the filter", "search"),
    bind(Scope::Logs, Command::SearchNext, &["n"], "what is found next", ""),
    bind(Scope::Logs, Command::SearchPrevious, &["N"], "what is found before", ""),
    bind(Scope::Logs, Command::Context, &["x"], "lines around what the filter finds: 0, 3, 10", "context"),
    bind(Scope::Logs, Command::Since, &["S"], "how far back: minutes, or last lines", "since"),
    bind(
        Scope::Logs,
        Command::Previous,
        &["p"],
        "the run before the latest restart, or the current one",
        "previous",
    ),
    bind(Scope::Logs, Command::Wrap, &["w"], "break long lines, or cut them", "wrap"),
    bind(Scope::Logs, Command::Raw, &["r"], "lines as they were written, or readable", "raw"),
    bind(Scope::Logs, Command::Timestamps, &["t"], "times: local, UTC, relative, none", "times"),
    bind(Scope::Logs, Command::Sources, &["o"], "whose line it is, or not", "sources"),
    bind(Scope::Logs, Command::Mark, &["m"], "mark lines from here on, or no longer", "mark"),
    bind(Scope::Logs, Command::Copy, &["c"], "copy the line, or the marked ones", "copy"),
    bind(Scope::Logs, Command::Save, &["ctrl-s"], "save to a file in the current directory", "save"),
    bind(Scope::Logs, Command::Pager, &["P"], "open in $PAGER", ""),
    bind(Scope::Logs, Command::Left, &["left", "h"], "scroll to the left", ""),
    bind(Scope::Logs, Command::Right, &["right"], "scroll to the right", ""),
    bind(Scope::Logs, Command::Back, &["q"], "back", ""),
    bind(Scope::List, Command::Enter, &["enter"], "choose", "choose"),
    bind(Scope::List, Command::Back, &["q"], "close", "close"),
    bind(
        Scope::Everywhere,
        Command::Palette,
        &[":"],
        "go to a kind, namespace or context; run a command",
        "go",
    ),
    bind(Scope::Everywhere, Command::Help, &["?", "f1"], "these keys", "help"),
    bind(Scope::Everywhere, Command::Up, &["k", "up"], "up", ""),
    bind(Scope::Everywhere, Command::Down, &["j", "down"], "down", ""),
    bind(Scope::Everywhere, Command::Top, &["g", "home"], "first row", ""),
    bind(Scope::Everywhere, Command::Bottom, &["G", "end"], "last row", ""),
    bind(Scope::Everywhere, Command::PageUp, &["ctrl-b", "pgup"], "page up", ""),
    bind(Scope::Everywhere, Command::PageDown, &["ctrl-f", "pgdn"], "page down", ""),
    bind(Scope::Everywhere, Command::Escape, &["esc"], "back; clears a filter first", ""),
    bind(Scope::Everywhere, Command::Reconnect, &["ctrl-r"], "reconnect now", ""),
    bind(Scope::Everywhere, Command::Quit, &["ctrl-c"], "quit", ""),
    bind(Scope::Text, Command::Enter, &["enter"], "accept", "accept"),
    bind(Scope::Text, Command::Escape, &["esc"], "give up", "cancel"),
    bind(Scope::Text, Command::Complete, &["tab"], "complete", "complete"),
    bind(Scope::Text, Command::Up, &["up", "ctrl-p"], "previous", ""),
    bind(Scope::Text, Command::Down, &["down", "ctrl-n"], "next", ""),
    bind(Scope::Text, Command::Quit, &["ctrl-c"], "quit", ""),
];

/// The keys in force.
#[derive(Debug)]
pub struct Keymap {
    bound: Vec<(Scope, Chord, Command)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let of = |binding: &'static Binding| {
            let chord = |key: &&str| key.parse().ok().map(|chord| (binding.scope, chord, binding.command));
            binding.keys.iter().filter_map(chord)
        };
        Keymap { bound: BINDINGS.iter().flat_map(of).collect() }
    }
}

impl Keymap {
    /// What `chord` asks for in `scope`.
    #[must_use]
    pub fn command(&self, scope: Scope, chord: Chord) -> Option<Command> {
        let holds = |bound: Scope| bound == scope || (bound == Scope::Everywhere && scope != Scope::Text);
        self.bound
            .iter()
            .find(|(bound, key, _)| *key == chord && holds(*bound))
            .map(|(_, _, command)| *command)
    }

    /// The bindings of `scope` and, unless text is typed, those that hold everywhere.
    pub fn bindings(&self, scope: Scope) -> impl Iterator<Item = &'static Binding> {
        let holds =
            move |bound: Scope| bound == scope || (bound == Scope::Everywhere && scope != Scope::Text);
        BINDINGS.iter().filter(move |binding| holds(binding.scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_in_the_table_is_a_key_and_stands_once_where_it_holds() {
        for (at, one) in BINDINGS.iter().enumerate() {
            for key in one.keys {
                let chord: Chord = key.parse().unwrap();
                for other in &BINDINGS[at + 1..] {
                    let meet = one.scope == other.scope
                        || (other.scope == Scope::Everywhere && one.scope != Scope::Text)
                        || (one.scope == Scope::Everywhere && other.scope != Scope::Text);
                    let same = other.keys.iter().any(|key| key.parse() == Ok(chord));
                    assert!(!(meet && same), "{key} is both {:?} and {:?}", one.command, other.command);
                }
            }
        }
    }

    #[test]
    fn text_takes_every_key_but_its_own() {
        let keymap = Keymap::default();
        let q = "q".parse().unwrap();
        assert_eq!(keymap.command(Scope::Table, q), Some(Command::Back));
        assert_eq!(keymap.command(Scope::Text, q), None);
    }
}
