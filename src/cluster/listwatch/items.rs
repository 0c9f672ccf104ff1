//! Splits a list into its items while it arrives.
//!
//! A list of 10,000 pods is 65 MB of JSON. It is never held: the bytes of each item are handed on as soon as its
//! last brace is there, and what surrounds the items (the envelope) is kept to be read at the end. An item that lies
//! within one chunk is not copied.

use memchr::memchr2;
use serde::Deserialize;

use super::fault;
use crate::cluster::Error;
use crate::resources::wire::{Str, nullable};

/// A splitter for one list.
pub(super) struct Items {
    state: State,
    string: InString,
    /// Open braces of the current item.
    depth: u32,
    /// The beginning of an item whose end has not arrived.
    item: Vec<u8>,
    envelope: Envelope,
    limit: usize,
}

/// Where the scanner stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Envelope,
    /// In the array of items, outside of any item; whether one may begin here, and whether the array may end here.
    Between {
        item: bool,
        end: bool,
    },
    Item,
    /// Behind the list.
    End,
}

/// Whether the scanner stands in a string.
#[derive(Clone, Copy, PartialEq, Eq)]
enum InString {
    No,
    Yes,
    /// In a string, behind a backslash.
    Escaped,
}

impl Items {
    /// A splitter that takes items, and an envelope, of up to `limit` bytes.
    pub(super) fn new(limit: usize) -> Items {
        Items {
            state: State::Envelope,
            string: InString::No,
            depth: 0,
            item: Vec::new(),
            envelope: Envelope::default(),
            limit,
        }
    }

    /// Takes the next bytes of the list and hands on each item that they complete.
    ///
    /// # Errors
    /// When the bytes cannot belong to a list, when an item is too large, and what `each` fails with.
    pub(super) fn push(
        &mut self,
        chunk: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut at = 0;
        while let Some(&byte) = chunk.get(at) {
            match (self.state, byte) {
                (State::Item, _) => {
                    let end = self.scan_item(&chunk[at..]);
                    let part = &chunk[at..end.map_or(chunk.len(), |end| at + end)];
                    at += part.len();
                    if self.item.len() + part.len() > self.limit {
                        return Err(fault::too_large("an object", self.limit));
                    }
                    if end.is_none() || !self.item.is_empty() {
                        self.item.extend_from_slice(part);
                    }
                    if end.is_some() {
                        each(if self.item.is_empty() { part } else { &self.item })?;
                        self.item.clear();
                        self.state = State::Between { item: false, end: true };
                    }
                    continue;
                }
                (State::Envelope, _) => {
                    let taken = self.envelope_byte(byte);
                    taken.ok_or_else(|| fault::not_a_list(&chunk[at..]))?;
                }
                (_, b' ' | b'\n' | b'\r' | b'\t') => {}
                (State::Between { item: true, .. }, b'{') => {
                    self.state = State::Item;
                    continue;
                }
                (State::Between { item: false, .. }, b',') => {
                    self.state = State::Between { item: true, end: false };
                }
                (State::Between { end: true, .. }, b']') => {
                    self.envelope.text.push(b']');
                    self.envelope.key = Key::Other;
                    self.state = State::Envelope;
                }
                _ => return Err(fault::not_a_list(&chunk[at..])),
            }
            at += 1;
        }
        Ok(())
    }

    /// Reads the envelope of a list that has ended.
    ///
    /// # Errors
    /// When the list is not complete or is none.
    pub(super) fn finish(self) -> Result<ListMeta, Error> {
        if self.state != State::End {
            return Err(fault::truncated());
        }
        let envelope: WireList<'_> = serde_json::from_slice(&self.envelope.text)
            .ok()
            .filter(|_| self.envelope.has_items)
            .ok_or_else(|| fault::not_a_list(&self.envelope.text))?;
        Ok(ListMeta {
            version: envelope.metadata.resource_version.to_string(),
            token: envelope.metadata.next.to_string(),
        })
    }

