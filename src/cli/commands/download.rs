//! `windlass download`: objects become files below a folder, never outside it.

use std::path::PathBuf;

use clap::Args;
use futures::StreamExt;

use super::{Conflict, jobs, on_conflict, rate};
use crate::cli::advice::usage;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Lines, Manner, Patience, follow};
use crate::cli::keys;
use crate::cli::planned;
use crate::cli::queueing::{self, Asked};
use crate::cli::rows::Job;
use crate::cli::standard;
use crate::domain::{Failure, Result, TransferKind, key};
use crate::files::landing::Landing;
use crate::transfer::beneath::{Found, Markers, Place, Target};
use crate::transfer::{Connection, NewTransfer, Scope};

/// Flags of `download`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass download photo.jpg                  writes ./photo.jpg
  windlass download holiday/ -r --to pictures  writes pictures/holiday/...
  windlass download notes.txt --to - | less    writes to standard output

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
    /// The folder to write to; it is made. - writes one object to standard output
    #[arg(long, value_name = "DIR", default_value = ".")]
    to: PathBuf,
    /// Transfers at once
    #[arg(long, value_name = "N", value_parser = jobs, allow_negative_numbers = true)]
    jobs: Option<u16>,
    /// Bytes a second for all together: 512K, 10M, 1G; 0 is no limit
    #[arg(long, value_name = "BYTES", value_parser = rate, allow_negative_numbers = true)]
    rate: Option<u64>,
    /// What to do with a file that exists: overwrite, skip or keep-both
    #[arg(long, value_name = "WHAT", hide_possible_values = true)]
    on_conflict: Option<Conflict>,
    /// Show what would be written and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Downloads.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let settings = context.settings(flags.jobs, flags.rate);
    if flags.to.as_os_str() == "-" {
        return standard::write_object(context, only_key(&flags)?, settings.rate).await;
    }
    let connection = context.connect().await?;
    let found = keys::search(&connection, &flags.keys, flags.recursive, Place::Bucket(Markers::LeftOut))?;
    let mut destination = Destination::of(&flags)?;
    let search = found.map(|found| asked(&flags, &connection, &mut destination, found?)).boxed();
    if flags.dry_run {
        return planned::tell(context, search, &connection.store.part_rules()).await;
    }
    let queue = context.open_queue(&settings, Scope::Own).await?;
    let manner = Manner { patience: Patience::Brief, lines: Lines::Last };
    follow(context, &queue, queueing::feed(&queue, search), manner).await
}

/// What goes to standard output is one object, as it is.
fn only_key(flags: &Flags) -> Result<&str> {
    let plain = !flags.recursive && !flags.dry_run && flags.on_conflict.is_none();
    match flags.keys.as_slice() {
        [key] if plain && !key.is_empty() => Ok(key),
        _ => Err(usage("--to - writes one object to standard output", "name one key, without -r and other flags")),
    }
}

/// The folder that is written to.
struct Destination {
    /// Absolute: the queue may go on from elsewhere.
    folder: PathBuf,
    /// Once something may come into it.
    landing: Option<Landing>,
    dry_run: bool,
}

impl Destination {
    fn of(flags: &Flags) -> Result<Self> {
        let to = &flags.to;
        let folder = std::path::absolute(to).map_err(|error| Failure::io("find the folder", to, &error))?;
        Ok(Self { folder, landing: None, dry_run: flags.dry_run })
    }

    /// The files of a batch of keys. The folder is made for the first that has one.
    fn paths(&mut self, keys: &[&str]) -> Result<Vec<Result<PathBuf>>> {
        if let Some(landing) = &mut self.landing {
            return Ok(landing.paths(keys));
        }
        if keys.iter().all(|key| key::local_path(&self.folder, key).is_err()) {
            return Ok(Landing::foreseen(&self.folder).paths(keys));
        }
        let landing = self.begin()?;
        Ok(self.landing.insert(landing).paths(keys))
    }

    fn begin(&self) -> Result<Landing> {
        let folder = &self.folder;
        if self.dry_run {
            return Ok(Landing::foreseen(folder));
        }
        std::fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, &error))?;
        let real = std::fs::canonicalize(folder).map_err(|error| Failure::io("open the folder", folder, &error))?;
        Ok(Landing::at(&real))
    }
}

fn asked(flags: &Flags, connection: &Connection, destination: &mut Destination, found: Found) -> Result<Asked> {
    let mut asked = Asked { jobs: Vec::with_capacity(found.targets.len()), ..Asked::default() };
    asked.in_vain = found.nothing.into_iter().map(|nothing| Job::in_vain(TransferKind::Download, nothing)).collect();
    let keys: Vec<&str> = found.targets.iter().map(|target| target.key.as_str()).collect();
    let paths = destination.paths(&keys)?;
    for (target, path) in found.targets.into_iter().zip(paths) {
        match path {
            Ok(path) => asked.jobs.push(job(flags, connection, path, target)),
            Err(failure) => asked.problems.push(failure),
        }
    }
    Ok(asked)
}

fn job(flags: &Flags, connection: &Connection, path: PathBuf, target: Target) -> NewTransfer {
    NewTransfer {
        path: Some(path),
        size: target.size,
        on_conflict: on_conflict(flags.on_conflict),
        ..NewTransfer::new(TransferKind::Download, connection.identity.clone(), target.key)
    }
}
