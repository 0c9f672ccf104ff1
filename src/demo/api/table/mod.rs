//! Tables: what kubectl prints is made by the server.
//!
//! The kinds that the program itself knows are decoded and written by its own [`resources`], so that
//! kubectl and `kw` can only agree; of other built-in kinds `built_in` has the columns; custom resources have the
//! columns of their definition.

mod built_in;
mod cells;
mod custom;
mod jsonpath;
mod known;

use serde_json::{Value, json};

use super::super::world::{Moment, Type};
use crate::resources::{self, Cell, Interner, Kind, Time};

/// A column, as a table describes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Definition {
    name: String,
    kind: String,
    format: &'static str,
    description: String,
    priority: i64,
}

impl Definition {
    fn new(name: impl Into<String>, kind: impl Into<String>) -> Definition {
        let name = name.into();
        let format = if name == "Name" { "name" } else { "" };
        Definition { name, kind: kind.into(), format, description: String::new(), priority: 0 }
    }

    fn to_value(&self) -> Value {
        json!({
            "name": self.name, "type": self.kind, "format": self.format, "description": self.description,
            "priority": self.priority,
        })
    }
}

/// How the objects of one type are written as rows.
pub(super) struct Table {
    definitions: Vec<Definition>,
    reader: Reader,
    /// When it is looked at.
    pub(super) now: Moment,
}

enum Reader {
    /// The program's own decoding of this kind.
    Known(&'static Kind, Interner),
    /// A function for each column.
    BuiltIn(&'static [built_in::Column]),
    /// A path for each column.
    Custom(Vec<custom::Column>),
}

impl Table {
    /// The table of this type's objects, as seen at `now`.
    pub(super) fn of(kind: &Type, now: Moment) -> Table {
        if let Some((columns, kind)) = known::columns(&kind.plural).zip(find(kind)) {
            return Table { definitions: columns, reader: Reader::Known(kind, Interner::default()), now };
        }
        if let Some(columns) = built_in::columns(&kind.plural).filter(|_| !kind.custom) {
            let definitions = columns.iter().map(built_in::Column::definition).collect();
            return Table { definitions, reader: Reader::BuiltIn(columns), now };
        }
        let columns = custom::columns(&kind.columns);
        let definitions = columns.iter().map(|column| column.definition.clone()).collect();
        Table { definitions, reader: Reader::Custom(columns), now }
    }

    /// `columnDefinitions`.
    pub(super) fn definitions(&self) -> Value {
        self.definitions.iter().map(Definition::to_value).collect()
    }

    /// The cells of an object; of one that cannot be read, empty ones.
    pub(super) fn cells(&mut self, object: &[u8]) -> Value {
        match &mut self.reader {
            Reader::Known(kind, interner) => {
                let mut rows = Vec::new();
                // What is no object of this kind, such as the end of what there was at first, has a row all the same.
                drop((kind.decode)(object, interner, &mut rows));
                let Some(row) = rows.first() else {
                    return self.definitions.iter().map(|_| json!("")).collect();
                };
                (0..self.definitions.len()).map(|column| cell(&row.cell(column), self.now)).collect()
            }
            Reader::BuiltIn(columns) => {
                let object: Value = serde_json::from_slice(object).unwrap_or_default();
                columns.iter().map(|column| column.read(&object, self.now)).collect()
            }
            Reader::Custom(columns) => {
                let object: Value = serde_json::from_slice(object).unwrap_or_default();
                columns.iter().map(|column| column.read(&object, self.now)).collect()
            }
        }
    }
}

fn find(kind: &Type) -> Option<&'static Kind> {
    resources::find(&kind.plural).filter(|known| known.plural == kind.plural && known.group == kind.group)
}

fn cell(cell: &Cell<'_>, now: Moment) -> Value {
    if let Cell::Int(number) = cell {
        return json!(number);
    }
    let mut text = String::new();
    cell.write(time(now), &mut text);
    text.into()
}

fn time(moment: Moment) -> Time {
    Time(moment.0.div_euclid(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::world::{Types, World};

    #[test]
    fn the_columns_of_the_programs_own_kinds_are_those_of_the_server() {
        for kind in resources::KINDS.iter().filter(|kind| kind.listed) {
            let columns =
                known::columns(kind.plural).unwrap_or_else(|| panic!("{} has columns", kind.plural));
            let theirs: Vec<String> = columns.iter().map(|column| column.name.to_uppercase()).collect();
            let ours: Vec<&str> = kind.headers.iter().map(|header| header.title).collect();
            assert_eq!(theirs, ours, "{}", kind.plural);
        }
    }

    #[test]
    fn every_type_has_a_table_that_begins_with_a_name_or_ends_with_one() {
        for (_, kind) in Types::default().served() {
            let mut table = Table::of(kind, Moment(0));
            assert!(table.definitions.iter().any(|column| column.format == "name"), "{}", kind.plural);
            let cells = table.cells(br#"{"metadata":{"name":"x"}}"#);
            assert_eq!(cells.as_array().map(Vec::len), Some(table.definitions.len()), "{}", kind.plural);
        }
    }

    #[test]
    fn a_deployment_is_a_row_as_the_server_writes_it() {
        let world = World::new(1, Moment(1_700_000_060_000));
        let kind = world.types.served().find(|(_, kind)| kind.plural == "deployments").unwrap().1;
        let deployment = json!({
            "metadata": {"name": "web", "uid": "u", "creationTimestamp": "2023-11-14T22:13:20Z"},
            "spec": {
                "replicas": 3, "selector": {"matchLabels": {"app": "web"}},
                "template": {"spec": {"containers": [{"name": "app", "image": "web:1"}]}},
            },
            "status": {"readyReplicas": 2, "updatedReplicas": 3, "availableReplicas": 2},
        });
        let cells = Table::of(kind, world.now).cells(deployment.to_string().as_bytes());
        assert_eq!(cells, json!(["web", "2/3", 3, 2, "60s", "app", "web:1", "app=web"]));
    }
}
