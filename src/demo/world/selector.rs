//! Label and field selectors, as the API writes them.

use super::failure::{Failure, Outcome};
use super::object::Object;
use super::types::Type;

/// What a request selects: every requirement must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<FieldRequirement>,
}

#[derive(Debug, Clone, PartialEq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Missing,
}

#[derive(Debug, Clone, PartialEq)]
struct FieldRequirement {
    field: Field,
    value: String,
    equal: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Field {
    Name,
    Namespace,
    Selectable(usize),
}

impl Selector {
    /// Reads the parameters `labelSelector` and `fieldSelector` of a request for objects of `kind`.
    ///
    /// # Errors
    /// 400 when they are not selectors, or name a field that cannot be selected by.
    pub fn parse(labels: &str, fields: &str, kind: &Type) -> Outcome<Selector> {
        Ok(Selector { labels: parse_labels(labels)?, fields: parse_fields(fields, kind)? })
    }

    /// The selector that a `LabelSelector` value (`matchLabels`, `matchExpressions`) means. One that is empty or missing
    /// selects everything.
    #[must_use]
    pub fn of_value(selector: &serde_json::Value) -> Selector {
        use super::value::{list, map, text};
        let one_of = |(key, value): (&String, &serde_json::Value)| Requirement {
            key: key.clone(),
            test: Test::In(vec![value.as_str().unwrap_or_default().to_owned()]),
        };
        let mut labels: Vec<Requirement> =
            map(selector, "/matchLabels").into_iter().flatten().map(one_of).collect();
        for expression in list(selector, "/matchExpressions") {
            let values =
                list(expression, "/values").iter().filter_map(|v| v.as_str()).map(str::to_owned).collect();
            let test = match text(expression, "/operator") {
                "In" => Test::In(values),
                "NotIn" => Test::NotIn(values),
                "Exists" => Test::Exists,
                _ => Test::Missing,
            };
            labels.push(Requirement { key: text(expression, "/key").to_owned(), test });
        }
        Selector { labels, fields: Vec::new() }
    }

    /// The selector of a map of labels, as services and replication controllers have it.
    #[must_use]
    pub fn of_labels(labels: &serde_json::Map<String, serde_json::Value>) -> Selector {
        Selector::of_value(&serde_json::json!({"matchLabels": labels}))
    }

    /// Whether it selects everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether it selects `object`.
    #[must_use]
    pub fn matches(&self, object: &Object) -> bool {
        self.labels.iter().all(|requirement| requirement.holds(object))
            && self.fields.iter().all(|requirement| requirement.holds(object))
    }

    /// The one name that it selects, if it does.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let of_name = |r: &&FieldRequirement| r.field == Field::Name && r.equal;
        self.fields.iter().find(of_name).map(|requirement| &*requirement.value)
    }

    /// Whether it selects an object with these labels.
    #[must_use]
    pub fn matches_labels(&self, get: impl Fn(&str) -> Option<String>) -> bool {
        self.labels.iter().all(|requirement| requirement.test.holds(get(&requirement.key).as_deref()))
    }
}

impl Requirement {
    fn holds(&self, object: &Object) -> bool {
        self.test.holds(object.label(&self.key))
    }
}

impl Test {
    fn holds(&self, value: Option<&str>) -> bool {
        let is_in = |values: &[String]| value.is_some_and(|value| values.iter().any(|v| v == value));
        match self {
            Test::In(values) => is_in(values),
            Test::NotIn(values) => !is_in(values),
            Test::Exists => value.is_some(),
            Test::Missing => value.is_none(),
        }
    }
}

impl FieldRequirement {
    fn holds(&self, object: &Object) -> bool {
        let value = match self.field {
            Field::Name => object.name(),
            Field::Namespace => object.namespace(),
            Field::Selectable(at) => object.fields.get(at).map_or("", |value| value),
        };
        (value == self.value) == self.equal
    }
}

fn parse_labels(text: &str) -> Outcome<Vec<Requirement>> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(parse_label).collect()
}

