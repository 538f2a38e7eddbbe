//! The files beneath what was named, found while the first of them are already on their way: batches from a thread of
//! its own, so that a tree of a million files is never in memory. What cannot be sent is named, the rest goes on.

use std::fs::{self, Metadata, ReadDir};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::config::Symlinks;
use crate::domain::display::display_path;
use crate::domain::file::not_text;
use crate::domain::{Failure, FailureKind, key};

/// Finds a batch.
const BATCH: usize = 500;

/// A batch goes at the next find after so long, however small it is: a slow disk must not keep the first files back.
const NOT_LONGER: Duration = Duration::from_millis(200);

/// Batches that wait to be taken; the walk waits where there are more.
const AHEAD: usize = 2;

/// Names of one folder that are in memory, and in order, at once.
const NAMES: usize = 10_000;

/// One file to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The file, absolute.
    pub path: PathBuf,
    /// Its name; beneath a folder that was named, its path from there with `/`.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// A folder in which there is nothing to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptyFolder {
    /// The folder, absolute.
    pub path: PathBuf,
    /// Its path from the folder that was named, with `/` between; that folder itself has the empty name.
    pub name: String,
}

/// What was found since the batch before. Folders are walked in name order, those of more than 10,000 entries in as many
/// runs as it takes.
#[derive(Debug, Default, PartialEq)]
pub struct Batch {
    /// Regular files.
    pub files: Vec<File>,
    /// Folders without anything to send.
    pub empty_folders: Vec<EmptyFolder>,
    /// What cannot be sent, and why: special files, names that are not UTF-8, folders that cannot be read, links that are
    /// refused or lead back above.
    pub failures: Vec<Failure>,
}

impl Batch {
    fn len(&self) -> usize {
        self.files.len() + self.empty_folders.len() + self.failures.len()
    }
}

/// A walk under way; it ends where this is dropped.
pub struct Walk {
    batches: mpsc::Receiver<Batch>,
    walking: Option<JoinHandle<()>>,
}

impl Walk {
    /// Walks every path, on a thread that may block. A path was named on purpose: a link there is followed whatever
    /// `symlinks` says about those beneath.
    pub fn through(paths: Vec<PathBuf>, symlinks: Symlinks) -> Self {
        let (out, batches) = mpsc::channel(AHEAD);
        let walking = tokio::task::spawn_blocking(move || {
            let (batch, begun) = (Batch::default(), Instant::now());
            let mut walker = Walker { symlinks, out, batch, begun, inside: Vec::new() };
            let _nobody_listens_any_more = walker.arguments(&paths);
        });
        Self { batches, walking: Some(walking) }
    }

    /// The next batch, which is not empty; `None` at the end. Nothing is lost where the waiting is given up.
    pub async fn next(&mut self) -> Option<Batch> {
        if let Some(batch) = self.batches.recv().await {
            return Some(batch);
        }
        let walking = self.walking.as_mut()?;
        let ended = walking.await;
        self.walking = None;
        ended.err().map(|error| Batch {
            failures: vec![Failure::new(
                FailureKind::Internal,
                format!("the walk through the folders broke off: {error}"),
            )],
            ..Batch::default()
        })
    }
}

/// Nobody takes batches any more.
struct Unheard;

type Walked = Result<(), Unheard>;

struct Walker {
    symlinks: Symlinks,
    out: mpsc::Sender<Batch>,
    batch: Batch,
    begun: Instant,
    /// The folders that the walk is in, the outermost first.
    inside: Vec<Inside>,
}

/// A folder that the walk is in.
struct Inside {
    path: PathBuf,
    name: String,
    /// Device and inode: a link back to it would never end.
    identity: (u64, u64),
    paths: std::vec::IntoIter<PathBuf>,
    /// Where there may be more than those.
    reading: Option<ReadDir>,
    empty: bool,
}

impl Walker {
    fn arguments(&mut self, paths: &[PathBuf]) -> Walked {
        for path in paths {
            self.argument(path)?;
            self.all_inside()?;
        }
        self.send()
    }

    fn argument(&mut self, path: &Path) -> Walked {
        let found = std::path::absolute(path).and_then(|path| fs::metadata(&path).map(|facts| (path, facts)));
        match found {
            Ok((path, facts)) if facts.is_dir() && leads_above(&path, &facts) => self.failure(is_loop(&path)),
            Ok((path, facts)) if facts.is_dir() => self.enter(path, String::new(), &facts),
            Ok((path, facts)) => match path.file_name().and_then(|name| name.to_str()).map(str::to_owned) {
                Some(name) => self.file(path, name, &facts),
                None => self.failure(not_text(&path)),
            },
            Err(error) => self.failure(Failure::io("read", path, &error)),
        }
    }

    fn all_inside(&mut self) -> Walked {
        while let Some(folder) = self.inside.last_mut() {
            match folder.next() {
                Some(Ok(path)) => self.entry(path)?,
                Some(Err(error)) => {
                    folder.empty = false;
                    let failure = unreadable(&folder.path, &error);
                    self.failure(failure)?;
                }
                None => self.leave()?,
            }
        }
        Ok(())
    }

    fn enter(&mut self, path: PathBuf, name: String, facts: &Metadata) -> Walked {
        let identity = identity(facts);
        if self.inside.iter().any(|folder| folder.identity == identity) {
            return self.failure(is_loop(&path));
        }
        match fs::read_dir(&path) {
            Ok(reading) => {
                let (paths, reading) = (Vec::new().into_iter(), Some(reading));
                self.inside.push(Inside { path, name, identity, paths, reading, empty: true });
                Ok(())
            }
            Err(error) => self.failure(unreadable(&path, &error)),
        }
    }

