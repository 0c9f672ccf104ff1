//! What `kw` prints is what kubectl prints, column by column.

use crate::lab::{alone, eventually, kubectl, kw};

/// A printed table: its titles, and a map from title to value for each line.
pub(crate) struct Printed {
    pub(crate) titles: Vec<String>,
    lines: Vec<Vec<String>>,
}

impl Printed {
    /// Reads a table whose columns begin where their titles do.
    pub(crate) fn parse(text: &str) -> Printed {
        let mut lines = text.lines();
        let head: Vec<char> = lines.next().unwrap_or_default().chars().collect();
        let begins = |at: &usize| {
            head[*at] != ' ' && (*at == 0 || (*at > 1 && head[at - 1] == ' ' && head[at - 2] == ' '))
        };
        let starts: Vec<usize> = (0..head.len()).filter(begins).collect();
        let cut = |line: &str| {
            let line: Vec<char> = line.chars().collect();
            let end = |column: usize| starts.get(column + 1).copied().unwrap_or(line.len().max(head.len()));
            let cell = |column: usize| line.iter().skip(starts[column]).take(end(column) - starts[column]);
            (0..starts.len()).map(|column| cell(column).collect::<String>().trim().to_owned()).collect()
        };
        Printed { titles: cut(&head.iter().collect::<String>()), lines: lines.map(cut).collect() }
    }

    /// The lines without what passes while one looks: ages, and how long ago something was.
    pub(crate) fn lasting(&self) -> Vec<Vec<String>> {
        let passing = |title: &str| matches!(title, "AGE" | "LAST SEEN" | "FIRST SEEN");
        let lasting = |(title, value): (&String, &String)| match value.split_once(" (") {
            _ if passing(title) => String::new(),
            Some((count, _)) if title == "RESTARTS" => count.to_owned(),
            _ => value.clone(),
        };
        let mut lines: Vec<Vec<String>> =
            self.lines.iter().map(|line| self.titles.iter().zip(line).map(lasting).collect()).collect();
        lines.sort();
        lines
    }
}

/// Whether two lines say the same. kubectl ends a text at its first line break and writes `...`; we show all of it in
/// one line.
fn same(ours: &[String], theirs: &[String]) -> bool {
    let same = |(ours, theirs): (&String, &String)| match theirs.strip_suffix("...") {
        Some(begin) => ours.starts_with(begin),
        None => ours == theirs,
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(same)
}

fn agree(kind: &str, scope: &[&str]) {
    let _alone = alone();
    let arguments = |first: &[&'static str], last: &[&'static str]| -> Vec<String> {
        first.iter().chain(scope).chain(last).map(|word| (*word).to_owned()).collect()
    };
    eventually(&format!("kw and kubectl agree on {kind}"), || {
        let words = arguments(&["get"], &["-o", "wide"]);
        let words: Vec<&str> =
            std::iter::once("get").chain([kind]).chain(words[1..].iter().map(|w| &**w)).collect();
        let theirs = Printed::parse(&kubectl(&words));
        let words = arguments(&[], &["--once"]);
        let words: Vec<&str> = std::iter::once(kind).chain(words.iter().map(|w| &**w)).collect();
        let output = kw("admin", &words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let ours = Printed::parse(&String::from_utf8(output.stdout).unwrap());
        assert_eq!(ours.titles, theirs.titles, "the columns of {kind}");
        assert!(!ours.lines.is_empty(), "there are {kind}");
        let (ours, theirs) = (ours.lasting(), theirs.lasting());
        let lone = |ours: &&Vec<String>| !theirs.iter().any(|theirs| same(ours, theirs));
        let missed = |theirs: &&Vec<String>| !ours.iter().any(|ours| same(ours, theirs));
        match (ours.iter().find(lone), theirs.iter().find(missed)) {
            (None, None) if ours.len() == theirs.len() => Ok(()),
            (lone, missed) => Err(format!("kw: {lone:?}\nkubectl: {missed:?}")),
        }
    });
}

#[test]
fn pods() {
    agree("pods", &["-A"]);
}

#[test]
fn pods_in_every_odd_state() {
    agree("pods", &["-n", "gallery"]);
}

#[test]
fn deployments() {
    agree("deployments", &["-A"]);
}

#[test]
fn replicasets() {
    agree("replicasets", &["-A"]);
}

#[test]
fn services() {
    agree("services", &["-A"]);
}

#[test]
fn nodes() {
    agree("nodes", &[]);
}

#[test]
fn namespaces() {
    agree("namespaces", &[]);
}

#[test]
fn events() {
    agree("events", &["-n", "gallery"]);
}

#[test]
fn a_filter_is_applied() {
    let _alone = alone();
    let output = kw("admin", &["nodes", "--once", "--filter", "/node-[12]$/"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
}
