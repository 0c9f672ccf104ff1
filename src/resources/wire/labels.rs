//! Labels and selectors.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::{Str, nullable};

/// A map from strings to strings (labels, a service's selector), in the order of the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs<'a>(pub Vec<(Str<'a>, Str<'a>)>);

impl Pairs<'_> {
    /// All pairs as `key=value` with commas between, sorted: what kubectl shows of labels, and a label selector in
    /// the syntax of the API.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut pairs: Vec<String> =
            self.0.iter().map(|(key, value)| format!("{}={}", &**key, &**value)).collect();
        pairs.sort();
        pairs.join(",")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of strings or null")
            }
            fn visit_none<E>(self) -> Result<Pairs<'de>, E> {
                Ok(Pairs::default())
            }
            fn visit_unit<E>(self) -> Result<Pairs<'de>, E> {
                Ok(Pairs::default())
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Pairs<'de>, D::Error> {
                deserializer.deserialize_map(self)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_option(V)
    }
}

/// A `LabelSelector`: what the workload kinds choose their pods by.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LabelSelector<'a> {
    /// Labels that must have these values.
    #[serde(borrow)]
    pub match_labels: Pairs<'a>,
    /// What must hold besides.
    #[serde(borrow, deserialize_with = "nullable")]
    pub match_expressions: Vec<Requirement<'a>>,
}

/// An entry of `matchExpressions`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Requirement<'a> {
    /// Label.
    #[serde(borrow)]
    pub key: Str<'a>,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    #[serde(borrow)]
    pub operator: Str<'a>,
    /// Values of `In` and `NotIn`.
    #[serde(borrow, deserialize_with = "nullable")]
    pub values: Vec<Str<'a>>,
}

impl LabelSelector<'_> {
    /// The selector in the syntax of the API, requirements sorted by label; empty when it has none, `None` when it is
    /// not valid.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        let equal =
            |(key, value): &(Str<'_>, Str<'_>)| Some((key.to_string(), format!("{}={}", &**key, &**value)));
        let labels = self.match_labels.0.iter().map(equal);
        let expressions = self.match_expressions.iter().map(|r| Some((r.key.to_string(), r.to_text()?)));
        let mut all: Vec<(String, String)> = labels.chain(expressions).collect::<Option<_>>()?;
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        Some(all.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(","))
    }
}

impl Requirement<'_> {
    fn to_text(&self) -> Option<String> {
        let key = &*self.key;
        let operator = match (&*self.operator, self.values.is_empty()) {
            ("In", false) => "in",
            ("NotIn", false) => "notin",
            ("Exists", true) => return Some(key.to_owned()),
            ("DoesNotExist", true) => return Some(format!("!{key}")),
            _ => return None,
        };
        let mut values: Vec<&str> = self.values.iter().map(|value| &**value).collect();
        values.sort_unstable();
        Some(format!("{key} {operator} ({})", values.join(",")))
    }
}
