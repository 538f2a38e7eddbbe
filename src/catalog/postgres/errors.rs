//! The one place where the driver's errors become sentences: what says "not now" is `CatalogAway`, a missing table or
//! column `NeedsMigration`, and everything else the database's refusal.

use std::io;

use sqlx::Error;
use sqlx::error::DatabaseError;

use super::options::Place;
use crate::catalog::needle::NOT_BUILT;
use crate::domain::capability::Reason;
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind};

/// The failure for an error of the database at a place, about a table.
pub fn failure(error: &Error, place: &Place, table: &str) -> Failure {
    match error {
        Error::Io(error) => connection(error, place),
        Error::Tls(error) => tls(&error.to_string(), place),
        Error::Database(error) => answer(error.as_ref(), place, table),
        Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => away(place, "the connection was lost"),
        Error::Protocol(error) => away(place, &format!("it answered what PostgreSQL would not ({})", one_line(error))),
        other => {
            refused(format!("the database at {place} gave an unexpected answer: {}", one_line(&other.to_string())))
        }
    }
}

/// What a broken or impossible connection means.
fn connection(error: &io::Error, place: &Place) -> Failure {
    match error.kind() {
        io::ErrorKind::TimedOut => away(place, "it does not answer").hint("it may be asleep or the network slow"),
        io::ErrorKind::ConnectionRefused => {
            away(place, "it refused the connection").hint("check that it runs and takes connections").nobody_there()
        }
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
            away(place, "it closed the connection")
        }
        io::ErrorKind::NotFound if place.host.starts_with('/') => {
            away(place, "there is no socket in that folder").nobody_there()
        }
        // The TLS library's complaints arrive wrapped into this kind.
        io::ErrorKind::InvalidData => tls(&error.to_string(), place),
        _ if is_name_resolution(error) => {
            let what = format!("cannot find the database host {}", display(&place.host));
            let failure =
                Failure::new(FailureKind::CatalogAway, what).hint("check the host in database_url, and the network");
            // Without a network nobody can say who is there.
            if error.to_string().contains("Temporary failure") { failure } else { failure.nobody_there() }
        }
        _ => match place.authorities.as_deref().map(|file| (file, std::fs::File::open(file))) {
            Some((file, Err(error))) => refused(Failure::io("read the ca_file", file, &error).what),
            _ => away(place, &one_line(&error.to_string())),
        },
    }
}

/// What the TLS library says against a server.
fn tls(why: &str, place: &Place) -> Failure {
    match why.strip_prefix("invalid peer certificate: ") {
        Some(why) => refused(format!("the certificate of the database at {place} is not trusted: {}", one_line(why)))
            .hint("set ca_file to the authority that signed it, or database_tls = \"insecure\" to trust any"),
        None => refused(format!("no TLS with the database at {place}: {}", one_line(why)))
            .hint("check ca_file, or set database_tls = \"off\" where the network is your own"),
    }
}

/// Whether the server ended a statement because its time was over (SQLSTATE `query_canceled`).
pub fn took_too_long(error: &Error) -> bool {
    matches!(error, Error::Database(error) if error.code().as_deref() == Some("57014"))
}

/// What a search comes to that no index serves and whose time was over.
pub fn too_large(table: &str, unindexed: Reason) -> Failure {
    let what = format!("the table {table} is too large to be searched row by row");
    let but = if unindexed == NOT_BUILT { ":" } else { ", but" };
    Failure::new(FailureKind::Busy, what).hint(format!("an index would help{but} {unindexed}"))
}

/// What a folder comes to whose time was over: few of its records are wanted, or it has very many.
pub fn too_long_for_a_folder(table: &str, folder: &str) -> Failure {
    let what = match folder {
        "" => format!("the folders of the table {table} take too long to be told"),
        _ => format!("the folder {} of the table {table} takes too long to be read", display(folder)),
    };
    Failure::new(FailureKind::Busy, what).hint("ask for all types, sizes and ages, or search for a part of the key")
}

/// What a folder comes to where every entry would cost a look at the whole table.
pub fn without_an_order(table: &str) -> Failure {
    let what = format!("the table {table} has no index of its keys in the order of their bytes, which folders need");
    Failure::new(FailureKind::NeedsMigration, what).hint("run: windlass catalog migrate")
}

/// The standard library has no kind for a name that is not found, only these words.
fn is_name_resolution(error: &io::Error) -> bool {
    error.to_string().contains("failed to lookup address")
}

