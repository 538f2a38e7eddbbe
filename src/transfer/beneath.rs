//! Everything beneath prefixes, by what the bucket holds or by the records that can be seen: page by page, each key once.
//! The command line and the screen look for their downloads and deletes here.

use std::collections::HashSet;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};

use super::pages::{self, Pages};
use super::{Connection, NewTransfer};
use crate::catalog::RecordQuery;
use crate::domain::display::display;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Failure, FailureKind, ObjectInfo, Record, Result, TransferKind};

/// Keys that the catalog is asked about by one statement.
const KEYS_AT_ONCE: usize = 1000;

/// One object to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its key.
    pub key: String,
    /// Bytes, where known.
    pub size: Option<u64>,
}

impl Target {
    /// The transfer that deletes it; `without_record` also where no visible record holds the key.
    pub fn delete(self, profile: &Arc<ProfileIdentity>, without_record: bool) -> NewTransfer {
        NewTransfer {
            size: self.size,
            without_record,
            ..NewTransfer::new(TransferKind::Delete, profile.clone(), self.key)
        }
    }

    /// The transfer that writes its record.
    pub fn record(self, profile: &Arc<ProfileIdentity>) -> NewTransfer {
        NewTransfer { size: self.size, ..NewTransfer::new(TransferKind::Request, profile.clone(), self.key) }
    }
}

/// What was found since the last time.
#[derive(Debug, Default, PartialEq)]
pub struct Found {
    /// Objects; each key comes once in a whole search.
    pub targets: Vec<Target>,
    /// Keys and prefixes that stand for nothing.
    pub nothing: Vec<Nothing>,
}

/// A key or prefix that stands for nothing.
#[derive(Debug, PartialEq)]
pub struct Nothing {
    /// As it was asked for.
    pub key: String,
    /// Why.
    pub failure: Failure,
}

impl Found {
    /// Both together.
    pub fn add(&mut self, more: Self) {
        self.targets.extend(more.targets);
        self.nothing.extend(more.nothing);
    }
}

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// What the bucket holds.
    Bucket(Markers),
    /// The records that the profile's user can see.
    Catalog,
}

impl Place {
    /// Whether what was found there is wanted.
    fn takes(self, target: &Target) -> bool {
        self != Self::Bucket(Markers::LeftOut) || !is_marker(target)
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

/// What is looked for.
#[derive(Debug, Default, PartialEq)]
pub struct Sought {
    /// Keys that somebody else brings: they are left out here.
    pub keys: Vec<String>,
    /// Prefixes that may lie in each other.
    pub prefixes: Vec<String>,
}

impl Sought {
    /// Whether a key beneath the prefix of that number comes from elsewhere too.
    fn has_elsewhere(&self, number: usize, key: &str) -> bool {
        self.keys.iter().any(|other| other == key)
            || self.prefixes.iter().take(number).any(|prefix| key.starts_with(prefix.as_str()))
    }
}

/// Everything beneath the prefixes, one after the other, and a failure for each where that is nothing. An error ends the
/// search.
pub fn beneath(connection: &Arc<Connection>, sought: Arc<Sought>, place: Place) -> BoxStream<'static, Result<Found>> {
    let connection = connection.clone();
    let numbers = stream::iter(0..sought.prefixes.len());
    numbers.flat_map(move |number| one(connection.clone(), sought.clone(), number, place)).boxed()
}

/// Those of these that somebody has a record of, as far as that can be seen.
///
/// # Errors
/// The catalog's.
pub async fn known(connection: &Connection, targets: &[Target]) -> Result<HashSet<String>> {
    let mut known = HashSet::new();
    for targets in targets.chunks(KEYS_AT_ONCE) {
        let keys: Vec<String> = targets.iter().map(|target| target.key.clone()).collect();
        known.extend(connection.catalog.known(&keys, None).await?);
    }
    Ok(known)
}

/// How far the search beneath one prefix is.
enum Step {
    /// Nothing was found yet.
    Empty(Pages<Target>),
    /// Something was.
    Some(Pages<Target>),
    /// There is no more.
    Over,
}

fn one(
    connection: Arc<Connection>,
    sought: Arc<Sought>,
    number: usize,
    place: Place,
) -> BoxStream<'static, Result<Found>> {
    let prefix = sought.prefixes.get(number).cloned().unwrap_or_default();
    let pages = targets(connection, &prefix, place);
    let next = move |step: Step| {
        let (sought, prefix) = (sought.clone(), prefix.clone());
        async move {
            let (mut pages, any) = match step {
                Step::Empty(pages) => (pages, false),
                Step::Some(pages) => (pages, true),
                Step::Over => return None,
            };
            match pages.next().await {
                Some(Ok(mut targets)) => {
                    let any = any || !targets.is_empty();
                    targets.retain(|target| place.takes(target) && !sought.has_elsewhere(number, &target.key));
                    let step = if any { Step::Some(pages) } else { Step::Empty(pages) };
                    Some((Ok(Found { targets, nothing: Vec::new() }), step))
                }
                Some(Err(failure)) => Some((Err(failure), Step::Over)),
                None if any => None,
                None => Some((Ok(nothing(&prefix)), Step::Over)),
            }
        }
    };
    stream::unfold(Step::Empty(pages), next).boxed()
}

fn nothing(prefix: &str) -> Found {
    let what = format!("nothing begins with {}", display(prefix));
    let failure = Failure::new(FailureKind::NotFound, what);
    Found { targets: Vec::new(), nothing: vec![Nothing { key: prefix.to_owned(), failure }] }
}

fn targets(connection: Arc<Connection>, prefix: &str, place: Place) -> Pages<Target> {
    match place {
        Place::Bucket(_) => {
            let of_object = |object: ObjectInfo| Target { key: object.key, size: Some(object.size) };
            pages::objects(connection, prefix, u64::MAX)
                .map(move |page| Ok(page?.into_iter().map(of_object).collect()))
                .boxed()
        }
        Place::Catalog => {
            let user_id = connection.profile.user_id.clone();
            let query = RecordQuery { user_id, prefix: Some(prefix.into()), ..RecordQuery::default() };
            let of_record = |record: Record| Target { key: record.key, size: record.size };
            pages::records(connection, query, u64::MAX)
                .map(move |page| Ok(page?.into_iter().map(of_record).collect()))
                .boxed()
        }
    }
}

fn is_marker(target: &Target) -> bool {
    target.key.ends_with('/') && target.size == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_arguments_stand_for_comes_once() {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let sought = Sought { keys: owned(&["a/b"]), prefixes: owned(&["a/", "a/b/"]) };
        assert!(sought.has_elsewhere(0, "a/b") && !sought.has_elsewhere(0, "a/c"));
        assert!(sought.has_elsewhere(1, "a/b/c"), "a/ brings it already");
    }

    #[test]
    fn a_marker_is_an_empty_object_that_is_named_like_a_folder() {
        let target = |key: &str, size| Target { key: key.into(), size: Some(size) };
        assert!(is_marker(&target("a/", 0)) && !is_marker(&target("a/", 1)) && !is_marker(&target("a", 0)));
    }
}
