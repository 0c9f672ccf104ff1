//! The embedded cluster's logs: what was followed is what can be read afterwards.

use std::collections::BTreeMap;
use std::time::Duration;

use kittiwake::cluster::connect::{Kubeconfig, Options, connect};
use kittiwake::cluster::logs::{Containers, Log, LogFeed, LogId, LogRequest, LogTuning, Since, Target, open};
use kittiwake::demo::scenario::{self, BuildOptions};
use kittiwake::demo::world::Moment;
use kittiwake::demo::{Demo, DemoOptions};
use kittiwake::resources::{Selection, find};
use tokio::sync::mpsc;

/// Reads a log until it looks like this.
async fn read(client: &kube::Client, request: LogRequest, until: impl Fn(&Log) -> bool) -> Log {
    let (sender, mut batches) = mpsc::channel(4);
    let _handle = open(client.clone(), LogId(1), request, LogFeed::new(sender), LogTuning::default());
    let mut log = Log::new(64 << 20);
    while !until(&log) {
        let batch = tokio::time::timeout(Duration::from_secs(60), batches.recv()).await;
        let _ = log.receive(batch.unwrap_or_else(|_| panic!("it ends: {:?}", log.sources())).unwrap().events);
    }
    log
}

/// The lines of each source.
fn by_source(log: &Log) -> BTreeMap<String, Vec<(i64, String)>> {
    let mut all: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    for line in log.store().lines(0..u64::MAX).filter(|line| !line.notice) {
        let source = &log.source(line.source).unwrap().source;
        let text = String::from_utf8_lossy(line.text).into_owned();
        all.entry(format!("{}/{}", source.pod, source.container)).or_default().push((line.at.0, text));
    }
    all
}

#[tokio::test]
async fn what_noisy_pods_wrote_while_they_were_followed_is_what_can_be_read_afterwards() {
    let now = Moment(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64);
    let noisy = scenario::find("noisy").unwrap();
    let build = move || scenario::build(noisy, &BuildOptions { pods: None, seed: 1, now });
    let demo = Demo::start(build, DemoOptions { speed: 1.0, port: 0 }).unwrap();
    let options = Options { kubeconfig: Some(demo.kubeconfig_path()), ..Options::default() };
    let kubeconfig = Kubeconfig::load(&options).unwrap();
    let client = connect(&kubeconfig, &options, mpsc::channel(1).0).await.unwrap().client;
    // All that is shop's, and a workload of another namespace that is found by its name.
    let shop = Selection::all(find("pods").unwrap(), Some("shop".into()));
    let gateway = Target::parse("deploy/ingress-controller").unwrap();
    let gateway = gateway.pods(&client, "ingress", false, true).await.unwrap();
    let request = LogRequest {
        pods: vec![shop, gateway],
        containers: Containers::All,
        since: Since::Ago(Duration::from_secs(2)),
        previous: false,
        follow: true,
    };
    let followed = read(&client, request.clone(), |log| log.received() > 3_000).await;
    let again = LogRequest { since: Since::Ago(Duration::from_secs(60)), follow: false, ..request };
    let read = read(&client, again, Log::is_over).await;
    let (followed, read) = (by_source(&followed), by_source(&read));
    assert!(followed.len() > 20, "{:?}", followed.keys());
    for (source, lines) in followed {
        let first = read[&source].iter().position(|line| *line == lines[0]).expect("the first line is there");
        assert_eq!(lines, read[&source][first..first + lines.len()], "{source}");
    }
}