/// Whether an upsert was refused because row-level security hides the row that has the key. Up to PostgreSQL 15.18 the
/// upsert passed such a row over in silence; 15.20 refuses with these words, and only an English server's are known here.
pub fn meets_a_hidden_row(error: &Error) -> bool {
    let Error::Database(error) = error else { return false };
    error.code().as_deref() == Some("42501") && error.message().contains("(USING expression)")
}

/// What the server said, by its SQLSTATE (PostgreSQL manual, appendix A).
fn answer(error: &dyn DatabaseError, place: &Place, table: &str) -> Failure {
    let code = error.code().unwrap_or_default();
    let message = one_line(error.message());
    let migrate = |what| Failure::new(FailureKind::NeedsMigration, what).hint("run: windlass catalog migrate");
    match code.as_ref() {
        "42P01" => migrate(format!("there is no table {table} at {place}")),
        "42703" => migrate(format!("the table {table} at {place} lacks columns of Windlass")),
        "55P03" => Failure::new(FailureKind::CatalogAway, format!("the table {table} at {place} is in use: {message}"))
            .hint("try again when what holds it is done"),
        code if says_not_now(code) => {
            Failure::new(FailureKind::CatalogAway, format!("the database at {place} is not ready: {message}"))
        }
        code => refusal(code, &message, place, table),
    }
}

/// What waiting does not mend, with what does.
fn refusal(code: &str, message: &str, place: &Place, table: &str) -> Failure {
    let (user, database) = (display(&place.user), display(&place.database));
    let (what, hint) = match code {
        "28P01" => (
            format!("the database refused the password of user \"{user}\" at {place}"),
            "check the password in database_url".into(),
        ),
        "28000" => (
            format!("the database at {place} does not let user \"{user}\" in: {message}"),
            "check the user in database_url, and what the server allows it".into(),
        ),
        "3D000" => (
            format!("there is no database \"{database}\" at {}:{}", display(&place.host), place.port),
            "check the name in database_url".into(),
        ),
        "3F000" => (
            format!("cannot make the table {table}: {message}"),
            "create the schema, or change schema in the profile".into(),
        ),
        "42501" => (format!("the database at {place} does not allow that: {message}"), right(message, place)),
        "42P10" => (
            format!("the table {table} has no UNIQUE constraint on its keys"),
            "add one, as the guide's table has".into(),
        ),
        "25006" => (
            format!("the database at {place} takes no writes: {message}"),
            "it may be a replica: use the primary's address".into(),
        ),
        _ => return refused(format!("the database at {place} refused: {message}")),
    };
    refused(what).hint(hint)
}

/// What helps against a missing right.
fn right(message: &str, place: &Place) -> String {
    if message.contains("row-level security") {
        return "check user_id and rls_setting in the profile, and the table's policies".into();
    }
    format!("let a user with the right do it, or grant it to \"{}\"", display(&place.user))
}

/// Connection trouble (08), transaction rollback (40), too few resources (53), an object in use (55006),
/// cancelled or shutting down (57), the machine's trouble (58), and Neon's proxy, whose own errors are XX000.
fn says_not_now(code: &str) -> bool {
    matches!(code.get(..2), Some("08" | "40" | "53" | "57" | "58")) || matches!(code, "55006" | "XX000")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(error: io::Error, host: &str) -> Failure {
        let [host, database, user] = [host, "files", "me"].map(str::to_owned);
        let place = Place { host, port: 5432, database, user, authorities: None };
        failure(&Error::Io(error), &place, "r2_files")
    }

    #[test]
    fn only_what_is_certainly_not_there_is_told_from_what_may_sleep() {
        let unknown = io::Error::other("failed to lookup address information: Name or service not known");
        let there = [io::ErrorKind::TimedOut, io::ErrorKind::ConnectionReset, io::ErrorKind::UnexpectedEof];
        let no_network = "failed to lookup address information: Temporary failure in name resolution";
        assert!(of(unknown, "db.example.org").nobody_there);
        assert!(!of(io::Error::other(no_network), "db.example.org").nobody_there);
        assert!(of(io::ErrorKind::ConnectionRefused.into(), "127.0.0.1").nobody_there);
        assert!(of(io::ErrorKind::NotFound.into(), "/run/postgresql").nobody_there);
        for kind in there {
            assert!(!of(kind.into(), "ep-calm.neon.tech").nobody_there, "{kind:?}");
        }
    }
}
