//! Texts of objects on their way to the user's editor and back: fetched whole and private, then put into the queue, which
//! puts them over nothing but the object that was opened.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::Utc;
use futures::StreamExt;

use super::reading::stopped;
use super::{Arrival, Hands};
use crate::action::OwnFile;
use crate::app::effect::{EditEnd, EditStep, EditWish, OwnNews};
use crate::app::{Answer, KeptText, KeptWork, Message};
use crate::config::{self, Config, keymap, own, theme};
use crate::domain::display::{display, display_path};
use crate::domain::transfer::OnConflict;
use crate::domain::{Failure, FailureKind, ObjectInfo, Result, TransferKind, TransferState, format};
use crate::files::edits::{self, Edit, Left, Note, Work};
use crate::preview;
use crate::storage::{ObjectStore, proof};
use crate::transfer::{Connection, NewTransfer};

/// Bytes of the largest object that is edited here.
const LARGEST: u64 = 1 << 20;

/// The texts that this program has open.
#[derive(Debug, Clone, Default)]
pub struct OpenEdits(Arc<Mutex<HashMap<PathBuf, Edit>>>);

impl OpenEdits {
    fn hold(&self, edit: Edit) -> PathBuf {
        let path = edit.path.clone();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), edit);
        path
    }

    /// The lock of a text that is open, for its editor.
    pub(super) fn lock(&self, path: &Path) -> Option<OwnedFd> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = open.get(path)?.lock();
        lock.inspect_err(|error| tracing::warn!("an editor does not hold its text: {error}")).ok()
    }

    fn let_go(&self, path: &Path) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
}

/// Does one step; the loop lends the terminal itself.
pub(super) async fn step(hands: Hands, step: EditStep) -> Answer {
    Answer::Edit(match step {
        EditStep::Begin { file, path } => begin(file, path).await,
        EditStep::ReadOwn(file) => read_own(hands.services.config(), file).await,
        EditStep::ReadTheme(theme) => read_theme(hands.services.config(), theme).await,
        EditStep::Open { profile, key } => open(&hands, profile, key).await.map(EditEnd::Opened),
        EditStep::Settle { path, wish } => {
            let settled = settle(&hands, &path, wish).await;
            hands.edits.let_go(&path);
            settled
        }
        EditStep::Lend(_) | EditStep::LendProfiles { .. } => Ok(EditEnd::Closed),
    })
}

/// What the user's own files say now. Colours are where the settings, as they are now, say.
async fn read_own(before: Arc<Config>, file: OwnFile) -> Result<EditEnd> {
    let read = move || {
        if file == OwnFile::Keys {
            let (keys, mistakes) = keymap::load(&keymap::beside(&before.file));
            return Ok(EditEnd::Read(OwnNews::Keys(Box::new(keys)), mistakes));
        }
        // The settings were read just now, with the profiles.
        let now = match file {
            OwnFile::Settings => Ok(before.clone()),
            _ => config::read_again(&before, &|name| std::env::var(name).ok()).map(Arc::new),
        };
        let now = match now {
            Ok(now) => now,
            // Colours hold whatever is wrong with the settings, of which the failure tells, and of what is wrong with them.
            Err(failure) => {
                let (colours, _told_too) = theme::load(&before.settings.theme, &before.file);
                return Ok(EditEnd::Read(OwnNews::Colours(Box::new(colours)), vec![failure]));
            }
        };
        let setting = now.settings.theme.clone();
        let (colours, mut mistakes) = theme::load(&setting, &now.file);
        if file == OwnFile::Settings {
            mistakes.extend(now.warnings.iter().chain(&now.absent).cloned());
        }
        if file == OwnFile::Colours && matches!(setting.as_str(), "dark" | "light") {
            mistakes.push(unread(&setting));
        }
        Ok(EditEnd::Read(OwnNews::Colours(Box::new(colours)), mistakes))
    };
    beside(read).await
}

/// What a theme says that is worn for now.
async fn read_theme(config: Arc<Config>, theme: String) -> Result<EditEnd> {
    beside(move || {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let (colours, mistakes) = theme::worn(&theme, &config.file, home.as_deref())?;
        Ok(EditEnd::Read(OwnNews::Colours(Box::new(colours)), mistakes))
    })
    .await
}

