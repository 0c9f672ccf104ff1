//! What a custom resource definition says about the type that it defines.

use serde_json::Value;

use super::types::{Column, Type};
use super::value::{flag, int, list, map, text};

impl Type {
    /// The type that a custom resource definition defines, in the version that is stored; `None` when there is none.
    #[must_use]
    pub fn of_definition(definition: &Value) -> Option<Type> {
        let version = list(definition, "/spec/versions").iter().find(|version| flag(version, "/storage"))?;
        let own = |at: &str| text(definition, at).to_owned().into();
        let all = |at: &str| {
            list(definition, at).iter().filter_map(Value::as_str).map(|name| name.to_owned().into()).collect()
        };
        let kind = text(definition, "/spec/names/kind");
        let singular = match text(definition, "/spec/names/singular") {
            "" => kind.to_ascii_lowercase(),
            singular => singular.to_owned(),
        };
        let parts = map(version, "/subresources").into_iter().flatten().filter(|(_, part)| part.is_object());
        Some(Type {
            group: own("/spec/group"),
            version: text(version, "/name").to_owned().into(),
            plural: own("/spec/names/plural"),
            singular: singular.into(),
            kind: kind.to_owned().into(),
            namespaced: text(definition, "/spec/scope") == "Namespaced",
            short: all("/spec/names/shortNames"),
            categories: all("/spec/names/categories"),
            subresources: parts.map(|(name, _)| name.clone().into()).collect(),
            selectable: &[],
            columns: list(version, "/additionalPrinterColumns").iter().map(column).collect(),
            custom: true,
        })
    }
}

fn column(column: &Value) -> Column {
    let own = |at: &str| text(column, at).to_owned();
    Column {
        name: own("/name"),
        kind: own("/type"),
        path: own("/jsonPath"),
        description: own("/description"),
        priority: int(column, "/priority"),
    }
}
