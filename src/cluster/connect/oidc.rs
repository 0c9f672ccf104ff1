//! The `oidc` auth-provider of a kubeconfig: an id-token, and a refresh-token to get the next.
//!
//! client-go still speaks it, so we do. New tokens are written back to the kubeconfig (see
//! `docs/decisions/005-oidc-write-back.md`): many issuers accept a refresh-token once, and whoever keeps the next one
//! to themselves logs kubectl out.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jiff::Timestamp;
use serde::Deserialize;

use super::credentials::{self, Proof, bearer};
use super::issuer::Issued;
use super::kubeconfig::{Kubeconfig, Target};
use super::oidc_client::{Client, Login, Tokens};
use super::{Options, oidc_write};
use crate::cluster::{Class, Error};

/// The keys of the provider's part of a kubeconfig.
pub(super) mod key {
    pub(in super::super) const ISSUER: &str = "idp-issuer-url";
    pub(in super::super) const CLIENT: &str = "client-id";
    pub(in super::super) const SECRET: &str = "client-secret";
    pub(in super::super) const AUTHORITY: &str = "idp-certificate-authority";
    pub(in super::super) const AUTHORITY_DATA: &str = "idp-certificate-authority-data";
    pub(in super::super) const ID_TOKEN: &str = "id-token";
    pub(in super::super) const REFRESH_TOKEN: &str = "refresh-token";
}

/// An id-token is renewed this long before its end, as client-go does.
const MARGIN_SECONDS: i64 = 10;

/// The provider of one user.
pub(super) struct Provider {
    /// The user's name in the kubeconfig.
    user: String,
    file: Option<PathBuf>,
    client: Client,
    state: Mutex<State>,
}

struct State {
    config: HashMap<String, String>,
    /// What the file said when it was read or written last.
    on_disk: HashMap<String, String>,
    /// An id-token that the server refused: not to be used again, whatever its end says.
    dismissed: Option<String>,
    /// The one used last.
    used: Option<String>,
    warnings: Vec<String>,
}

impl Provider {
    /// The provider that the target's user configures.
    ///
    /// # Errors
    ///
    /// [`Class::Config`] when it names no issuer or client.
    pub(super) fn new(
        target: &Target,
        config: &HashMap<String, String>,
        options: &Options,
    ) -> Result<Provider, Error> {
        let user = credentials::named(target);
        for required in [key::ISSUER, key::CLIENT] {
            if config.get(required).is_none_or(String::is_empty) {
                let message = format!("the oidc provider of {user} in the kubeconfig has no {required}");
                return Err(Error::new(Class::Config, message));
            }
        }
        let client = Client::new(config, options)?;
        let state = State {
            config: config.clone(),
            on_disk: config.clone(),
            dismissed: None,
            used: None,
            warnings: Vec::new(),
        };
        let (user, file) = (target.user_name.clone(), target.user_file.clone());
        Ok(Provider { user, file, client, state: Mutex::new(state) })
    }

    /// The id-token that is there, when it is still good; else a new one.
    pub(super) async fn issue(&self) -> Result<Issued, Error> {
        self.reread().await;
        let config = {
            let mut state = self.state();
            // Asked again although the last is not over: the server refused it.
            if let Some(used) = state.used.take()
                && valid_until(&used).is_some()
            {
                state.dismissed = Some(used);
            }
            if let Some(token) = state.config.get(key::ID_TOKEN).cloned()
                && state.dismissed.as_ref() != Some(&token)
                && let Some(end) = valid_until(&token)
            {
                state.used = Some(token.clone());
                return issued(&token, Some(end));
            }
            state.config.clone()
        };
        let said = |name: &str| config.get(name).cloned().unwrap_or_default();
        let login = Login {
            issuer: said(key::ISSUER),
            client: said(key::CLIENT),
            secret: said(key::SECRET).into(),
            refresh_token: said(key::REFRESH_TOKEN).into(),
        };
        let tokens = self.client.refresh(&login).await?;
        let end = expiry(&tokens.id_token);
        let issued = issued(&tokens.id_token, end)?;
        self.keep(tokens).await;
        Ok(issued)
    }

    pub(super) fn forget(&self) {
        let mut state = self.state();
        (state.used, state.dismissed) = (None, None);
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        self.state().warnings.clone()
    }

    /// Another program may have renewed the tokens since: its are the newer.
    async fn reread(&self) {
        let Some(file) = self.file.clone() else { return };
        let user = self.user.clone();
        let read = tokio::task::spawn_blocking(move || Kubeconfig::provider_config(&file, &user)).await;
        if let Ok(Some(config)) = read {
            let mut state = self.state();
            if config != state.on_disk {
                state.on_disk.clone_from(&config);
                state.config = config;
            }
        }
    }

    /// Keeps new tokens, here and in the kubeconfig. A file that cannot be written keeps nobody from working.
    async fn keep(&self, tokens: Tokens) {
        let (before, after) = {
            let mut state = self.state();
            state.used = Some(tokens.id_token.clone());
            state.config.insert(key::ID_TOKEN.to_owned(), tokens.id_token);
            if let Some(next) = tokens.refresh_token.filter(|next| !next.is_empty()) {
                state.config.insert(key::REFRESH_TOKEN.to_owned(), next);
            }
            (state.on_disk.clone(), state.config.clone())
        };
        let Some(file) = self.file.clone() else { return };
        let (user, new) = (self.user.clone(), after.clone());
        let write = move || oidc_write::write(&file, &user, &before, &new);
        let written =
            tokio::task::spawn_blocking(write).await.unwrap_or_else(|_| Err("interrupted".to_owned()));
        let mut state = self.state();
        match written {
            Ok(()) => {
                state.on_disk = after;
                state.warnings.clear();
            }
            Err(why) => state.warnings = vec![warning(&why)],
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn warning(why: &str) -> String {
    let start = "the new tokens could not be written to the kubeconfig; kubectl may ask you to log in:";
    format!("{start} {why}")
}

fn issued(token: &str, end: Option<Timestamp>) -> Result<Issued, Error> {
    Ok(Issued { proof: Proof { header: Some(bearer(token)?), identity: None }, expires: end })
}

/// The end of a token that is not over yet; a token that says nothing about its end is over.
fn valid_until(token: &str) -> Option<Timestamp> {
    let end = expiry(token)?;
    (Timestamp::now().as_second() + MARGIN_SECONDS < end.as_second()).then_some(end)
}

/// The `exp` claim. The signature is the server's business.
fn expiry(token: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }
    let payload = token.split('.').nth(1)?;
    let claims: Claims =
        serde_json::from_slice(&BASE64URL.decode(payload.trim_end_matches('=')).ok()?).ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "seconds; the fraction does not matter")]
    Timestamp::from_second(claims.exp as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(exp: &str) -> String {
        format!("h.{}.s", BASE64URL.encode(format!(r#"{{"exp":{exp}}}"#)))
    }

    #[test]
    fn the_end_of_a_token_is_read_whole_or_fractional() {
        assert_eq!(expiry(&token("1900000000")).unwrap().as_second(), 1_900_000_000);
        assert_eq!(expiry(&token("1.9e9")).unwrap().as_second(), 1_900_000_000);
        assert!(expiry("nonsense").is_none());
        assert!(expiry("a.b.c").is_none());
        assert!(valid_until(&token("1000")).is_none());
    }
}
