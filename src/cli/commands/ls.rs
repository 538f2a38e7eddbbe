//! `windlass ls`: the catalog's records or the bucket's objects, page by page as they come, so that a million of them
//! need no more memory than a thousand.

use std::sync::Arc;

use clap::Args;
use futures::StreamExt;

use super::limit;
use crate::catalog::RecordQuery;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::Format;
use crate::cli::rows::Entry;
use crate::domain::Result;
use crate::domain::display::display;
use crate::transfer::Connection;
use crate::transfer::pages::{self, Pages};

/// Flags of `ls`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass ls                      every record of the profile's user
  windlass ls holiday/ --limit 20  the newest twenty that begin with holiday/
  windlass ls --bucket --json      every object, one JSON object a line")]
pub struct Flags {
    /// Only keys that begin with it
    prefix: Option<String>,
    /// List the bucket's objects, by key (Uploadcare: newest first), instead of the catalog's records
    #[arg(long)]
    bucket: bool,
    /// Records of every user, not only the profile's
    #[arg(long, conflicts_with = "bucket")]
    all_users: bool,
    /// Stop after so many
    #[arg(long, value_name = "N", value_parser = limit, allow_negative_numbers = true)]
    limit: Option<u64>,
}

/// Lists. Nothing to list is no failure, and said where a person reads.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let connection = context.connect().await?;
    let any = match flags.bucket {
        true => objects(&flags, connection.clone(), context).await?,
        false => records(&flags, connection.clone(), context).await?,
    };
    if !any && context.output.format() == Format::Text {
        context.output.note(&nothing(&flags, &connection));
    }
    Ok(Exit::Done)
}

fn nothing(flags: &Flags, connection: &Connection) -> String {
    let bucket = display(connection.profile.bucket());
    let what = match (flags.bucket, connection.profile.user_id.as_deref().filter(|_| !flags.all_users)) {
        (true, _) => format!("no object in bucket {bucket}"),
        (false, Some(user)) => format!("no record of user {} for bucket {bucket}", display(user)),
        (false, None) => format!("no record for bucket {bucket}"),
    };
    match flags.prefix.as_deref() {
        Some(prefix) => format!("{what} has a key that begins with {}", display(prefix)),
        None => format!("there is {what}"),
    }
}

async fn records(flags: &Flags, connection: Arc<Connection>, context: &mut Context) -> Result<bool> {
    let user_id = connection.profile.user_id.clone().filter(|_| !flags.all_users);
    let query = RecordQuery { user_id, prefix: flags.prefix.clone(), ..RecordQuery::default() };
    let pages = pages::records(connection, query, flags.limit.unwrap_or(u64::MAX));
    print(pages, async |records| records.into_iter().map(Entry::of_record).collect(), context).await
}

async fn objects(flags: &Flags, connection: Arc<Connection>, context: &mut Context) -> Result<bool> {
    let prefix = flags.prefix.as_deref().unwrap_or_default();
    let pages = pages::objects(connection.clone(), prefix, flags.limit.unwrap_or(u64::MAX));
    print(pages, async |objects| Entry::of_objects(objects, connection.store.as_ref()).await, context).await
}

/// Prints all; whether there was any.
async fn print<T>(
    mut pages: Pages<T>,
    entries: impl AsyncFn(Vec<T>) -> Vec<Entry>,
    context: &mut Context,
) -> Result<bool> {
    let mut any = false;
    while let Some(page) = pages.next().await {
        for entry in entries(page?).await {
            context.output.print(&entry)?;
            any = true;
        }
        context.output.flush()?;
        if context.output.is_gone() {
            break;
        }
    }
    Ok(any)
}
