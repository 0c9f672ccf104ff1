//! What a client takes, as its header `Accept` says.

use crate::demo::world::{Failure, Outcome};

/// A representation. All are JSON.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Taken {
    /// What there is, as it is.
    Object,
    /// The metadata of objects alone.
    Metadata,
    /// Rows of a table.
    Table,
    /// The catalogue, all of it at once.
    Discovery,
}

/// The first of the media types in `accept` that there is.
///
/// # Errors
/// 406 when there is none of them.
pub(super) fn first(accept: &str) -> Outcome<Taken> {
    if accept.is_empty() {
        return Ok(Taken::Object);
    }
    let missing = "406: Not Acceptable\n\nAvailable representations: application/json";
    accept.split(',').find_map(one).ok_or_else(|| Failure::not_acceptable(missing))
}

fn one(media: &str) -> Option<Taken> {
    let mut parts = media.split(';').map(str::trim);
    if !matches!(parts.next(), Some("application/json" | "application/*" | "*/*")) {
        return None;
    }
    let parameters: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('=')).collect();
    let get = |name| parameters.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
    match (get("as"), get("g"), get("v")) {
        ("", ..) => Some(Taken::Object),
        ("Table", "meta.k8s.io", "v1") => Some(Taken::Table),
        ("PartialObjectMetadata" | "PartialObjectMetadataList", "meta.k8s.io", "v1") => Some(Taken::Metadata),
        ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2") => Some(Taken::Discovery),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_the_first_of_what_it_takes_that_there_is() {
        let table = "application/json;as=Table;v=v1beta1;g=meta.k8s.io, application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        assert_eq!(first(table), Ok(Taken::Table));
        let catalogue =
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
        assert_eq!(first(catalogue), Ok(Taken::Discovery));
        assert_eq!(first("application/vnd.kubernetes.protobuf,application/json"), Ok(Taken::Object));
        assert_eq!(first("application/json;drop=metadata.managedFields"), Ok(Taken::Object));
        assert_eq!(first("*/*"), Ok(Taken::Object));
        assert_eq!(first("text/html").map_err(|failure| failure.code), Err(406));
    }
}
