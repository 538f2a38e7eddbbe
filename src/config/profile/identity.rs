//! What a profile is, apart from its secrets: queued work runs under the same one or not at all.

use sha2::{Digest, Sha256};

use super::{CatalogConfig, Profile, ProfileSource, SecretField};
use crate::config::database::past_the_pooler;
use crate::config::database_url::place_of;
use crate::domain::transfer::ProfileIdentity;

/// Bytes of a command's digest: enough to tell a few commands apart, and too few to try passwords against.
const DIGEST: usize = 4;

impl Profile {
    /// What must stay the same for queued work to run.
    pub fn identity(&self) -> ProfileIdentity {
        ProfileIdentity {
            name: self.name.clone(),
            provider: self.provider.name().into(),
            endpoint: self.endpoint_identity(),
            bucket: self.bucket().into(),
            key_id: self.key_identity(),
            catalog: self.catalog_identity(),
            env_file: match &self.source {
                ProfileSource::EnvFile(path) => Some(path.clone()),
                _ => None,
            },
        }
    }

    /// The keys that an AWS profile gives change by the hour; the profile stays the same.
    fn key_identity(&self) -> String {
        self.aws_profile.as_ref().map_or_else(|| self.access_key_id.clone(), |name| format!("aws_profile:{name}"))
    }

    fn endpoint_identity(&self) -> String {
        if let Some(own) = &self.uploadcare {
            return own.upload_base.clone().unwrap_or_default();
        }
        match (&self.endpoint, &self.account_id) {
            (Some(endpoint), _) => endpoint.clone(),
            (None, Some(account)) => format!("{account}/{}", self.jurisdiction.as_deref().unwrap_or("")),
            (None, None) => self.region.clone().unwrap_or_default(),
        }
    }

    /// Host, database, schema and table, or the SQLite path; no password, no user, no options, and the server's own host
    /// where a pooler's is named. Where a command is still to tell the database, the command stands for it.
    pub fn catalog_identity(&self) -> String {
        match &self.catalog {
            CatalogConfig::Sqlite(path) => format!("sqlite:{}#{}", path.display(), self.provider.table()),
            CatalogConfig::Postgres { url, schema, .. } => {
                let place = self.database_command().unwrap_or_else(|| place_of(url.expose()));
                format!("{}#{schema}.{}", past_the_pooler(&place), self.provider.table())
            }
        }
    }

    /// The command that tells the database, by a digest: its words may hold a secret.
    fn database_command(&self) -> Option<String> {
        let tells = |field| matches!(field, SecretField::DatabaseUrl { .. });
        let command = self.commands.iter().find(|command| tells(command.field))?;
        let digest = Sha256::digest(command.line.expose().as_bytes());
        let digest: String = digest.iter().take(DIGEST).map(|byte| format!("{byte:02x}")).collect();
        Some(format!("database_url_command:{digest}"))
    }
}
