//! Bytes on their way to a store: the payload with its checksum, and how much of it has gone out. Workers, limits and the
//! screen share one count.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;

use super::pace::Pace;
use super::proof;
use crate::domain::Checksum;

/// Bytes that a request has handed to its socket so far, and how fast it may go on. A retry inside the client takes back
/// what it had counted.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    bytes: Arc<AtomicU64>,
    unfinished: Arc<AtomicBool>,
    pace: Pace,
}

impl Sent {
    /// The same count, going on no faster than that.
    #[must_use]
    pub fn at_pace(&self, pace: Pace) -> Self {
        Self { bytes: self.bytes.clone(), unfinished: self.unfinished.clone(), pace }
    }

    /// How fast bytes may go.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// A request begins that is nothing to the other side before its last byte.
    pub fn begin_whole(&self) {
        self.unfinished.store(true, Ordering::Relaxed);
    }

    /// The last byte of a request goes.
    pub fn all_gone(&self) {
        self.unfinished.store(false, Ordering::Relaxed);
    }

    /// Whether such a request has begun and its last byte has not gone.
    pub fn is_unfinished(&self) -> bool {
        self.unfinished.load(Ordering::Relaxed)
    }

    /// Adds bytes.
    pub fn add(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Takes bytes back that have to be sent again.
    pub fn take_back(&self, bytes: u64) {
        let _previous =
            self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sent| Some(sent.saturating_sub(bytes)));
    }

    /// Bytes so far.
    pub fn get(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Starts from a figure: what was acknowledged before a restart.
    pub fn set(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }
}

/// Bytes on their way up and their checksum, which is computed once, beside the event loop where they are many. Clones
/// share the bytes.
#[derive(Debug, Clone)]
pub struct Payload {
    /// The bytes.
    pub bytes: Bytes,
    /// Their CRC-64/NVME.
    pub crc: Checksum,
}

impl Payload {
    /// How many bytes.
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }
}

impl From<Bytes> for Payload {
    /// Computes the checksum here and now.
    fn from(bytes: Bytes) -> Self {
        let crc = proof::crc64nvme(&bytes);
        Self { bytes, crc }
    }
}
