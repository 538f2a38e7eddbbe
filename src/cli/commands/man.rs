//! `windlass man`: the manual as one page of roff, from the definitions of the commands and the table of actions, so that it
//! cannot say anything else than they do.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::action::{Group, Keymap, TABLE};
use crate::cli::args::{Arguments, EXAMPLES};
use crate::domain::{Failure, FailureKind, Result};

const FILES: &[(&str, &str)] = &[
    ("~/.config/windlass/config.toml", "profiles and settings; windlass config init writes one with every key"),
    ("~/.config/windlass/keymap.toml", "keys of your own, by the place where they work"),
    ("~/.config/windlass/theme.toml", "colours of your own"),
    ("~/.local/state/windlass/", "the queue's journal, the log"),
    ("~/.local/share/windlass/", "the local bucket, catalogs in SQLite"),
];

const EXITS: &[(&str, &str)] = &[
    ("0", "done"),
    ("1", "something failed or still waits"),
    ("2", "wrong usage or configuration, or a write under a read-only profile; nothing was begun"),
    ("130", "interrupted; what was queued is kept"),
    ("141", "the reader of download --to - went away before it had all"),
];

/// The whole page.
///
/// # Errors
/// None in practice: it is written into memory.
pub fn page() -> Result<Vec<u8>> {
    written().map_err(|error| Failure::new(FailureKind::Internal, format!("cannot write the manual: {error}")))
}

fn written() -> io::Result<Vec<u8>> {
    let mut root = Arguments::command();
    root.build();
    let mut page = Vec::new();
    let man = Man::new(root.clone()).manual("User Commands");
    man.render_title(&mut page)?;
    heading(&mut page, "SH", "NAME")?;
    text(&mut page, "windlass - a file manager for object storage that is catalogued in Postgres")?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    heading(&mut page, "SH", "COMMANDS")?;
    root.get_subcommands().try_for_each(|command| section(&mut page, command))?;
    keys(&mut page)?;
    heading(&mut page, "SH", "FILES")?;
    FILES.iter().try_for_each(|(name, about)| item(&mut page, name, about))?;
    heading(&mut page, "SH", "EXIT STATUS")?;
    EXITS.iter().try_for_each(|(code, about)| item(&mut page, code, about))?;
    heading(&mut page, "SH", "EXAMPLES")?;
    let examples = EXAMPLES.lines().filter(|line| line.starts_with("  ")).map(str::trim_start);
    literal(&mut page, &examples.collect::<Vec<_>>().join("\n"))?;
    Ok(page)
}

/// A command: what it does, how it is called, its flags; then the commands below it. What every command takes is told once.
fn section(page: &mut Vec<u8>, command: &clap::Command) -> io::Result<()> {
    let own = command.clone().mut_args(|arg| {
        let everywhere = arg.is_global_set() || arg.get_id() == "help";
        arg.hide(everywhere)
    });
    let man = Man::new(own);
    heading(page, "SS", command.get_bin_name().unwrap_or_else(|| command.get_name()))?;
    for part in [Man::render_synopsis_section, Man::render_description_section, Man::render_options_section] {
        let mut rendered = Vec::new();
        part(&man, &mut rendered)?;
        page.write_all(body(&rendered).as_bytes())?;
        page.write_all(b".PP\n")?;
    }
    command.get_subcommands().try_for_each(|below| section(page, below))
}

/// A section without its heading and what stands before that.
fn body(rendered: &[u8]) -> String {
    let text = String::from_utf8_lossy(rendered);
    let lines = text.lines().skip_while(|line| !line.starts_with(".SH")).skip(1);
    lines.map(|line| format!("{line}\n")).collect()
}

/// The keys of the screen, as the table has them.
fn keys(page: &mut Vec<u8>) -> io::Result<()> {
    let keymap = Keymap::default();
    heading(page, "SH", "KEYS")?;
    text(
        page,
        "The defaults; keymap.toml changes them, by the names in brackets. The palette (:) takes the same names.",
    )?;
    for group in Group::ALL {
        heading(page, "SS", group.title())?;
        for entry in TABLE.iter().filter(|entry| entry.group == group) {
            let about = format!("{} ({}) [{}]", entry.about, entry.context.title(), entry.name);
            item(page, &keymap.label(entry.action), &about)?;
        }
    }
    Ok(())
}

fn heading(page: &mut Vec<u8>, level: &str, title: &str) -> io::Result<()> {
    let mut roff = Roff::new();
    page.write_all(roff.control(level, [title]).to_roff().as_bytes())
}

fn item(page: &mut Vec<u8>, name: &str, about: &str) -> io::Result<()> {
    let mut roff = Roff::new();
    let roff = roff.control("TP", []).text([bold(name)]).text([roman(about)]);
    page.write_all(roff.to_roff().as_bytes())
}

fn text(page: &mut Vec<u8>, text: &str) -> io::Result<()> {
    let mut roff = Roff::new();
    page.write_all(roff.text([roman(text)]).to_roff().as_bytes())
}

/// Lines that keep their breaks and blanks.
fn literal(page: &mut Vec<u8>, lines: &str) -> io::Result<()> {
    let mut roff = Roff::new();
    let roff = roff.control("nf", []).text([roman(lines)]).control("fi", []);
    page.write_all(roff.to_roff().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page with roff's own marks taken away.
    fn plain() -> String {
        String::from_utf8(page().unwrap()).unwrap().replace("\\-", "-").replace("\\fB", "").replace("\\fR", "")
    }

    #[test]
    fn every_action_is_told_with_its_keys_and_its_name() {
        let page = plain();
        for entry in TABLE {
            assert!(page.contains(&format!("[{}]", entry.name)), "{}", entry.name);
            assert!(page.contains(entry.about), "{}", entry.about);
        }
    }

    #[test]
    fn every_command_has_a_section_and_its_flags() {
        let (page, mut root) = (plain(), Arguments::command());
        root.build();
        for command in root.get_subcommands() {
            assert!(page.contains(&format!(".SS \"windlass {}\"", command.get_name())), "{}", command.get_name());
            for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
                assert!(page.contains(&format!("--{flag}")), "{} --{flag}", command.get_name());
            }
        }
        assert_eq!(page.matches("Refuse everything that would write").count(), 1, "what is for all is told once");
        assert!(page.contains("windlass catalog migrate"));
    }
}
