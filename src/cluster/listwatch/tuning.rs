//! The figures that the engine runs by, in one place, so that tests can make them small.

use std::time::Duration;

/// How patient, how large and how often. [`Tuning::default`] is what the program uses.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// How lists are asked for.
    pub paging: Paging,
    /// The most deltas in one batch.
    pub batch: usize,
    /// How long the first delta of a batch may wait for others while a list arrives: less than a frame, so that
    /// nobody sees it, but a server that compresses trickles two rows at a time, and each batch costs its merging
    /// into the table.
    pub gather: Duration,
    /// The most bytes of one object, and of one event. etcd takes 1.5 MiB unless told otherwise.
    pub object_bytes: usize,
    /// How long a request may wait for the head of its answer, connecting included.
    pub head_timeout: Duration,
    /// How long a list may go without a byte.
    pub list_idle: Duration,
    /// How long a watch may go without a byte. The server sends a bookmark about once a minute.
    pub watch_idle: Duration,
    /// The shortest life that a watch is asked to have; the longest is twice that. The server ends it then, and it
    /// resumes at once. The range is client-go's (`minWatchTimeout` in `tools/cache/reflector.go`).
    pub watch_life: Duration,
    /// A watch that ends within this time of being established counts towards [`Tuning::quick_ends`].
    pub short_watch: Duration,
    /// After a watch has lived so long, earlier failures are forgotten.
    pub healthy_watch: Duration,
    /// How far apart the lists are of what cannot be watched.
    pub poll: Duration,
    /// How many short watches, and how many expired versions, are met at once and silently before the next counts
    /// as a failure.
    pub quick_ends: u32,
    /// The wait after the first failure; it doubles with each further one.
    pub backoff_first: Duration,
    /// The longest wait between attempts, unless the server asks for more.
    pub backoff_last: Duration,
}

/// How a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// All at once; it is split while it arrives. Right for servers that encode lists as a stream.
    Streamed,
    /// In pages. Right for servers that would build the whole answer in memory before they send any of it.
    Pages {
        /// Objects in the first page: about two screens, so that it paints at once.
        first: u32,
        /// Objects in each further page.
        rest: u32,
    },
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning {
            paging: Paging::Streamed,
            batch: 512,
            gather: Duration::from_millis(8),
            object_bytes: 16 << 20,
            head_timeout: Duration::from_secs(20),
            list_idle: Duration::from_secs(30),
            watch_idle: Duration::from_secs(150),
            watch_life: Duration::from_secs(300),
            short_watch: Duration::from_secs(5),
            healthy_watch: Duration::from_secs(60),
            poll: Duration::from_secs(30),
            quick_ends: 3,
            backoff_first: Duration::from_millis(800),
            backoff_last: Duration::from_secs(30),
        }
    }
}

impl Tuning {
    /// The figures for a server of version 1.`minor`. Lists are streamed since 1.33
    /// (`StreamingCollectionEncodingToJSON`); an unknown version is taken for a current one.
    #[must_use]
    pub fn for_server(minor: Option<u32>) -> Tuning {
        let streams = minor.is_none_or(|minor| minor >= 33);
        let paging = if streams { Paging::Streamed } else { Paging::Pages { first: 100, rest: 500 } };
        Tuning { paging, ..Tuning::default() }
    }
}
