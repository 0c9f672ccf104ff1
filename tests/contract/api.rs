//! Requests as a client sends them, and answers as it gets them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kittiwake::cluster::connect::{Kubeconfig, Options, connect};
use kube::client::Body;
use serde_json::{Value, json};

use crate::target::Target;

/// How long anything may take that is bound to happen.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const JSON: &str = "application/json";
pub(crate) const MERGE: &str = "application/merge-patch+json";
pub(crate) const STRATEGIC: &str = "application/strategic-merge-patch+json";
pub(crate) const OPERATIONS: &str = "application/json-patch+json";
pub(crate) const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

/// A server, and a namespace in it that belongs to one test.
pub(crate) struct Api {
    client: kube::Client,
    pub(crate) namespace: String,
    pub(crate) target: Target,
}

/// An answer: its status code and its body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer(pub(crate) u16, pub(crate) Value);

impl Answer {
    /// The body, of an answer that says the request was granted.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.0), "{self:?}");
        self.1
    }

    /// Code and reason, of an answer that says it was refused.
    #[track_caller]
    pub(crate) fn refused(&self) -> (u16, &str) {
        assert_eq!((&self.1["kind"], &self.1["status"]), (&json!("Status"), &json!("Failure")), "{self:?}");
        assert_eq!(self.1["code"], json!(self.0), "{self:?}");
        (self.0, self.1["reason"].as_str().unwrap_or_default())
    }
}

impl Api {
    /// A server and a new namespace in it.
    pub(crate) async fn new() -> Api {
        Api::of(Target::new()).await
    }

    /// The same, of a server that no other test uses at the same time.
    pub(crate) async fn alone() -> Api {
        Api::of(Target::alone()).await
    }

    async fn of(target: Target) -> Api {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let namespace = format!("contract-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let options = Options { kubeconfig: Some(target.kubeconfig()), ..Options::default() };
        let (terminal, _) = tokio::sync::mpsc::channel(1);
        let connection = connect(&Kubeconfig::load(&options).unwrap(), &options, terminal).await.unwrap();
        let api = Api { client: connection.client, namespace, target };
        api.create("/api/v1/namespaces", json!({"metadata": {"name": api.namespace}})).await;
        api
    }

    /// The path of objects of the core group in the test's namespace.
    pub(crate) fn core(&self, what: &str) -> String {
        format!("/api/v1/namespaces/{}/{what}", self.namespace)
    }

    /// The path of objects of the group `apps`.
    pub(crate) fn apps(&self, what: &str) -> String {
        format!("/apis/apps/v1/namespaces/{}/{what}", self.namespace)
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: [&str; 2], body: Vec<u8>) -> Answer {
        let [content_type, accept] = headers;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", content_type)
            .header("accept", accept)
            .body(Body::from(body))
            .unwrap();
        let response = self.client.send(request).await.unwrap();
        let code = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let value = serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&body).into_owned()));
        Answer(code, value)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_as(path, JSON).await
    }

    pub(crate) async fn get_as(&self, path: &str, accept: &str) -> Answer {
        self.send(Method::GET, path, [JSON, accept], Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, [JSON, JSON], body.to_string().into_bytes()).await
    }

    /// Posts, expecting that it is granted.
    pub(crate) async fn create(&self, path: &str, body: Value) -> Value {
        self.post(path, body).await.ok()
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, [JSON, JSON], body.to_string().into_bytes()).await
    }

    pub(crate) async fn patch(&self, path: &str, kind: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, [kind, JSON], body.to_string().into_bytes()).await
    }

    pub(crate) async fn delete(&self, path: &str, options: Value) -> Answer {
        self.send(Method::DELETE, path, [JSON, JSON], options.to_string().into_bytes()).await
    }

    /// A config map with these labels.
    pub(crate) async fn config_map(&self, name: &str, labels: Value) -> Value {
        let body = json!({"metadata": {"name": name, "labels": labels}, "data": {"key": "value"}});
        self.create(&self.core("configmaps"), body).await
    }

    /// An answer that goes on, line by line.
    pub(crate) async fn lines(&self, path: &str, accept: &str) -> Lines {
        let request = Request::get(path).header("accept", accept).body(Body::empty()).unwrap();
        let response = self.client.send(request).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        Lines { body: response.into_body(), read: Vec::new() }
    }

    /// A watch.
    pub(crate) async fn watch(&self, path: &str, query: &str) -> Lines {
        self.lines(&format!("{path}?watch=true&{query}"), JSON).await
    }

    /// Asks again until it is so, or for too long.
    pub(crate) async fn eventually<T>(
        &self,
        what: &str,
        mut ask: impl AsyncFnMut() -> Result<T, String>,
    ) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match ask().await {
                Ok(answer) => return answer,
                Err(why) => assert!(Instant::now() < deadline, "never: {what}: {why}"),
            }
            // Not to take the processor from whoever is to bring it about.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Gets an object again and again until it is so.
    pub(crate) async fn until(&self, what: &str, path: &str, so: impl Fn(&Value) -> bool) -> Value {
        self.eventually(what, async || {
            let Answer(code, value) = self.get(path).await;
            if code == 200 && so(&value) { Ok(value) } else { Err(value.to_string()) }
        })
        .await
    }
}

/// The lines of an answer that goes on.
pub(crate) struct Lines {
    body: Body,
    read: Vec<u8>,
}

impl Lines {
    /// The next line; `None` when the answer ends.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return Some(String::from_utf8(line).unwrap().trim_end().to_owned());
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("something comes")?;
            self.read.extend_from_slice(frame.unwrap().data_ref().unwrap());
        }
    }

    /// The next event of a watch: its type and its object.
    pub(crate) async fn event(&mut self) -> (String, Value) {
        let line = self.next().await.expect("the watch goes on");
        let mut event: Value = serde_json::from_str(&line).unwrap();
        (event["type"].as_str().unwrap().to_owned(), event["object"].take())
    }

    /// The types and names of the next events.
    pub(crate) async fn events(&mut self, count: usize) -> Vec<String> {
        let mut events = Vec::new();
        for _ in 0..count {
            let (kind, object) = self.event().await;
            events.push(format!("{kind} {}", name(&object)));
        }
        events
    }
}

pub(crate) fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

pub(crate) fn version(object: &Value) -> &str {
    object["metadata"]["resourceVersion"].as_str().unwrap_or_default()
}

pub(crate) fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().map_or(&[][..], Vec::as_slice).iter().map(name).collect()
}

/// A deployment of a container that runs.
pub(crate) fn deployment(name: &str, replicas: i64) -> Value {
    json!({
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "app", "image": "example.com/web:1"}]},
            },
        },
    })
}
