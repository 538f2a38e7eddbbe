//! `windlass rm`: deletes objects, then their records. It asks first, naming the profile, where that came from, and how
//! much would go; without a terminal to ask on it needs `--yes`.

use std::io::{self, BufRead, IsTerminal};

use clap::Args;
use serde::Serialize;

use crate::cli::advice::usage;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Manner, Patience, follow};
use crate::cli::keys::{self, Found, Markers, Target};
use crate::cli::output::{Line, write_error};
use crate::cli::queueing::{self, Queued};
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result, TransferKind, format};
use crate::transfer::{Connection, NewTransfer, Scope};

/// Flags of `rm`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass rm photo.jpg               asks, then deletes the object and its record
  windlass rm holiday/ -r --dry-run   shows what would go
  windlass rm old.zip --bucket --yes  deletes also without a visible record

Only what has a record that the profile's user can see is deleted, unless
--bucket says otherwise.")]
pub struct Flags {
    /// Keys, or with -r prefixes that end in /
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,
    /// Everything beneath the prefixes
    #[arg(short = 'r')]
    recursive: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Also what has no visible record; a hidden one may exist
    #[arg(long)]
    bucket: bool,
    /// Show what would go and delete nothing
    #[arg(long)]
    dry_run: bool,
}

/// Deletes.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !flags.yes && !flags.dry_run && !can_ask {
        return Err(usage("rm asks before it deletes, and there is no terminal to ask on", "add --yes"));
    }
    let connection = context.connect().await?;
    connection.store.capabilities().write.map_err(queueing::unsupported)?;
    let found = find(&flags, &connection).await?;
    for failure in &found.failures {
        context.output.problem(failure);
    }
    if flags.dry_run {
        return dry_run(&found, context);
    }
    if found.targets.is_empty() {
        return Ok(Exit::failed_if(!found.failures.is_empty()));
    }
    if !flags.yes && !ask(question(&flags, &found, &connection)).await? {
        context.output.note("nothing was deleted");
        return Ok(Exit::Done);
    }
    if flags.bucket && flags.yes {
        context.output.note("--bucket asks for no visible record; a hidden one may exist, and stays");
    }
    let failed = Exit::failed_if(!found.failures.is_empty());
    Ok(failed.max(delete(&flags, &connection, found.targets, context).await?))
}

async fn find(flags: &Flags, connection: &Connection) -> Result<Found> {
    if flags.bucket {
        keys::in_bucket(connection, &flags.keys, flags.recursive, Markers::Kept).await
    } else {
        keys::in_catalog(connection, &flags.keys, flags.recursive).await
    }
}

async fn delete(flags: &Flags, connection: &Connection, targets: Vec<Target>, context: &mut Context) -> Result<Exit> {
    let jobs = targets.into_iter().map(|target| job(flags, connection, target)).collect();
    let settings = context.settings(None);
    let Queued { queue, ids } = queueing::enqueue(context, &settings, Scope::Own, jobs).await?;
    follow(context, &queue, &ids, Manner { patience: Patience::Brief, every_step: false }).await
}

fn job(flags: &Flags, connection: &Connection, target: Target) -> NewTransfer {
    NewTransfer {
        kind: TransferKind::Delete,
        profile: connection.identity.clone(),
        key: target.key,
        path: None,
        size: target.size,
        content_type: None,
        on_conflict: crate::domain::transfer::OnConflict::Refuse,
        without_record: flags.bucket,
    }
}

/// One line of `rm --dry-run`.
#[derive(Serialize)]
struct WouldGo {
    key: String,
    size: Option<u64>,
}

impl Line for WouldGo {
    fn text(&self) -> Option<String> {
        let size = self.size.map_or_else(|| "?".into(), format::size);
        Some(format!("{size:>10}  {}", display(&self.key)))
    }
}

fn dry_run(found: &Found, context: &mut Context) -> Result<Exit> {
    for target in &found.targets {
        context.output.print(&WouldGo { key: target.key.clone(), size: target.size })?;
    }
    context.output.say(&format!("would delete {}; nothing was deleted", amount(found)))?;
    Ok(Exit::failed_if(!found.failures.is_empty()))
}

fn question(flags: &Flags, found: &Found, connection: &Connection) -> String {
    let profile = &connection.profile;
    let what = match found.targets.as_slice() {
        [only] => display(&only.key).into_owned(),
        _ => amount(found),
    };
    let records = if flags.bucket { ", whether or not a record is visible (a hidden one may exist)" } else { "" };
    format!(
        "Delete {what} from {} (profile {}, {}){records}? [y/N] ",
        display(profile.bucket()),
        display(&profile.name),
        profile.source.label()
    )
}

fn amount(found: &Found) -> String {
    let count = found.targets.len();
    let noun = if count == 1 { "object" } else { "objects" };
    let known = found.targets.iter().all(|target| target.size.is_some());
    let bytes = if known { format!(" ({})", format::size(found.bytes())) } else { String::new() };
    format!("{} {noun}{bytes}", format::count(count as u64))
}

/// Anything but a yes is a no.
async fn ask(question: String) -> Result<bool> {
    let answer = tokio::task::spawn_blocking(move || {
        write_error(&question);
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = answer
        .await
        .map_err(|error| Failure::new(FailureKind::Internal, format!("the question was not answered: {error}")))?
        .map_err(|error| Failure::new(FailureKind::Local, format!("cannot read the answer: {error}")))?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}
