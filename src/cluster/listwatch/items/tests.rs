//! Lists of any content, written and cut in any way.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// The items of `text` in chunks of `cut` bytes, and what the list says of itself.
fn split(text: &[u8], cut: usize) -> Result<(Vec<Value>, ListMeta), Error> {
    let mut items = Items::new(10_000);
    let mut seen = Vec::new();
    for chunk in text.chunks(cut) {
        items.push(chunk, |item| {
            seen.push(serde_json::from_slice(item).map_err(|_| fault::not_an_object(item))?);
            Ok(())
        })?;
    }
    Ok((seen, items.finish()?))
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        r#"[a"\\{}\[\],:é ]*"#.prop_map(Value::from),
        Just(Value::from("items")),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((r#"items|[a"\\{}]*"#, inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn any_object() -> impl Strategy<Value = Value> {
    vec((r#"items|metadata|[a"\\{}]*"#, any_value()), 0..4).prop_map(|members| members.into_iter().collect())
}

proptest! {
    /// Members in any order, of any content, written densely or with spaces, cut anywhere.
    #[test]
    fn a_list_has_the_same_items_however_it_is_written_and_cut(
        items in vec(any_object(), 0..5),
        others in vec(("[b\"\\\\{}]+", any_value()), 0..3),
        (items_at, meta_at) in (0usize..3, 0usize..3),
        pretty: bool,
        cut in 1usize..64,
    ) {
        let mut members: Vec<(String, Value)> = others;
        let meta = json!({ "resourceVersion": "7", "continue": "next", "items": [1] });
        members.insert(items_at.min(members.len()), ("items".to_owned(), Value::from(items.clone())));
        members.insert(meta_at.min(members.len()), ("metadata".to_owned(), meta));
        let write = |value: &Value| {
            if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) }.unwrap()
        };
        let member = |(key, value): &(String, Value)| format!("{}: {}", write(&key.as_str().into()), write(value));
        let text: Vec<String> = members.iter().map(member).collect();
        let text = format!("\n{{{}}}\n", text.join(" ,"));
        let (seen, meta) = split(text.as_bytes(), cut).unwrap();
        prop_assert_eq!(seen, items);
        prop_assert_eq!(meta, ListMeta { version: "7".to_owned(), token: "next".to_owned() });
    }

    #[test]
    fn a_list_cut_short_is_an_error(items in vec(any_object(), 0..3), part in 0.0f64..1.0, cut in 1usize..64) {
        let text = json!({ "kind": "PodList", "metadata": {}, "items": items }).to_string();
        let kept = (text.len() as f64 * part) as usize;
        prop_assert!(split(&text.as_bytes()[..kept], cut).is_err());
    }

    #[test]
    fn nonsense_is_an_error_and_never_a_panic(
        bytes in vec(prop_oneof![any::<u8>(), Just(b'{'), Just(b'}'), Just(b'"')], 0..200),
    ) {
        prop_assert!(split(&bytes, 7).is_err());
    }
}

#[test]
fn a_list_without_items_is_one() {
    for items in ["[]", "null", "[ \n ]"] {
        let text = format!(r#"{{"kind":"PodList","metadata":{{"resourceVersion":"7"}},"items":{items}}}"#);
        let (seen, meta) = split(text.as_bytes(), 3).unwrap();
        assert_eq!((seen.len(), meta.version.as_str(), meta.token.as_str()), (0, "7", ""), "{items}");
    }
}

#[test]
fn what_is_not_a_list_is_said_to_be_none() {
    let text = |text: &str| split(text.as_bytes(), 1000).unwrap_err().message;
    assert_eq!(text("<html>\n<body>"), "the answer is not a list: <html> <body>");
    for other in [
        r#"{"kind":"Status","metadata":{}}"#,
        r#"{"metadata":{},"items":{}}"#,
        r#"{"metadata":{},"items":[1]}"#,
        r#"{"metadata":{},"items":[{},]}"#,
        r#"{"metadata":{},"items":[{}{}]}"#,
        r#"{"metadata":{},"items":[]} {}"#,
        r#"[{"metadata":{},"items":[]}]"#,
    ] {
        assert!(text(other).starts_with("the answer is not a list"), "{other}: {}", text(other));
    }
}

#[test]
fn an_item_is_bounded_even_when_it_never_ends() {
    let mut items = Items::new(1000);
    let mut result = items.push(br#"{"items":[{"a":""#, |_| Ok(()));
    for _ in 0..200 {
        result = result.and_then(|()| items.push(b"0123456789", |_| Ok(())));
    }
    assert_eq!(result.unwrap_err().message, "the server sent an object of more than 1000 bytes");
}
