//! The keys of which a bucket keeps versions, for `rm --versions`: what was deleted and is only hidden is in no listing and
//! in no record, so that it is looked for among the versions themselves, page by page.

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};

use super::advice::usage;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result, Version};
use crate::transfer::Connection;
use crate::transfer::beneath::{Found, Nothing, Target};

/// Keys with versions: those that were named, and with `recursive` those beneath prefixes that end in `/`. An error ends
/// the search.
///
/// # Errors
/// `Usage` for an empty argument, `Unsupported` where the bucket keeps no versions.
pub fn search(
    connection: &Arc<Connection>,
    arguments: &[String],
    recursive: bool,
) -> Result<BoxStream<'static, Result<Found>>> {
    connection.store.check(&|can| can.versions)?;
    if arguments.iter().any(String::is_empty) {
        return Err(usage("a key is empty", "name a key, or a prefix that ends in / with -r"));
    }
    let searches: Vec<Looking> =
        arguments.iter().map(|argument| Looking::new(connection, argument, recursive)).collect();
    let each = |looking| stream::unfold(Some(looking), |looking| async { Looking::next(looking?).await });
    Ok(stream::iter(searches).flat_map(each).boxed())
}

/// A search beneath one argument.
struct Looking {
    connection: Arc<Connection>,
    argument: String,
    beneath: bool,
    from: Option<String>,
    /// The last key so far: more of its versions may be on the next page.
    last: Option<Target>,
    found_any: bool,
}

impl Looking {
    fn new(connection: &Arc<Connection>, argument: &str, recursive: bool) -> Self {
        Self {
            connection: connection.clone(),
            argument: argument.to_owned(),
            beneath: recursive && argument.ends_with('/'),
            from: None,
            last: None,
            found_any: false,
        }
    }

    /// What the next page has, and the search for what comes then.
    async fn next(mut self) -> Option<(Result<Found>, Option<Self>)> {
        let page = match self.connection.store.list_versions(&self.argument, self.from.as_deref()).await {
            Ok(page) => page,
            Err(failure) => return Some((Err(failure), None)),
        };
        let mut found = Found::default();
        let beyond = !self.beneath && page.versions.iter().any(|version| version.key != self.argument);
        for version in page.versions {
            if self.beneath || version.key == self.argument {
                found.targets.extend(self.take(version));
            }
        }
        self.from = page.next;
        if self.from.is_some() && !beyond {
            return Some((Ok(found), Some(self)));
        }
        found.targets.extend(self.last.take());
        if !self.found_any {
            let what = format!("the bucket keeps no version of {}", display(&self.argument));
            let failure = Failure::new(FailureKind::NotFound, what);
            found.nothing.push(Nothing { key: self.argument.clone(), failure });
        }
        Some((Ok(found), None))
    }

    /// Adds a version to its key; hands back the key before, of which no more comes.
    fn take(&mut self, version: Version) -> Option<Target> {
        self.found_any = true;
        if let Some(last) = self.last.as_mut().filter(|last| last.key == version.key) {
            last.size = last.size.map(|size| size + version.size);
            return None;
        }
        self.last.replace(Target { key: version.key, size: Some(version.size) })
    }
}