fn unread(setting: &str) -> Failure {
    let what = format!("theme.toml is not read while config.toml says theme = \"{setting}\"");
    Failure::new(FailureKind::Usage, what).hint("write \"auto\" there: `base` in theme.toml chooses dark or light, too")
}

async fn begin(file: OwnFile, path: PathBuf) -> Result<EditEnd> {
    beside(move || own::write_new(&path, file).map(|_made| EditEnd::Opened(path))).await
}

async fn open(hands: &Hands, profile: String, key: String) -> Result<PathBuf> {
    let connection = hands.connect(&profile).await?;
    connection.store.capabilities().overwrite.map_err(|why| refused(&key, why, "download it instead"))?;
    let (info, _) = connection.store.head(&key).await?;
    let etag = info.etag.clone().ok_or_else(|| refused(&key, "its entity tag is not known", "download it instead"))?;
    if info.size > LARGEST {
        let why = format!("it has {}, and {} is the most", format::size(info.size), format::size(LARGEST));
        return Err(refused(&key, &why, "download it, edit the file, and upload that"));
    }
    let bytes = whole(connection.store.as_ref(), &info, &etag).await?;
    if !preview::is_text(&bytes) {
        return Err(refused(&key, "it is no text", "download it, and open the file with its own program"));
    }
    let note = Note { profile, key, etag, content_type: info.content_type, sha256: String::new() };
    let place = hands.services.config().places.edits();
    let edit = beside(move || edits::open(&place, note, &bytes)).await?;
    Ok(hands.edits.hold(edit))
}

fn refused(key: &str, why: &str, hint: &str) -> Failure {
    Failure::new(FailureKind::Unsupported, format!("{} cannot be edited: {why}", display(key))).hint(hint)
}

/// All bytes of the object with that entity tag, compared with what the bucket says of it.
async fn whole(store: &dyn ObjectStore, info: &ObjectInfo, etag: &str) -> Result<Vec<u8>> {
    let mut download = store.get(&info.key, 0, None, Some(etag)).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = download.body.next().await {
        bytes.extend_from_slice(&piece?);
        if bytes.len() as u64 > info.size {
            break;
        }
    }
    let kept = download.checksum.filter(|sum| sum.algorithm == "crc64nvme");
    if bytes.len() as u64 != info.size || kept.is_some_and(|kept| kept != proof::crc64nvme(&bytes)) {
        let what = format!("{} did not arrive as the bucket has it", display(&info.key));
        return Err(Failure::new(FailureKind::Integrity, what).hint("try again"));
    }
    Ok(bytes)
}

/// The text stays on disk until its transfer is done, whatever happens here.
async fn settle(hands: &Hands, path: &Path, wish: EditWish) -> Result<EditEnd> {
    let file = path.to_path_buf();
    let (note, changed) = beside(move || edits::read(&file)).await?;
    let Some(bytes) = changed else { return Ok(unchanged(hands, path.to_path_buf(), wish).await) };
    let target = match wish {
        EditWish::Keep => return Ok(EditEnd::Kept),
        EditWish::SaveBack => None,
        EditWish::SaveAs(key) => Some(key),
    };
    let connection = hands.connect(&note.profile).await?;
    let size = bytes.len() as u64;
    if size >= connection.store.part_rules().multipart_from {
        let what = format!("the text of {} has grown to {}", display(&note.key), format::size(size));
        return Err(Failure::new(FailureKind::Unsupported, what).hint(format!("upload {}", display_path(path))));
    }
    let queue = hands.queue.get().await?;
    queue.enqueue(vec![job(&connection, note, target, path, size)]).await?;
    Ok(EditEnd::Queued)
}

/// An editor that did not end well may have kept beside the text what it has not saved.
async fn unchanged(hands: &Hands, path: PathBuf, wish: EditWish) -> EditEnd {
    let file = path.clone();
    let work = beside(move || Ok(edits::beside(&file))).await;
    if wish == EditWish::Keep && !matches!(work, Ok(None)) {
        return EditEnd::Kept;
    }
    forget(hands, path).await;
    EditEnd::Unchanged
}

