//! `windlass rm`: deletes objects, then their records. It asks first, naming the profile, where that came from, and how
//! much would go; without a terminal to ask on it needs `--yes`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use clap::Args;
use futures::stream::{self, BoxStream, StreamExt};

use crate::cli::advice::usage;
use crate::cli::ask::{ask, somebody_is_there};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Lines, Manner, Patience, follow};
use crate::cli::keys::{self, WHOLE_PREFIX};
use crate::cli::planned::Planned;
use crate::cli::queueing::{self, Asked};
use crate::cli::rows::Job;
use crate::cli::versions;
use crate::domain::display::display;
use crate::domain::transfer::Versions;
use crate::domain::{Failure, Result, TransferKind, format};
use crate::transfer::beneath::{Found, Markers, Nothing, Place, Target};
use crate::transfer::{Connection, NewTransfer, Scope};

/// Flags of `rm`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass rm photo.jpg               asks, then deletes object and record
  windlass rm holiday/ -r --dry-run   shows what would go
  windlass rm old.zip --bucket --yes  deletes also without a visible record
  windlass rm docs/ -r --bucket --versions --dry-run
                                      shows what the bucket keeps, hidden or not

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
    /// Also every older version that the bucket keeps, and what was deleted and is only hidden
    #[arg(long, requires = "bucket")]
    versions: bool,
    /// Show what would go and delete nothing
    #[arg(long)]
    dry_run: bool,
}

/// What is found to delete.
type Search = BoxStream<'static, Result<Found>>;

/// Deletes.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let can_ask = somebody_is_there();
    if !flags.yes && !flags.dry_run && !can_ask {
        return Err(nobody_to_ask(&flags));
    }
    let connection = context.connect().await?;
    connection.store.check(&|can| can.write.and(can.delete))?;
    let place = if flags.bucket { Place::Bucket(Markers::Kept) } else { Place::Catalog };
    let found = match flags.versions {
        true => versions::search(&connection, &flags.keys, flags.recursive)?,
        false => keys::search(&connection, &flags.keys, flags.recursive, place)?,
    };
    if flags.dry_run {
        return dry_run(&flags, &connection, found, context).await;
    }
    if flags.yes {
        if flags.bucket {
            context.output.note("with --bucket also objects without a record go; a record that cannot be seen stays");
        }
        let any = Arc::new(AtomicBool::new(false));
        let exit = delete(&flags, &connection, noticing(found, any.clone()), context).await?;
        if any.load(Relaxed) {
            say_what_stays(&flags, &connection, context);
        }
        return Ok(exit);
    }
    let mut found = all(found).await?;
    let in_vain = in_vain(std::mem::take(&mut found.nothing));
    in_vain.iter().try_for_each(|job| context.output.tell_failed(job))?;
    let exit = Exit::failed_if(!in_vain.is_empty());
    if found.targets.is_empty() {
        return Ok(exit);
    }
    say_what_stays(&flags, &connection, context);
    if !ask(question(&flags, &found, &connection)).await? {
        context.output.note("nothing was deleted");
        return Ok(exit);
    }
    let deleted = delete(&flags, &connection, stream::iter([Ok(found)]).boxed(), context).await?;
    Ok(exit.max(deleted))
}

/// Of what looks like a prefix it says at once what else will be asked for.
fn nobody_to_ask(flags: &Flags) -> Failure {
    let prefix = flags.keys.iter().find(|key| key.ends_with('/') && !flags.recursive);
    let hint = match prefix {
        Some(prefix) => format!("add --yes, and -r if {} is a prefix: {WHOLE_PREFIX}", display(prefix)),
        None => "add --yes".into(),
    };
    usage("rm asks before it deletes, and there is no terminal to ask on", hint)
}

/// What a delete leaves behind where it only hides, and how that goes, too.
fn say_what_stays(flags: &Flags, connection: &Connection, context: &mut Context) {
    if let Err(instead) = connection.store.capabilities().delete_is_final
        && !flags.versions
    {
        context.output.note(&format!("{instead}: windlass rm KEY --bucket --versions purges them"));
    }
}

