//! Somebody else's upload: looked for until its URL ends, compared with what was asked for, then due for its record. An
//! object that is up already goes the same way without the waiting.

use chrono::{DateTime, TimeDelta, Utc};

use super::{enter, finish};
use crate::domain::display::display;
use crate::domain::media_type::essence;
use crate::domain::{Checksum, Failure, FailureKind, ObjectInfo, Result, Transfer, TransferState, format, joined};
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::lanes::Weight;
use crate::transfer::model::Work;
use crate::transfer::now;

/// An object and the checksum that the bucket keeps of it.
type Found = (ObjectInfo, Option<Checksum>);

/// How much S3 lets a clock differ; signatures of another one are refused (API reference, RequestTimeTooSkewed).
const LARGEST_SKEW: TimeDelta = TimeDelta::minutes(15);

/// Clocks that differ less are the same to everybody: an answer's date has whole seconds.
const WORTH_A_WORD: TimeDelta = TimeDelta::seconds(2);

/// A look that found nothing.
struct Looked {
    /// When it began, UTC.
    asked_at: DateTime<Utc>,
    /// How long the URL was good then.
    left: TimeDelta,
    /// Why nothing could be seen, where that is so.
    denied: Option<Failure>,
}

/// What looking for the object came to.
enum Look {
    Found(Found),
    /// It is not there, as far as the bucket lets anybody see: without the right to list, S3 denies what is not there.
    Nothing(Option<Failure>),
}

/// Takes a request as far as it can be taken now: to another look later, to its end, or to `recording`.
pub async fn run(core: &Core, connection: &Connection, work: Work) -> Result<()> {
    let transfer = work.transfer;
    // Before the question, or an object that arrives between it and the end would be missed.
    let asked_at = now();
    let (left, looked) = {
        let _turn = core.lanes.lane(&connection.identity).request(Weight::Small).await?;
        (time_left(connection, &transfer, asked_at).await, look(connection, &transfer.key).await?)
    };
    match (looked, transfer.state) {
        // From here on it stands among the transfers of its key; when it is its turn, the object is looked at again.
        (Look::Found(_), TransferState::Waiting) => {
            core.save(transfer.id, |transfer, _| enter(transfer, TransferState::Arrived)).await.map(drop)
        }
        (Look::Found(found), _) => verify(core, connection, &transfer, found).await,
        (Look::Nothing(denied), TransferState::Waiting) => {
            wait_or_expire(core, &transfer, Looked { asked_at, left, denied }).await
        }
        (Look::Nothing(denied), _) => Err(denied.unwrap_or_else(|| not_there(&transfer.key))),
    }
}

async fn look(connection: &Connection, key: &str) -> Result<Look> {
    match connection.store.head(key).await {
        Ok(found) => Ok(Look::Found(found)),
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(Look::Nothing(None)),
        Err(failure) if failure.kind == FailureKind::Denied => Ok(Look::Nothing(Some(failure))),
        Err(failure) => Err(failure),
    }
}

/// How long its URL is good yet, nothing or less where it has ended. That is the bucket's to decide, whose clock may be
/// behind this machine's: it is asked once the end has come here.
async fn time_left(connection: &Connection, transfer: &Transfer, now: DateTime<Utc>) -> TimeDelta {
    let end = transfer.url_ends().unwrap_or(now);
    let left = end - now;
    if left > TimeDelta::zero() || left < -LARGEST_SKEW || transfer.state != TransferState::Waiting {
        return left;
    }
    connection.store.clock(&transfer.key).await.map_or(left, |there| end - there)
}

/// Only a look that began after the end shows that nobody came in time.
async fn wait_or_expire(core: &Core, transfer: &Transfer, looked: Looked) -> Result<()> {
    let Looked { asked_at, left, denied } = looked;
    let end = transfer.url_ends().unwrap_or(asked_at);
    let edit = |transfer: &mut Transfer, _: &mut _| {
        if left <= TimeDelta::zero() {
            finish(transfer, TransferState::Expired);
            transfer.error = Some(expired(transfer, end, denied).into());
        } else {
            enter(transfer, TransferState::Waiting);
            transfer.attempts = 0;
            transfer.not_before = Some(next_look(transfer.queued_at, asked_at).min(asked_at + left));
            let behind = asked_at >= end && left > WORTH_A_WORD;
            transfer.error = denied.or_else(|| behind.then(clock_behind)).map(Box::new);
        }
    };
    core.save(transfer.id, edit).await.map(drop)
}

fn clock_behind() -> Failure {
    Failure::new(
        FailureKind::NotFound,
        "the bucket's clock is behind this machine's: by that one the URL is still good",
    )
    .hint("compare this machine's clock: windlass doctor does")
}

/// Often at first, when somebody may be at it, then every ten seconds, and after ten minutes twice a minute: every look
/// is a request that the provider counts.
fn next_look(since: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let passed = (now - since).num_seconds();
    now + TimeDelta::seconds(if passed > 600 { 30 } else { passed.clamp(1, 10) })
}

