//! `windlass download`: objects become files below a folder, never outside it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Conflict, on_conflict};
use crate::cli::advice::usage;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Manner, Patience, follow};
use crate::cli::keys::{self, Markers, Target};
use crate::cli::queueing::{self, Queued};
use crate::domain::{Failure, Result, TransferKind, key};
use crate::transfer::{Connection, NewTransfer, Scope};

/// Flags of `download`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass download photo.jpg                  writes ./photo.jpg
  windlass download holiday/ -r --to pictures  writes pictures/holiday/...

The file is DIR/KEY; each / of the key makes a folder. A key that is no safe
file name is refused.
Without --on-conflict a file that exists is a failure.")]
pub struct Flags {
    /// Keys, or with -r prefixes that end in /
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,
    /// Everything beneath the prefixes
    #[arg(short = 'r')]
    recursive: bool,
    /// The folder to write to; it is made
    #[arg(long, value_name = "DIR", default_value = ".")]
    to: PathBuf,
    /// Transfers at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// What to do with a file that exists: overwrite, skip or keep-both
    #[arg(long, value_name = "WHAT", hide_possible_values = true)]
    on_conflict: Option<Conflict>,
}

/// Downloads.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    if flags.to.as_os_str() == "-" {
        return Err(usage("downloading to standard output (-) is not possible yet", "name a folder"));
    }
    let settings = context.settings(flags.jobs);
    let connection = context.connect().await?;
    let found = keys::in_bucket(&connection, &flags.keys, flags.recursive, Markers::LeftOut).await?;
    let folder = folder(&flags.to).await?;
    let (jobs, failures) = jobs(&flags, &connection, &folder, found.targets);
    for failure in found.failures.iter().chain(&failures) {
        context.output.problem(failure);
    }
    let Queued { queue, ids } = queueing::enqueue(context, &settings, Scope::Own, jobs).await?;
    let manner = Manner { patience: Patience::Brief, every_step: false };
    let exit = follow(context, &queue, &ids, manner).await?;
    Ok(exit.max(Exit::failed_if(!found.failures.is_empty() || !failures.is_empty())))
}

/// The folder, made and absolute: the queue may go on from elsewhere.
async fn folder(to: &Path) -> Result<PathBuf> {
    tokio::fs::create_dir_all(to).await.map_err(|error| Failure::io("make the folder", to, &error))?;
    tokio::fs::canonicalize(to).await.map_err(|error| Failure::io("open the folder", to, &error))
}

fn jobs(
    flags: &Flags,
    connection: &Connection,
    folder: &Path,
    targets: Vec<Target>,
) -> (Vec<NewTransfer>, Vec<Failure>) {
    let mut jobs = Vec::with_capacity(targets.len());
    let mut failures = Vec::new();
    for target in targets {
        match key::local_path(folder, &target.key) {
            Ok(path) => jobs.push(NewTransfer {
                kind: TransferKind::Download,
                profile: connection.identity.clone(),
                key: target.key,
                path: Some(path),
                size: target.size,
                content_type: None,
                on_conflict: on_conflict(flags.on_conflict),
                without_record: false,
            }),
            Err(failure) => failures.push(failure),
        }
    }
    (jobs, failures)
}
