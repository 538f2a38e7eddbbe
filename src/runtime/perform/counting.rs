//! Counting what is beneath prefixes before it is deleted: page by page, of which only the sums are kept.

use std::sync::Arc;

use chrono::Utc;
use futures::StreamExt;

use super::{Arrival, Hands};
use crate::app::effect::RequestId;
use crate::app::{Answer, Counted, Message};
use crate::domain::Result;
use crate::transfer::beneath::{Markers, Place, Sought, Target, beneath};

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
        let message = Message::Counting { request, counted, now: Utc::now() };
        // A closed inbox means that the screen is gone, and nobody is left to tell.
        let _screen_gone = hands.inbox.send(Arrival::Message(Box::new(message))).await;
    }
    Ok(counted)
}

fn add(counted: &mut Counted, targets: &[Target]) {
    counted.objects += targets.len() as u64;
    counted.bytes += targets.iter().filter_map(|target| target.size).sum::<u64>();
}
