//! What Windlass itself holds in memory, and whether its screen stays quick, while a file is huge or files are very many.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use super::compare::verdict;
use super::measure;
use super::stage::{MIB, Stage, Windlass};
use super::support::fill::{self, file_name};
use super::support::peers;
use super::support::process::Memory;
use super::support::program::Home;
use super::support::pty::Person;
use super::support::report::{self, Bound};

/// Uploads in the queue that is long.
const QUEUED: usize = 50_000;

/// Keys of each kind that are measured.
const KEYS: usize = 300;

/// The most memory that a file may take, in MiB.
const FILE: f64 = 64.0;

/// The most memory that [`QUEUED`] uploads may take, in MiB.
const QUEUE: f64 = 80.0;

/// How long the huge file is sent for.
const AWHILE: Duration = Duration::from_secs(6);

/// The most from a key to the screen that it changed, in milliseconds.
const KEY: f64 = 16.0;

/// A file of 100 GiB is begun.
pub fn sparse(stage: &Stage) {
    let windlass = Windlass::with_sqlite(&stage.discarding.endpoint());
    let file = windlass.home().here().join("huge.dat");
    sparse_file(&file, 100 * 1024 * MIB);
    let upload = ["upload", "huge.dat", "--to", "p/", "--on-conflict", "overwrite", "--jobs", "8"];
    let begun = windlass.home().start(upload);
    std::thread::sleep(AWHILE);
    let peak = Memory::of(begun.process()).peak;
    println!(
        "\na sparse file of 100 GiB, sent for {} s: peak memory {peak:.1} MiB   {}",
        AWHILE.as_secs(),
        verdict(peak, FILE, "MiB")
    );
}

fn sparse_file(path: &Path, size: usize) {
    File::create(path).and_then(|file| file.set_len(size as u64)).expect("a sparse file");
}

/// 50,000 small uploads: queued, looked at while nothing answers, and sent.
pub fn queue(stage: &Stage) {
    println!("\n{QUEUED} uploads of 1 KiB");
    let silent = Windlass::with_sqlite(&format!("http://127.0.0.1:{}", peers::silent()));
    fill_queue(stage, &silent);
    let (mut person, started) = opened(silent.home());
    // A hundred of them may be on their way already.
    person.sees(" queued");
    report::value("start to the queue on the screen", Bound::None, started.elapsed().as_secs_f64(), "s");
    memory_of(&person, "the screen with all of them queued");
    scroll(&mut person);
    memory_of(&person, "the same after scrolling to both ends");
    drop(person);
    let windlass = Windlass::with_sqlite(&stage.discarding.endpoint());
    fill_queue(stage, &windlass);
    let cost = measure::run(&stage.tools, &windlass.command(&["resume"]));
    report::value("resume sends all of them to the discarding server: wall", Bound::None, cost.wall, "s");
    report::value("the same: client CPU", Bound::None, cost.cpu, "s");
    report::value("the same: peak memory", Bound::Most(QUEUE), cost.peak, "MiB");
    assert_eq!(windlass.records(), QUEUED, "records of what was sent");
}

fn fill_queue(stage: &Stage, windlass: &Windlass) {
    let folder = windlass.home().path().join("many");
    std::fs::create_dir(&folder).expect("a folder");
    (0..QUEUED).for_each(|number| std::fs::write(folder.join(file_name(number)), [7; 1024]).expect("a file"));
    let folder = folder.to_str().expect("a path in ASCII");
    let upload = ["upload", folder, "--to", "p/", "--on-conflict", "overwrite", "--detach"];
    let cost = measure::run(&stage.tools, &windlass.command(&upload));
    report::value("upload --detach: wall", Bound::None, cost.wall, "s");
    report::value("upload --detach: peak memory", Bound::Most(QUEUE), cost.peak, "MiB");
}

fn scroll(person: &mut Person) {
    person.press("3");
    let ends = (0..KEYS / 10).flat_map(|_| [press_and_wait(person, "G"), press_and_wait(person, "<Home>")]).collect();
    report::times("key G, and Home, in 50,000 transfers", Bound::P95(KEY), ends);
    let pages = (0..KEYS).map(|_| press_and_wait(person, "<C-f>")).collect();
    report::times("key ^f in 50,000 transfers", Bound::P95(KEY), pages);
}

fn memory_of(person: &Person, what: &str) {
    let memory = Memory::of(person.process());
    report::value(&format!("{what}: resident now"), Bound::Most(QUEUE), memory.resident, "MiB");
    report::value(&format!("{what}: peak"), Bound::Most(QUEUE), memory.peak, "MiB");
}

/// Keys while files of 1 GiB go up to a server that takes them as fast as they come.
pub fn keys(stage: &Stage) {
    let windlass = Windlass::with_sqlite(&stage.discarding.endpoint());
    let home = windlass.home();
    fill::folder(&home.here(), 1000);
    let sources = home.path().join("sources");
    std::fs::create_dir(&sources).expect("a folder");
    (0..200).for_each(|number| sparse_file(&sources.join(format!("source-{number}")), 1024 * MIB));
    let sources = sources.to_str().expect("a path in ASCII");
    home.run(["upload", sources, "--to", "p/", "--on-conflict", "overwrite", "--detach"]).with(0);
    let (mut person, _) = opened(home);
    person.sees(&file_name(0)).sees("running").press("1").press("<Home>").press("j").cursor_is_on(&file_name(0));
    let keys = (1..=KEYS).map(|number| press_and_watch(&mut person, number)).collect();
    println!();
    report::times("key j to changed screen, uploads of 1 GiB running", Bound::P95(KEY), keys);
    memory_of_uploads(&person);
    assert!(person.text().contains("running"), "the uploads ended before the keys:\n{}", person.text());
}

fn memory_of_uploads(person: &Person) {
    let peak = Memory::of(person.process()).peak;
    report::value("the screen with uploads of 1 GiB running: peak memory", Bound::Most(FILE), peak, "MiB");
}

fn opened(home: &Home) -> (Person, Instant) {
    let started = Instant::now();
    (home.screen(120, 36), started)
}

/// Presses `j`; how long until the cursor is seen on the file of that number.
fn press_and_watch(person: &mut Person, number: usize) -> Duration {
    let pressed = Instant::now();
    let moved = person.press("j").cursor_is_on(&file_name(number)).frames();
    person.frame(moved - 1) - pressed
}

/// Presses one key; how long until the next frame is whole, whatever it shows.
fn press_and_wait(person: &mut Person, key: &str) -> Duration {
    let frames = person.frames();
    let pressed = Instant::now();
    person.press(key).frame(frames) - pressed
}
