//! What the inspector asks: a record, a HEAD, a file's facts, and the first bytes of either, of which never more are read
//! than are shown, whatever a server sends.

use std::path::Path;

use futures::StreamExt;

use super::reading::stopped;
use super::{Hands, picture};
use crate::app::effect::{PreviewSource, Question};
use crate::app::{Answer, Inspected};
use crate::domain::preview::{Next, Preview};
use crate::domain::{Failure, FailureKind, Result};
use crate::files::facts;
use crate::preview::{Sample, WINDOW, first, further, wants_end};
use crate::storage::ObjectStore;

/// Finds out about one thing.
pub(super) async fn inspect(hands: Hands, question: Question) -> Answer {
    let found = match question {
        Question::Record { profile, key, user_id } => Inspected::Record(
            async { hands.connect(&profile).await?.catalog.find(&key, user_id.as_deref()).await }.await,
        ),
        Question::Object { profile, key } => {
            Inspected::Object(async { hands.connect(&profile).await?.store.head(&key).await.map(Some) }.await)
        }
        Question::File(path) => Inspected::File(beside(move || facts::facts(&path)).await),
        Question::Preview { source: PreviewSource::File { path, size }, next } => {
            Inspected::Preview(beside(move || of_file(&path, size, next)).await)
        }
        Question::Picture { source, room, protocol, most } => {
            Inspected::Picture(picture::picture(&hands, source, room, protocol, most).await)
        }
        Question::Preview { source: PreviewSource::Object { profile, key, name, etag, size }, next } => {
            let shown = async {
                let connection = hands.connect(&profile).await?;
                let object = Object { store: connection.store.as_ref(), key: &key, etag: etag.as_deref() };
                object.preview(&name, size, next).await
            };
            Inspected::Preview(shown.await)
        }
    };
    Answer::Inspected(Box::new(found))
}

/// Work on a thread where waiting for the disk, or long thinking, is allowed.
pub(super) async fn beside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|gone| Err(stopped(&gone)))
}

/// A window of a local file.
fn of_file(path: &Path, size: u64, next: Option<Next>) -> Result<Preview> {
    let from = next.map_or(0, |next| next.from);
    let bytes = facts::read_at(path, from, WINDOW)?;
    let end = end_from(size, next, &bytes).map(|from| facts::read_at(path, from, WINDOW)).transpose()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(shown(&Sample { name: &name, size, from, bytes: &bytes, end: end.as_deref() }, next))
}

fn shown(sample: &Sample<'_>, next: Option<Next>) -> Preview {
    next.map_or_else(|| first(sample), |next| further(sample, next.reading))
}

/// Where the last bytes begin, if they are worth a look and are not here already.
fn end_from(size: u64, next: Option<Next>, bytes: &[u8]) -> Option<u64> {
    let beyond = next.is_none() && size > bytes.len() as u64;
    (beyond && wants_end(bytes)).then(|| size.saturating_sub(WINDOW as u64))
}

/// One version of an object.
struct Object<'a> {
    store: &'a dyn ObjectStore,
    key: &'a str,
    etag: Option<&'a str>,
}

impl Object<'_> {
    async fn preview(&self, name: &str, size: u64, next: Option<Next>) -> Result<Preview> {
        let from = next.map_or(0, |next| next.from);
        let bytes = if size == 0 { Vec::new() } else { self.window(from).await?.ok_or_else(no_parts)? };
        let end = match end_from(size, next, &bytes) {
            // A server that sends no parts is not asked for all of it: then less is known.
            Some(from) => self.window(from).await?,
            None => None,
        };
        let name = name.to_owned();
        // Here tasks move transfers, and none may wait for the colours of a window.
        let shown = move || Ok(shown(&Sample { name: &name, size, from, bytes: &bytes, end: end.as_deref() }, next));
        beside(shown).await
    }

    /// One window; `None` where the server would send everything before it as well.
    async fn window(&self, from: u64) -> Result<Option<Vec<u8>>> {
        let mut download = self.store.get(self.key, from, Some(WINDOW as u64), self.etag).await?;
        if download.skipped > 0 {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        while bytes.len() < WINDOW {
            let Some(more) = download.body.next().await else { break };
            let more = more?;
            bytes.extend_from_slice(more.get(..more.len().min(WINDOW - bytes.len())).unwrap_or_default());
        }
        Ok(Some(bytes))
    }
}

fn no_parts() -> Failure {
    let what = "this server sends objects only whole, from their beginning";
    Failure::new(FailureKind::Unsupported, what).hint("download it to see the rest")
}
