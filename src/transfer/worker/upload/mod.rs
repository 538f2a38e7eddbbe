//! Local file to object: in one request, or in parts. What every upload has in common stands here: where it stands in the
//! journal, how it begins, and how it starts over.

mod conflict;
mod left;
mod named;
mod parts;
mod proof;
mod single;
mod stream;

use std::pin::pin;
use std::sync::Arc;

use chrono::Utc;
use tokio::time::timeout;

use super::enter;
use crate::domain::transfer::OnConflict;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferId, TransferState, joined};
use crate::storage::{Payload, PutOptions, Sent, Stored};
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::desk::PATIENCE;
use crate::transfer::job::{Change, Resume};
use crate::transfer::lanes::{Permit, Weight};
use crate::transfer::model::Work;
use crate::transfer::plan::{self, Plan};
use crate::transfer::source::Source;

pub use conflict::look_again;
pub use left::{clean_up, may_have_left};
use parts::Outcome;

/// One upload under way.
struct Upload<'a, S> {
    core: &'a Core,
    connection: &'a Connection,
    source: S,
    transfer: Arc<Transfer>,
    resume: Resume,
    sent: Sent,
    /// "Only if nothing is there."
    if_absent: bool,
    /// An earlier run had committed "beginning".
    begun_before: bool,
    /// Why it starts from the first byte again, where it does.
    starts_over: Option<Failure>,
}

/// One that comes from a file.
type FileUpload<'a> = Upload<'a, Source>;

/// Takes an upload from wherever it stands to `recording`.
pub async fn run(core: &Core, connection: &Connection, work: Work) -> Result<()> {
    if named::is_named(connection, &work) {
        core.inputs.forget(work.transfer.id);
        return Upload::new(core, connection, work, ()).keep_and_record().await;
    }
    if named::is_in_doubt(connection, &work) {
        return Upload::new(core, connection, work, ()).was_stopped().await;
    }
    let Some(path) = work.transfer.path.clone() else { return stream::run(core, connection, work).await };
    let room = single::room_at_once(core, &work.transfer).await?;
    let open = Source::open(&core.large_desk, &path, &work.transfer.key, room);
    let source = core.on_disk(work.transfer.id, open).await?;
    let mut upload = Upload::new(core, connection, work, source);
    upload.forget_another_source().await?;
    let again = upload.resume.source.is_some();
    if !again {
        match upload.find_its_place(upload.plan() == Plan::Single).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(failure) => return Err(upload.compared(failure).await),
        }
    }
    upload.begin().await?;
    let sent = if again { upload.send_rest().await } else { upload.send().await };
    match sent {
        Ok(stored) => upload.stored(stored, upload.size()).await,
        Err(failure) => upload.was_not_sent(failure).await,
    }
}

impl<'a, S> Upload<'a, S> {
    fn new(core: &'a Core, connection: &'a Connection, work: Work, source: S) -> Self {
        let mut upload = Self {
            core,
            connection,
            source,
            begun_before: work.resume.part_size.is_some(),
            transfer: work.transfer,
            resume: work.resume,
            sent: work.sent,
            if_absent: false,
            starts_over: None,
        };
        upload.if_absent = upload.may_not_replace();
        upload
    }

    fn id(&self) -> TransferId {
        self.transfer.id
    }

    fn content_type(&self) -> String {
        let known = self.transfer.content_type.as_deref();
        known.map_or_else(|| plan::content_type(&self.transfer.key), str::to_owned)
    }

    fn options(&self) -> PutOptions {
        PutOptions {
            content_type: self.content_type(),
            if_absent: self.if_absent,
            if_match: self.may_replace().map(str::to_owned),
            transfer: self.id().to_string(),
            size: self.transfer.size,
            part_size: self.resume.part_size,
        }
    }

    /// The entity tag of the one object that may be replaced, where only that may.
    fn may_replace(&self) -> Option<&str> {
        self.transfer.etag.as_deref().filter(|_| self.transfer.on_conflict == OnConflict::OverwriteIf)
    }

    async fn save(&mut self, edit: impl FnOnce(&mut Transfer, &mut Resume), others: Vec<Change>) -> Result<()> {
        let resume = &mut self.resume;
        let edited = |transfer: &mut Transfer, saved: &mut Resume| {
            edit(transfer, saved);
            resume.clone_from(saved);
        };
        self.transfer = self.core.save_with(self.transfer.id, edited, others).await?;
        Ok(())
    }

    /// What the bucket has of it goes, then what the journal knows of that.
    async fn forget_what_was_sent(&mut self) -> Result<()> {
        clean_up(self.core, self.connection, &self.transfer, &self.resume).await?;
        let forget = vec![Change::ForgetParts(self.id())];
        let start_over = |transfer: &mut Transfer, resume: &mut Resume| {
            transfer.acknowledged = 0;
            *resume = Resume::default();
        };
        self.save(start_over, forget).await?;
        self.begun_before = false;
        self.sent.set(0);
        Ok(())
    }

    /// The object is there: a multipart upload that may still be open is not needed. One that was finished is gone already.
    async fn end_open_upload(&self) -> Result<()> {
        match &self.resume.upload_id {
            Some(id) => self.connection.store.abort_upload(&self.transfer.key, id).await,
            None => Ok(()),
        }
    }

