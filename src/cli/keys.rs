//! The keys that `download` and `rm` were given: as they are, or everything beneath a prefix.

use std::collections::HashSet;

use super::advice::usage;
use crate::catalog::RecordQuery;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Listed, Result};
use crate::storage::ListRequest;
use crate::transfer::Connection;

/// One object to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its key.
    pub key: String,
    /// Bytes, where known.
    pub size: Option<u64>,
}

/// What the arguments stand for.
#[derive(Debug, Default)]
pub struct Found {
    /// Each once, in the order of the arguments.
    pub targets: Vec<Target>,
    /// Arguments that stand for nothing.
    pub failures: Vec<Failure>,
}

impl Found {
    /// Bytes of everything whose size is known.
    pub fn bytes(&self) -> u64 {
        self.targets.iter().filter_map(|target| target.size).sum()
    }

    fn add_prefix(&mut self, prefix: &str, beneath: Vec<Target>) {
        if beneath.is_empty() {
            let what = format!("nothing begins with {}", display(prefix));
            self.failures.push(Failure::new(FailureKind::NotFound, what));
        }
        self.targets.extend(beneath);
    }

    fn each_once(mut self) -> Self {
        let mut seen = HashSet::new();
        self.targets.retain(|target| seen.insert(target.key.clone()));
        self
    }
}

/// What an argument is.
enum Argument<'a> {
    Key(&'a str),
    Prefix(&'a str),
}

fn read(argument: &str, recursive: bool) -> Result<Argument<'_>> {
    match (recursive, argument) {
        (_, "") => Err(usage("a key is empty", "name a key, or a prefix that ends in / with -r")),
        (true, prefix) if prefix.ends_with('/') => Ok(Argument::Prefix(prefix)),
        (_, key) => Ok(Argument::Key(key)),
    }
}

/// Zero-byte objects whose key ends in `/`, by which some tools remember a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markers {
    /// A delete takes them too.
    Kept,
    /// They are no files.
    LeftOut,
}

/// Keys as they are; prefixes by what the bucket holds.
///
/// # Errors
/// `Usage` for an empty key; why the bucket could not be listed.
pub async fn in_bucket(
    connection: &Connection,
    arguments: &[String],
    recursive: bool,
    markers: Markers,
) -> Result<Found> {
    let mut found = Found::default();
    for argument in arguments {
        match read(argument, recursive)? {
            Argument::Key(key) if markers == Markers::LeftOut && key.ends_with('/') => {
                return Err(usage(format!("{} is a prefix", display(key)), "-r takes everything that begins with it"));
            }
            Argument::Key(key) => found.targets.push(Target { key: key.into(), size: None }),
            Argument::Prefix(prefix) => {
                let mut beneath = objects(connection, prefix).await?;
                beneath.retain(|target| markers == Markers::Kept || !is_marker(target));
                found.add_prefix(prefix, beneath);
            }
        }
    }
    Ok(found.each_once())
}

fn is_marker(target: &Target) -> bool {
    target.key.ends_with('/') && target.size == Some(0)
}

/// Keys and prefixes by the records that the profile's user can see.
///
/// # Errors
/// `Usage` for an empty key; why the catalog could not be read.
pub async fn in_catalog(connection: &Connection, arguments: &[String], recursive: bool) -> Result<Found> {
    let mut found = Found::default();
    for argument in arguments {
        match read(argument, recursive)? {
            Argument::Key(key) => match connection.catalog.find(key, connection.profile.user_id.as_deref()).await? {
                Some(record) => found.targets.push(Target { key: record.key, size: record.size }),
                None => found.failures.push(no_record(key, recursive)),
            },
            Argument::Prefix(prefix) => found.add_prefix(prefix, records(connection, prefix).await?),
        }
    }
    Ok(found.each_once())
}

fn no_record(key: &str, recursive: bool) -> Failure {
    let what = format!("no record of {} is visible", display(key));
    let hint = if key.ends_with('/') && !recursive {
        "-r takes everything that begins with it"
    } else {
        "windlass rm --bucket deletes the object all the same; another user's record may exist"
    };
    Failure::new(FailureKind::NotFound, what).hint(hint)
}

async fn objects(connection: &Connection, prefix: &str) -> Result<Vec<Target>> {
    let mut request = ListRequest { prefix: prefix.into(), delimited: false, token: None, limit: 1000 };
    let mut targets = Vec::new();
    loop {
        let page = connection.store.list(&request).await?;
        targets.extend(page.entries.into_iter().filter_map(|entry| match entry {
            Listed::Object(object) => Some(Target { key: object.key, size: Some(object.size) }),
            Listed::Prefix(_) => None,
        }));
        match page.next {
            Some(next) => request.token = Some(next),
            None => return Ok(targets),
        }
    }
}

async fn records(connection: &Connection, prefix: &str) -> Result<Vec<Target>> {
    let user_id = connection.profile.user_id.clone();
    let mut query = RecordQuery { user_id, prefix: Some(prefix.into()), after: None, limit: 1000 };
    let mut targets = Vec::new();
    loop {
        let page = connection.catalog.page(&query).await?;
        targets.extend(page.records.into_iter().map(|record| Target { key: record.key, size: record.size }));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(targets),
        }
    }
}
