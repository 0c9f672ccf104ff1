//! The command line of the palette.
//!
//! A line is a command (`:ns x`, `:ctx y`, `:theme z`, `:messages`, `:help`, `:q`), or says where to go:
//! `:deploy payments /api @staging` is kind, namespace, filter, context, in any order after the kind.

use crate::resources::{self, Kind};

/// What a line asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// Go somewhere.
    Go(Destination),
    /// Show the objects of this namespace, or of all.
    Namespace(Option<String>),
    /// Go to another cluster, or choose one.
    Context(Option<String>),
    /// Use another theme, or choose one.
    Theme(Option<String>),
    /// Show the messages.
    Messages,
    /// Show the keys.
    Help,
    /// Leave.
    Quit,
}

/// Where to go.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Destination {
    /// The kind; the same as now if none is named.
    pub(super) kind: Option<&'static Kind>,
    /// The namespace; the same as now if none is named.
    pub(super) namespace: Option<String>,
    /// The filter.
    pub(super) filter: String,
    /// The context; the same as now if none is named.
    pub(super) context: Option<String>,
}

/// The commands: names, what may follow, and what they do.
pub(super) static COMMANDS: &[(&[&str], &str, &str)] = &[
    (&["ns", "namespace"], "NAME", "show another namespace; all for all of them"),
    (&["ctx", "context"], "NAME", "go to another cluster"),
    (&["theme"], "NAME", "change the colours"),
    (&["messages"], "", "what was said in the last line"),
    (&["help"], "", "the keys"),
    (&["q", "quit"], "", "leave"),
];

/// The names that mean all namespaces.
fn namespace(name: &str) -> Option<String> {
    (!matches!(name, "all" | "*")).then(|| name.to_owned())
}

/// Reads a line.
pub(super) fn parse(line: &str) -> Result<Line, String> {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let command = COMMANDS.iter().find(|(names, ..)| names.contains(&first)).map(|(names, ..)| names[0]);
    let argument = || match rest.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).to_owned())),
        _ => Err(format!(":{first} takes one name")),
    };
    match command {
        Some("ns") => Ok(argument()?.map_or_else(
            || Line::Go(Destination { kind: resources::find("namespaces"), ..Destination::default() }),
            |name| Line::Namespace(namespace(&name)),
        )),
        Some("ctx") => Ok(Line::Context(argument()?)),
        Some("theme") => Ok(Line::Theme(argument()?)),
        Some("messages") => Ok(Line::Messages),
        Some("help") => Ok(Line::Help),
        Some("q") => Ok(Line::Quit),
        _ => destination(line).map(Line::Go),
    }
}

fn destination(line: &str) -> Result<Destination, String> {
    let mut to = Destination::default();
    let mut rest = line.trim();
    let mut first = true;
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        if let Some(context) = word.strip_prefix('@') {
            to.context = Some(context.to_owned());
        } else if word.starts_with('/') {
            // A filter has spaces in it: it goes on to the context, or to the end.
            let end = rest.find(" @").unwrap_or(rest.len());
            to.filter = filter(rest[..end].trim_end()).to_owned();
            rest = rest[end..].trim_start();
            continue;
        } else if first {
            to.kind = Some(resources::find(word).ok_or_else(|| unknown(word))?);
        } else if to.namespace.is_none() {
            to.namespace = Some(word.to_owned());
        } else {
            return Err(format!("\"{word}\" is one word too many: kind, namespace, /filter, @context"));
        }
        first = false;
        rest = tail.trim_start();
    }
    Ok(to)
}

/// `/api` filters by the word; `/api/` is a regular expression and keeps its slashes.
fn filter(text: &str) -> &str {
    if text.len() > 1 && text.ends_with('/') { text } else { &text[1..] }
}

/// The line that says that there is no such kind or command.
pub(super) fn unknown(word: &str) -> String {
    let near = resources::nearest(word);
    let commands = COMMANDS.iter().flat_map(|(names, ..)| names.iter().copied());
    let near_commands =
        commands.filter(|name| strsim::damerau_levenshtein(name, word) == 1 && name.len() > 2);
    let near: Vec<&str> = near.into_iter().chain(near_commands).collect();
    match near.as_slice() {
        [] => format!("there is no kind or command \"{word}\""),
        near => format!("there is no kind or command \"{word}\"; near to it: {}", near.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go(line: &str) -> Destination {
        match parse(line) {
            Ok(Line::Go(to)) => to,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_line_names_kind_namespace_filter_and_context() {
        let to = go("pods payments /api !canary @staging");
        assert_eq!(to.kind.map(|kind| kind.plural), Some("pods"));
        assert_eq!(to.namespace.as_deref(), Some("payments"));
        assert_eq!(to.filter, "api !canary");
        assert_eq!(to.context.as_deref(), Some("staging"));
        assert_eq!(go("po @staging payments").namespace.as_deref(), Some("payments"));
        assert_eq!(go("po /^api-.*$/").filter, "/^api-.*$/");
        assert_eq!(go("/api").kind, None);
    }

    #[test]
    fn commands_have_names_and_arguments() {
        assert_eq!(parse("ns kube-system"), Ok(Line::Namespace(Some("kube-system".into()))));
        assert_eq!(parse("ns all"), Ok(Line::Namespace(None)));
        assert_eq!(parse("ctx"), Ok(Line::Context(None)));
        assert_eq!(parse("q"), Ok(Line::Quit));
        assert!(parse("ctx a b").is_err());
    }

    #[test]
    fn what_is_unknown_comes_with_its_neighbours() {
        assert!(parse("pdos").unwrap_err().contains("pods"));
        assert!(parse("mesages").unwrap_err().contains("messages"));
        assert!(parse("pods a b").unwrap_err().contains("too many"));
    }

    proptest::proptest! {
        #[test]
        fn no_line_breaks_it(line in ".{0,60}") {
            let _ = parse(&line);
        }
    }
}
