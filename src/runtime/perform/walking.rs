//! Whole folders and prefixes: found beside the loop, and queued batch by batch while the rest is still being found, so
//! that neither memory nor the first transfer waits for the last file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use futures::StreamExt;

use super::{Arrival, Hands};
use crate::app::effect::{RequestId, Walk, WantedObject};
use crate::app::{Answer, Found, Message};
use crate::domain::display::display_path;
use crate::domain::key;
use crate::domain::transfer::{OnConflict, ProfileIdentity};
use crate::domain::{Failure, FailureKind, Result, TransferKind};
use crate::files;
use crate::files::landing::Landing;
use crate::files::walk::EmptyFolder;
use crate::transfer::beneath::{self, Markers, Place, Sought, Target, beneath, known};
use crate::transfer::hidden::hidden;
use crate::transfer::plan::FOLDER;
use crate::transfer::{Connection, NewTransfer, Queue};

/// Refusals that are kept to be said; the others are counted.
const KEPT: usize = 50;

/// Finds and queues everything.
pub(super) async fn walk(
    hands: Hands,
    request: RequestId,
    profile: Arc<ProfileIdentity>,
    walk: Walk,
    on_conflict: OnConflict,
) -> Answer {
    let found = async {
        let connection = hands.connect_told(&profile).await?;
        let queue = hands.queue.get().await?;
        let _totals_are_at_least = queue.walking();
        let mut finder = Finder { hands, request, connection, queue, on_conflict, found: Found::default() };
        match walk {
            Walk::Upload { paths, prefix, template } => {
                for (base, paths) in by_folder(paths) {
                    finder.folders(paths, &base, &prefix, &template).await?;
                }
            }
            Walk::Download { prefixes, objects, base, folder } => {
                let landing = look(move || Landing::at(&folder)).await?;
                let landing = finder.downloads(prefixes, &base, landing).await?;
                finder.beside(objects, landing).await?;
            }
            Walk::Delete { prefixes, objects } => finder.deletes(prefixes, objects).await?,
            Walk::Record { prefixes, objects } => finder.records(prefixes, objects).await?,
            Walk::Purge { prefix } => finder.purges(&prefix).await?,
        }
        Ok(finder.found)
    };
    Answer::Walked(found.await)
}

struct Finder {
    hands: Hands,
    request: RequestId,
    connection: Arc<Connection>,
    queue: Arc<Queue>,
    on_conflict: OnConflict,
    found: Found,
}

impl Finder {
    async fn folders(&mut self, paths: Vec<PathBuf>, base: &Path, prefix: &str, template: &str) -> Result<()> {
        let config = self.hands.services.config();
        let settings = &config.settings.transfers;
        let (markers, symlinks) = (settings.empty_folders, settings.symlinks);
        let mut batches = files::walk::Walk::through(paths, symlinks);
        while let Some(batch) = batches.next().await {
            batch.failures.into_iter().for_each(|failure| self.refuse(failure));
            let made = batch.files.into_iter().map(|file| self.upload(file, base, prefix, template));
            let folders = batch.empty_folders.into_iter().filter(|_| markers);
            let folders = folders.filter_map(|folder| self.marker(folder, base, prefix, template).transpose());
            let made: Vec<Result<NewTransfer>> = made.chain(folders).collect();
            self.take(made).await?;
        }
        Ok(())
    }

    fn upload(&self, file: files::walk::File, base: &Path, prefix: &str, template: &str) -> Result<NewTransfer> {
        let key = key::below(template, prefix, below(base, &file.path)?, uuid::Uuid::new_v4(), Utc::now())?;
        Ok(self.job(TransferKind::Upload, self.connection.store.own_key(key), file.path, Some(file.size)))
    }

