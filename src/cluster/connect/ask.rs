//! The two questions that every connection begins with: which version, and who am I.

use http::{Method, Request, header};
use http_body_util::{BodyExt as _, Limited};
use kube::client::Body;
use serde::Deserialize;

use super::AnswerWithin;
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// How long either answer may take: both are cheap, and someone is waiting.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// The server's version, as in `v1.37.2`.
///
/// # Errors
///
/// Whatever keeps the server from answering, told as a failure of `asking the server's version`.
pub async fn server_version(client: kube::Client) -> Result<String, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        git_version: String,
    }
    let doing = "asking the server's version";
    let version: Version = ask(&client, Method::GET, "/version", Vec::new(), doing).await?;
    Ok(one_line(&version.git_version, 80))
}

/// Who the server takes us for.
///
/// # Errors
///
/// Whatever keeps the server from answering; [`Class::NotFound`] from servers before 1.28, which do not know the
/// question.
pub async fn whoami(client: kube::Client) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Review {
        status: Status,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Status {
        user_info: User,
    }
    #[derive(Deserialize)]
    struct User {
        #[serde(default)]
        username: String,
    }
    const PATH: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let body = br#"{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"#;
    let review: Review = ask(&client, Method::POST, PATH, body.to_vec(), "asking who I am").await?;
    Ok(one_line(&review.status.user_info.username, 200))
}

async fn ask<T: for<'de> Deserialize<'de>>(
    client: &kube::Client,
    method: Method,
    path: &str,
    body: Vec<u8>,
    doing: &str,
) -> Result<T, Error> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/json")
        .extension(AnswerWithin(PATIENCE))
        .body(Body::from(body))
        .map_err(|error| Error::from_chain(&error, doing))?;
    let asked = async {
        let response = client.send(request).await.map_err(|error| Error::from_kube(error, doing))?;
        let (parts, body) = response.into_parts();
        let body = match Limited::new(body, LONGEST).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => return Err(Error::from_chain(&*error, doing)),
        };
        if !parts.status.is_success() {
            return Err(Error::from_response(parts.status, &parts.headers, &body, doing));
        }
        serde_json::from_slice(&body).map_err(|error| Error::from_chain(&error, doing))
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::new(Class::Timeout, "no answer in time").while_doing(doing)),
    }
}
