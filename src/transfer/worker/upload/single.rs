//! A small file in one request. Its bytes are read only when its turn has come.

use super::conflict::as_conflict;
use super::{FileUpload, Upload};
use crate::domain::Result;
use crate::storage::{Payload, Stored};
use crate::transfer::lanes::Weight;

/// From this size on, in bytes, a request sends more than it waits.
const LARGE: u64 = 1 << 20;

impl FileUpload<'_> {
    /// The whole file, and its checksum.
    pub(super) async fn send_whole(&self) -> Result<Stored> {
        let size = self.size();
        let room = self.core.buffers.room(size).await?;
        let _turn = self.core.lanes.lane(&self.transfer.profile).request(weight(size)).await?;
        let payload = self.source.read(0, size, room).await?;
        self.put_whole(payload).await
    }
}

impl<S> Upload<'_, S> {
    /// All there is, in one request.
    pub(super) async fn put_whole(&self, payload: Payload) -> Result<Stored> {
        self.sent.set(0);
        let crc = payload.crc.clone();
        let put = self.connection.store.put(&self.transfer.key, payload, &self.options(), &self.sent).await;
        let stored = put.map_err(|failure| as_conflict(failure, &self.transfer.key))?;
        Ok(Stored { checksum: stored.checksum.or(Some(crc)), ..stored })
    }
}

/// What a request that sends so many bytes costs.
fn weight(size: u64) -> Weight {
    if size < LARGE { Weight::Small } else { Weight::Large }
}