    fn leave(&mut self) -> Walked {
        let Some(folder) = self.inside.pop().filter(|folder| folder.empty) else { return Ok(()) };
        self.batch.empty_folders.push(EmptyFolder { path: folder.path, name: folder.name });
        self.found()
    }

    fn entry(&mut self, path: PathBuf) -> Walked {
        match fs::symlink_metadata(&path) {
            Ok(facts) if facts.is_symlink() && self.symlinks == Symlinks::Skip => Ok(()),
            // It was there a moment ago; now there is nothing to send.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            found => self.counted(path, found),
        }
    }

    /// An entry that is sent, or said why not.
    fn counted(&mut self, path: PathBuf, found: std::io::Result<Metadata>) -> Walked {
        let above = self.inside.last_mut().map(|folder| {
            folder.empty = false;
            folder.name.as_str()
        });
        let Some(last) = path.file_name().and_then(|name| name.to_str()) else { return self.failure(not_text(&path)) };
        let name = match above {
            Some(above) if !above.is_empty() => format!("{above}/{last}"),
            _ => last.to_owned(),
        };
        match found {
            Ok(facts) if facts.is_file() && key::is_unfinished(last) => self.failure(unfinished(&path)),
            Ok(facts) if facts.is_symlink() => self.link(path, name),
            Ok(facts) => self.plain(path, name, &facts),
            Err(error) => self.failure(Failure::io("read", &path, &error)),
        }
    }

    fn link(&mut self, path: PathBuf, name: String) -> Walked {
        if self.symlinks == Symlinks::Refuse {
            let failure = Failure::new(FailureKind::Local, format!("{} is a symbolic link", display_path(&path)));
            return self.failure(failure.hint("transfers.symlinks = \"follow\" would send what it points to"));
        }
        match fs::metadata(&path) {
            Ok(facts) => self.plain(path, name, &facts),
            Err(error) => self.failure(Failure::io("follow the link", &path, &error)),
        }
    }

    fn plain(&mut self, path: PathBuf, name: String, facts: &Metadata) -> Walked {
        if facts.is_dir() { self.enter(path, name, facts) } else { self.file(path, name, facts) }
    }

    fn file(&mut self, path: PathBuf, name: String, facts: &Metadata) -> Walked {
        if !facts.is_file() {
            let what = format!("{} is no regular file", display_path(&path));
            return self.failure(Failure::new(FailureKind::Local, what));
        }
        self.batch.files.push(File { path, name, size: facts.len() });
        self.found()
    }

    fn failure(&mut self, failure: Failure) -> Walked {
        self.batch.failures.push(failure);
        self.found()
    }

    fn found(&mut self) -> Walked {
        let due = self.batch.len() >= BATCH || self.begun.elapsed() >= NOT_LONGER;
        if due { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Walked {
        let batch = std::mem::take(&mut self.batch);
        if batch.len() > 0 {
            self.out.blocking_send(batch).map_err(|_closed| Unheard)?;
        }
        self.begun = Instant::now();
        Ok(())
    }
}

/// Its entries in name order; an error ends them. A folder that is read to its end is closed before those in it are
/// opened, so that a deep tree needs few open files.
impl Iterator for Inside {
    type Item = std::io::Result<PathBuf>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(path) = self.paths.next() {
            return Some(Ok(path));
        }
        let mut reading = self.reading.take()?;
        let found: std::io::Result<Vec<PathBuf>> =
            reading.by_ref().take(NAMES).map(|entry| Ok(entry?.path())).collect();
        let mut paths = match found {
            Ok(paths) => paths,
            Err(error) => return Some(Err(error)),
        };
        self.reading = (paths.len() == NAMES).then_some(reading);
        paths.sort_unstable();
        self.paths = paths.into_iter();
        self.paths.next().map(Ok)
    }
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::io("read the folder", folder, error)
}

/// In a bucket beside the object whose download it is, it would take that one's place here.
fn unfinished(path: &Path) -> Failure {
    let what = format!("{} is an unfinished download", display_path(path));
    Failure::new(FailureKind::Local, what).hint("finish or cancel that, or name the file itself to send it as it is")
}

/// Device and inode.
fn identity(facts: &Metadata) -> (u64, u64) {
    (facts.dev(), facts.ino())
}

/// Whether it is a link to one of the folders that it lies in: what is beneath would be sent once more under its name.
fn leads_above(path: &Path, facts: &Metadata) -> bool {
    // As a shell completes it, with a slash at its end, it would be followed.
    let path: PathBuf = path.components().collect();
    let is_link = fs::symlink_metadata(&path).is_ok_and(|link| link.is_symlink());
    let is_it = |above: &Path| fs::metadata(above).is_ok_and(|above| identity(&above) == identity(facts));
    // Where it really lies: on the way there may be other links, and "..".
    let folder = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    is_link
        && folder.and_then(|folder| fs::canonicalize(folder).ok()).is_some_and(|folder| folder.ancestors().any(is_it))
}

fn is_loop(path: &Path) -> Failure {
    let what = format!("{} leads back to a folder above it", display_path(path));
    Failure::new(FailureKind::Local, what)
}

#[cfg(test)]
mod tests;
