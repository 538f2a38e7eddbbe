//! The probe: a small object that is written, brought by every sort of link, and removed again, whatever happens to the
//! examination meanwhile.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::access::{Access, without_listing};
use super::bucket::{Side, parts};
use super::report::Verdict;
use crate::domain::capability::Reason;
use crate::domain::finding::{Check, Status};
use crate::domain::{Capabilities, Failure, FailureKind, Result};
use crate::storage::http::{Answer, Ask, Body, Trouble, offline};
use crate::storage::{NOBODYS, ObjectStore, PutOptions, Sent};

/// How long the probe's links are good.
pub const LIFE: Duration = Duration::from_secs(60);

/// How long removing what is left may take, which comes after everything else.
const REMOVING: Duration = Duration::from_secs(3);

/// What it says.
const TEXT: &[u8] = b"windlass doctor looked whether it can write here\n";

/// The type that it is written with.
const TYPE: &str = "text/plain";

/// Why nothing is written where a delete hides and what is hidden may not be listed.
const HIDDEN: &str = "a probe could only be hidden, not removed: this key may not list versions";

/// All that its writing needs, besides what stands after it.
const NEEDS_WRITING: [Check; 4] = [Check::PresignedGet, Check::PresignedPut, Check::PublicUrl, Check::Delete];

/// The objects that were written, for as long as they are there.
pub struct Probe {
    store: Arc<dyn ObjectStore>,
    key: String,
    written: Mutex<BTreeSet<String>>,
}

impl Probe {
    /// One that is not written yet.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        let key = format!(".windlass-probe-{}", uuid::Uuid::new_v4());
        Self { store, key, written: Mutex::default() }
    }

    /// Its key.
    fn key(&self) -> &str {
        &self.key
    }

    /// Remembers a key before it is written: an answer that is lost may mean that it is there.
    fn writes(&self, key: &str) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned());
    }

    fn is_gone(&self, key: &str) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// Removes what is there still, and its hidden versions.
    async fn clean(&self) {
        let left = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        let removing = left.iter().map(|key| remove(self.store.as_ref(), key));
        // A probe that cannot be removed has been told by the check of deleting.
        let _told = tokio::time::timeout(REMOVING, futures::future::join_all(removing)).await;
    }
}

/// Writes, brings and removes it. Where the bucket may not be listed it may also show whether objects can be read.
pub async fn look(side: &Side<'_>, probe: &Probe, access: Access) {
    tokio::select! {
        biased;
        () = side.report.closed() => {}
        () = steps(side, probe, access) => {}
    }
    probe.clean().await;
}

async fn steps(side: &Side<'_>, probe: &Probe, access: Access) {
    let capabilities = side.store().capabilities();
    let removable = match (&access, capabilities.delete_is_final) {
        (Access::Unlisted(_), Err(_)) => Err(HIDDEN),
        _ => Ok(()),
    };
    let unlisted = if let Access::Unlisted(untold) = access { untold } else { None };
    // Nothing is written that could not be removed again.
    if let Err(reason) = capabilities.write.and(capabilities.delete).and(removable) {
        if let Some(refused) = unlisted {
            // B2 says of a missing object that it is missing, to whoever may read; of S3 nobody can tell.
            let status = if removable.is_err() { Status::Fail } else { Status::Warn };
            side.report.say(Check::Read, Verdict { status, ..refused.into() }).await;
        }
        return without_writing(side, &capabilities, reason).await;
    }
    let mut key = probe.key().to_owned();
    let wrote = side.report.run(Check::Write, async {
        match write(side, probe).await {
            Ok(named) => {
                key = named;
                Verdict::ok(format!("{} bytes were written and are there", TEXT.len()))
            }
            Err(failure) => failure.into(),
        }
    });
    let wrote = wrote.await;
    if let Some(refused) = unlisted {
        let read = if wrote { without_listing(refused) } else { refused.into() };
        side.report.say(Check::Read, read).await;
    }
    if !wrote {
        return side.report.skip(&NEEDS_WRITING, "nothing could be written").await;
    }
    side.report.run(Check::PresignedGet, presigned_get(side, &key)).await;
    side.report.run(Check::PresignedPut, presigned_put(side, probe)).await;
    side.report.run(Check::PublicUrl, public_url(side, &key)).await;
    side.report.run(Check::Delete, delete(side, probe, &key)).await;
}

