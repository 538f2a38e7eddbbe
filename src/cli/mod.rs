//! The headless commands (DESIGN.md section 7): arguments in, lines out, an exit code at the end. They speak to the
//! services and the queue, as the screen does, and know nothing of the screen.

mod advice;
mod args;
mod ask;
mod bars;
mod commands;
mod context;
mod dashes;
mod exit;
mod fetching;
#[cfg(test)]
mod fixtures;
mod follow;
mod json;
mod keys;
mod missing;
mod output;
mod planned;
mod queueing;
mod recorded;
mod rows;
mod signals;
mod standard;
mod standard_input;
mod standing;
mod terminal_lines;
mod versions;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

pub use args::{Arguments, Command, Globals};
pub use exit::Exit;

use crate::config::{self, Config, Places};
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result};
use crate::services::Services;
use crate::transfer;
use context::Context;
use output::{Format, Output, write_error};

/// Reads the command line.
///
/// # Errors
/// The exit code, once the reason (or the help or version that was asked for) is printed.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, ExitCode> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = Arguments::try_parse_from(&arguments).map_err(|error| explain(&error, &arguments))?;
    if parsed.command.is_none() && parsed.globals.json {
        complain(&advice::usage("--json needs a command", "windlass --help lists them"));
        return Err(Exit::Usage.into());
    }
    Ok(parsed)
}

/// Loads what is configured, under the flags.
///
/// # Errors
/// `Usage` with the reason.
pub fn load(globals: &Globals) -> Result<Config> {
    let flags = config::Flags {
        profile: globals.profile.clone(),
        config: globals.config.clone(),
        read_only: globals.read_only,
        folder: std::env::current_dir().ok(),
    };
    config::load(&flags, &|name| std::env::var(name).ok(), Places::of_user()?)
}

/// Threads for requests, beside the command's own. They wait far more than they work, and with small files waking a second
/// one costs more than it does. Files are read and written elsewhere, and what is large is hashed there.
const WORKERS: usize = 1;

/// Threads for what waits beside the event loop, such as a secret's command. Those that work on files may all hang with
/// their disk, and leave enough of them.
const WAITING: usize = 2 + transfer::FILE_THREADS;

/// The same where a bucket is served, whose files are as many as its requests: waking one more thread costs more than it
/// does.
const SERVING: usize = 8;

/// Runs one command to its end.
pub fn run(globals: &Globals, command: Command) -> ExitCode {
    let mut output = Output::standard(format(globals));
    if let Some(ended) = command.run_without_configuration(globals, &mut output) {
        return exit_of(ended.and_then(|exit| output.flush().map(|()| exit))).into();
    }
    let waiting = if matches!(command, Command::Local(_)) { SERVING } else { WAITING };
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = match builder.worker_threads(WORKERS).max_blocking_threads(waiting).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&Failure::new(FailureKind::Internal, format!("cannot start: {error}")));
            return Exit::Failed.into();
        }
    };
    let exit = runtime.block_on(run_here(globals, command, output));
    // A question that nobody answered still holds a thread; it is not waited for.
    runtime.shutdown_background();
    exit.into()
}

fn format(globals: &Globals) -> Format {
    if globals.json { Format::Json } else { Format::Text }
}

/// How a command ended, once a failure is told.
fn exit_of(ended: Result<Exit>) -> Exit {
    ended.unwrap_or_else(|failure| {
        complain(&failure);
        Exit::from(&failure)
    })
}

async fn run_here(globals: &Globals, command: Command, output: Output) -> Exit {
    let mut context = match load(globals).and_then(|config| Context::new(open(config, &command), output)) {
        Ok(context) => context,
        Err(failure) => return exit_of(Err(failure)),
    };
    if command.ends_when_told() {
        let ended = command.run(&mut context).await;
        return context.finish(Some(ended)).await;
    }
    let interrupted = context.interrupted.clone();
    let ended = tokio::select! {
        ended = command.run(&mut context) => Some(ended),
        () = interrupted.cancelled() => None,
    };
    context.finish(ended).await
}

