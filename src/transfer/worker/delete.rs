//! Object away, then its record. The record is looked for first, so that nobody deletes by accident what somebody else's
//! row says is theirs.

use futures::stream::{self, StreamExt, TryStreamExt};

use super::{enter, finish};
use crate::domain::display::display;
use crate::domain::transfer::Versions;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferState, Version};
use crate::storage::ObjectStore;
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::lanes::Weight;
use crate::transfer::model::Work;

/// Versions of one key that are removed at once.
const VERSIONS_AT_ONCE: usize = 8;

/// Takes a delete from wherever it stands to `forgetting`.
pub async fn run(core: &Core, connection: &Connection, work: Work) -> Result<()> {
    let transfer = work.transfer;
    if transfer.state == TransferState::Queued {
        if !transfer.without_record {
            require_record(core, connection, &transfer.key).await?;
        }
        core.save(transfer.id, |transfer, _| enter(transfer, TransferState::Deleting)).await?;
    }
    match transfer.versions {
        Versions::Seen => core.together(connection).deletes.ask(&transfer.key).await?,
        Versions::All => purge(core, connection, &transfer.key, |_| true).await?,
        Versions::Hidden => {
            purge(core, connection, &transfer.key, Version::is_hidden).await?;
            // Its record is of what is still seen.
            return core.save(transfer.id, |transfer, _| purged(transfer)).await.map(drop);
        }
    }
    core.save(transfer.id, |transfer, _| {
        enter(transfer, TransferState::Forgetting);
        transfer.attempts = 0;
    })
    .await
    .map(drop)
}

/// Removes these versions of exactly this key, what hides older ones included. What is seen goes after what is hidden
/// beneath it, and what hides it last: stopped anywhere, nothing that was deleted is back.
async fn purge(core: &Core, connection: &Connection, key: &str, goes: impl Fn(&Version) -> bool) -> Result<()> {
    let _turn = core.lanes.lane(&connection.identity).request(Weight::Small).await?;
    let store = connection.store.as_ref();
    let kept = versions(store, key).await?;
    if !kept.is_empty() && !kept.iter().any(|version| version.is_latest) {
        return Err(nothing_is_seen(key));
    }
    let going = kept.into_iter().filter(goes);
    let (markers, contents) = going.partition::<Vec<_>, _>(|version| version.is_marker);
    let (seen, hidden) = contents.into_iter().partition::<Vec<_>, _>(|version| version.is_latest);
    for versions in [hidden, seen, markers] {
        let removals =
            stream::iter(versions).map(|version| async move { store.delete_version(key, &version.id).await });
        removals.buffer_unordered(VERSIONS_AT_ONCE).try_collect::<()>().await?;
    }
    Ok(())
}

/// What hides the older ones is the latest, too: one of all is, always.
fn nothing_is_seen(key: &str) -> Failure {
    let what = format!("the bucket does not say which version of {} is the latest: none was removed", display(key));
    Failure::new(FailureKind::Unsupported, what).hint("remove versions by the provider's own pages")
}

fn purged(transfer: &mut Transfer) {
    enter(transfer, TransferState::Done);
    finish(transfer, TransferState::Done);
    transfer.attempts = 0;
}

async fn versions(store: &dyn ObjectStore, key: &str) -> Result<Vec<Version>> {
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let page = store.list_versions(key, from.as_deref()).await?;
        // Keys come in order: behind the first that is longer there is nothing of this one.
        let is_last = page.next.is_none() || page.versions.iter().any(|version| version.key != key);
        found.extend(page.versions.into_iter().filter(|version| version.key == key));
        if is_last {
            return Ok(found);
        }
        from = page.next;
    }
}

async fn require_record(core: &Core, connection: &Connection, key: &str) -> Result<()> {
    match core.together(connection).known.ask(key).await? {
        true => Ok(()),
        false => {
            let whose =
                connection.profile.user_id.as_ref().map_or_else(String::new, |user| format!(" of {}", display(user)));
            Err(Failure::new(FailureKind::NotFound, format!("there is no record{whose} for {}", display(key)))
                .hint("delete it from the Bucket view, or with rm --bucket; a record that you cannot see may exist"))
        }
    }
}
