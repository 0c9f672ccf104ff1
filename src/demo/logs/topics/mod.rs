//! What log lines are about: sentences by topic, with the words left open that differ from line to line.
//!
//! A sentence is a text, and behind ` | ` come fields. The first sentences of a list are said most often.

mod cluster;
mod shared;
mod shop;

/// The sentences of a topic.
#[derive(Debug)]
pub(super) struct Topic {
    /// Its name.
    pub(super) name: &'static str,
    /// What a process says as it starts.
    pub(super) starts: &'static [&'static str],
    /// What it says all day.
    pub(super) info: &'static [&'static str],
    /// What somebody should know.
    pub(super) warn: &'static [&'static str],
    /// What went wrong.
    pub(super) error: &'static [&'static str],
}

/// The topic of this name, or what any service would say.
pub(super) fn find(name: &str) -> &'static Topic {
    all().find(|topic| topic.name == name).unwrap_or(&shared::SERVICE)
}

fn all() -> impl Iterator<Item = &'static Topic> {
    shop::TOPICS.iter().chain(shared::TOPICS).chain(cluster::TOPICS)
}

/// The file of the program that says something, as klog names it.
pub(super) fn file(said: &str) -> &'static str {
    const FILES: [&str; 5] = ["controller.go", "reflector.go", "server.go", "sync.go", "cache.go"];
    FILES[said.len() % FILES.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::logs::voices::Level;
    use crate::demo::logs::words::{Scene, Words};
    use crate::demo::world::{Behaviour, Moment};

    #[test]
    fn topics_have_one_name_each_and_something_to_say_at_every_level() {
        let mut names: Vec<&str> = all().map(|topic| topic.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for topic in all() {
            let lists = [topic.starts, topic.info, topic.warn, topic.error];
            assert!(lists.iter().all(|list| !list.is_empty()), "{}", topic.name);
        }
    }

    #[test]
    fn every_word_that_a_sentence_leaves_open_is_known() {
        let load = Behaviour::default().load;
        let scene = Scene { at: Moment(0), started: Moment(0), load: &load };
        for topic in all() {
            for said in [topic.starts, topic.info, topic.warn, topic.error].concat() {
                for word in
                    said.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word)
                {
                    let mut out = Vec::new();
                    let text = format!("{{{word}}}");
                    Words::new(scene, Level::Info, fastrand::Rng::with_seed(1)).fill(&text, &mut out);
                    assert!(!matches!(&*out, b"-" | b""), "{}: {{{word}}}", topic.name);
                }
            }
        }
    }
}
