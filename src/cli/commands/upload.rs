//! `windlass upload`: files and folders become queued uploads, and are followed until their records are written. What a
//! folder holds is sent while the walk through it goes on; each file is in the journal before anything is done with it.

use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::Args;
use futures::stream::{self, StreamExt};
use uuid::Uuid;

use super::{Conflict, folder_prefix, jobs, media_type, on_conflict, rate};
use crate::cli::advice::usage;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::fetching;
use crate::cli::follow::{Lines, Manner, Patience, follow};
use crate::cli::planned;
use crate::cli::queueing::{self, Asked, Feed, Search};
use crate::cli::standard_input;
use crate::config::Symlinks;
use crate::domain::capability::Reason;
use crate::domain::display::{display, display_path};
use crate::domain::key::{self, Distinct};
use crate::domain::transfer::OnConflict;
use crate::domain::{Capabilities, Result, TransferKind};
use crate::files::walk::{Batch, EmptyFolder, File, Walk};
use crate::transfer::plan::{FOLDER, content_type};
use crate::transfer::{Connection, NewTransfer, Queue, Scope};

/// Flags of `upload`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass upload photo.jpg                      key_template makes the key
  windlass upload photo.jpg --key photo.jpg      the key is chosen here
  windlass upload site/ --to www/ --jobs 16      a folder with everything in it
  windlass upload site/ --key-template '{name}'  no name changed: a website
  windlass upload *.mp4 --detach                 only queue; resume sends them
  pg_dump db | windlass upload - --key db.sql    what a program prints

A template's places are {prefix} {uuid} {name} {date} {millis}. {prefix} is --to
and the file's folder; a template without it makes the key beneath both.
Without --on-conflict a key that exists is a failure.
When the catalog is away, the object stays up and the command ends with 1 after
ten seconds; windlass resume writes the record. --wait waits for the catalog.")]
pub struct Flags {
    /// Files and folders, or - for standard input; Uploadcare also fetches a URL
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Where the keys begin
    #[arg(long, value_name = "PREFIX", conflicts_with = "key")]
    to: Option<String>,
    /// The whole key, for one file or standard input
    #[arg(long)]
    key: Option<String>,
    /// How keys are made, instead of by the profile's key_template; '{name}' keeps names as they are
    #[arg(long, value_name = "TEMPLATE", conflicts_with = "key")]
    key_template: Option<String>,
    /// The MIME type, instead of what the name suggests
    #[arg(long = "type", value_name = "MIME", value_parser = media_type)]
    mime: Option<String>,
    /// Transfers at once
    #[arg(long, value_name = "N", value_parser = jobs, allow_negative_numbers = true)]
    jobs: Option<u16>,
    /// Bytes a second for all together: 512K, 10M, 1G; 0 is no limit
    #[arg(long, value_name = "BYTES", value_parser = rate, allow_negative_numbers = true)]
    rate: Option<u64>,
    /// What to do with a key that exists: overwrite, skip or keep-both
    #[arg(long, value_name = "WHAT", hide_possible_values = true)]
    on_conflict: Option<Conflict>,
    /// Only queue: an open screen, the next one or windlass resume sends them
    #[arg(long, conflicts_with_all = ["wait", "progress"])]
    detach: bool,
    /// Show what would be sent and send nothing
    #[arg(long, conflicts_with_all = ["wait", "progress", "detach"])]
    dry_run: bool,
    /// Wait for bucket and catalog as long as it takes
    #[arg(long)]
    wait: bool,
    /// With --json, a line whenever an upload moved
    #[arg(long)]
    progress: bool,
}

/// Uploads.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    if let Some(url) = fetching::url_among(&flags.paths) {
        return fetch(url, &flags, context).await;
    }
    refuse_what_is_not_there(&flags)?;
    let settings = context.settings(flags.jobs, flags.rate);
    let connection = context.connect().await?;
    connection.store.check(&|can| refuse_what_it_cannot(&flags, can))?;
    check_template(&flags, flags.template(&connection))?;
    if let Some(doubt) = flags.doubt() {
        context.output.note(doubt);
    }
    if let Err(reason) = connection.store.capabilities().streams
        && standard_input::is_among(&flags.paths)
    {
        context.output.note(&standard_input::length_note(reason)?);
    }
    let asking = Asking { flags: &flags, connection: &connection, markers: settings.empty_folders };
    if flags.dry_run {
        let search = asking.search(settings.symlinks);
        return planned::tell(context, search, &connection.store.part_rules()).await;
    }
    if flags.detach {
        let queue = context.open_queue(&settings, Scope::Nothing).await?;
        return queueing::detach(context, &queue, asking.search(settings.symlinks)).await;
    }
    let queue = context.open_queue(&settings, Scope::Own).await?;
    let manner = flags.manner();
    let feed = asking.feed(&queue, settings.symlinks);
    let exit = follow(context, &queue, feed, manner).await?;
    if context.followed() == 0 && exit == Exit::Done {
        context.output.note("there is no file to upload");
    }
    Ok(exit)
}

