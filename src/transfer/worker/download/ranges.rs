//! How an object comes down in ranges: which there are, how much of each has arrived, and what is still to be asked for.
//! Pure; the journal keeps the same facts as rows of parts.

use std::collections::BTreeMap;

use crate::domain::Checksum;
use crate::storage::{Part, proof};
use crate::transfer::plan::{part_count, part_range};

/// One MiB.
const MIB: u64 = 1 << 20;

/// From this size on, in bytes, an object comes in several ranges at once.
pub const SEVERAL_FROM: u64 = 16 * MIB;

/// Bytes of a range at least. What is lost of one is bounded by time, not by this.
const RANGE: u64 = 8 * MIB;

/// Bytes of a range at most, unless there would be too many.
const LARGEST: u64 = 32 * MIB;

/// So many ranges are enough to share out evenly; more only cost more requests.
const ENOUGH: u64 = 64;

/// The most ranges of one object: each is a row of the journal.
const MOST: u64 = 10_000;

/// Bytes of each range but the last, of an object of so many bytes.
pub fn each_of(size: u64) -> u64 {
    if size < SEVERAL_FROM {
        return size.max(1);
    }
    let each = (size / ENOUGH).clamp(RANGE, LARGEST).max(size.div_ceil(MOST));
    each.div_ceil(MIB).saturating_mul(MIB)
}

/// The ranges of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranges {
    size: u64,
    each: u64,
    arrived: BTreeMap<u32, Part>,
    total: u64,
}

impl Ranges {
    /// Of an object of `size` bytes, `each` bytes long but the last; nothing of it has arrived.
    pub fn new(size: u64, each: u64) -> Self {
        Self { size, each: each.max(1), arrived: BTreeMap::new(), total: 0 }
    }

    /// Bytes of each range but the last.
    pub fn each(&self) -> u64 {
        self.each
    }

    /// Where a range begins and how many bytes it has.
    pub fn span(&self, number: u32) -> Option<(u64, u64)> {
        part_range(number, self.each, self.size)
    }

    /// What is missing of a range: from where on, and how many bytes; `None` where nothing is.
    pub fn rest(&self, number: u32) -> Option<(u64, u64)> {
        let (offset, length) = self.span(number)?;
        let arrived = self.arrived.get(&number).map_or(0, |part| part.size);
        (arrived < length).then(|| (offset + arrived, length - arrived))
    }

    /// The ranges that are not whole, in order.
    pub fn missing(&self) -> Vec<u32> {
        (1..=part_count(self.each, self.size)).filter(|number| self.rest(*number).is_some()).collect()
    }

    /// Whether there is only one.
    pub fn is_single(&self) -> bool {
        self.size <= self.each
    }

    /// So many more bytes of a range have arrived, with this CRC-64/NVME; answers all that has arrived of it. `None` where
    /// they do not belong to it.
    pub fn add(&mut self, number: u32, bytes: u64, checksum: Checksum) -> Option<Part> {
        let (_, left) = self.rest(number)?;
        if bytes > left {
            return None;
        }
        let more = Part { number, size: bytes, etag: String::new(), checksum: Some(checksum) };
        let part = match self.arrived.remove(&number) {
            Some(before) => {
                let checksum = proof::joined(&[before.clone(), more]);
                Part { size: before.size + bytes, checksum, ..before }
            }
            None => more,
        };
        self.total += bytes;
        self.arrived.insert(number, part.clone());
        Some(part)
    }

    /// What has arrived, in order.
    pub fn arrived(&self) -> impl Iterator<Item = &Part> {
        self.arrived.values()
    }

    /// Bytes that have arrived.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// CRC-64/NVME of the whole object, once all of it has arrived.
    pub fn checksum(&self) -> Option<Checksum> {
        let parts: Vec<Part> = self.arrived.values().cloned().collect();
        (self.total == self.size).then(|| proof::joined(&parts)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_few_enough_whatever_the_size() {
        assert_eq!(each_of(0), 1);
        assert_eq!(each_of(SEVERAL_FROM - 1), SEVERAL_FROM - 1);
        assert_eq!(each_of(SEVERAL_FROM), RANGE);
        assert_eq!((each_of(256 * MIB), each_of(1024 * MIB), each_of(1 << 40)), (RANGE, 2 * RANGE, 105 * MIB));
        for size in [1 << 30, 150 << 30, 5 << 40] {
            assert!(u64::from(part_count(each_of(size), size)) <= MOST, "{size}");
        }
    }

    #[test]
    fn what_arrived_is_not_missing_and_joins_to_the_whole() {
        let bytes = b"0123456789";
        let mut ranges = Ranges::new(10, 4);
        assert_eq!(ranges.missing(), [1, 2, 3]);
        let mut arrives = |number, from: usize, to: usize| {
            ranges.add(number, (to - from) as u64, proof::crc64nvme(&bytes[from..to])).map(|part| part.size)
        };
        assert_eq!(arrives(2, 4, 7), Some(3));
        assert_eq!(arrives(3, 8, 10), Some(2));
        assert_eq!(arrives(2, 7, 8), Some(4));
        assert_eq!(arrives(2, 7, 8), None, "it is whole");
        assert_eq!((ranges.missing(), ranges.total(), ranges.checksum()), (vec![1], 6, None));
        ranges.add(1, 4, proof::crc64nvme(&bytes[..4]));
        assert_eq!(ranges.checksum(), Some(proof::crc64nvme(bytes)));
    }

    #[test]
    fn the_rest_of_a_range_begins_where_it_stopped() {
        let mut ranges = Ranges::new(10, 4);
        ranges.add(2, 1, proof::crc64nvme(b"4"));
        assert_eq!((ranges.rest(1), ranges.rest(2), ranges.rest(3)), (Some((0, 4)), Some((5, 3)), Some((8, 2))));
        assert_eq!(ranges.add(3, 3, proof::crc64nvme(b"xyz")), None, "more than belongs to it");
        assert_eq!(ranges.rest(4), None);
    }
}
