//! Everything of an object that is not there yet, in ranges of which several are under way at once, each bound to the
//! entity tag of the first answer so that two versions never mix. What has arrived is in the journal before it counts.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use super::ranges::Ranges;
use super::sink::Sink;
use crate::domain::display::display;
use crate::domain::{Checksum, Failure, FailureKind, ObjectInfo, Result, TransferId};
use crate::storage::Sent;
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::job::Change;
use crate::transfer::lanes::{Lane, Permit, Weight};
use crate::transfer::worker::part_file::PartFile;
use crate::transfer::worker::space::{Promise, STEP, take_all_room};

/// How much of a slow range may be lost when the program ends: what it brought since its last row in the journal.
const ROW_EVERY: Duration = Duration::from_secs(5);

/// A body that is on its way already, and the turn that it has.
pub struct Coming {
    /// The object's bytes from the first on.
    pub body: BoxStream<'static, Result<Bytes>>,
    /// Given back with it.
    pub turn: Permit,
}

/// One object on its way into its file.
pub struct Receiving<'a> {
    core: &'a Core,
    connection: &'a Connection,
    id: TransferId,
    object: &'a ObjectInfo,
    lane: Arc<Lane>,
    sent: &'a Sent,
    file: PartFile,
    room: Arc<Promise>,
    ranges: Mutex<Ranges>,
    turns: Semaphore,
    /// One range has failed: the others stop, and what they have counts.
    ending: CancellationToken,
}

/// Whose bytes, and into what.
pub struct Landing<'a> {
    /// The transfer.
    pub id: TransferId,
    /// The object as its first answer told.
    pub object: &'a ObjectInfo,
    /// Where the bytes go.
    pub file: PartFile,
    /// The disk's room for them.
    pub room: Promise,
    /// What has arrived before.
    pub ranges: Ranges,
}

impl<'a> Receiving<'a> {
    /// Begins.
    pub fn new(
        core: &'a Core,
        connection: &'a Connection,
        lane: Arc<Lane>,
        sent: &'a Sent,
        landing: Landing<'a>,
    ) -> Self {
        let Landing { id, object, file, room, ranges } = landing;
        let turns = Semaphore::new(connection.store.part_rules().parallel.max(1));
        let (room, ranges, ending) = (Arc::new(room), Mutex::new(ranges), CancellationToken::new());
        Self { core, connection, id, object, lane, sent, file, room, ranges, turns, ending }
    }

