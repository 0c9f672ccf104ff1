//! Does what the application wants of the cluster, and brings back what comes of it.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use kube::Client;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::files;
use crate::app::{Effect, Level, Msg};
use crate::cluster::connect::{self, Connection, Kubeconfig, Options, TerminalRequest};
use crate::cluster::listwatch::{self, Backoff, Feed, Tuning, Watch, WatchHandle};
use crate::cluster::logs::{self, LogBatch, LogFeed, LogId, LogRequest, LogTuning, TailHandle};
use crate::cluster::{Batch, Delta, Error, WatchId};
use crate::resources::{self, Row, Selection};

/// Batches that may wait for the application before watches stop reading.
const BATCHES: usize = 32;
/// Batches of lines that may wait before logs are read no further: each is up to some thousand lines.
const LOG_BATCHES: usize = 4;

/// The connection to one cluster at a time, and what goes on over it.
pub(super) struct Driver {
    kubeconfig: Arc<Kubeconfig>,
    options: Options,
    connection: Option<Connection>,
    /// How many of the connection's later warnings were said.
    warned: usize,
    watches: HashMap<WatchId, WatchHandle>,
    logs: HashMap<LogId, TailHandle>,
    /// Tasks of the session in force; they end with it.
    tasks: JoinSet<()>,
    /// Counts sessions, so that what comes late from one before is told apart.
    session: u64,
    retry: Arc<Notify>,
    /// How to list and watch on this server, as far as its version is known.
    tuning: Tuning,
    feed: Feed,
    batches: mpsc::Receiver<Batch>,
    log_feed: LogFeed,
    log_batches: mpsc::Receiver<LogBatch>,
    news_in: mpsc::Sender<(u64, News)>,
    news: mpsc::Receiver<(u64, News)>,
    leases_in: mpsc::Sender<TerminalRequest>,
    leases: mpsc::Receiver<TerminalRequest>,
}

/// What comes back.
pub(super) enum Heard {
    /// Something for the application.
    Msg(Msg),
    /// A credential plugin has to talk to the person on the terminal itself.
    LeaseWanted(TerminalRequest),
}

/// What tasks bring back.
enum News {
    Connected(Box<Connection>),
    Msg(Msg),
}

impl Driver {
    pub(super) fn new(kubeconfig: Kubeconfig, options: Options) -> Driver {
        let (batches_in, batches) = mpsc::channel(BATCHES);
        let (logs_in, log_batches) = mpsc::channel(LOG_BATCHES);
        let (news_in, news) = mpsc::channel(BATCHES);
        let (leases_in, leases) = mpsc::channel(1);
        Driver {
            kubeconfig: Arc::new(kubeconfig),
            options,
            connection: None,
            warned: 0,
            watches: HashMap::new(),
            logs: HashMap::new(),
            tasks: JoinSet::new(),
            session: 0,
            retry: Arc::new(Notify::new()),
            tuning: Tuning::default(),
            feed: Feed::new(batches_in),
            batches,
            log_feed: LogFeed::new(logs_in),
            log_batches,
            news_in,
            news,
            leases_in,
            leases,
        }
    }

