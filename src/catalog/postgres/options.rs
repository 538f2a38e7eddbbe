//! A connection URL as the driver wants it, from what Windlass has read itself: what the driver does not know is left out
//! without a warning that prints it, TLS is the profile's and not the URL's, and neither `PG…` variables nor `~/.pgpass`
//! give an address, a database, a password or authorities; what it takes from `PGUSER` and `PGOPTIONS` stays.

use std::path::{Path, PathBuf};

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::catalog::CatalogTarget;
use crate::config::database_url::DatabaseUrl;
use crate::config::{DatabaseTls, direct_host};
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result};

/// Where a connection goes, for sentences; no secret in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `host` or the folder of a socket.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The database's name.
    pub database: String,
    /// Who connects.
    pub user: String,
    /// The file with the authorities that the server's certificate may come from.
    pub authorities: Option<PathBuf>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}/{}", display(&self.host), self.port, display(&self.database))
    }
}

/// How a profile's database is reached.
pub struct Address {
    /// For everything but migrations.
    pub options: PgConnectOptions,
    /// Past the pooler, where the URL names one whose server is known.
    pub direct: Option<PgConnectOptions>,
    /// For sentences.
    pub place: Place,
}

/// The driver's options for a profile's database, and the place for sentences.
///
/// # Errors
/// `Usage` for a URL that cannot be read; the URL is not repeated.
pub fn connect_options(target: &CatalogTarget, url: &str, tls: DatabaseTls) -> Result<Address> {
    let parts = DatabaseUrl::read(url).map_err(|why| {
        Failure::new(FailureKind::Usage, format!("the profile's database_url cannot be read: {why}"))
            .hint("it looks like postgres://USER:PASSWORD@HOST/DATABASE")
    })?;
    let options = address(&parts);
    let stated = parts.root_certificate.as_deref().filter(|file| *file != "system").map(PathBuf::from);
    let authorities = target.ca_file.clone().or(stated);
    let tls = if options.get_socket().is_some() { DatabaseTls::Off } else { tls };
    let options = protect(options, &parts, tls, authorities.as_deref());
    let place = Place {
        port: options.get_port(),
        database: options.get_database().unwrap_or_default().to_owned(),
        user: options.get_username().to_owned(),
        host: parts.host.unwrap_or_else(|| LOCAL.into()),
        authorities,
    };
    let direct = direct_host(&place.host).map(|host| options.clone().host(&host));
    Ok(Address { options, direct, place })
}

/// Where a URL without a host leads.
const LOCAL: &str = "localhost";

/// Whom to connect to, and as whom.
fn address(parts: &DatabaseUrl) -> PgConnectOptions {
    // The password is set even when empty, or else PGPASSWORD would be sent to the host that the URL names.
    let mut options = PgConnectOptions::new_without_pgpass()
        .port(parts.port.unwrap_or(5432))
        .password(parts.password.as_deref().unwrap_or_default())
        .application_name("windlass")
        .extra_float_digits(None)
        .disable_statement_logging();
    // Not even an empty list, which would be sent, and poolers refuse it.
    if !parts.settings.is_empty() {
        options = options.options(parts.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }
    if let Some(user) = &parts.user {
        options = options.username(user);
    }
    let database = parts.database.clone().unwrap_or_else(|| options.get_username().to_owned());
    match parts.host.as_deref() {
        Some(folder) if folder.starts_with('/') => options.database(&database).socket(folder),
        host => options.database(&database).host(host.unwrap_or(LOCAL)),
    }
}

/// TLS as the profile wants it. `sslmode=require`, which providers put into the URLs that they show, would let the
/// driver accept any certificate at all.
fn protect(
    options: PgConnectOptions,
    parts: &DatabaseUrl,
    tls: DatabaseTls,
    authorities: Option<&Path>,
) -> PgConnectOptions {
    let options = options.ssl_mode(match tls {
        DatabaseTls::Verify => PgSslMode::VerifyFull,
        DatabaseTls::Insecure => PgSslMode::Require,
        DatabaseTls::Off => PgSslMode::Disable,
    });
    let options = match authorities {
        Some(file) => options.ssl_root_cert(file),
        // No more than the driver's own, rather than what PGSSLROOTCERT names.
        None => options.ssl_root_cert_from_pem(Vec::new()),
    };
    match (&parts.client_certificate, &parts.client_key) {
        (Some(certificate), Some(key)) => options.ssl_client_cert(certificate).ssl_client_key(key),
        _ => options,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::CatalogConfig;
    use crate::domain::Provider;

    fn target() -> CatalogTarget {
        CatalogTarget {
            provider: Provider::R2,
            buckets: vec!["b".into()],
            bucket: "b".into(),
            ca_file: None,
            user_id: None,
            read_only: false,
            config: CatalogConfig::Sqlite("unused".into()),
        }
    }

    fn read(url: &str, tls: DatabaseTls) -> Result<(PgConnectOptions, Place)> {
        let Address { options, place, .. } = connect_options(&target(), url, tls)?;
        Ok((options, place))
    }

    #[test]
    fn the_url_that_neon_shows_is_verified_in_full() {
        let url = "postgresql://me:p%40ss@ep-x-pooler.eu.aws.neon.tech/neondb?sslmode=require&channel_binding=require";
        let (options, place) = read(url, DatabaseTls::Verify).unwrap();
        assert!(matches!(options.get_ssl_mode(), PgSslMode::VerifyFull));
        assert_eq!(place.to_string(), "ep-x-pooler.eu.aws.neon.tech:5432/neondb");
        assert_eq!((place.user.as_str(), options.get_host()), ("me", "ep-x-pooler.eu.aws.neon.tech"));
    }

    #[test]
    fn only_the_host_is_another_past_the_pooler() {
        let url = "postgresql://me:pw@ep-x-pooler.eu.aws.neon.tech/neondb?sslmode=require";
        let address = connect_options(&target(), url, DatabaseTls::Verify).unwrap();
        let direct = address.direct.unwrap();
        assert_eq!((direct.get_host(), direct.get_username()), ("ep-x.eu.aws.neon.tech", "me"));
        assert!(matches!(direct.get_ssl_mode(), PgSslMode::VerifyFull));
        assert_eq!(direct.get_database(), address.options.get_database());
    }

    #[test]
    fn addresses_sockets_and_settings() {
        let (options, place) = read("postgres://u@[::1]:6000/a%20b?options=endpoint%3Dep-1", DatabaseTls::Off).unwrap();
        assert_eq!((options.get_host(), place.port, place.database.as_str()), ("::1", 6000, "a b"));
        assert_eq!(options.get_options(), Some("-c endpoint=ep-1"));
        let (options, _) = read("postgres:///db?host=/run/postgresql&user=u", DatabaseTls::Verify).unwrap();
        assert!(options.get_socket().is_some() && matches!(options.get_ssl_mode(), PgSslMode::Disable));
    }

    #[test]
    fn a_url_that_cannot_be_read_is_not_repeated() {
        for url in
            ["mysql://u:hunter2@h/d", "u:hunter2@h/d", "postgres://u:hunter2@h:port/d", "postgres://u:%FFhunter2@h"]
        {
            let failure = read(url, DatabaseTls::Off).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Usage);
            assert!(!failure.sentence().contains("hunter2"), "{failure}");
        }
    }
}
