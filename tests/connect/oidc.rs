//! The `oidc` provider: a good id-token is used, one that is over is renewed and written back.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use kittiwake::cluster::Class;
use kittiwake::cluster::connect::whoami;

use super::connect_home::{Cluster, Home, base64, connected, failure, who};
use super::connect_pki::{Authority, Validity};
use super::connect_server::{Answer, Seen, Server, echo, who as asker};

/// An id-token that ends at `exp`, and says so to those who look.
fn token(name: &str, exp: u64) -> String {
    let encode = |text: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{name}", encode("{}".into()), encode(format!("{{\"exp\":{exp}}}")))
}

const FAR: u64 = 32_000_000_000;

/// An issuer that hands out `next`, then refuses the refresh-token that was used.
struct Issuer {
    authority: Authority,
    server: Server,
}

impl Issuer {
    async fn new(respond: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Issuer {
        let authority = Authority::new("issuer");
        let pair = authority.issue("issuer", &["127.0.0.1"], Validity::Now);
        let server = Server::https(&pair, move |seen| match seen.path.as_str() {
            "/realm/.well-known/openid-configuration" => {
                Answer::json(format!("{{\"token_endpoint\":\"https://{}/token\"}}", seen.header("host")))
            }
            "/token" => respond(seen),
            path => Answer::status(404, path),
        })
        .await;
        Issuer { authority, server }
    }

    /// Hands out each refresh-token once: `r1`, then `r2`, and so on.
    async fn rotating() -> Issuer {
        let count = Arc::new(Mutex::new(1));
        Issuer::new(move |seen| {
            let mut count = count.lock().unwrap();
            if !seen.body.contains(&format!("refresh_token=refresh-{count}")) {
                return Answer::status(
                    400,
                    r#"{"error":"invalid_grant","error_description":"used\nalready"}"#,
                );
            }
            *count += 1;
            let id = token(&format!("id-{count}"), FAR);
            Answer::json(format!(r#"{{"id_token":"{id}","refresh_token":"refresh-{count}"}}"#))
        })
        .await
    }

    fn user(&self, id_token: &str, more: &str) -> String {
        format!(
            "{{auth-provider: {{name: oidc, config: {{idp-issuer-url: 'https://{}/realm', client-id: kw, \
             idp-certificate-authority-data: {}, id-token: '{id_token}'{more}}}}}}}",
            self.server.address,
            base64(&self.authority.pem())
        )
    }
}

#[tokio::test]
async fn a_good_token_is_used_and_no_one_is_asked() {
    let (cluster, issuer) = (Cluster::new(echo).await, Issuer::rotating().await);
    let good = token("good", FAR);
    let home = Home::new();
    assert_eq!(who(&home.config(&cluster.entry(), &issuer.user(&good, ""))).await.unwrap(), good);
    assert!(issuer.server.seen().is_empty());
}

#[tokio::test]
async fn one_that_is_over_is_renewed_and_written_back_for_the_next_program() {
    let (cluster, issuer) = (Cluster::new(echo).await, Issuer::rotating().await);
    let home = Home::new();
    let over = token("over", 1000);
    let options = home.config(&cluster.entry(), &issuer.user(&over, ", refresh-token: refresh-1"));
    let before = std::fs::read_to_string(home.path("config")).unwrap();
    let next = token("id-2", FAR);
    let connection = connected(&options).await.unwrap();
    let (one, other) = tokio::join!(whoami(connection.client.clone()), whoami(connection.client.clone()));
    assert_eq!((one.unwrap(), other.unwrap()), (next.clone(), next.clone()));
    assert_eq!(issuer.server.seen().len(), 2, "the discovery, and one renewal");
    let after = std::fs::read_to_string(home.path("config")).unwrap();
    assert_eq!(after, before.replace(&over, &next).replace("refresh-1", "refresh-2"));
    assert!(connection.later_warnings().is_empty());
    assert_eq!(who(&options).await.unwrap(), next, "the file is enough for the next");
    assert_eq!(issuer.server.seen().len(), 2);
}

#[tokio::test]
async fn one_that_the_server_refuses_is_renewed_too() {
    let issuer = Issuer::rotating().await;
    let cluster =
        Cluster::new(|seen| if asker(seen).ends_with("good") { Answer::unauthorized() } else { echo(seen) })
            .await;
    let home = Home::new();
    let user = issuer.user(&token("good", FAR), ", refresh-token: refresh-1");
    assert_eq!(who(&home.config(&cluster.entry(), &user)).await.unwrap(), token("id-2", FAR));
}

#[tokio::test]
async fn a_file_that_cannot_be_written_keeps_nobody_from_working() {
    let (cluster, issuer) = (Cluster::new(echo).await, Issuer::rotating().await);
    let home = Home::new();
    let user = issuer.user(&token("over", 1000), ", refresh-token: refresh-1");
    let options = home.config(&cluster.entry(), &user);
    home.write("config.lock", "");
    let connection = connected(&options).await.unwrap();
    assert_eq!(whoami(connection.client.clone()).await.unwrap(), token("id-2", FAR));
    let warnings = connection.later_warnings();
    assert!(
        warnings[0].contains("could not be written to the kubeconfig") && warnings.len() == 1,
        "{warnings:?}"
    );
    assert!(std::fs::read_to_string(home.path("config")).unwrap().contains("refresh-1"));
    assert_eq!(whoami(connection.client).await.unwrap(), token("id-2", FAR));
}

#[tokio::test]
async fn a_secret_goes_into_the_header_and_then_into_the_form() {
    let issuer = Issuer::new(|seen| {
        if seen.body.contains("client_secret=s%2Fcret") {
            return Answer::json(format!(r#"{{"id_token":"{}"}}"#, token("form", FAR)));
        }
        assert_eq!(asker(seen), "kw:s%2Fcret");
        Answer::status(401, r#"{"error":"invalid_client"}"#)
    })
    .await;
    let cluster = Cluster::new(echo).await;
    let home = Home::new();
    let user = issuer.user("", ", refresh-token: 'a b', client-secret: s/cret");
    assert_eq!(who(&home.config(&cluster.entry(), &user)).await.unwrap(), token("form", FAR));
    assert!(issuer.server.seen()[1].body.contains("refresh_token=a%20b"));
}

#[tokio::test]
async fn faults_say_what_to_do_and_no_secret() {
    let (cluster, issuer) = (Cluster::new(echo).await, Issuer::rotating().await);
    let home = Home::new();
    let over = token("over", 1000);
    let line = failure(&home.config(&cluster.entry(), &issuer.user(&over, ""))).await;
    assert!(
        line.contains("is over, and there is no refresh-token; log in again, or use the exec plugin"),
        "{line}"
    );
    let options = home.config(&cluster.entry(), &issuer.user(&over, ", refresh-token: s3cret"));
    let error = who(&options).await.unwrap_err();
    assert_eq!(error.class, Class::Credentials);
    let line = error.to_string();
    assert!(line.contains("it answers 400: invalid_grant used already; log in again"), "{line}");
    assert!(!line.contains("s3cret"), "{line}");
    let http = "{auth-provider: {name: oidc, config: {idp-issuer-url: 'http://127.0.0.1:1', client-id: kw, \
                refresh-token: x}}}";
    let line = failure(&home.config(&cluster.entry(), http)).await;
    assert!(
        line.contains("\"http://127.0.0.1:1/.well-known/openid-configuration\" is not an https address"),
        "{line}"
    );
    let stranger = Authority::new("stranger");
    let user = issuer
        .user(&over, ", refresh-token: x")
        .replace(&base64(&issuer.authority.pem()), &base64(&stranger.pem()));
    let error = who(&home.config(&cluster.entry(), &user)).await.unwrap_err();
    assert_eq!(error.class, Class::Tls, "{error}");
}
