//! What a credential plugin answers: `ExecCredential` with a status.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::credentials::{Proof, bearer};
use super::tls::Identity;
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// The answer, usable.
pub(super) struct Answered {
    pub(super) proof: Proof,
    pub(super) expires: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    status: Option<Status>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<String>,
}

/// Reads an answer to a question asked in `asked_in` (`client.authentication.k8s.io/v1`). The errors go after the
/// plugin's name; they never quote the answer, which holds secrets.
pub(super) fn decode(stdout: &[u8], asked_in: &str) -> Result<Answered, Error> {
    let fail = |message: String| Err(Error::new(Class::Credentials, message));
    if stdout.trim_ascii().is_empty() {
        return fail("printed no answer".to_owned());
    }
    let Ok(answer) = serde_json::from_slice::<Answer>(stdout) else {
        return fail("printed something that is not an ExecCredential".to_owned());
    };
    if answer.kind != "ExecCredential" {
        return fail(format!(
            "answered with the kind \"{}\", not an ExecCredential",
            one_line(&answer.kind, 60)
        ));
    }
    if answer.api_version != asked_in {
        let spoken = one_line(&answer.api_version, 80);
        return Err(Error::new(
            Class::Credentials,
            format!("answered in {spoken}, but was asked in {asked_in}"),
        )
        .advise("set the apiVersion of its exec in the kubeconfig to the one it speaks"));
    }
    let Some(status) = answer.status else { return fail("answered without a status".to_owned()) };
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (token, certificate, key) =
        (said(status.token), said(status.client_certificate_data), said(status.client_key_data));
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => {
            let identity = Identity::from_pem(certificate.as_bytes(), key.as_bytes());
            Some(Arc::new(identity.map_err(|_| unusable())?))
        }
        (None, None) if token.is_none() => {
            return fail("answered with neither a token nor a certificate".to_owned());
        }
        (None, None) => None,
        _ => return fail("answered with half of a certificate and key".to_owned()),
    };
    let header = token.as_deref().map(bearer).transpose().map_err(|_| {
        Error::new(Class::Credentials, "answered with a token that holds characters no header can have")
    })?;
    let expires = match said(status.expiration_timestamp) {
        Some(text) => match text.parse::<Timestamp>() {
            Ok(end) => Some(end),
            Err(_) => return fail("answered with an expirationTimestamp that is not a time".to_owned()),
        },
        None => None,
    };
    Ok(Answered { proof: Proof { header, identity }, expires })
}

fn unusable() -> Error {
    Error::new(Class::Credentials, "answered with a certificate and key that cannot be used")
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = "client.authentication.k8s.io/v1";

    fn refusal(status: &str) -> String {
        let text = format!(r#"{{"apiVersion":"{V1}","kind":"ExecCredential","status":{status}}}"#);
        decode(text.as_bytes(), V1).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_token_with_an_end_is_accepted() {
        let text = format!(
            r#"{{"apiVersion":"{V1}","kind":"ExecCredential","status":{{"token":"abc",
                "expirationTimestamp":"2030-01-02T03:04:05Z"}}}}"#
        );
        let answered = decode(text.as_bytes(), V1).unwrap();
        assert_eq!(answered.proof.header.unwrap().as_bytes(), b"Bearer abc");
        assert_eq!(answered.expires.unwrap().to_string(), "2030-01-02T03:04:05Z");
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_without_quoting_secrets() {
        assert_eq!(refusal("null"), "answered without a status");
        assert_eq!(refusal("{}"), "answered with neither a token nor a certificate");
        assert_eq!(refusal(r#"{"clientKeyData":"s3cret"}"#), "answered with half of a certificate and key");
        let both = r#"{"clientKeyData":"s3cret","clientCertificateData":"x"}"#;
        assert_eq!(refusal(both), "answered with a certificate and key that cannot be used");
        let never = r#"{"token":"s3cret","expirationTimestamp":"soon"}"#;
        assert_eq!(refusal(never), "answered with an expirationTimestamp that is not a time");
        let words = |text: &[u8]| decode(text, V1).err().map(|error| error.message).unwrap_or_default();
        assert_eq!(words(b"token: s3cret"), "printed something that is not an ExecCredential");
        assert_eq!(words(b" \n"), "printed no answer");
    }

    #[test]
    fn an_answer_in_another_version_is_refused() {
        let text = r#"{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential",
            "status":{"token":"abc"}}"#;
        let error = decode(text.as_bytes(), V1).err().unwrap();
        assert!(error.message.contains("v1beta1, but was asked in"), "{error}");
    }
}