fn open(config: Config, command: &Command) -> Arc<Services> {
    if command.stays() { Services::new(config) } else { Services::passing(config) }
}

/// One readable line on standard error, or as many as there are things wrong.
pub fn complain(failure: &Failure) {
    for wrong in failure.each() {
        write_error(&format!("windlass: {}\n", display(&wrong.sentence())));
    }
}

/// Prints what clap has to say: help and version as they are, an error as one line.
fn explain(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _reader_went_away = error.print();
            Exit::Done.into()
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _reader_went_away = error.print();
            Exit::Usage.into()
        }
        _ => {
            let said = missing::instead(error).map(str::to_owned).unwrap_or_else(|| sentence(error, arguments));
            write_error(&format!("windlass: {}\n", display(&said)));
            Exit::Usage.into()
        }
    }
}

fn sentence(error: &clap::Error, arguments: &[OsString]) -> String {
    let (command, help) = asked(arguments);
    match dashes::behind_an_option(error, &command, arguments) {
        Some(said) => format!("{said}; see {help}"),
        None => one_line(&dashes::whole(error, arguments), &help),
    }
}

/// The command that was typed, and where help is for it: `windlass request --help`, whatever stood behind the command.
fn asked(arguments: &[OsString]) -> (clap::Command, String) {
    let mut command = Arguments::command();
    let mut words = vec!["windlass".to_owned()];
    let mut typed = arguments.iter().skip(1).filter_map(|word| word.to_str());
    while let Some(word) = typed.next() {
        if let Some(known) = command.find_subcommand(word).cloned() {
            words.push(word.to_owned());
            command = known;
        } else if takes_next(&command, word) {
            typed.next();
        } else if !word.starts_with('-') {
            break;
        }
    }
    (command, format!("{} --help", words.join(" ")))
}

/// Whether the word behind this one is its value.
fn takes_next(command: &clap::Command, word: &str) -> bool {
    let named = |argument: &&clap::Arg| match word.strip_prefix("--") {
        Some(long) => argument.get_long() == Some(long),
        None => argument.get_short().is_some_and(|short| word == format!("-{short}")),
    };
    command.get_arguments().find(named).is_some_and(|argument| argument.get_action().takes_values())
}

/// Clap's paragraphs as one sentence: the error and its tips, then where help is, unless the usage line says it better.
fn one_line(rendered: &str, help: &str) -> String {
    let mut sentences = Vec::new();
    let mut help = help.to_owned();
    for paragraph in rendered.split("\n\n") {
        let text = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(usage) = text.strip_prefix("Usage: ") {
            help = help_for(usage);
        } else if !text.is_empty() && !text.starts_with("For more information") {
            sentences.push(text.trim_start_matches("error: ").to_owned());
        }
    }
    sentences.push(format!("see {help}"));
    sentences.join("; ")
}

