//! Reading and changing objects as JSON values, by the pointers of RFC 6901 (`/spec/replicas`).
//!
//! The simulated cluster carries whole objects as values only while one of them is read or changed; what it keeps are
//! bytes (see [`Object`](super::Object)).

use std::borrow::Cow;

use serde_json::{Map, Value};

/// What is at `pointer`. [`Value::pointer`] is the same, but copies each part of the way.
#[must_use]
pub fn get<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    tokens(pointer).try_fold(value, |at, token| match at {
        Value::Object(map) => map.get(&*token),
        Value::Array(items) => items.get(token.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The text at `pointer`; empty where there is none.
#[must_use]
pub fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    get(value, pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The integer at `pointer`; 0 where there is none.
#[must_use]
pub fn int(value: &Value, pointer: &str) -> i64 {
    get(value, pointer).and_then(Value::as_i64).unwrap_or_default()
}

/// The truth at `pointer`; false where there is none.
#[must_use]
pub fn flag(value: &Value, pointer: &str) -> bool {
    get(value, pointer).and_then(Value::as_bool).unwrap_or_default()
}

/// The list at `pointer`; empty where there is none.
#[must_use]
pub fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    get(value, pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The map at `pointer`, if there is one.
#[must_use]
pub fn map<'v>(value: &'v Value, pointer: &str) -> Option<&'v Map<String, Value>> {
    get(value, pointer).and_then(Value::as_object)
}

/// Puts `new` at `pointer`, making the maps that lead there. Lists on the way must be there.
pub fn set(value: &mut Value, pointer: &str, new: impl Into<Value>) {
    let mut at = value;
    for token in tokens(pointer) {
        if let Value::Array(items) = at {
            let Some(item) = token.parse::<usize>().ok().and_then(|index| items.get_mut(index)) else {
                return;
            };
            at = item;
            continue;
        }
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[&*token];
    }
    *at = new.into();
}

/// Takes what is at `pointer` away.
pub fn remove(value: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, _) = pointer.rsplit_once('/')?;
    let last = tokens(&pointer[parent.len()..]).next()?;
    value.pointer_mut(parent)?.as_object_mut()?.remove(&*last)
}

/// A quantity (`100m`, `1.5`, `128Mi`, `2G`) as a number of units or bytes; `None` when it is not one.
#[must_use]
pub fn quantity(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let scale = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * scale)
}

fn tokens(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pointer.split('/').skip(1).map(|token| match token.contains('~') {
        true => token.replace("~1", "/").replace("~0", "~").into(),
        false => token.into(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_there_reads_as_its_zero_value() {
        let object = json!({"spec": {"replicas": 3, "paused": true, "items": [1]}});
        assert_eq!((int(&object, "/spec/replicas"), int(&object, "/spec/none")), (3, 0));
        assert_eq!((flag(&object, "/spec/paused"), text(&object, "/metadata/name")), (true, ""));
        assert_eq!((list(&object, "/spec/items").len(), list(&object, "/spec/none").len()), (1, 0));
    }

    #[test]
    fn quantities_are_numbers() {
        assert_eq!(quantity("250m"), Some(0.25));
        assert_eq!(quantity("1.5"), Some(1.5));
        assert_eq!(quantity("64Mi"), Some(67_108_864.0));
        assert_eq!((quantity("lots"), quantity("")), (None, None));
    }

    #[test]
    fn maps_on_the_way_are_made_and_keys_may_have_slashes() {
        let mut object = json!({"items": [{"a": 1}]});
        set(&mut object, "/metadata/annotations/example.com~1key", "v");
        set(&mut object, "/items/0/a", 2);
        set(&mut object, "/items/7/a", 2);
        assert_eq!(
            object,
            json!({"items": [{"a": 2}], "metadata": {"annotations": {"example.com/key": "v"}}})
        );
        assert_eq!(remove(&mut object, "/metadata/annotations/example.com~1key"), Some(json!("v")));
        assert_eq!(remove(&mut object, "/metadata/none/x"), None);
    }
}
