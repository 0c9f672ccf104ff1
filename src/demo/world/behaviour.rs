//! How containers behave: what happens to an image when it is pulled and run. The one thing in the world that objects do
//! not say; scenarios do.

/// How the containers of one image behave.
#[derive(Debug, Clone, PartialEq)]
pub struct Behaviour {
    /// What comes of pulling it.
    pub image: Image,
    /// Milliseconds from the start of the process until it is ready to serve.
    pub warm_up_ms: i64,
    /// How long the process runs.
    pub life: Life,
    /// What it uses.
    pub load: Load,
    /// What it logs.
    pub voice: Voice,
}

/// What comes of pulling an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Image {
    /// It is there after so many milliseconds, the first time on a node.
    Found {
        /// How long it takes.
        pull_ms: i64,
    },
    /// The registry has no such image.
    Missing,
    /// The registry refuses.
    Denied,
}

/// How long a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Until it is stopped.
    Forever,
    /// It ends by itself.
    Ends {
        /// Milliseconds after its start.
        after_ms: i64,
        /// Its exit code.
        exit_code: i64,
    },
    /// It runs, but is never ready.
    NeverReady,
}

/// What a process uses, apart from chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Processor time at rest, in thousandths of a core.
    pub cpu_milli: f64,
    /// How much more it uses at most, as a part of that: 0.5 is half as much again.
    pub swing: f64,
    /// Memory at the start, in MiB.
    pub memory_mib: f64,
    /// Memory that it takes more every minute, in MiB. It is killed when it reaches its limit.
    pub leak_mib: f64,
}

/// What a process logs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Voice {
    /// How its lines are written.
    pub format: Format,
    /// What they are about: the name of a set of sentences.
    pub topic: &'static str,
    /// Lines a minute.
    pub per_minute: f64,
    /// How often something goes wrong in them.
    pub trouble: Trouble,
    /// The lines before a process ends by itself. One that begins with `|` is written as it stands behind that, as
    /// the lines of a stack trace are.
    pub last_words: &'static [&'static str],
}

impl Default for Voice {
    fn default() -> Self {
        let (format, trouble) = (Format::Plain, Trouble::Rare);
        Voice { format, topic: "service", per_minute: 6.0, trouble, last_words: &[] }
    }
}

/// How often something goes wrong in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// One line in a hundred is an error.
    Rare,
    /// The same, and some twenty seconds long most lines are, every few minutes: for all containers of a topic at once.
    Bursts,
    /// Half of the lines are warnings and errors.
    Often,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An object of JSON a line.
    Json,
    /// `key=value` pairs.
    Logfmt,
    /// As `klog` of Kubernetes' own components writes.
    Klog,
    /// Text behind a time and a level.
    Plain,
    /// The same in the colours of a terminal.
    Colour,
    /// Nothing but the text, which has its own time in it.
    Bare,
}

impl Default for Behaviour {
    fn default() -> Self {
        Behaviour {
            image: Image::Found { pull_ms: 1_500 },
            warm_up_ms: 2_000,
            life: Life::Forever,
            load: Load { cpu_milli: 20.0, swing: 0.5, memory_mib: 60.0, leak_mib: 0.0 },
            voice: Voice::default(),
        }
    }
}

/// The behaviours of all images.
#[derive(Debug, Clone, Default)]
pub struct Behaviours {
    rules: Vec<(String, Behaviour)>,
    other: Behaviour,
}

impl Behaviours {
    /// From now on, images that begin with `image` behave like this. A longer beginning goes before a shorter one.
    pub fn set(&mut self, image: impl Into<String>, behaviour: Behaviour) {
        let image = image.into();
        self.rules.retain(|(known, _)| *known != image);
        self.rules.push((image, behaviour));
        self.rules.sort_by_key(|(image, _)| std::cmp::Reverse(image.len()));
    }

    /// How `image` behaves.
    #[must_use]
    pub fn of(&self, image: &str) -> &Behaviour {
        let rule = self.rules.iter().find(|(begin, _)| image.starts_with(&**begin));
        rule.map_or(&self.other, |(_, behaviour)| behaviour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_of_an_image_decides() {
        let mut behaviours = Behaviours::default();
        let after = |warm_up_ms| Behaviour { warm_up_ms, ..Behaviour::default() };
        behaviours.set("shop/web", after(1));
        behaviours.set("shop/web:2", after(2));
        let warm_up = |image| behaviours.of(image).warm_up_ms;
        assert_eq!((warm_up("shop/web:1"), warm_up("shop/web:2.1"), warm_up("other")), (1, 2, 2_000));
    }
}
