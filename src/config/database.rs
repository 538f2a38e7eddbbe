//! What a `database_url` means: a PostgreSQL server with the TLS that its host calls for, or a SQLite file.

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
    let Some(parts) = url::parts(trimmed).filter(|parts| matches!(parts.scheme, "postgres" | "postgresql")) else {
        return wrong("is no database URL", "write postgres://USER:PASSWORD@HOST/DATABASE or sqlite:PATH");
    };
    if trimmed.matches("postgres://").count() + trimmed.matches("postgresql://").count() > 1 {
        return wrong("is pasted twice", "write the URL once");
    }
    if trimmed.contains(char::is_whitespace) {
        return wrong("has a blank or a line break in it", "write it without, or %20 for a blank in the password");
    }
    let tls = options.tls.unwrap_or(if is_local(&parts) { DatabaseTls::Off } else { DatabaseTls::Verify });
    let PostgresOptions { schema, rls_setting, .. } = options;
    Ok(CatalogConfig::Postgres { url: Secret::new(trimmed), tls, schema, rls_setting })
}

/// A `host=` in the query overrides the URL's own; a path there, or written as `%2F…`, is a unix socket.
pub fn is_local(parts: &url::Parts<'_>) -> bool {
    let asked = parts.query.split('&').find_map(|pair| pair.strip_prefix("host=").or(pair.strip_prefix("hostaddr=")));
    let host = asked.unwrap_or(parts.host);
    host.starts_with('/') || host.to_ascii_lowercase().starts_with("%2f") || url::is_local(host)
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
}
