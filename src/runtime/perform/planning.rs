//! Looking at jobs before they are queued: which keys and files they get, and what is there already. What cannot be
//! looked at in time counts as free, because the transfer refuses to replace anything by itself.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use uuid::Uuid;

use super::Hands;
use super::reading::stopped;
use crate::app::effect::{Job, Naming, PlannedJob, SaveTo, SourceFile, Taken, WantedObject};
use crate::app::{Answer, Plan};
use crate::domain::key::{self, TemplateValues};
use crate::domain::transfer::{OnConflict, ProfileIdentity};
use crate::domain::{Failure, FailureKind, Result, TransferKind};
use crate::files::landing::Landing;
use crate::storage::ObjectStore;

/// Keys that are asked for at once.
const LOOKS_AT_ONCE: usize = 16;

/// How long the bucket may take to say whether a key is taken.
const LOOKS_WITHIN: Duration = Duration::from_secs(5);

/// The key that a template makes now.
pub(super) fn make_key(template: &str, prefix: &str, name: &str) -> Result<String> {
    key::from_template(template, &TemplateValues { prefix, name, uuid: Uuid::new_v4(), now: Utc::now() })
}

/// Keys for files, and which of them are taken.
pub(super) async fn upload(
    hands: Hands,
    profile: Arc<ProfileIdentity>,
    files: Vec<SourceFile>,
    naming: Naming,
) -> Answer {
    let connection = match hands.connect_told(&profile).await {
        Ok(connection) => connection,
        Err(failure) => return Answer::Planned(Err(failure)),
    };
    let store = &*connection.store;
    let fresh = always_fresh(&naming);
    let mut plan = Plan::default();
    let mut keys = key::Distinct::default();
    let keyed = files.into_iter().map(|file| {
        let key = key_for(&naming, &file.name).map(|key| store.own_key(key));
        let key = key.and_then(|key| keys.admit(key, &file.name));
        (key, file)
    });
    let mut looks = futures::stream::iter(keyed)
        .map(|(key, file)| async move {
            let key = key?;
            let taken = if fresh { None } else { look(store, &key).await? };
            let modified = if taken.is_some() { written(&file.path).await } else { None };
            Ok(PlannedJob { job: upload_job(file, key), taken, modified })
        })
        .buffered(LOOKS_AT_ONCE);
    while let Some(looked) = looks.next().await {
        match looked {
            Ok(job) => plan.jobs.push(job),
            Err(failure) => plan.refused.push(failure),
        }
    }
    Answer::Planned(Ok(plan))
}

/// Whether no key can be taken, since each is a new one.
fn always_fresh(naming: &Naming) -> bool {
    matches!(naming, Naming::Template { template, .. } if key::is_fresh(template))
}

fn key_for(naming: &Naming, name: &str) -> Result<String> {
    match naming {
        Naming::Key(key) => key::check_new(key).map(|()| key.clone()),
        Naming::Template { template, prefix } => make_key(template, prefix, name),
    }
}

async fn look(store: &dyn ObjectStore, key: &str) -> Result<Option<Taken>> {
    match tokio::time::timeout(LOOKS_WITHIN, store.head(key)).await {
        Ok(Ok((object, _))) => Ok(Some(Taken { size: Some(object.size), modified: object.modified })),
        Ok(Err(failure)) if counts_as_free(&failure) => Ok(None),
        Ok(Err(failure)) => Err(failure),
        Err(_elapsed) => Ok(None),
    }
}

/// When a file was last written. Of one that cannot be looked at it is not told; sending it says why.
async fn written(path: &Path) -> Option<DateTime<Utc>> {
    tokio::fs::metadata(path).await.and_then(|facts| facts.modified()).ok().map(DateTime::from)
}

/// Whether a failed look is no reason to refuse: without the right to list, S3 answers "denied" for a key that is free
/// (HeadObject, "If you do not have the s3:ListBucket permission"), and the transfer itself replaces nothing. With wrong
/// credentials it is queued and waits with its profile, which is said once.
fn counts_as_free(failure: &Failure) -> bool {
    let hides = matches!(failure.kind, FailureKind::NotFound | FailureKind::Denied | FailureKind::Credentials);
    hides || failure.is_transient()
}

fn upload_job(file: SourceFile, key: String) -> Job {
    Job {
        kind: TransferKind::Upload,
        key,
        path: Some(file.path),
        size: file.size,
        on_conflict: OnConflict::Refuse,
        without_record: false,
    }
}

/// Local paths for objects, and which of them are taken.
pub(super) async fn download(objects: Vec<WantedObject>, to: SaveTo) -> Answer {
    let planned = tokio::task::spawn_blocking(move || plan_download(objects, &to)).await;
    Answer::Planned(planned.map_err(|gone| stopped(&gone)))
}

