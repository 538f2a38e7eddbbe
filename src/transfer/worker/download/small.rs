//! Small objects, of which there are often thousands: one request into memory, then one step on disk that checks, writes,
//! flushes and gives the file its name, so that a file costs little more than its request.

use std::path::PathBuf;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::check::{self, Expected};
use super::receive::Coming;
use super::{Download, Told};
use crate::domain::transfer::OnConflict;
use crate::domain::{Checksum, Failure, FailureKind, ObjectInfo, Result, Transfer};
use crate::transfer::worker::part_file::PartFile;
use crate::transfer::worker::placing::{holds_already, is_since, place};
use crate::transfer::worker::space::Space;

/// Below this size, in bytes, an object comes into memory first.
pub const SMALL: u64 = 1 << 20;

/// What one step on disk needs.
struct Step {
    key: String,
    part: PathBuf,
    target: PathBuf,
    /// Bytes that the queue knows it to have.
    listed: Option<u64>,
    space: Space,
    on_conflict: OnConflict,
    modified: Option<DateTime<Utc>>,
    queued_at: DateTime<Utc>,
    stop: CancellationToken,
}

/// How far one step on disk came.
enum Stepped {
    /// The file has its name.
    Placed(PathBuf),
    /// The journal has to know the file before it gets its name.
    Ready(PartFile),
}

impl Step {
    fn take(&self, pieces: &[Bytes], expected: Option<Expected>) -> Result<(Stepped, Option<Checksum>)> {
        let checksum = check::bytes(&self.key, pieces, expected)?;
        let file = PartFile::make(&self.part)?;
        if let Err(failure) = self.write(&file, pieces) {
            return file.discard().and(Err(failure));
        }
        if !self.would_be_known_again(&file)? {
            return Ok((Stepped::Ready(file), checksum));
        }
        if self.stop.is_cancelled() {
            return Err(Failure::new(FailureKind::Cancelled, "stopped"));
        }
        self.place(&file, pieces).map(|placed| (Stepped::Placed(placed), checksum))
    }

    fn write(&self, file: &PartFile, pieces: &[Bytes]) -> Result<()> {
        let _room = self.space.for_writing(file, pieces.iter().map(|piece| piece.len() as u64).sum())?;
        file.write(0, pieces)?;
        file.seal(self.modified)
    }

    /// Whether a next run could tell, without the journal, that the file under the target's name is this one.
    fn would_be_known_again(&self, file: &PartFile) -> Result<bool> {
        match self.on_conflict {
            // It would be replaced by itself.
            OnConflict::Overwrite => Ok(true),
            OnConflict::KeepBoth => Ok(false),
            // By its bytes and its time, if it has the size that the queue knows and the clocks of disk and queue agree.
            OnConflict::Refuse | OnConflict::Skip | OnConflict::OverwriteIf => {
                let facts = file.file().metadata().map_err(|error| Failure::io_here("read", file.path(), &error))?;
                Ok(self.listed.is_none_or(|size| size == facts.len()) && is_since(&facts, self.queued_at))
            }
        }
    }

    fn place(&self, file: &PartFile, pieces: &[Bytes]) -> Result<PathBuf> {
        match place(file, &self.target, self.on_conflict) {
            Ok(placed) => {
                file.keep();
                Ok(placed)
            }
            Err(failure)
                if failure.kind == FailureKind::Exists && holds_already(&self.target, pieces, self.queued_at) =>
            {
                Ok(self.target.clone())
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Whether no entity tag can prove the object. Of the others, thousands perhaps, the catalog is not asked one by one.
fn came_in_parts(info: &ObjectInfo) -> bool {
    info.etag.as_ref().is_some_and(|tag| tag.contains('-'))
}

impl Download<'_> {
    /// Takes a small object to its place. An interrupted one starts over: its bytes are few.
    pub(super) async fn receive_small(&mut self, told: Told, coming: Coming) -> Result<()> {
        let (info, kept) = told;
        let pieces = self.gather(coming, info.size).await?;
        let expected = match kept.map(Expected::Kept) {
            None if came_in_parts(&info) => self.expected(&info, None).await?,
            kept => kept,
        };
        let step = self.step(info.modified);
        let (stepped, checksum) = match self.on_disk(self.core.desk.run(move || step.take(&pieces, expected))).await {
            Err(failure) if failure.kind == FailureKind::Exists && self.transfer.on_conflict == OnConflict::Skip => {
                return self.skipped().await;
            }
            taken => taken?,
        };
        match stepped {
            Stepped::Ready(file) => self.finish(file, info.size, checksum).await,
            Stepped::Placed(placed) => {
                let whole = |transfer: &mut Transfer| {
                    transfer.size = Some(info.size);
                    transfer.acknowledged = info.size;
                    transfer.checksum = checksum.map(Into::into);
                };
                self.done(placed, whole).await
            }
        }
    }

    fn step(&self, modified: Option<DateTime<Utc>>) -> Step {
        Step {
            key: self.key().to_owned(),
            part: self.part.clone(),
            target: self.target.clone(),
            listed: self.transfer.size,
            space: self.core.space.clone(),
            on_conflict: self.transfer.on_conflict,
            modified,
            queued_at: self.transfer.queued_at,
            stop: self.stop.clone(),
        }
    }

    async fn gather(&self, coming: Coming, size: u64) -> Result<Vec<Bytes>> {
        let Coming { mut body, turn: _turn } = coming;
        let (mut pieces, mut arrived) = (Vec::new(), 0);
        self.sent.set(0);
        while let Some(bytes) = body.next().await {
            let bytes = bytes?;
            let count = bytes.len() as u64;
            arrived += count;
            if arrived > size {
                break;
            }
            self.sent.pace().pass(count).await;
            self.sent.add(count);
            pieces.push(bytes);
        }
        if arrived == size {
            return Ok(pieces);
        }
        Err(check::differs(self.key(), &format!("{arrived} bytes arrived, it has {size}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::worker::part_file::path_of;

    fn step(folder: &tempfile::TempDir, listed: Option<u64>) -> Step {
        let target = folder.path().join("f");
        Step {
            key: "f".into(),
            part: path_of(&target),
            target,
            listed,
            space: Space::default(),
            on_conflict: OnConflict::Refuse,
            modified: None,
            queued_at: Utc::now() - chrono::TimeDelta::seconds(1),
            stop: CancellationToken::new(),
        }
    }

    #[test]
    fn a_file_of_another_size_than_was_listed_is_made_known_before_it_gets_its_name() {
        for (listed, placed) in [(None, true), (Some(12), true), (Some(10), false)] {
            let folder = tempfile::tempdir().unwrap();
            let step = step(&folder, listed);
            let (stepped, _) = step.take(&[Bytes::from_static(b"twelve bytes")], None).unwrap();
            assert_eq!(matches!(stepped, Stepped::Placed(_)), placed, "{listed:?}");
            assert_eq!((step.target.exists(), step.part.exists()), (placed, !placed), "{listed:?}");
        }
    }
}
