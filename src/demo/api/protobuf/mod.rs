//! Objects in protobuf, which kubectl sends for some of its commands (`create`, `autoscale`) to every server.
//!
//! Only requests are read: answers are JSON, which all clients take as well. `schema.txt` has the messages; what is not
//! in it (statuses, which no request can set, and volumes of clouds long gone) is passed over.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The media type.
pub(super) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// What bodies in protobuf begin with.
const MAGIC: &[u8] = b"k8s\0";

/// A field of a message.
#[derive(Debug)]
struct Field {
    number: u64,
    name: &'static str,
    shape: Shape,
    kind: &'static str,
    /// Nothing and zero are not the same.
    optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    One,
    List,
    Map,
    Inline,
}

static SCHEMA: LazyLock<HashMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
    let lines = include_str!("schema.txt").lines().filter(|line| !line.starts_with('#'));
    let messages = lines.filter_map(|line| {
        let mut words = line.split(' ');
        let name = words.next()?;
        Some((name, words.filter_map(Field::parse).collect()))
    });
    messages.collect()
});

impl Field {
    fn parse(text: &'static str) -> Option<Field> {
        let (name, kind) = text.split_once(':')?;
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        let (number, name) = name.split_at(digits);
        let (optional, kind) = kind.strip_suffix('?').map_or((false, kind), |kind| (true, kind));
        let inside = kind.strip_prefix('{').and_then(|kind| kind.strip_suffix('}'));
        let shape = match (&name[..1], inside) {
            (_, Some(_)) => Shape::Map,
            ("*", None) => Shape::List,
            ("^", None) => Shape::Inline,
            _ => Shape::One,
        };
        let name = name.trim_start_matches(['*', '^']);
        Some(Field { number: number.parse().ok()?, name, shape, kind: inside.unwrap_or(kind), optional })
    }
}

/// The object in a body; `None` when it is none that is known here.
pub(super) fn read(body: &[u8]) -> Option<Value> {
    let (mut api_version, mut kind, mut raw) = (String::new(), String::new(), &[][..]);
    for field in Wire(body.strip_prefix(MAGIC)?) {
        match field? {
            (1, Data::Bytes(meta)) => {
                for field in Wire(meta) {
                    match field? {
                        (1, Data::Bytes(text)) => api_version = String::from_utf8(text.to_vec()).ok()?,
                        (2, Data::Bytes(text)) => kind = String::from_utf8(text.to_vec()).ok()?,
                        _ => {}
                    }
                }
            }
            (2, Data::Bytes(bytes)) => raw = bytes,
            _ => {}
        }
    }
    let mut object = Map::new();
    message(&kind, raw, &mut object)?;
    object.insert("apiVersion".to_owned(), api_version.into());
    object.insert("kind".to_owned(), kind.into());
    Some(Value::Object(object))
}

/// Reads a message of type `kind` into a map.
fn message(kind: &str, bytes: &[u8], out: &mut Map<String, Value>) -> Option<()> {
    let fields = SCHEMA.get(kind)?;
    for part in Wire(bytes) {
        let (number, data) = part?;
        let Some(field) = fields.iter().find(|field| field.number == number) else { continue };
        match field.shape {
            Shape::Inline => message(field.kind, data.bytes()?, out)?,
            Shape::One => {
                let value = value(field.kind, data)?;
                if field.optional || !is_zero(&value) {
                    out.insert(field.name.to_owned(), value);
                }
            }
            Shape::List => {
                let list = out.entry(field.name).or_insert_with(|| json!([]));
                list.as_array_mut()?.push(value(field.kind, data)?);
            }
            Shape::Map => {
                let (mut key, mut entry) = (String::new(), Value::Null);
                for part in Wire(data.bytes()?) {
                    match part? {
                        (1, data) => key = String::from_utf8(data.bytes()?.to_vec()).ok()?,
                        (_, data) => entry = value(field.kind, data)?,
                    }
                }
                out.entry(field.name).or_insert_with(|| json!({})).as_object_mut()?.insert(key, entry);
            }
        }
    }
    Some(())
}

