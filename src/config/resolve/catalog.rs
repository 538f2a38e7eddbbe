//! Where a profile's catalog is: the database that `database_url` names with what goes with it, or else a file of SQLite.

use super::{Resolver, TLS};
use crate::config::database::{self, PostgresOptions};
use crate::config::mistakes::Mistakes;
use crate::config::profile::{CatalogConfig, DatabaseTls};
use crate::domain::{Result, Secret};

impl Resolver<'_> {
    /// With `database_url_command` the URL is still to come, and only its surroundings are known.
    pub(super) fn catalog(&self, mistakes: &mut Mistakes) -> Option<CatalogConfig> {
        let reader = &self.reader;
        let options = PostgresOptions {
            tls: mistakes.or_default(reader.choice("database_tls", TLS)),
            schema: mistakes.or_default(reader.word("schema")).unwrap_or_else(|| "public".into()),
            rls_setting: mistakes.or_default(self.rls_setting()),
        };
        if reader.has("database_url_command") {
            let PostgresOptions { tls, schema, rls_setting } = options;
            let tls = tls.unwrap_or(DatabaseTls::Verify);
            return Some(CatalogConfig::Postgres { url: Secret::new(""), tls, schema, rls_setting });
        }
        mistakes.or_default(self.database(options).map(Some))
    }

    fn database(&self, options: PostgresOptions) -> Result<CatalogConfig> {
        let reader = &self.reader;
        let Some(url) = reader.text("database_url")? else {
            return Ok(CatalogConfig::Sqlite(self.context.places.catalog(self.name)));
        };
        match database::sqlite_path(&url) {
            Some("") => Err(reader.fault("database_url", "names no file").hint("write sqlite:PATH")),
            Some(path) => Ok(CatalogConfig::Sqlite(reader.beside(path))),
            None => {
                database::postgres(&url, options).map_err(|(why, hint)| reader.fault("database_url", &why).hint(hint))
            }
        }
    }

    /// PostgreSQL takes custom settings only with a dot in their name.
    fn rls_setting(&self) -> Result<Option<String>> {
        let setting = self.reader.word("rls_setting")?;
        let legal = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match &setting {
            Some(name) if !name.split_once('.').is_some_and(|(one, two)| legal(one) && legal(two)) => {
                let failure = self.reader.fault("rls_setting", "is no name of a custom setting");
                Err(failure.hint("write it like \"app.user_id\", as the table's policy has it"))
            }
            _ => Ok(setting),
        }
    }
}
