//! Credentials that stand in the kubeconfig or in files beside it: tokens, passwords, client certificates.
//!
//! Files are read again at most once a minute, as client-go does, because they are replaced while we run: a pod's
//! token every hour, a certificate every few months. What cannot be read any more is used as it was.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::credentials::{self, Proof};
use super::kubeconfig::Target;
use super::tls::{self, Identity};
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// How long what was read from a file is believed.
const PERIOD: Duration = Duration::from_secs(60);

/// Credentials at rest.
pub(super) struct Files {
    user: String,
    /// From an inline token or a login.
    fixed: Option<HeaderValue>,
    token_file: Option<String>,
    certificate: Option<Pair>,
    cache: Mutex<Option<Cached>>,
}

struct Cached {
    proof: Arc<Proof>,
    read: Instant,
}

/// A client certificate and its key, each in place or in a file.
struct Pair {
    certificate: Place,
    key: Place,
}

struct Place {
    data: Option<SecretString>,
    path: Option<String>,
}

impl Files {
    pub(super) fn new(target: &Target) -> Result<Files, Error> {
        let user = &target.user;
        let name = credentials::named(target);
        let token = credentials::token(user);
        if token.is_some() && credentials::has_login(user) {
            let message = format!("{name} has both a token and a password");
            return Err(Error::new(Class::Config, message).advise("remove one of them from the kubeconfig"));
        }
        let fixed = match token {
            Some(token) => Some(credentials::bearer(token)?),
            None if credentials::has_login(user) && credentials::token_file(user).is_none() => {
                let password = user.password.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
                let login = format!("{}:{password}", user.username.as_deref().unwrap_or_default());
                Some(credentials::header(&format!("Basic {}", BASE64.encode(login)))?)
            }
            None => None,
        };
        let certificate = credentials::has_certificate(user).then(|| Pair {
            certificate: Place {
                data: user.client_certificate_data.clone().map(Into::into),
                path: user.client_certificate.clone(),
            },
            key: Place { data: user.client_key_data.clone(), path: user.client_key.clone() },
        });
        let token_file = credentials::token_file(user).map(str::to_owned);
        Ok(Files { user: name, fixed, token_file, certificate, cache: Mutex::new(None) })
    }

    pub(super) async fn current(&self) -> Result<Arc<Proof>, Error> {
        let before = {
            let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            match &*cache {
                Some(cached) if !self.can_change() || cached.read.elapsed() < PERIOD => {
                    return Ok(Arc::clone(&cached.proof));
                }
                Some(cached) => Some(Arc::clone(&cached.proof)),
                None => None,
            }
        };
        self.read(before).await
    }

    /// After a 401 the files are read at once.
    pub(super) async fn renew(&self, refused: &Arc<Proof>) -> Result<Option<Arc<Proof>>, Error> {
        if !self.can_change() {
            return Ok(None);
        }
        let now = self.read(Some(Arc::clone(refused))).await?;
        Ok(Some(now).filter(|now| !now.same(refused)))
    }

    pub(super) fn forget(&self) {
        *self.cache.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn can_change(&self) -> bool {
        let of_file = |place: &Place| place.data().is_none();
        self.token_file.is_some()
            || self.certificate.as_ref().is_some_and(|pair| of_file(&pair.certificate) || of_file(&pair.key))
    }

    /// Reads everything; what fails is taken from `before`, if there is a before.
    async fn read(&self, before: Option<Arc<Proof>>) -> Result<Arc<Proof>, Error> {
        let header = match (self.header().await, &before) {
            (Ok(header), _) => header,
            (Err(_), Some(before)) => before.header.clone(),
            (Err(error), None) => return Err(error),
        };
        let identity = match (self.identity().await, &before) {
            (Ok(Some(identity)), Some(before)) => Some(keep(identity, before)),
            (Ok(identity), _) => identity.map(Arc::new),
            (Err(_), Some(before)) => before.identity.clone(),
            (Err(error), None) => return Err(error),
        };
        let proof = Arc::new(Proof { header, identity });
        let cached = Cached { proof: Arc::clone(&proof), read: Instant::now() };
        *self.cache.lock().unwrap_or_else(PoisonError::into_inner) = Some(cached);
        Ok(proof)
    }

    async fn header(&self) -> Result<Option<HeaderValue>, Error> {
        let Some(path) = &self.token_file else { return Ok(self.fixed.clone()) };
        let what = format!("tokenFile of {}", self.user);
        let failed = match tokio::fs::read_to_string(path).await {
            Ok(token) if !token.trim().is_empty() => return credentials::bearer(&token).map(Some),
            Ok(_) => format!("{what}, {}, is empty", one_line(path, 200)),
            Err(error) => tls::unreadable(&what, path, &error),
        };
        match &self.fixed {
            Some(fixed) => Ok(Some(fixed.clone())),
            None => Err(Error::new(Class::Credentials, failed)),
        }
    }

    async fn identity(&self) -> Result<Option<Identity>, Error> {
        let Some(pair) = &self.certificate else { return Ok(None) };
        let certificate = pair.certificate.read(&format!("client-certificate of {}", self.user)).await?;
        let key = pair.key.read(&format!("client-key of {}", self.user)).await?;
        let (Some(certificate), Some(key)) = (certificate, key) else {
            let message = format!("{} has a client certificate but no key", self.user);
            return Err(Error::new(Class::Config, message).advise("add client-key to the kubeconfig"));
        };
        Identity::from_pem(&certificate, &key).map(Some)
    }
}

/// The identity from before when it is the same, so that its connections are kept.
fn keep(identity: Identity, before: &Proof) -> Arc<Identity> {
    match &before.identity {
        Some(known) if known.same(&identity) => Arc::clone(known),
        _ => Arc::new(identity),
    }
}

impl Place {
    fn data(&self) -> Option<&str> {
        self.data.as_ref().map(ExposeSecret::expose_secret).filter(|data| !data.is_empty())
    }

    async fn read(&self, what: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path.as_deref().filter(|path| !path.is_empty());
        tls::read(self.data(), path, what, Class::Credentials).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::connect::{Kubeconfig, Options};

    #[tokio::test(start_paused = true)]
    async fn a_token_file_is_read_again_once_a_minute_and_the_last_token_outlives_it() {
        let home = tempfile::tempdir().unwrap();
        let text = "current-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n\
                    clusters: [{name: a, cluster: {server: 'https://x'}}]\nusers: [{name: a, user: {tokenFile: t}}]\n";
        let path = home.path().join("config");
        std::fs::write(&path, text).unwrap();
        let options = Options { kubeconfig: Some(path), ..Options::default() };
        let files = Files::new(&Kubeconfig::load(&options).unwrap().target(None).unwrap()).unwrap();
        let token = async || files.current().await.unwrap().header.clone().unwrap();

        assert_eq!(files.current().await.err().unwrap().class, Class::Credentials);
        let file = home.path().join("t");
        std::fs::write(&file, "one\n").unwrap();
        assert_eq!(token().await, "Bearer one");
        std::fs::write(&file, "two\n").unwrap();
        tokio::time::advance(PERIOD - Duration::from_secs(1)).await;
        assert_eq!(token().await, "Bearer one");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(token().await, "Bearer two");
        std::fs::remove_file(&file).unwrap();
        tokio::time::advance(PERIOD).await;
        assert_eq!(token().await, "Bearer two");
        std::fs::write(&file, "").unwrap();
        tokio::time::advance(PERIOD).await;
        assert_eq!(token().await, "Bearer two");
        assert!(!format!("{:?}", token().await).contains("two"), "a secret is not shown");
    }
}
