//! `windlass upload https://…`: a file that the store fetches by itself. The URL may be signed, so that it is never written
//! down: only the id of the file that comes of it is queued, to be kept and recorded.

use std::path::PathBuf;

use futures::stream::{self, StreamExt};
use percent_encoding::percent_decode_str;

use super::advice::usage;
use super::context::Context;
use super::exit::Exit;
use super::follow::{Manner, follow};
use super::queueing::Queued;
use crate::domain::{Failure, FailureKind, Result, SecretUrl};
use crate::storage::PutOptions;
use crate::transfer::{Connection, Scope};

/// The URL that is named instead of a file.
pub fn url_among(paths: &[PathBuf]) -> Option<&str> {
    let is_url = |text: &&str| {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        matches!(scheme.as_deref(), Some("http" | "https"))
    };
    paths.iter().filter_map(|path| path.to_str()).find(is_url)
}

/// Refuses what is named beside a URL and can mean nothing there.
///
/// # Errors
/// `Usage`, with all of it.
pub fn refuse(beside: &[&str]) -> Result<()> {
    if beside.is_empty() {
        return Ok(());
    }
    let what = "a URL is fetched alone and at once, by the store itself, as a file of its own";
    Err(usage(what, format!("leave out {}", beside.join(", "))))
}

/// Has it fetched, then kept and recorded; `name` is what the file is to be called.
///
/// # Errors
/// `Usage` where the store cannot read the URL.
pub async fn run(
    url: &str,
    name: Option<&str>,
    manner: Manner,
    connection: &Connection,
    context: &mut Context,
) -> Result<Exit> {
    let name = name.map_or_else(|| name_in(url), str::to_owned);
    let stored = connection.store.fetch(&SecretUrl::new(url), &name, &PutOptions::default()).await?;
    let nameless = || Failure::new(FailureKind::Internal, format!("the store gave \"{name}\" no name"));
    let key = stored.key.ok_or_else(nameless)?;
    let settings = context.settings(None, None);
    let queue = context.open_queue(&settings, Scope::Own).await?;
    let queued = Queued { ids: vec![queue.record(connection, &key).await?], ..Queued::default() };
    follow(context, &queue, stream::iter([Ok(queued)]).boxed(), manner).await
}

/// The last piece of a URL's path, decoded.
fn name_in(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let last = path.rsplit('/').find(|piece| !piece.is_empty()).unwrap_or("file");
    percent_decode_str(last).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_told_from_a_path() {
        let among = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            url_among(&paths).map(str::to_owned)
        };
        assert_eq!(among(&["a.txt", "HTTPS://x/y"]).as_deref(), Some("HTTPS://x/y"));
        assert_eq!(among(&["https:/x", "-", "ftp://x/y"]), None);
    }

    #[test]
    fn a_file_is_called_what_the_url_ends_in() {
        assert_eq!(name_in("https://x/pics/my%20cat.png?X-Amz-Signature=a/b"), "my cat.png");
        assert_eq!(name_in("https://x/pics/"), "pics");
        assert_eq!(name_in("https://x"), "file");
    }
}
