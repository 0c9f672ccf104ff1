//! Proxies of tests: HTTP CONNECT and SOCKS5. Whatever name they are asked for, they lead to one server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpListener, TcpStream};

use super::connect_pki::Pair;

/// A running proxy.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    /// What it was asked for: `host:port login`.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// An HTTP proxy that answers CONNECT with `status`, and leads to `server` when that is 200.
    pub(crate) async fn http(server: SocketAddr, status: u16) -> Proxy {
        Proxy::start(move |stream, log| connect(stream, server, status, log)).await
    }

    /// An HTTP proxy that is spoken to over TLS.
    pub(crate) async fn https(server: SocketAddr, pair: &Pair) -> Proxy {
        let tls = super::connect_server::tls(pair);
        Proxy::start(move |stream, log| {
            let tls = tls.clone();
            async move { connect(tls.accept(stream).await.ok()?, server, 200, log).await }
        })
        .await
    }

    /// A SOCKS5 proxy that wants `login` (`user:password`; empty for none).
    pub(crate) async fn socks5(server: SocketAddr, login: &'static str) -> Proxy {
        Proxy::start(move |stream, log| socks(stream, server, login, log)).await
    }

    async fn start<F: Future<Output = Option<()>> + Send + 'static>(
        handle: impl Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> F + Send + 'static,
    ) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(handle(stream, Arc::clone(&log)));
            }
        });
        Proxy { address, asked }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn connect(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    server: SocketAddr,
    status: u16,
    log: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let (mut place, mut login) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        match line.trim_end().split_once(' ') {
            Some(("CONNECT", rest)) => place = rest.trim_end_matches(" HTTP/1.1").to_owned(),
            Some(("Proxy-Authorization:", value)) => login = value.to_owned(),
            Some(_) => {}
            None => break,
        }
    }
    log.lock().unwrap().push(format!("{place} {login}").trim().to_owned());
    stream.write_all(format!("HTTP/1.1 {status} Said\r\nvia: test\r\n\r\n").as_bytes()).await.ok()?;
    if status == 200 {
        let mut far = TcpStream::connect(server).await.ok()?;
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut far).await;
    }
    Some(())
}

async fn socks(
    mut stream: TcpStream,
    server: SocketAddr,
    login: &str,
    log: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await.ok()?;
    if head[0] != 5 {
        return None;
    }
    let mut methods = vec![0; head[1].into()];
    stream.read_exact(&mut methods).await.ok()?;
    let wanted = if login.is_empty() { 0 } else { 2 };
    if !methods.contains(&wanted) {
        stream.write_all(&[5, 0xff]).await.ok()?;
        return None;
    }
    stream.write_all(&[5, wanted]).await.ok()?;
    if wanted == 2 {
        stream.read_u8().await.ok()?;
        let said = format!("{}:{}", text(&mut stream).await?, text(&mut stream).await?);
        stream.write_all(&[1, u8::from(said != login)]).await.ok()?;
    }
    let mut request = [0; 4];
    stream.read_exact(&mut request).await.ok()?;
    let host = match request[3] {
        3 => text(&mut stream).await?,
        1 => std::net::Ipv4Addr::from(stream.read_u32().await.ok()?).to_string(),
        _ => return None,
    };
    let port = stream.read_u16().await.ok()?;
    log.lock().unwrap().push(format!("{host}:{port} {login}").trim().to_owned());
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
    let mut far = TcpStream::connect(server).await.ok()?;
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut far).await;
    Some(())
}

async fn text(stream: &mut TcpStream) -> Option<String> {
    let length = stream.read_u8().await.ok()?;
    let mut bytes = vec![0; length.into()];
    stream.read_exact(&mut bytes).await.ok()?;
    String::from_utf8(bytes).ok()
}
