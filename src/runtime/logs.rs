//! `kw logs TARGET`: the merged log of a target as text, for terminals and pipes.
//!
//! Lines go to standard output, words about sources to standard error. On a terminal sources have colours, and nothing
//! that a container writes but its own colours reaches the terminal; to a pipe lines go as they are.

use std::io::{self, IsTerminal as _, Write};

use anyhow::{Result, anyhow};
use tokio::sync::mpsc;

use crate::cli::{self, Output};
use crate::cluster::connect::{self, Kubeconfig, Options};
use crate::cluster::logs::{
    self, Containers, Line, LineRef, LogBatch, LogEvent, LogFeed, LogId, LogRequest, LogTuning, Notice,
    Query, Since, Source, SourceEntry, SourceId, SourceState, Target, parse,
};
use crate::cluster::{Class, Error, Link};

/// Batches that may wait for the one who reads the output.
const BATCHES: usize = 4;

/// Prints the log; 0 if all of it could be read, and there is anything to read.
pub(super) async fn run(args: &cli::Logs, kubeconfig: &Kubeconfig, options: &Options) -> Result<u8> {
    let query = Query::of_pattern(args.grep.as_deref().unwrap_or_default())
        .map_err(|error| anyhow!("--grep: {error}"))?;
    let target = target(args)?;
    // Nobody lends a terminal here: a plugin that needs a person says so.
    let (leases, _) = mpsc::channel(1);
    let connection = connect::connect(kubeconfig, options, leases).await?;
    let namespace = args.namespace.as_deref().or(connection.namespace.as_deref()).unwrap_or("default");
    let asked = args.namespace.is_some();
    let pods = target.pods(&connection.client, namespace, args.all_namespaces, asked).await?;
    let request = LogRequest {
        pods: vec![pods],
        containers: args.container.as_deref().map_or(Containers::All, |name| Containers::Named(name.into())),
        since: match (args.tail, args.since) {
            (Some(lines), _) => Since::Tail(lines),
            (None, cli::Back::Time(time)) => Since::Ago(time),
            (None, cli::Back::All) => Since::All,
        },
        previous: args.previous,
        follow: args.follow,
    };
    let one = matches!(target, Target::Pod(_));
    let alone = one && args.container.is_some();
    let (sender, mut batches) = mpsc::channel(BATCHES);
    let tuning = LogTuning::default();
    let _log = logs::open(connection.client, LogId(0), request, LogFeed::new(sender), tuning);
    let mut printer = Printer::new(args, query, one, alone);
    while let Some(batch) = batches.recv().await {
        match printer.take(batch) {
            Ok(Flow::On) => {}
            Ok(Flow::End) => break,
            // The reader has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(0),
            Err(error) => return Err(error.into()),
        }
    }
    printer.result(&target, namespace)
}

fn target(args: &cli::Logs) -> Result<Target, Error> {
    match (&args.target, &args.selector) {
        (Some(text), _) => Target::parse(text),
        (None, Some(labels)) => Ok(Target::Labels(labels.clone())),
        (None, None) => Err(Error::new(Class::Config, "no target")),
    }
}

/// Whether there is more to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    End,
}

/// Writes lines as they are wanted.
struct Printer {
    query: Query,
    json: bool,
    /// Whether standard output is a terminal that has colours, or one at all.
    colours: bool,
    terminal: bool,
    follow: bool,
    previous: bool,
    /// Whether the target is one pod, and one container of it.
    one: bool,
    alone: bool,
    sources: Vec<SourceEntry>,
    /// How wide the column of sources is.
    width: usize,
    failure: Option<Error>,
    found: Option<usize>,
    refused: bool,
    out: Vec<u8>,
}

