//! What a `database_url` means: a PostgreSQL server with the TLS that its host calls for, or a SQLite file.

use std::borrow::Cow;

use super::database_url::DatabaseUrl;
use super::profile::{CatalogConfig, DatabaseTls};
use super::url;
use crate::domain::Secret;

/// What a profile says about its PostgreSQL besides the URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    /// `database_tls`, where given.
    pub tls: Option<DatabaseTls>,
    /// `schema`.
    pub schema: String,
    /// `rls_setting`.
    pub rls_setting: Option<String>,
}

/// The file of a `sqlite:` URL, as written.
pub fn sqlite_path(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    Some(path.strip_prefix("//").unwrap_or(path))
}

/// The catalog behind a PostgreSQL URL.
///
/// # Errors
/// Half a sentence ("is pasted twice") and what to do; neither repeats the URL, which holds a password.
pub fn postgres(url: &str, options: PostgresOptions) -> Result<CatalogConfig, (String, String)> {
    let wrong = |why: &str, hint: &str| Err((why.to_owned(), hint.to_owned()));
    let trimmed = url.trim();
    if trimmed.starts_with("psql ") || trimmed.starts_with(['\'', '"']) {
        return wrong("has psql or quotes around the URL", "copy only what begins with postgresql://");
    }
    if url::parts(trimmed).is_none_or(|parts| !matches!(parts.scheme, "postgres" | "postgresql")) {
        return wrong("is no database URL", "write postgres://USER:PASSWORD@HOST/DATABASE or sqlite:PATH");
    }
    if trimmed.matches("postgres://").count() + trimmed.matches("postgresql://").count() > 1 {
        return wrong("is pasted twice", "write the URL once");
    }
    if trimmed.contains(char::is_whitespace) {
        return wrong("has a blank or a line break in it", "write it without, or %20 for a blank in the password");
    }
    let tls = options.tls.unwrap_or(if is_local(trimmed) { DatabaseTls::Off } else { DatabaseTls::Verify });
    let PostgresOptions { schema, rls_setting, .. } = options;
    Ok(CatalogConfig::Postgres { url: Secret::new(trimmed), tls, schema, rls_setting })
}

/// Whether a URL leads to this machine; what cannot be read does not.
pub fn is_local(url: &str) -> bool {
    DatabaseUrl::read(url).is_ok_and(|url| url.is_local())
}

/// The host behind Neon's pooler: the same name without `-pooler` in its first label (Neon docs, "Connection pooling").
/// Other providers' poolers do not tell where their server is.
pub fn direct_host(host: &str) -> Option<String> {
    let (endpoint, domain) = host.split_once('.')?;
    let domain_of_neon = domain.to_ascii_lowercase().trim_end_matches('.').ends_with(".neon.tech");
    let endpoint = endpoint.strip_suffix("-pooler").filter(|endpoint| domain_of_neon && !endpoint.is_empty())?;
    Some(format!("{endpoint}.{domain}"))
}

/// A place that begins with a host (`HOST:PORT/DATABASE`), by the host behind its pooler where that is known: both lead to
/// the same database.
pub fn past_the_pooler(place: &str) -> Cow<'_, str> {
    let (host, rest) = place.split_at(place.find([':', '/', '#']).unwrap_or(place.len()));
    direct_host(host).map_or(Cow::Borrowed(place), |direct| Cow::Owned(format!("{direct}{rest}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls_of(url: &str) -> DatabaseTls {
        let options = PostgresOptions { tls: None, schema: "public".into(), rls_setting: None };
        match postgres(url, options).unwrap() {
            CatalogConfig::Postgres { tls, .. } => tls,
            CatalogConfig::Sqlite(_) => panic!("{url}"),
        }
    }

    fn why(url: &str) -> String {
        postgres(url, PostgresOptions { tls: None, schema: "public".into(), rls_setting: None }).unwrap_err().0
    }

    #[test]
    fn only_hosts_of_this_machine_do_without_tls() {
        for url in [
            "postgres://localhost/x",
            "postgresql://me:pw@127.0.0.1:5432/x?sslmode=require",
            "postgres://[::1]/x",
            "postgres:///x?host=/var/run/postgresql",
            "postgres://%2Fvar%2Frun/x",
        ] {
            assert_eq!(tls_of(url), DatabaseTls::Off, "{url}");
        }
        for url in ["postgres://ep-x.neon.tech/x?sslmode=disable", "postgres://localhost/x?host=db.example.org"] {
            assert_eq!(tls_of(url), DatabaseTls::Verify, "{url}");
        }
    }

    #[test]
    fn slips_are_named_and_the_password_is_not_repeated() {
        assert_eq!(why("psql 'postgresql://me:hunter2@h/d'"), "has psql or quotes around the URL");
        assert_eq!(why("mysql://me:hunter2@h/d"), "is no database URL");
        assert_eq!(why("postgres://me:hunter2@h/dpostgres://me:hunter2@h/d"), "is pasted twice");
        assert_eq!(why("postgres://me:hun ter2@h/d"), "has a blank or a line break in it");
    }

    #[test]
    fn sqlite_urls_name_a_file() {
        assert_eq!(sqlite_path("sqlite:a/b.sqlite"), Some("a/b.sqlite"));
        assert_eq!(sqlite_path("sqlite:///tmp/x"), Some("/tmp/x"));
        assert_eq!(sqlite_path("postgres://x"), None);
    }

    #[test]
    fn the_server_behind_neons_pooler_is_known_and_no_other() {
        for (host, direct) in [
            ("ep-x-1-pooler.eu-central-1.aws.neon.tech", Some("ep-x-1.eu-central-1.aws.neon.tech")),
            ("ep-x-1-pooler.c-2.us-east-1.aws.neon.tech", Some("ep-x-1.c-2.us-east-1.aws.neon.tech")),
            ("ep-x-1.eu-central-1.aws.neon.tech", None),
            ("ep-x-pooler.neon.tech.example.org", None),
            ("db-pooler.example.org", None),
            ("-pooler.eu.aws.neon.tech", None),
            ("localhost", None),
        ] {
            assert_eq!(direct_host(host).as_deref(), direct, "{host}");
        }
    }

    #[test]
    fn a_place_past_the_pooler_has_the_same_port_database_and_table() {
        let same = |place: &str| past_the_pooler(place).into_owned();
        assert_eq!(same("ep-x-pooler.eu.aws.neon.tech/db#public.r2_files"), "ep-x.eu.aws.neon.tech/db#public.r2_files");
        assert_eq!(same("ep-x-pooler.eu.aws.neon.tech:5432/db"), "ep-x.eu.aws.neon.tech:5432/db");
        for other in ["ep-x.eu.aws.neon.tech/db", "h/ep-x-pooler.eu.aws.neon.tech", "sqlite:/x-pooler.neon.tech#t"] {
            assert_eq!(same(other), other);
        }
    }
}
