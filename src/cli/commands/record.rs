//! `windlass record`: the guides' save-metadata, for an object that is up already. What is there is looked at first; where
//! a request waits for it, it is compared with what was asked for.

use clap::Args;
use futures::stream::{self, StreamExt};
use serde::Serialize;

use crate::catalog::rules;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Lines, Manner, Patience, follow};
use crate::cli::output::Line;
use crate::cli::queueing::Queued;
use crate::domain::Result;
use crate::domain::display::display;
use crate::transfer::Scope;

/// Flags of `record`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass ls --bucket          keys of all objects, with and without a record
  windlass record photo.jpg     looks at the object, then writes its record

Size, type, entity tag and checksum are what the bucket says. Recording an
object again writes the same record.")]
pub struct Flags {
    /// The object's key
    key: String,
}

/// Records.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let connection = context.connect().await?;
    let settings = context.settings(None, None);
    let queue = context.open_queue(&settings, Scope::Own).await?;
    let key = connection.store.own_key(flags.key);
    let id = queue.record(&connection, &key).await?;
    let queued = Queued { ids: vec![id], ..Queued::default() };
    let manner = Manner { patience: Patience::Brief, lines: Lines::None };
    let exit = follow(context, &queue, stream::iter([Ok(queued)]).boxed(), manner).await?;
    if exit == Exit::Done {
        let url = rules::url(connection.store.file_url(&key).await);
        context.output.print(&Printed {
            success: true,
            presigned_url: None,
            object_key: &key,
            public_file_url: url,
        })?;
    }
    Ok(exit)
}

/// The guides' fields; there is nothing left to presign.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    success: bool,
    presigned_url: Option<()>,
    object_key: &'a str,
    public_file_url: Option<String>,
}

impl Line for Printed<'_> {
    fn text(&self) -> Option<String> {
        let url = self.public_file_url.as_deref().map_or_else(String::new, |url| format!(", {}", display(url)));
        Some(format!("recorded {}{url}", display(self.object_key)))
    }
}
