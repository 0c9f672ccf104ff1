//! Namespaces of further teams, for clusters of any size: many services that are alike, cheaply made.

use super::app::{App, Shape, TEAMS, Text};
use super::builder::Builder;
use super::catalogue::APPS;

/// What teams are called; further ones get numbers.
const NAMES: &[&str] = &[
    "atlas", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "iris", "juniper", "kelp",
    "lagoon", "maple", "north", "orchid", "pine", "quartz", "river", "spruce", "tundra", "umber", "violet",
    "willow", "yarrow",
];

/// What the services of such a team are called.
const SERVICES: &[&str] = &[
    "api", "web", "worker", "events", "sync", "reports", "export", "import", "rules", "sessions", "billing",
    "profile", "media", "geo", "audit", "archive", "stream", "forms", "quota", "tasks",
];

/// Pods of jobs in a calm cluster.
const JOBS: usize = 21;

/// Most replicas of a team's service.
const MOST: usize = 48;

impl Builder {
    /// Adds teams until there are about so many pods, those of a calm cluster included.
    pub(super) fn teams(&mut self, pods: usize) {
        let daemons = APPS.iter().filter(|app| app.shape == Shape::DaemonSet).count() * self.hosts.len();
        let staged = super::STAGED.len();
        let calm: usize = APPS.iter().map(|app| app.replicas).sum::<usize>() + daemons + staged + JOBS;
        let mut missing = pods.saturating_sub(calm);
        // They behave alike: one rule for all, as each container is looked up in all rules.
        self.world.behaviours.set(TEAMS, self.team_app("api", "any", 1).behaviour());
        // A small cluster shows several teams; a large one has large teams.
        let most = (missing / 60).clamp(2, MOST);
        for number in 0.. {
            if missing == 0 {
                return;
            }
            let name = team_name(number);
            self.namespace(&name, &name);
            for service in SERVICES {
                let app = self.team_app(service, &name, most.min(missing));
                missing -= app.replicas;
                let made = self.deployment(&app, 1);
                self.service(&app, &made);
                if missing == 0 {
                    return;
                }
            }
        }
    }

    fn team_app(&self, service: &'static str, team: &str, most: usize) -> App {
        let draw = |what: &str, end: u64| self.draw(&[team, service, what], end);
        let text = |text: &str| -> Text { text.to_owned().into() };
        let replicas = (1 + draw("replicas", most as u64) as usize).min(most);
        App {
            replicas,
            version: [1 + draw("major", 4) as u32, draw("minor", 30) as u32, draw("patch", 9) as u32],
            released: 0.2 + draw("released", 900) as f64 / 10.0,
            cpu: 50,
            memory: 128,
            lines: 6.0,
            lean: true,
            ..App::new(service.into(), text(team), text(team))
        }
    }
}

fn team_name(number: usize) -> String {
    let name = NAMES[number % NAMES.len()];
    match number / NAMES.len() {
        0 => name.to_owned(),
        round => format!("{name}-{}", round + 1),
    }
}
