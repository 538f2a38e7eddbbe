//! What every job needs, made once and in memory alone: files to send, servers to send them to, and homes of Windlass that
//! name these servers.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::discard::Discarding;
use super::support::home::noise;
use super::support::postgres::{Cluster, Setup, sql};
use super::support::program::Home;
use super::support::wait;
use super::tools::{BUCKET, KEY, SECRET, Serving, Tools};

/// One MiB.
pub const MIB: usize = 1 << 20;

/// Files of one size in a folder of the bucket that `rclone serve s3` serves: downloaded from there, uploaded from here.
#[derive(Debug, Clone, Copy)]
pub struct Set {
    /// The folder, which is also the prefix of the keys.
    pub name: &'static str,
    /// How many.
    pub files: usize,
    /// Bytes of each.
    pub size: usize,
}

/// One file of a GiB.
pub const ONE: Set = Set { name: "one", files: 1, size: 1024 * MIB };
/// Many that are small.
pub const SMALL: Set = Set { name: "small", files: 10_000, size: 4 * 1024 };
/// Some that are neither.
pub const MEDIUM: Set = Set { name: "medium", files: 1000, size: 100 * 1024 };

/// The tools, a server and a folder in memory.
pub struct Stage {
    /// s5cmd and rclone.
    pub tools: Tools,
    /// The server that throws everything away.
    pub discarding: Discarding,
    folder: tempfile::TempDir,
}

impl Stage {
    /// Makes everything but the files.
    pub fn new() -> Self {
        let tools = Tools::installed();
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("served").join(BUCKET)).expect("a folder");
        Self { tools, discarding: Discarding::start(), folder }
    }

    /// The folder of a set, made when it is first asked for.
    pub fn files(&self, set: Set) -> PathBuf {
        let folder = self.folder.path().join("served").join(BUCKET).join(set.name);
        if !folder.exists() {
            std::fs::create_dir(&folder).expect("a folder");
            (0..set.files).for_each(|number| fill(&folder.join(format!("file-{number:05}.dat")), set.size, number));
        }
        folder
    }

    /// `rclone serve s3` with the files of a set. It remembers folders for minutes, so it is started behind them.
    pub fn serving(&self, set: Set) -> Serving {
        self.files(set);
        Serving::start(&self.tools, &self.folder.path().join("served"))
    }

    /// A folder for downloads, empty.
    pub fn target(&self) -> PathBuf {
        let folder = self.folder.path().join("target");
        let _there_is_none = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).expect("a folder");
        folder
    }
}

fn fill(path: &Path, size: usize, seed: usize) {
    let mut file = File::create(path).expect("a file");
    for start in (0..size).step_by(16 * MIB) {
        let piece = noise((size - start).min(16 * MIB), (seed * 1000 + start / MIB + 1) as u64);
        file.write_all(&piece).expect("room in memory");
    }
}

/// A home of Windlass whose profile is a server.
pub struct Windlass {
    home: Home,
    database: Option<(Cluster, String)>,
}

impl Windlass {
    /// With the catalog that a profile without a database has: SQLite.
    pub fn with_sqlite(endpoint: &str) -> Self {
        let home = Home::new();
        home.configure(&profile(endpoint, ""));
        Self { home, database: None }
    }

    /// With a PostgreSQL of its own.
    pub fn with_postgres(endpoint: &str) -> Self {
        let home = Home::new();
        let cluster = wait(Cluster::own(Setup::default()));
        let url = wait(cluster.database("bench"));
        home.configure(&profile(endpoint, &format!("database_url = \"{url}\"")));
        home.run(["catalog", "migrate"]).with(0);
        Self { home, database: Some((cluster, url)) }
    }

    /// As it was when it was made: an empty journal, an empty catalog.
    pub fn fresh(&self) {
        for folder in ["state", "data"] {
            let _there_is_none = std::fs::remove_dir_all(self.home.path().join(folder));
        }
        if let Some((_, url)) = &self.database {
            wait(sql(url, "TRUNCATE s3_files"));
        }
    }

    /// A command.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.home.command(arguments)
    }

    /// The home.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// How many records the catalog has.
    pub fn records(&self) -> usize {
        self.home.run(["ls", "--json"]).with(0).out.lines().count()
    }
}

fn profile(endpoint: &str, more: &str) -> String {
    format!(
        "default_profile = \"bench\"\n[profiles.bench]\nprovider = \"s3\"\nendpoint = \"{endpoint}\"\n\
         region = \"us-east-1\"\naccess_key_id = \"{KEY}\"\nsecret_access_key = \"{SECRET}\"\nbucket = \"{BUCKET}\"\n\
         path_style = true\nkey_template = \"{{prefix}}{{name}}\"\n{more}\n"
    )
}
