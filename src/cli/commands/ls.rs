//! `windlass ls`: the catalog's records or the bucket's objects, page by page as they come, so that a million of them
//! need no more memory than a thousand.

use clap::Args;

use crate::catalog::RecordQuery;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::rows::Entry;
use crate::domain::{Listed, Result};
use crate::storage::ListRequest;
use crate::transfer::Connection;

/// Entries a page.
const PAGE: u16 = 1000;

/// Flags of `ls`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass ls                      every record of the profile's user, newest first
  windlass ls holiday/ --limit 20  the newest twenty whose key begins with holiday/
  windlass ls --bucket --json      every object of the bucket, one JSON object a line")]
pub struct Flags {
    /// Only keys that begin with it
    prefix: Option<String>,
    /// List the bucket's objects, by key, instead of the catalog's records
    #[arg(long)]
    bucket: bool,
    /// Records of every user, not only the profile's
    #[arg(long, conflicts_with = "bucket")]
    all_users: bool,
    /// Stop after so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
}

/// Lists.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let connection = context.connect().await?;
    let mut left = flags.limit.unwrap_or(u64::MAX);
    if flags.bucket {
        objects(&flags, &connection, &mut left, context).await?;
    } else {
        records(&flags, &connection, &mut left, context).await?;
    }
    Ok(Exit::Done)
}

async fn records(flags: &Flags, connection: &Connection, left: &mut u64, context: &mut Context) -> Result<()> {
    let user_id = connection.profile.user_id.clone().filter(|_| !flags.all_users);
    let mut query = RecordQuery { user_id, prefix: flags.prefix.clone(), after: None, limit: 0 };
    loop {
        query.limit = u32::from(page_size(*left));
        let page = connection.catalog.page(&query).await?;
        for record in page.records {
            context.output.print(&Entry::of_record(record))?;
            *left = left.saturating_sub(1);
        }
        context.output.flush()?;
        match page.next {
            Some(next) if *left > 0 && !context.output.is_gone() => query.after = Some(next),
            _ => return Ok(()),
        }
    }
}

async fn objects(flags: &Flags, connection: &Connection, left: &mut u64, context: &mut Context) -> Result<()> {
    let prefix = flags.prefix.clone().unwrap_or_default();
    let mut request = ListRequest { prefix, delimited: false, token: None, limit: PAGE };
    loop {
        request.limit = page_size(*left);
        let page = connection.store.list(&request).await?;
        for entry in page.entries {
            if let Listed::Object(object) = entry {
                context.output.print(&Entry::of_object(object, connection.store.as_ref()))?;
                *left = left.saturating_sub(1);
            }
        }
        context.output.flush()?;
        match page.next {
            Some(next) if *left > 0 && !context.output.is_gone() => request.token = Some(next),
            _ => return Ok(()),
        }
    }
}

fn page_size(left: u64) -> u16 {
    u16::try_from(left).map_or(PAGE, |left| left.min(PAGE))
}
