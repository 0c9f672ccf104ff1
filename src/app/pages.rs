//! What opens over the table in sight: lists to choose from, pages to read, and what the palette suggests.

use super::command::COMMANDS;
use super::messages::Message;
use super::session::Context;
use super::{App, Effect, Level};
use crate::resources::KINDS;
use crate::ui::{Role, Scope, Theme};
use crate::views::{Entry, Intent, Item, Page, Picker, Shown, SortBy, Suggestion};

impl App {
    pub(super) fn choose_theme(&mut self) -> Vec<Effect> {
        let item = |name: &'static str| Item {
            label: name.to_owned(),
            detail: String::new(),
            letter: None,
            current: name == self.theme.name,
            intent: Intent::Theme(name.to_owned()),
        };
        let items = Theme::names().map(item).collect();
        self.push(Box::new(Picker::new("Theme", items)))
    }

    pub(super) fn choose_context(&mut self) -> Vec<Effect> {
        let item = |context: &Context| Item {
            label: context.name.clone(),
            detail: context.detail.clone(),
            letter: None,
            current: context.name == self.session.context,
            intent: Intent::Context(context.name.clone()),
        };
        let items = self.session.contexts.iter().map(item).collect();
        self.push(Box::new(Picker::new("Context", items)))
    }

    pub(super) fn choose_sort(&mut self) -> Vec<Effect> {
        let Some(table) = self.table() else { return Vec::new() };
        let order = table.order();
        let item = |column: Shown| {
            let (title, by) = match column {
                Shown::Namespace => ("NAMESPACE", SortBy::Namespace),
                Shown::Column(at) => (table.kind().headers[at].title, SortBy::Column(at)),
            };
            let current = order.filter(|(sorted, _)| *sorted == by);
            // The letters that sort directly elsewhere do so here, and S the status.
            let letter = match title {
                "NAME" => Some('N'),
                "AGE" | "LAST SEEN" => Some('A'),
                "RESTARTS" => Some('R'),
                "STATUS" => Some('S'),
                _ => None,
            };
            Item {
                label: title.to_owned(),
                detail: current.map_or("", |(_, descending)| if descending { "↓" } else { "↑" }).to_owned(),
                letter,
                current: current.is_some(),
                intent: Intent::Sort(by),
            }
        };
        let items = table.columns().into_iter().map(item).collect();
        self.push(Box::new(Picker::new("Sort by", items)))
    }

    pub(super) fn push_messages(&mut self) -> Vec<Effect> {
        let entry = |message: &Message| Entry {
            lead: format!("{} ago", message.at.age(self.now)),
            text: message.text.clone(),
            role: match message.level {
                Level::Hint | Level::Info => Role::Text,
                Level::Error => Role::Failing,
            },
        };
        let mut lines: Vec<Entry> = self.messages.iter().rev().map(entry).collect();
        if lines.is_empty() {
            lines.push(Entry { lead: String::new(), text: "nothing was said yet".into(), role: Role::Dim });
        }
        self.push(Box::new(Page::new("Messages, newest first", lines)))
    }

    /// The help of the view in sight, made from the table that binds the keys.
    pub(super) fn push_help(&mut self) -> Vec<Effect> {
        let scope = self.views.last().map_or(Scope::Table, |view| view.scope());
        let lines = self.keymap.bindings(scope).map(|binding| Entry {
            lead: binding.keys.join(" "),
            text: binding.help.to_owned(),
            role: Role::Text,
        });
        let commands = COMMANDS.iter().map(|(names, argument, help)| Entry {
            lead: format!(":{} {argument}", names.join(" :")),
            text: (*help).to_owned(),
            role: Role::Text,
        });
        let go = Entry {
            lead: ":KIND NAMESPACE /FILTER @CONTEXT".into(),
            text: "go to a kind; all but the kind may be left out".into(),
            role: Role::Text,
        };
        let lines = lines.chain([go]).chain(commands).collect();
        self.push(Box::new(Page::new("Keys and commands", lines)))
    }

    /// Everything that can be typed in the palette.
    pub(super) fn suggestions(&self) -> Vec<Suggestion> {
        let kinds = KINDS.iter().filter(|kind| kind.listed).map(|kind| Suggestion {
            line: kind.plural.to_owned(),
            also: kind.short.iter().map(|short| (*short).to_owned()).collect(),
            help: format!("show {}", kind.plural),
        });
        let commands = COMMANDS.iter().map(|(names, _, help)| Suggestion {
            line: names[0].to_owned(),
            also: names[1..].iter().map(|name| (*name).to_owned()).collect(),
            help: (*help).to_owned(),
        });
        let namespaces = self.namespaces.iter().map(|name| Suggestion {
            line: format!("ns {name}"),
            also: Vec::new(),
            help: String::new(),
        });
        let contexts = self.session.contexts.iter().map(|context| Suggestion {
            line: format!("ctx {}", context.name),
            also: Vec::new(),
            help: context.detail.clone(),
        });
        let themes = Theme::names().map(|name| Suggestion {
            line: format!("theme {name}"),
            also: Vec::new(),
            help: String::new(),
        });
        kinds.chain(commands).chain(namespaces).chain(contexts).chain(themes).collect()
    }
}
