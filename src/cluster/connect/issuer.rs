//! Credentials that someone else issues (a plugin, an identity provider), one at a time.
//!
//! However many requests wait, there is one run; it goes on when those who wait lose interest, so that the next finds
//! its result. What it issued is used until shortly before it expires. A 401 makes it run again, at most once a
//! minute: a server that refuses what was just issued would refuse the next as well.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::credentials::Proof;
use super::exec::Plugin;
use super::oidc::Provider;
use crate::cluster::{Class, Error};

/// How long before its end a credential is renewed.
const MARGIN: SignedDuration = SignedDuration::from_secs(15);
/// How long a failure is believed, so that many watches that fail together do not run a plugin each.
const FAILURE_HOLDS: Duration = Duration::from_secs(3);
/// The shortest time between two renewals that a 401 asked for.
const REFUSALS_APART: Duration = Duration::from_secs(60);

/// What was issued.
pub(super) struct Issued {
    pub(super) proof: Proof,
    /// Its end, when it has one.
    pub(super) expires: Option<Timestamp>,
}

/// Who issues.
pub(super) enum Maker {
    Plugin(Plugin),
    Oidc(Provider),
}

impl Maker {
    async fn issue(&self) -> Result<Issued, Error> {
        match self {
            Maker::Plugin(plugin) => plugin.issue().await,
            Maker::Oidc(provider) => provider.issue().await,
        }
    }
}

type Run = Shared<BoxFuture<'static, Result<Arc<Proof>, Error>>>;

/// Issues credentials and keeps the last.
pub(super) struct Issuer {
    maker: Arc<Maker>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    current: Option<(Arc<Proof>, Option<Timestamp>)>,
    run: Option<Run>,
    failed: Option<(Instant, Error)>,
    refused: Option<Instant>,
}

impl Issuer {
    pub(super) fn new(maker: Maker) -> Issuer {
        Issuer { maker: Arc::new(maker), state: Arc::default() }
    }

    pub(super) async fn current(&self) -> Result<Arc<Proof>, Error> {
        let run = {
            let mut state = lock(&self.state);
            if let Some(proof) = state.fresh() {
                return Ok(proof);
            }
            if let Some((at, error)) = &state.failed
                && at.elapsed() < FAILURE_HOLDS
            {
                return Err(error.clone());
            }
            self.run(&mut state)
        };
        run.await
    }

    pub(super) async fn renew(&self, refused: &Arc<Proof>) -> Result<Option<Arc<Proof>>, Error> {
        let run = {
            let mut state = lock(&self.state);
            match state.fresh() {
                // Renewed since, because of another request's 401.
                Some(proof) if !Arc::ptr_eq(&proof, refused) => return Ok(Some(proof)),
                _ if state.run.is_some() => self.run(&mut state),
                _ if state.refused.is_some_and(|at| at.elapsed() < REFUSALS_APART) => return Ok(None),
                _ => {
                    state.refused = Some(Instant::now());
                    self.run(&mut state)
                }
            }
        };
        let renewed = run.await?;
        Ok(Some(renewed).filter(|proof| !proof.same(refused)))
    }

    pub(super) fn forget(&self) {
        let mut state = lock(&self.state);
        (state.current, state.failed, state.refused) = (None, None, None);
        match &*self.maker {
            Maker::Plugin(plugin) => plugin.forget(),
            Maker::Oidc(provider) => provider.forget(),
        }
    }

    /// What went wrong without keeping anyone from working.
    pub(super) fn warnings(&self) -> Vec<String> {
        match &*self.maker {
            Maker::Plugin(_) => Vec::new(),
            Maker::Oidc(provider) => provider.warnings(),
        }
    }

    /// The run that is going on, or a new one.
    fn run(&self, state: &mut State) -> Run {
        if let Some(run) = &state.run {
            return run.clone();
        }
        let (maker, shared) = (Arc::clone(&self.maker), Arc::clone(&self.state));
        let task = tokio::spawn(async move {
            let issued = maker.issue().await;
            lock(&shared).settle(issued)
        });
        let shared = Arc::clone(&self.state);
        let run = async move {
            task.await.unwrap_or_else(|_| {
                lock(&shared).run = None;
                Err(Error::new(Class::Credentials, "obtaining credentials was interrupted"))
            })
        };
        let run = run.boxed().shared();
        state.run = Some(run.clone());
        run
    }
}

impl State {
    /// The current credential, unless it is about to expire.
    fn fresh(&self) -> Option<Arc<Proof>> {
        let (proof, expires) = self.current.as_ref()?;
        let expired = expires.is_some_and(|end| end.duration_since(Timestamp::now()) <= MARGIN);
        (!expired).then(|| Arc::clone(proof))
    }

    fn settle(&mut self, issued: Result<Issued, Error>) -> Result<Arc<Proof>, Error> {
        self.run = None;
        match issued {
            Ok(Issued { mut proof, expires }) => {
                // The same certificate again keeps its connections.
                if let (Some((before, _)), Some(now)) = (&self.current, &proof.identity)
                    && let Some(known) = before.identity.as_ref().filter(|known| known.same(now))
                {
                    proof.identity = Some(Arc::clone(known));
                }
                let proof = Arc::new(proof);
                self.current = Some((Arc::clone(&proof), expires));
                self.failed = None;
                Ok(proof)
            }
            Err(error) => {
                self.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
