//! Counting what is beneath prefixes before it is deleted, and what is hidden there: page by page, of which only the sums are
//! kept.

use std::sync::Arc;

use chrono::Utc;
use futures::StreamExt;

use super::{Arrival, Hands};
use crate::app::effect::RequestId;
use crate::app::{Answer, Counted, Message};
use crate::domain::Result;
use crate::transfer::beneath::{Markers, Place, Sought, Target, beneath};
use crate::transfer::hidden as search;

/// Counts, saying how far it is with every page.
pub(super) async fn count(hands: Hands, request: RequestId, profile: String, prefixes: Vec<String>) -> Answer {
    Answer::Counted(counted(&hands, request, &profile, prefixes).await)
}

async fn counted(hands: &Hands, request: RequestId, profile: &str, prefixes: Vec<String>) -> Result<Counted> {
    let connection = hands.connect(profile).await?;
    let sought = Arc::new(Sought { prefixes, keys: Vec::new() });
    let mut pages = beneath(&connection, sought, Place::Bucket(Markers::Kept));
    let mut counted = Counted::default();
    while let Some(found) = pages.next().await {
        // A prefix that nothing begins with any more counts for nothing.
        add(&mut counted, &found?.targets);
        tell(hands, request, counted).await;
    }
    Ok(counted)
}

/// Counts what the bucket keeps and does not show.
pub(super) async fn hidden(hands: Hands, request: RequestId, profile: String, prefix: String) -> Answer {
    Answer::Counted(counted_hidden(&hands, request, &profile, &prefix).await)
}

async fn counted_hidden(hands: &Hands, request: RequestId, profile: &str, prefix: &str) -> Result<Counted> {
    let connection = hands.connect(profile).await?;
    let mut pages = search::hidden(&connection, prefix);
    let mut counted = Counted::default();
    while let Some(found) = pages.next().await {
        for hidden in found? {
            counted.objects += hidden.versions;
            counted.bytes += hidden.bytes;
        }
        tell(hands, request, counted).await;
    }
    Ok(counted)
}

async fn tell(hands: &Hands, request: RequestId, counted: Counted) {
    let message = Message::Counting { request, counted, now: Utc::now() };
    // A closed inbox means that the screen is gone, and nobody is left to tell.
    let _screen_gone = hands.inbox.send(Arrival::Message(Box::new(message))).await;
}

fn add(counted: &mut Counted, targets: &[Target]) {
    counted.objects += targets.len() as u64;
    counted.bytes += targets.iter().filter_map(|target| target.size).sum::<u64>();
}
