//! `windlass config init`: the three files of the configuration with every key in them and every line commented out, so that
//! what a later version does by itself is not frozen. What exists stays as it is.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::action::keymap_toml;
use crate::cli::args::Globals;
use crate::cli::exit::Exit;
use crate::cli::output::{Line, Output};
use crate::config::{Places, keymap, places, theme};
use crate::domain::display::display_path;
use crate::domain::{Failure, Result};

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

/// Every key of the configuration.
const EXAMPLE: &str = include_str!("../../../config.example.toml");

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
    if let Some(folder) = config.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        places::private_folder(folder)?;
    }
    let files = [
        (config.clone(), commented_out(EXAMPLE)),
        (keymap::beside(&config), commented_out(&keymap_toml())),
        (config.with_file_name(theme::NAME), theme::EXAMPLE.to_owned()),
    ];
    let mut exit = Exit::Failed;
    for (path, text) in files {
        let written = write_new(&path, &text)?;
        exit = if written { Exit::Done } else { exit };
        output.print(&Row { path, written })?;
    }
    Ok(exit)
}

/// Every setting and section as a comment.
fn commented_out(text: &str) -> String {
    let line = |line: &str| match line.starts_with('#') || line.is_empty() {
        true => format!("{line}\n"),
        false => format!("# {line}\n"),
    };
    text.lines().map(line).collect()
}

/// Whether the file was made; one that exists is not touched.
fn write_new(path: &Path, text: &str) -> Result<bool> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map_err(|error| Failure::io("write", path, &error))?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Failure::io("write", path, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_out_holds_before_its_mark_is_removed() {
        for text in [commented_out(EXAMPLE), commented_out(&keymap_toml())] {
            let table: toml::Table = text.parse().unwrap();
            assert!(table.is_empty(), "{table:?}");
            assert!(!text.contains("\n# # "), "what was a comment stays one");
        }
    }
}
