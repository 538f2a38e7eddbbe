//! The keys that `download`, `rm` and `record` were given: as they are, or everything beneath a prefix, page by page.

use std::collections::HashSet;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};

use super::advice::usage;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Record, Result};
use crate::transfer::Connection;
use crate::transfer::beneath::{Found, Markers, Nothing, Place, Sought, Target, beneath};

/// Keys that are asked for at once.
const LOOKS_AT_ONCE: usize = 16;

/// Keys that are looked at before the first of them are queued.
const KEYS_AT_ONCE: usize = 4 * LOOKS_AT_ONCE;

/// What somebody wants who names a prefix.
pub const WHOLE_PREFIX: &str = "-r takes everything that begins with it";

/// The keys and prefixes that the arguments are, each once.
///
/// # Errors
/// `Usage` for an argument that is neither.
pub fn read(arguments: &[String], recursive: bool, place: Place) -> Result<Sought> {
    let mut read = Sought::default();
    for argument in arguments {
        let is_prefix = argument.ends_with('/');
        match argument.as_str() {
            "" => return Err(usage("a key is empty", "name a key, or a prefix that ends in / with -r")),
            prefix if is_prefix && recursive => read.prefixes.push(prefix.into()),
            key if is_prefix && place == Place::Bucket(Markers::LeftOut) => {
                let what = format!("{} is a prefix", display(key));
                return Err(usage(what, WHOLE_PREFIX));
            }
            key => read.keys.push(key.into()),
        }
    }
    let mut seen = HashSet::new();
    read.keys.retain(|key| seen.insert(key.clone()));
    Ok(read)
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
    let sought = Arc::new(read(arguments, recursive, place)?);
    let some: Vec<Vec<String>> = sought.keys.chunks(KEYS_AT_ONCE).map(<[String]>::to_vec).collect();
    let keys = {
        let connection = connection.clone();
        stream::iter(some).then(move |some| {
            let connection = connection.clone();
            async move { keys(&connection, &some, recursive, place).await }
        })
    };
    Ok(keys.chain(beneath(connection, sought, place)).boxed())
}

async fn keys(connection: &Connection, keys: &[String], recursive: bool, place: Place) -> Result<Found> {
    let mut found = Found::default();
    let each = async |key: String| (key.clone(), one(connection, key, recursive, place).await);
    let mut looks = stream::iter(keys.to_vec()).map(each).buffered(LOOKS_AT_ONCE);
    while let Some((key, looked)) = looks.next().await {
        match looked? {
            Ok(target) => found.targets.push(target),
            Err(failure) => found.nothing.push(Nothing { key, failure }),
        }
    }
    Ok(found)
}

/// What one key stands for, or that it stands for nothing. An error ends the search.
async fn one(connection: &Connection, key: String, recursive: bool, place: Place) -> Result<Result<Target>> {
    match place {
        // The download finds out by itself.
        Place::Bucket(Markers::LeftOut) => Ok(Ok(Target { key: connection.store.own_key(key), size: None })),
        Place::Bucket(Markers::Kept) => Ok(in_bucket(connection, key, recursive).await),
        Place::Catalog => Ok(match record(connection, &key).await? {
            Some(record) => Ok(Target { key: record.key, size: record.size }),
            None => Err(no_record(&key, recursive)),
        }),
    }
}

/// An object, or the record of one that is gone. Where bucket or catalog cannot say, the delete itself will.
async fn in_bucket(connection: &Connection, key: String, recursive: bool) -> Result<Target> {
    let own = connection.store.own_key(key.clone());
    match connection.store.head(&own).await {
        Ok((object, _)) => Ok(Target { key: own, size: Some(object.size) }),
        Err(failure) if failure.kind == FailureKind::NotFound => match record(connection, &key).await {
            Ok(None) => Err(nothing(connection, &key, recursive)),
            Ok(Some(_)) | Err(_) => Ok(Target { key: own, size: None }),
        },
        Err(_) => Ok(Target { key: own, size: None }),
    }
}

/// The visible record of an object, in whatever form that has its key.
async fn record(connection: &Connection, key: &str) -> Result<Option<Record>> {
    for form in connection.store.forms(key) {
        let found = connection.catalog.find(&form, connection.profile.user_id.as_deref()).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn no_record(key: &str, recursive: bool) -> Failure {
    let what = format!("no record of {} is visible", display(key));
    let hint = if is_prefix(key, recursive) {
        WHOLE_PREFIX
    } else {
        "windlass rm --bucket deletes the object all the same; another user's record may exist"
    };
    Failure::new(FailureKind::NotFound, what).hint(hint)
}

fn nothing(connection: &Connection, key: &str, recursive: bool) -> Failure {
    let bucket = display(connection.profile.bucket());
    let what = format!("there is no object {} in bucket {bucket}, and no record of it is visible", display(key));
    let failure = Failure::new(FailureKind::NotFound, what);
    if is_prefix(key, recursive) { failure.hint(WHOLE_PREFIX) } else { failure }
}

fn is_prefix(key: &str, recursive: bool) -> bool {
    key.ends_with('/') && !recursive
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str], recursive: bool, place: Place) -> Result<Sought> {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        read(&arguments, recursive, place)
    }

    #[test]
    fn a_prefix_is_one_only_with_r() {
        let catalog = parsed(&["a/", "b"], true, Place::Catalog).unwrap();
        assert_eq!((catalog.keys, catalog.prefixes), (vec!["b".to_owned()], vec!["a/".to_owned()]));
        assert_eq!(parsed(&["a/"], false, Place::Catalog).unwrap().keys, ["a/"]);
        assert!(parsed(&["a/"], false, Place::Bucket(Markers::LeftOut)).is_err());
        assert!(parsed(&["a", ""], true, Place::Catalog).is_err());
    }

    #[test]
    fn a_key_that_is_named_twice_comes_once() {
        assert_eq!(parsed(&["a/b", "a/", "a/b"], true, Place::Bucket(Markers::Kept)).unwrap().keys, ["a/b"]);
    }
}