    /// Everything from the first byte on, and the transfer says why.
    async fn start_over(&mut self, why: Failure) -> Result<()> {
        tracing::info!(transfer = %self.id(), "the upload starts over: {why}");
        self.forget_what_was_sent().await?;
        self.starts_over = Some(from_the_beginning(&why));
        Ok(())
    }
}

/// What a transfer says of itself that starts over.
fn from_the_beginning(why: &Failure) -> Failure {
    Failure::new(why.kind, joined("sent again from the beginning", &why.what))
}

/// Somebody else has ended the multipart upload.
fn parts_gone() -> Failure {
    Failure::new(FailureKind::NotFound, "its parts are no longer in the bucket")
}

impl FileUpload<'_> {
    fn size(&self) -> u64 {
        self.source.facts.size
    }

    /// Bytes of the file, read once there is room for them and the right to a request, and that right. A disk that takes long
    /// keeps the room, which it may still fill, and neither the right nor the transfer's turn.
    async fn read_in_turn(&self, offset: u64, length: u64, weight: Weight) -> Result<(Payload, Permit)> {
        let lane = self.core.lanes.lane(&self.transfer.profile);
        let room = self.core.buffers.room(Some(self.transfer.profile.clone()), weight, length).await?;
        let turn = lane.request(weight).await?;
        let mut reading = pin!(self.source.read(offset, length, room));
        if let Ok(payload) = timeout(PATIENCE, &mut reading).await {
            return Ok((payload?, turn));
        }
        drop(turn);
        self.core.lend_turn(self.id());
        let payload = reading.await?;
        Ok((payload, lane.request(weight).await?))
    }

    fn plan(&self) -> Plan {
        match self.resume.part_size {
            // A resumed upload keeps its part size: R2 wants them all equal.
            Some(part_size) => Plan::Parts { part_size },
            None => plan::plan(self.size(), &self.connection.store.part_rules()),
        }
    }

    /// A source that is not the file it was when the first byte was read starts over.
    async fn forget_another_source(&mut self) -> Result<()> {
        if self.resume.source.as_ref().is_none_or(|known| *known == self.source.facts) {
            return Ok(());
        }
        self.start_over(self.source.changed()).await
    }

    /// "Beginning", on disk before the bucket hears of it.
    async fn begin(&mut self) -> Result<()> {
        let part_size = match self.plan() {
            Plan::Single => None,
            Plan::Parts { part_size } => Some(part_size),
        };
        let (facts, note) = (self.source.facts.clone(), self.starts_over.clone());
        let begins_here = part_size.is_some() || !self.goes_blindly();
        let begin = |transfer: &mut Transfer, resume: &mut Resume| {
            enter(transfer, TransferState::Sending);
            transfer.error = note.map(Box::new);
            transfer.size = Some(facts.size);
            resume.part_size = part_size;
            resume.source = begins_here.then_some(facts);
        };
        self.save(begin, Vec::new()).await
    }

    /// Before the one request of an upload that cannot be looked for.
    async fn begin_request(&mut self) -> Result<()> {
        let facts = self.source.facts.clone();
        match self.goes_blindly() {
            true => self.save(|_, resume| resume.source = Some(facts), Vec::new()).await,
            false => Ok(()),
        }
    }

    /// What became of that request is known: nothing.
    async fn forget_request(&mut self) -> Result<()> {
        match self.goes_blindly() && self.resume.source.is_some() {
            true => self.save(|_, resume| *resume = Resume::default(), Vec::new()).await,
            false => Ok(()),
        }
    }

    /// Goes on with what an earlier run has begun, which may be there as a whole.
    async fn send_rest(&mut self) -> Result<Stored> {
        let Some(stored) = self.already_there().await? else { return self.send().await };
        self.end_open_upload().await.map(|()| stored)
    }

    /// What becomes of one whose bytes are not up, as far as anybody knows.
    async fn was_not_sent(&mut self, failure: Failure) -> Result<()> {
        if failure.kind == FailureKind::InDoubt {
            let away = Failure::new(FailureKind::Offline, joined("the bucket answers nothing", &failure.what));
            self.end_in_doubt(failure).await?;
            // The others wait and are tried one by one, or each would end so.
            self.core.model().met(self.id(), &away, Utc::now());
            return Ok(());
        }
        self.forget_request().await?;
        let failure = self.lost_the_race(failure).await?;
        Err(self.compared(failure).await)
    }

    /// Sends the file; once more where the bucket has lost what it had acknowledged.
    async fn send(&mut self) -> Result<Stored> {
        let gone = match self.send_once().await? {
            Outcome::Stored(stored) => return Ok(stored),
            Outcome::PartsGone(failure) => failure,
        };
        tracing::info!(transfer = %self.id(), "{gone}");
        self.start_over(parts_gone()).await?;
        self.begin().await?;
        match self.send_once().await? {
            Outcome::Stored(stored) => Ok(stored),
            Outcome::PartsGone(failure) => {
                self.forget_what_was_sent().await?;
                Err(failure)
            }
        }
    }

    async fn send_once(&mut self) -> Result<Outcome> {
        match self.plan() {
            Plan::Single => self.send_whole().await.map(Outcome::Stored),
            Plan::Parts { part_size } => self.send_parts(part_size).await,
        }
    }
}