/// What can be looked at where nothing may be written.
async fn without_writing(side: &Side<'_>, capabilities: &Capabilities, reason: Reason) {
    side.report.skip(&[Check::Write, Check::PublicUrl, Check::Delete], reason).await;
    side.report.skip(&[Check::PresignedPut], capabilities.upload_link.err().unwrap_or(reason)).await;
    match capabilities.presign {
        Ok(()) => _ = side.report.run(Check::PresignedGet, signature(side)).await,
        Err(reason) => side.report.skip(&[Check::PresignedGet], reason).await,
    }
}

/// Writes it; answers the key that it has.
async fn write(side: &Side<'_>, probe: &Probe) -> Result<String> {
    let options = PutOptions { content_type: TYPE.into(), transfer: probe.key().into(), ..PutOptions::default() };
    probe.writes(probe.key());
    let stored = side.store().put(probe.key(), Bytes::from_static(TEXT).into(), &options, &Sent::default()).await?;
    let key = stored.key.unwrap_or_else(|| probe.key().to_owned());
    probe.writes(&key);
    side.store().head(&key).await?;
    Ok(key)
}

/// A question by plain HTTP, as a browser or curl puts it.
async fn plain(side: &Side<'_>, ask: Ask<'_>) -> Result<Answer, Verdict> {
    side.http.send(&ask).await.map_err(|trouble| match trouble {
        Trouble::Refused if side.is_here() => {
            Verdict::skip("links to the local bucket work while the screen or windlass local serve is open")
        }
        trouble => offline(parts(ask.url).1, &trouble).into(),
    })
}

fn get(url: &str) -> Ask<'_> {
    Ask { method: "GET", url, headers: Vec::new(), body: Body::Plain(Bytes::new()), wait: None }
}

/// Whether the probe itself came back.
async fn brings(answer: Answer) -> bool {
    answer.is_success() && answer.into_bytes(TEXT.len() + 1, LIFE).await.is_ok_and(|bytes| bytes == TEXT)
}

async fn presigned_get(side: &Side<'_>, key: &str) -> Verdict {
    let link = match side.store().link(key, LIFE, None).await {
        Ok(link) => link,
        Err(failure) => return failure.into(),
    };
    let answer = match plain(side, get(link.url.expose())).await {
        Ok(answer) => answer,
        Err(verdict) => return verdict,
    };
    let status = answer.status();
    if brings(answer).await {
        return Verdict::ok("a link brings the object by plain HTTP");
    }
    // Where the store cannot read it either, it knows why.
    if let Err(failure) = side.store().get(key, 0, None, None).await {
        return failure.into();
    }
    Verdict::fail(format!("a presigned link answers {status} instead of the object"), link_hint(side))
}

fn link_hint(side: &Side<'_>) -> String {
    let names = &side.connection.profile.names;
    format!("check {}, and that no proxy changes the request", names.list(&["region", "endpoint"]))
}

/// Without the right to write: nothing is there, which only a good signature is told.
async fn signature(side: &Side<'_>) -> Verdict {
    let link = match side.store().link(NOBODYS, LIFE, None).await {
        Ok(link) => link,
        Err(failure) => return failure.into(),
    };
    match plain(side, get(link.url.expose())).await {
        Err(verdict) => verdict,
        Ok(answer) if matches!(answer.status(), 200 | 404) => Verdict::ok("a presigned link is accepted"),
        Ok(answer) => {
            Verdict::warn(format!("a presigned link to nothing answers {}", answer.status()), link_hint(side))
        }
    }
}

