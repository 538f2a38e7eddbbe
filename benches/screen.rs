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
#[path = "screen/million.rs"]
mod million;
#[path = "screen/orders.rs"]
mod orders;
#[path = "screen/rest.rs"]
mod rest;
#[path = "screen/searches.rs"]
mod searches;
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
const FIGURES: [(&str, fn()); 11] = [
    ("start", start::silent_network),
    ("folder", lists::folder),
    ("bucket", lists::bucket),
    ("memory", lists::memory),
    ("keys", keys::in_big_lists),
    ("transfers", keys::beside_transfers),
    ("burst", keys::burst),
    ("idle", rest::idle),
    ("wire", wire::wire),
    ("million-postgres", million::in_postgres),
    ("million-sqlite", million::in_sqlite),
];

fn main() {
    for (name, measure) in FIGURES {
        if support::wanted(name) {
            measure();
        }
    }
}
