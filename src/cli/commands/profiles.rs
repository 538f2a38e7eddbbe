//! `windlass profiles`: every profile, where it comes from, and what is wrong with it; each other bucket of a profile is a
//! row of its own, under the name that `--profile` takes.

mod add;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::context::{Context, undecided};
use crate::cli::exit::Exit;
use crate::cli::output::{Format, Line};
use crate::cli::rows::padded;
use crate::config::{Config, ProfileSlot, bucket_in_list};
use crate::domain::display::{display, width};
use crate::domain::{Failure, Result};

/// What to do with the profiles: list them without a command.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass profiles                          all, and what is wrong with one
  windlass profiles add prod --provider r2   writes a new one
  windlass ls --profile prod                 any command, under that profile")]
pub struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a new profile into config.toml, once bucket and database have answered
    Add(add::Flags),
}

/// Lists the profiles, or adds one.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    match flags.command {
        None => list(context),
        Some(Command::Add(flags)) => add::run(flags, context).await,
    }
}

fn list(context: &mut Context) -> Result<Exit> {
    let config = context.services.config();
    let columns = Columns::of(&config);
    if context.output.format() == Format::Text {
        context.output.say(&columns.line(' ', ["NAME", "PROVIDER", "BUCKET", "SOURCE"]))?;
    }
    for slot in &config.profiles {
        context.output.print(&Row::new(slot, &config, columns))?;
    }
    if !config.undecided.is_empty() {
        context.output.problem(&undecided(&config.undecided));
    }
    if let Some(absent) = &config.absent {
        context.output.problem(absent);
    }
    Ok(Exit::Done)
}

/// Widths of the columns, in terminal cells: nothing that somebody has to type is cut.
#[derive(Clone, Copy)]
struct Columns {
    name: usize,
    bucket: usize,
}

impl Columns {
    fn of(config: &Config) -> Self {
        let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(|text| width(&display(text))).max().unwrap_or(0);
        let slots = &config.profiles;
        let buckets: Vec<String> = slots.iter().filter_map(|slot| bucket_in_list(slot, slots)).collect();
        Self {
            name: widest(&mut slots.iter().map(|slot| slot.name.as_str())).max(16),
            bucket: widest(&mut buckets.iter().map(String::as_str)).max(16),
        }
    }

    fn line(self, mark: char, [name, provider, bucket, source]: [&str; 4]) -> String {
        let (name, provider) = (padded(name, self.name), padded(provider, 10));
        format!("{mark} {name}  {provider}  {}  {source}", padded(bucket, self.bucket))
    }
}

/// One profile.
#[derive(Serialize)]
struct Row {
    name: String,
    provider: Option<&'static str>,
    bucket: Option<String>,
    source: String,
    problem: Option<String>,
    /// The same, each mistake for itself.
    #[serde(skip)]
    problems: Vec<String>,
    /// As a person reads it.
    #[serde(skip)]
    bucket_shown: Option<String>,
    #[serde(skip)]
    in_force: bool,
    #[serde(skip)]
    columns: Columns,
}

impl Row {
    fn new(slot: &ProfileSlot, config: &Config, columns: Columns) -> Self {
        let wrong = slot.profile.as_ref().err();
        let problems: Vec<String> = wrong.into_iter().flat_map(Failure::each).map(Failure::sentence).collect();
        Self {
            name: slot.name.clone(),
            provider: slot.provider.map(crate::domain::Provider::name),
            bucket: slot.profile.as_ref().ok().map(|profile| profile.bucket().to_owned()),
            bucket_shown: bucket_in_list(slot, &config.profiles),
            source: slot.source.label(),
            problem: (!problems.is_empty()).then(|| problems.join("; ")),
            problems,
            in_force: slot.name == config.in_force && config.undecided.is_empty(),
            columns,
        }
    }
}

impl Row {
    /// What is wrong with it, each on a line of its own beneath it.
    fn told_problems(&self) -> String {
        self.problems.iter().map(|problem| format!("\n    {}", display(problem))).collect()
    }
}

impl Line for Row {
    fn text(&self) -> Option<String> {
        let mark = if self.in_force { '*' } else { ' ' };
        let (name, bucket) = (display(&self.name), display(self.bucket_shown.as_deref().unwrap_or("?")));
        let line = self.columns.line(mark, [&name, self.provider.unwrap_or("?"), &bucket, &self.source]);
        Some(format!("{line}{}", self.told_problems()))
    }
}
