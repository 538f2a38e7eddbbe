//! Which keys are made and sent, and which of them links reach: clients fold `a/../b` and `a//b` before they send a URL.

use super::MAX_KEY_BYTES;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result};

/// Whether a key can be sent at all.
///
/// # Errors
/// `Usage` for an empty key or one of over 1,024 bytes.
pub fn check(key: &str) -> Result<()> {
    if key.is_empty() {
        return Err(Failure::new(FailureKind::Usage, "the key is empty").hint("type a name for the object"));
    }
    if key.len() > MAX_KEY_BYTES {
        let what = format!("the key is {} bytes long, {MAX_KEY_BYTES} is the most", key.len());
        return Err(Failure::new(FailureKind::Usage, what).hint("shorten it"));
    }
    Ok(())
}

/// Whether Windlass makes an object of this key: one that it can send, and that links reach.
///
/// # Errors
/// As [`check`], and `Usage` for a part that clients fold.
pub fn check_new(key: &str) -> Result<()> {
    check(key)?;
    match folded(key) {
        None => Ok(()),
        Some(part) => {
            let what = format!(
                "the key \"{}\" has the part \"{part}\", which curl and browsers fold away: no link would reach it",
                display(key)
            );
            Err(Failure::new(FailureKind::Usage, what).hint("leave it out"))
        }
    }
}

/// What somebody should know of a key that is good but hardly meant: no file can be named so, another key looks alike, or it
/// was pasted with more than is seen of it.
pub fn doubt(key: &str) -> Option<&'static str> {
    if key.starts_with('/') {
        return Some("the key begins with \"/\" and is taken so: leave that out, unless it is meant");
    }
    if key.contains("//") {
        return Some("the key has an empty part (\"//\") and is taken so: leave that out, unless it is meant");
    }
    let unseen = "the key has characters that are not seen, such as line ends, and is taken so: leave them out, unless they \
                  are meant";
    key.contains(char::is_control).then_some(unseen)
}

/// Whether a link to an object that is there reaches it.
///
/// # Errors
/// `Usage` for a part that clients fold, saying how to get the object all the same.
pub fn check_for_link(key: &str) -> Result<()> {
    let Some(part) = folded(key) else { return Ok(()) };
    let what = format!("no link reaches \"{}\": curl and browsers fold its part \"{part}\" away", display(key));
    Err(Failure::new(FailureKind::Usage, what).hint(OUT_OF_THE_WAY))
}

/// The first part that clients resolve before they send a URL (RFC 3986, 5.2.4, Remove Dot Segments).
fn folded(key: &str) -> Option<&str> {
    key.split('/').find(|part| matches!(*part, "." | ".."))
}

/// How an object is had whose key is good for no file and no link.
pub(super) const OUT_OF_THE_WAY: &str =
    "give it another name with \"save as\" (S) on the screen, or write it to standard output with download --to -";

/// Whether a presigned URL of a key reaches that key: clients fold `a/../b` and `a//b` before they send them, and then the
/// signature does not fit. `noun` says what it is to whoever typed it.
///
/// # Errors
/// `Usage`, naming what stands in the way.
pub fn check_for_url(noun: &str, text: &str) -> Result<()> {
    let refuse = |why: &str, hint: &str| {
        Err(Failure::new(FailureKind::Usage, format!("the {noun} \"{}\" {why}", display(text))).hint(hint))
    };
    if text.is_empty() {
        return Err(Failure::new(FailureKind::Usage, format!("the {noun} is empty")).hint("type one"));
    }
    if let Some(part) = folded(text) {
        let why =
            format!("has the part \"{part}\", which curl and browsers fold away, so that the signature would not fit");
        return refuse(&why, "leave it out");
    }
    if text.starts_with('/') || text.ends_with('/') || text.contains("//") {
        return refuse("has a \"/\" with nothing beside it, which clients fold away", "leave it out");
    }
    if text.chars().any(char::is_control) {
        return refuse("has control characters", "leave them out");
    }
    check(text)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::domain::key::{TemplateValues, below, from_template};

    #[test]
    fn what_clients_fold_is_refused_for_a_url() {
        for name in ["a/../b", "..", "a/..", "./a", "/a", "a//b", "a/", "", "a\tb"] {
            assert_eq!(check_for_url("name", name).unwrap_err().kind, FailureKind::Usage, "{name:?}");
        }
        let refused = check_for_url("name", "a/../b").unwrap_err().sentence();
        assert!(refused.contains("the name \"a/../b\" has the part \"..\""), "{refused}");
        assert!(["a/b.png", "..a", "a b/ü?#.png"].iter().all(|name| check_for_url("name", name).is_ok()));
    }

    #[test]
    fn a_key_that_is_hardly_meant_is_doubted() {
        for (key, why) in [
            ("/docs/a", "begins with"),
            ("//a", "begins with"),
            ("docs//a", "empty part"),
            ("a\nb", "not seen"),
            ("\u{1b}[31mred", "not seen"),
        ] {
            assert!(doubt(key).is_some_and(|doubt| doubt.contains(why)), "{key}");
        }
        assert!(["docs/a", "a/", "a b", "..a"].iter().all(|key| doubt(key).is_none()));
    }

    #[test]
    fn no_key_is_made_that_no_link_reaches() {
        let values = TemplateValues { prefix: "up/", name: "x", uuid: Uuid::nil(), now: DateTime::<Utc>::UNIX_EPOCH };
        for key in ["../x", "a/../x", "./x", "a/.", ".."] {
            let refused = check_new(key).unwrap_err().sentence();
            assert!(refused.contains("fold away: no link would reach it"), "{refused}");
            assert!(check_for_link(key).unwrap_err().sentence().contains("download --to -"), "{key}");
            assert!(from_template(&format!("{key}/{{name}}"), &values).is_err(), "{key}");
        }
        assert!(below("{name}", "../", "x", Uuid::nil(), values.now).is_err());
        for key in ["..a", "a/b..", "a//b", "a/", ".env"] {
            assert!(check_new(key).is_ok() && check_for_link(key).is_ok(), "{key}");
        }
    }
}
