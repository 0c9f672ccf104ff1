//! Strategic merge patches: maps are merged field by field, and lists by the keys that Kubernetes gives their items.
//!
//! Which lists those are is part of the types of Kubernetes; [`strategy`] has those of the kinds that people patch. Any
//! other list is replaced as a whole.

use serde_json::{Map, Value};

use super::failure::{Failure, Outcome};

const DIRECTIVE: &str = "$patch";
const RETAIN: &str = "$retainKeys";
const ORDER: &str = "$setElementOrder/";
const DELETE: &str = "$deleteFromPrimitiveList/";

/// How two versions of a list become one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Strategy {
    /// The new one takes the place of the old one.
    Replace,
    /// Items that are texts: all of both.
    Union,
    /// Items that are maps: those with the same value of this field are merged.
    By(&'static str),
}

/// How the list `field` is merged, within the map or the items of the list `parent` of an object of this kind.
fn strategy(kind: &str, parent: &str, field: &str) -> Strategy {
    let in_container = matches!(parent, "containers" | "initContainers" | "ephemeralContainers");
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "imagePullSecrets"
        | "resourceClaims"
        | "schedulingGates" => Strategy::By("name"),
        "env" if in_container => Strategy::By("name"),
        "ports" if in_container => Strategy::By("containerPort"),
        "ports" if kind == "Service" && parent == "spec" => Strategy::By("port"),
        "volumeMounts" if in_container => Strategy::By("mountPath"),
        "volumeDevices" if in_container => Strategy::By("devicePath"),
        "hostAliases" => Strategy::By("ip"),
        "podIPs" => Strategy::By("ip"),
        "topologySpreadConstraints" => Strategy::By("topologyKey"),
        "conditions" if parent == "status" => Strategy::By("type"),
        "addresses" if kind == "Node" => Strategy::By("type"),
        "secrets" if kind == "ServiceAccount" => Strategy::By("name"),
        "webhooks" => Strategy::By("name"),
        "ownerReferences" if parent == "metadata" => Strategy::By("uid"),
        "finalizers" | "podCIDRs" => Strategy::Union,
        _ => Strategy::Replace,
    }
}

/// Merges `patch` into `value`, an object of this kind.
///
/// # Errors
/// 400 when the patch has a directive that is not known, or an item without its key.
pub(super) fn merge(kind: &str, value: &mut Value, patch: &Value) -> Outcome<()> {
    match (value.as_object_mut(), patch.as_object()) {
        (Some(value), Some(patch)) => Merge { kind }.map("", value, patch),
        _ => Err(Failure::bad_request("invalid JSON patch")),
    }
}

struct Merge<'k> {
    kind: &'k str,
}

