//! One file a command: its flags, its behaviour. The enum of commands only hands over.

pub mod cancel;
pub mod catalog;
pub mod completions;
pub mod config;
pub mod cors;
pub mod doctor;
pub mod download;
pub mod link;
pub mod local;
pub mod ls;
pub mod man;
pub mod profiles;
pub mod record;
pub mod request;
pub mod resume;
pub mod rm;
pub mod transfers;
pub mod upload;

use clap::ValueEnum;

use super::args::{Command, Globals};
use super::context::Context;
use super::exit::Exit;
use super::output::Output;
use crate::domain::transfer::OnConflict;
use crate::domain::{self, Result, format};

impl Command {
    /// Whether being told to stop is its ordinary end, which it sees to itself.
    pub(super) const fn ends_when_told(&self) -> bool {
        matches!(self, Self::Local(_) | Self::Doctor(_))
    }

    /// Whether it stays until somebody has used what it made: then links of the local bucket are answered meanwhile.
    pub(super) const fn stays(&self) -> bool {
        matches!(self, Self::Request(flags) if flags.wait)
    }

    /// Runs what explains Windlass or begins its configuration, and so must work whatever that is; `None` for all others.
    pub(super) fn run_without_configuration(&self, globals: &Globals, output: &mut Output) -> Option<Result<Exit>> {
        Some(match self {
            Self::Config(flags) => config::run(flags, globals, output),
            Self::Completions(flags) => output.raw(&completions::script(flags)).map(|()| Exit::Done),
            Self::Man => man::page().and_then(|page| output.raw(&page)).map(|()| Exit::Done),
            _ => return None,
        })
    }

    /// Runs the command.
    pub(super) async fn run(self, context: &mut Context) -> Result<Exit> {
        match self {
            Self::Ls(flags) => ls::run(flags, context).await,
            Self::Upload(flags) => upload::run(flags, context).await,
            Self::Download(flags) => download::run(flags, context).await,
            Self::Rm(flags) => rm::run(flags, context).await,
            Self::Link(flags) => link::run(flags, context).await,
            Self::Request(flags) => request::run(flags, context).await,
            Self::Record(flags) => record::run(flags, context).await,
            Self::Transfers(flags) => transfers::run(flags, context).await,
            Self::Resume(flags) => resume::run(flags, context).await,
            Self::Cancel(flags) => cancel::run(flags, context).await,
            Self::Profiles(flags) => profiles::run(flags, context).await,
            Self::Catalog(flags) => catalog::run(flags, context).await,
            Self::Cors(flags) => cors::run(flags, context).await,
            Self::Doctor(flags) => doctor::run(flags, context).await,
            Self::Local(flags) => local::run(flags, context).await,
            // These have run already, before anything was read.
            Self::Config(_) | Self::Completions(_) | Self::Man => Ok(Exit::Done),
        }
    }
}

/// What to do when the target exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Conflict {
    /// Replace it
    Overwrite,
    /// Leave it as it is
    Skip,
    /// Use another name: `name (2).ext`
    KeepBoth,
}

/// Without the flag an existing target is a failure.
fn on_conflict(flag: Option<Conflict>) -> OnConflict {
    match flag {
        None => OnConflict::Refuse,
        Some(Conflict::Overwrite) => OnConflict::Overwrite,
        Some(Conflict::Skip) => OnConflict::Skip,
        Some(Conflict::KeepBoth) => OnConflict::KeepBoth,
    }
}

/// Bytes a second, as the configuration writes them.
fn rate(text: &str) -> std::result::Result<u64, String> {
    format::parse_size(text).ok_or_else(|| "a rate looks like 512K, 10M or 1G; 0 is no limit".into())
}

/// Bytes: a number, or one with a unit.
fn size(text: &str) -> std::result::Result<u64, String> {
    format::parse_size(text).ok_or_else(|| "a size is a number of bytes, or one such as 512K or 10M".into())
}

/// How many rows to print.
fn limit(text: &str) -> std::result::Result<u64, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("write a whole number from 1 on")
}

/// How many transfers go on at once.
fn jobs(text: &str) -> std::result::Result<u16, &'static str> {
    text.parse().ok().filter(|number| (1..=256).contains(number)).ok_or("write a whole number from 1 to 256")
}

/// `type/subtype`.
fn media_type(text: &str) -> std::result::Result<String, String> {
    domain::media_type::check(text).map(|()| text.to_owned()).map_err(|failure| failure.sentence())
}

/// How long a presigned URL is to be good, in seconds.
fn expiry(text: &str) -> std::result::Result<u64, String> {
    domain::link::expiry(text).map_err(|failure| failure.sentence())
}

/// A prefix that groups keys: with `/` at its end unless it is empty.
fn folder_prefix(text: &str) -> String {
    if text.is_empty() || text.ends_with('/') { text.into() } else { format!("{text}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_in_a_slash() {
        assert_eq!((folder_prefix("a"), folder_prefix("a/"), folder_prefix("")), ("a/".into(), "a/".into(), "".into()));
    }
}
