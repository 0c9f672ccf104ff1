//! Credential plugins: a program that prints who we are.
//!
//! The protocol is `client.authentication.k8s.io` (v1 and v1beta1). A plugin runs without a terminal, in a process
//! group of its own, its output captured and bounded; only one that needs a person gets the terminal, and only when
//! the runtime lends it (see [`super::terminal`]).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kube::config::{ExecConfig, ExecInteractiveMode as Mode};

use super::TerminalRequests;
use super::credentials;
use super::exec_answer::{self, Answered};
use super::exec_info::Info;
use super::exec_run::{Ended, Launch};
use super::issuer::Issued;
use super::kubeconfig::Target;
use super::terminal::{Lease, TerminalRequest};
use crate::cluster::error::text::{last_line, one_line};
use crate::cluster::{Class, Error};

/// A plugin of one user, for one cluster.
pub(super) struct Plugin {
    launch: Launch,
    info: Info,
    mode: Mode,
    hint: String,
    limit: Duration,
    terminal: TerminalRequests,
    /// Why the terminal was not had, or to no avail. Until someone asks for it, we do not ask again.
    in_vain: Mutex<Option<Error>>,
}

impl Plugin {
    /// The plugin that `exec` of the target's user describes.
    ///
    /// # Errors
    ///
    /// [`Class::Config`] when it names no command or a protocol that is not spoken any more.
    pub(super) fn new(
        target: &Target,
        exec: &ExecConfig,
        limit: Duration,
        terminal: TerminalRequests,
    ) -> Result<Plugin, Error> {
        let user = credentials::named(target);
        let command = exec.command.clone().filter(|command| !command.is_empty());
        let command = command.ok_or_else(|| {
            Error::new(Class::Config, format!("exec of {user} in the kubeconfig names no command"))
        })?;
        let mut variables = Vec::new();
        for entry in exec.env.iter().flatten() {
            match (entry.get("name").filter(|name| !name.is_empty()), entry.get("value")) {
                (Some(name), value) => variables.push((name.clone(), value.cloned().unwrap_or_default())),
                (None, _) => {
                    let message = format!("exec of {user} in the kubeconfig has a variable without a name");
                    return Err(Error::new(Class::Config, message));
                }
            }
        }
        let info = Info::new(target, exec)?;
        Ok(Plugin {
            launch: Launch { command, args: exec.args.clone().unwrap_or_default(), variables },
            info,
            mode: exec.interactive_mode.clone().unwrap_or(Mode::IfAvailable),
            hint: exec.install_hint.as_deref().map(|hint| one_line(hint, 300)).unwrap_or_default(),
            limit,
            terminal,
            in_vain: Mutex::new(None),
        })
    }

    /// Runs it, with a person when it takes one.
    pub(super) async fn issue(&self) -> Result<Issued, Error> {
        let issued = match self.mode {
            Mode::Always => self.issue_with_person("").await,
            Mode::Never => self.issue_alone().await.map_err(|failure| failure.error),
            Mode::IfAvailable => match self.issue_alone().await {
                Err(Failure { error, said: Some(said) }) if self.may_ask() => {
                    self.issue_with_person(&said).await.or(Err(error))
                }
                other => other.map_err(|failure| failure.error),
            },
        };
        if issued.is_ok() {
            self.forget();
        }
        issued
    }

