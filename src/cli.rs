//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::cluster::connect::{Environment, Limits, Options};
use crate::ui::Theme;

/// A terminal interface for Kubernetes
///
/// Shows live tables of what a cluster does. Press ? for the keys.
#[derive(Debug, Clone, Parser)]
#[command(name = "kw", version, max_term_width = 100)]
pub struct Cli {
    /// What to show, and how.
    #[command(flatten)]
    pub show: Show,

    /// Of which cluster.
    #[command(flatten)]
    pub access: Access,

    /// Something else than a table of that cluster.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be done besides showing a cluster.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Show a simulated cluster that runs inside this program: nothing else is needed
    Demo(Box<Demo>),
}

/// What to show, and how.
#[derive(Debug, Clone, Args)]
pub struct Show {
    /// What to show: a plural, singular or short name, or kind.group
    #[arg(default_value = "pods")]
    pub kind: String,

    /// Show the objects of this namespace
    #[arg(short, long, value_name = "NAMESPACE", conflicts_with = "all_namespaces")]
    pub namespace: Option<String>,

    /// Show the objects of all namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,

    /// Show only what matches: words, !words, /regex/
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub filter: String,

    /// Print the table once as plain text and exit: 0 if it is complete, 1 if it could not be had
    #[arg(long)]
    pub once: bool,

    /// Colours
    #[arg(long, value_name = "NAME", default_value = "terminal", value_parser = theme)]
    pub theme: String,

    /// Frames a second at most; a key is answered sooner
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=240))]
    pub fps: u16,
}

/// Which cluster, and as whom.
#[derive(Debug, Clone, Default, Args)]
pub struct Access {
    /// The context of the kubeconfig to use
    #[arg(long, value_name = "CONTEXT")]
    pub context: Option<String>,

    /// The kubeconfig to use, instead of $KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,

    /// The user to act as
    #[arg(long = "as", value_name = "USER")]
    pub as_user: Option<String>,

    /// A group to act as, with --as; can be given several times
    #[arg(long = "as-group", value_name = "GROUP", requires = "as_user")]
    pub as_groups: Vec<String>,
}

impl Access {
    /// How to connect, with what the environment adds.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            as_user: self.as_user.clone(),
            as_groups: self.as_groups.clone(),
            environment: Environment::capture(),
            limits: Limits::default(),
        }
    }
}

/// `kw demo`.
#[derive(Debug, Clone, Args)]
pub struct Demo {
    /// What to show, and how.
    #[command(flatten)]
    pub show: Show,

    /// The story that unfolds
    #[arg(long, value_name = "NAME", default_value = "calm")]
    pub scenario: String,

    /// About how many pods there are, instead of the scenario's own number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub pods: Option<u32>,

    /// What everything that comes by chance depends on
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// How many times faster than ours its time passes
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,

    /// List the scenarios, with what to look for in each
    #[arg(long)]
    pub list: bool,

    /// Only serve, and print a kubeconfig for use with other tools; ends with ctrl-c
    #[arg(long, conflicts_with_all = ["once", "list"])]
    pub serve: bool,

    /// The port to serve on, on 127.0.0.1; any that is free if none is named
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
}

fn theme(name: &str) -> Result<String, String> {
    if Theme::names().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    Err(format!("there are {}", Theme::names().collect::<Vec<_>>().join(", ")))
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if (0.0..=1_000.0).contains(&speed) => Ok(speed),
        _ => Err("a number from 0, which stops time, to 1000".to_owned()),
    }
}
