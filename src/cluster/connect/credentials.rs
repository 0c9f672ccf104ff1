//! What proves who we are: which of the ways in a kubeconfig's user applies, and what it amounts to now.
//!
//! The order of precedence is client-go's: a token (its file before the one in place), basic authentication, then
//! the plugin or provider; a client certificate goes beside the first two and keeps a plugin from being run.

use std::sync::Arc;

use http::HeaderValue;
use jiff::Timestamp;
use kube::config::{AuthInfo, AuthProviderConfig};
use secrecy::ExposeSecret;

use super::exec::Plugin;
use super::files::Files;
use super::issuer::{Issuer, Maker};
use super::kubeconfig::Target;
use super::oidc::Provider;
use super::tls::Identity;
use super::{Options, TerminalRequests};
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// What goes with a request to prove who asks.
pub(super) struct Proof {
    /// The value of `Authorization`, marked as sensitive.
    pub(super) header: Option<HeaderValue>,
    /// The client certificate.
    pub(super) identity: Option<Arc<Identity>>,
}

impl Proof {
    pub(super) const NOTHING: Proof = Proof { header: None, identity: None };

    /// Why this proof cannot be accepted: its only part is a certificate that has expired.
    pub(super) fn expired(&self) -> Option<Error> {
        let end = self.identity.as_ref()?.not_after?;
        if self.header.is_some() || Timestamp::now() < end {
            return None;
        }
        let message = format!("the client certificate expired on {}", end.strftime("%Y-%m-%d"));
        Some(
            Error::new(Class::Credentials, message).advise("renew it: get a new kubeconfig for this cluster"),
        )
    }

    /// Whether the server cannot tell them apart.
    pub(super) fn same(&self, other: &Proof) -> bool {
        let identities = match (&self.identity, &other.identity) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one.same(other),
            (None, None) => true,
            _ => false,
        };
        identities && self.header == other.header
    }
}

/// The credentials of one user, kept fresh.
pub(super) struct Credentials(Source);

enum Source {
    Nobody(Arc<Proof>),
    Files(Files),
    Issuer(Issuer),
}

impl Credentials {
    /// Nobody: for servers that must not see credentials.
    pub(super) fn none() -> Credentials {
        Credentials(Source::Nobody(Arc::new(Proof::NOTHING)))
    }

    /// The credentials of the target's user.
    ///
    /// # Errors
    ///
    /// [`Class::Config`] when the user says contradictory things, or names a way that no longer exists.
    pub(super) fn new(
        target: &Target,
        options: &Options,
        terminal: TerminalRequests,
    ) -> Result<Credentials, Error> {
        let user = &target.user;
        if user.exec.is_some() && user.auth_provider.is_some() {
            let message = format!("{} has both exec and auth-provider", named(target));
            return Err(Error::new(Class::Config, message).advise("remove one of them from the kubeconfig"));
        }
        let at_rest =
            token(user).is_some() || token_file(user).is_some() || has_login(user) || has_certificate(user);
        let maker = match (&user.exec, &user.auth_provider) {
            (Some(exec), _) if !at_rest => {
                Maker::Plugin(Plugin::new(target, exec, options.limits.plugin, terminal)?)
            }
            (_, Some(provider)) if !at_rest => maker_of(target, provider, options)?,
            _ => return Ok(Credentials(Source::Files(Files::new(target)?))),
        };
        Ok(Credentials(Source::Issuer(Issuer::new(maker))))
    }

    /// What to send now.
    pub(super) async fn current(&self) -> Result<Arc<Proof>, Error> {
        match &self.0 {
            Source::Nobody(nothing) => Ok(Arc::clone(nothing)),
            Source::Files(files) => files.current().await,
            Source::Issuer(issuer) => issuer.current().await,
        }
    }

    /// What to send instead of `refused`, which the server answered with 401: something else, or `None` when there
    /// is nothing else.
    pub(super) async fn renew(&self, refused: &Arc<Proof>) -> Result<Option<Arc<Proof>>, Error> {
        match &self.0 {
            Source::Nobody(_) => Ok(None),
            Source::Files(files) => files.renew(refused).await,
            Source::Issuer(issuer) => issuer.renew(refused).await,
        }
    }

    /// Forgets what is cached.
    pub(super) fn forget(&self) {
        match &self.0 {
            Source::Nobody(_) => {}
            Source::Files(files) => files.forget(),
            Source::Issuer(issuer) => issuer.forget(),
        }
    }

    /// What went wrong without keeping anyone from working.
    pub(super) fn warnings(&self) -> Vec<String> {
        match &self.0 {
            Source::Nobody(_) | Source::Files(_) => Vec::new(),
            Source::Issuer(issuer) => issuer.warnings(),
        }
    }
}

/// Of the providers that were once built into clients only `oidc` is left.
fn maker_of(target: &Target, provider: &AuthProviderConfig, options: &Options) -> Result<Maker, Error> {
    let instead = match provider.name.as_str() {
        "oidc" => return Ok(Maker::Oidc(Provider::new(target, &provider.config, options)?)),
        "gcp" => "gcloud container clusters get-credentials writes one that uses gke-gcloud-auth-plugin",
        "azure" => "az aks get-credentials, then kubelogin convert-kubeconfig, write one that uses kubelogin",
        _ => "use an exec plugin instead",
    };
    let message = format!(
        "the auth-provider \"{}\" of {} no longer exists",
        one_line(&provider.name, 60),
        named(target)
    );
    Err(Error::new(Class::Config, message).advise(instead))
}

/// The value of `Authorization` for a token.
pub(super) fn bearer(token: &str) -> Result<HeaderValue, Error> {
    header(&format!("Bearer {}", token.trim()))
}

pub(super) fn header(value: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Error::new(Class::Credentials, "the token or password holds characters that no header can have")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether the user has any way to say who they are.
pub(super) fn knows_someone(user: &AuthInfo) -> bool {
    user.exec.is_some()
        || user.auth_provider.is_some()
        || token(user).is_some()
        || token_file(user).is_some()
        || has_login(user)
        || has_certificate(user)
}

pub(super) fn token(user: &AuthInfo) -> Option<&str> {
    user.token.as_ref().map(ExposeSecret::expose_secret).filter(|token| !token.is_empty())
}

pub(super) fn token_file(user: &AuthInfo) -> Option<&str> {
    user.token_file.as_deref().filter(|path| !path.is_empty())
}

pub(super) fn has_login(user: &AuthInfo) -> bool {
    let password = user.password.as_ref().is_some_and(|password| !password.expose_secret().is_empty());
    password || user.username.as_deref().is_some_and(|name| !name.is_empty())
}

pub(super) fn has_certificate(user: &AuthInfo) -> bool {
    let said = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    said(&user.client_certificate) || said(&user.client_certificate_data)
}

/// `user "alice"`.
pub(super) fn named(target: &Target) -> String {
    format!("user \"{}\"", one_line(&target.user_name, 120))
}
