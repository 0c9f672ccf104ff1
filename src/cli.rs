//! The command line.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Print the logs of a pod, a workload, a service, a job or a node, merged in the order of time
    Logs(Box<Logs>),
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
    /// These, and what they leave open as `others` have it: flags may stand before a subcommand or behind it.
    #[must_use]
    pub fn or(&self, others: &Access) -> Access {
        let groups = if self.as_groups.is_empty() { &others.as_groups } else { &self.as_groups };
        Access {
            context: self.context.clone().or_else(|| others.context.clone()),
            kubeconfig: self.kubeconfig.clone().or_else(|| others.kubeconfig.clone()),
            as_user: self.as_user.clone().or_else(|| others.as_user.clone()),
            as_groups: groups.clone(),
        }
    }

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

/// `kw logs`.
#[derive(Debug, Clone, Args)]
pub struct Logs {
    /// A pod's name, or kind/name: pod/, deploy/, rs/, sts/, ds/, job/, svc/, rc/, node/
    #[arg(value_name = "TARGET", required_unless_present = "selector")]
    pub target: Option<String>,

    /// The pods with these labels, instead of a target
    #[arg(short = 'l', long, value_name = "LABELS", conflicts_with = "target")]
    pub selector: Option<String>,

    /// Only the containers of this name; all sorts of containers are meant if none is named
    #[arg(short, long, value_name = "CONTAINER")]
    pub container: Option<String>,

    /// The run before the latest restart
    #[arg(short, long)]
    pub previous: bool,

    /// How far back: 90s, 5m, 1h, 2d, or all
    #[arg(long, value_name = "TIME", default_value = "all")]
    pub since: Back,

    /// Only so many of the last lines of each container
    #[arg(long, value_name = "N", conflicts_with = "since")]
    pub tail: Option<u64>,

    /// Only lines that match this regular expression, whatever the case
    #[arg(long, value_name = "RE")]
    pub grep: Option<String>,

    /// Go on with what is written from now on, and with pods that appear later
    #[arg(short, long, conflicts_with = "previous")]
    pub follow: bool,

    /// Print each line as an object: its time, namespace, pod, container and text
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<Output>,

    /// The namespace of the target
    #[arg(short, long, value_name = "NAMESPACE", conflicts_with = "all_namespaces")]
    pub namespace: Option<String>,

    /// With labels, pods of all namespaces
    #[arg(short = 'A', long, requires = "selector")]
    pub all_namespaces: bool,

    /// Of which cluster.
    #[command(flatten)]
    pub access: Access,
}

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// As far as there is anything.
    All,
    /// So long.
    Time(Duration),
}

impl FromStr for Back {
    type Err = &'static str;

    /// Reads `all`, or a time like `90s`, `5m`, `1h30m`, `2d`.
    fn from_str(text: &str) -> Result<Back, &'static str> {
        const WRONG: &str = "a time like 90s, 5m, 1h or 2d, or all";
        if text == "all" {
            return Ok(Back::All);
        }
        let (mut seconds, mut number) = (0u64, None::<u64>);
        for char in text.chars() {
            let unit = match char {
                '0'..='9' => {
                    let digit = u64::from(char as u8 - b'0');
                    number = Some(number.unwrap_or(0).checked_mul(10).ok_or(WRONG)? + digit);
                    continue;
                }
                's' => 1,
                'm' => 60,
                'h' => 3_600,
                'd' => 86_400,
                _ => return Err(WRONG),
            };
            let more = number.take().and_then(|count| count.checked_mul(unit)).ok_or(WRONG)?;
            seconds = seconds.checked_add(more).ok_or(WRONG)?;
        }
        // The API reads them as a signed number.
        let sensible = number.is_none() && (1..=i64::MAX as u64 / 4).contains(&seconds);
        if sensible { Ok(Back::Time(Duration::from_secs(seconds))) } else { Err(WRONG) }
    }
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// An object of JSON a line.
    Json,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_is_read() {
        let seconds = |text: &str| match text.parse() {
            Ok(Back::Time(time)) => Some(time.as_secs()),
            _ => None,
        };
        assert_eq!([seconds("90s"), seconds("1h30m"), seconds("2d")], [Some(90), Some(5_400), Some(172_800)]);
        assert_eq!("all".parse(), Ok(Back::All));
        for text in ["", "5", "m", "5x", "0s", "18446744073709551615s", "99999999999999999999d"] {
            assert!(text.parse::<Back>().is_err(), "{text}");
        }
    }
}
