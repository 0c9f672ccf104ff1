//! How a credential plugin that needs a person gets the terminal.
//!
//! The runtime holds the receiving end of [`TerminalRequests`]. For each request it suspends the interface, sends a
//! [`Lease`] and waits for its [`LeaseEnd`]; then the terminal is its own again:
//!
//! ```ignore
//! while let Some(request) = requests.recv().await {
//!     guard.suspend();
//!     let (lease, end) = Lease::new();
//!     if request.grant.send(lease).is_ok() {
//!         end.await; // the plugin is done, whatever came of it
//!     }
//!     guard.resume();
//! }
//! ```
//!
//! Dropping the request instead refuses it; the plugin's error then says that it needs a terminal. While a lease is
//! out, the interface must neither read keys nor draw, and should ignore the interrupt that ctrl-c sends to both
//! programs. A program without a terminal drops the receiver at once.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::{mpsc, oneshot};

/// Where plugins ask for the terminal.
pub type TerminalRequests = mpsc::Sender<TerminalRequest>;

/// A plugin asks for the terminal.
#[derive(Debug)]
pub struct TerminalRequest {
    /// The plugin's command, on one line.
    pub program: String,
    /// Why, when there is more to say than that it always does: what it said when it ran without.
    pub reason: String,
    /// Where the lease goes. Dropped: no.
    pub grant: oneshot::Sender<Lease>,
}

/// The terminal, lent. Dropping it gives the terminal back.
#[derive(Debug)]
pub struct Lease {
    _end: oneshot::Sender<()>,
}

/// Completes when the [`Lease`] that was made with it is dropped.
#[derive(Debug)]
pub struct LeaseEnd(oneshot::Receiver<()>);

impl Lease {
    /// A lease, and what completes when it is given back.
    #[must_use]
    pub fn new() -> (Lease, LeaseEnd) {
        let (end, ended) = oneshot::channel();
        (Lease { _end: end }, LeaseEnd(ended))
    }
}

impl Future for LeaseEnd {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(context).map(|_| ())
    }
}
