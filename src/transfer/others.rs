//! What other processes do to the shared journal: what they wrote, what they ask for, and what they left behind by dying.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::Scope;
use super::core::Core;
use super::job::{Owner, Saved, Wish};
use super::journal::{Claim, Which};
use crate::domain::{Result, TransferId};

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
        if let Err(failure) = look(&core, &mut seen).await {
            tracing::warn!("cannot look at the journal: {failure}");
        }
    }
}

async fn look(core: &Arc<Core>, seen: &mut Option<i64>) -> Result<()> {
    let version = core.journal.version().await?;
    // Other processes die without writing a word.
    if core.journal.anyone_died().await? {
        look_for_the_dead(core).await?;
    } else if *seen != Some(version) {
        look_at(core, Which::New).await?;
    }
    *seen = Some(version);
    Ok(())
}

/// Takes what the dead ran, which makes it new; who takes nothing sees only by reading all again what is nobody's now.
async fn look_for_the_dead(core: &Arc<Core>) -> Result<()> {
    if core.scope != Scope::All {
        return look_at(core, Which::All).await;
    }
    core.journal.claim(Claim::Open).await?;
    look_at(core, Which::New).await
}

/// Takes what nobody runs, reads everything, grants what was wished.
pub async fn look_at_all(core: &Arc<Core>) -> Result<()> {
    if core.scope == Scope::All {
        core.journal.claim(Claim::Open).await?;
    }
    look_at(core, Which::All).await
}

/// Reads what is new to this process, and does what that asks for.
///
/// # Errors
/// The journal's.
pub async fn catch_up(core: &Arc<Core>) -> Result<()> {
    look_at(core, Which::New).await
}

/// Reads what is new, takes what of it nobody runs, grants what was wished.
async fn look_at(core: &Arc<Core>, which: Which) -> Result<()> {
    take_in(core, which).await?;
    core.wake();
    Ok(())
}

/// The same, but nobody is woken: what has just been claimed is not begun before whoever claimed it has done what for.
///
/// # Errors
/// The journal's.
pub fn take_in(core: &Arc<Core>, which: Which) -> BoxFuture<'_, Result<()>> {
    // Boxed: what is granted here may read the journal like this itself.
    take_in_rows(core, which).boxed()
}

async fn take_in_rows(core: &Arc<Core>, which: Which) -> Result<()> {
    let mut rows = core.reload(which).await?;
    let mut left: Vec<TransferId> = rows.iter().filter(|row| is_left(core, row)).map(|row| row.transfer.id).collect();
    // What is mine would wait for ever behind what its process left by dying.
    left.extend(core.model().nobodys_before_mine());
    if !left.is_empty() {
        core.journal.claim(Claim::These(left)).await?;
        rows.extend(core.reload(Which::New).await?);
    }
    for wish in [Wish::Cancel, Wish::Pause, Wish::Retry] {
        let wished = rows.iter().filter(|row| row.owner == Owner::Me && row.wish == Some(wish));
        grant(core, wished.map(|row| row.transfer.id).collect(), wish);
    }
    Ok(())
}

/// Queued by a process that runs nothing, or wished of one that died before it could grant it.
fn is_left(core: &Core, row: &Saved) -> bool {
    let open = core.scope == Scope::All && row.transfer.state.is_open();
    row.owner == Owner::Nobody && (open || row.wish.is_some_and(|wish| wish.applies(row)))
}

fn grant(core: &Arc<Core>, ids: BTreeSet<TransferId>, wish: Wish) {
    if ids.is_empty() {
        return;
    }
    let core = core.clone();
    core.tasks.clone().spawn(async move {
        let ids: Vec<TransferId> = ids.into_iter().collect();
        if let Err(failure) = core.wish(&ids, wish).await {
            tracing::warn!("cannot do what another Windlass asked for: {failure}");
        }
    });
}
