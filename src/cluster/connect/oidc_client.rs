//! Asking an identity provider for the next id-token (OpenID Connect discovery, OAuth 2.0 refresh).

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::connector::Connector;
use super::oidc::key;
use super::tls::Trust;
use super::{Environment, Options, proxy};
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// How an identity provider is reached.
pub(super) struct Client {
    authority: Option<String>,
    authority_data: Option<String>,
    environment: Environment,
    connect: Duration,
}

/// Who asks.
pub(super) struct Login {
    pub(super) issuer: String,
    pub(super) client: String,
    pub(super) secret: SecretString,
    pub(super) refresh_token: SecretString,
}

/// What comes back.
#[derive(Deserialize)]
pub(super) struct Tokens {
    #[serde(default)]
    pub(super) id_token: String,
    /// The refresh-token to use from now on, when it is another.
    pub(super) refresh_token: Option<String>,
}

impl Client {
    pub(super) fn new(config: &HashMap<String, String>, options: &Options) -> Result<Client, Error> {
        let said = |name: &str| config.get(name).filter(|text| !text.is_empty()).cloned();
        Ok(Client {
            authority: said(key::AUTHORITY),
            authority_data: said(key::AUTHORITY_DATA),
            environment: options.environment.clone(),
            connect: options.limits.connect,
        })
    }

    /// The next tokens.
    ///
    /// # Errors
    ///
    /// [`Class::Credentials`] when there is nothing to refresh with or the provider refuses; what else can happen to
    /// a request.
    pub(super) async fn refresh(&self, login: &Login) -> Result<Tokens, Error> {
        let issuer = one_line(&login.issuer, 120);
        if login.refresh_token.expose_secret().is_empty() {
            return Err(Error::new(
                Class::Credentials,
                format!(
                    "the id-token of {issuer} is over, and there is no \
                 refresh-token"
                ),
            )
            .advise(LOG_IN));
        }
        let doing = format!("renewing the id-token with {issuer}");
        let tokens = self.tokens(login).await.map_err(|error| error.while_doing(&doing))?;
        if tokens.id_token.is_empty() {
            let message = format!("{doing}: the answer has no id_token");
            let advice = "log in with the scope openid; not every issuer renews id-tokens";
            return Err(Error::new(Class::Credentials, message).advise(advice));
        }
        Ok(tokens)
    }

    async fn tokens(&self, login: &Login) -> Result<Tokens, Error> {
        #[derive(Deserialize)]
        struct Discovery {
            token_endpoint: String,
        }
        let well_known = format!("{}/.well-known/openid-configuration", login.issuer.trim_end_matches('/'));
        let (status, body) = self.ask(request(Method::GET, &well_known)?).await?;
        if status != StatusCode::OK {
            return Err(refused(status, &body));
        }
        let discovery: Discovery = serde_json::from_slice(&body)
            .map_err(|_| Error::new(Class::Protocol, "its discovery document names no token_endpoint"))?;
        // A confidential client says its secret in a header or in the form; issuers differ, and none says which.
        let secret = !login.secret.expose_secret().is_empty();
        let ways: &[bool] = if secret { &[true, false] } else { &[false] };
        let mut last = Error::new(Class::Credentials, "refused");
        for &in_header in ways {
            let (status, body) = self.ask(login.request(&discovery.token_endpoint, in_header)?).await?;
            if status.is_success() {
                return serde_json::from_slice(&body)
                    .map_err(|_| Error::new(Class::Protocol, "its answer is not a set of tokens"));
            }
            last = refused(status, &body);
        }
        Err(last)
    }

    async fn ask(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), Error> {
        let asked = async {
            let http = self.http(request.uri()).await?;
            let response = http.request(request).await.map_err(|error| Error::from_chain(&error, ""))?;
            let status = response.status();
            match Limited::new(response.into_body(), LONGEST).collect().await {
                Ok(body) => Ok((status, body.to_bytes())),
                Err(error) => Err(Error::from_chain(&*error, "")),
            }
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::new(Class::Timeout, "no answer in time")),
        }
    }

    async fn http(&self, target: &Uri) -> Result<legacy::Client<Connector, Full<Bytes>>, Error> {
        let what = "idp-certificate-authority of the user";
        let trust = Trust::of(self.authority_data.as_deref(), self.authority.as_deref(), what).await?;
        let proxy = proxy::choose(target, None, &self.environment)?;
        let connector = Connector::new(Some(trust.into()), None, proxy, self.connect)?;
        Ok(legacy::Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
    }
}

const LOG_IN: &str = "log in again, or use the exec plugin kubelogin in the kubeconfig";

impl Login {
    fn request(&self, endpoint: &str, secret_in_header: bool) -> Result<Request<Full<Bytes>>, Error> {
        let secret = self.secret.expose_secret();
        let mut form =
            vec![("grant_type", "refresh_token"), ("refresh_token", self.refresh_token.expose_secret())];
        let mut request = request(Method::POST, endpoint)?;
        if secret_in_header {
            let login = BASE64.encode(format!("{}:{}", encoded(&self.client), encoded(secret)));
            request
                .headers_mut()
                .insert(header::AUTHORIZATION, super::credentials::header(&format!("Basic {login}"))?);
        } else {
            form.push(("client_id", &self.client));
            if !secret.is_empty() {
                form.push(("client_secret", secret));
            }
        }
        let kind = http::HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        let pairs: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        *request.body_mut() = Full::from(pairs.join("&"));
        Ok(request)
    }
}

/// Plain http is for an issuer on this machine only: a refresh-token is worth more than a password.
fn request(method: Method, address: &str) -> Result<Request<Full<Bytes>>, Error> {
    let wrong =
        || Error::new(Class::Config, format!("\"{}\" is not an https address", one_line(address, 120)));
    let uri: Uri = address.parse().map_err(|_| wrong())?;
    if uri.scheme_str() != Some("https") {
        return Err(wrong());
    }
    Request::builder()
        .method(method)
        .uri(uri)
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, super::headers::USER_AGENT)
        .body(Full::default())
        .map_err(|_| wrong())
}

fn refused(status: StatusCode, body: &[u8]) -> Error {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
        #[serde(default)]
        error_description: String,
    }
    let said = match serde_json::from_slice::<Refusal>(body) {
        Ok(refusal) => one_line(&format!("{} {}", refusal.error, refusal.error_description), 200),
        Err(_) => String::new(),
    };
    let message = match said.as_str() {
        "" => format!("it answers {}", status.as_u16()),
        said => format!("it answers {}: {said}", status.as_u16()),
    };
    Error::new(Class::Credentials, message).advise(LOG_IN)
}

/// A form's encoding; a space may be `%20` as well as `+`.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
