//! `windlass upload`: files and folders become queued uploads, then are followed until their records are written.
//! Nothing is sent before everything that was asked for is in the journal.

use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::Args;
use uuid::Uuid;

use super::{Conflict, folder_prefix, on_conflict};
use crate::cli::advice::usage;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Manner, Patience, follow};
use crate::cli::queueing::{self, Queued};
use crate::domain::display::{display, display_path};
use crate::domain::key::{self, TemplateValues};
use crate::domain::{Result, TransferKind};
use crate::files::walk::{File, Walk};
use crate::transfer::plan::content_type;
use crate::transfer::{Connection, NewTransfer, Scope};

/// Flags of `upload`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass upload photo.jpg                      the key comes from the profile's key_template
  windlass upload photo.jpg --key photo.jpg      the key is chosen here
  windlass upload site/ --to www/ --jobs 16      a folder with everything in it
  windlass upload *.mp4 --detach                 only queue; windlass resume sends them

A template without {prefix} makes the key beneath --to.
Without --on-conflict a key that exists is a failure.
When the catalog is away, the object stays up and the command ends with 1 after
ten seconds; windlass resume writes the record. --wait waits for the catalog.")]
pub struct Flags {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Where the keys begin
    #[arg(long, value_name = "PREFIX", conflicts_with = "key")]
    to: Option<String>,
    /// The whole key, for one file
    #[arg(long)]
    key: Option<String>,
    /// The MIME type, instead of what the name suggests
    #[arg(long = "type", value_name = "MIME", value_parser = mime_type)]
    mime: Option<String>,
    /// Transfers at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// What to do with a key that exists: overwrite, skip or keep-both
    #[arg(long, value_name = "WHAT", hide_possible_values = true)]
    on_conflict: Option<Conflict>,
    /// Only queue: an open screen, the next one or windlass resume sends them
    #[arg(long, conflicts_with_all = ["wait", "progress"])]
    detach: bool,
    /// Wait for bucket and catalog as long as it takes
    #[arg(long)]
    wait: bool,
    /// With --json, a line whenever an upload moved
    #[arg(long)]
    progress: bool,
}

/// Uploads.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    refuse_what_is_not_there(&flags)?;
    let settings = context.settings(flags.jobs);
    let connection = context.connect().await?;
    connection.store.capabilities().write.map_err(queueing::unsupported)?;
    let mut walk = Walk::through(flags.paths.clone(), settings.symlinks);
    let (mut files, mut failed) = (Vec::new(), false);
    while let Some(batch) = walk.next().await {
        files.extend(batch.files);
        failed |= !batch.failures.is_empty();
        batch.failures.iter().for_each(|failure| context.output.problem(failure));
    }
    if files.is_empty() && !failed {
        context.output.note("there is no file to upload");
    }
    let jobs = jobs(&flags, &connection, &files)?;
    let scope = if flags.detach { Scope::Nothing } else { Scope::Own };
    let Queued { queue, ids } = queueing::enqueue(context, &settings, scope, jobs).await?;
    if flags.detach {
        queueing::tell_detached(context, &queue, &ids).await?;
        return Ok(Exit::failed_if(failed));
    }
    let patience = if flags.wait { Patience::Endless } else { Patience::Brief };
    let exit = follow(context, &queue, &ids, Manner { patience, every_step: flags.progress }).await?;
    Ok(exit.max(Exit::failed_if(failed)))
}

fn refuse_what_is_not_there(flags: &Flags) -> Result<()> {
    if flags.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(usage("standard input (-) cannot be uploaded yet", "name a file; one that is called - is ./-"));
    }
    match (&flags.key, flags.paths.as_slice()) {
        (Some(key), [path]) if path.is_dir() => {
            let what = format!("--key {} is for one file, and {} is a folder", display(key), display_path(path));
            Err(usage(what, "say where its files go with --to PREFIX"))
        }
        (Some(_), [_, _, ..]) => Err(usage("--key is for one file", "say where the files go with --to PREFIX")),
        (Some(key), _) => key::check(key),
        (None, _) => Ok(()),
    }
}

fn jobs(flags: &Flags, connection: &Connection, files: &[File]) -> Result<Vec<NewTransfer>> {
    files.iter().map(|file| job(flags, connection, file)).collect()
}

fn job(flags: &Flags, connection: &Connection, file: &File) -> Result<NewTransfer> {
    let key = match &flags.key {
        Some(key) => key.clone(),
        None => key_for(&connection.profile.key_template, flags.to.as_deref().unwrap_or(""), &file.name)?,
    };
    Ok(NewTransfer {
        kind: TransferKind::Upload,
        profile: connection.identity.clone(),
        key,
        path: Some(file.path.clone()),
        size: Some(file.size),
        content_type: Some(flags.mime.clone().unwrap_or_else(|| type_of(&file.path))),
        on_conflict: on_conflict(flags.on_conflict),
        without_record: false,
    })
}

fn type_of(path: &Path) -> String {
    content_type(&path.file_name().unwrap_or_default().to_string_lossy())
}

/// The template's key beneath the prefix; a template that places `{prefix}` itself is left alone. Of a file in a folder
/// only the last name is the template's: the folders above it stay what they are.
fn key_for(template: &str, to: &str, path: &str) -> Result<String> {
    let (folders, name) = path.rfind('/').map_or(("", path), |slash| path.split_at(slash + 1));
    let prefix = format!("{}{folders}", folder_prefix(to));
    let values = TemplateValues { prefix: &prefix, name, uuid: Uuid::new_v4(), now: Utc::now() };
    let made = key::from_template(template, &values)?;
    let whole = if template.contains("{prefix}") { made } else { format!("{prefix}{made}") };
    key::check(&whole)?;
    Ok(whole)
}

/// `type/subtype` in visible ASCII: what a header takes and the catalog stores.
fn mime_type(text: &str) -> std::result::Result<String, String> {
    let is_token = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
    match text.split_once('/') {
        Some((kind, subtype)) if is_token(kind) && is_token(subtype) => Ok(text.into()),
        _ => Err("a MIME type looks like image/png".into()),
    }
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

    #[test]
    fn a_type_is_one_header_value() {
        assert!(mime_type("image/png").is_ok() && mime_type("application/vnd.a+json").is_ok());
        for wrong in ["png", "image/", "/png", "a/b/c", "image/png\r\nx: y", "text/plain; charset=utf-8"] {
            assert!(mime_type(wrong).is_err(), "{wrong}");
        }
    }
}
