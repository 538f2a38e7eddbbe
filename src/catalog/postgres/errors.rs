//! The one place where the driver's errors become sentences: what says "not now" is `CatalogAway`, a missing table or
//! column `NeedsMigration`, and everything else the database's refusal.

use std::io;

use sqlx::Error;
use sqlx::error::DatabaseError;

use super::options::Place;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind};

/// The failure for an error of the database at a place, about a table.
pub fn failure(error: &Error, place: &Place, table: &str) -> Failure {
    match error {
        Error::Io(error) => connection(error, place),
        Error::Tls(error) => refused(format!("no TLS with the database at {place}: {}", one_line(&error.to_string())))
            .hint("check ca_file, or set database_tls = \"off\" where the network is your own"),
        Error::Database(error) => answer(error.as_ref(), place, table),
        Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => away(place, "the connection was lost"),
        Error::Protocol(error) => away(place, &format!("it answered what PostgreSQL would not ({})", one_line(error))),
        other => {
            refused(format!("the database at {place} gave an unexpected answer: {}", one_line(&other.to_string())))
        }
    }
}

/// Whether an error says that the place is not to be reached just now.
fn connection(error: &io::Error, place: &Place) -> Failure {
    let host = &place.host;
    match error.kind() {
        io::ErrorKind::TimedOut => away(place, "it does not answer").hint("it may be asleep or the network slow"),
        io::ErrorKind::ConnectionRefused => {
            away(place, "it refused the connection").hint("check that it runs and takes connections")
        }
        // The TLS library wraps what it thinks of a certificate into this.
        io::ErrorKind::InvalidData => refused(format!(
            "the certificate of the database at {place} is not trusted: {}",
            one_line(&error.to_string())
        ))
        .hint("set ca_file to the authority that signed it, or database_tls = \"insecure\" to trust any"),
        io::ErrorKind::NotFound if host.starts_with('/') => away(place, "there is no socket in that folder"),
        _ if is_name_resolution(error) => {
            Failure::new(FailureKind::CatalogAway, format!("cannot find the database host {}", display(host)))
                .hint("check the host in database_url, and the network")
        }
        _ => away(place, &one_line(&error.to_string())),
    }
}

/// The standard library has no kind for a name that is not found, only these words.
fn is_name_resolution(error: &io::Error) -> bool {
    error.to_string().contains("failed to lookup address")
}

/// What the server said, by its SQLSTATE (PostgreSQL manual, appendix A).
fn answer(error: &dyn DatabaseError, place: &Place, table: &str) -> Failure {
    let code = error.code().unwrap_or_default();
    let message = one_line(error.message());
    match code.as_ref() {
        "28P01" => {
            refused(format!("the database refused the password of user \"{}\" at {place}", display(&place.user)))
                .hint("check the password in database_url")
        }
        "28000" => {
            refused(format!("the database at {place} does not let user \"{}\" in: {message}", display(&place.user)))
                .hint("check the user in database_url, and what the server allows it")
        }
        "3D000" => {
            refused(format!("there is no database \"{}\" at {}:{}", display(&place.database), place.host, place.port))
                .hint("check the name in database_url")
        }
        "3F000" => refused(format!("cannot make the table {table}: {message}"))
            .hint("create the schema, or change schema in the profile"),
        "42P01" => Failure::new(FailureKind::NeedsMigration, format!("there is no table {table} at {place}"))
            .hint("run: windlass catalog migrate"),
        "42703" => {
            Failure::new(FailureKind::NeedsMigration, format!("the table {table} at {place} lacks columns of Windlass"))
                .hint("run: windlass catalog migrate")
        }
        "42501" => refused(format!("the database at {place} does not allow that: {message}"))
            .hint(format!("let a user with the right do it, or grant it to \"{}\"", display(&place.user))),
        "42P10" => refused(format!("the table {table} has no UNIQUE constraint on its keys"))
            .hint("add one, as the guide's table has"),
        "25006" => refused(format!("the database at {place} takes no writes: {message}"))
            .hint("it may be a replica: use the primary's address"),
        code if says_not_now(code) => {
            Failure::new(FailureKind::CatalogAway, format!("the database at {place} is not ready: {message}"))
        }
        _ => refused(format!("the database at {place} refused: {message}")),
    }
}

/// Connection trouble (08), transaction rollback (40), too few resources (53), a lock not to be had (55P03),
/// cancelled or shutting down (57), the machine's trouble (58), and Neon's proxy, whose own errors are XX000.
fn says_not_now(code: &str) -> bool {
    matches!(code.get(..2), Some("08" | "40" | "53" | "57" | "58")) || matches!(code, "55P03" | "55006" | "XX000")
}

fn away(place: &Place, why: &str) -> Failure {
    Failure::new(FailureKind::CatalogAway, format!("cannot reach the database at {place}: {why}"))
}

/// A refusal.
pub fn refused(what: String) -> Failure {
    Failure::new(FailureKind::CatalogRefused, what)
}

/// A message from outside on one line, made visible.
fn one_line(text: &str) -> String {
    display(text.lines().next().unwrap_or_default().trim()).into_owned()
}