    /// What remembers an empty folder; one that is there already is as good as a new one.
    fn marker(&self, folder: EmptyFolder, base: &Path, prefix: &str, template: &str) -> Result<Option<NewTransfer>> {
        let Some(key) = key::marker(template, prefix, below(base, &folder.path)?)? else { return Ok(None) };
        let job = self.job(TransferKind::Upload, self.connection.store.own_key(key), folder.path, Some(0));
        let on_conflict = if job.on_conflict == OnConflict::Refuse { OnConflict::Skip } else { job.on_conflict };
        Ok(Some(NewTransfer { content_type: Some(FOLDER.into()), on_conflict, ..job }))
    }

    async fn downloads(&mut self, prefixes: Vec<String>, base: &str, mut landing: Landing) -> Result<Landing> {
        let sought = Arc::new(Sought { prefixes, keys: Vec::new() });
        let mut pages = beneath(&self.connection, sought, Place::Bucket(Markers::LeftOut));
        while let Some(found) = pages.next().await {
            let targets = self.targets(found?);
            let name = |target: &Target| target.key.strip_prefix(base).unwrap_or(&target.key).to_owned();
            let (kept, paths) = land(targets.iter().map(name).collect(), landing).await?;
            landing = kept;
            let made = targets.into_iter().zip(paths);
            let job = |(target, path): (Target, Result<PathBuf>)| {
                Ok(self.job(TransferKind::Download, target.key, path?, target.size))
            };
            let made: Vec<Result<NewTransfer>> = made.map(job).collect();
            self.take(made).await?;
        }
        Ok(landing)
    }

    /// What was found; what stands for nothing is refused.
    fn targets(&mut self, found: beneath::Found) -> Vec<Target> {
        found.nothing.into_iter().for_each(|nothing| self.refuse(nothing.failure));
        found.targets
    }

    /// Objects that were chosen with the prefixes. They come last: a file gives way to a folder of its name.
    async fn beside(&mut self, objects: Vec<WantedObject>, landing: Landing) -> Result<()> {
        let names = objects.iter().map(|object| object.name.clone()).collect();
        let (_, paths) = land(names, landing).await?;
        let made = objects.into_iter().zip(paths);
        let job = |(object, path): (WantedObject, Result<PathBuf>)| {
            Ok(self.job(TransferKind::Download, object.key, path?, object.size))
        };
        let made: Vec<Result<NewTransfer>> = made.map(job).collect();
        self.take(made).await
    }

    /// Objects, then everything beneath prefixes, where nobody has a record of it.
    async fn records(&mut self, prefixes: Vec<String>, objects: Vec<WantedObject>) -> Result<()> {
        let mut pages = with_beside(&self.connection, prefixes, objects, Markers::LeftOut);
        while let Some(found) = pages.next().await {
            let targets = self.targets(found?);
            let known = known(&self.connection, &targets).await?;
            let unknown = targets.into_iter().filter(|target| !known.contains(&target.key));
            let jobs = unknown.map(|target| Ok(target.record(&self.connection.identity)));
            self.take(jobs.collect()).await?;
        }
        Ok(())
    }

    /// Objects, then everything beneath prefixes: a record is no condition, since it was the bucket that was looked at.
    async fn deletes(&mut self, prefixes: Vec<String>, objects: Vec<WantedObject>) -> Result<()> {
        let mut pages = with_beside(&self.connection, prefixes, objects, Markers::Kept);
        while let Some(found) = pages.next().await {
            let targets = self.targets(found?);
            let jobs = targets.into_iter().map(|target| Ok(target.delete(&self.connection.identity, true)));
            self.take(jobs.collect()).await?;
        }
        Ok(())
    }

    /// What is hidden, key by key.
    async fn purges(&mut self, prefix: &str) -> Result<()> {
        let mut pages = hidden(&self.connection, prefix);
        while let Some(found) = pages.next().await {
            let jobs = found?.into_iter().map(|hidden| Ok(hidden.purge(&self.connection.identity)));
            self.take(jobs.collect()).await?;
        }
        Ok(())
    }

    fn job(&self, kind: TransferKind, key: String, path: PathBuf, size: Option<u64>) -> NewTransfer {
        NewTransfer {
            path: Some(path),
            size,
            on_conflict: self.on_conflict,
            ..NewTransfer::new(kind, self.connection.identity.clone(), key)
        }
    }

