//! Representations: whole objects, their metadata alone, or rows of a table, as the client asked for in `Accept`.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Body;
use super::accept::{self, Taken};
use super::body::PIECE;
use super::request::Request;
use super::table::Table;
use super::typed;
use crate::demo::world::{Moment, Outcome, Page, Type};

/// How objects of one type are written for one client.
pub(super) struct Shape {
    form: Form,
    kind: String,
    api_version: String,
    /// What every object of the type begins with and none within a list does; empty where they keep it.
    prefix: Vec<u8>,
}

enum Form {
    Object,
    Metadata,
    Table { table: Box<Table>, include: Include, headers: bool },
}

/// Which part of an object a row carries.
#[derive(Clone, Copy, PartialEq)]
enum Include {
    None,
    Metadata,
    Object,
}

impl Shape {
    /// How the objects of `kind` are written for whoever sent `request`, as seen at `now`.
    ///
    /// # Errors
    /// 406 when the client takes nothing that there is.
    pub(super) fn of(kind: &Type, request: &Request, now: Moment) -> Outcome<Shape> {
        let form = match accept::first(&request.accept)? {
            Taken::Metadata => Form::Metadata,
            Taken::Object | Taken::Discovery => Form::Object,
            Taken::Table => {
                let include = match request.query.get("includeObject") {
                    "None" => Include::None,
                    "Object" => Include::Object,
                    _ => Include::Metadata,
                };
                Form::Table { table: Box::new(Table::of(kind, now)), include, headers: true }
            }
        };
        let (api_version, name) = (kind.api_version(), kind.kind.to_string());
        // Built-in objects say their kind once, for the whole list.
        let prefix = if kind.custom {
            Vec::new()
        } else {
            format!(r#"{{"kind":"{name}","apiVersion":"{api_version}","#).into_bytes()
        };
        Ok(Shape { form, kind: name, api_version, prefix })
    }

    /// An object by itself, of this version.
    pub(super) fn one(&mut self, json: &[u8], version: u64, out: &mut Vec<u8>) {
        match &mut self.form {
            Form::Object => out.extend_from_slice(json),
            Form::Metadata => metadata(json, out),
            Form::Table { table, headers, .. } => {
                // In a watch only the first table says what its columns are.
                let columns = if std::mem::take(headers) { table.definitions() } else { Value::Null };
                let head = format!(
                    r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{{"resourceVersion":"{version}"}},"columnDefinitions":{columns},"rows":["#
                );
                out.extend_from_slice(head.as_bytes());
                self.item(json, out);
                out.extend_from_slice(b"]}");
            }
        }
    }

    /// An object of the kind with nothing in it.
    pub(super) fn empty(&self) -> Value {
        json!({"kind": self.kind, "apiVersion": self.api_version})
    }

    /// From now on ages are as seen at `now`.
    pub(super) fn set_now(&mut self, now: Moment) {
        if let Form::Table { table, .. } = &mut self.form {
            table.now = now;
        }
    }

    /// The answer that consists of this object.
    pub(super) fn response(mut self, code: u16, json: &[u8], version: u64) -> Response<Body> {
        let mut out = Vec::new();
        self.one(json, version, &mut out);
        typed(code, "application/json", Body::Whole(out.into()))
    }

    /// The answer that consists of these objects. Where the list is only a part of what was selected, `counted` says
    /// whether the client is told how many are left.
    pub(super) fn list(mut self, page: Page, counted: bool) -> Response<Body> {
        let mut out = self.head(&page, counted);
        let mut items = page.items.into_iter().enumerate();
        let mut ended = false;
        let pieces = std::iter::from_fn(move || {
            if ended {
                return None;
            }
            while out.len() < PIECE {
                let Some((at, object)) = items.next() else {
                    out.extend_from_slice(b"]}");
                    ended = true;
                    break;
                };
                if at > 0 {
                    out.push(b',');
                }
                self.item(object.json(), &mut out);
            }
            Some(Bytes::from(std::mem::take(&mut out)))
        });
        typed(200, "application/json", Body::Pieces(Box::new(pieces)))
    }

    /// A list up to its first item.
    fn head(&self, page: &Page, counted: bool) -> Vec<u8> {
        let mut metadata = json!({"resourceVersion": page.version.to_string()});
        if let Some((token, left)) = &page.rest {
            metadata["continue"] = json!(token);
            if counted {
                metadata["remainingItemCount"] = json!(left);
            }
        }
        let (kind, api_version) = match self.form {
            Form::Object => (format!("{}List", self.kind), &*self.api_version),
            Form::Metadata => ("PartialObjectMetadataList".to_owned(), "meta.k8s.io/v1"),
            Form::Table { .. } => ("Table".to_owned(), "meta.k8s.io/v1"),
        };
        let items = match &self.form {
            Form::Table { table, .. } => format!(r#""columnDefinitions":{},"rows""#, table.definitions()),
            Form::Object | Form::Metadata => r#""items""#.to_owned(),
        };
        let head =
            format!(r#"{{"kind":"{kind}","apiVersion":"{api_version}","metadata":{metadata},{items}:["#);
        head.into_bytes()
    }

    /// An object within a list.
    fn item(&mut self, json: &[u8], out: &mut Vec<u8>) {
        match &mut self.form {
            Form::Object => match json.strip_prefix(&*self.prefix) {
                Some(rest) if !self.prefix.is_empty() => {
                    out.push(b'{');
                    out.extend_from_slice(rest);
                }
                _ => out.extend_from_slice(json),
            },
            Form::Metadata => metadata(json, out),
            Form::Table { table, include, .. } => {
                out.extend_from_slice(format!(r#"{{"cells":{},"object":"#, table.cells(json)).as_bytes());
                match include {
                    Include::None => out.extend_from_slice(b"null"),
                    Include::Metadata => metadata(json, out),
                    Include::Object => out.extend_from_slice(json),
                }
                out.push(b'}');
            }
        }
    }
}

/// The metadata of an object as an object of its own.
fn metadata(json: &[u8], out: &mut Vec<u8>) {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(borrow)]
        metadata: &'a RawValue,
    }
    let metadata = serde_json::from_slice::<Head<'_>>(json).map_or("{}", |head| head.metadata.get());
    out.extend_from_slice(br#"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":"#);
    out.extend_from_slice(metadata.as_bytes());
    out.push(b'}');
}
