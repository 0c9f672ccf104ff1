//! The thread on which the simulated API server listens: HTTPS on 127.0.0.1 and nowhere else.
//!
//! HTTPS because clients send no token over plain HTTP, and a token because other users of the machine reach loopback
//! as well.

mod hub;
mod identity;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

pub(crate) use hub::{Hub, sleep};
use identity::Identity;

use super::api;

/// Why a simulated cluster does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody listens there already.
    #[error("port {0} is in use")]
    PortInUse(u16),
    /// The address cannot be listened at.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(std::io::Error),
    /// The kubeconfig cannot be written.
    #[error("cannot write the kubeconfig: {0}")]
    Files(std::io::Error),
    /// No certificate can be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificate cannot be used.
    #[error("cannot use the certificate: {0}")]
    Tls(#[from] rustls::Error),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Chance,
    /// There can be no further thread.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

/// A server that answers until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// How clients reach it.
    pub(super) kubeconfig: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on `port`, or on any free one for 0, and answers as soon as `make` has made the world.
    pub(super) fn start(
        make: impl FnOnce() -> Arc<Hub> + Send + 'static,
        port: u16,
    ) -> Result<Server, StartError> {
        let listener = listen(port)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let identity = Identity::new()?;
        let kubeconfig = identity.kubeconfig(address);
        let (stop, stopped) = oneshot::channel();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let serve = move || {
            let hub = make();
            runtime.block_on(async move {
                tokio::select! {
                    () = accept(listener, identity, hub.clone()) => {}
                    () = hub.drive() => {}
                    _ = stopped => {}
                }
            });
        };
        let thread =
            std::thread::Builder::new().name("demo".into()).spawn(serve).map_err(StartError::Thread)?;
        Ok(Server { address, kubeconfig, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn listen(port: u16) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => StartError::PortInUse(port),
        _ => StartError::Listen(error),
    })?;
    listener.set_nonblocking(true).map_err(StartError::Listen)?;
    Ok(listener)
}

async fn accept(listener: TcpListener, identity: Identity, hub: Arc<Hub>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let identity = Arc::new(identity);
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(connection(stream, identity.clone(), hub.clone()))),
            // Too many open files, for one: others may be closed meanwhile.
            Err(_) => sleep(Some(std::time::Duration::from_millis(50))).await,
        }
    }
}

async fn connection(stream: TcpStream, identity: Arc<Identity>, hub: Arc<Hub>) {
    drop(stream.set_nodelay(true));
    let Ok(stream) = identity.tls.accept(stream).await else { return };
    let service = service_fn(move |request| {
        let (hub, identity) = (hub.clone(), identity.clone());
        async move { Ok::<_, std::convert::Infallible>(api::answer(&hub, &identity.token, request).await) }
    });
    // A connection that breaks is the client's to notice.
    drop(
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await,
    );
}
