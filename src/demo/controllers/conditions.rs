//! Conditions of objects: finding one, putting one among the others, and since when it has been as it is.

use serde_json::Value;

use crate::demo::world::Moment;
use crate::demo::world::value::{list, set, text};

/// The condition of this type in a status.
pub(super) fn find<'v>(status: &'v Value, of: &str) -> Option<&'v Value> {
    list(status, "/conditions").iter().find(|condition| text(condition, "/type") == of)
}

/// Whether the condition of this type is true.
pub(super) fn holds(status: &Value, of: &str) -> bool {
    find(status, of).is_some_and(|known| text(known, "/status") == "True")
}

/// Since when a condition has had this status: what is known says it, unless it has another one.
pub(super) fn since(known: Option<&Value>, status: &str, now: Moment) -> String {
    let same = known.filter(|known| text(known, "/status") == status);
    same.map_or_else(|| now.rfc3339(), |known| text(known, "/lastTransitionTime").to_owned())
}

/// Puts a condition in the place of the one of its type.
pub(super) fn put(status: &mut Value, new: Value) {
    let mut conditions = list(status, "/conditions").to_vec();
    match conditions.iter_mut().find(|known| known["type"] == new["type"]) {
        Some(known) => *known = new,
        None => conditions.push(new),
    }
    set(status, "/conditions", conditions);
}

/// Puts a condition behind all others, as controllers do that tell the latest last.
pub(super) fn put_last(status: &mut Value, new: Value) {
    remove(status, text(&new, "/type"));
    put(status, new);
}

/// Takes the condition of this type away.
pub(super) fn remove(status: &mut Value, of: &str) {
    if let Some(Value::Array(all)) = status.get_mut("conditions") {
        all.retain(|known| text(known, "/type") != of);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_condition_keeps_its_time_while_its_status_is_the_same() {
        let mut status = json!({});
        put(&mut status, json!({"type": "Ready", "status": "True", "lastTransitionTime": "then"}));
        put(&mut status, json!({"type": "Other", "status": "True"}));
        let now = Moment(0);
        assert_eq!(since(find(&status, "Ready"), "True", now), "then");
        assert_eq!(since(find(&status, "Ready"), "False", now), "1970-01-01T00:00:00Z");
        let types = |status: &Value| -> Vec<String> {
            list(status, "/conditions").iter().map(|known| text(known, "/type").to_owned()).collect()
        };
        put(&mut status, json!({"type": "Ready", "status": "False"}));
        assert_eq!(types(&status), ["Ready", "Other"]);
        put_last(&mut status, json!({"type": "Ready", "status": "False"}));
        assert_eq!(types(&status), ["Other", "Ready"]);
    }
}
