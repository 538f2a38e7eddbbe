//! The jobs of the table: what is sent where, with which flags of each tool, and what Windlass may take of it.

use std::path::Path;

use super::answers::LISTED;
use super::compare::{Against, Bounds, Contender, compare};
use super::stage::{MEDIUM, ONE, SMALL, Set, Stage, Windlass};
use super::tools::BUCKET;

/// The most memory that any file may take, in MiB.
const PEAK: f64 = 64.0;

/// Flags of rclone that leave out what the others do not do either: looking up what was there before and after.
const RCLONE_UP: [&str; 3] = ["--s3-no-head", "--no-check-dest", "--ignore-times"];

/// One job's flags.
struct Flags<'a> {
    windlass: &'a [&'a str],
    s5cmd_tool: &'a [&'a str],
    s5cmd: &'a [&'a str],
    rclone: &'a [&'a str],
}

/// 1 GiB to the discarding server.
pub fn one_up(stage: &Stage) {
    let flags = Flags {
        windlass: &["--jobs", "8"],
        s5cmd_tool: &[],
        s5cmd: &["--concurrency", "5", "--part-size", "50"],
        rclone: &["--s3-upload-concurrency", "4"],
    };
    let windlass = [("windlass", Windlass::with_sqlite(&stage.discarding.endpoint()))];
    let bounds = Bounds { wall: 0.6, cpu: 0.4, peak: PEAK };
    up(stage, "1 GiB up, verified by a checksum of our own, discarding server", ONE, bounds, &windlass, &flags);
}

/// 10,000 small files to the discarding server, with both catalogs.
pub fn small_up(stage: &Stage) {
    let flags = Flags {
        windlass: &["--jobs", "64"],
        s5cmd_tool: &["--numworkers", "64"],
        s5cmd: &[],
        rclone: &["--transfers", "32", "--checkers", "32"],
    };
    let endpoint = stage.discarding.endpoint();
    let windlass =
        [("windlass", Windlass::with_sqlite(&endpoint)), ("windlass-pg", Windlass::with_postgres(&endpoint))];
    let bounds = Bounds { wall: 1.0, cpu: 0.8, peak: PEAK };
    up(stage, "10,000 x 4 KiB up with journal and records, discarding server", SMALL, bounds, &windlass, &flags);
}

/// 1,000 files of 100 KiB to the discarding server.
pub fn medium_up(stage: &Stage) {
    let flags = Flags {
        windlass: &["--jobs", "32"],
        s5cmd_tool: &["--numworkers", "16"],
        s5cmd: &[],
        rclone: &["--transfers", "32", "--checkers", "32"],
    };
    let windlass = [("windlass", Windlass::with_sqlite(&stage.discarding.endpoint()))];
    let bounds = Bounds { wall: 0.9, cpu: 0.8, peak: PEAK };
    up(stage, "1,000 x 100 KiB up with journal and records, discarding server", MEDIUM, bounds, &windlass, &flags);
}

/// 1 GiB from `rclone serve s3`.
pub fn one_down(stage: &Stage) {
    let flags = Flags {
        windlass: &["--jobs", "8"],
        s5cmd_tool: &[],
        s5cmd: &["--concurrency", "5", "--part-size", "50"],
        rclone: &["--multi-thread-streams", "4"],
    };
    down(stage, "1 GiB down, rclone serve s3", ONE, Bounds { wall: 1.0, cpu: 1.0, peak: PEAK }, &flags);
}

/// 10,000 small files from `rclone serve s3`.
pub fn small_down(stage: &Stage) {
    let flags = Flags {
        windlass: &["--jobs", "64"],
        s5cmd_tool: &["--numworkers", "16"],
        s5cmd: &[],
        rclone: &["--transfers", "32", "--checkers", "32"],
    };
    down(stage, "10,000 x 4 KiB down, rclone serve s3", SMALL, Bounds { wall: 0.9, cpu: 0.8, peak: PEAK }, &flags);
}

/// 1,000 files of 100 KiB from `rclone serve s3`.
pub fn medium_down(stage: &Stage) {
    let flags = Flags {
        windlass: &["--jobs", "32"],
        s5cmd_tool: &["--numworkers", "16"],
        s5cmd: &[],
        rclone: &["--transfers", "32", "--checkers", "32"],
    };
    down(stage, "1,000 x 100 KiB down, rclone serve s3", MEDIUM, Bounds { wall: 0.9, cpu: 0.8, peak: PEAK }, &flags);
}

