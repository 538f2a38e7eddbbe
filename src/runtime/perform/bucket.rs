//! What the dialog about the bucket shows, and its CORS rules as they are changed there.

use super::Hands;
use crate::app::effect::CorsChange;
use crate::app::{Answer, BucketFacts};
use crate::domain::{CorsRule, Result};
use crate::storage;

/// Where a bucket is and what it can do.
pub(super) async fn facts(hands: Hands, profile: String) -> Answer {
    let connection = hands.connect(&profile).await;
    let facts = connection.map(|connection| BucketFacts {
        capabilities: connection.store.capabilities(),
        address: connection.store.address(),
    });
    Answer::BucketFacts(facts.map(Box::new))
}

/// Its CORS rules.
pub(super) async fn rules(hands: Hands, profile: String) -> Answer {
    let rules = async { hands.connect(&profile).await?.store.cors().await };
    Answer::Cors(rules.await)
}

/// Changes them.
pub(super) async fn set_rules(hands: Hands, profile: String, change: CorsChange) -> Answer {
    Answer::Cors(changed(&hands, &profile, change).await)
}

async fn changed(hands: &Hands, profile: &str, change: CorsChange) -> Result<Vec<CorsRule>> {
    let store = &hands.connect(profile).await?.store;
    let _alone = hands.cors.lock().await;
    match change {
        CorsChange::Allow(origin) => storage::cors::allow(store.as_ref(), &[origin]).await.map(|allowed| allowed.rules),
        CorsChange::Clear => store.set_cors(&[]).await.map(|()| Vec::new()),
    }
}
