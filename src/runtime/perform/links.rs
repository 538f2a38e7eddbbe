//! Texts that name objects, and bringing them to the clipboard.

use std::sync::Arc;
use std::time::Duration;

use super::{Arrival, Hands};
use crate::app::effect::Wanted;
use crate::app::{Answer, LinkText};
use crate::domain::display::display;
use crate::domain::shell::curl_to_read;
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
    if wanted != Wanted::Uri {
        key::check_for_link(&key)?;
    }
    let lasting = |key: String, text: String| LinkText { key, text: SecretUrl::new(text), expires_at: None };
    match wanted {
        Wanted::Uri => Ok(lasting(key.clone(), store.uri(&key))),
        Wanted::Public => match store.public_link(&key).await {
            Some(Link { url, expires_at, .. }) => Ok(LinkText { key, text: url, expires_at }),
            None => Err(no_public_url(connection)),
        },
        Wanted::Presigned(seconds) => {
            let Link { key, url, expires_at, .. } = store.link(&key, Duration::from_secs(seconds), None).await?;
            Ok(LinkText { key, text: url, expires_at })
        }
        Wanted::Curl(seconds) => {
            let Link { key, url, expires_at, .. } = store.link(&key, Duration::from_secs(seconds), None).await?;
            Ok(LinkText { text: curl_to_read(&key, &url), key, expires_at })
        }
    }
}

fn no_public_url(connection: &Connection) -> Failure {
    let reason = connection.store.capabilities().public_url.err().unwrap_or("the profile has no public_base_url");
    let what = format!("no public URL under the profile {}: {reason}", display(&connection.profile.name));
    Failure::new(FailureKind::Unsupported, what).hint("copy a link that expires instead (yl)")
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