impl Merge<'_> {
    fn map(&self, name: &str, old: &mut Map<String, Value>, patch: &Map<String, Value>) -> Outcome<()> {
        match patch.get(DIRECTIVE).and_then(Value::as_str) {
            Some("replace") => {
                *old = cleaned_map(patch);
                return Ok(());
            }
            Some("delete") => {
                old.clear();
                return Ok(());
            }
            Some("merge") | None => {}
            Some(other) => return Err(unknown(other)),
        }
        if let Some(Value::Array(kept)) = patch.get(RETAIN) {
            old.retain(|key, _| kept.iter().any(|kept| kept == key));
        }
        for (key, new) in patch {
            if let Some(field) = key.strip_prefix(DELETE) {
                if let (Some(Value::Array(items)), Value::Array(gone)) = (old.get_mut(field), new) {
                    items.retain(|item| !gone.contains(item));
                }
            } else if !key.starts_with('$') {
                let order = patch.get(&format!("{ORDER}{key}")).and_then(Value::as_array);
                self.field(name, key, old, new, order.map(Vec::as_slice))?;
            }
        }
        // An order without a list sorts what is there.
        for (key, order) in patch {
            let Some(field) = key.strip_prefix(ORDER).filter(|field| !patch.contains_key(*field)) else {
                continue;
            };
            if let (Some(Value::Array(items)), Value::Array(order)) = (old.get_mut(field), order) {
                let before = items.clone();
                arrange(self.strategy(name, field), items, &before, order);
            }
        }
        Ok(())
    }

    fn strategy(&self, parent: &str, field: &str) -> Strategy {
        strategy(self.kind, parent, field)
    }

    fn field(
        &self,
        parent: &str,
        key: &str,
        old: &mut Map<String, Value>,
        new: &Value,
        order: Option<&[Value]>,
    ) -> Outcome<()> {
        match (old.get_mut(key), new) {
            (_, Value::Null) => drop(old.remove(key)),
            (Some(Value::Object(old)), Value::Object(new)) => self.map(key, old, new)?,
            (Some(Value::Array(old)), Value::Array(new)) => {
                let before = old.clone();
                let strategy = self.strategy(parent, key);
                self.list(key, strategy, old, new)?;
                arrange(strategy, old, &before, order.unwrap_or(new));
            }
            _ => drop(old.insert(key.to_owned(), cleaned(new))),
        }
        Ok(())
    }

    fn list(&self, name: &str, strategy: Strategy, old: &mut Vec<Value>, patch: &[Value]) -> Outcome<()> {
        let key = match strategy {
            Strategy::By(key) => key,
            Strategy::Union => {
                let new: Vec<Value> = patch.iter().filter(|item| !old.contains(item)).cloned().collect();
                old.extend(new);
                return Ok(());
            }
            Strategy::Replace => {
                *old = cleaned_list(patch);
                return Ok(());
            }
        };
        if patch.iter().any(|item| item[DIRECTIVE] == "replace") {
            *old = cleaned_list(patch);
            return Ok(());
        }
        for item in patch {
            let Some((id, item)) = item.get(key).zip(item.as_object()) else {
                let what = format!("map: {item} does not contain declared merge key: {key}");
                return Err(Failure::bad_request(what));
            };
            let found = old.iter().position(|known| known.get(key) == Some(id));
            match (item.get(DIRECTIVE).and_then(Value::as_str), found) {
                (Some("delete"), Some(at)) => drop(old.remove(at)),
                (Some("delete"), None) => {}
                (_, Some(at)) => {
                    if let Value::Object(known) = &mut old[at] {
                        self.map(name, known, item)?;
                    }
                }
                (_, None) => old.push(Value::Object(cleaned_map(item))),
            }
        }
        Ok(())
    }
}

fn unknown(directive: &str) -> Failure {
    Failure::bad_request(format!("Unrecognized patch directive: {directive}"))
}

/// Sorts `items` as `order` says, which without an order of its own is that of the patch. Items that are not in it stay
/// before the item that they were before.
fn arrange(strategy: Strategy, items: &mut Vec<Value>, before: &[Value], order: &[Value]) {
    if strategy == Strategy::Replace {
        return;
    }
    let same = |one: &Value, other: &Value| match strategy {
        Strategy::By(key) => one.get(key).is_some() && one.get(key) == other.get(key),
        Strategy::Union => one == other,
        Strategy::Replace => false,
    };
    let (mut sorted, mut others) = (Vec::new(), Vec::new());
    for item in items.drain(..) {
        match order.iter().position(|wanted| same(wanted, &item)) {
            Some(at) => sorted.push((at, item)),
            None => others.push(item),
        }
    }
    sorted.sort_by_key(|(at, _)| *at);
    let place = |item: &Value| before.iter().position(|known| same(known, item));
    let mut others = others.into_iter().peekable();
    for (_, item) in sorted {
        let here = place(&item);
        while let Some(other) = others.next_if(|other| here.is_some_and(|here| place(other) < Some(here))) {
            items.push(other);
        }
        items.push(item);
    }
    items.extend(others);
}

/// What a patch adds where there was nothing: without directives, and without what it would only take away.
fn cleaned(patch: &Value) -> Value {
    match patch {
        Value::Object(map) => Value::Object(cleaned_map(map)),
        Value::Array(items) => Value::Array(cleaned_list(items)),
        other => other.clone(),
    }
}

fn cleaned_map(map: &Map<String, Value>) -> Map<String, Value> {
    let kept = map.iter().filter(|(key, value)| !key.starts_with('$') && !value.is_null());
    kept.map(|(key, value)| (key.clone(), cleaned(value))).collect()
}

