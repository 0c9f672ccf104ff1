//! The little of JSONPath that columns of custom resources are written in: fields, indices, `[*]`, and filters that
//! compare one field with a text.

use serde_json::Value;

/// A path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JsonPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Field(String),
    Index(i64),
    All,
    Where {
        field: Vec<String>,
        value: String,
    },
    /// Something that is not understood; it finds nothing.
    Unknown,
}

impl JsonPath {
    /// Reads `.status.conditions[?(@.type=="Ready")].status` and its like.
    pub(super) fn parse(text: &str) -> JsonPath {
        let mut steps = Vec::new();
        let mut rest = text.trim().trim_start_matches('{').trim_end_matches('}').trim_start_matches('$');
        while !rest.is_empty() {
            let (step, left) = if let Some(inside) = rest.strip_prefix('[') {
                let end = end_of_bracket(inside);
                (Step::parse(&inside[..end]), inside.get(end + 1..).unwrap_or_default())
            } else {
                let name = rest.strip_prefix('.').unwrap_or(rest);
                let (name, left) = field(name);
                (if name == "*" { Step::All } else { Step::Field(name) }, left)
            };
            if step != Step::Field(String::new()) {
                steps.push(step);
            }
            rest = left;
        }
        JsonPath(steps)
    }

    /// What it leads to.
    pub(super) fn find<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        self.0
            .iter()
            .fold(vec![value], |found, step| found.into_iter().flat_map(|one| step.from(one)).collect())
    }
}

/// A name up to the next dot or bracket, where a backslash makes a dot part of it.
fn field(text: &str) -> (String, &str) {
    let (mut name, mut chars) = (String::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => name.extend(chars.next().map(|(_, c)| c)),
            '.' | '[' => return (name, &text[at..]),
            c => name.push(c),
        }
    }
    (name, "")
}

/// Where the bracket closes that was opened before `text`: not within quotes.
fn end_of_bracket(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            (']', None) => return at,
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim();
    ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
}

impl Step {
    fn parse(inside: &str) -> Step {
        let inside = inside.trim();
        if inside == "*" {
            return Step::All;
        }
        if let Some(name) = unquoted(inside) {
            return Step::Field(name.to_owned());
        }
        if let Ok(index) = inside.parse() {
            return Step::Index(index);
        }
        let condition = inside.strip_prefix("?(").and_then(|inside| inside.strip_suffix(')'));
        let sides = condition.and_then(|condition| condition.split_once("=="));
        let compared =
            sides.and_then(|(field, value)| Some((field.trim().strip_prefix("@.")?, unquoted(value)?)));
        match compared {
            Some((field, value)) => {
                Step::Where { field: field.split('.').map(str::to_owned).collect(), value: value.to_owned() }
            }
            None => Step::Unknown,
        }
    }

    fn from<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        match self {
            Step::Field(name) => value.get(name).into_iter().collect(),
            Step::Index(index) => {
                let items = value.as_array().map_or(&[][..], Vec::as_slice);
                let at = if *index < 0 { items.len() as i64 + index } else { *index };
                usize::try_from(at).ok().and_then(|at| items.get(at)).into_iter().collect()
            }
            Step::All => match value {
                Value::Array(items) => items.iter().collect(),
                Value::Object(fields) => fields.values().collect(),
                _ => Vec::new(),
            },
            Step::Where { field, value: wanted } => {
                let at = |item: &'v Value| field.iter().try_fold(item, |item, name| item.get(name));
                let is = |item: &&'v Value| at(item).and_then(Value::as_str) == Some(wanted);
                value.as_array().into_iter().flatten().filter(is).collect()
            }
            Step::Unknown => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_of_columns_lead_to_their_values() {
        let object = json!({
            "spec": {"size": 3, "hosts": ["a", "b"], "labels": {"example.com/x": "y"}},
            "status": {"conditions": [{"type": "Synced", "status": "False"}, {"type": "Ready", "status": "True"}]},
        });
        let found = |path: &str| {
            let found = JsonPath::parse(path).find(&object).into_iter().cloned().collect::<Vec<_>>();
            Value::from(found)
        };
        assert_eq!(found(".spec.size"), json!([3]));
        assert_eq!(found("{.spec.hosts[1]}"), json!(["b"]));
        assert_eq!(found(".spec.hosts[-1]"), json!(["b"]));
        assert_eq!(found(".spec.hosts[*]"), json!(["a", "b"]));
        assert_eq!(found(r".spec.labels.example\.com/x"), json!(["y"]));
        assert_eq!(found(".spec.labels['example.com/x']"), json!(["y"]));
        assert_eq!(found(r#".status.conditions[?(@.type=="Ready")].status"#), json!(["True"]));
        assert_eq!(found(".status.conditions[?(@.type=='None')].status"), json!([]));
        assert_eq!(found(".spec[?(@.x>1)]"), json!([]));
        assert_eq!(found(".spec.none.deeper"), json!([]));
    }
}
