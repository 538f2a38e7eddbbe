//! Uploads that somebody else is asked for: signed, put into the journal, and shown once more while they are good.

use std::sync::Arc;
use std::time::Duration;

use super::Hands;
use crate::app::effect::WantedRequest;
use crate::app::{Answer, RequestText};
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Result, Transfer};
use crate::transfer::{Connector, Requested, WantedUpload};

/// Signs an upload and queues the request that watches for it.
pub(super) async fn request(hands: Hands, profile: Arc<ProfileIdentity>, wanted: WantedRequest) -> Answer {
    let asked = async {
        let connection = hands.connect_told(&profile).await?;
        let wanted = WantedUpload {
            name: wanted.name,
            content_type: wanted.content_type,
            size: wanted.size,
            expires: Duration::from_secs(wanted.seconds),
            prefix: wanted.prefix,
        };
        hands.queue.get().await?.request(&connection, &wanted).await
    };
    Answer::Requested(text(asked.await))
}

/// Signs a request that waits for the time that is left.
pub(super) async fn again(hands: Hands, transfer: Arc<Transfer>) -> Answer {
    let asked = async {
        let connection = hands.services.connect_as(&transfer.profile).await?;
        hands.queue.get().await?.sign_again(&connection, &transfer).await
    };
    Answer::Requested(text(asked.await))
}

fn text(asked: Result<Requested>) -> Result<RequestText> {
    let Requested { key, url, headers, curl, expires_at, .. } = asked?;
    Ok(RequestText { key, url, headers, curl, expires_at })
}
