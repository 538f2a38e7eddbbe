//! Texts that name objects, and bringing them to the clipboard.

use std::sync::Arc;
use std::time::Duration;

use super::{Arrival, Hands};
use crate::app::effect::Wanted;
use crate::app::{Answer, LinkText};
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Link, Result, SecretUrl, key};
use crate::transfer::Connection;

pub(super) async fn links(hands: Hands, profile: String, keys: Vec<String>, wanted: Wanted) -> Answer {
    let texts = async {
        let connection = hands.connect(&profile).await?;
        let mut texts = Vec::with_capacity(keys.len());
        for key in keys {
            texts.push(text(&connection, key, wanted).await?);
        }
        Ok(texts)
    };
    Answer::Links(texts.await)
}

async fn text(connection: &Arc<Connection>, key: String, wanted: Wanted) -> Result<LinkText> {
    let store = &connection.store;
    let lasting = |key: String, text: String| LinkText { key, text: SecretUrl::new(text), expires_at: None };
    match wanted {
        Wanted::Uri => Ok(lasting(key.clone(), store.uri(&key))),
        Wanted::Public => match store.public_link(&key) {
            Some(Link { url, expires_at, .. }) => Ok(LinkText { key, text: url, expires_at }),
            None => Err(no_public_url(connection)),
        },
        Wanted::Presigned(seconds) => {
            let Link { key, url, expires_at, .. } = store.link(&key, Duration::from_secs(seconds), None).await?;
            Ok(LinkText { key, text: url, expires_at })
        }
        Wanted::Curl(seconds) => {
            let Link { key, url, expires_at, .. } = store.link(&key, Duration::from_secs(seconds), None).await?;
            Ok(LinkText { text: SecretUrl::new(curl(&key, url.expose())), key, expires_at })
        }
    }
}

fn no_public_url(connection: &Connection) -> Failure {
    let reason = connection.store.capabilities().public_url.err().unwrap_or("the profile has no public_base_url");
    let what = format!("no public URL under the profile {}: {reason}", display(&connection.profile.name));
    Failure::new(FailureKind::Unsupported, what).hint("copy a link that expires instead (yl)")
}

/// A line for a shell that saves the object under its name, or under `download` where its name is no file's.
fn curl(key: &str, url: &str) -> String {
    let name = key::name(key);
    let safe = !name.ends_with('/') && key::local_path(std::path::Path::new(""), name).is_ok();
    format!("curl -fL -o {} {}", quoted(if safe { name } else { "download" }), quoted(url))
}

/// One word for a POSIX shell; a name that begins with `-` is no option behind `-o`.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Brings a text to the clipboard and answers what really happened.
pub(super) async fn copy(hands: Hands, text: SecretUrl) -> Answer {
    let copied = hands.clipboard.copy(text.expose()).await;
    Answer::Copied(match copied {
        Ok(copied) => {
            if let Some(sequence) = copied.sequence {
                // A closed inbox means that the screen is gone, and nobody is left to tell.
                let _screen_gone = hands.inbox.send(Arrival::Terminal(sequence)).await;
            }
            Ok(copied.what)
        }
        Err(failure) => Err(failure),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curl_line_survives_any_key() {
        assert_eq!(curl("a/b c.png", "http://x/?s=1"), "curl -fL -o 'b c.png' 'http://x/?s=1'");
        assert_eq!(curl("a/it's", "u"), r"curl -fL -o 'it'\''s' 'u'");
        assert_eq!(curl("a/..", "u"), "curl -fL -o 'download' 'u'");
    }
}
