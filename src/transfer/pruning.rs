//! How finished transfers leave the journal: by their age, or because the user has seen them.

use chrono::{TimeDelta, Utc};

use super::core::Core;
use super::job::{Change, Saved};
use super::worker;
use crate::domain::{Result, Transfer};

/// Removes finished transfers that are older than the user keeps them.
pub async fn prune(core: &Core, keep_done: u64) -> Result<()> {
    let keep = TimeDelta::try_seconds(i64::try_from(keep_done).unwrap_or(i64::MAX)).unwrap_or(TimeDelta::MAX);
    core.reload().await?;
    let old = Utc::now().checked_sub_signed(keep);
    forget(core, |transfer| transfer.state.is_final() && transfer.finished_at < old).await.map(drop)
}

pub async fn forget(core: &Core, which: impl Fn(&Transfer) -> bool) -> Result<usize> {
    let rows: Vec<Saved> =
        core.model().jobs().filter(|job| which(&job.saved.transfer)).map(|job| job.saved.clone()).collect();
    let mut ids = Vec::new();
    for row in rows {
        if clean(core, &row).await {
            ids.push(row.transfer.id);
        }
    }
    core.journal.commit(ids.iter().map(|id| Change::Remove(*id)).collect()).await?;
    core.model().remove(&ids);
    core.wake();
    Ok(ids.len())
}

/// A failed upload may have left parts, and its row is what knows of them: the row goes only once they are gone.
async fn clean(core: &Core, row: &Saved) -> bool {
    if row.resume.part_size.is_none() {
        return true;
    }
    let Ok(connection) = core.connect(&row.transfer.profile).await else { return false };
    worker::clean_up(&connection, &row.transfer, &row.resume).await.is_ok()
}
