//! Object away, then its record. The record is looked for first, so that nobody deletes by accident what somebody else's
//! row says is theirs.

use super::enter;
use crate::domain::{Failure, FailureKind, Result, TransferState, display::display};
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::model::Work;

/// Takes a delete from wherever it stands to `forgetting`.
pub async fn run(core: &Core, connection: &Connection, work: Work) -> Result<()> {
    let transfer = work.transfer;
    if transfer.state == TransferState::Queued {
        if !transfer.without_record {
            require_record(core, connection, &transfer.key).await?;
        }
        core.save(transfer.id, |transfer, _| enter(transfer, TransferState::Deleting)).await?;
    }
    core.together(connection).deletes.ask(&transfer.key).await?;
    core.save(transfer.id, |transfer, _| {
        enter(transfer, TransferState::Forgetting);
        transfer.attempts = 0;
    })
    .await
    .map(drop)
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
