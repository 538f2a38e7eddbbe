//! Random choices that can be made again: one number is the seed of a whole test.

use std::time::{SystemTime, UNIX_EPOCH};

/// Numbers that look random (SplitMix64; Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub struct Dice(u64);

impl Dice {
    /// From `WINDLASS_TORTURE_SEED`, else from the clock. The seed is printed, which a failing test shows.
    pub fn thrown() -> Self {
        let told = std::env::var("WINDLASS_TORTURE_SEED").ok().map(|text| text.parse().unwrap());
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into();
        let seed = told.unwrap_or_else(clock);
        eprintln!("WINDLASS_TORTURE_SEED={seed} makes the same choices again");
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, and without, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True once in so many throws.
    pub fn one_in(&mut self, throws: u64) -> bool {
        self.below(throws) == 0
    }
}
