//! How an object is doing, in four words that every kind can answer with.
//!
//! Health is always shown by a shape as well as a colour, so that it survives a terminal without colours and
//! eyes that do not tell them apart.

/// The health of one object. The order is the order of urgency: sorting by it puts what needs a person first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// Something is wrong and will not mend without help, or has been wrong several times already.
    Failing,
    /// On its way: starting, terminating, rolling out, waiting for something that normally comes.
    Progressing,
    /// Doing what it should.
    Healthy,
    /// Ended well, or asked to do nothing (a completed pod, a deployment scaled to zero).
    Idle,
}

impl Health {
    /// All values, most urgent first.
    pub const ALL: [Health; 4] = [Health::Failing, Health::Progressing, Health::Healthy, Health::Idle];

    /// The shape that stands for it, one terminal cell wide.
    #[must_use]
    pub const fn glyph(self) -> &'static str {
        match self {
            Health::Failing => "✗",
            Health::Progressing => "◐",
            Health::Healthy => "✓",
            Health::Idle => "○",
        }
    }

    /// The word that stands beside a count of it ("3 failing").
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Health::Failing => "failing",
            Health::Progressing => "in progress",
            Health::Healthy => "healthy",
            Health::Idle => "idle",
        }
    }

    /// Whether the "only what is unhealthy" view keeps it.
    #[must_use]
    pub const fn is_unhealthy(self) -> bool {
        matches!(self, Health::Failing | Health::Progressing)
    }
}