impl Printer {
    fn new(args: &cli::Logs, query: Query, one: bool, alone: bool) -> Printer {
        let terminal = io::stdout().is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Printer {
            query,
            json: args.output == Some(Output::Json),
            colours: terminal && !no_color,
            terminal,
            follow: args.follow,
            previous: args.previous,
            one,
            alone,
            sources: Vec::new(),
            width: 0,
            failure: None,
            found: None,
            refused: false,
            out: Vec::new(),
        }
    }

    fn take(&mut self, batch: LogBatch) -> io::Result<Flow> {
        let mut flow = Flow::On;
        for event in batch.events {
            match event {
                LogEvent::Source(_, source) => {
                    self.width = self.width.max(source.to_string().len()).min(60);
                    self.sources.push(SourceEntry { source, state: SourceState::Opening, lines: 0 });
                }
                LogEvent::Lines(lines) => lines.iter().for_each(|line| self.line(line)),
                LogEvent::Notice(id, notice) => {
                    self.flush()?;
                    self.notice(id, &notice)?;
                }
                LogEvent::Found(count) => self.found = Some(count),
                // Who has seen nothing yet need not wait for a server that may come back.
                LogEvent::Pods(Link::Refused(error)) => flow = self.fail(&error),
                LogEvent::Pods(Link::Interrupted { error, .. }) if self.found.is_none() => {
                    flow = self.fail(&error);
                }
                LogEvent::Pods(Link::Interrupted { error, .. }) => word(&error.to_string())?,
                LogEvent::Pods(_) | LogEvent::Earlier { .. } => {}
                LogEvent::End => flow = Flow::End,
            }
        }
        self.flush()?;
        let nothing = self.found == Some(0);
        Ok(if nothing && !self.follow { Flow::End } else { flow })
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(&self.out)?;
        self.out.clear();
        stdout.flush()
    }

    fn line(&mut self, line: LineRef<'_>) {
        if !self.query.is_empty() {
            let (level, text) = (parse::level(line.text), line.text);
            let line = Line { number: 0, source: line.source, at: line.at, level, notice: false, text };
            if !self.query.matches(&line, &self.sources) {
                return;
            }
        }
        let Some(entry) = self.sources.get(line.source.0 as usize) else { return };
        if self.json {
            json(&entry.source, line, &mut self.out);
        } else {
            if !self.alone && (!self.one || entry.source.one_of_many) {
                prefix(&entry.source, line.source, self.width, (self.terminal, self.colours), &mut self.out);
            }
            if self.terminal {
                harmless(line.text, self.colours, &mut self.out);
            } else {
                self.out.extend_from_slice(line.text);
            }
        }
        self.out.push(b'\n');
    }

    /// It is over, for this reason.
    fn fail(&mut self, error: &Error) -> Flow {
        self.failure = Some(error.clone());
        Flow::End
    }

    /// Says what a person should know beside the lines, unless it was the last that was said of the source.
    fn notice(&mut self, id: SourceId, notice: &Notice) -> io::Result<()> {
        if let (Notice::State(state), Some(entry)) = (notice, self.sources.get_mut(id.0 as usize))
            && state.adds_nothing_to(&std::mem::replace(&mut entry.state, state.clone()))
        {
            return Ok(());
        }
        let refused = matches!(notice, Notice::State(SourceState::Refused(_)));
        self.refused |= refused || matches!(notice, Notice::Gap { .. });
        let interrupted = matches!(notice, Notice::State(SourceState::Interrupted { .. }));
        if !(interrupted || notice.is_lasting()) {
            return Ok(());
        }
        match self.sources.get(id.0 as usize) {
            // An error says itself what it is about.
            Some(entry) if !(refused || interrupted) => word(&format!("{}: {notice}", entry.source)),
            _ => word(&notice.to_string()),
        }
    }

