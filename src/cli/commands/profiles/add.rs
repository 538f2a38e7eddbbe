//! `windlass profiles add`: a new profile for the configuration file, tried before it is written. What was not given is
//! asked for where somebody is there, secrets unseen; nothing of them is printed again.

use clap::Args;
use serde::Serialize;

use super::{Columns, Row};
use crate::catalog::CatalogStatus;
use crate::cli::advice::usage;
use crate::cli::ask;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::Line;
use crate::config::draft::{Asked, PROVIDERS, asked_for, is_secret};
use crate::config::{Draft, ONE_LOCAL_BUCKET};
use crate::domain::display::{display, display_path};
use crate::domain::{Failure, Provider, Result};
use crate::services::Tried;

/// Flags of `profiles add`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass profiles add prod --provider r2           asks for what is missing
  windlass profiles add backup --provider b2 --set bucket=my-backup
  windlass profiles add work --provider s3 --set aws_profile=work --no-test

Secrets are asked for and not shown; in files they may stand as ${VARIABLE}.")]
pub struct Flags {
    /// What the profile is to be called
    name: String,
    /// Its kind: r2, b2, s3, uploadcare or local
    #[arg(long, value_name = "PROVIDER", value_parser = provider)]
    provider: Option<Provider>,
    /// A key of config.toml and its value; a secret is better left out, so that it is asked for
    #[arg(long = "set", value_name = "KEY=VALUE")]
    said: Vec<String>,
    /// Save it without trying bucket and database
    #[arg(long)]
    no_test: bool,
}

/// Adds a profile.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let somebody = ask::somebody_is_there();
    context.services.check_free(&flags.name)?;
    let mut draft = draft(&flags, somebody).await?;
    complete(&mut draft, somebody, context).await?;
    let tried = if flags.no_test { Tried::default() } else { context.services.try_profile(&draft).await };
    if !tried.problems.is_empty() && !is_wanted_all_the_same(&tried.problems, somebody, context).await? {
        return Ok(Exit::Failed);
    }
    let known = context.services.config();
    let before = known.profiles.iter().find(|slot| slot.name == draft.name()).map(|slot| slot.source.clone());
    let slots = context.services.add_profile(&draft).await?;
    let config = context.services.config();
    if let Some(source) = before {
        context.output.note(&source.gives_way(draft.name()));
    }
    if let Some(slot) = slots.iter().find(|slot| slot.name == draft.name()) {
        context
            .output
            .print(&Added { row: Row::new(slot, &config, Columns::of(&config)), file: display_path(&config.file) })?;
    }
    if draft.provider() == Provider::Local {
        context.output.note(ONE_LOCAL_BUCKET);
    }
    if !flags.no_test && tried.problems.is_empty() {
        context.output.note(&answered(tried.table.as_ref(), draft.name()));
    }
    Ok(Exit::Done)
}

fn provider(text: &str) -> std::result::Result<Provider, String> {
    let found = PROVIDERS.into_iter().find(|provider| provider.name() == text);
    found.ok_or_else(|| "a provider is r2, b2, s3, uploadcare or local".into())
}

/// What the flags say, and the provider, which decides about everything else.
async fn draft(flags: &Flags, somebody: bool) -> Result<Draft> {
    let provider = match flags.provider {
        Some(provider) => provider,
        None if somebody => ask_provider().await?,
        None => return Err(usage("--provider is missing", "it can be r2, b2, s3, uploadcare or local")),
    };
    let mut draft = Draft::new(&flags.name, provider)?;
    for said in &flags.said {
        // The text is not repeated: it may be a secret with its key forgotten.
        let pair = said.split_once('=');
        let (key, value) = pair.ok_or_else(|| usage("--set takes KEY=VALUE", "as in --set bucket=my-files"))?;
        draft.say(key.trim(), value)?;
    }
    Ok(draft)
}

async fn ask_provider() -> Result<Provider> {
    loop {
        let text = ask::line("provider (r2, b2, s3, uploadcare, local): ".into()).await?.ok_or_else(unanswered)?;
        if let Ok(provider) = provider(&text) {
            return Ok(provider);
        }
    }
}

/// Asks for what is missing, in the order of the provider's guide; where something is, for what may be left empty too. What
/// will not do is asked for again at once.
async fn complete(draft: &mut Draft, somebody: bool, context: &mut Context) -> Result<()> {
    let (missing, questions) = (draft.missing(), asked_for(draft.provider()));
    let asks = somebody && !missing.is_empty();
    // Asking again for one of two that were both given would not say which of them is meant.
    if let Some(clash) = draft.clash(|_| true) {
        return Err(clash);
    }
    if let Some(refused) = draft.refused(|key| !asks || questions.iter().all(|asked| asked.key != key)) {
        return Err(refused);
    }
    if missing.is_empty() {
        return Ok(());
    }
    if !somebody {
        return Err(lacking(draft.name(), &missing));
    }
    for asked in questions {
        let mut said = draft.says(asked.key);
        loop {
            match draft.refusal(asked.key) {
                Some(refused) => context.output.problem(&refused),
                None if said => break,
                None => {}
            }
            let answer = answer(asked).await?.ok_or_else(unanswered)?;
            draft.unsay(asked.key);
            draft.say(asked.key, answer.expose())?;
            said = !draft.missing().contains(&asked.key);
        }
    }
    Ok(())
}

async fn answer(asked: &Asked) -> Result<Option<crate::domain::Secret>> {
    let question = format!("{} ({}): ", asked.key, asked.note);
    if is_secret(asked.key) {
        return ask::secret(question).await;
    }
    Ok(ask::line(question).await?.map(crate::domain::Secret::new))
}

fn lacking(name: &str, missing: &[&str]) -> Failure {
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let what = format!("profile \"{}\": {} {verb} missing", display(name), missing.join(", "));
    let flags: Vec<String> = missing.iter().map(|key| format!("--set {key}=…")).collect();
    usage(what, format!("add {}", flags.join(" ")))
}

fn unanswered() -> Failure {
    usage("the questions were not answered, and nothing was saved", "give the answers with --set KEY=VALUE")
}

/// What has answered, and what is still to be done before the profile can be used.
fn answered(table: Option<&CatalogStatus>, name: &str) -> String {
    let migrate = format!("windlass catalog migrate --profile {name}");
    match table {
        None => "the bucket answered".into(),
        Some(table) if !table.table_exists => {
            format!("bucket and database answered; the table is missing, which this makes: {migrate}")
        }
        Some(table) if !table.pending.is_empty() => {
            format!("bucket and database answered; the table lacks columns or indexes, which this adds: {migrate}")
        }
        Some(_) => "bucket and database answered".into(),
    }
}

/// Whether a profile that does not work is to be saved all the same.
async fn is_wanted_all_the_same(problems: &[Failure], somebody: bool, context: &mut Context) -> Result<bool> {
    problems.iter().for_each(|problem| context.output.problem(problem));
    if somebody {
        return ask::ask("Save the profile all the same? [y/N] ".into()).await;
    }
    context.output.note("the profile is not saved; --no-test saves it untried");
    Ok(false)
}

/// The new profile, as `profiles` lists it.
#[derive(Serialize)]
struct Added {
    #[serde(flatten)]
    row: Row,
    #[serde(skip)]
    file: String,
}

impl Line for Added {
    fn text(&self) -> Option<String> {
        let name = display(&self.row.name).into_owned();
        Some(format!("{name} is in {}{}", self.file, self.row.told_problems()))
    }
}
