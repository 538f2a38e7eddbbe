//! What other processes do to the shared journal: what they wrote, what they ask for, and what they left behind by dying.

use std::sync::Arc;
use std::time::Duration;

use super::Scope;
use super::core::Core;
use super::job::{Owner, Saved, Wish};
use super::journal::Claim;
use crate::domain::{Failure, Result, TransferId};

/// How often other processes' changes are looked for.
const LOOK_AROUND: Duration = Duration::from_secs(1);

/// Notices what other processes have written, asked for, or left behind by dying.
pub async fn watch(core: Arc<Core>) {
    let mut seen = None;
    loop {
        tokio::select! {
            () = core.closing.cancelled() => return,
            () = tokio::time::sleep(LOOK_AROUND) => {}
        }
        let looked = async {
            let version = core.journal.version().await?;
            let others = core.model().jobs().any(|job| job.saved.owner == Owner::Other);
            // Other processes die without writing a word.
            let inherited = core.scope == Scope::All && others && !core.journal.claim(Claim::Open).await?.is_empty();
            if seen.replace(version) != Some(version) || inherited {
                look_around(&core).await?;
            }
            Ok::<(), Failure>(())
        };
        if let Err(failure) = looked.await {
            tracing::warn!("cannot look at the journal: {failure}");
        }
    }
}

/// Takes what nobody runs, reads what others wrote, grants what was wished.
pub async fn look_around(core: &Arc<Core>) -> Result<()> {
    if core.scope == Scope::All {
        core.journal.claim(Claim::Open).await?;
    }
    let mut rows = core.reload().await?;
    let orphaned = |row: &Saved| row.owner == Owner::Nobody && row.wish.is_some();
    let orphans: Vec<TransferId> = rows.iter().filter(|row| orphaned(row)).map(|row| row.transfer.id).collect();
    if !orphans.is_empty() {
        // Wished of a process that died before it could grant it.
        core.journal.claim(Claim::These(orphans)).await?;
        rows = core.reload().await?;
    }
    for wish in [Wish::Cancel, Wish::Pause, Wish::Retry] {
        let wished = rows.iter().filter(|row| row.owner == Owner::Me && row.wish == Some(wish));
        let ids: Vec<TransferId> = wished.map(|row| row.transfer.id).collect();
        if ids.is_empty() {
            continue;
        }
        let core = core.clone();
        core.tasks.clone().spawn(async move {
            if let Err(failure) = core.grant(&ids, wish).await {
                tracing::warn!("cannot do what another Windlass asked for: {failure}");
            }
        });
    }
    core.wake();
    Ok(())
}
