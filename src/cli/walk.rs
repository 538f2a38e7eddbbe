//! The files that `upload` was given: each file as it is, each folder with everything beneath it. What cannot be sent is
//! named, the rest goes on.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use crate::config::Symlinks;
use crate::domain::display::display_path;
use crate::domain::{Failure, FailureKind};

/// One file to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file, absolute.
    pub path: PathBuf,
    /// Its name; beneath a folder, its path from there with `/`.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// What the arguments stand for.
#[derive(Debug, Default)]
pub struct Walked {
    /// Files, folders in name order.
    pub sources: Vec<Source>,
    /// What cannot be sent, and why.
    pub failures: Vec<Failure>,
}

/// Walks every argument; nothing is opened for reading yet.
pub async fn sources(paths: Vec<PathBuf>, symlinks: Symlinks) -> Walked {
    let walk = tokio::task::spawn_blocking(move || {
        let mut walker = Walker { symlinks, walked: Walked::default(), above: Vec::new() };
        for path in &paths {
            walker.argument(path);
        }
        walker.walked
    });
    walk.await.unwrap_or_else(|error| Walked {
        sources: Vec::new(),
        failures: vec![Failure::new(FailureKind::Internal, format!("the walk through the files ended early: {error}"))],
    })
}

struct Walker {
    symlinks: Symlinks,
    walked: Walked,
    /// Real paths of the folders that the walk is in: a link back to one of them is a loop.
    above: Vec<PathBuf>,
}

impl Walker {
    /// An argument was named on purpose: a link there is followed, whatever the setting.
    fn argument(&mut self, path: &Path) {
        let found = std::path::absolute(path).and_then(|path| fs::metadata(&path).map(|facts| (path, facts)));
        match found {
            Ok((path, facts)) if facts.is_dir() => self.folder(&path, ""),
            Ok((path, facts)) => match path.file_name().and_then(|name| name.to_str()).map(str::to_owned) {
                Some(name) => self.file(&path, name, &facts),
                None => self.walked.failures.push(not_text(&path)),
            },
            Err(error) => self.walked.failures.push(Failure::io("read", path, &error)),
        }
    }

    fn file(&mut self, path: &Path, name: String, facts: &Metadata) {
        if facts.is_file() {
            self.walked.sources.push(Source { path: path.to_owned(), name, size: facts.len() });
        } else {
            let what = format!("{} is no regular file", display_path(path));
            self.walked.failures.push(Failure::new(FailureKind::Local, what));
        }
    }

    fn folder(&mut self, path: &Path, name: &str) {
        match fs::canonicalize(path).and_then(|real| names_in(path).map(|names| (real, names))) {
            Ok((real, _)) if self.above.contains(&real) => self.walked.failures.push(is_loop(path)),
            Ok((real, names)) => {
                self.above.push(real);
                names.iter().for_each(|inner| self.entry(inner, name));
                self.above.pop();
            }
            Err(error) => self.walked.failures.push(Failure::io("read the folder", path, &error)),
        }
    }

    fn entry(&mut self, path: &Path, above: &str) {
        let Some(last) = path.file_name().and_then(|name| name.to_str()) else {
            self.walked.failures.push(not_text(path));
            return;
        };
        let name = if above.is_empty() { last.to_owned() } else { format!("{above}/{last}") };
        match fs::symlink_metadata(path) {
            Ok(facts) if facts.is_symlink() => self.link(path, name),
            Ok(facts) => self.plain(path, name, &facts),
            Err(error) => self.walked.failures.push(Failure::io("read", path, &error)),
        }
    }

    fn link(&mut self, path: &Path, name: String) {
        match self.symlinks {
            Symlinks::Skip => {}
            Symlinks::Refuse => {
                let what = format!("{} is a symbolic link", display_path(path));
                let failure = Failure::new(FailureKind::Local, what);
                self.walked.failures.push(failure.hint("transfers.symlinks = \"follow\" would send what it points to"));
            }
            Symlinks::Follow => match fs::metadata(path) {
                Ok(facts) => self.plain(path, name, &facts),
                Err(error) => self.walked.failures.push(Failure::io("follow the link", path, &error)),
            },
        }
    }

    fn plain(&mut self, path: &Path, name: String, facts: &Metadata) {
        if facts.is_dir() { self.folder(path, &name) } else { self.file(path, name, facts) }
    }
}

fn names_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn not_text(path: &Path) -> Failure {
    let what = format!("the name of {} is not UTF-8, which a key has to be", display_path(path));
    Failure::new(FailureKind::Local, what).hint("rename it")
}

fn is_loop(path: &Path) -> Failure {
    let what = format!("{} leads back to a folder above it", display_path(path));
    Failure::new(FailureKind::Local, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    async fn names(folder: &Path, symlinks: Symlinks) -> (Vec<String>, Vec<String>) {
        let walked = sources(vec![folder.to_owned()], symlinks).await;
        (
            walked.sources.into_iter().map(|source| source.name).collect(),
            walked.failures.iter().map(Failure::sentence).collect(),
        )
    }

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/deep.txt"), "x").unwrap();
        fs::write(folder.path().join("top.txt"), "x").unwrap();
        symlink("top.txt", folder.path().join("link.txt")).unwrap();
        folder
    }

    #[tokio::test]
    async fn a_folder_gives_its_files_with_their_paths_from_there() {
        let folder = tree();
        let (files, failures) = names(folder.path(), Symlinks::Follow).await;
        assert_eq!(files, ["a/b/deep.txt", "link.txt", "top.txt"]);
        assert!(failures.is_empty(), "{failures:?}");
    }

    #[tokio::test]
    async fn links_are_left_out_or_refused_as_set() {
        let folder = tree();
        assert_eq!(names(folder.path(), Symlinks::Skip).await.0, ["a/b/deep.txt", "top.txt"]);
        let (files, failures) = names(folder.path(), Symlinks::Refuse).await;
        assert_eq!(files, ["a/b/deep.txt", "top.txt"]);
        assert!(failures[0].contains("link.txt is a symbolic link"), "{failures:?}");
    }

    #[tokio::test]
    async fn a_link_to_a_folder_above_is_noticed() {
        let folder = tree();
        symlink("..", folder.path().join("a/up")).unwrap();
        let (files, failures) = names(folder.path(), Symlinks::Follow).await;
        assert_eq!(files, ["a/b/deep.txt", "link.txt", "top.txt"]);
        assert!(failures[0].contains("leads back"), "{failures:?}");
    }

    #[tokio::test]
    async fn names_that_are_no_text_are_named_and_the_rest_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"a\xff")), "x").unwrap();
        fs::write(folder.path().join("b"), "x").unwrap();
        let (files, failures) = names(folder.path(), Symlinks::Follow).await;
        assert_eq!(files, ["b"]);
        assert!(failures[0].contains("a\\xFF"), "{failures:?}");
    }

    #[tokio::test]
    async fn a_path_that_is_not_there_is_named() {
        let walked = sources(vec!["/nowhere/at all".into()], Symlinks::Follow).await;
        assert_eq!(walked.failures[0].sentence(), "cannot read /nowhere/at all: no such file or directory");
    }
}