fn parse_label(part: &str) -> Outcome<Requirement> {
    let unreadable = || Failure::bad_request(format!("unable to parse requirement: found '{part}'"));
    let requirement = |key: &str, test| Requirement { key: key.trim().to_owned(), test };
    let one = |value: &str| vec![value.trim().to_owned()];
    let compared = |key: &str, value: &str, test: fn(Vec<String>) -> Test| match value.contains('=') {
        true => Err(Failure::bad_request("found '=', expected: ',' or 'end of string'")),
        false => Ok(requirement(key, test(one(value)))),
    };
    if let Some((key, value)) = part.split_once("!=") {
        return compared(key, value, Test::NotIn);
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return compared(key, value, Test::In);
    }
    if let Some((head, values)) = part.split_once('(') {
        let values = values.strip_suffix(')').ok_or_else(unreadable)?;
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        return match *head.split_whitespace().collect::<Vec<_>>().as_slice() {
            [key, "in"] => Ok(requirement(key, Test::In(values))),
            [key, "notin"] => Ok(requirement(key, Test::NotIn(values))),
            _ => Err(unreadable()),
        };
    }
    match part.strip_prefix('!') {
        _ if part.contains(char::is_whitespace) => Err(unreadable()),
        Some(key) => Ok(requirement(key, Test::Missing)),
        None => Ok(requirement(part, Test::Exists)),
    }
}

fn parse_fields(text: &str, kind: &Type) -> Outcome<Vec<FieldRequirement>> {
    split_escaped(text)
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| parse_field(&part, kind))
        .collect()
}

fn parse_field(part: &str, kind: &Type) -> Outcome<FieldRequirement> {
    let found = [("!=", false), ("==", true), ("=", true)]
        .into_iter()
        .find_map(|(operator, equal)| part.split_once(operator).map(|(field, value)| (field, value, equal)));
    let Some((field, value, equal)) = found else {
        return Err(Failure::bad_request(format!("invalid selector: '{part}'; can't understand '{part}'")));
    };
    let pointer = format!("/{}", field.replace('.', "/"));
    let place = match field {
        "metadata.name" => Some(Field::Name),
        "metadata.namespace" => Some(Field::Namespace),
        _ => kind.selectable.iter().position(|known| *known == pointer).map(Field::Selectable),
    };
    match place {
        Some(field) => Ok(FieldRequirement { field, value: unescape(value), equal }),
        None if kind.selectable.is_empty() => Err(Failure::bad_request(format!(
            "{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
        ))),
        None => Err(Failure::bad_request(format!("field label not supported: {field}"))),
    }
}

/// Splits at commas that no backslash precedes.
fn split_escaped(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == ',' && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = c == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

fn unescape(value: &str) -> String {
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::types::{TypeId, Types};
    use super::*;
    use crate::resources::Interner;

    fn selects(labels: &str, fields: &str) -> Outcome<bool> {
        let types = Types::default();
        let kind = types.get(TypeId::PODS);
        let pod = json!({
            "metadata": {"name": "web-1", "namespace": "shop", "labels": {"app": "web", "tier": "front"}},
            "spec": {"nodeName": "node-1"}, "status": {"phase": "Running"},
        });
        let object = Object::new(TypeId::PODS, kind, &pod, 1, &mut Interner::default());
        Ok(Selector::parse(labels, fields, kind)?.matches(&object))
    }

    #[test]
    fn label_selectors_mean_what_the_api_says() {
        for labels in
            ["", "app=web", "app==web,tier!=back", "app in (api, web)", "app", "!zone", "zone notin (a)"]
        {
            assert_eq!(selects(labels, ""), Ok(true), "{labels}");
        }
        for labels in ["app=api", "app!=web", "zone", "!app", "app notin (web,api)", "app=web,tier=back"] {
            assert_eq!(selects(labels, ""), Ok(false), "{labels}");
        }
        assert!(selects("app in web", "").is_err());
    }

    #[test]
    fn field_selectors_know_the_fields_of_the_type() {
        assert_eq!(selects("", "metadata.name=web-1,spec.nodeName=node-1,status.phase!=Failed"), Ok(true));
        assert_eq!(selects("", "spec.nodeName=node-2"), Ok(false));
        assert_eq!(selects("", r"metadata.name=a\,b"), Ok(false));
        assert_eq!(selects("", "spec.colour=red").map_err(|failure| failure.code), Err(400));
    }
}