    /// What comes of it all.
    fn result(self, target: &Target, namespace: &str) -> Result<u8> {
        if let Some(error) = self.failure {
            // The advice on screen is a key.
            let forbidden = error.class == Class::Forbidden;
            let advice = "ask for the \"list\" verb on pods, or name a namespace that you may read with -n";
            return Err(if forbidden { error.advise(advice) } else { error }.into());
        }
        if self.sources.is_empty() && !self.refused {
            let place =
                if matches!(target, Target::Node(_)) { String::new() } else { format!(" in {namespace}") };
            let what = if self.previous { "no container has run before" } else { "there are no logs" };
            return Err(anyhow!("{what}: {}{place}", target.describe()));
        }
        let waits = |entry: &SourceEntry| matches!(entry.state, SourceState::Waiting(_));
        Ok(u8::from(self.refused || self.sources.iter().all(waits)))
    }
}

/// Says something beside the lines.
fn word(text: &str) -> io::Result<()> {
    writeln!(io::stderr(), "kw: {text}")
}

/// Writes whose line it is: in a column on a terminal, before one space elsewhere.
fn prefix(source: &Source, id: SourceId, width: usize, (terminal, colours): (bool, bool), out: &mut Vec<u8>) {
    let name = source.to_string();
    if !terminal {
        out.extend_from_slice(name.as_bytes());
        out.push(b' ');
        return;
    }
    // Six colours that can be read on dark and on light, then the same ones bright.
    let colour = [36, 33, 32, 35, 34, 31, 96, 93, 92, 95, 94, 91][id.0 as usize % 12];
    let padded = format!("{name:width$}");
    let _ = if colours { write!(out, "\x1b[{colour}m{padded}\x1b[0m ") } else { write!(out, "{padded} ") };
}

/// Writes a line as an object of JSON.
fn json(source: &Source, line: LineRef<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"time\":\"");
    line.at.write(out);
    out.push(b'"');
    let text = String::from_utf8_lossy(line.text);
    for (key, value) in [
        ("namespace", &*source.namespace),
        ("pod", &*source.pod),
        ("container", &*source.container),
        ("line", &*text),
    ] {
        let _ = write!(out, ",\"{key}\":");
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut *out, value);
    }
    out.push(b'}');
}

/// Writes a line so that it can do nothing to a terminal but, with `colours`, colour itself.
fn harmless(text: &[u8], colours: bool, out: &mut Vec<u8>) {
    if text.is_ascii() && !text.iter().any(u8::is_ascii_control) {
        return out.extend_from_slice(text);
    }
    let text = String::from_utf8_lossy(text);
    let mut coloured = false;
    let mut rest = text.trim_end_matches('\r');
    while let Some(at) = rest.find(|char: char| char.is_control() && char != '\t') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        if let Some(length) = colour(rest) {
            if colours {
                out.extend_from_slice(&rest.as_bytes()[..length]);
                coloured = true;
            }
            rest = &rest[length..];
        } else {
            out.extend_from_slice("·".as_bytes());
            rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
        }
    }
    out.extend_from_slice(rest.as_bytes());
    if coloured {
        out.extend_from_slice(b"\x1b[0m");
    }
}

/// How long the sequence is that `text` begins with, if it sets colours: `ESC [ 1 ; 31 m`.
fn colour(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\x1b[")?;
    let end = parameters.find(|char: char| !char.is_ascii_digit() && !matches!(char, ';' | ':'))?;
    parameters[end..].starts_with('m').then_some(end + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_colours_reaches_a_terminal() {
        let shown = |text: &str, colours| {
            let mut out = Vec::new();
            harmless(text.as_bytes(), colours, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(shown("plain é", true), "plain é");
        assert_eq!(shown("a\tb\r", true), "a\tb");
        assert_eq!(
            shown("\x1b[1;31mred\x1b[0m\x1b]0;title\x07", true),
            "\x1b[1;31mred\x1b[0m·]0;title·\x1b[0m"
        );
        assert_eq!(shown("\x1b[31mred\x1b[2J\u{9b}m", false), "red·[2J·m");
        assert_eq!(shown("50%\rover", true), "50%·over");
    }
}