    /// Receives what is missing, beginning with what comes already.
    ///
    /// # Errors
    /// `Changed` where the object is another one now; the store's, the disk's and the journal's. What has arrived is kept.
    pub async fn all(self, mut coming: Option<Coming>) -> Result<Ranges> {
        let _ends = self.ending.clone().drop_guard();
        let missing = self.ranges().missing();
        let fetching = missing.into_iter().map(|number| self.fetch(number, coming.take()));
        // Twice as many as have turns: while the journal takes one range, the next is on its way.
        let fetched = stream::iter(fetching).buffer_unordered(2 * self.turns.available_permits());
        let mut fetched = pin!(stream::select(fetched, stream::once(self.take_room())));
        let mut failed = None;
        while let Some(result) = fetched.next().await {
            if let Err(failure) = result {
                self.ending.cancel();
                failed.get_or_insert(failure);
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => Ok(self.ranges().clone()),
        }
    }

    async fn take_room(&self) -> Result<()> {
        if self.object.size <= STEP {
            return Ok(());
        }
        let (file, room, ending) = (self.file.clone(), self.room.clone(), self.ending.clone());
        let taking = move || take_all_room(&file, &room, || ending.is_cancelled());
        self.core.large_desk.run(taking).await.map(|_taken| ())
    }

    fn ranges(&self) -> MutexGuard<'_, Ranges> {
        self.ranges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One range. A link that breaks is taken up again at once as long as each try brings something.
    async fn fetch(&self, number: u32, mut coming: Option<Coming>) -> Result<()> {
        loop {
            let rest = self.ranges().rest(number);
            let Some((offset, length)) = rest.filter(|_| !self.ending.is_cancelled()) else { return Ok(()) };
            let mut sink = Sink::new(self.core.large_desk.clone(), self.file.clone(), self.room.clone(), offset);
            let taken = self.request(number, (offset, length), &mut sink, coming.take()).await;
            let flushed = sink.flush().await;
            self.acknowledge(number, sink.arrived()).await?;
            flushed?;
            let progress = self.ranges().rest(number).is_none_or(|(now, _)| now > offset);
            match taken {
                Ok(()) if self.ending.is_cancelled() => {}
                Ok(()) if progress && (self.can_go_on() || self.ranges().rest(number).is_none()) => {}
                Ok(()) => return Err(self.changed()),
                Err(failure) if progress && failure.is_transient() && self.can_go_on() => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Whether what is asked for later is bound to be of the same version.
    fn can_go_on(&self) -> bool {
        self.object.etag.is_some()
    }

    async fn request(
        &self,
        number: u32,
        (offset, length): (u64, u64),
        sink: &mut Sink,
        coming: Option<Coming>,
    ) -> Result<()> {
        if let Some(Coming { body, turn: _turn }) = coming {
            return self.take(number, length, sink, body).await;
        }
        let Some(_turn) = self.unless_ending(self.turn()).await.transpose()? else { return Ok(()) };
        let tag = self.object.etag.as_deref();
        let asking = self.connection.store.get(&self.object.key, offset, Some(length), tag);
        let Some(download) = self.unless_ending(asking).await.transpose()? else { return Ok(()) };
        if !is_same(&download.info, self.object) {
            return Err(self.changed());
        }
        self.take(number, length, sink, download.body).await
    }

    /// The right to one more request: of this download, and of its lane.
    async fn turn(&self) -> Result<(Option<SemaphorePermit<'_>>, Permit)> {
        // Nobody closes the turns.
        let mine = self.turns.acquire().await.ok();
        Ok((mine, self.lane.request(Weight::Large(self.id)).await?))
    }

    async fn unless_ending<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.ending.cancelled() => None,
            done = work => Some(done),
        }
    }

    async fn take(
        &self,
        number: u32,
        mut left: u64,
        sink: &mut Sink,
        mut body: BoxStream<'static, Result<Bytes>>,
    ) -> Result<()> {
        let mut row = Instant::now();
        while let Some(bytes) = self.next(&mut body).await {
            let bytes = bytes?;
            let count = bytes.len() as u64;
            left = left.checked_sub(count).ok_or_else(|| self.changed())?;
            self.sent.pace().pass(count).await;
            self.sent.add(count);
            let is_row_due = row.elapsed() > ROW_EVERY;
            let keeps_up = sink.take(bytes).await? && (!is_row_due || sink.write_soon().await?);
            if !keeps_up {
                // Nobody else is to wait for this disk.
                self.core.lend_turn(self.id);
                if self.can_go_on() {
                    return Ok(());
                }
                sink.flush().await?;
            }
            if is_row_due {
                self.acknowledge(number, sink.arrived()).await?;
                row = Instant::now();
            }
        }
        Ok(())
    }

    async fn next(&self, body: &mut BoxStream<'static, Result<Bytes>>) -> Option<Result<Bytes>> {
        if self.ending.is_cancelled() {
            return None;
        }
        tokio::select! {
            biased;
            next = body.next() => next,
            () = self.ending.cancelled() => None,
        }
    }

    /// So many more bytes of a range are in the file: the journal is told, unless the object has no entity tag by which
    /// the download could go on later.
    async fn acknowledge(&self, number: u32, (bytes, checksum): (u64, Checksum)) -> Result<()> {
        if bytes == 0 {
            return Ok(());
        }
        let (part, acknowledged) = {
            let mut ranges = self.ranges();
            let part = ranges.add(number, bytes, checksum);
            (part.ok_or_else(|| self.changed())?, ranges.total())
        };
        if self.object.etag.is_some() {
            self.core.journal.commit(vec![Change::Part { id: self.id, part, acknowledged }]).await?;
        }
        self.core.acknowledged(self.id, acknowledged);
        Ok(())
    }

    fn changed(&self) -> Failure {
        changed(&self.object.key)
    }
}

/// Whether two answers are about the same version of an object, as far as they tell.
pub fn is_same(one: &ObjectInfo, other: &ObjectInfo) -> bool {
    one.size == other.size && (one.etag == other.etag || one.etag.is_none() || other.etag.is_none())
}

/// The object is no longer the one that the download began with.
pub fn changed(key: &str) -> Failure {
    let what = format!("{} was replaced in the bucket while it was downloaded", display(key));
    Failure::new(FailureKind::Changed, what).hint("retry once nobody writes it")
}
