//! What holds for all kinds.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::{find, nearest};
use super::*;

/// An object with as little in it as makes a row of any kind.
fn least() -> Value {
    json!({"metadata": {"name": "x"}, "spec": {"containers": [{"name": "x"}]}})
}

#[test]
fn every_kind_has_as_many_cells_as_headers() {
    for kind in KINDS {
        let row = row(kind.plural, &least());
        for column in 0..kind.headers.len() {
            let mut text = String::new();
            row.cell(column).write(NOW, &mut text);
        }
        let beyond = catch_unwind(AssertUnwindSafe(|| row.cell(kind.headers.len()).ticking()));
        assert!(beyond.is_err(), "{} has more cells than headers", kind.plural);
    }
}

#[test]
fn every_kind_can_be_laid_out_and_sorted() {
    for kind in KINDS {
        let titles: BTreeSet<&str> = kind.headers.iter().map(|header| header.title).collect();
        assert_eq!(titles.len(), kind.headers.len(), "{} repeats a title", kind.plural);
        let staying = kind.headers.iter().filter(|header| header.priority == 0);
        assert_eq!(
            staying.filter(|header| !header.wide).count(),
            1,
            "{}: one column never goes",
            kind.plural
        );
        assert!(titles.contains("NAME"));
        assert!(kind.sort.is_none_or(|(column, _)| column < kind.headers.len()), "{}", kind.plural);
    }
}

#[test]
fn names_of_kinds_are_in_lower_case_and_mean_one_kind() {
    let mut taken = BTreeSet::new();
    for kind in KINDS {
        assert_eq!(kind.plural, kind.plural.to_lowercase());
        for name in kind.names().map(str::to_lowercase).collect::<BTreeSet<_>>() {
            assert!(taken.insert(name.clone()), "{name} means two kinds");
        }
    }
}

#[test]
fn a_kind_is_found_by_each_of_its_names() {
    let cases = [
        ("pods", ["pods", "pod", "po", "Pod", "PODS", "pods."]),
        ("deployments", ["deployments", "deployment", "deploy", "Deployment", "DEPLOY", "deployments.apps"]),
        ("services", ["services", "service", "svc", "Service", "SVC", "services."]),
    ];
    for (plural, names) in cases {
        for name in names {
            assert_eq!(find(name).map(|kind| kind.plural), Some(plural), "{name}");
        }
    }
    assert!(find("containers").is_none(), "containers exist only within a pod");
    assert!(find("services.serving.example.com").is_none(), "another group's kind of the same name");
}

#[test]
fn an_unknown_name_comes_with_its_neighbours() {
    assert_eq!(nearest("pdo").first(), Some(&"pods"));
    assert!(nearest("wheelbarrow").is_empty());
}

#[test]
fn a_row_is_the_same_only_when_nothing_on_screen_differs() {
    for kind in KINDS {
        let (row, again) = (row(kind.plural, &least()), row(kind.plural, &least()));
        assert!(row.same(&*again), "{}", kind.plural);
        let mut renamed = least();
        merge(&mut renamed, &json!({"metadata": {"uid": "2", "creationTimestamp": "2026-07-01T11:45:00Z"}}));
        assert!(!row.same(&*super::row(kind.plural, &renamed)), "{}", kind.plural);
    }
}

#[test]
fn a_row_is_small() {
    // A hundred thousand of them are held at once. Grow these with a reason.
    let limits = [("pods", 176), ("containers", 160), ("replicasets", 144), ("events", 208)];
    for (plural, limit) in limits {
        let size = size_of_val(&*row(plural, &least()));
        assert!(size <= limit, "a row of {plural} has {size} bytes, more than {limit}");
    }
}