/// Over the object that was opened, or where nothing is yet.
fn job(connection: &Connection, note: Note, target: Option<String>, path: &Path, size: u64) -> NewTransfer {
    let (on_conflict, etag) = match target {
        None => (OnConflict::OverwriteIf, Some(note.etag)),
        Some(_) => (OnConflict::Refuse, None),
    };
    let key = target.unwrap_or(note.key);
    NewTransfer {
        path: Some(path.to_path_buf()),
        size: Some(size),
        content_type: note.content_type,
        on_conflict,
        etag,
        ..NewTransfer::new(TransferKind::Upload, connection.identity.clone(), key)
    }
}

/// Removes a text that is not needed any more.
pub(super) async fn forget(hands: &Hands, path: PathBuf) {
    hands.edits.let_go(&path);
    let place = hands.services.config().places.edits();
    if let Err(failure) = beside(move || edits::remove(&place, &path)).await {
        tracing::warn!("{failure}");
    }
}

/// Names the texts that an earlier run has left and that nothing in the queue will save, and removes those that are saved.
pub(super) async fn look_for_left(hands: Hands) {
    let place = hands.services.config().places.edits();
    if !place.exists() {
        return;
    }
    let (Ok(queue), Ok(left)) = (hands.queue.get().await, beside(move || Ok(edits::left(&place))).await) else {
        return;
    };
    let view = queue.view().borrow().clone();
    for left in left {
        let known = view.transfers.iter().map(|shown| (shown.transfer.path.as_deref(), shown.transfer.state));
        match standing(known, &left.path) {
            Standing::Saved if left.work == Work::Saved => forget(&hands, left.path).await,
            Standing::Queued if left.work == Work::Saved => {}
            // What the queue knows is the text, and this is something else.
            Standing::Saved | Standing::Queued | Standing::Nowhere => {
                let message = Message::Kept { kept: kept(left), now: Utc::now() };
                // A closed inbox means that the screen is gone, and nobody is left to tell.
                let _screen_gone = hands.inbox.send(Arrival::Message(Box::new(message))).await;
            }
        }
    }
}

/// How the queue knows a text.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// It is in a bucket.
    Saved,
    /// Its transfer goes on.
    Queued,
    /// Nobody will save it.
    Nowhere,
}

fn standing<'a>(transfers: impl Iterator<Item = (Option<&'a Path>, TransferState)>, path: &Path) -> Standing {
    let of_it = transfers.filter(|(file, _)| *file == Some(path));
    of_it.fold(Standing::Nowhere, |standing, (_, state)| match (state, standing) {
        (TransferState::Done, _) | (_, Standing::Saved) => Standing::Saved,
        (TransferState::Cancelled | TransferState::Failed, standing) => standing,
        _ => Standing::Queued,
    })
}

fn kept(left: Left) -> KeptText {
    let work = match left.work {
        Work::Saved => KeptWork::Text,
        Work::Beside(file) => KeptWork::Beside(file),
        Work::Remains => KeptWork::Remains,
    };
    KeptText { path: left.path, of: left.note.map(|note| (note.profile, note.key)), work }
}

/// Work on a thread where waiting for the disk is allowed.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|gone| Err(stopped(&gone)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_named_unless_the_queue_has_saved_it_or_will() {
        let (text, other) = (Path::new("/e/1/a.txt"), Path::new("/e/2/a.txt"));
        let of = |transfers: &[(&Path, TransferState)]| {
            standing(transfers.iter().map(|(path, state)| (Some(*path), *state)), text)
        };
        assert_eq!(of(&[(other, TransferState::Done)]), Standing::Nowhere);
        assert_eq!(of(&[(text, TransferState::Cancelled)]), Standing::Nowhere);
        assert_eq!(of(&[(text, TransferState::Failed)]), Standing::Nowhere, "nobody tries it again by itself");
        assert_eq!(of(&[(text, TransferState::Failed), (text, TransferState::Paused)]), Standing::Queued);
        assert_eq!(of(&[(text, TransferState::Queued), (text, TransferState::Cancelled)]), Standing::Queued);
        assert_eq!(of(&[(text, TransferState::Done), (text, TransferState::Failed)]), Standing::Saved);
    }
}
