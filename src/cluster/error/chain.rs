//! What an error of the libraries underneath means: the chain of its sources is walked from the outside in, and the
//! first link that says something exact decides.

use std::error::Error as StdError;
use std::io;

use super::text::{QUOTE, one_line};
use super::{Class, Error};

/// More links than any honest chain has.
const LONGEST_CHAIN: usize = 32;

impl Error {
    /// What a failure of kube's client means, told as a failure of `doing` (a gerund: `listing pods in default`).
    #[must_use]
    pub fn from_kube(error: kube::Error, doing: &str) -> Error {
        match error {
            kube::Error::Api(status) => Error::from_status(&status, doing),
            kube::Error::Service(source) => match source.downcast::<Error>() {
                Ok(known) => known.while_doing(doing),
                Err(source) => Error::from_chain(&*source, doing),
            },
            other => Error::from_chain(&other, doing),
        }
    }

    /// What any failure means, by the first link in the chain of its sources that is known; told as a failure of
    /// `doing`.
    #[must_use]
    pub fn from_chain(error: &(dyn StdError + 'static), doing: &str) -> Error {
        let mut link = Some(error);
        let mut deepest = error;
        for _ in 0..LONGEST_CHAIN {
            let Some(current) = link else { break };
            if let Some(known) = recognise(current) {
                return known.while_doing(doing);
            }
            deepest = current;
            link = current.source();
        }
        Error::new(Class::Protocol, one_line(&deepest.to_string(), QUOTE)).while_doing(doing)
    }
}

/// What this one link says, when it is one that decides.
fn recognise(error: &(dyn StdError + 'static)) -> Option<Error> {
    if let Some(known) = error.downcast_ref::<Error>() {
        return Some(known.clone());
    }
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(from_tls(tls, "the server"));
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return from_hyper(error);
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return match error.get_ref().and_then(|inner| recognise(inner)) {
            Some(inner) => Some(inner),
            None => from_io(error),
        };
    }
    if error.is::<tokio::time::error::Elapsed>() {
        return Some(Error::new(Class::Timeout, "no answer in time"));
    }
    if let Some(error) = error.downcast_ref::<serde_json::Error>() {
        return Some(not_what_was_asked(error));
    }
    None
}

/// A body that is not the JSON it should be. serde's own words may quote the body; the position is enough.
fn not_what_was_asked(error: &serde_json::Error) -> Error {
    let message = if error.is_eof() {
        "the answer ends in the middle".to_owned()
    } else {
        format!("the answer is not what was asked for (line {}, column {})", error.line(), error.column())
    };
    Error::new(Class::Protocol, message)
}

fn from_hyper(error: &hyper::Error) -> Option<Error> {
    if error.is_parse() {
        let message = "the answer is not HTTP";
        return Some(Error::new(Class::Protocol, message).advise("check that the server is an API server"));
    }
    if error.is_timeout() {
        return Some(Error::new(Class::Timeout, "no answer in time"));
    }
    // A reset or a TLS fault under it says more than that the connection is closed.
    if error.source().is_some() {
        return None;
    }
    if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        return Some(Error::new(Class::Unreachable, "the server closed the connection in the middle"));
    }
    None
}

/// What a failed system call means for a connection.
pub(crate) fn from_io(error: &io::Error) -> Option<Error> {
    use io::ErrorKind as Kind;
    let (class, message) = match error.kind() {
        Kind::ConnectionRefused => (Class::Unreachable, "connection refused"),
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => {
            (Class::Unreachable, "the connection was reset")
        }
        Kind::UnexpectedEof | Kind::NotConnected => (Class::Unreachable, "the server closed the connection"),
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown | Kind::AddrNotAvailable => {
            (Class::Unreachable, "no route to the server")
        }
        Kind::TimedOut => (Class::Timeout, "no answer in time"),
        Kind::PermissionDenied => (Class::Unreachable, "this machine does not allow the connection"),
        _ => return None,
    };
    Some(Error::new(class, message))
}

/// What a failure of TLS with `peer` (`api.example.com:6443`) means.
pub(crate) fn from_tls(error: &rustls::Error, peer: &str) -> Error {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(reason) => untrusted(reason, peer),
        Tls::NoCertificatesPresented => Error::new(Class::Tls, format!("{peer} shows no certificate")),
        Tls::AlertReceived(alert) => refused_by_peer(*alert, peer),
        Tls::InvalidMessage(_) => {
            Error::new(Class::Tls, format!("{peer} does not speak TLS")).advise("check the port and https://")
        }
        Tls::PeerIncompatible(_) => {
            Error::new(Class::Tls, format!("{peer} offers no version of TLS or cipher that is safe enough"))
        }
        other => Error::new(Class::Tls, one_line(&format!("TLS with {peer} failed: {other}"), QUOTE)),
    }
}

