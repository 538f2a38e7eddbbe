//! Hands ready transfers to workers and finished ones to the recorder.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::core::Core;
use super::model::{Batch, Work};
use super::{records, worker};

/// Hands out work until the queue closes.
pub async fn run(core: Arc<Core>) {
    let mut was_at_work = false;
    while !core.closing.is_cancelled() {
        let now = Utc::now();
        while let Some(work) = take(&core, now).filter(|_| !core.closing.is_cancelled()) {
            core.tasks.spawn(worker::run(core.clone(), work));
        }
        while let Some(batch) = take_batch(&core, now) {
            core.tasks.spawn(records::run(core.clone(), batch));
        }
        let (is_at_work, next) = standing(&core);
        if was_at_work && !is_at_work {
            core.rest();
        }
        was_at_work = is_at_work;
        tokio::select! {
            () = core.closing.cancelled() => {}
            () = core.work() => {}
            () = until(next) => {}
        }
    }
}

// The model's lock must be gone before anything is spawned or awaited, hence three small functions.
fn standing(core: &Core) -> (bool, Option<DateTime<Utc>>) {
    let model = core.model();
    (model.is_at_work(), model.next_timer())
}

fn take(core: &Core, now: DateTime<Utc>) -> Option<Work> {
    core.model().take_ready(now)
}

fn take_batch(core: &Core, now: DateTime<Utc>) -> Option<Batch> {
    core.model().take_batch(now)
}

async fn until(moment: Option<DateTime<Utc>>) {
    match moment {
        Some(moment) => tokio::time::sleep((moment - Utc::now()).to_std().unwrap_or_default()).await,
        None => std::future::pending().await,
    }
}
