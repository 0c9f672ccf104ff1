//! The headers that every request carries: who asks (the program), and as whom (impersonation).

use http::{HeaderMap, HeaderName, HeaderValue, header};
use kube::config::AuthInfo;

use super::Options;
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// Short, and not one of those for which the API server indents its JSON.
pub(super) const USER_AGENT: &str = concat!("kw/", env!("CARGO_PKG_VERSION"));

/// Puts what the flags say about impersonation over what the kubeconfig says, each on its own as kubectl does.
pub(super) fn impersonate(user: &mut AuthInfo, options: &Options) {
    if let Some(name) = &options.as_user {
        user.impersonate = Some(name.clone());
    }
    if !options.as_groups.is_empty() {
        user.impersonate_groups = Some(options.as_groups.clone());
    }
    user.impersonate = user.impersonate.take().filter(|name| !name.is_empty());
}

/// The headers that are the same for every request.
pub(super) fn for_every_request(user: &AuthInfo) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    let uid = user.impersonate_uid.as_deref().filter(|uid| !uid.is_empty());
    let groups = user.impersonate_groups.as_deref().unwrap_or_default();
    let extra: Vec<_> = user.impersonate_user_extra.iter().flatten().collect();
    let Some(name) = &user.impersonate else {
        if uid.is_some() || !groups.is_empty() || !extra.is_empty() {
            let message = "a group, uid or extra to impersonate needs a user to go with it";
            return Err(Error::new(Class::Config, message).advise("add --as USER"));
        }
        return Ok(headers);
    };
    headers.insert("impersonate-user", value(name)?);
    if let Some(uid) = uid {
        headers.insert("impersonate-uid", value(uid)?);
    }
    for group in groups {
        headers.append("impersonate-group", value(group)?);
    }
    for (key, values) in extra {
        let name = extra_name(key)?;
        for text in values {
            headers.append(name.clone(), value(text)?);
        }
    }
    Ok(headers)
}

fn value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|_| {
        Error::new(
            Class::Config,
            format!("\"{}\" cannot be impersonated: not a header's value", one_line(text, 80)),
        )
    })
}

/// The name of an extra's header. What a header's name cannot hold is percent-encoded, and the percent sign with it.
fn extra_name(key: &str) -> Result<HeaderName, Error> {
    let mut name = String::from("impersonate-extra-");
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => name.push(char::from(byte)),
            b'!' | b'#' | b'$' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|'
            | b'~' => {
                name.push(char::from(byte));
            }
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Error::new(Class::Config, "an extra to impersonate has a name that no header can have"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn flags_win_over_the_kubeconfig_and_each_on_its_own() {
        let mut user = AuthInfo {
            impersonate: Some("carol".into()),
            impersonate_groups: Some(vec!["ops".into()]),
            ..AuthInfo::default()
        };
        impersonate(&mut user, &Options { as_user: Some("alice".into()), ..Options::default() });
        let headers = for_every_request(&user).unwrap();
        assert_eq!(headers["impersonate-user"], "alice");
        assert_eq!(headers["impersonate-group"], "ops");
        assert!(headers["user-agent"].to_str().unwrap().starts_with("kw/"));
    }

    #[test]
    fn groups_without_a_user_are_an_error_that_says_what_to_add() {
        let mut user = AuthInfo::default();
        impersonate(&mut user, &Options { as_groups: vec!["ops".into()], ..Options::default() });
        assert!(for_every_request(&user).unwrap_err().to_string().ends_with("add --as USER"));
    }

    #[test]
    fn extras_are_encoded_into_headers() {
        let extra = HashMap::from([("example.com/scope%".to_owned(), vec!["a".to_owned(), "b".to_owned()])]);
        let user = AuthInfo {
            impersonate: Some("x".into()),
            impersonate_user_extra: Some(extra),
            ..AuthInfo::default()
        };
        let headers = for_every_request(&user).unwrap();
        let values: Vec<_> = headers.get_all("impersonate-extra-example.com%2Fscope%25").iter().collect();
        assert_eq!(values, ["a", "b"]);
    }
}