/// The same, and whether there is anything at all.
fn noticing(found: Search, any: Arc<AtomicBool>) -> Search {
    let notice = move |found: &Result<Found>| {
        any.fetch_or(found.as_ref().is_ok_and(|found| !found.targets.is_empty()), Relaxed);
    };
    found.inspect(notice).boxed()
}

/// Everything at once: what is asked about has to be known whole.
async fn all(mut search: Search) -> Result<Found> {
    let mut all = Found::default();
    while let Some(found) = search.next().await {
        all.add(found?);
    }
    Ok(all)
}

async fn delete(flags: &Flags, connection: &Connection, found: Search, context: &mut Context) -> Result<Exit> {
    let asked = |found: Result<Found>| {
        let Found { targets, nothing } = found?;
        let delete = |target: Target| NewTransfer {
            versions: if flags.versions { Versions::All } else { Versions::Seen },
            ..target.delete(&connection.identity, flags.bucket)
        };
        let jobs = targets.into_iter().map(delete).collect();
        Ok(Asked { jobs, in_vain: in_vain(nothing), ..Asked::default() })
    };
    let settings = context.settings(None, None);
    let queue = context.open_queue(&settings, Scope::Own).await?;
    let manner = Manner { patience: Patience::Brief, lines: Lines::Last };
    follow(context, &queue, queueing::feed(&queue, found.map(asked).boxed()), manner).await
}

/// What was asked for in vain, as lines.
fn in_vain(nothing: Vec<Nothing>) -> Vec<Job> {
    nothing.into_iter().map(|nothing| Job::in_vain(TransferKind::Delete, nothing)).collect()
}

/// Prints what would go, and deletes nothing.
async fn dry_run(flags: &Flags, connection: &Connection, mut search: Search, context: &mut Context) -> Result<Exit> {
    let (mut objects, mut bytes, mut failed) = (0, Some(0), false);
    while let Some(found) = search.next().await {
        let found = found?;
        failed |= !found.nothing.is_empty();
        in_vain(found.nothing).iter().try_for_each(|job| context.output.tell_failed(job))?;
        objects += found.targets.len();
        for target in found.targets {
            bytes = bytes.zip(target.size).map(|(sum, size): (u64, u64)| sum + size);
            let text = column(&target);
            context.output.print(&Planned::new(target.delete(&connection.identity, flags.bucket), text))?;
        }
        context.output.flush()?;
    }
    context.output.say(&format!("would delete {}; nothing was deleted", amount(objects, bytes)))?;
    Ok(Exit::failed_if(failed))
}

/// Size and key, for people.
fn column(target: &Target) -> String {
    let size = target.size.map_or_else(|| "?".into(), format::size);
    format!("{size:>10}  {}", display(&target.key))
}

fn question(flags: &Flags, found: &Found, connection: &Connection) -> String {
    let profile = &connection.profile;
    let what = match found.targets.as_slice() {
        [only] => display(&only.key).into_owned(),
        all => amount(all.len(), all.iter().map(|target| target.size).sum()),
    };
    let what = if flags.versions { format!("every version of {what}") } else { what };
    let records = if flags.bucket { ", whether or not a record is visible (a hidden one may exist)" } else { "" };
    format!(
        "Delete {what} from {} (profile {}, {}){records}? [y/N] ",
        display(profile.bucket()),
        display(&profile.name),
        profile.source.label()
    )
}

/// So many objects, and their bytes where each is known.
fn amount(objects: usize, bytes: Option<u64>) -> String {
    let noun = if objects == 1 { "object" } else { "objects" };
    let bytes = bytes.map(|bytes| format!(" ({})", format::size(bytes))).unwrap_or_default();
    format!("{} {noun}{bytes}", format::count(objects as u64))
}
