//! `windlass catalog`: how the table of the profile in force stands, and the migration that adds Windlass's columns and
//! indexes to it.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::catalog::CatalogStatus;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::Line;
use crate::domain::Result;
use crate::domain::display::display;

/// What to do with the catalog.
#[derive(Debug, Args)]
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
}

/// Looks or migrates.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let connection = context.connect().await?;
    match flags.command {
        Command::Status => context.output.print(&Status::from(connection.catalog.status().await?))?,
        Command::Migrate => {
            let applied = connection.catalog.migrate().await?;
            context.output.print(&Migrated { place: connection.catalog.status().await?.place, applied })?;
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
}

impl From<CatalogStatus> for Status {
    fn from(status: CatalogStatus) -> Self {
        Self {
            place: status.place,
            table_exists: status.table_exists,
            applied: status.applied,
            pending: status.pending,
        }
    }
}

impl Line for Status {
    fn text(&self) -> Option<String> {
        let place = display(&self.place);
        let pending = display(&self.pending.join(", ")).into_owned();
        Some(match (self.table_exists, self.pending.is_empty()) {
            (false, _) => format!("{place}: the table is missing; windlass catalog migrate makes it"),
            (true, false) => format!("{place}: lacks {pending}; windlass catalog migrate adds it"),
            (true, true) => format!("{place}: up to date"),
        })
    }
}

/// What `migrate` prints.
#[derive(Serialize)]
struct Migrated {
    place: String,
    applied: Vec<String>,
}

impl Line for Migrated {
    fn text(&self) -> Option<String> {
        let place = display(&self.place);
        Some(match self.applied.as_slice() {
            [] => format!("{place}: nothing to do"),
            steps => format!("{place}: applied {}", display(&steps.join(", "))),
        })
    }
}