    fn refuse(&mut self, failure: Failure) {
        self.found.refused += 1;
        if self.found.why.len() < KEPT {
            self.found.why.push(failure);
        }
    }

    /// Queues a batch and says so.
    async fn take(&mut self, made: Vec<Result<NewTransfer>>) -> Result<()> {
        let mut jobs = Vec::with_capacity(made.len());
        for job in made {
            match job {
                Ok(job) => jobs.push(job),
                Err(failure) => self.refuse(failure),
            }
        }
        self.found = self.enqueue(jobs).await?;
        Ok(())
    }

    /// A batch that has begun to enter the journal enters it whole, and is counted, even if somebody stops the walk
    /// meanwhile.
    async fn enqueue(&self, jobs: Vec<NewTransfer>) -> Result<Found> {
        let (queue, entering) = (self.queue.clone(), self.hands.queue.entering());
        let (inbox, request, mut found) = (self.hands.inbox.clone(), self.request, self.found.clone());
        let entered = tokio::spawn(async move {
            let bytes: u64 = jobs.iter().filter_map(|job| job.size).sum();
            let mut queued = Vec::new();
            if !jobs.is_empty() {
                queued = queue.enqueue(jobs).await?;
                found.queued += queued.len();
                found.bytes += bytes;
            }
            drop(entering);
            let message = Message::Walking { request, found: found.clone(), queued, now: Utc::now() };
            // A closed inbox means that the screen is gone, and nobody is left to tell.
            let _screen_gone = inbox.send(Arrival::Message(Box::new(message))).await;
            Ok(found)
        });
        entered.await.map_err(|gone| super::reading::stopped(&gone))?
    }
}

/// These objects, then everything beneath the prefixes as the bucket has it.
pub(super) fn with_beside(
    connection: &Arc<Connection>,
    prefixes: Vec<String>,
    objects: Vec<WantedObject>,
    markers: Markers,
) -> impl futures::Stream<Item = Result<beneath::Found>> + Unpin + use<> {
    let beside = objects.into_iter().map(|object| Target { key: object.key, size: object.size }).collect();
    let beside = beneath::Found { targets: beside, nothing: Vec::new() };
    let sought = Arc::new(Sought { prefixes, keys: Vec::new() });
    futures::stream::iter([Ok(beside)]).chain(beneath(connection, sought, Place::Bucket(markers)))
}

/// Where objects of these names go.
async fn land(names: Vec<String>, mut landing: Landing) -> Result<(Landing, Vec<Result<PathBuf>>)> {
    let looked = look(move || {
        let paths = landing.paths(&names.iter().map(String::as_str).collect::<Vec<_>>());
        (landing, paths)
    });
    looked.await
}

/// Looks at the disk beside the loop.
pub(super) async fn look<T: Send + 'static>(at: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(at).await.map_err(|gone| super::reading::stopped(&gone))
}

/// Paths with the folders that they are in, from where their keys are named: what is pasted may be from several.
pub(super) fn by_folder(paths: Vec<PathBuf>) -> Vec<(PathBuf, Vec<PathBuf>)> {
    let mut folders: Vec<(PathBuf, Vec<PathBuf>)> = Vec::new();
    for path in paths {
        let base = path.parent().unwrap_or(&path).to_path_buf();
        match folders.iter_mut().find(|(folder, _)| *folder == base) {
            Some((_, among)) => among.push(path),
            None => folders.push((base, vec![path])),
        }
    }
    folders
}

/// A path below the folder that was chosen, with `/`.
pub(super) fn below<'a>(base: &Path, path: &'a Path) -> Result<&'a str> {
    path.strip_prefix(base).ok().and_then(Path::to_str).ok_or_else(|| outside(path))
}

fn outside(path: &Path) -> Failure {
    Failure::new(FailureKind::Internal, format!("{} is not below the folder that was chosen", display_path(path)))
}
