//! Texts that leave the screen: into a file, and into a pager.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;

use tokio::sync::{mpsc, oneshot};

use crate::app::{Level, Msg};
use crate::cluster::connect::TerminalRequest;

/// Writes `text` to a new file of this name in the current folder; answers where it is, or what went wrong.
pub(super) async fn save(name: String, text: Vec<u8>, what: String) -> Msg {
    let shown = name.clone();
    let written = tokio::task::spawn_blocking(move || {
        let path = std::path::absolute(&name)?;
        write(&path, &text).map(|()| (path, text.len()))
    });
    match written.await {
        Ok(Ok((path, bytes))) => {
            let text = format!("saved {what} ({bytes} bytes) to {}", path.display());
            Msg::Notice(Level::Info, text)
        }
        Ok(Err(error)) => failed(&shown, &error),
        Err(error) => failed(&shown, &io::Error::other(error)),
    }
}

fn failed(name: &str, error: &io::Error) -> Msg {
    Msg::Notice(Level::Error, format!("{name} is not saved: {error}; nothing of it is lost here"))
}

/// Writes a file that is not there yet, whole or not at all.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    let written = file.write_all(text).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half of it would be taken for all of it.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// Shows `text` in `$PAGER`, or in less, with the terminal; answers what went wrong, if anything did.
pub(super) async fn page(text: Vec<u8>, leases: mpsc::Sender<TerminalRequest>) -> Option<Msg> {
    let pager = std::env::var_os("PAGER").filter(|pager| !pager.is_empty()).unwrap_or_else(|| "less".into());
    let told = pager.to_string_lossy().into_owned();
    match run(pager, &text, &leases).await {
        Ok(()) => None,
        Err(error) => Some(Msg::Notice(Level::Error, format!("$PAGER ({told}) does not run: {error}"))),
    }
}

async fn run(pager: OsString, text: &[u8], leases: &mpsc::Sender<TerminalRequest>) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(text)?;
    let (grant, granted) = oneshot::channel();
    let request =
        TerminalRequest { program: pager.to_string_lossy().into_owned(), reason: String::new(), grant };
    leases.send(request).await.map_err(io::Error::other)?;
    let _lease = granted.await.map_err(io::Error::other)?;
    // The variable may have arguments and quotes in it: a shell reads it, as it does for every other program.
    let mut command = pager;
    command.push(" \"$1\"");
    let status =
        tokio::process::Command::new("sh").arg("-c").arg(command).arg("sh").arg(file.path()).status().await?;
    // 127 is the shell's word for a command that there is not.
    if status.code() == Some(127) { Err(io::Error::other("it is not found")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_not_written_over() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("a.log");
        write(&path, b"one").unwrap();
        assert_eq!(write(&path, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
    }

    #[tokio::test]
    async fn what_cannot_be_saved_is_told_with_the_reason() {
        let answer = save("/nowhere/at/all.log".into(), b"x".to_vec(), "1 line".into()).await;
        let Msg::Notice(Level::Error, text) = answer else { panic!("{answer:?}") };
        assert!(text.starts_with("/nowhere/at/all.log is not saved: No such file"), "{text}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told() {
        let mut full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let error = full.write_all(b"x").unwrap_err();
        let Msg::Notice(_, text) = failed("a.log", &error) else { panic!() };
        assert_eq!(
            text,
            "a.log is not saved: No space left on device (os error 28); nothing of it is lost here"
        );
    }
}