async fn verify(core: &Core, connection: &Connection, asked: &Transfer, (info, checksum): Found) -> Result<()> {
    core.save(asked.id, |transfer, _| enter(transfer, TransferState::Verifying)).await?;
    differs(asked, &info).map_or(Ok(()), Err)?;
    check_record(core, connection, &asked.key).await?;
    connection.store.keep(&asked.key).await?;
    let url = connection.store.file_url(&asked.key).await;
    let stored = |transfer: &mut Transfer, _: &mut _| {
        enter(transfer, TransferState::Recording);
        transfer.attempts = 0;
        transfer.size = Some(info.size);
        transfer.acknowledged = info.size;
        transfer.content_type = info.content_type.as_deref().map(|found| essence(found).into());
        transfer.etag = info.etag.map(Into::into);
        transfer.checksum = checksum.map(Into::into);
        transfer.url = url.map(Into::into);
        transfer.stored_at = Some(info.modified.unwrap_or_else(now));
    };
    core.save(asked.id, stored).await.map(drop)
}

/// A catalog that is away now refuses, if it must, when the record is written.
async fn check_record(core: &Core, connection: &Connection, key: &str) -> Result<()> {
    if core.model().is_catalog_held(&connection.identity) {
        return Ok(());
    }
    match core.together(connection).checks.ask(key).await {
        Err(failure) if failure.kind == FailureKind::CatalogAway => Ok(()),
        result => result,
    }
}

/// How what came differs from what was asked for, where it does.
fn differs(asked: &Transfer, there: &ObjectInfo) -> Option<Failure> {
    let came = there.content_type.as_deref().map_or("no type", essence);
    let wanted = asked.asked.as_deref()?;
    let what = match wanted.size {
        Some(size) if size != there.size => format!("it has {} bytes, {size} were asked for", there.size),
        _ if !essence(&wanted.content_type).eq_ignore_ascii_case(came) => {
            format!("{} was asked for, {} came", display(&wanted.content_type), display(came))
        }
        _ => return None,
    };
    let key = display(&asked.key);
    let what = format!("{key} is not what was asked for: {what}");
    Some(Failure::new(FailureKind::Integrity, what).hint(format!(
        "the object stays, without a record: delete it from the Bucket view, or take it as it is with: windlass record {key}"
    )))
}

fn expired(transfer: &Transfer, end: DateTime<Utc>, denied: Option<Failure>) -> Failure {
    let key = display(&transfer.key);
    let what = match denied {
        None => format!("nobody had uploaded {key} when its URL ended, {}", format::moment(end)),
        Some(denied) => joined(&format!("whether {key} was uploaded cannot be seen"), &denied.what),
    };
    Failure::new(FailureKind::NotFound, what).hint(format!(
        "an upload that began before may still arrive; write its record then with: windlass record {key}"
    ))
}

fn not_there(key: &str) -> Failure {
    Failure::new(FailureKind::NotFound, format!("there is no object {} to record", display(key)))
        .hint("look for its key with windlass ls --bucket")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TransferKind;
    use crate::domain::transfer::AskedUpload;
    use crate::transfer::job::Owner;
    use crate::transfer::tests::saved;

    fn object(size: u64, content_type: Option<&str>) -> ObjectInfo {
        let content_type = content_type.map(str::to_owned);
        ObjectInfo { key: "k".into(), name: None, size, modified: None, etag: None, content_type }
    }

    fn asked(size: Option<u64>, content_type: Option<&str>) -> Transfer {
        let transfer = (*saved(1, TransferState::Waiting, Owner::Me).transfer).clone();
        let expires_at = DateTime::UNIX_EPOCH;
        let asked = content_type.map(|of| Box::new(AskedUpload { size, content_type: of.into(), expires_at }));
        Transfer { kind: TransferKind::Request, asked, ..transfer }
    }

    #[test]
    fn what_came_is_compared_with_what_was_asked_for() {
        let said = |asked: &Transfer, there| differs(asked, &there).map(|failure| failure.what).unwrap_or_default();
        let png = asked(Some(5), Some("image/png"));
        assert!(said(&png, object(4, Some("image/png"))).ends_with("it has 4 bytes, 5 were asked for"));
        assert!(said(&png, object(5, Some("text/html"))).ends_with("image/png was asked for, text/html came"));
        assert!(said(&png, object(5, None)).ends_with("image/png was asked for, no type came"));
        assert_eq!(said(&png, object(5, Some("Image/PNG; charset=utf-8"))), "", "parameters and case say nothing");
        assert_eq!(said(&asked(None, None), object(9, Some("text/html"))), "", "a record takes what is there");
    }

    #[test]
    fn what_is_to_be_typed_stands_behind_a_colon_at_the_end() {
        let request = asked(Some(5), Some("image/png"));
        let expired = expired(&request, DateTime::UNIX_EPOCH, None).sentence();
        let differs = differs(&request, &object(4, None)).unwrap().sentence();
        for said in [expired, differs] {
            assert!(said.ends_with(": windlass record key-1"), "{said}");
        }
    }

    #[test]
    fn looks_become_rarer_the_longer_nobody_comes() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(9);
        let seconds = |passed| (next_look(now - TimeDelta::seconds(passed), now) - now).num_seconds();
        assert_eq!([0, 1, 4, 300, 3600].map(seconds), [1, 1, 4, 10, 30]);
        assert_eq!(seconds(-100), 1, "a clock that was set back does no harm");
    }
}
