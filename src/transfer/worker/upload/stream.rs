//! An input that can be read only once. Its parts are sent while it is read, a small one goes in one request, and what was
//! read is kept until the bucket has it; an input that breaks off never becomes an object.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures::TryStreamExt;

use super::Upload;
use super::named::is_blind;
use super::parts::Outcome;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferState, key};
use crate::storage::{ANSWER_LOST, Part, Payload, Stored, UploadId, in_doubt, proof};
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::inputs::{Reading, Stream};
use crate::transfer::job::Resume;
use crate::transfer::lanes::Weight;
use crate::transfer::model::Work;
use crate::transfer::plan;
use crate::transfer::worker::{enter, waits};

/// Parts that are on their way at once; there is memory for two.
const AT_ONCE: usize = 2;

/// Takes an upload without a file from wherever it stands to `recording`.
pub(super) async fn run(core: &Core, connection: &Connection, work: Work) -> Result<()> {
    let id = work.transfer.id;
    let Some(stream) = core.inputs.get(id) else {
        return Upload::new(core, connection, work, ()).without_input().await;
    };
    let mut upload = Upload::new(core, connection, work, stream.clone());
    let mut reading = stream.reading.lock().await;
    let sent = match upload.begin(reading.parts > 0 || reading.ended).await {
        Ok(false) => {
            core.inputs.forget(id);
            return Ok(());
        }
        Ok(true) => upload.send(&mut reading).await,
        Err(failure) => Err(failure),
    };
    match sent {
        Ok((stored, size)) => {
            upload.stored(stored, size).await?;
            core.inputs.forget(id);
            Ok(())
        }
        // What was read is kept for the next try.
        Err(failure) if waits(&failure) => Err(failure),
        Err(failure) => {
            core.inputs.forget(id);
            upload.forget_what_was_sent().await.map_err(|left| both(&failure, &left))?;
            Err(without_retry(failure))
        }
    }
}

impl Upload<'_, ()> {
    /// The process that read the input is gone. If it had all acknowledged, only the last step is missing; else what it
    /// left goes.
    async fn without_input(mut self) -> Result<()> {
        let upload = self.resume.upload_id.clone().filter(|_| self.transfer.state == TransferState::Verifying);
        if let Some(upload) = upload {
            let parts = self.core.journal.parts(self.id()).await?;
            let size = parts.iter().map(|part| part.size).sum();
            if let Outcome::Stored(stored) = self.put_together(&upload, &parts, size).await? {
                return self.stored(stored, size).await;
            }
        }
        self.forget_what_was_sent().await?;
        let what = format!("the input of {} ended with the program that read it", display(&self.transfer.key));
        let hint = if self.goes_blindly() { LOOK_FIRST } else { "nothing of it was stored; upload it again" };
        Err(Failure::new(FailureKind::Local, what).hint(hint))
    }
}

