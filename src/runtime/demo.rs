//! `kw demo`: starts the embedded cluster and shows it, as any other.

use std::io::{self, Write as _};

use anyhow::{Result, anyhow};
use tokio::signal::unix::{SignalKind, signal};

use super::now;
use crate::app::Tempo;
use crate::cli;
use crate::cluster::connect::Options;
use crate::demo::scenario::{self, BuildOptions, Scenario};
use crate::demo::world::Moment;
use crate::demo::{Demo, DemoOptions};

/// Runs `kw demo` as the command line says; answers the exit code.
///
/// # Errors
/// When there is no such scenario, or the port is in use.
pub(super) fn run(args: &cli::Demo) -> Result<u8> {
    if args.list {
        return list();
    }
    let scenario = scenario::find(&args.scenario).ok_or_else(|| unknown(&args.scenario))?;
    let start = now();
    let options = BuildOptions {
        pods: args.pods.map(|pods| pods as usize),
        seed: args.seed,
        now: Moment(start.0 * 1_000),
    };
    let build = move || scenario::build(scenario, &options);
    let demo = Demo::start(build, DemoOptions { speed: args.speed, port: args.port })?;
    if args.serve {
        return serve(&demo);
    }
    let mut show = args.show.clone();
    // Who looks around for the first time should see all there is.
    show.all_namespaces |= show.namespace.is_none();
    let options = Options { kubeconfig: Some(demo.kubeconfig_path()), ..cli::Access::default().options() };
    super::show(&show, options, Tempo::new(start, args.speed), Some(scenario.look_for.to_owned()))
}

/// The scenarios, a line each: the name, and what to look for.
fn list() -> Result<u8> {
    let widest = scenario::all().iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    let line = |scenario: &Scenario| format!("{:widest$}  {}\n", scenario.name, scenario.look_for);
    let lines: String = scenario::all().iter().map(line).collect();
    super::print(&lines)
}

fn unknown(name: &str) -> anyhow::Error {
    let near =
        scenario::nearest(name).map_or_else(String::new, |near| format!("; near to it: {}", near.name));
    anyhow!("there is no scenario \"{name}\"{near}; kw demo --list shows all")
}

/// Serves other tools until somebody ends it.
fn serve(demo: &Demo) -> Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut ends = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
            .into_iter()
            .map(signal)
            .collect::<io::Result<Vec<_>>>()?;
        super::print(demo.kubeconfig_text())?;
        io::stdout().flush()?;
        let waits = ends.iter_mut().map(|end| Box::pin(end.recv()));
        futures_util::future::select_all(waits).await;
        Ok(0)
    })
}