    /// Does what is wanted.
    pub(super) fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Connect(context) => self.connect(context),
                Effect::Open(id, selection) => self.open(id, selection),
                Effect::Close(id) => drop(self.watches.remove(&id)),
                Effect::OpenLogs(id, request) => self.open_logs(id, request),
                Effect::EarlierLogs(id, lines) => {
                    if let Some(log) = self.logs.get(&id) {
                        log.earlier(lines);
                    }
                }
                Effect::CloseLogs(id) => drop(self.logs.remove(&id)),
                Effect::RetryNow => {
                    self.connection.iter().for_each(Connection::forget_credentials);
                    self.retry.notify_waiters();
                    self.watches.values().for_each(WatchHandle::retry_now);
                    self.logs.values().for_each(TailHandle::retry_now);
                }
                Effect::Identify => self.identify(),
                Effect::ListNamespaces => self.list_namespaces(),
                Effect::Save { name, text, what } => {
                    self.bring(async { Some(files::save(name, text, what).await) });
                }
                Effect::Page(text) => self.bring(files::page(text, self.leases_in.clone())),
                // The terminal's part.
                Effect::Copy(_) | Effect::Quit => {}
            }
        }
    }

    /// Waits for what comes back.
    pub(super) async fn next(&mut self) -> Heard {
        loop {
            if let Some(warning) = self.warning() {
                return Heard::Msg(Msg::Notice(Level::Info, warning));
            }
            let (session, news) = tokio::select! {
                biased;
                Some(request) = self.leases.recv() => return Heard::LeaseWanted(request),
                Some(news) = self.news.recv() => news,
                Some(batch) = self.batches.recv() => return Heard::Msg(Msg::Batch(batch)),
                Some(batch) = self.log_batches.recv() => return Heard::Msg(Msg::Logs(batch)),
                else => return std::future::pending().await,
            };
            if session != self.session {
                continue;
            }
            return Heard::Msg(match news {
                News::Msg(msg) => {
                    if let Msg::Version(version) = &msg {
                        self.tuning = Tuning::for_server(minor(version));
                    }
                    msg
                }
                News::Connected(connection) => {
                    let Connection { namespace, user, insecure, warnings, .. } = &*connection;
                    let (namespace, user, insecure) = (namespace.clone(), user.clone(), *insecure);
                    let warnings = warnings.clone();
                    self.connection = Some(*connection);
                    Msg::Connected { namespace, user, insecure, warnings }
                }
            });
        }
    }

    fn connect(&mut self, context: String) {
        self.session += 1;
        self.connection = None;
        self.warned = 0;
        self.tuning = Tuning::default();
        self.watches.clear();
        self.logs.clear();
        self.tasks.abort_all();
        let (session, news, leases) = (self.session, self.news_in.clone(), self.leases_in.clone());
        let (kubeconfig, retry) = (self.kubeconfig.clone(), self.retry.clone());
        let options = Options { context: Some(context), ..self.options.clone() };
        self.tasks.spawn(async move {
            let (mut backoff, tuning) = (Backoff::default(), Tuning::default());
            loop {
                let connecting = connect::connect(&kubeconfig, &options, leases.clone());
                let error = match AssertUnwindSafe(connecting).catch_unwind().await {
                    Ok(Ok(connection)) => {
                        let _ = news.send((session, News::Connected(Box::new(connection)))).await;
                        return;
                    }
                    Ok(Err(error)) => error,
                    Err(panic) => Error::from_panic(&*panic),
                };
                let wait = error.may_pass().then(|| backoff.next(&tuning, None));
                let retry_in_ms = wait.map(|wait| wait.as_millis() as u64);
                let msg = Msg::NotConnected { error: Arc::new(error), retry_in_ms };
                let asked = retry.notified();
                if news.send((session, News::Msg(msg))).await.is_err() {
                    return;
                }
                tokio::select! {
                    () = asked => {}
                    () = tokio::time::sleep(wait.unwrap_or(Duration::MAX)) => {}
                }
            }
        });
    }

    /// What went wrong with the credentials without keeping anyone from working, if it was not said yet.
    fn warning(&mut self) -> Option<String> {
        let warning = self.connection.as_ref()?.later_warnings().into_iter().nth(self.warned)?;
        self.warned += 1;
        Some(warning)
    }

    fn client(&self) -> Option<Client> {
        self.connection.as_ref().map(|connection| connection.client.clone())
    }

    fn open(&mut self, id: WatchId, selection: Selection) {
        if let Some(client) = self.client() {
            let handle =
                listwatch::open(client, Watch { id, selection }, self.feed.clone(), self.tuning.clone());
            self.watches.insert(id, handle);
        }
    }

    fn open_logs(&mut self, id: LogId, request: LogRequest) {
        if let Some(client) = self.client() {
            let tuning = LogTuning { watch: self.tuning.clone(), ..LogTuning::default() };
            self.logs.insert(id, logs::open(client, id, request, self.log_feed.clone(), tuning));
        }
    }

    /// Runs a request of the session and brings its answer back; a failure goes unsaid, since what it would fill in
    /// stays visibly empty and the watches say what is wrong with the connection.
    fn ask<F>(&mut self, request: impl FnOnce(Client) -> F)
    where
        F: Future<Output = Result<Msg, Error>> + Send + 'static,
    {
        let Some(client) = self.client() else { return };
        let answer = request(client);
        self.bring(async { answer.await.ok() });
    }

    /// Brings back what comes of something, if the session in force still is.
    fn bring(&mut self, answer: impl Future<Output = Option<Msg>> + Send + 'static) {
        let (session, news) = (self.session, self.news_in.clone());
        self.tasks.spawn(async move {
            if let Some(msg) = answer.await {
                let _ = news.send((session, News::Msg(msg))).await;
            }
        });
    }

    fn identify(&mut self) {
        self.ask(|client| async move { connect::server_version(client).await.map(Msg::Version) });
        self.ask(|client| async move { connect::whoami(client).await.map(Msg::User) });
    }

    fn list_namespaces(&mut self) {
        let Some(kind) = resources::find("namespaces") else { return };
        self.ask(move |client| async move {
            let rows = list(client, Selection::all(kind, None)).await?;
            Ok(Msg::Namespaces(rows.iter().map(|row| row.meta().name.to_string()).collect()))
        });
    }
}

/// The `37` of `v1.37.2`.
fn minor(version: &str) -> Option<u32> {
    let digits = version.split('.').nth(1)?.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Lists once, without watching: the rows as they come.
///
/// # Errors
/// With the first failure, or when objects could not be read: a list with gaps is not what was asked for.
pub(super) async fn list(client: Client, selection: Selection) -> Result<Vec<Box<dyn Row>>, Error> {
    let (batches_in, mut batches) = mpsc::channel(BATCHES);
    let watch = Watch { id: WatchId(0), selection };
    let listing = listwatch::list_once(client, watch, Feed::new(batches_in), Tuning::default());
    let reading = async {
        let mut rows = Vec::new();
        let mut unreadable = None;
        while let Some(batch) = batches.recv().await {
            for delta in batch.deltas {
                match delta {
                    Delta::Relist => rows.clear(),
                    Delta::Upsert(row) => rows.push(row),
                    Delta::Undecodable { error, .. } => unreadable = Some(error),
                    Delta::Delete(_) | Delta::Synced | Delta::Link(_) => {}
                }
            }
        }
        (rows, unreadable)
    };
    let (listed, (rows, unreadable)) = tokio::join!(listing, reading);
    listed?;
    unreadable.map_or(Ok(rows), |error| Err((*error).clone()))
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn the_minor_version_is_read_off_what_servers_say() {
        assert_eq!(minor("v1.37.2"), Some(37));
        assert_eq!(minor("v1.27.3-gke.100"), Some(27));
        assert_eq!(minor("v1.30+"), Some(30));
        assert_eq!(minor("dev"), None);
    }
}