fn value(kind: &str, data: Data<'_>) -> Option<Value> {
    Some(match kind {
        "int" => json!(data.number()? as i64),
        "flag" => json!(data.number()? != 0),
        "text" => json!(std::str::from_utf8(data.bytes()?).ok()?),
        "bytes" => json!(STANDARD.encode(data.bytes()?)),
        "quantity" => {
            let text = Wire(data.bytes()?).flatten().find_map(|(_, data)| data.bytes());
            json!(std::str::from_utf8(text.unwrap_or_default()).ok()?)
        }
        "either" => either(data.bytes()?)?,
        kind => {
            let mut map = Map::new();
            message(kind, data.bytes()?, &mut map)?;
            Value::Object(map)
        }
    })
}

/// A number or a text, which the first field tells apart.
fn either(bytes: &[u8]) -> Option<Value> {
    let (mut is_text, mut number, mut text) = (false, 0, "");
    for part in Wire(bytes) {
        match part? {
            (1, data) => is_text = data.number()? != 0,
            (2, data) => number = data.number()? as i64,
            (_, data) => text = std::str::from_utf8(data.bytes()?).ok()?,
        }
    }
    Some(if is_text { json!(text) } else { json!(number) })
}

/// Whether a value is what its type has where nothing was said.
fn is_zero(value: &Value) -> bool {
    *value == json!("") || *value == json!(0) || *value == json!(false)
}

/// The fields of a message: numbers and data. Ends after what cannot be read, which is `None`.
struct Wire<'a>(&'a [u8]);

#[derive(Debug, Clone, Copy)]
enum Data<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Data<'a> {
    fn number(self) -> Option<u64> {
        if let Data::Number(number) = self { Some(number) } else { None }
    }

    fn bytes(self) -> Option<&'a [u8]> {
        if let Data::Bytes(bytes) = self { Some(bytes) } else { None }
    }
}

impl<'a> Wire<'a> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Data<'a>)> {
        let tag = self.number()?;
        let data = match tag & 7 {
            0 => Data::Number(self.number()?),
            1 => Data::Bytes(self.take(8)?),
            2 => {
                let length = usize::try_from(self.number()?).ok()?;
                Data::Bytes(self.take(length)?)
            }
            5 => Data::Bytes(self.take(4)?),
            _ => return None,
        };
        Some((tag >> 3, data))
    }
}

impl<'a> Iterator for Wire<'a> {
    type Item = Option<(u64, Data<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field of bytes.
    fn bytes(number: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2, u8::try_from(content.len()).unwrap()];
        out.extend_from_slice(content);
        out
    }

    fn body(kind: &str, object: &[u8]) -> Vec<u8> {
        let meta = [bytes(1, b"v1"), bytes(2, kind.as_bytes())].concat();
        [MAGIC, &bytes(1, &meta), &bytes(2, object)].concat()
    }

    #[test]
    fn an_object_reads_as_its_json() {
        let label = [bytes(1, b"app"), bytes(2, b"web")].concat();
        let metadata = [bytes(1, b"web"), bytes(2, b""), bytes(11, &label)].concat();
        let target = [vec![1 << 3, 1], bytes(3, b"http")].concat();
        let port = [bytes(1, b""), vec![3 << 3, 80], bytes(4, &target), vec![5 << 3, 0]].concat();
        let service = [bytes(1, &metadata), bytes(2, &bytes(1, &port)), bytes(9, b"not known")].concat();
        let read = read(&body("Service", &service)).unwrap();
        let json = json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "web", "labels": {"app": "web"}},
            "spec": {"ports": [{"port": 80, "targetPort": "http"}]},
        });
        assert_eq!(read, json);
    }

    #[test]
    fn what_is_torn_or_unknown_is_no_object() {
        let whole = body("ConfigMap", &bytes(1, &bytes(1, b"a")));
        assert!(read(&whole).is_some());
        assert!(read(&whole[..whole.len() - 1]).is_none());
        assert!(read(&body("Nothing", b"")).is_none());
        assert!(read(b"{}").is_none());
    }

    #[test]
    fn every_type_that_the_schema_names_is_in_it() {
        let simple = ["int", "flag", "text", "bytes", "quantity", "either"];
        for (name, fields) in &*SCHEMA {
            for field in fields {
                let known = simple.contains(&field.kind) || SCHEMA.contains_key(field.kind);
                assert!(known, "{name}.{}: {}", field.name, field.kind);
            }
        }
    }
}