    /// Lets it ask for the terminal again.
    pub(super) fn forget(&self) {
        *self.in_vain.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn may_ask(&self) -> bool {
        self.in_vain().is_none() && !self.terminal.is_closed()
    }

    fn in_vain(&self) -> Option<Error> {
        self.in_vain.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn issue_alone(&self) -> Result<Issued, Failure> {
        let info = self.info.encode(false).await?;
        let ended = match tokio::time::timeout(self.limit, self.launch.alone(&info)).await {
            Ok(ended) => ended.map_err(|error| self.not_started(&error))?,
            Err(_) => return Err(self.too_slow().into()),
        };
        self.accept(&ended)
    }

    async fn issue_with_person(&self, reason: &str) -> Result<Issued, Error> {
        if let Some(error) = self.in_vain() {
            return Err(error);
        }
        let issued = match self.lease(reason).await {
            Some(lease) => self.run_on_terminal(lease).await,
            None => Err(Error::new(
                Class::Credentials,
                format!("{} needs a terminal, and there is none", self.name()),
            )
            .advise("run kubectl with this context once, so that it can ask you, then try again")),
        };
        if let Err(error) = &issued {
            *self.in_vain.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
        }
        issued
    }

    async fn run_on_terminal(&self, lease: Lease) -> Result<Issued, Error> {
        let info = self.info.encode(true).await?;
        let ended = self.launch.on_terminal(&info).await;
        drop(lease);
        let ended = ended.map_err(|error| self.not_started(&error))?;
        self.accept(&ended).map_err(|failure| failure.error)
    }

    async fn lease(&self, reason: &str) -> Option<Lease> {
        let (grant, granted) = tokio::sync::oneshot::channel();
        let program = one_line(&self.launch.command, 200);
        let request = TerminalRequest { program, reason: reason.to_owned(), grant };
        self.terminal.send(request).await.ok()?;
        granted.await.ok()
    }

    fn accept(&self, ended: &Ended) -> Result<Issued, Failure> {
        let name = self.name();
        if !ended.status.success() {
            return Err(self.failed(ended));
        }
        if ended.overflow {
            let message = format!("{name} printed too much to be an answer");
            return Err(Error::new(Class::Credentials, message).advise(LOOK).into());
        }
        match exec_answer::decode(&ended.stdout, &self.info.api_version) {
            Ok(Answered { proof, expires }) => Ok(Issued { proof, expires }),
            Err(error) => {
                let message = format!("{name} {}", error.message);
                let advice = if error.advice.is_empty() { LOOK.to_owned() } else { error.advice };
                Err(Error { message, advice, ..error }.into())
            }
        }
    }

    fn failed(&self, ended: &Ended) -> Failure {
        let said = last_line(&ended.stderr);
        let how = match ended.status.code() {
            Some(code) => format!("exit status {code}"),
            None => "killed".to_owned(),
        };
        let mut message = format!("{} failed ({how})", self.name());
        if !said.is_empty() {
            message = format!("{message}: {said}");
        }
        let error = Error::new(Class::Credentials, message).advise("log in with it, then try again");
        Failure { error, said: Some(said) }
    }

    fn not_started(&self, error: &std::io::Error) -> Error {
        let name = self.name();
        let fail = |message: String| Error::new(Class::Credentials, message);
        match error.kind() {
            std::io::ErrorKind::NotFound if self.launch.exists() => fail(format!(
                "{name} cannot be run: the interpreter that its first line names does not exist"
            ))
            .advise("install that, or mend the line"),
            std::io::ErrorKind::NotFound => {
                fail(format!("{name} is not installed")).advise(match self.hint.as_str() {
                    "" => "install it, and see that PATH leads to it",
                    hint => hint,
                })
            }
            std::io::ErrorKind::PermissionDenied => {
                fail(format!("{name} cannot be run: permission denied")).advise("is it executable?")
            }
            _ => fail(one_line(&format!("{name} cannot be run: {error}"), 300))
                .advise("is it a program for this machine?"),
        }
    }

    fn too_slow(&self) -> Error {
        let limit = super::connector::seconds(self.limit);
        Error::new(
            Class::Credentials,
            format!("{} did not answer within {limit} and was stopped", self.name()),
        )
        .advise("run it by hand to see what it waits for")
    }

    fn name(&self) -> String {
        format!("credential plugin \"{}\"", one_line(&self.launch.command, 200))
    }
}

/// What to do about an answer that is none.
const LOOK: &str = "run it by hand to see what it prints";

/// What kept a plugin from answering, and what it said when it ended itself: then a person may help.
struct Failure {
    error: Error,
    said: Option<String>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { error, said: None }
    }
}
