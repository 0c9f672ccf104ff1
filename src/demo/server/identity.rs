//! What proves that a client talks to this server, and that it may: a certificate and a token, made anew each time.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use super::StartError;

/// The certificate and the token of one server.
pub(super) struct Identity {
    /// Accepts connections with the certificate.
    pub(super) tls: TlsAcceptor,
    /// What a request has to bring.
    pub(super) token: String,
    /// The certificate of the authority, as PEM.
    authority: String,
}

impl Identity {
    /// Makes an authority, a certificate from it, and a token. Clients take no authority for a server.
    pub(super) fn new() -> Result<Identity, StartError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "kittiwake demo authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let mut params = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, "kittiwake demo");
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &authority)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut secret = [0; 32];
        provider.secure_random.fill(&mut secret).map_err(|_| StartError::Chance)?;
        let private =
            PrivateKeyDer::try_from(key.serialize_der()).map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Identity {
            tls: TlsAcceptor::from(Arc::new(tls)),
            token: URL_SAFE_NO_PAD.encode(secret),
            authority: authority.pem(),
        })
    }

    /// The kubeconfig with which clients find the server at `address`, trust it, and are let in.
    pub(super) fn kubeconfig(&self, address: SocketAddr) -> String {
        let (authority, token) = (STANDARD.encode(&self.authority), &self.token);
        format!(
            "apiVersion: v1\n\
             kind: Config\n\
             clusters:\n\
             - name: demo\n\
             \x20 cluster:\n\
             \x20   server: https://{address}\n\
             \x20   certificate-authority-data: {authority}\n\
             users:\n\
             - name: demo\n\
             \x20 user:\n\
             \x20   token: {token}\n\
             contexts:\n\
             - name: demo\n\
             \x20 context:\n\
             \x20   cluster: demo\n\
             \x20   user: demo\n\
             current-context: demo\n"
        )
    }
}
