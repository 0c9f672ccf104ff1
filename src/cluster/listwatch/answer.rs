//! The body of an answer, piece by piece, inflated.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::CONTENT_ENCODING;
use http_body_util::BodyExt as _;
use kube::client::Body;
use tokio::time::Instant;

use super::inflate::Inflate;
use super::{Tuning, fault};
use crate::cluster::Error;

/// The most bytes of one piece. What is done with a piece is done without a pause, and the interface waits for it:
/// this many bytes are decoded in some 0.2 ms.
const PIECE: usize = 32 << 10;

/// The most bytes that are read of an answer that tells of a failure.
const FAILURE_BYTES: usize = 64 << 10;

/// How long to wait for the parts of an answer.
#[derive(Debug, Clone, Copy)]
pub(in crate::cluster) struct Patience {
    /// For its head, connecting included.
    pub(in crate::cluster) head: Duration,
    /// For each next byte of a good one.
    pub(in crate::cluster) idle: Duration,
    /// For each next byte of one that tells of a failure.
    pub(in crate::cluster) failure: Duration,
}

impl Patience {
    /// For an answer of which all is there.
    pub(in crate::cluster) const fn of(tuning: &Tuning) -> Patience {
        Patience { head: tuning.head_timeout, idle: tuning.list_idle, failure: tuning.list_idle }
    }
}

/// Sends a request; gives the body of a good answer.
///
/// # Errors
/// With what failed, as a failure of `doing`.
pub(in crate::cluster) async fn ask(
    client: &kube::Client,
    request: http::Request<Body>,
    patience: Patience,
    doing: &str,
) -> Result<Answer, Error> {
    let response = match tokio::time::timeout(patience.head, client.send(request)).await {
        Ok(response) => response.map_err(|error| Error::from_kube(error, doing))?,
        Err(_) => return Err(fault::no_answer(patience.head).while_doing(doing)),
    };
    if response.status().is_success() {
        return Answer::new(response, patience.idle).map_err(|error| error.while_doing(doing));
    }
    let (code, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    if let Ok(mut answer) = Answer::new(response, patience.failure) {
        let take = |piece: &[u8]| {
            body.extend_from_slice(piece);
            body.len() < FAILURE_BYTES
        };
        // What is missing of the explanation does not change what it explains.
        let _ = answer.read(take).await;
    }
    Err(Error::from_response(code, &headers, &body, doing))
}

/// The body of an answer.
pub(in crate::cluster) struct Answer {
    body: Body,
    /// What arrived last, and how much of it has been given out.
    chunk: Bytes,
    at: usize,
    inflate: Option<Inflate>,
    idle: Duration,
    silent: bool,
}

impl Answer {
    /// The body of `response`, which fails when nothing arrives for `idle`.
    ///
    /// # Errors
    /// When it is encoded in a way that was not asked for.
    pub(in crate::cluster) fn new(response: http::Response<Body>, idle: Duration) -> Result<Answer, Error> {
        let inflate = match response.headers().get(CONTENT_ENCODING).map(http::HeaderValue::as_bytes) {
            None | Some(b"identity") => None,
            Some(b"gzip") => Some(Inflate::new(PIECE)),
            Some(_) => return Err(fault::protocol("the answer has an encoding that was not asked for")),
        };
        Ok(Answer { body: response.into_body(), chunk: Bytes::new(), at: 0, inflate, idle, silent: false })
    }

    /// The next piece of what has arrived; `None` when all of it has been given out.
    ///
    /// # Errors
    /// When it cannot be inflated.
    pub(in crate::cluster) fn piece(&mut self) -> Result<Option<&[u8]>, Error> {
        if let Some(inflate) = &mut self.inflate {
            return inflate.piece(&self.chunk, &mut self.at);
        }
        let start = self.at;
        self.at = self.chunk.len().min(start + PIECE);
        Ok(Some(&self.chunk[start..self.at]).filter(|piece| !piece.is_empty()))
    }

    /// Takes what has arrived meanwhile, without waiting; `None` when nothing has, or whether there is more to come.
    pub(in crate::cluster) fn fill_now(&mut self) -> Option<Result<bool, Error>> {
        let frame = self.body.frame().now_or_never()?;
        Some(self.take(frame))
    }

    /// Waits for more until `due`; `None` when nothing has arrived by then.
    pub(in crate::cluster) async fn fill_until(&mut self, due: Instant) -> Option<Result<bool, Error>> {
        let frame = tokio::time::timeout_at(due, self.body.frame()).await.ok()?;
        Some(self.take(frame))
    }

    /// Waits for more; tells whether there is.
    ///
    /// # Errors
    /// When the connection fails, when nothing arrives for too long, or when the body ends before its end.
    pub(in crate::cluster) async fn fill(&mut self) -> Result<bool, Error> {
        match tokio::time::timeout(self.idle, self.body.frame()).await {
            Ok(frame) => self.take(frame),
            Err(_) => {
                self.silent = true;
                Err(fault::silent(self.idle))
            }
        }
    }

    /// Reads the rest piece by piece, as long as `each` wants more.
    ///
    /// # Errors
    /// As [`Answer::piece`] and [`Answer::fill`].
    pub(in crate::cluster) async fn read(
        &mut self,
        mut each: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), Error> {
        loop {
            while let Some(piece) = self.piece()? {
                if !each(piece) {
                    return Ok(());
                }
            }
            if !self.fill().await? {
                return Ok(());
            }
        }
    }

    /// Whether it has failed because nothing arrived.
    pub(in crate::cluster) const fn is_silent(&self) -> bool {
        self.silent
    }

    fn take(&mut self, frame: Option<Result<http_body::Frame<Bytes>, kube::Error>>) -> Result<bool, Error> {
        match frame {
            Some(Ok(frame)) => {
                // Anything but data is a trailer, which nobody needs.
                self.chunk = frame.into_data().unwrap_or_default();
                self.at = 0;
                Ok(true)
            }
            Some(Err(error)) => Err(Error::from_kube(error, "")),
            None if self.inflate.as_ref().is_some_and(|inflate| !inflate.is_complete()) => {
                Err(fault::truncated())
            }
            None => Ok(false),
        }
    }
}
