//! How fast the screen is and what it costs, measured from outside: the release program in a real terminal, keys written
//! into it and frames read out of it. `cargo bench --bench screen [NAME]…`; README.md beside this says what each figure is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot measure has nothing better to do than to stop and say where"
)]

#[path = "screen/keys.rs"]
mod keys;
#[path = "screen/lists.rs"]
mod lists;
#[path = "screen/rest.rs"]
mod rest;
#[path = "screen/start.rs"]
mod start;
mod support;
#[path = "screen/wire.rs"]
mod wire;

/// Rows of everything that is big.
const ROWS: usize = 100_000;

/// Records of a catalog that is big.
const RECORDS: usize = 1_000_000;

/// What can be measured, by name.
const FIGURES: [(&str, fn()); 9] = [
    ("start", start::silent_network),
    ("folder", lists::folder),
    ("bucket", lists::bucket),
    ("memory", lists::memory),
    ("keys", keys::in_big_lists),
    ("transfers", keys::beside_transfers),
    ("burst", keys::burst),
    ("idle", rest::idle),
    ("wire", wire::wire),
];

fn main() {
    for (name, measure) in FIGURES {
        if support::wanted(name) {
            measure();
        }
    }
}
