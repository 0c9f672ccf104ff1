//! New tokens into a kubeconfig, changing nothing else of it.
//!
//! The text is edited, not written anew, so comments, order and the parts that other programs own stay as they are.
//! What comes of the edit is parsed and compared before it replaces the file; an edit that would change anything else
//! is not made.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

use super::oidc::key;

/// The tokens that change.
const TOKENS: [&str; 2] = [key::ID_TOKEN, key::REFRESH_TOKEN];

/// Replaces the tokens `before` of `user` in `file` by those `after`. Blocks.
///
/// # Errors
///
/// Why it was not done, without a secret.
pub(super) fn write(
    file: &Path,
    user: &str,
    before: &HashMap<String, String>,
    after: &HashMap<String, String>,
) -> Result<(), String> {
    // The file behind a link is the one to replace.
    let file = fs::canonicalize(file).map_err(|error| error.kind().to_string())?;
    let _lock = Lock::take(&file)?;
    let text = fs::read_to_string(&file).map_err(|error| error.kind().to_string())?;
    let edited = edit(&text, user, before, after).ok_or("its form is one that is not edited")?;
    replace(&file, &edited).map_err(|error| error.kind().to_string())
}

/// The lock that client-go takes while it changes a kubeconfig: a file beside it.
struct Lock(PathBuf);

impl Lock {
    fn take(file: &Path) -> Result<Lock, String> {
        let mut name = file.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => Ok(Lock(path)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(format!("another program holds {}", path.display()))
            }
            Err(error) => Err(error.kind().to_string()),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// At once or not at all, with the permissions of the one before.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let directory = file.parent().unwrap_or(Path::new("."));
    let draft = directory.join(format!(".kw-{}.tmp", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut opened| {
        opened.write_all(text.as_bytes())?;
        opened.set_permissions(fs::metadata(file)?.permissions())?;
        opened.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&draft, file));
    if done.is_err() {
        let _ = fs::remove_file(&draft);
    }
    done
}

fn edit(
    text: &str,
    user: &str,
    before: &HashMap<String, String>,
    after: &HashMap<String, String>,
) -> Option<String> {
    let mut edited = text.to_owned();
    for token in TOKENS {
        let old = before.get(token).map(String::as_str).unwrap_or_default();
        let new = after.get(token).map(String::as_str).unwrap_or_default();
        if old == new {
            continue;
        }
        edited = match old {
            "" => insert(&edited, token, new, before.get(key::REFRESH_TOKEN)?)?,
            old => edited.replace(old, new),
        };
    }
    let mut expected: Value = serde_yaml::from_str(text).ok()?;
    set(&mut expected, user, before, after)?;
    (serde_yaml::from_str::<Value>(&edited).ok()? == expected).then_some(edited)
}

/// A line for a token that was not there, before the line of the refresh-token.
fn insert(text: &str, name: &str, value: &str, refresh_token: &str) -> Option<String> {
    let line = text.lines().find(|line| {
        let said = line.trim_start().strip_prefix(key::REFRESH_TOKEN).and_then(|rest| rest.strip_prefix(':'));
        said.is_some_and(|said| said.trim().trim_matches(['"', '\'']) == refresh_token)
    })?;
    let indent = &line[..line.len() - line.trim_start().len()];
    let at = line.as_ptr() as usize - text.as_ptr() as usize;
    Some(format!("{}{indent}{name}: {value}\n{}", &text[..at], &text[at..]))
}

/// The same change to the parsed file: for `user`, and for whoever else has the very same token, whose login is the
/// same and would end with it.
fn set(
    root: &mut Value,
    user: &str,
    before: &HashMap<String, String>,
    after: &HashMap<String, String>,
) -> Option<()> {
    let mut found = None;
    for entry in root.get_mut("users")?.as_sequence_mut()? {
        let own = entry.get("name").and_then(Value::as_str) == Some(user) && found.is_none();
        let config = entry.get_mut("user").and_then(|user| user.get_mut("auth-provider"));
        let Some(config) = config.and_then(|provider| provider.get_mut("config")?.as_mapping_mut()) else {
            continue;
        };
        for token in TOKENS {
            let (old, new) = (before.get(token), after.get(token).map_or("", String::as_str));
            let shared =
                old.is_some_and(|old| config.get(token).and_then(Value::as_str) == Some(old.as_str()));
            if (own || shared) && !new.is_empty() {
                config.insert(token.into(), new.into());
            }
        }
        if own {
            found = Some(());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# mine\nusers:\n- name: a\n  user:\n    auth-provider:\n      config:\n        id-token: OLD-ID\n        \
                        refresh-token: OLD-REFRESH # keep\n      name: oidc\n- name: b\n  user: {token: other}\n";

    fn tokens(id: &str, refresh: &str) -> HashMap<String, String> {
        let pairs = [(key::ID_TOKEN, id), (key::REFRESH_TOKEN, refresh)];
        pairs.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    }

    #[test]
    fn only_the_tokens_change() {
        let edited =
            edit(FILE, "a", &tokens("OLD-ID", "OLD-REFRESH"), &tokens("NEW-ID", "NEW-REFRESH")).unwrap();
        assert_eq!(edited, FILE.replace("OLD-", "NEW-"));
    }

    #[test]
    fn a_token_that_was_not_there_gets_a_line() {
        let without = FILE.replace("        id-token: OLD-ID\n", "").replace(" # keep", "");
        let edited =
            edit(&without, "a", &tokens("", "OLD-REFRESH"), &tokens("NEW-ID", "OLD-REFRESH")).unwrap();
        assert!(
            edited.contains("        id-token: NEW-ID\n        refresh-token: OLD-REFRESH\n"),
            "{edited}"
        );
    }

    #[test]
    fn an_edit_that_would_change_something_else_is_not_made() {
        // The old token also stands where it is something else.
        let text = FILE.replace("token: other", "token: OLD-ID");
        assert!(
            edit(&text, "a", &tokens("OLD-ID", "OLD-REFRESH"), &tokens("NEW-ID", "OLD-REFRESH")).is_none()
        );
        assert!(edit(FILE, "nobody", &tokens("OLD-ID", "X"), &tokens("NEW-ID", "X")).is_none());
    }

    #[test]
    fn the_file_is_replaced_whole_and_keeps_its_permissions() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config");
        fs::write(&file, FILE).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        let (before, after) = (tokens("OLD-ID", "OLD-REFRESH"), tokens("NEW-ID", "NEW-REFRESH"));
        fs::write(directory.path().join("config.lock"), "").unwrap();
        assert!(write(&file, "a", &before, &after).unwrap_err().starts_with("another program holds"));
        fs::remove_file(directory.path().join("config.lock")).unwrap();
        write(&file, "a", &before, &after).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), FILE.replace("OLD-", "NEW-"));
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions()) & 0o777,
            0o640
        );
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no lock or draft is left");
    }
}