impl Upload<'_, Arc<Stream>> {
    /// "Beginning", on disk before a byte is read; false where there is nothing to do. `was_read` is an input that is no
    /// longer whole.
    async fn begin(&mut self, was_read: bool) -> Result<bool> {
        let fresh = self.resume.part_size.is_none();
        if fresh && was_read {
            let what = "what was read of the input is gone with the upload that it went to";
            return Err(Failure::new(FailureKind::Local, what).hint("run what makes it again"));
        }
        if fresh && !self.find_its_place(false).await? {
            return Ok(false);
        }
        let begin = |transfer: &mut Transfer, resume: &mut Resume| {
            enter(transfer, TransferState::Sending);
            resume.part_size = Some(plan::STREAM_PART);
        };
        self.save(begin, Vec::new()).await.map(|()| true)
    }

    async fn send(&mut self, reading: &mut Reading) -> Result<(Stored, u64)> {
        let upload = match self.resume.upload_id.clone() {
            Some(upload) => upload,
            None => {
                let first = self.first(reading).await?;
                if reading.ended {
                    let size = first.as_ref().map_or(0, Payload::size);
                    return Ok((self.send_all_there_is(first, reading).await?, size));
                }
                self.can_begin()?;
                self.begin_upload().await?
            }
        };
        let size = self.send_parts(&upload, reading).await?;
        let parts = self.core.journal.parts(self.id()).await?;
        match self.put_together(&upload, &parts, size).await? {
            Outcome::Stored(stored) => Ok((stored, size)),
            Outcome::PartsGone(failure) => Err(failure),
        }
    }

    /// The first part, as far as the input goes.
    async fn first(&self, reading: &mut Reading) -> Result<Option<Payload>> {
        let part = match self.source.unsent_after(0) {
            Some(part) => Some(part),
            None => self.source.next(reading, plan::STREAM_PART).await?,
        };
        Ok(part.map(|(_, payload)| payload))
    }

    /// What is longer than the first part goes in parts, which not every store can begin now.
    fn can_begin(&self) -> Result<()> {
        self.connection.store.capabilities().streams.map_err(|_needs_size| too_long(plan::STREAM_PART))
    }

    /// A small input in one request; where an answer was lost, it may be there already.
    async fn send_all_there_is(&self, payload: Option<Payload>, reading: &mut Reading) -> Result<Stored> {
        let payload = payload.unwrap_or_else(|| bytes::Bytes::new().into());
        let _turn = self.core.lanes.lane(&self.transfer.profile).request(Weight::Large(self.id())).await?;
        if self.begun_before
            && let Some(stored) = self.already_there(&payload, reading.asked).await?
        {
            return Ok(stored);
        }
        // One that is stopped from here on may have arrived.
        reading.asked = is_blind(self.connection);
        let stored = self.put_whole(payload).await;
        reading.asked = false;
        stored
    }

    async fn already_there(&self, payload: &Payload, asked: bool) -> Result<Option<Stored>> {
        if self.names_itself() {
            return match asked {
                true => Err(in_doubt(key::name(&self.transfer.key), ANSWER_LOST)),
                false => self.found(payload.crc.clone(), payload.size()).await,
            };
        }
        match self.connection.store.head(&self.transfer.key).await {
            Ok((info, checksum)) => {
                let same_sum = checksum.as_ref() == Some(&payload.crc);
                let same = same_sum || info.etag.as_deref() == Some(&*proof::md5_tag_of(&payload.bytes));
                let ours = info.size == payload.size() && same;
                Ok(ours.then(|| Stored {
                    key: None,
                    etag: info.etag,
                    checksum: Some(payload.crc.clone()),
                    proven: true,
                }))
            }
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Sends what is in memory and what is still to be read; answers how many bytes the whole has.
    async fn send_parts(&self, upload: &UploadId, reading: &mut Reading) -> Result<u64> {
        let known: u64 = self.core.journal.parts(self.id()).await?.iter().map(|part| part.size).sum();
        self.sent.set(known);
        let acknowledged = AtomicU64::new(known);
        let sending =
            self.parts(reading).map_ok(|(number, payload)| self.send_part(upload, number, payload, &acknowledged));
        sending.try_buffer_unordered(AT_ONCE).try_for_each(|_part| futures::future::ready(Ok(()))).await?;
        Ok(acknowledged.into_inner())
    }

    /// The parts that are in memory, then those that are still to be read.
    fn parts<'s>(&'s self, reading: &'s mut Reading) -> impl futures::Stream<Item = Result<(u32, Payload)>> + 's {
        futures::stream::try_unfold((reading, 0), move |(reading, last)| async move {
            let next = match self.source.unsent_after(last) {
                Some(part) => Some(part),
                None => self.read_part(reading).await?,
            };
            Ok(next.map(|(number, payload)| ((number, payload), (reading, number))))
        })
    }

    async fn read_part(&self, reading: &mut Reading) -> Result<Option<(u32, Payload)>> {
        let rules = self.connection.store.part_rules();
        match plan::stream_part(reading.parts + 1, &rules) {
            Some(size) => self.source.next(reading, size).await,
            // The input may end right here.
            None => match self.source.next(reading, 1).await? {
                None => Ok(None),
                Some(_) => Err(too_long(plan::longest_stream(&rules))),
            },
        }
    }

    async fn send_part(
        &self,
        upload: &UploadId,
        number: u32,
        payload: Payload,
        acknowledged: &AtomicU64,
    ) -> Result<Part> {
        let turn = self.core.lanes.lane(&self.transfer.profile).request(Weight::Large(self.id())).await?;
        let part = self.put_part(upload, number, payload).await?;
        drop(turn);
        let part = self.acknowledge(part, acknowledged).await?;
        self.source.acknowledged(number);
        Ok(part)
    }
}

fn too_long(most: u64) -> Failure {
    let what = format!("the input is longer than the {most} bytes that can be sent without knowing its size");
    Failure::new(FailureKind::Unsupported, what).hint("write it to a file, then upload that")
}

/// What cannot be read again is not sent again by a retry.
fn without_retry(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::InDoubt => failure.hint(LOOK_FIRST),
        _ => failure,
    }
}

const LOOK_FIRST: &str = "look at the project's files before you upload it again";

/// A failure, and that something may be left in the bucket.
fn both(failure: &Failure, left: &Failure) -> Failure {
    let what = format!("{}; parts of it may be left in the bucket: {}", failure.what, left.what);
    Failure { what, ..failure.clone() }.hint("cancel the transfer once the bucket can be reached")
}
