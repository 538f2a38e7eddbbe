//! `windlass config init`: the three files of the configuration with every key in them and every line commented out, so that
//! what a later version does by itself is not frozen. What exists stays as it is.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::action::OwnFile;
use crate::cli::args::Globals;
use crate::cli::exit::Exit;
use crate::cli::output::{Line, Output};
use crate::config::{OwnFiles, Places, own};
use crate::domain::Result;
use crate::domain::display::display_path;

/// Flags of `config`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass config init    what is written stands in ~/.config/windlass")]
pub struct Flags {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write config.toml, keymap.toml and theme.toml with everything in them commented out; what exists stays
    Init,
}

/// What became of a file.
#[derive(Serialize)]
struct Row {
    path: PathBuf,
    written: bool,
}

impl Line for Row {
    fn text(&self) -> Option<String> {
        let path = display_path(&self.path);
        if self.written {
            return Some(format!("wrote {path}"));
        }
        // Who let the screen write it has not seen the other keys that there are.
        let all =
            if self.path.ends_with("config.toml") { "; --config FILE writes one with every key elsewhere" } else { "" };
        Some(format!("{path} is there already and stays as it is{all}"))
    }
}

/// Writes the files that do not exist, beside the configuration file that `--config` names or in the usual folder.
///
/// # Errors
/// `Local` or `DiskFull`, naming the file.
pub fn run(flags: &Flags, globals: &Globals, output: &mut Output) -> Result<Exit> {
    let Command::Init = flags.command;
    let config = match &globals.config {
        Some(file) => file.clone(),
        None => Places::of_user()?.config_file(),
    };
    let files = OwnFiles::of(&config, "auto");
    let mut exit = Exit::Failed;
    for file in [OwnFile::Settings, OwnFile::Keys, OwnFile::Colours] {
        let path = files.path(file).to_path_buf();
        let written = own::write_new(&path, file)?;
        exit = if written { Exit::Done } else { exit };
        output.print(&Row { path, written })?;
    }
    Ok(exit)
}
