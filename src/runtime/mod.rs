//! The edge: everything that touches the terminal, the network, the clock and signals. It decides nothing: what
//! happens goes into [`App::update`], what comes out of it is done.
//!
//! One thread, one loop. Watches decode on the same thread, in slices small enough that a key never waits for a frame.

mod demo;
mod driver;
mod files;
mod logs;
mod once;
mod pace;
mod signals;
mod terminal;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io::{IsTerminal, Write as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow, bail};
use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt as _;
use rustix::process::{Signal, getpid, kill_process};
use tokio::time::{Instant, sleep_until};

use crate::app::{self, App, Effect, Msg, Start, Tempo};
use crate::cli::{Cli, Command, Show};
use crate::cluster::connect::{Kubeconfig, Lease, Options};
use crate::resources::{self, KINDS, Time};
use crate::ui::{Depth, Theme};
use driver::{Driver, Heard};
use pace::Pace;
use terminal::Terminal;

/// Runs the program as the command line says; answers the exit code.
///
/// # Errors
/// When it cannot begin: no kubeconfig, an unknown context or kind, no terminal.
pub fn run(cli: &Cli) -> Result<u8> {
    match &cli.command {
        None => show(&cli.show, cli.access.options(), Tempo::default(), None),
        Some(Command::Demo(args)) => demo::run(args),
        Some(Command::Logs(args)) => {
            let options = args.access.or(&cli.access).options();
            let kubeconfig = Kubeconfig::load(&options)?;
            kubeconfig.choose(&options)?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let code = runtime.block_on(logs::run(args, &kubeconfig, &options))?;
            runtime.shutdown_timeout(Duration::from_millis(50));
            Ok(code)
        }
    }
}

/// Shows a cluster whose time passes so; `hint` is said first.
fn show(show: &Show, options: Options, tempo: Tempo, hint: Option<String>) -> Result<u8> {
    let kind = resources::find(&show.kind).ok_or_else(|| unknown_kind(&show.kind))?;
    let kubeconfig = Kubeconfig::load(&options)?;
    let context = kubeconfig.choose(&options)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let scope = match (&show.namespace, show.all_namespaces) {
        (Some(name), _) => app::Scope::One(name.clone()),
        (None, true) => app::Scope::All,
        (None, false) => app::Scope::OfContext,
    };
    let code = if show.once {
        runtime.block_on(once::run(kind, scope, &show.filter, tempo, &kubeconfig, &options))?
    } else {
        if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
            bail!("this is not a terminal; kw {} --once prints the table as plain text", show.kind);
        }
        let var = |name| std::env::var(name).ok();
        let depth =
            Depth::of(var("NO_COLOR").as_deref(), var("COLORTERM").as_deref(), var("TERM").as_deref());
        let start = Start {
            kind,
            scope,
            filter: show.filter.clone(),
            context,
            contexts: contexts(&kubeconfig),
            theme: Theme::load(&show.theme, depth).map_err(|error| anyhow!(error))?,
            depth,
            zone: jiff::tz::TimeZone::system(),
            hint,
            tempo,
        };
        let driver = Driver::new(kubeconfig, options);
        runtime.block_on(interactive(start, driver, show.fps))?;
        0
    };
    // A name that is being resolved, or a plugin that does not end, must not hold up the way out.
    runtime.shutdown_timeout(Duration::from_millis(50));
    Ok(code)
}

/// Prints to standard output.
fn print(text: &str) -> Result<u8> {
    match std::io::stdout().write_all(text.as_bytes()) {
        // The reader has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        result => result.map(|()| 0).map_err(Into::into),
    }
}

fn unknown_kind(name: &str) -> anyhow::Error {
    match resources::nearest(name).as_slice() {
        [] => {
            let kinds = KINDS.iter().filter(|kind| kind.listed).map(|kind| kind.plural);
            anyhow!("there is no kind \"{name}\"; there are {}", kinds.collect::<Vec<_>>().join(", "))
        }
        near => anyhow!("there is no kind \"{name}\"; near to it: {}", near.join(", ")),
    }
}

