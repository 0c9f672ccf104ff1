//! Over real connections: what the library beneath does with sockets is part of what must hold.

use std::net::SocketAddr;
use std::time::Duration;

use kittiwake::cluster::Class;
use kittiwake::cluster::listwatch::{Feed, Tuning, Watch, WatchHandle, open};
use kittiwake::cluster::{Link, WatchId};
use kittiwake::resources::{Selection, find};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::rig::{LONG, at, event, list, pod};
use crate::table::Table;

/// A server on loopback whose every byte a test writes, and a watch of it.
struct Wire {
    listener: TcpListener,
    table: Table,
    handle: Option<WatchHandle>,
}

impl Wire {
    async fn new() -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let mut config = kube::Config::new(uri);
        config.default_retry = false;
        let client = kube::Client::try_from(config).unwrap();
        let tuning = Tuning {
            head_timeout: Duration::from_millis(500),
            backoff_first: Duration::from_millis(1),
            backoff_last: Duration::from_millis(20),
            ..Tuning::default()
        };
        let (sender, batches) = mpsc::channel(64);
        let selection = Selection::all(find("pods").unwrap(), None);
        let handle = Some(open(client, Watch { id: WatchId(1), selection }, Feed::new(sender), tuning));
        Wire { listener, table: Table::new(batches), handle }
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    async fn connection(&self) -> Connection {
        Connection(tokio::time::timeout(LONG, self.listener.accept()).await.unwrap().unwrap().0)
    }
}

struct Connection(TcpStream);

impl Connection {
    /// The head of the next request.
    async fn request(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// The head of an answer whose body is chunked.
    async fn ok(&mut self) {
        self.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
    }

    async fn chunk(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        self.write(format!("{:x}\r\n", bytes.len())).await;
        self.write(bytes).await;
        self.write("\r\n").await;
    }

    /// A whole list, and the head of the watch that follows on the same connection.
    async fn settle(&mut self, version: &str, pods: &[serde_json::Value]) {
        assert!(self.request().await.starts_with("GET /api/v1/pods HTTP/1.1"));
        self.ok().await;
        self.chunk(list(version, "", pods)).await;
        self.write("0\r\n\r\n").await;
        let watch = self.request().await;
        assert!(watch.contains(&format!("resourceVersion={version}&")), "{watch}");
        self.ok().await;
    }

    /// Closes with a reset instead of an end.
    fn reset(self) {
        self.0.set_zero_linger().unwrap();
    }

    /// Waits until the other side has closed.
    async fn closed(&mut self) {
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(LONG, self.0.read_to_end(&mut rest)).await.unwrap();
    }
}

#[tokio::test]
async fn list_and_watch_share_a_connection_and_the_handle_closes_it() {
    let mut wire = Wire::new().await;
    let mut connection = wire.connection().await;
    connection.settle("7", &[pod("a", "")]).await;
    wire.table.until(Table::is_live).await;
    connection.chunk(event("ADDED", &at("8", pod("b", "")))).await;
    wire.table.until_rows(&["a", "b"]).await;
    wire.handle = None;
    connection.closed().await;
}

#[tokio::test]
async fn a_connection_reset_or_closed_in_the_middle_is_resumed_on_another() {
    let mut wire = Wire::new().await;
    let text = list("7", "", &[pod("a", ""), pod("b", "")]);
    for reset in [true, false] {
        let mut connection = wire.connection().await;
        connection.request().await;
        connection.ok().await;
        connection.chunk(&text[..text.len() / 2]).await;
        if reset { connection.reset() } else { drop(connection) }
    }
    let (class, message) = wire.table.until_faults(2).await;
    assert_eq!(class, Class::Unreachable, "{message}");
    let mut connection = wire.connection().await;
    connection.settle("7", &[pod("a", ""), pod("b", "")]).await;
    wire.table.until(Table::is_live).await;
    let event = event("ADDED", &at("8", pod("c", "")));
    connection.chunk(&event[..event.len() / 2]).await;
    connection.reset();
    let (class, message) = wire.table.until_faults(3).await;
    assert_eq!(class, Class::Unreachable, "{message}");
    let mut connection = wire.connection().await;
    assert!(connection.request().await.contains("resourceVersion=7&"));
    connection.ok().await;
    connection.chunk(event).await;
    wire.table.until_rows(&["a", "b", "c"]).await;
}

#[tokio::test]
async fn a_server_that_restarts_is_found_again() {
    let mut wire = Wire::new().await;
    let mut connection = wire.connection().await;
    connection.settle("7", &[pod("a", "")]).await;
    wire.table.until(Table::is_live).await;
    let address = wire.address();
    drop(connection);
    drop(std::mem::replace(&mut wire.listener, TcpListener::bind("127.0.0.1:0").await.unwrap()));
    wire.table.until(|table| table.faults.len() > 3).await;
    let refused = wire.table.faults.last().unwrap();
    assert_eq!(refused.0, Class::Unreachable, "{}", refused.1);
    assert_eq!(wire.table.rows.len(), 1, "rows stay");
    wire.listener = TcpListener::bind(address).await.unwrap();
    let mut connection = wire.connection().await;
    assert!(connection.request().await.contains("resourceVersion=7&"));
    connection.ok().await;
    wire.table.until(Table::is_live).await;
}

#[tokio::test]
async fn a_server_that_takes_the_connection_and_says_nothing_is_given_up() {
    let mut wire = Wire::new().await;
    let mut connection = wire.connection().await;
    connection.request().await;
    connection.closed().await;
    assert_eq!(wire.table.until_faults(1).await.0, Class::Timeout);
    assert!(matches!(wire.table.link, Link::Interrupted { .. }));
}

#[tokio::test]
async fn what_does_not_speak_http_is_a_fault() {
    let mut wire = Wire::new().await;
    let mut connection = wire.connection().await;
    connection.request().await;
    connection.write("SSH-2.0-OpenSSH_9.6\r\n").await;
    let (class, message) = wire.table.until_faults(1).await;
    assert_eq!(class, Class::Protocol, "{message}");
    let mut connection = wire.connection().await;
    connection.request().await;
    connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnot a length\r\n").await;
    let (class, message) = wire.table.until_faults(2).await;
    assert_eq!(class, Class::Protocol, "{message}");
}
