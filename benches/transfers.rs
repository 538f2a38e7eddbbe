//! What transfers cost beside s5cmd and rclone, in one run, on the same servers and the same data, in turn; and what many
//! and huge ones take of memory and of the screen's time. `cargo bench --bench transfers [NAME]…`; README.md beside this
//! says what each figure is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot measure has nothing better to do than to stop and say where"
)]

#[path = "transfers/answers.rs"]
mod answers;
#[path = "transfers/compare.rs"]
mod compare;
#[path = "transfers/discard.rs"]
mod discard;
#[path = "transfers/heavy.rs"]
mod heavy;
#[path = "transfers/jobs.rs"]
mod jobs;
#[path = "transfers/measure.rs"]
mod measure;
#[path = "transfers/stage.rs"]
mod stage;
mod support;
#[path = "transfers/tools.rs"]
mod tools;

use std::path::Path;

use stage::Stage;

/// A folder in memory on every Linux.
const MEMORY: &str = "/dev/shm";

/// What measures something.
type Figure = fn(&Stage);

/// What can be measured, by name.
const FIGURES: [(&str, Figure); 10] = [
    ("up-one", jobs::one_up),
    ("down-one", jobs::one_down),
    ("up-small", jobs::small_up),
    ("down-small", jobs::small_down),
    ("up-medium", jobs::medium_up),
    ("down-medium", jobs::medium_down),
    ("list", jobs::list),
    ("sparse", heavy::sparse),
    ("queue", heavy::queue),
    ("keys", heavy::keys),
];

fn main() {
    if std::env::args().any(|argument| argument == discard::ARGUMENT) {
        return discard::serve();
    }
    let in_memory = Path::new(MEMORY).is_dir() && tempfile::env::override_temp_dir(Path::new(MEMORY)).is_ok();
    let stage = Stage::new();
    println!("windlass {}, {}", env!("CARGO_PKG_VERSION"), stage.tools.versions());
    let place = if in_memory { "in memory (tmpfs)" } else { "on disk" };
    println!(
        "data, journal and catalogs {place}; medians (least..most) of {} runs after a warm-up, in turn",
        compare::rounds()
    );
    for (name, measure) in FIGURES {
        if support::wanted(name) {
            measure(&stage);
        }
    }
}
