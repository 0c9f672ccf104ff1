//! The server's end of a client, which a test plays itself: it sees each request, and answers it byte by byte.

#![allow(dead_code, reason = "each test program uses some of it")]

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use http_body::Frame;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

pub(crate) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// Longer than any wait of the engine. Tests that pause the clock do not live through it.
pub(crate) const LONG: Duration = Duration::from_secs(900);

/// A client whose requests a test answers.
pub(crate) fn client() -> (kube::Client, mpsc::UnboundedReceiver<Asked>) {
    let (sender, requests) = mpsc::unbounded_channel();
    let service = tower::service_fn(move |request: Request<Body>| {
        let sender = sender.clone();
        async move {
            let (reply, answer) = oneshot::channel();
            let (head, _) = request.into_parts();
            let asked = Asked { uri: head.uri, headers: head.headers, reply };
            sender.send(asked).map_err(|_| Broken::from("the test is over"))?;
            answer.await.map_err(|_| reset())?
        }
    });
    (kube::Client::new(service, "default"), requests)
}

fn reset() -> Broken {
    Box::new(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
}

/// A request that waits for its answer. Dropping it breaks the connection.
pub(crate) struct Asked {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    reply: oneshot::Sender<Result<Response<Incoming>, Broken>>,
}

impl Asked {
    pub(crate) fn is_watch(&self) -> bool {
        self.query("watch").is_some()
    }

    /// The value of a parameter, as it was written.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let mut pairs = self.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Answers with a head; the body is written through what it gives.
    pub(crate) fn answer(self, code: u16, headers: &[(&str, &str)]) -> Flow {
        let (sender, frames) = mpsc::channel(1);
        let mut response = Response::builder().status(code);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        // The engine may have given up meanwhile, which is its right.
        let _ = self.reply.send(Ok(response.body(Incoming(frames)).unwrap()));
        Flow(sender)
    }

    pub(crate) fn ok(self) -> Flow {
        self.answer(200, &[])
    }

    /// Answers with a whole list.
    pub(crate) async fn list(self, version: &str, token: &str, pods: &[Value]) {
        self.ok().send(&list(version, token, pods)).await;
    }

    /// Answers with a `Status`.
    pub(crate) async fn refuse(self, code: u16, message: &str) {
        self.answer(code, &[]).send(&status(code, message).to_string()).await;
    }

    /// Waits until the engine wants no answer any more.
    pub(crate) async fn given_up(mut self) {
        self.reply.closed().await;
    }
}

/// The body of an answer being written. Dropping it ends the body well.
pub(crate) struct Flow(mpsc::Sender<Result<Bytes, Broken>>);

impl Flow {
    /// Sends some bytes; tells whether anyone still reads.
    pub(crate) async fn send(&self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.send(Ok(Bytes::copy_from_slice(bytes.as_ref()))).await.is_ok()
    }

    /// Sends an event of a watch.
    pub(crate) async fn event(&self, kind: &str, object: &Value) -> bool {
        self.send(event(kind, object)).await
    }

    /// Breaks the connection.
    pub(crate) async fn cut(self) {
        let _ = self.0.send(Err(reset())).await;
    }

    /// Waits until the engine has closed the connection.
    pub(crate) async fn closed(&self) {
        self.0.closed().await;
    }
}

/// A body whose frames come from a [`Flow`].
pub(crate) struct Incoming(mpsc::Receiver<Result<Bytes, Broken>>);

impl http_body::Body for Incoming {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        self.0.poll_recv(context).map(|frame| frame.map(|bytes| bytes.map(Frame::data)))
    }
}

/// The same object at `version`.
pub(crate) fn at(version: &str, mut object: Value) -> Value {
    object["metadata"]["resourceVersion"] = version.into();
    object
}

/// A list as the server writes it.
pub(crate) fn list(version: &str, token: &str, pods: &[Value]) -> String {
    let meta = json!({ "resourceVersion": version, "continue": token });
    json!({ "kind": "PodList", "apiVersion": "v1", "metadata": meta, "items": pods }).to_string()
}

/// An event as the server writes it.
pub(crate) fn event(kind: &str, object: &Value) -> String {
    format!("{}\n", json!({ "type": kind, "object": object }))
}

/// A bookmark.
pub(crate) fn bookmark(version: &str) -> Value {
    json!({ "kind": "Pod", "metadata": { "resourceVersion": version } })
}

/// A `Status` that tells of a failure.
pub(crate) fn status(code: u16, message: &str) -> Value {
    json!({ "kind": "Status", "status": "Failure", "message": message, "code": code })
}