/// Why a server's certificate is not accepted.
fn untrusted(reason: &rustls::CertificateError, peer: &str) -> Error {
    use rustls::CertificateError as Why;
    let fail = |message: String| Error::new(Class::Tls, message);
    match reason {
        Why::UnknownIssuer | Why::BadSignature => {
            fail(format!("the certificate of {peer} is not trusted: it is signed by an unknown authority"))
                .advise("check certificate-authority-data of the cluster in the kubeconfig")
        }
        Why::Expired => fail(format!("the certificate of {peer} expired"))
            .advise("renew it on the server, or set this machine's clock"),
        Why::ExpiredContext { not_after, .. } => {
            fail(format!("the certificate of {peer} expired on {}", day(*not_after)))
                .advise("renew it on the server, or set this machine's clock")
        }
        Why::NotValidYet | Why::NotValidYetContext { .. } => {
            fail(format!("the certificate of {peer} is not valid yet")).advise("set this machine's clock")
        }
        Why::NotValidForName => fail(format!("the certificate of {peer} is for another name"))
            .advise("set tls-server-name of the cluster in the kubeconfig"),
        Why::NotValidForNameContext { expected, presented } => {
            wrong_name(&expected.to_str(), presented, peer)
        }
        Why::Revoked => fail(format!("the certificate of {peer} was revoked")),
        other => fail(one_line(&format!("the certificate of {peer} is not valid: {other}"), QUOTE)),
    }
}

fn wrong_name(expected: &str, presented: &[String], peer: &str) -> Error {
    const SHOWN: usize = 4;
    // rustls writes them as `DnsName("localhost")`.
    let bare = |name: &String| {
        let inner = name.split_once('(').map_or(name.as_str(), |(_, inner)| inner.trim_end_matches(')'));
        one_line(inner.trim_matches('"'), 80)
    };
    let mut names: Vec<String> = presented.iter().take(SHOWN).map(bare).collect();
    if presented.len() > SHOWN {
        names.push(format!("{} more", presented.len() - SHOWN));
    }
    let names = if names.is_empty() { "no name".to_owned() } else { names.join(", ") };
    Error::new(Class::Tls, format!("the certificate of {peer} is for {names}, not for {expected}"))
        .advise("set tls-server-name of the cluster in the kubeconfig to one of its names")
}

/// The peer ended the handshake with an alert: nearly always because of our certificate.
fn refused_by_peer(alert: rustls::AlertDescription, peer: &str) -> Error {
    use rustls::AlertDescription as Alert;
    let why = match alert {
        Alert::CertificateRequired => "it asks for a client certificate",
        Alert::CertificateExpired => "the client certificate expired",
        Alert::CertificateRevoked => "the client certificate was revoked",
        Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied
        | Alert::DecryptError => "it does not accept the client certificate",
        Alert::UnrecognisedName => "it knows no server of this name",
        Alert::ProtocolVersion | Alert::HandshakeFailure => "no version of TLS or cipher in common",
        _ => return Error::new(Class::Tls, format!("{peer} ended TLS: {alert:?}")),
    };
    let advice = match alert {
        Alert::UnrecognisedName => "check tls-server-name of the cluster in the kubeconfig",
        Alert::ProtocolVersion | Alert::HandshakeFailure => "",
        _ => "check the client certificate of the user in the kubeconfig",
    };
    Error::new(Class::Tls, format!("{peer} refuses the connection: {why}")).advise(advice)
}

fn day(time: rustls::pki_types::UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| "an unknown day".to_owned(), |time| time.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] Box<dyn StdError + Send + Sync>);

    fn line(error: impl Into<Box<dyn StdError + Send + Sync>>) -> (Class, String) {
        let error = Error::from_chain(&Outer(error.into()), "doing");
        (error.class, error.to_string())
    }

    #[test]
    fn the_first_link_that_is_known_decides() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(line(Outer(refused.into())), (Class::Unreachable, "doing: connection refused".into()));
        let inner = io::Error::other(rustls::Error::InvalidCertificate(rustls::CertificateError::Revoked));
        assert_eq!(line(inner), (Class::Tls, "doing: the certificate of the server was revoked".into()));
        let ours = Error::new(Class::Config, "no such context").advise("choose another");
        assert_eq!(line(ours), (Class::Config, "doing: no such context; choose another".into()));
        assert_eq!(line("some\nthing \u{1b}[31mnew"), (Class::Protocol, "doing: some thing new".into()));
    }

    #[test]
    fn ours_comes_back_out_of_the_client_as_it_was() {
        let ours = Error::new(Class::Credentials, "the plugin failed").advise("log in");
        let back = Error::from_kube(kube::Error::Service(Box::new(ours.clone())), "listing pods");
        assert_eq!(back, Error { message: "listing pods: the plugin failed".into(), ..ours });
    }

    #[test]
    fn a_body_that_cannot_be_read_is_not_quoted() {
        let error = serde_json::from_str::<u8>("\"s3cret\"").unwrap_err();
        assert_eq!(line(error).1, "doing: the answer is not what was asked for (line 1, column 8)");
        let error = serde_json::from_str::<Vec<u8>>("[1").unwrap_err();
        assert_eq!(line(error).1, "doing: the answer ends in the middle");
    }
}