fn cleaned_list(items: &[Value]) -> Vec<Value> {
    items.iter().filter(|item| item.get(DIRECTIVE).is_none()).map(cleaned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(kind: &str, mut value: Value, patch: &Value) -> Value {
        merge(kind, &mut value, patch).unwrap();
        value
    }

    /// A pod with these containers.
    fn pod(containers: &Value) -> Value {
        json!({"spec": {"containers": containers}})
    }

    #[test]
    fn containers_and_what_is_in_them_are_merged_by_their_keys() {
        let old = pod(&json!([
            {"name": "app", "image": "web:1", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
             "ports": [{"containerPort": 80}], "volumeMounts": [{"mountPath": "/a", "name": "a"}]},
            {"name": "proxy", "image": "proxy:1"},
        ]));
        let patch = pod(&json!([
            {"name": "app", "image": "web:2", "env": [{"name": "B", "value": "3"}, {"name": "A", "$patch": "delete"}],
             "ports": [{"containerPort": 81}], "volumeMounts": [{"mountPath": "/a", "readOnly": true}]},
            {"name": "log", "image": "log:1"},
        ]));
        let new = pod(&json!([
            {"name": "app", "image": "web:2", "env": [{"name": "B", "value": "3"}],
             "ports": [{"containerPort": 81}, {"containerPort": 80}],
             "volumeMounts": [{"mountPath": "/a", "name": "a", "readOnly": true}]},
            {"name": "log", "image": "log:1"},
            {"name": "proxy", "image": "proxy:1"},
        ]));
        assert_eq!(merged("Pod", old, &patch), new);
    }

    #[test]
    fn other_lists_are_replaced_and_null_takes_fields_away() {
        let old = json!({"spec": {"tolerations": [{"key": "a"}], "nodeName": "x", "args": {"b": 1}}});
        let patch =
            json!({"spec": {"tolerations": [{"key": "b"}], "nodeName": null, "other": {"c": null, "d": 1}}});
        let new = json!({"spec": {"tolerations": [{"key": "b"}], "args": {"b": 1}, "other": {"d": 1}}});
        assert_eq!(merged("Pod", old, &patch), new);
    }

    #[test]
    fn directives_replace_delete_and_retain() {
        let old = pod(&json!([{"name": "a"}, {"name": "b"}]));
        let patch = pod(&json!([{"$patch": "replace"}, {"name": "c"}]));
        assert_eq!(merged("Pod", old, &patch), pod(&json!([{"name": "c"}])));
        let old = json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
        let patch = json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}});
        assert_eq!(
            merged("Deployment", old.clone(), &patch),
            json!({"spec": {"strategy": {"type": "Recreate"}}})
        );
        let patch = json!({"spec": {"strategy": {"$patch": "replace", "x": 1}}});
        assert_eq!(merged("Deployment", old.clone(), &patch), json!({"spec": {"strategy": {"x": 1}}}));
        let patch = json!({"spec": {"$patch": "delete"}});
        assert_eq!(merged("Deployment", old, &patch), json!({"spec": {}}));
        let old = json!({"metadata": {"finalizers": ["a", "b"]}});
        let patch = json!({"metadata": {"finalizers": ["c"], "$deleteFromPrimitiveList/finalizers": ["a"]}});
        let left = merged("Pod", old, &patch)["metadata"]["finalizers"].clone();
        assert!(left == json!(["c", "b"]), "{left}");
    }

    #[test]
    fn the_order_that_a_patch_wants_is_kept_around_what_it_does_not_know() {
        let old = pod(&json!([{"name": "a"}, {"name": "theirs"}, {"name": "b"}]));
        let mut patch = pod(&json!([{"name": "b", "image": "x"}, {"name": "new"}]));
        patch["spec"]["$setElementOrder/containers"] = json!([{"name": "b"}, {"name": "new"}, {"name": "a"}]);
        let names: Vec<Value> = merged("Pod", old, &patch)["spec"]["containers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|container| container["name"].clone())
            .collect();
        assert_eq!(names, ["theirs", "b", "new", "a"]);
    }

    #[test]
    fn ports_of_services_and_conditions_have_their_own_keys() {
        let old = json!({"spec": {"ports": [{"port": 80, "name": "http"}]}});
        let patch = json!({"spec": {"ports": [{"port": 80, "nodePort": 30000}]}});
        let new = json!({"spec": {"ports": [{"port": 80, "name": "http", "nodePort": 30000}]}});
        assert_eq!(merged("Service", old, &patch), new);
        let old = json!({"status": {"conditions": [{"type": "Ready", "status": "False"}]}});
        let patch = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "X"}]}});
        let new = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "X"}]}});
        assert_eq!(merged("Node", old, &patch), new);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let mut value = pod(&json!([{"name": "a"}]));
        assert_eq!(merge("Pod", &mut value, &pod(&json!([{"image": "x"}]))).unwrap_err().code, 400);
        assert_eq!(merge("Pod", &mut value, &json!({"spec": {"$patch": "explode"}})).unwrap_err().code, 400);
    }
}