/// Has the store fetch a URL.
async fn fetch(url: &str, flags: &Flags, context: &mut Context) -> Result<Exit> {
    let connection = context.connect().await?;
    connection.store.check(&|can| can.write.and(can.from_url))?;
    fetching::refuse(&flags.beside_a_url())?;
    fetching::run(url, flags.key.as_deref(), flags.manner(), &connection, context).await
}

fn refuse_what_it_cannot(flags: &Flags, can: &Capabilities) -> Result<(), Reason> {
    can.write?;
    if flags.to.is_some() {
        can.prefixes?;
    }
    // Where nothing is ever replaced, nothing is found under its name either: all is kept.
    if flags.may_meet_another() {
        can.overwrite?;
    }
    Ok(())
}

fn refuse_what_is_not_there(flags: &Flags) -> Result<()> {
    if standard_input::is_among(&flags.paths) {
        standard_input::check(&flags.paths, flags.key.as_deref(), flags.detach, flags.dry_run)?;
        return flags.key.as_deref().map_or(Ok(()), key::check_new);
    }
    match (&flags.key, flags.paths.as_slice()) {
        (Some(key), [path]) if path.is_dir() => {
            let what = format!("--key {} is for one file, and {} is a folder", display(key), display_path(path));
            Err(usage(what, "say where its files go with --to PREFIX"))
        }
        (Some(_), [_, _, ..]) => Err(usage("--key is for one file", "say where the files go with --to PREFIX")),
        (Some(key), _) => key::check_new(key),
        (None, _) => flags.key_template.as_deref().map_or(Ok(()), |template| check_template(flags, template)),
    }
}

/// A template that makes no keys, or one for all files of a folder, is wrong for every file: nothing is begun.
fn check_template(flags: &Flags, template: &str) -> Result<()> {
    if !flags.keeps_both() && flags.paths.iter().any(|path| path.is_dir()) {
        return key::check_for_many(template);
    }
    key_for(template, "", "name").map(|_key| ())
}

impl Flags {
    fn manner(&self) -> Manner {
        Manner {
            patience: if self.wait { Patience::Endless } else { Patience::Brief },
            lines: if self.progress { Lines::All } else { Lines::Last },
        }
    }

    /// Whether it says what becomes of an object that is there under the key.
    fn may_meet_another(&self) -> bool {
        self.on_conflict.is_some_and(|wanted| on_conflict(Some(wanted)) != OnConflict::KeepBoth)
    }

    /// What can mean nothing where the store itself fetches the one file.
    fn beside_a_url(&self) -> Vec<&'static str> {
        let named = [
            ("other files", self.paths.len() > 1),
            ("--to", self.to.is_some()),
            ("--key-template", self.key_template.is_some()),
            ("--type", self.mime.is_some()),
            ("--jobs", self.jobs.is_some()),
            ("--rate", self.rate.is_some()),
            ("--on-conflict", self.may_meet_another()),
            ("--detach", self.detach),
            ("--dry-run", self.dry_run),
        ];
        named.into_iter().filter(|(_, is_named)| *is_named).map(|(name, _)| name).collect()
    }

    /// What is to be said of the keys that what was typed makes.
    fn doubt(&self) -> Option<&'static str> {
        let template = self.key_template.as_deref().unwrap_or("{name}");
        let made = key_for(template, self.to.as_deref().unwrap_or(""), "name").ok()?;
        key::doubt(self.key.as_deref().unwrap_or(&made))
    }

    /// How keys are made: as typed, or else as the profile says.
    fn template<'a>(&'a self, connection: &'a Connection) -> &'a str {
        self.key_template.as_deref().unwrap_or(&connection.profile.key_template)
    }

    /// Whether files of one key do not replace each other.
    fn keeps_both(&self) -> bool {
        on_conflict(self.on_conflict) == OnConflict::KeepBoth
    }

    /// Whether what is found in several places may get one key: only then are keys remembered.
    fn may_repeat(&self, template: &str) -> bool {
        self.paths.len() > 1 && !self.keeps_both() && !template.contains("{uuid}")
    }
}

/// Makes transfers of what a walk finds.
#[derive(Clone, Copy)]
struct Asking<'a> {
    flags: &'a Flags,
    connection: &'a Connection,
    /// Whether an empty folder is remembered by a marker.
    markers: bool,
}

