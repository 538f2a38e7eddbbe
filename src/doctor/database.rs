//! The database: whether it answers, how its connection is protected, and whether its table is as Windlass needs it.

use std::time::Duration;

use super::OF_DATABASE;
use super::report::{Report, Verdict};
use crate::catalog::{CatalogStatus, Pooled};
use crate::config::{CatalogConfig, DatabaseTls};
use crate::domain::finding::Check;
use crate::domain::{Failure, Result, RowSecurity};
use crate::transfer::Connection;

/// How long it may take: it may have to wake up.
const WAKING: Duration = Duration::from_secs(10);

/// Looks at everything.
pub async fn look(connection: &Connection, report: &Report) {
    let status = match report.within_time(WAKING, connection.catalog.status()).await {
        Some(Ok(status)) => status,
        Some(Err(failure)) => return unreached(report, failure.into()).await,
        None => {
            let verdict = Verdict::fail("the database did not answer in time", "run it again: it may be waking up");
            return unreached(report, verdict).await;
        }
    };
    report.say(Check::Database, Verdict::ok(status.place.clone())).await;
    report.say(Check::DatabaseTls, encryption(&connection.profile.catalog)).await;
    report.say(Check::Migrations, migrations(&status)).await;
    let (security, pooled) = tokio::join!(
        report.within(connection.catalog.row_security()),
        report.within_time(WAKING, connection.catalog.pooled())
    );
    report.say(Check::Rls, rows(&connection.profile.catalog, status.table_exists, security)).await;
    report.say(Check::Pooler, pooled.map_or_else(|| pooler(Pooled::No), pooler)).await;
}

async fn unreached(report: &Report, verdict: Verdict) {
    report.say(Check::Database, verdict).await;
    report.skip(&OF_DATABASE[1..], "the database does not answer").await;
}

/// What the profile asks for has been in force if the database answered.
fn encryption(catalog: &CatalogConfig) -> Verdict {
    let CatalogConfig::Postgres { url, tls, .. } = catalog else {
        return Verdict::skip("SQLite is a file");
    };
    match tls {
        DatabaseTls::Verify if url.expose().contains("channel_binding=require") => Verdict::ok(
            "encrypted, and the certificate is verified; channel binding, which the URL asks for, is not used",
        ),
        DatabaseTls::Verify => Verdict::ok("encrypted, and the certificate is verified"),
        DatabaseTls::Insecure => Verdict::warn(
            "encrypted, but any certificate is taken (database_tls = \"insecure\")",
            "set ca_file to the authority that signed it, and database_tls = \"verify\"",
        ),
        DatabaseTls::Off if crate::config::is_local_url(url.expose()) => {
            Verdict::skip("not encrypted: the database is on this machine")
        }
        DatabaseTls::Off => Verdict::warn(
            "not encrypted: passwords and records can be read on the way (database_tls = \"off\")",
            "set database_tls = \"verify\"",
        ),
    }
}

fn migrations(status: &CatalogStatus) -> Verdict {
    let hint = "windlass catalog migrate";
    match (status.table_exists, status.pending.is_empty()) {
        (false, _) => Verdict::fail("the table is missing", hint),
        (true, false) => Verdict::fail(format!("the table lacks {}", status.lacks()), hint),
        (true, true) => Verdict::ok("the table has everything"),
    }
}

fn rows(catalog: &CatalogConfig, table_exists: bool, seen: Option<Result<RowSecurity, Failure>>) -> Verdict {
    let counts = matches!(catalog, CatalogConfig::Postgres { rls_setting: Some(_), .. });
    let hint = "windlass catalog rls prints what to run";
    match seen {
        _ if !table_exists => Verdict::skip("the table is missing"),
        None => Verdict::fail("the database did not answer in time", "run it again"),
        Some(Err(failure)) => failure.into(),
        Some(Ok(RowSecurity::Unknown)) => Verdict::skip("the database has no row-level security"),
        Some(Ok(RowSecurity::Active)) if counts => Verdict::ok("the database keeps users' rows apart"),
        Some(Ok(RowSecurity::Active)) => Verdict::warn(
            "the table's policies hold, but the database is not told who asks",
            "set rls_setting and user_id in the profile, as the policy reads them",
        ),
        Some(Ok(RowSecurity::Off)) if counts => {
            Verdict::fail("rls_setting is set, but the table has no row-level security", hint)
        }
        Some(Ok(RowSecurity::Off)) => {
            Verdict::skip("the table has no row-level security, and the profile asks for none")
        }
        Some(Ok(RowSecurity::Bypassed { role, why })) if counts => {
            Verdict::fail(format!("row-level security does not hold for the role {role}: {why}"), hint)
        }
        Some(Ok(RowSecurity::Bypassed { .. })) => Verdict::skip("the profile does not count on row-level security"),
    }
}

fn pooler(pooled: Pooled) -> Verdict {
    match pooled {
        Pooled::No => Verdict::skip("no pooler stands before the database, as far as its name tells"),
        Pooled::Through { direct, answers: Ok(()) } => {
            Verdict::ok(format!("records go through the pooler, migrations to {direct}"))
        }
        Pooled::Through { direct, answers: Err(failure) } => Verdict::warn(
            format!("migrations go through the pooler, as {direct} cannot be reached: {}", failure.what),
            "open the way to that host, or use its URL for migrations",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::Status;
    use crate::domain::{FailureKind, Secret};

    fn postgres(url: &str, tls: DatabaseTls, rls_setting: Option<&str>) -> CatalogConfig {
        let rls_setting = rls_setting.map(Into::into);
        CatalogConfig::Postgres { url: Secret::new(url), tls, schema: "public".into(), rls_setting }
    }

    #[test]
    fn protection_is_what_the_profile_asks_for() {
        let of = |url, tls| encryption(&postgres(url, tls, None)).status;
        assert_eq!(of("postgres://h/d", DatabaseTls::Verify), Status::Ok);
        assert_eq!(of("postgres://h/d", DatabaseTls::Insecure), Status::Warn);
        assert_eq!(of("postgres://h/d", DatabaseTls::Off), Status::Warn);
        assert_eq!(of("postgres://localhost/d", DatabaseTls::Off), Status::Skip);
    }

    #[test]
    fn row_level_security_matters_to_those_who_count_on_it() {
        let bypassed = || Some(Ok(RowSecurity::Bypassed { role: "owner".into(), why: "it is a superuser" }));
        let of = |setting, seen| rows(&postgres("postgres://h/d", DatabaseTls::Verify, setting), true, seen).status;
        assert_eq!(of(Some("app.user_id"), bypassed()), Status::Fail);
        assert_eq!(of(None, bypassed()), Status::Skip);
        assert_eq!(of(Some("app.user_id"), Some(Ok(RowSecurity::Off))), Status::Fail);
        assert_eq!(of(Some("app.user_id"), Some(Ok(RowSecurity::Active))), Status::Ok);
        assert_eq!(of(None, Some(Ok(RowSecurity::Active))), Status::Warn);
    }

    #[test]
    fn a_pooler_whose_server_is_out_of_reach_is_told() {
        let answers = Err(Failure::new(FailureKind::CatalogAway, "it does not answer"));
        let verdict = pooler(Pooled::Through { direct: "ep-x.neon.tech".into(), answers });
        assert_eq!(verdict.status, Status::Warn);
        assert!(verdict.detail.contains("ep-x.neon.tech"), "{}", verdict.detail);
    }
}