    /// Looks for the end of the item that the bytes are in; tells how many bytes belong to it if it is there.
    fn scan_item(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.string != InString::No {
                at += self.string.skip(&bytes[at..]);
                continue;
            }
            match bytes[at] {
                b'"' => self.string = InString::Yes,
                b'{' => self.depth += 1,
                b'}' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Takes one byte of the envelope; `None` when it cannot belong to one.
    fn envelope_byte(&mut self, byte: u8) -> Option<()> {
        if self.envelope.text.len() >= self.limit {
            return None;
        }
        self.state = self.envelope.byte(byte, &mut self.string)?;
        Some(())
    }
}

impl InString {
    /// Goes to the end of the string, or of the bytes; tells how many bytes that were.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        if *self == InString::Escaped {
            *self = InString::Yes;
            return 1;
        }
        let Some(at) = memchr2(b'"', b'\\', bytes) else { return bytes.len() };
        *self = if bytes[at] == b'"' { InString::No } else { InString::Escaped };
        at + 1
    }
}

/// All of a list but its items.
#[derive(Default)]
struct Envelope {
    text: Vec<u8>,
    depth: u32,
    /// Where the current or latest string begins.
    string_at: usize,
    key: Key,
    has_items: bool,
}

/// Which member of the list object the scanner stands in.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Key {
    /// Before a key, or in it.
    #[default]
    Expected,
    /// Behind the key `items`, before its value.
    Items,
    /// In another member.
    Other,
}

impl Envelope {
    /// Takes one byte; tells in which state the next one is met. `None` when it cannot belong to a list.
    fn byte(&mut self, byte: u8, string: &mut InString) -> Option<State> {
        self.text.push(byte);
        if *string != InString::No {
            string.skip(&[byte]);
            if *string == InString::No && self.depth == 1 && self.key == Key::Expected {
                let is_items = &self.text[self.string_at..] == b"\"items\"";
                self.has_items |= is_items;
                self.key = if is_items { Key::Items } else { Key::Other };
            }
            return Some(State::Envelope);
        }
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'"' if self.depth > 0 => {
                *string = InString::Yes;
                self.string_at = self.text.len() - 1;
            }
            b'[' if self.depth == 1 && self.key == Key::Items => {
                return Some(State::Between { item: true, end: true });
            }
            b'{' | b'[' if self.depth > 0 || byte == b'{' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => {
                self.depth -= 1;
                if self.depth == 0 {
                    return Some(State::End);
                }
            }
            b',' if self.depth == 1 => self.key = Key::Expected,
            _ if self.depth == 0 => return None,
            _ => {}
        }
        Some(State::Envelope)
    }
}

/// What a list says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ListMeta {
    /// The version at which the list is what is so.
    pub(super) version: String,
    /// How to ask for the next page; empty at the end.
    pub(super) token: String,
}

#[derive(Deserialize)]
struct WireList<'a> {
    #[serde(borrow)]
    metadata: WireMeta<'a>,
    #[serde(default, deserialize_with = "nullable", rename = "items")]
    _items: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMeta<'a> {
    #[serde(borrow, default)]
    resource_version: Str<'a>,
    #[serde(borrow, default, rename = "continue")]
    next: Str<'a>,
}

#[cfg(test)]
mod tests {
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
        vec((r#"items|metadata|[a"\\{}]*"#, any_value()), 0..4)
            .prop_map(|members| members.into_iter().collect())
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
            let text: Vec<String> =
                members.iter().map(|(key, value)| format!("{}: {}", write(&Value::from(key.as_str())), write(value))).collect();
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
        fn nonsense_is_an_error_and_never_a_panic(bytes in vec(prop_oneof![any::<u8>(), Just(b'{'), Just(b'}'), Just(b'"')], 0..200)) {
            prop_assert!(split(&bytes, 7).is_err());
        }
    }

    #[test]
    fn a_list_without_items_is_one() {
        for items in ["[]", "null", "[ \n ]"] {
            let text =
                format!(r#"{{"kind":"PodList","metadata":{{"resourceVersion":"7"}},"items":{items}}}"#);
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
}
