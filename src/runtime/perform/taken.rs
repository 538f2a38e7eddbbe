//! What is there already where a whole folder or prefix would go: looked for before somebody says how that is to be met.
//! Whoever transfers looks again; nothing here decides anything.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use futures::StreamExt;
use futures::stream;
use uuid::Uuid;

use super::Hands;
use super::walking::{below, by_folder, look};
use crate::app::Counted;
use crate::app::effect::{Walk, WantedObject};
use crate::domain::{FailureKind, Result, key};
use crate::files;
use crate::files::landing::Landing;
use crate::transfer::Connection;
use crate::transfer::beneath::{Markers, Place, Sought, Target, beneath};

/// Keys that are asked for at once.
const LOOKS_AT_ONCE: usize = 16;

/// What is there already.
pub(super) async fn taken(hands: &Hands, profile: &str, walk: Walk) -> Result<Counted> {
    let connection = hands.connect(profile).await?;
    match walk {
        Walk::Upload { paths, prefix, template } => {
            if connection.store.capabilities().names_itself || key::is_fresh(&template) {
                return Ok(Counted::default());
            }
            let mut counted = Counted::default();
            for (base, paths) in by_folder(paths) {
                let (connection, prefix, template) = (connection.clone(), prefix.clone(), template.clone());
                counted = counted + Keys { connection, base, prefix, template }.taken(hands, paths).await?;
            }
            Ok(counted)
        }
        Walk::Download { prefixes, objects, base, folder } => {
            downloads(&connection, prefixes, objects, &base, folder).await
        }
        Walk::Delete { .. } | Walk::Record { .. } | Walk::Purge { .. } => Ok(Counted::default()),
    }
}

/// How the keys of an upload are made, and where they go.
struct Keys {
    connection: Arc<Connection>,
    base: PathBuf,
    prefix: String,
    template: String,
}

impl Keys {
    /// Folders are compared with what the bucket lists beneath their prefixes, files beside them are asked for by name.
    async fn taken(&self, hands: &Hands, paths: Vec<PathBuf>) -> Result<Counted> {
        let all = paths.clone();
        let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
            look(move || all.into_iter().partition(|path| path.is_dir())).await?;
        let beside = self.by_name(&files).await?;
        let prefixes: Vec<String> = folders.iter().filter_map(|folder| self.prefix_of(folder)).collect();
        let made = self.made(hands, folders).await;
        Ok(beside + self.listed(prefixes, &made).await?)
    }

    fn key(&self, path: &Path) -> Option<String> {
        let key = key::below(&self.template, &self.prefix, below(&self.base, path).ok()?, Uuid::nil(), Utc::now());
        key.ok().map(|key| self.connection.store.own_key(key))
    }

    /// What the keys of a folder's files begin with.
    fn prefix_of(&self, folder: &Path) -> Option<String> {
        key::marker(&self.template, &self.prefix, below(&self.base, folder).ok()?).ok()?
    }

    async fn by_name(&self, files: &[PathBuf]) -> Result<Counted> {
        let keys: Vec<String> = files.iter().filter_map(|path| self.key(path)).collect();
        let store = self.connection.store.as_ref();
        let heads = stream::iter(keys).map(|key| async move { store.head(&key).await });
        let mut heads = heads.buffer_unordered(LOOKS_AT_ONCE);
        let mut counted = Counted::default();
        while let Some(head) = heads.next().await {
            match head {
                Ok((object, _)) => add(&mut counted, object.size),
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(counted)
    }

    /// The keys of everything in these folders, as hashes: a million take 16 MiB.
    async fn made(&self, hands: &Hands, folders: Vec<PathBuf>) -> Hashes {
        let mut made = Hashes::default();
        let mut batches = files::walk::Walk::through(folders, hands.services.config().settings.transfers.symlinks);
        while let Some(batch) = batches.next().await {
            let keys = batch.files.iter().filter_map(|file| self.key(&file.path));
            keys.for_each(|key| made.insert(&key));
        }
        made
    }

    async fn listed(&self, prefixes: Vec<String>, made: &Hashes) -> Result<Counted> {
        let sought = Arc::new(Sought { prefixes, keys: Vec::new() });
        let mut pages = beneath(&self.connection, sought, Place::Bucket(Markers::Kept));
        let mut counted = Counted::default();
        while let Some(found) = pages.next().await {
            let there = found?.targets.into_iter().filter(|target| made.contains(&target.key));
            there.for_each(|target| add(&mut counted, target.size.unwrap_or(0)));
        }
        Ok(counted)
    }
}

#[derive(Default)]
struct Hashes {
    of: RandomState,
    known: HashSet<u64>,
}

impl Hashes {
    fn insert(&mut self, key: &str) {
        self.known.insert(self.of.hash_one(key));
    }

    fn contains(&self, key: &str) -> bool {
        self.known.contains(&self.of.hash_one(key))
    }
}

async fn downloads(
    connection: &Arc<Connection>,
    prefixes: Vec<String>,
    objects: Vec<WantedObject>,
    base: &str,
    folder: PathBuf,
) -> Result<Counted> {
    let mut landing = look(move || Landing::foreseen(&folder)).await?;
    let mut counted = Counted::default();
    let sought = Arc::new(Sought { prefixes, keys: Vec::new() });
    let mut pages = beneath(connection, sought, Place::Bucket(Markers::LeftOut));
    while let Some(found) = pages.next().await {
        let name = |target: &Target| target.key.strip_prefix(base).unwrap_or(&target.key).to_owned();
        let (kept, there) = on_disk(found?.targets.iter().map(name).collect(), landing).await?;
        (landing, counted) = (kept, counted + there);
    }
    let (_, there) = on_disk(objects.into_iter().map(|object| object.name).collect(), landing).await?;
    Ok(counted + there)
}

/// What is there already of files of these names.
async fn on_disk(names: Vec<String>, mut landing: Landing) -> Result<(Landing, Counted)> {
    let looked = look(move || {
        let paths = landing.paths(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let facts = paths.into_iter().flatten().filter_map(|path| std::fs::symlink_metadata(path).ok());
        let mut counted = Counted::default();
        facts.for_each(|facts| add(&mut counted, facts.len()));
        (landing, counted)
    });
    looked.await
}

fn add(counted: &mut Counted, bytes: u64) {
    counted.objects += 1;
    counted.bytes += bytes;
}
