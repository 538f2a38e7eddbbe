//! The keys that `download` and `rm` were given: as they are, or everything beneath a prefix, page by page.

use std::collections::HashSet;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};

use super::advice::usage;
use super::pages;
use crate::catalog::RecordQuery;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result};
use crate::transfer::Connection;

/// One object to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its key.
    pub key: String,
    /// Bytes, where known.
    pub size: Option<u64>,
}

/// What was found since the last time.
#[derive(Debug, Default, PartialEq)]
pub struct Found {
    /// Objects; each key comes once in a whole search.
    pub targets: Vec<Target>,
    /// Arguments that stand for nothing.
    pub failures: Vec<Failure>,
}

impl Found {
    /// Both together.
    pub fn add(&mut self, more: Self) {
        self.targets.extend(more.targets);
        self.failures.extend(more.failures);
    }
}

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Keys as they are, prefixes by what the bucket holds.
    Bucket(Markers),
    /// By the records that the profile's user can see.
    Catalog,
}

/// Zero-byte objects whose key ends in `/`, by which some tools remember a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markers {
    /// A delete takes them too.
    Kept,
    /// They are no files.
    LeftOut,
}

/// The arguments, read.
#[derive(Debug, Default, PartialEq)]
struct Arguments {
    keys: Vec<String>,
    prefixes: Vec<String>,
}

impl Arguments {
    fn read(arguments: &[String], recursive: bool, place: Place) -> Result<Self> {
        let mut read = Self::default();
        for argument in arguments {
            let is_prefix = argument.ends_with('/');
            match argument.as_str() {
                "" => return Err(usage("a key is empty", "name a key, or a prefix that ends in / with -r")),
                prefix if is_prefix && recursive => read.prefixes.push(prefix.into()),
                key if is_prefix && place == Place::Bucket(Markers::LeftOut) => {
                    let what = format!("{} is a prefix", display(key));
                    return Err(usage(what, "-r takes everything that begins with it"));
                }
                key => read.keys.push(key.into()),
            }
        }
        let mut seen = HashSet::new();
        read.keys.retain(|key| seen.insert(key.clone()));
        Ok(read)
    }

    /// Whether a key beneath the prefix of that number comes from elsewhere too.
    fn has_elsewhere(&self, number: usize, key: &str) -> bool {
        self.keys.iter().any(|other| other == key)
            || self.prefixes.iter().take(number).any(|prefix| key.starts_with(prefix.as_str()))
    }
}

/// Everything that the arguments stand for: the keys, then what is beneath the prefixes. An error ends the search.
///
/// # Errors
/// `Usage` for an argument that is neither a key nor a prefix.
pub fn search(
    connection: &Arc<Connection>,
    arguments: &[String],
    recursive: bool,
    place: Place,
) -> Result<BoxStream<'static, Result<Found>>> {
    let arguments = Arc::new(Arguments::read(arguments, recursive, place)?);
    let keys = {
        let (connection, arguments) = (connection.clone(), arguments.clone());
        stream::once(async move { keys(&connection, &arguments.keys, recursive, place).await })
    };
    let connection = connection.clone();
    let prefixes = stream::iter(0..arguments.prefixes.len())
        .flat_map(move |number| beneath(connection.clone(), arguments.clone(), number, place));
    Ok(keys.chain(prefixes).boxed())
}

async fn keys(connection: &Connection, keys: &[String], recursive: bool, place: Place) -> Result<Found> {
    let mut found = Found::default();
    for key in keys {
        if place != Place::Catalog {
            found.targets.push(Target { key: key.clone(), size: None });
            continue;
        }
        match connection.catalog.find(key, connection.profile.user_id.as_deref()).await? {
            Some(record) => found.targets.push(Target { key: record.key, size: record.size }),
            None => found.failures.push(no_record(key, recursive)),
        }
    }
    Ok(found)
}

/// What is beneath a prefix, and a failure where that is nothing.
fn beneath(
    connection: Arc<Connection>,
    arguments: Arc<Arguments>,
    number: usize,
    place: Place,
) -> BoxStream<'static, Result<Found>> {
    let prefix = arguments.prefixes[number].clone();
    let pages = targets(connection, &prefix, place);
    let next = move |(mut pages, any): (pages::Pages<Target>, Option<bool>)| {
        let (arguments, prefix) = (arguments.clone(), prefix.clone());
        async move {
            let any = any?;
            match pages.next().await {
                Some(Ok(mut targets)) => {
                    let any = any || !targets.is_empty();
                    targets.retain(|target| !arguments.has_elsewhere(number, &target.key));
                    Some((Ok(Found { targets, failures: Vec::new() }), (pages, Some(any))))
                }
                Some(Err(failure)) => Some((Err(failure), (pages, None))),
                None if any => None,
                None => {
                    let what = format!("nothing begins with {}", display(&prefix));
                    let failures = vec![Failure::new(FailureKind::NotFound, what)];
                    Some((Ok(Found { targets: Vec::new(), failures }), (pages, None)))
                }
            }
        }
    };
    stream::unfold((pages, Some(false)), next).boxed()
}

fn targets(connection: Arc<Connection>, prefix: &str, place: Place) -> pages::Pages<Target> {
    match place {
        Place::Bucket(markers) => {
            let is_wanted = move |target: &Target| markers == Markers::Kept || !is_marker(target);
            let of_object = |object: crate::domain::ObjectInfo| Target { key: object.key, size: Some(object.size) };
            pages::objects(connection, prefix, u64::MAX)
                .map(move |page| Ok(page?.into_iter().map(of_object).filter(is_wanted).collect()))
                .boxed()
        }
        Place::Catalog => {
            let user_id = connection.profile.user_id.clone();
            let query = RecordQuery { user_id, prefix: Some(prefix.into()), after: None, limit: 0 };
            let of_record = |record: crate::domain::Record| Target { key: record.key, size: record.size };
            pages::records(connection, query, u64::MAX)
                .map(move |page| Ok(page?.into_iter().map(of_record).collect()))
                .boxed()
        }
    }
}

fn is_marker(target: &Target) -> bool {
    target.key.ends_with('/') && target.size == Some(0)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str], recursive: bool, place: Place) -> Result<Arguments> {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Arguments::read(&arguments, recursive, place)
    }

    #[test]
    fn a_prefix_is_one_only_with_r() {
        let catalog = read(&["a/", "b"], true, Place::Catalog).unwrap();
        assert_eq!((catalog.keys, catalog.prefixes), (vec!["b".to_owned()], vec!["a/".to_owned()]));
        assert_eq!(read(&["a/"], false, Place::Catalog).unwrap().keys, ["a/"]);
        assert!(read(&["a/"], false, Place::Bucket(Markers::LeftOut)).is_err());
        assert!(read(&["a", ""], true, Place::Catalog).is_err());
    }

    #[test]
    fn what_two_arguments_stand_for_comes_once() {
        let arguments = read(&["a/b", "a/", "a/b/", "a/b"], true, Place::Bucket(Markers::Kept)).unwrap();
        assert_eq!(arguments.keys, ["a/b"]);
        assert!(arguments.has_elsewhere(0, "a/b") && !arguments.has_elsewhere(0, "a/c"));
        assert!(arguments.has_elsewhere(1, "a/b/c"), "a/ brings it already");
    }
}