fn plan_download(objects: Vec<WantedObject>, to: &SaveTo) -> Plan {
    let mut plan = Plan::default();
    let paths = paths_for(&objects, to);
    for (object, path) in objects.into_iter().zip(paths) {
        match path.and_then(|path| Ok((taken(&path)?, path))) {
            Ok((taken, path)) => {
                let modified = object.modified;
                plan.jobs.push(PlannedJob { job: download_job(object, path), taken, modified });
            }
            Err(failure) => plan.refused.push(failure),
        }
    }
    plan
}

fn paths_for(objects: &[WantedObject], to: &SaveTo) -> Vec<Result<PathBuf>> {
    match to {
        SaveTo::Folder(folder) => {
            let mut used = HashSet::new();
            let names: Vec<String> = objects.iter().map(|object| unused(&object.name, &mut used)).collect();
            Landing::at(folder).paths(&names.iter().map(String::as_str).collect::<Vec<_>>())
        }
        SaveTo::File(path) => objects.iter().map(|_| Ok(path.clone())).collect(),
    }
}

/// Objects of different prefixes may share a name; those that come later are numbered.
fn unused(name: &str, used: &mut HashSet<String>) -> String {
    let numbered = |number| if number == 1 { name.to_owned() } else { key::numbered(name, number) };
    let free = (1..).map(numbered).find(|candidate| !used.contains(candidate)).unwrap_or_else(|| name.to_owned());
    used.insert(free.clone());
    free
}

/// What is at a path, without following a link: that one would be replaced too.
fn taken(path: &Path) -> Result<Option<Taken>> {
    match std::fs::symlink_metadata(path) {
        Ok(facts) if facts.is_dir() => {
            let what = format!("{} is a folder", crate::domain::display::display_path(path));
            Err(Failure::new(FailureKind::Exists, what).hint("save it under another name (S)"))
        }
        Ok(facts) => {
            let modified = facts.modified().ok().map(DateTime::<Utc>::from);
            Ok(Some(Taken { size: Some(facts.len()), modified }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("look at", path, &error)),
    }
}

fn download_job(object: WantedObject, path: PathBuf) -> Job {
    Job {
        kind: TransferKind::Download,
        key: object.key,
        path: Some(path),
        size: object.size,
        on_conflict: OnConflict::Refuse,
        without_record: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_told_with_what_would_come() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "12345").unwrap();
        let uploaded = DateTime::from_timestamp(1_700_000_000, 0);
        let object = WantedObject { modified: uploaded, ..wanted("x/a", "a") };
        let plan = plan_download(vec![object], &SaveTo::Folder(folder.path().into()));
        let taken = plan.jobs[0].taken.as_ref().unwrap();
        assert_eq!((taken.size, plan.jobs[0].job.size, plan.jobs[0].modified), (Some(5), Some(1), uploaded));
        assert!(taken.modified.is_some());
    }

    fn wanted(key: &str, name: &str) -> WantedObject {
        WantedObject { key: key.into(), name: name.into(), size: Some(1), modified: None }
    }

    #[test]
    fn a_download_says_what_is_there_and_refuses_unsafe_names() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("there"), b"123").unwrap();
        let objects = vec![wanted("a/there", "there"), wanted("b/there", "there"), wanted("c", "../c")];
        let plan = plan_download(objects, &SaveTo::Folder(folder.path().into()));
        assert_eq!(plan.jobs[0].taken.as_ref().unwrap().size, Some(3));
        assert_eq!(plan.jobs[1].job.path, Some(folder.path().join("there (2)")));
        assert_eq!(plan.jobs[1].taken, None);
        assert!(plan.refused[0].sentence().contains("../c"), "{:?}", plan.refused);
    }

    #[test]
    fn a_template_that_makes_new_keys_only_is_never_looked_up() {
        let naming = |template: &str| Naming::Template { template: template.into(), prefix: String::new() };
        assert!(always_fresh(&naming("{uuid}-{name}")) && !always_fresh(&naming("{prefix}{name}")));
        assert!(always_fresh(&naming("{millis}-{name}")), "as the question before whole folders has it");
        assert!(!always_fresh(&Naming::Key("a".into())));
    }

    #[test]
    fn a_key_that_may_not_be_looked_at_counts_as_free_and_a_broken_answer_does_not() {
        let free = |kind| counts_as_free(&Failure::new(kind, "no"));
        assert!(free(FailureKind::NotFound) && free(FailureKind::Denied) && free(FailureKind::Credentials));
        assert!(!free(FailureKind::Usage) && !free(FailureKind::Internal));
    }
}
