//! Decisions that need no IO: the MIME type of a name, and how a file is cut into parts.

pub use crate::domain::media_type::of_name as content_type;
use crate::storage::PartRules;

/// The MIME type by which an object is known to stand for a folder.
pub const FOLDER: &str = "application/x-directory";

/// How a file travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// One PUT.
    Single,
    /// Parts of equal size but the last, in bytes.
    Parts {
        /// Bytes of each part but the last.
        part_size: u64,
    },
}

impl Plan {
    /// How many bytes of memory sending takes at most, of a file of `size` bytes.
    pub fn memory(self, size: u64, rules: &PartRules) -> u64 {
        match self {
            Self::Single => size,
            Self::Parts { part_size } => {
                let at_once = (rules.parallel.max(1) as u64).min(u64::from(part_count(part_size, size)));
                part_size.saturating_mul(at_once.min((PART_MEMORY / part_size.max(1)).max(1))).min(size)
            }
        }
    }
}

/// Bytes of parts in memory at once, all transfers together. A part that is larger than all of it goes alone.
pub const PART_MEMORY: u64 = 4 * PART;

/// Bytes of a part where nothing asks for larger ones: four of them, and the program around them, stay below 64 MiB.
pub const PART: u64 = 6 * MIB;

/// One MiB.
const MIB: u64 = 1 << 20;

/// Parts as small as the rules and their number allow, a multiple of 1 MiB, at least [`PART`] where the rules take it.
///
/// Equal sizes keep R2 content; small parts keep memory and what a crash costs low.
pub fn plan(size: u64, rules: &PartRules) -> Plan {
    if size < rules.multipart_from {
        return Plan::Single;
    }
    let least = size.div_ceil(u64::from(rules.max_parts)).max(rules.min_part).max(PART);
    Plan::Parts { part_size: least.div_ceil(MIB).saturating_mul(MIB).min(rules.max_part) }
}

/// Bytes of the first parts of an input whose size nobody knows.
pub const STREAM_PART: u64 = 16 * MIB;

/// So many parts of such an input are that small; those behind are larger where they may be.
const SMALL_PARTS: u32 = 1000;

/// Bytes of those behind.
const LATER_STREAM_PART: u64 = 2 * STREAM_PART;

/// Bytes of part `number` (from 1) of an input whose size nobody knows; `None` where the store takes no more parts.
pub fn stream_part(number: u32, rules: &PartRules) -> Option<u64> {
    let larger = number > SMALL_PARTS && !rules.equal_parts;
    (number <= rules.max_parts).then_some(if larger { LATER_STREAM_PART } else { STREAM_PART })
}

/// The most bytes of an input whose size nobody knows.
pub fn longest_stream(rules: &PartRules) -> u64 {
    (1..=rules.max_parts).map_while(|number| stream_part(number, rules)).sum()
}

/// Offset and length, in bytes, of part `number` (from 1), `None` beyond the end.
pub fn part_range(number: u32, part_size: u64, size: u64) -> Option<(u64, u64)> {
    let offset = u64::from(number.checked_sub(1)?).checked_mul(part_size)?;
    (offset < size).then(|| (offset, part_size.min(size - offset)))
}

/// How many parts there are.
pub fn part_count(part_size: u64, size: u64) -> u32 {
    u32::try_from(size.div_ceil(part_size.max(1))).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: PartRules = PartRules {
        min_part: 5 * MIB,
        max_part: 5 << 30,
        max_parts: 10_000,
        parallel: 4,
        multipart_from: 16 * MIB,
        equal_parts: false,
    };

    #[test]
    fn small_files_go_in_one_request() {
        assert_eq!(plan(0, &RULES), Plan::Single);
        assert_eq!(plan(16 * MIB - 1, &RULES), Plan::Single);
        assert_eq!(plan(16 * MIB, &RULES), Plan::Parts { part_size: PART });
    }

    #[test]
    fn every_size_fits_the_rules() {
        for size in [16 * MIB, 1 << 30, 150 << 30, 1 << 40, 5 << 40] {
            let Plan::Parts { part_size } = plan(size, &RULES) else { panic!("{size} went in one request") };
            assert!(part_count(part_size, size) <= RULES.max_parts, "{size}");
            assert!((RULES.min_part..=RULES.max_part).contains(&part_size), "{size}");
            assert_eq!(part_size % MIB, 0);
        }
    }

    #[test]
    fn parts_cover_the_file_once() {
        let (part_size, size) = (8 * MIB, 20 * MIB + 3);
        let ranges: Vec<_> =
            (1..=part_count(part_size, size)).map(|n| part_range(n, part_size, size).unwrap()).collect();
        assert_eq!(ranges, [(0, 8 * MIB), (8 * MIB, 8 * MIB), (16 * MIB, 4 * MIB + 3)]);
        assert_eq!(part_range(4, part_size, size), None);
    }

    #[test]
    fn memory_is_bounded_until_a_single_part_is_larger() {
        let memory = |size| plan(size, &RULES).memory(size, &RULES);
        assert_eq!(memory(3), 3);
        assert_eq!(memory(16 * MIB), 16 * MIB);
        for size in [64 * MIB, 1 << 30, 100 << 30, 150 << 30, 233 << 30] {
            assert!(memory(size) <= PART_MEMORY, "{size}");
        }
        assert_eq!(memory(1 << 40), 105 * MIB, "one part, which goes alone");
    }

    #[test]
    fn parts_of_an_unknown_whole_grow_only_where_they_may_differ() {
        let equal = PartRules { equal_parts: true, ..RULES };
        assert_eq!([1, 1000, 1001].map(|number| stream_part(number, &RULES)), [16, 16, 32].map(|mib| Some(mib * MIB)));
        assert_eq!(stream_part(10_000, &equal), Some(16 * MIB));
        assert_eq!(stream_part(10_001, &RULES), None);
        assert_eq!(longest_stream(&equal), 160_000 * MIB);
        assert_eq!(longest_stream(&RULES), 304_000 * MIB);
    }
}
