//! The `kw` command: all of it is in the library.

use std::process::ExitCode;

use clap::Parser as _;
use kittiwake::{cli::Cli, runtime};

fn main() -> ExitCode {
    match runtime::run(&Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the one place that speaks to a person without a screen")]
            {
                eprintln!("kw: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
