//! `windlass record`: the guides' save-metadata, for objects that are up already. What is there is looked at first; where
//! a request waits for it, it is compared with what was asked for. Beneath prefixes it is what has no record yet.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use clap::Args;
use futures::stream::{self, StreamExt};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Lines, Manner, Patience, follow};
use crate::cli::keys;
use crate::cli::queueing::{self, Asked, Feed, Queued};
use crate::cli::rows::Job;
use crate::domain::{Result, TransferKind, format, key};
use crate::transfer::beneath::{Found, Markers, Place, Sought, beneath, known};
use crate::transfer::{Connection, Queue, Scope};

/// Flags of `record`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass ls --bucket          keys of all objects, with and without a record
  windlass record photo.jpg     looks at the object, then writes its record
  windlass record holiday/ -r   everything beneath that has no record yet

Size, type, entity tag and checksum are what the bucket says. Recording a key
again writes the same record.")]
pub struct Flags {
    /// Keys, or with -r prefixes that end in /
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,
    /// Everything beneath the prefixes that nobody has a record of
    #[arg(short = 'r')]
    recursive: bool,
}

/// What is looked at beneath prefixes: objects that only stand for a folder are no files.
const OBJECTS: Place = Place::Bucket(Markers::LeftOut);

/// Records.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let mut sought = keys::read(&flags.keys, flags.recursive, OBJECTS)?;
    sought.keys.iter().try_for_each(|key| key::check(key))?;
    let connection = context.connect().await?;
    sought.keys = own(&connection, sought.keys);
    let settings = context.settings(None, None);
    let queue = context.open_queue(&settings, Scope::Own).await?;
    let recorded = AtomicUsize::new(0);
    let feed = named(&queue, &connection, sought.keys.clone());
    let feed = feed.chain(queueing::feed(&queue, unrecorded(&connection, sought, &recorded))).boxed();
    let manner = Manner { patience: Patience::Brief, lines: Lines::Records };
    let exit = follow(context, &queue, feed, manner).await?;
    let recorded = recorded.load(Relaxed);
    if recorded > 0 {
        let has = if recorded == 1 { "1 has".into() } else { format!("{} have", format::count(recorded as u64)) };
        context.output.note(&format!("beneath it {has} a record already"));
    }
    Ok(exit)
}

/// The keys as the store knows them, each once.
fn own(connection: &Connection, keys: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let own = keys.into_iter().map(|key| connection.store.own_key(key));
    own.filter(|key| seen.insert(key.clone())).collect()
}

/// What was named is recorded in any case.
fn named<'a>(queue: &'a Queue, connection: &'a Connection, keys: Vec<String>) -> Feed<'a> {
    let record = async move |key: String| {
        let id = queue.record(connection, &key).await?;
        Ok(Queued { ids: vec![id], ..Queued::default() })
    };
    stream::iter(keys).then(record).boxed()
}

/// What is beneath the prefixes and has no record; counts what has one.
fn unrecorded<'a>(connection: &'a Arc<Connection>, sought: Sought, recorded: &'a AtomicUsize) -> queueing::Search<'a> {
    let asked = async move |found: Result<Found>| {
        let Found { targets, nothing } = found?;
        let known = known(connection, &targets).await?;
        recorded.fetch_add(known.len(), Relaxed);
        let unknown = targets.into_iter().filter(|target| !known.contains(&target.key));
        let jobs = unknown.map(|target| target.record(&connection.identity)).collect();
        let in_vain = nothing.into_iter().map(|nothing| Job::in_vain(TransferKind::Request, nothing)).collect();
        Ok(Asked { jobs, in_vain, ..Asked::default() })
    };
    beneath(connection, Arc::new(sought), OBJECTS).then(asked).boxed()
}