fn contexts(kubeconfig: &Kubeconfig) -> Vec<app::Context> {
    let context = |context: crate::cluster::connect::ContextInfo| app::Context {
        detail: format!("{} · {}", context.server, context.user),
        name: context.name,
        cluster: context.cluster,
    };
    kubeconfig.contexts().into_iter().map(context).collect()
}

/// The time of day.
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(since.as_secs() as i64)
}

/// The instant at which [`now`] begins to be at least `time`.
fn instant_of(time: Time) -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let until = Duration::from_secs(u64::try_from(time.0).unwrap_or(0)).saturating_sub(since);
    // A hair later, so that the clock has turned when we look.
    Instant::now() + until + Duration::from_millis(1)
}

/// Waits for what happens, tells the application, does what it wants, and draws.
async fn interactive(start: Start, mut driver: Driver, fps: u16) -> Result<()> {
    let mut terminal = Terminal::take().context("the terminal cannot be taken over")?;
    let mut signals = signals::Signals::new()?;
    let mut input = EventStream::new();
    // Keys that came before the terminal was lent.
    let mut typed_ahead = VecDeque::new();
    let mut pace = Pace::new(fps);
    let (mut app, effects) = App::new(start, now());
    driver.carry_out(effects);
    while !app.has_quit() {
        let ready = Instant::now();
        let due = pace.due(ready, app.is_calm());
        let dirty = app.is_dirty();
        if dirty && due <= ready {
            let bytes = terminal.draw(&mut app)?;
            pace.drew(ready, bytes);
            continue;
        }
        let wake = if dirty { Some(due) } else { app.next_wake().map(instant_of) };
        let msg = tokio::select! {
            biased;
            event = std::future::ready(typed_ahead.pop_front()), if !typed_ahead.is_empty() => event.and_then(heard),
            event = input.next() => match event {
                Some(event) => heard(event.context("the terminal cannot be read")?),
                // The terminal is gone.
                None => break,
            },
            signal = signals.next() => match signal {
                signals::Signal::Leave => break,
                signals::Signal::Continued => {
                    terminal.reclaim()?;
                    Some(Msg::Redraw)
                }
            },
            heard = driver.next() => match heard {
                Heard::Msg(msg) => Some(msg),
                Heard::LeaseWanted(request) => {
                    // Somebody else is to read the keys now.
                    typed_ahead.extend(stop(input).await);
                    terminal.lend();
                    let (lease, end) = Lease::new();
                    if request.grant.send(lease).is_ok() {
                        end.await;
                    }
                    terminal.reclaim()?;
                    input = EventStream::new();
                    Some(Msg::Redraw)
                }
            },
            () = wait(wake), if wake.is_some() => (!dirty).then_some(Msg::Tick),
            // Last of all, and not before others had their turn.
            () = tokio::task::yield_now(), if app.is_busy() => Some(Msg::Work),
        };
        if let Some(msg) = msg {
            if matches!(msg, Msg::Key(_) | Msg::Paste(_) | Msg::Redraw) {
                pace.hurry();
            }
            let effects = app.update(msg, now());
            if let Some(text) = effects.iter().find_map(copied) {
                terminal.copy(text)?;
            }
            driver.carry_out(effects);
        }
    }
    Ok(())
}

/// Stops reading the terminal; answers what had been typed before.
///
/// The stream reads on a thread of its own, and dropping it only asks that thread to end: until it does, it takes keys
/// that are meant for somebody else. So it is given an event of ours, a change of the size, and when that has come
/// through, the thread has nothing more to wait for.
async fn stop(mut input: EventStream) -> Vec<Event> {
    let mut typed = Vec::new();
    if kill_process(getpid(), Signal::WINCH).is_err() {
        return typed;
    }
    while let Some(Ok(event)) = input.next().await {
        if matches!(event, Event::Resize(..)) {
            break;
        }
        typed.push(event);
    }
    typed
}

/// The text that is to be put into the terminal's clipboard.
fn copied(effect: &Effect) -> Option<&str> {
    match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    }
}

async fn wait(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// What the terminal says, in the application's words.
fn heard(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Msg::Key(key.into())),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(..) => Some(Msg::Redraw),
        _ => None,
    }
}