/// `windlass upload --help` for a usage line that begins with `windlass upload`.
fn help_for(usage: &str) -> String {
    let command: Vec<&str> =
        usage.split(' ').take_while(|word| word.chars().all(|character| character.is_ascii_lowercase())).collect();
    format!("{} --help", command.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(arguments: &[&str]) -> String {
        let error = Arguments::try_parse_from(arguments).expect_err("refused");
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        sentence(&error, &arguments)
    }

    #[test]
    fn whatever_the_program_file_is_called_help_is_named_by_its_command() {
        let said = error_of(&["/opt/wl", "--profile", "local", "ls", "--nope"]);
        assert!(said.ends_with("see windlass ls --help"), "{said}");
    }

    #[test]
    fn a_flags_value_and_what_stands_behind_a_wrong_word_are_no_commands() {
        let help = |words: &[&str]| asked(&words.iter().map(OsString::from).collect::<Vec<_>>()).1;
        assert_eq!(help(&["windlass", "--profile", "local", "x"]), "windlass --help");
        assert_eq!(help(&["windlass", "x", "local"]), "windlass --help");
        assert_eq!(help(&["windlass", "--profile", "ls", "local", "serve"]), "windlass local serve --help");
        assert_eq!(help(&["windlass", "--profile=ls", "local", "--nope"]), "windlass local --help");
    }

    #[test]
    fn the_definitions_hold() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn help_stands_in_80_columns_as_it_is_written() {
        fn told(command: &clap::Command, wide: &mut Vec<String>) {
            let below = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            wide.extend(below.lines().filter(|line| line.chars().count() > 80).map(str::to_owned));
            command.get_subcommands().for_each(|inner| told(inner, wide));
        }
        let mut wide = Vec::new();
        told(&Arguments::command(), &mut wide);
        assert_eq!(wide, [""; 0]);
    }

    #[test]
    fn wrong_usage_is_one_line_that_says_where_help_is() {
        assert_eq!(
            error_of(&["windlass", "rm"]),
            "the following required arguments were not provided: <KEY>...; see windlass rm --help"
        );
        let unknown = error_of(&["windlass", "ls", "--jsn"]);
        assert!(unknown.starts_with("unexpected argument '--jsn' found"), "{unknown}");
        assert!(unknown.contains("'--json'") && !unknown.contains('\n'), "{unknown}");
    }

    #[test]
    fn a_value_that_is_none_says_what_it_should_be_and_names_the_commands_own_help() {
        let request = |flag, value| error_of(&["windlass", "request", "x", "--type", "a/b", flag, value]);
        assert_eq!(
            request("--size", "-5"),
            "invalid value '-5' for '--size <BYTES>': a size is a number of bytes, or one such as 512K or 10M; see windlass \
             request --help"
        );
        assert!(request("--expires", "-5").contains("this is no length of time"));
        for value in ["x", "0", "-1", "99999999999999999999"] {
            assert_eq!(
                error_of(&["windlass", "--read-only", "ls", "--limit", value]),
                format!(
                    "invalid value '{value}' for '--limit <N>': write a whole number from 1 on; see windlass ls --help"
                )
            );
        }
        let jobs = error_of(&["windlass", "upload", "a", "--jobs", "x"]);
        assert!(jobs.contains("write a whole number from 1 to 256; see windlass upload --help"), "{jobs}");
    }

    #[test]
    fn a_value_that_begins_with_a_dash_is_told_how_to_be_one() {
        let joined = |option: &str, value: &str, joined: &str| {
            format!("{option} has no value: {value} begins as flags do; write {joined}; see windlass upload --help")
        };
        let upload = |option, value| error_of(&["windlass", "upload", "-", option, value]);
        assert_eq!(upload("--key", "-dash"), joined("--key", "-dash", "--key=-dash"));
        assert_eq!(upload("--to", "--odd/"), joined("--to", "--odd/", "--to=--odd/"));
        assert_eq!(upload("--key", "--json"), joined("--key", "--json", "--key=--json"), "it may have been forgotten");
        assert_eq!(upload("--profile", "-x"), joined("--profile", "-x", "--profile=-x"));
        let plain = error_of(&["windlass", "rm", "-dash"]);
        assert!(plain.contains("to pass '-dash' as a value, use '-- -dash'"), "{plain}");
        let other = error_of(&["windlass", "upload", "a", "--key", "b", "-dash"]);
        assert!(other.contains("'-- -dash'"), "{other}");
    }

    #[test]
    fn global_flags_stand_before_or_after_the_command() {
        for arguments in [
            ["windlass", "--json", "--read-only", "--profile", "p", "ls", "a/"],
            ["windlass", "ls", "a/", "--profile", "p", "--json", "--read-only"],
        ] {
            let parsed = Arguments::try_parse_from(arguments).unwrap();
            assert!(parsed.globals.json && parsed.globals.read_only);
            assert_eq!(parsed.globals.profile.as_deref(), Some("p"));
        }
    }

    #[test]
    fn what_is_not_there_is_refused() {
        for command in ["help", "plugin"] {
            assert!(error_of(&["windlass", command]).starts_with("unrecognized subcommand"), "{command}");
        }
        error_of(&["windlass", "profiles", "remove"]);
    }
}
