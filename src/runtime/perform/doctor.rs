//! An examination for the screen: each finding as it comes, then that it is over.

use std::sync::Arc;

use chrono::Utc;

use super::{Arrival, Hands};
use crate::app::effect::RequestId;
use crate::app::{Answer, Message};
use crate::doctor::{Patient, examine as begin};

/// Looks at a profile. Where nobody waits any more the findings are closed, and the examination cleans up by itself.
pub(super) async fn examine(hands: Hands, request: RequestId, profile: String) -> Answer {
    let patient = Patient {
        services: hands.services.clone(),
        profile,
        origin: None,
        variables: Arc::new(|name| std::env::var(name).ok()),
    };
    let mut examination = begin(patient);
    while let Some(finding) = examination.findings.recv().await {
        let message = Message::Examined { request, finding, now: Utc::now() };
        // A closed inbox means that the screen is gone, and nobody is left to tell.
        let _screen_gone = hands.inbox.send(Arrival::Message(Box::new(message))).await;
    }
    Answer::Examined
}