impl<'a> Asking<'a> {
    /// Everything that was named, while the walk through it goes on.
    fn search(self, symlinks: Symlinks) -> Search<'a> {
        let walk = Walk::through(self.flags.paths.clone(), symlinks);
        let next = async |mut walk: Walk| walk.next().await.map(|batch| (batch, walk));
        // What the store names itself is never the same twice.
        let may_repeat = !self.connection.store.capabilities().names_itself && self.flags.may_repeat(self.template());
        let mut keys = may_repeat.then(Distinct::default);
        stream::unfold(walk, next).map(move |batch| Ok(self.asked(batch, keys.as_mut()))).boxed()
    }

    /// What is found, or standard input, on its way into the queue.
    fn feed(self, queue: &'a Queue, symlinks: Symlinks) -> Feed<'a> {
        match &self.flags.key {
            Some(key) if standard_input::is_among(&self.flags.paths) => {
                let mime = self.flags.mime.clone().unwrap_or_else(|| type_of(Path::new(key)));
                let job = self.job(key.clone(), None, mime, on_conflict(self.flags.on_conflict));
                standard_input::feed(queue, job)
            }
            _ => queueing::feed(queue, self.search(symlinks)),
        }
    }

    fn asked(self, batch: Batch, mut keys: Option<&mut Distinct>) -> Asked {
        let mut asked =
            Asked { jobs: Vec::with_capacity(batch.files.len()), problems: batch.failures, ..Asked::default() };
        let files = batch.files.into_iter().map(|file| self.upload(file, keys.as_deref_mut()));
        let folders = batch.empty_folders.into_iter().filter(|_| self.markers).filter_map(|folder| self.marker(folder));
        for job in files.chain(folders) {
            match job {
                Ok(job) => asked.jobs.push(job),
                Err(failure) => asked.problems.push(failure),
            }
        }
        asked
    }

    fn upload(self, file: File, keys: Option<&mut Distinct>) -> Result<NewTransfer> {
        let key = match &self.flags.key {
            Some(key) => key.clone(),
            None => key_for(self.template(), self.prefix(), &file.name)?,
        };
        let key = self.connection.store.own_key(key);
        let key = match keys {
            Some(keys) => keys.admit(key, &file.path.to_string_lossy())?,
            None => key,
        };
        let mime = self.flags.mime.clone().unwrap_or_else(|| type_of(&file.path));
        let on_conflict = on_conflict(self.flags.on_conflict);
        Ok(NewTransfer { size: Some(file.size), ..self.job(key, Some(file.path), mime, on_conflict) })
    }

    /// A marker that is there already is as good as a new one.
    fn marker(self, folder: EmptyFolder) -> Option<Result<NewTransfer>> {
        let key = key::marker(self.template(), &folder_prefix(self.prefix()), &folder.name).transpose()?;
        let on_conflict = self.flags.on_conflict.map_or(OnConflict::Skip, |flag| on_conflict(Some(flag)));
        Some(
            key.map(|key| NewTransfer {
                size: Some(0),
                ..self.job(key, Some(folder.path), FOLDER.into(), on_conflict)
            }),
        )
    }

    fn template(self) -> &'a str {
        self.flags.template(self.connection)
    }

    fn prefix(self) -> &'a str {
        self.flags.to.as_deref().unwrap_or("")
    }

    fn job(self, key: String, path: Option<PathBuf>, content_type: String, on_conflict: OnConflict) -> NewTransfer {
        NewTransfer {
            path,
            content_type: Some(content_type),
            on_conflict,
            ..NewTransfer::new(
                TransferKind::Upload,
                self.connection.identity.clone(),
                self.connection.store.own_key(key),
            )
        }
    }
}

fn type_of(path: &Path) -> String {
    content_type(&path.file_name().unwrap_or_default().to_string_lossy())
}

/// A new key beneath the prefix, which is a folder's whether it ends in `/` or not.
fn key_for(template: &str, to: &str, path: &str) -> Result<String> {
    key::below(template, &folder_prefix(to), path, Uuid::new_v4(), Utc::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_comes_first_unless_the_template_places_it() {
        assert_eq!(key_for("{name}", "up", "a/b.txt").unwrap(), "up/a/b.txt");
        assert_eq!(key_for("x-{prefix}{name}", "up/", "b.txt").unwrap(), "x-up/b.txt");
        let made = key_for(key::DEFAULT_TEMPLATE, "", "b.txt").unwrap();
        assert!(made.ends_with("-b.txt") && made.len() == 36 + 6, "{made}");
    }

    #[test]
    fn a_key_is_never_too_long() {
        assert!(key_for("{name}", &"p".repeat(1000), &"n".repeat(200)).is_err());
    }
}
