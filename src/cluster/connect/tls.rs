//! Whom we believe to be the server, and the certificate that says who we are.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::kubeconfig::Target;
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// How the server of one cluster is recognised.
pub(super) struct Trust {
    verifier: Arc<dyn ServerCertVerifier>,
    provider: Arc<CryptoProvider>,
    /// The authorities of the kubeconfig; a proxy may be signed by them too.
    authorities: Vec<CertificateDer<'static>>,
    /// `tls-server-name`: who the server says it is, when that is not its address.
    pub(super) server_name: Option<ServerName<'static>>,
    /// The file that the authorities came from, when it was a file.
    file: Option<String>,
}

impl Trust {
    /// How the target's cluster is recognised.
    ///
    /// # Errors
    ///
    /// [`Class::Config`] when its authorities or its name cannot be read.
    pub(super) async fn load(target: &Target, insecure: bool) -> Result<Trust, Error> {
        let cluster = &target.cluster;
        let what = format!("certificate-authority of cluster \"{}\"", one_line(&target.cluster_name, 120));
        let data = cluster.certificate_authority_data.as_deref().filter(|data| !data.is_empty());
        let path = cluster.certificate_authority.as_deref().filter(|path| !path.is_empty());
        let mut trust = if insecure { Trust::anyone() } else { Trust::of(data, path, &what).await? };
        let name = cluster.tls_server_name.as_deref().filter(|name| !name.is_empty());
        trust.server_name = name.map(server_name_of).transpose()?;
        Ok(trust)
    }

    /// The authorities in `data` (base64) or in the file at `path`. The system's are read only when there are neither:
    /// that takes longer than everything else here. `what` names them in errors.
    pub(super) async fn of(data: Option<&str>, path: Option<&str>, what: &str) -> Result<Trust, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let (authorities, verifier) = match read(data, path, what, Class::Config).await? {
            Some(pem) => {
                let authorities = certificates(&pem, what)?;
                (authorities.clone(), only(authorities, &provider, what)?)
            }
            None => (Vec::new(), system(Vec::new(), Arc::clone(&provider)).await?),
        };
        let file = path.filter(|_| data.is_none()).map(str::to_owned);
        Ok(Trust { verifier, provider, authorities, server_name: None, file })
    }

    fn anyone() -> Trust {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Arc::new(Anyone(Arc::clone(&provider)));
        Trust { verifier, provider, authorities: Vec::new(), server_name: None, file: None }
    }

    /// The same, with the authorities that its file holds now; `None` when they are the same or it has no file.
    pub(super) async fn reread(&self) -> Option<Trust> {
        let path = self.file.as_deref()?;
        let pem = tokio::fs::read(path).await.ok()?;
        let authorities = certificates(&pem, path).ok()?;
        if authorities == self.authorities {
            return None;
        }
        let verifier = only(authorities.clone(), &self.provider, path).ok()?;
        let (provider, server_name) = (Arc::clone(&self.provider), self.server_name.clone());
        Some(Trust { verifier, provider, authorities, server_name, file: self.file.clone() })
    }

    /// What a handshake with the API server needs.
    pub(super) fn config(&self, identity: Option<&Identity>) -> Result<Arc<ClientConfig>, Error> {
        let builder =
            builder(&self.provider)?.dangerous().with_custom_certificate_verifier(Arc::clone(&self.verifier));
        let mut config = match identity {
            Some(identity) => builder
                .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
                .map_err(|error| bad_identity(&error.to_string()))?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// What a handshake with an https proxy needs: the system's authorities are believed, and the cluster's as well.
pub(super) async fn proxy_config(trust: Option<&Trust>) -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let authorities = trust.map(|trust| trust.authorities.clone()).unwrap_or_default();
    let verifier = system(authorities, Arc::clone(&provider)).await?;
    let builder = builder(&provider)?.dangerous().with_custom_certificate_verifier(verifier);
    Ok(Arc::new(builder.with_no_client_auth()))
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn builder(provider: &Arc<CryptoProvider>) -> Result<Builder, Error> {
    ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(Class::Tls, one_line(&error.to_string(), 200)))
}

/// The name that a server's certificate must be for.
pub(super) fn server_name_of(host: &str) -> Result<ServerName<'static>, Error> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    ServerName::try_from(bare.to_owned())
        .map_err(|_| Error::new(Class::Config, format!("\"{}\" is not a server's name", one_line(bare, 120))))
}

