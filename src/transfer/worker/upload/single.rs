//! A small file in one request. Its bytes are read only when its turn has come, unless there are so few of them that they
//! came with opening it.

use super::{FileUpload, Upload, named};
use crate::domain::{Result, Transfer};
use crate::storage::{Payload, Stored};
use crate::transfer::buffers::Room;
use crate::transfer::core::Core;
use crate::transfer::lanes::Weight;

/// Up to this size, in bytes, a file is read as it is opened. It then keeps its room while the journal learns that it
/// begins, which is short.
const AT_ONCE: u64 = 64 << 10;

/// From this size on, in bytes, a request sends more than it waits.
const LARGE: u64 = 1 << 20;

impl FileUpload<'_> {
    /// The whole file, and its checksum.
    pub(super) async fn send_whole(&mut self) -> Result<Stored> {
        let (payload, _turn) = match self.source.take_whole() {
            Some(payload) => {
                let lane = self.core.lanes.lane(&self.transfer.profile);
                (payload, lane.request(self.weight()).await?)
            }
            None => self.read_in_turn(0, self.size(), self.weight()).await?,
        };
        self.begin_request().await?;
        self.put_whole(payload).await
    }

    /// What a request that sends all of it costs.
    fn weight(&self) -> Weight {
        if self.size() < LARGE { Weight::Small } else { Weight::Large(self.id()) }
    }
}

impl<S> Upload<'_, S> {
    /// All there is, in one request.
    pub(super) async fn put_whole(&self, payload: Payload) -> Result<Stored> {
        self.sent.set(0);
        if named::is_blind(self.connection) {
            self.sent.begin_whole();
        }
        let crc = payload.crc.clone();
        let put = self.connection.store.put(&self.transfer.key, payload, &self.options(), &self.sent).await;
        let stored = put.map_err(|failure| self.as_met(failure))?;
        Ok(Stored { checksum: stored.checksum.or(Some(crc)), ..stored })
    }
}

/// Room to read a file into as it is opened; none for one that is larger, or whose size nobody knows.
///
/// # Errors
/// As for [`Buffers::room`](crate::transfer::buffers::Buffers::room).
pub(super) async fn room_at_once(core: &Core, transfer: &Transfer) -> Result<Option<Room>> {
    match transfer.size.filter(|size| *size <= AT_ONCE) {
        Some(size) => core.buffers.room(Some(transfer.profile.clone()), Weight::Small, size).await.map(Some),
        None => Ok(None),
    }
}
