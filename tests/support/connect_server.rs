//! A double of an API server, or of any HTTP server: it answers from a function and remembers what it was asked.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::connect_pki::Pair;

/// One request, as the server saw it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case; repeated ones joined by a comma.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
    /// The client certificate, in DER.
    pub(crate) certificate: Option<Vec<u8>>,
    /// Which connection it came by, counted from 0.
    pub(crate) connection: usize,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// How many bytes of its body it announces and never sends.
    pub(crate) owed: usize,
}

impl Answer {
    pub(crate) fn json(body: impl Into<String>) -> Answer {
        let headers = vec![("content-type", "application/json".into())];
        Answer { status: 200, headers, body: body.into(), owed: 0 }
    }

    pub(crate) fn status(status: u16, body: impl Into<String>) -> Answer {
        Answer { status, ..Answer::json(body) }
    }

    pub(crate) fn unauthorized() -> Answer {
        let body = r#"{"kind":"Status","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#;
        Answer::status(401, body)
    }
}

type Respond = dyn Fn(&Seen) -> Answer + Send + Sync;

/// A running server; it stops with the test's runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) async fn http(respond: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Server {
        Server::start(None, respond).await
    }

    /// Client certificates are asked for and may be missing, as with an API server.
    pub(crate) async fn https(
        pair: &Pair,
        respond: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Server {
        Server::start(Some(tls(pair)), respond).await
    }

    async fn start(
        tls: Option<TlsAcceptor>,
        respond: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (log, respond): (_, Arc<Respond>) = (Arc::clone(&seen), Arc::new(respond));
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (tls, log, respond) = (tls.clone(), Arc::clone(&log), Arc::clone(&respond));
                tokio::spawn(async move {
                    let Some(tls) = tls else {
                        return serve(stream, None, connection, &log, &*respond).await;
                    };
                    let Ok(stream) = tls.accept(stream).await else { return };
                    let certificates = stream.get_ref().1.peer_certificates();
                    let certificate = certificates.map(|chain| chain[0].to_vec());
                    serve(stream, certificate, connection, &log, &*respond).await;
                });
            }
        });
        Server { address, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

pub(crate) fn tls(pair: &Pair) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(Arc::new(Anyone(provider)))
        .with_single_cert(pair.chain(), pair.private_key())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Asks for a client certificate and takes any, or none: an API server judges it later, request by request.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ClientCertVerifier for Anyone {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
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

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    certificate: Option<Vec<u8>>,
    connection: usize,
    log: &Mutex<Vec<Seen>>,
    respond: &Respond,
) {
    let mut stream = BufReader::new(stream);
    while let Some(mut seen) = read(&mut stream).await {
        (seen.certificate, seen.connection) = (certificate.clone(), connection);
        log.lock().unwrap().push(seen.clone());
        let Answer { status, headers, body, owed } = respond(&seen);
        let mut head = format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n", body.len() + owed);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let answer = format!("{head}\r\n{body}");
        if stream.write_all(answer.as_bytes()).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> Option<Seen> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|&count| count > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut seen = Seen { method: words.next()?, path: words.next()?, ..Seen::default() };
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        let known = seen.headers.entry(name.to_ascii_lowercase()).or_default();
        if !known.is_empty() {
            known.push(',');
        }
        known.push_str(value.trim());
    }
    let length: usize = seen.header("content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    seen.body = String::from_utf8(body).unwrap();
    Some(seen)
}

/// An API server that takes everyone for who they say they are: its answer to "who am I" is the token, the login,
/// `certificate`, or `nobody`.
pub(crate) fn echo(seen: &Seen) -> Answer {
    match seen.path.as_str() {
        "/version" => Answer::json(r#"{"major":"1","minor":"37","gitVersion":"v1.37.2"}"#),
        "/apis/authentication.k8s.io/v1/selfsubjectreviews" => {
            let who = who(seen);
            Answer::json(format!(
                r#"{{"kind":"SelfSubjectReview","status":{{"userInfo":{{"username":"{who}"}}}}}}"#
            ))
        }
        path => Answer::status(404, format!("no {path}")),
    }
}

/// Who asks: the token, the login, `certificate`, or `nobody`.
pub(crate) fn who(seen: &Seen) -> String {
    let header = seen.header("authorization");
    if let Some(token) = header.strip_prefix("Bearer ") {
        return token.to_owned();
    }
    if let Some(login) = header.strip_prefix("Basic ") {
        return String::from_utf8(base64::engine::general_purpose::STANDARD.decode(login).unwrap()).unwrap();
    }
    if seen.certificate.is_some() { "certificate".to_owned() } else { "nobody".to_owned() }
}
