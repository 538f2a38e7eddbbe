//! `windlass ls`: the catalog's records or the bucket's objects, page by page as they come, so that a million of them
//! need no more memory than a thousand.

use std::sync::Arc;

use clap::Args;
use futures::StreamExt;

use super::limit;
use crate::catalog::RecordQuery;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::rows::Entry;
use crate::domain::Result;
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

/// Lists.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let connection = context.connect().await?;
    if flags.bucket {
        objects(&flags, connection, context).await?;
    } else {
        records(&flags, connection, context).await?;
    }
    Ok(Exit::Done)
}

async fn records(flags: &Flags, connection: Arc<Connection>, context: &mut Context) -> Result<()> {
    let user_id = connection.profile.user_id.clone().filter(|_| !flags.all_users);
    let query = RecordQuery { user_id, prefix: flags.prefix.clone(), ..RecordQuery::default() };
    let pages = pages::records(connection, query, flags.limit.unwrap_or(u64::MAX));
    print(pages, async |records| records.into_iter().map(Entry::of_record).collect(), context).await
}

async fn objects(flags: &Flags, connection: Arc<Connection>, context: &mut Context) -> Result<()> {
    let prefix = flags.prefix.as_deref().unwrap_or_default();
    let pages = pages::objects(connection.clone(), prefix, flags.limit.unwrap_or(u64::MAX));
    print(pages, async |objects| Entry::of_objects(objects, connection.store.as_ref()).await, context).await
}

async fn print<T>(
    mut pages: Pages<T>,
    entries: impl AsyncFn(Vec<T>) -> Vec<Entry>,
    context: &mut Context,
) -> Result<()> {
    while let Some(page) = pages.next().await {
        for entry in entries(page?).await {
            context.output.print(&entry)?;
        }
        context.output.flush()?;
        if context.output.is_gone() {
            break;
        }
    }
    Ok(())
}
