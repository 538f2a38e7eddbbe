//! The command line as clap reads it: the flags that every command takes and the list of commands. Each command's own
//! flags stand beside its code, so that help and behaviour are read together.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

use super::commands::{
    cancel, catalog, completions, config, cors, doctor, download, link, local, ls, profiles, record, request, resume,
    rm, transfers, upload,
};

/// What stands below the list of commands.
pub(super) const EXAMPLES: &str = "\
Examples:
  windlass                                  open the screen
  windlass upload photo.jpg --to holiday/   put a file up and record it
  windlass ls holiday/ --json               records, one JSON object a line
  windlass link KEY --expires 24h           a link that works for a day

Exit codes: 0 done, 1 something failed or still waits, 2 wrong usage or
configuration, or a write under a read-only profile, 130 interrupted,
141 the reader of an object on standard output went away.";

/// A file manager for object storage that is catalogued in Postgres. Without a command it opens the screen.
#[derive(Debug, Parser)]
#[command(name = "windlass", bin_name = "windlass", version, max_term_width = 100, after_help = EXAMPLES, disable_help_subcommand = true)]
pub struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do; the screen without one.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that are accepted before and after the command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "For every command")]
pub struct Globals {
    /// The profile to use instead of the one in force; NAME/BUCKET for another bucket of it
    #[arg(long, global = true, value_name = "NAME", value_hint = ValueHint::Other)]
    pub profile: Option<String>,
    /// The configuration file to read instead of the usual one
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Refuse everything that would write to the bucket or the catalog
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub json: bool,
}

/// The headless commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the catalog's records, newest first, or the bucket's objects
    Ls(ls::Flags),
    /// Put files into the bucket and record them in the catalog
    Upload(upload::Flags),
    /// Get objects and write them as files
    Download(download::Flags),
    /// Delete objects and their records
    Rm(rm::Flags),
    /// Print a link to an object
    Link(link::Flags),
    /// Print a URL by which somebody else uploads, and record what comes
    Request(request::Flags),
    /// Write the records of objects that are up already
    Record(record::Flags),
    /// Show the queue
    Transfers(transfers::Flags),
    /// Run every open transfer of the queue until it is done
    Resume(resume::Flags),
    /// Stop transfers for good
    Cancel(cancel::Flags),
    /// List the profiles and where they come from, or add one
    Profiles(profiles::Flags),
    /// Look at or extend the catalog's table
    Catalog(catalog::Flags),
    /// Look at or change which web pages may use the bucket's URLs
    Cors(cors::Flags),
    /// Look at everything that a profile needs, and say what to do about what is wrong
    Doctor(doctor::Flags),
    /// The bucket that comes with Windlass
    Local(local::Flags),
    /// Files to configure Windlass with
    Config(config::Flags),
    /// Print what makes a shell complete commands and flags
    Completions(completions::Flags),
    /// Print the manual page: windlass man | man -l -
    Man,
}
