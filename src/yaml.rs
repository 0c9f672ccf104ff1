//! The one place that knows which YAML library is used; see `docs/decisions/003-yaml.md`.

use serde::de::DeserializeOwned;

/// Reads a document.
///
/// # Errors
/// In one line with the place, when the text is not YAML or not a `T`.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}