/// 100,000 keys of the discarding server.
pub fn list(stage: &Stage) {
    let endpoint = stage.discarding.endpoint();
    let windlass = Windlass::with_sqlite(&endpoint);
    let (s5cmd, rclone) = (format!("s3://{BUCKET}/p/"), format!("bench:{BUCKET}/p"));
    let nothing = || Box::new(|| ());
    let contenders = [
        Contender {
            name: "windlass",
            settings: "ls p/ --bucket".into(),
            command: Box::new(|| windlass.command(&["ls", "p/", "--bucket"])),
            check: nothing(),
        },
        Contender {
            name: "s5cmd",
            settings: "ls".into(),
            command: Box::new(|| stage.tools.s5cmd(&endpoint, &["ls", &s5cmd])),
            check: nothing(),
        },
        Contender {
            name: "rclone",
            settings: "lsf --s3-list-version 2".into(),
            command: Box::new(|| stage.tools.rclone(&endpoint, &["lsf", &rclone])),
            check: nothing(),
        },
    ];
    let listed = windlass.home().run(["ls", "p/", "--bucket"]).with(0).out.lines().count();
    assert!(listed >= LISTED, "{listed} of {LISTED} keys listed");
    let bounds = Bounds { wall: 0.6, cpu: 0.5, peak: PEAK };
    compare(&stage.tools, "ls of 100,000 keys, discarding server", bounds, Against::Better, &contenders);
}

fn up(stage: &Stage, job: &str, set: Set, bounds: Bounds, windlass: &[(&'static str, Windlass)], flags: &Flags<'_>) {
    let endpoint = stage.discarding.endpoint();
    let folder = format!("{}/", stage.files(set).display());
    let (s5cmd, rclone) = (format!("s3://{BUCKET}/p/"), format!("bench:{BUCKET}/p"));
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for (name, windlass) in windlass {
        contenders.push(Contender {
            name,
            settings: flags.windlass.join(" "),
            command: Box::new(|| {
                windlass.fresh();
                let upload = ["upload", &folder, "--to", "p/", "--on-conflict", "overwrite"];
                windlass.command(&[&upload, flags.windlass].concat())
            }),
            check: Box::new(|| assert_eq!(windlass.records(), set.files)),
        });
    }
    contenders.push(Contender {
        name: "s5cmd",
        settings: [flags.s5cmd_tool, flags.s5cmd].concat().join(" "),
        command: Box::new(|| {
            let upload = [flags.s5cmd_tool, &["cp"], flags.s5cmd, &[&folder, &s5cmd]].concat();
            stage.tools.s5cmd(&endpoint, &upload)
        }),
        check: Box::new(|| ()),
    });
    contenders.push(Contender {
        name: "rclone",
        settings: [&RCLONE_UP, flags.rclone].concat().join(" "),
        command: Box::new(|| {
            stage.tools.rclone(&endpoint, &[&["copy"], &RCLONE_UP[..], flags.rclone, &[&folder, &rclone]].concat())
        }),
        check: Box::new(|| ()),
    });
    compare(&stage.tools, job, bounds, Against::S5cmd, &contenders);
}

fn down(stage: &Stage, job: &str, set: Set, bounds: Bounds, flags: &Flags<'_>) {
    let serving = stage.serving(set);
    let endpoint = serving.endpoint();
    let windlass = Windlass::with_sqlite(&endpoint);
    let prefix = format!("{}/", set.name);
    let (s5cmd, rclone) = (format!("s3://{BUCKET}/{}/*", set.name), format!("bench:{BUCKET}/{}", set.name));
    let target = stage.target();
    let to = format!("{}/", target.display());
    let all = || Box::new(|| all_there(&target, set));
    let contenders = [
        Contender {
            name: "windlass",
            settings: flags.windlass.join(" "),
            command: Box::new(|| {
                stage.target();
                windlass.fresh();
                windlass.command(&[&["download", &prefix, "-r", "--to", &to], flags.windlass].concat())
            }),
            check: all(),
        },
        Contender {
            name: "s5cmd",
            settings: [flags.s5cmd_tool, flags.s5cmd].concat().join(" "),
            command: Box::new(|| {
                stage.target();
                stage.tools.s5cmd(&endpoint, &[flags.s5cmd_tool, &["cp"], flags.s5cmd, &[&s5cmd, &to]].concat())
            }),
            check: all(),
        },
        Contender {
            name: "rclone",
            settings: flags.rclone.join(" "),
            command: Box::new(|| {
                stage.target();
                stage.tools.rclone(&endpoint, &[&["copy"], flags.rclone, &[&rclone, &to]].concat())
            }),
            check: all(),
        },
    ];
    compare(&stage.tools, job, bounds, Against::S5cmd, &contenders);
}

/// Every file of a set is below the folder, with all its bytes.
fn all_there(folder: &Path, set: Set) {
    let (files, bytes) = below(folder);
    assert_eq!((files, bytes), (set.files, (set.files * set.size) as u64), "files and bytes in {}", folder.display());
}

fn below(folder: &Path) -> (usize, u64) {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries.fold((0, 0), |(files, bytes), entry| {
        let facts = entry.metadata().expect("facts");
        let (more, size) = if facts.is_dir() { below(&entry.path()) } else { (1, facts.len()) };
        (files + more, bytes + size)
    })
}
