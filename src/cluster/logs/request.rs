//! The request for one container's log.

use std::time::Duration;

use kube::client::Body;
use tokio::time::Instant;

use super::stamp::SECOND;
use super::{Since, Source, Stamp};
use crate::cluster::connect::AnswerWithin;
use crate::cluster::listwatch::Target;

/// The head of a followed log comes with its first line, which may take any time.
pub(super) const ANY_TIME: Duration = Duration::from_secs(30 * 86_400);

/// Which run of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The one that runs, or ran last.
    Current,
    /// The one before.
    Previous,
}

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// At the first line that there is.
    First,
    /// At this second.
    At(Stamp),
    /// So long ago.
    Ago(Duration),
    /// With so many of the last lines.
    Tail(u64),
}

impl Begin {
    /// Where reading begins that was asked for at `asked`, of which nothing has arrived yet. What was written since
    /// then is wanted, however late it is now.
    pub(super) fn of(since: Since, asked: Option<Instant>) -> Begin {
        match (since, asked) {
            (Since::All, _) => Begin::First,
            (Since::Ago(time), asked) => {
                Begin::Ago(time + asked.map_or(Duration::ZERO, |asked| asked.elapsed()))
            }
            (Since::Tail(0), Some(asked)) => Begin::Ago(asked.elapsed() + Duration::from_secs(1)),
            (Since::Tail(lines), _) => Begin::Tail(lines),
        }
    }
}

/// The request for a log from there on; with `follow` for what is written later too.
pub(super) fn log(source: &Source, which: Which, begin: Begin, follow: bool) -> http::Request<Body> {
    let mut target =
        Target::of_parts(&["api", "v1", "namespaces", &source.namespace, "pods", &source.pod, "log"]);
    target.add("container", &source.container);
    target.add("timestamps", "true");
    if follow {
        target.add("follow", "true");
    }
    if which == Which::Previous {
        target.add("previous", "true");
    }
    match begin {
        Begin::First => {}
        Begin::At(at) => target.add("sinceTime", &seconds(at)),
        // The API wants whole seconds, and at least one.
        Begin::Ago(time) => {
            target.add(
                "sinceSeconds",
                &(time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1).to_string(),
            );
        }
        Begin::Tail(lines) => target.add("tailLines", &lines.to_string()),
    }
    let mut request = target.accept("application/json, */*", "identity");
    if follow {
        request.extensions_mut().insert(AnswerWithin(ANY_TIME));
    }
    request
}

/// A moment as the API takes it: the kubelet is asked in whole seconds, whatever stands behind them.
fn seconds(at: Stamp) -> String {
    let mut text = Vec::new();
    Stamp(at.0.div_euclid(SECOND) * SECOND).write(&mut text);
    let whole = text.iter().take_while(|byte| **byte != b'.').chain(b"Z").copied();
    String::from_utf8_lossy(&whole.collect::<Vec<u8>>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::logs::Role;

    #[test]
    fn a_request_says_what_is_wanted() {
        let source = Source {
            namespace: "shop".into(),
            pod: "web 1".into(),
            container: "app".into(),
            role: Role::App,
            one_of_many: false,
        };
        let uri = |which, begin, follow| log(&source, which, begin, follow).uri().to_string();
        let path = "/api/v1/namespaces/shop/pods/web%201/log?container=app&timestamps=true";
        assert_eq!(uri(Which::Current, Begin::First, false), path);
        let at = Stamp::parse(b"2026-11-24T14:31:07.9Z").unwrap();
        assert_eq!(
            uri(Which::Previous, Begin::At(at), true),
            format!("{path}&follow=true&previous=true&sinceTime=2026-11-24T14%3A31%3A07Z")
        );
        assert_eq!(
            uri(Which::Current, Begin::Ago(Duration::from_millis(1500)), false),
            format!("{path}&sinceSeconds=2")
        );
        assert_eq!(uri(Which::Current, Begin::Tail(7), false), format!("{path}&tailLines=7"));
    }
}
