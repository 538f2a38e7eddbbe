//! `windlass cors`: which web pages may read and upload with the bucket's URLs, and letting more of them. The guides call it
//! the thing that breaks first: without a rule the browser blocks the upload, and the bucket never hears of it.

use std::io::{self, IsTerminal};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::advice::usage;
use crate::cli::ask::ask;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::Line;
use crate::domain::display::display;
use crate::domain::{CorsRule, Result};
use crate::storage::{self, cors::Allowed};
use crate::transfer::Connection;

/// Flags of `cors`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass cors show
  windlass cors allow https://example.org http://localhost:3000
  windlass cors clear --yes")]
pub struct Flags {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the bucket's rules
    Show,
    /// Let pages of these origins read and upload, as the provider's guide has it; other rules stay
    Allow {
        /// Scheme and host, perhaps a port: https://example.org
        #[arg(required = true, value_name = "ORIGIN")]
        origins: Vec<String>,
    },
    /// Remove all rules
    Clear {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Shows or changes the rules.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    if let Command::Clear { yes: false } = flags.command
        && !(io::stdin().is_terminal() && io::stderr().is_terminal())
    {
        return Err(usage("cors clear asks first, and there is no terminal to ask on", "add --yes"));
    }
    let connection = context.connect().await?;
    connection.store.check(&|can| can.cors)?;
    match flags.command {
        Command::Show => show(&connection, context).await,
        Command::Allow { origins } => allow(&origins, &connection, context).await,
        Command::Clear { yes } => clear(yes, &connection, context).await,
    }
}

async fn show(connection: &Connection, context: &mut Context) -> Result<Exit> {
    let rules = connection.store.cors().await?;
    if rules.is_empty() {
        context
            .output
            .note("no CORS rules: browsers block uploads from every page; windlass cors allow ORIGIN adds one");
    }
    print(rules, context)
}

async fn allow(origins: &[String], connection: &Connection, context: &mut Context) -> Result<Exit> {
    let Allowed { rules, is_new } = storage::cors::allow(connection.store.as_ref(), origins).await?;
    match connection.store.cors_guide().delay {
        _ if !is_new => context.output.note("that is allowed already"),
        Some(delay) => context.output.note(delay),
        None => {}
    }
    print(rules, context)
}

async fn clear(yes: bool, connection: &Connection, context: &mut Context) -> Result<Exit> {
    let bucket = display(connection.profile.bucket()).into_owned();
    let profile = display(&connection.profile.name).into_owned();
    if !yes && !ask(format!("Remove all CORS rules of {bucket} (profile {profile})? [y/N] ")).await? {
        context.output.note("nothing was removed");
        return Ok(Exit::Done);
    }
    connection.store.set_cors(&[]).await?;
    context.output.note(&format!("the bucket \"{bucket}\" has no CORS rules any more"));
    Ok(Exit::Done)
}

fn print(rules: Vec<CorsRule>, context: &mut Context) -> Result<Exit> {
    for rule in rules {
        context.output.print(&Rule::from(rule))?;
    }
    Ok(Exit::Done)
}

/// One rule.
#[derive(Serialize)]
struct Rule {
    id: Option<String>,
    origins: Vec<String>,
    methods: Vec<String>,
    headers: Vec<String>,
    exposed: Vec<String>,
    max_age: Option<u32>,
}

impl From<CorsRule> for Rule {
    fn from(rule: CorsRule) -> Self {
        let CorsRule { id, origins, methods, headers, exposed, max_age } = rule;
        Self { id, origins, methods, headers, exposed, max_age }
    }
}

impl Line for Rule {
    fn text(&self) -> Option<String> {
        let mut text = format!("{}: {}", self.origins.join(" "), self.methods.join(" "));
        for (what, words) in [("headers", &self.headers), ("may read", &self.exposed)] {
            if !words.is_empty() {
                text.push_str(&format!(", {what} {}", words.join(" ")));
            }
        }
        if let Some(seconds) = self.max_age {
            text.push_str(&format!(", remembered for {seconds} s"));
        }
        if let Some(id) = &self.id {
            text.push_str(&format!(" ({id})"));
        }
        Some(display(&text).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CorsGuide;

    #[test]
    fn a_rule_is_one_line() {
        let rule = Rule::from(CorsGuide::S3.rule(vec!["https://a".into(), "https://b".into()]));
        assert_eq!(rule.text().unwrap(), "https://a https://b: GET PUT, headers *, remembered for 9000 s");
        let named = CorsRule { id: Some("theirs".into()), origins: vec!["*".into()], ..CorsRule::default() };
        assert_eq!(Rule::from(named).text().unwrap(), "*:  (theirs)");
    }
}
