//! Counting what a question is about while it stands: files in folders, what is beneath prefixes, and what is hidden there.
//! Of what is found only the sums are kept.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use futures::StreamExt;

use super::walking::with_beside;
use super::{Arrival, Hands, taken};
use crate::app::effect::{Countable, RequestId, WantedObject};
use crate::app::{Answer, Counted, Message};
use crate::domain::Result;
use crate::files::walk::Walk;
use crate::transfer::beneath::{Markers, Place, Sought, Target, beneath, known};
use crate::transfer::hidden as search;

/// Counts, saying how far it is as it goes on.
pub(super) async fn count(hands: Hands, request: RequestId, profile: String, what: Countable) -> Answer {
    Answer::Counted(match what {
        Countable::Objects(prefixes) => objects(&hands, request, &profile, prefixes, Markers::Kept).await,
        Countable::Files(prefixes) => objects(&hands, request, &profile, prefixes, Markers::LeftOut).await,
        Countable::Recorded { prefixes, objects } => recorded(&hands, request, &profile, prefixes, objects).await,
        Countable::Hidden { keys, prefixes } => {
            let of_keys = hidden_of(&hands, &profile, &keys).await;
            match of_keys {
                Ok(of_keys) => hidden_beneath(&hands, request, &profile, &prefixes, of_keys).await,
                Err(failure) => Err(failure),
            }
        }
        Countable::Local(paths) => Ok(local(&hands, request, paths).await),
        Countable::Taken(walk) => taken::taken(&hands, &profile, walk).await,
    })
}

async fn objects(
    hands: &Hands,
    request: RequestId,
    profile: &str,
    prefixes: Vec<String>,
    markers: Markers,
) -> Result<Counted> {
    let connection = hands.connect(profile).await?;
    let sought = Arc::new(Sought { prefixes, keys: Vec::new() });
    let mut pages = beneath(&connection, sought, Place::Bucket(markers));
    let mut counted = Counted::default();
    while let Some(found) = pages.next().await {
        // A prefix that nothing begins with any more counts for nothing.
        add(&mut counted, &found?.targets);
        tell(hands, request, counted).await;
    }
    Ok(counted)
}

async fn recorded(
    hands: &Hands,
    request: RequestId,
    profile: &str,
    prefixes: Vec<String>,
    objects: Vec<WantedObject>,
) -> Result<Counted> {
    let connection = hands.connect(profile).await?;
    let mut pages = with_beside(&connection, prefixes, objects, Markers::LeftOut);
    let mut counted = Counted::default();
    while let Some(found) = pages.next().await {
        let targets = found?.targets;
        counted.recorded += known(&connection, &targets).await?.len() as u64;
        add(&mut counted, &targets);
        tell(hands, request, counted).await;
    }
    Ok(counted)
}

async fn local(hands: &Hands, request: RequestId, paths: Vec<PathBuf>) -> Counted {
    let mut batches = Walk::through(paths, hands.services.config().settings.transfers.symlinks);
    let mut counted = Counted::default();
    while let Some(batch) = batches.next().await {
        counted.objects += batch.files.len() as u64;
        counted.bytes += batch.files.iter().map(|file| file.size).sum::<u64>();
        counted.hidden += batch.files.iter().filter(|file| is_hidden(&file.name)).count() as u64;
        tell(hands, request, counted).await;
    }
    counted
}

/// Whether the pane Local hides a file of this path, or a folder that it is in.
fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.'))
}

async fn hidden_of(hands: &Hands, profile: &str, keys: &[String]) -> Result<Counted> {
    let connection = hands.connect(profile).await?;
    let mut counted = Counted::default();
    for key in keys {
        let mut from = None;
        loop {
            // Of all keys that begin with it, the key itself comes first.
            let page = connection.store.list_versions(key, from.as_deref()).await?;
            let ours = page.versions.iter().take_while(|version| version.key == *key);
            let (ours, all) = (ours.collect::<Vec<_>>(), page.versions.len());
            let hidden = ours.iter().filter(|version| version.is_hidden());
            hidden.for_each(|version| {
                counted.objects += 1;
                counted.bytes += version.size;
            });
            from = page.next.filter(|_| ours.len() == all);
            if from.is_none() {
                break;
            }
        }
    }
    Ok(counted)
}

/// Counts what the bucket keeps and does not show.
pub(super) async fn hidden(hands: Hands, request: RequestId, profile: String, prefix: String) -> Answer {
    Answer::Counted(hidden_beneath(&hands, request, &profile, &[prefix], Counted::default()).await)
}

/// The same beneath several, with what was counted before.
async fn hidden_beneath(
    hands: &Hands,
    request: RequestId,
    profile: &str,
    prefixes: &[String],
    mut counted: Counted,
) -> Result<Counted> {
    let connection = hands.connect(profile).await?;
    for prefix in prefixes {
        let mut pages = search::hidden(&connection, prefix);
        while let Some(found) = pages.next().await {
            for hidden in found? {
                counted.objects += hidden.versions;
                counted.bytes += hidden.bytes;
            }
            tell(hands, request, counted).await;
        }
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