async fn presigned_put(side: &Side<'_>, probe: &Probe) -> Verdict {
    if let Err(reason) = side.store().capabilities().upload_link {
        return Verdict::skip(reason);
    }
    let key = format!("{}-put", probe.key());
    let link = match side.store().upload_link(&key, TYPE, Some(TEXT.len() as u64), LIFE).await {
        Ok(link) => link,
        Err(failure) => return failure.into(),
    };
    probe.writes(&key);
    let headers = vec![("content-type", TYPE.to_owned())];
    let body = Body::Plain(Bytes::from_static(TEXT));
    let ask = Ask { method: "PUT", url: link.url.expose(), headers, body, wait: None };
    match plain(side, ask).await {
        Err(verdict) => verdict,
        Ok(answer) if answer.is_success() => match side.store().head(&key).await {
            Ok(_) => Verdict::ok("an upload with a presigned URL arrives"),
            Err(failure) => failure.into(),
        },
        Ok(answer) => Verdict::fail(format!("a presigned upload answers {}", answer.status()), link_hint(side)),
    }
}

async fn public_url(side: &Side<'_>, key: &str) -> Verdict {
    let Some(link) = side.store().public_link(key).await else {
        let reason = side.store().capabilities().public_url.err();
        return Verdict::skip(reason.unwrap_or("the profile has no public_base_url"));
    };
    let answer = match plain(side, get(link.url.expose())).await {
        Ok(answer) => answer,
        Err(verdict) => return of_public_host(side, verdict),
    };
    let status = answer.status();
    if brings(answer).await {
        return Verdict::ok("the public URL brings the object without a signature");
    }
    let what = format!("the public URL answers {status} instead of the object");
    match side.connection.profile.public_base_url {
        Some(_) => Verdict::fail(what, format!("check {}, and that the bucket is public", public_base(side))),
        None => Verdict::warn(what, "that is right for a private bucket: use links that are signed (yl)"),
    }
}

/// What did not answer is the host that the profile names for public URLs, where it names one.
fn of_public_host(side: &Side<'_>, verdict: Verdict) -> Verdict {
    match side.connection.profile.public_base_url {
        Some(_) => verdict.with_hint(&format!("check {}, whose host this is", public_base(side))),
        None => verdict,
    }
}

fn public_base(side: &Side<'_>) -> String {
    side.connection.profile.names.list(&["public_base_url"])
}

async fn delete(side: &Side<'_>, probe: &Probe, key: &str) -> Verdict {
    let left = match remove(side.store(), key).await {
        Ok(left) => left,
        Err(failure) => return failure.into(),
    };
    match (side.store().head(key).await, left) {
        (Ok(_), _) => Verdict::fail(format!("{key} is still there after it was deleted"), "delete it at the provider"),
        (Err(failure), _) if !matches!(failure.kind, FailureKind::NotFound | FailureKind::Denied) => failure.into(),
        (Err(_), Some(why)) => {
            probe.is_gone(key);
            let what =
                format!("what was written is deleted, but versions of {key} and {key}-put may stay: {}", why.what);
            Verdict::warn(what, why.hint.unwrap_or_else(|| "remove it at the provider".into()))
        }
        (Err(failure), None) => {
            probe.is_gone(key);
            match failure.kind {
                FailureKind::NotFound => Verdict::ok("the probe is gone again"),
                // Who may not list is told so of what is not there, too.
                _ => Verdict::ok("the probe was deleted; that it is gone may not be seen with this key"),
            }
        }
    }
}

/// Deletes an object, and where deletes only hide, its versions; answers why some of them may still be there.
async fn remove(store: &dyn ObjectStore, key: &str) -> Result<Option<Failure>> {
    store.delete(key).await?;
    let Ok(()) = store.capabilities().versions else { return Ok(None) };
    let page = match store.list_versions(key, None).await {
        // A service that knows no versions keeps none; a right to see them is not what is looked at here.
        Err(failure) if may_have_none(store, &failure) => return Ok(None),
        Err(failure) => return Ok(Some(failure)),
        Ok(page) => page,
    };
    for version in page.versions.iter().filter(|version| version.key == key) {
        if let Err(failure) = store.delete_version(key, &version.id).await {
            return Ok(Some(failure));
        }
    }
    Ok(None)
}

/// Whether a bucket that does not show versions is well all the same: not where every delete hides.
fn may_have_none(store: &dyn ObjectStore, failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Unsupported | FailureKind::Denied)
        && store.capabilities().delete_is_final.is_ok()
}