fn only(
    authorities: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
    what: &str,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities);
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    match verifier {
        Ok(verifier) => Ok(verifier),
        Err(_) => Err(Error::new(Class::Config, format!("{what} holds no certificate that can be used"))),
    }
}

/// The system's authorities and some more. Off the runtime's threads: it reads and parses hundreds of files.
async fn system(
    more: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let load = move || rustls_platform_verifier::Verifier::new_with_extra_roots(more, provider);
    match tokio::task::spawn_blocking(load).await {
        Ok(Ok(verifier)) => Ok(Arc::new(verifier)),
        _ => Err(Error::new(Class::Tls, "this system has no certificate authorities")
            .advise("set certificate-authority-data of the cluster in the kubeconfig")),
    }
}

/// A client certificate and its key.
pub(super) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    /// Until when the certificate is valid, as far as that can be read.
    pub(super) not_after: Option<Timestamp>,
}

impl Identity {
    /// The identity in two pieces of PEM text.
    pub(super) fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Identity, Error> {
        let chain = certificates(certificate, "the client certificate")
            .map_err(|error| Error { class: Class::Credentials, ..error })?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
            let sealed = String::from_utf8_lossy(key).contains("ENCRYPTED");
            bad_identity(if sealed {
                "the key is encrypted"
            } else {
                "the key is not PEM text of a private key"
            })
        })?;
        let not_after = chain.first().and_then(|leaf| super::der::not_after(leaf));
        let identity = Identity { chain, key, not_after };
        identity.check()?;
        Ok(identity)
    }

    /// Whether both are the same certificate and key.
    pub(super) fn same(&self, other: &Identity) -> bool {
        self.chain == other.chain && self.key.secret_der() == other.key.secret_der()
    }

    /// Whether the key can sign and belongs to the certificate: better said now than as a failed handshake.
    fn check(&self) -> Result<(), Error> {
        let provider = rustls::crypto::ring::default_provider();
        rustls::sign::CertifiedKey::from_der(self.chain.clone(), self.key.clone_key(), &provider)
            .map(|_| ())
            .map_err(|error| bad_identity(&error.to_string()))
    }
}

fn bad_identity(why: &str) -> Error {
    Error::new(Class::Credentials, format!("the client certificate cannot be used: {}", one_line(why, 200)))
        .advise("check client-certificate and client-key of the user in the kubeconfig")
}

fn certificates(pem: &[u8], what: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Error::new(Class::Config, format!("{what} is not PEM text of a certificate"))),
    }
}

/// Data of a kubeconfig: base64 in place, or else a file. `what` names it in errors, which never quote it.
pub(super) async fn read(
    data: Option<&str>,
    path: Option<&str>,
    what: &str,
    class: Class,
) -> Result<Option<Vec<u8>>, Error> {
    if let Some(data) = data {
        let compact: String = data.chars().filter(|char| !char.is_ascii_whitespace()).collect();
        return match BASE64.decode(compact) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(_) => Err(Error::new(class, format!("{what}-data is not base64"))),
        };
    }
    let Some(path) = path else { return Ok(None) };
    match tokio::fs::read(path).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => Err(Error::new(class, unreadable(what, path, &error))),
    }
}

/// The words for a file that cannot be read.
pub(super) fn unreadable(what: &str, path: &str, error: &std::io::Error) -> String {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => one_line(&error.to_string(), 120),
    };
    format!("{what} cannot be read from {}: {why}", one_line(path, 200))
}

/// `insecure-skip-tls-verify`: anyone who holds the key of the certificate shown.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
