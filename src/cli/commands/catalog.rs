//! `windlass catalog`: how the table of the profile in force stands, the migration that adds Windlass's columns and
//! indexes to it, and the SQL of row-level security for it.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::catalog::{self, CatalogStatus};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::Line;
use crate::domain::capability::Reason;
use crate::domain::display::display;
use crate::domain::{Result, RowSecurity};

/// What to do with the catalog.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass catalog status     which table, and what it lacks
  windlass catalog migrate    adds that; an app that uses the table goes on
  windlass catalog rls        the SQL, for somebody to run")]
pub struct Flags {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say where the table is and what it lacks
    Status,
    /// Make the table, or add what it lacks; nothing is removed, a second time changes nothing
    Migrate,
    /// Print the SQL that makes PostgreSQL keep each user's rows from the others
    Rls,
}

/// Looks or migrates.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let connection = context.connect().await?;
    match flags.command {
        Command::Status => context.output.print(&Status::from(connection.catalog.status().await?))?,
        Command::Migrate => {
            let applied = connection.catalog.migrate().await?;
            context.output.print(&Migrated::new(connection.catalog.status().await?, applied))?;
        }
        Command::Rls => {
            let sql = connection.catalog.policy()?;
            context.output.print(&Policy::new(sql, connection.catalog.row_security().await?))?;
        }
    }
    Ok(Exit::Done)
}

/// What `status` prints.
#[derive(Serialize)]
struct Status {
    place: String,
    table_exists: bool,
    applied: Vec<String>,
    pending: Vec<String>,
    /// Why a search has no index to go by.
    unindexed: Option<Reason>,
    #[serde(skip)]
    lacks: String,
}

impl From<CatalogStatus> for Status {
    fn from(status: CatalogStatus) -> Self {
        Self {
            lacks: status.lacks(),
            place: status.place,
            table_exists: status.table_exists,
            applied: status.applied,
            pending: status.pending,
            unindexed: status.unindexed,
        }
    }
}

impl Line for Status {
    fn text(&self) -> Option<String> {
        let place = display(&self.place);
        Some(match (self.table_exists, self.pending.is_empty()) {
            (false, _) => format!("{place}: the table is missing; windlass catalog migrate makes it"),
            (true, false) => format!("{place}: lacks {}; windlass catalog migrate adds them", self.lacks),
            (true, true) => match self.unindexed {
                None => format!("{place}: up to date"),
                Some(why) => format!("{place}: up to date; search without an index: {why}"),
            },
        })
    }
}

/// What `rls` prints.
#[derive(Serialize)]
struct Policy {
    sql: String,
    /// Whether policies hold for the role that the profile connects as.
    active: bool,
    /// The role that they do not hold for.
    bypassed_by: Option<String>,
    #[serde(skip)]
    now: String,
}

impl Policy {
    fn new(sql: String, seen: RowSecurity) -> Self {
        let now = match &seen {
            RowSecurity::Unknown => "the table is not there yet: windlass catalog migrate makes it".to_owned(),
            RowSecurity::Off => "row-level security is off: everyone who connects sees every row".to_owned(),
            RowSecurity::Active => "row-level security holds for the role that this profile connects as".to_owned(),
            RowSecurity::Bypassed { role, why } => {
                format!("row-level security does not hold for the role \"{}\": {why}", display(role))
            }
        };
        let active = seen == RowSecurity::Active;
        let bypassed_by = if let RowSecurity::Bypassed { role, .. } = seen { Some(role) } else { None };
        Self { sql, active, bypassed_by, now }
    }
}

impl Line for Policy {
    /// SQL as it is, so that it can be piped into psql; how things stand now comes as a comment.
    fn text(&self) -> Option<String> {
        let lines = self.sql.lines().map(|line| display(line).into_owned());
        Some(std::iter::once(format!("-- Now: {}", self.now)).chain(lines).collect::<Vec<_>>().join("\n"))
    }
}

/// What `migrate` prints.
#[derive(Serialize)]
struct Migrated {
    place: String,
    applied: Vec<String>,
    /// Why a search still has no index to go by.
    unindexed: Option<Reason>,
}

impl Migrated {
    /// What is pending now could be had, and was refused.
    fn new(status: CatalogStatus, applied: Vec<String>) -> Self {
        let refused = "the server refused to build one, and the log says why";
        let unindexed = if status.pending.is_empty() { status.unindexed } else { Some(refused) };
        Self { place: status.place, applied, unindexed }
    }
}

impl Line for Migrated {
    fn text(&self) -> Option<String> {
        let place = display(&self.place);
        let done = match self.applied.as_slice() {
            [] => format!("{place}: nothing to do"),
            steps => format!("{place}: added {}", catalog::in_words(steps)),
        };
        Some(match self.unindexed {
            None => done,
            Some(why) => format!("{done}; search without an index: {why}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_up_to_date_says_why_searches_have_no_index() {
        let status = |unindexed| {
            let (applied, pending) = (vec!["0001_table".into()], Vec::new());
            let status = CatalogStatus { place: "here".into(), table_exists: true, applied, pending, unindexed };
            Status::from(status).text().unwrap()
        };
        assert_eq!(status(None), "here: up to date");
        assert_eq!(status(Some("it rains")), "here: up to date; search without an index: it rains");
    }

    #[test]
    fn a_migration_says_why_searches_still_have_no_index() {
        let migrated = |pending: &[&str], unindexed| {
            let pending = pending.iter().map(|step| (*step).to_owned()).collect();
            let (place, applied) = ("here".into(), Vec::new());
            let status = CatalogStatus { place, table_exists: true, applied, pending, unindexed };
            Migrated::new(status, vec!["0005_key_order".into()]).text().unwrap()
        };
        assert_eq!(migrated(&[], None), "here: added indexes");
        let rains = "here: added indexes; search without an index: it rains";
        assert_eq!(migrated(&[], Some("it rains")), rains);
        let refused =
            "here: added indexes; search without an index: the server refused to build one, and the log says why";
        assert_eq!(migrated(&["0006_search"], Some("windlass catalog migrate builds one")), refused);
    }
}
