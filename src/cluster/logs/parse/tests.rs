//! Lines as programs write them, and any bytes.

use proptest::prelude::*;

use super::*;

/// A line taken apart, as text.
fn told(line: &str) -> String {
    let parsed = parse(line.as_bytes());
    let text = |value: Value<'_>| String::from_utf8_lossy(&value.bytes()).into_owned();
    let mut out = format!(
        "{:?} {} [{}] {}",
        parsed.format,
        parsed.level.map_or("-", Level::name),
        parsed.time.map_or_else(String::new, text),
        text(parsed.message)
    );
    for (key, value) in parsed.fields() {
        out.push_str(&format!(" | {}={}", String::from_utf8_lossy(key), text(value)));
    }
    assert_eq!(parsed.level, level(line.as_bytes()), "{line}");
    out
}

#[test]
fn json_is_taken_apart() {
    for (line, expected) in [
        (
            r#"{"ts":"2026-11-24T14:31:07Z","level":"WARN","msg":"slow \"cart\"","status":502,"http":{"path":"/x"}}"#,
            r#"Json warn [2026-11-24T14:31:07Z] slow "cart" | status=502 | http={"path":"/x"}"#,
        ),
        (
            r#"{"level":30,"time":1700000000000,"msg":"ready","pid":7}"#,
            "Json info [1700000000000] ready | pid=7",
        ),
        (r#" { "severity" : "Error" , "message" : "aA\u00e9\ud83d\ude00" } "#, "Json error [] aAé😀"),
        (r#"{"a":[1,{"b":"]}"}],"c":null,"d":""}"#, r#"Json - []  | a=[1,{"b":"]}"}] | c=null | d="#),
    ] {
        assert_eq!(told(line), expected);
    }
}

#[test]
fn text_that_begins_like_json_is_text() {
    assert_eq!(told("{not json}"), "Plain - [] {not json}");
    assert_eq!(told(r#"{"level":"error","msg":"cut"#), r#"Plain error [] {"level":"error","msg":"cut"#);
}

#[test]
fn logfmt_is_taken_apart() {
    assert_eq!(
        told(r#"time="2026-11-24T14:31:07Z" level=warning msg="retrying \"x\"" attempt=3 empty= err="a b""#),
        r#"Logfmt warn [2026-11-24T14:31:07Z] retrying "x" | attempt=3 | empty= | err=a b"#
    );
}

#[test]
fn klog_is_taken_apart() {
    assert_eq!(
        told(r#"E1124 14:31:07.221000       1 reflector.go:147] "Unhandled" err="no \"x\"" pod="a/b""#),
        r#"Klog error [1124 14:31:07.221000] Unhandled | err=no "x" | pod=a/b"#
    );
    assert_eq!(
        told("I1124 14:31:07.221000    1 main.go:42] ready now"),
        "Klog info [1124 14:31:07.221000] ready now"
    );
    let parsed = parse(b"I1124 14:31:07.221000    1 main.go:42] ready");
    assert_eq!(parsed.caller, Some(&b"main.go:42"[..]));
}

#[test]
fn plain_text_has_a_level_a_time_and_perhaps_pairs() {
    for (line, expected) in [
        (
            "ERROR request failed id=1 path=/checkout took=3012ms",
            "Plain error [] request failed | id=1 | path=/checkout | took=3012ms",
        ),
        ("2026-11-24 14:31:07,221 [warn] disk is full", "Plain warn [2026-11-24 14:31:07,221] disk is full"),
        ("2026/11/24 14:31:07 listening on :8080", "Plain - [2026/11/24 14:31:07] listening on :8080"),
        ("[2026-11-24T14:31:07Z] INFO: up", "Plain info [2026-11-24T14:31:07Z] up"),
        ("Error: no such file", "Plain error [] no such file"),
        ("panic: runtime error", "Plain fatal [] runtime error"),
        ("GET /errors?level=high 200", "Plain - [] GET /errors?level=high 200"),
        ("the error is mine, INFORMAL", "Plain - [] the error is mine, INFORMAL"),
        ("10.0.0.1 - - \"GET / HTTP/1.1\" 200", "Plain - [] 10.0.0.1 - - \"GET / HTTP/1.1\" 200"),
        ("a == b c==d", "Plain - [] a == b c==d"),
        ("", "Plain - [] "),
    ] {
        assert_eq!(told(line), expected);
    }
    assert_eq!(level(b"\x1b[32mINFO\x1b[0m ready"), Some(Level::Info));
    assert_eq!(level(b"2026-11-24T14:31:07Z \x1b[1;31mERR\x1b[0m no"), Some(Level::Error));
    assert_eq!(level(b"Traceback (most recent call last):"), Some(Level::Error));
    assert_eq!(level(b"thread 'main' panicked at src/main.rs:1:1:"), Some(Level::Fatal));
}

#[test]
fn fields_are_found_by_name_and_by_path() {
    let find = |line: &'static str, path: &str| {
        field(line.as_bytes(), path.as_bytes())
            .map(|value| String::from_utf8_lossy(&value.bytes()).into_owned())
    };
    let object = r#"{"a.b":1,"a":{"c":{"d":"x"}},"level":"info"}"#;
    assert_eq!(find(object, "a.b").as_deref(), Some("1"));
    assert_eq!(find(object, "a.c.d").as_deref(), Some("x"));
    assert_eq!(find(object, "level").as_deref(), Some("info"));
    assert_eq!(find(object, "c"), None);
    let text = "WARN my-status=1 status=502 note=\"status=9\"";
    assert_eq!(find(text, "status").as_deref(), Some("502"));
    assert_eq!(find(text, "note").as_deref(), Some("status=9"));
    assert_eq!(find(text, "us"), None);
}

proptest! {
    #[test]
    fn no_bytes_do_harm(line in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..100),
        "[{\\[\"a:,}\\] =\\\\uInfoERROR0-9]{0,60}".prop_map(String::into_bytes),
    ]) {
        let parsed = parse(&line);
        for (key, value) in parsed.fields() {
            let _ = (key, value.bytes());
            let _ = field(&line, key);
        }
        let _ = (level(&line), parsed.message.bytes());
    }

    #[test]
    fn json_that_others_write_is_read(map in proptest::collection::btree_map("[a-z]{1,8}", ".{0,20}", 1..6)) {
        let line = serde_json::to_string(&map).unwrap();
        for (key, text) in &map {
            let value = field(line.as_bytes(), key.as_bytes()).unwrap();
            prop_assert_eq!(value.bytes(), text.as_bytes());
        }
    }
}
