//! A profile that is made while the program runs: tried against its bucket and its database before it is written into the
//! configuration file, and from then on there like any other.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::{OF_PROFILE, Services, torn_down};
use crate::catalog::CatalogStatus;
use crate::config::draft::Destination;
use crate::config::{CatalogConfig, Config, Draft, Profile, ProfileSlot, edit};
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result};
use crate::storage::{ListRequest, NOBODYS};
use crate::transfer::Connection;

/// How long bucket and database have, side by side; longer than one connection attempt of either takes to fail.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came of asking a new profile's bucket and database.
#[derive(Debug, Default)]
pub struct Tried {
    /// What does not work; empty where all does.
    pub problems: Vec<Failure>,
    /// How the table stands, where a database was asked and has answered.
    pub table: Option<CatalogStatus>,
}

impl Services {
    /// Tries a profile that is not saved yet: lists one object and asks the database for its table. Nothing is written.
    pub async fn try_profile(&self, draft: &Draft) -> Tried {
        match self.try_open(draft).await {
            Ok(connection) => {
                let (bucket, catalog) = tokio::join!(try_bucket(&connection), try_catalog(&connection));
                let (table, refused) = catalog.map_or_else(|failure| (None, Some(failure)), |table| (table, None));
                Tried { problems: bucket.err().into_iter().chain(refused).collect(), table }
            }
            Err(failure) => Tried { problems: vec![failure], table: None },
        }
    }

    /// Whether a new profile can have a name.
    ///
    /// # Errors
    /// `Usage` where the configuration file has one of that name.
    pub fn check_free(&self, name: &str) -> Result<()> {
        if self.config().has(name) {
            let what = format!("there is a profile \"{}\" already", display(name));
            return Err(Failure::new(FailureKind::Usage, what).hint("take another name"));
        }
        Ok(())
    }

    /// Writes the profile into the configuration file and takes it in; answers every profile there is now.
    ///
    /// # Errors
    /// `Usage` where a profile has that name, or the file is wrong as it is; `Local` or `DiskFull` where it cannot be
    /// written.
    pub async fn add_profile(&self, draft: &Draft) -> Result<Vec<ProfileSlot>> {
        self.check_free(draft.name())?;
        let config = self.config();
        let slot = drafted(&config, draft)?;
        let (file, written) = (config.file.clone(), draft.clone());
        let writing = tokio::task::spawn_blocking(move || edit::add_profile(&file, &written));
        writing.await.map_err(|error| torn_down(&error))??;
        let slots = {
            let mut now = self.opener.config.write().unwrap_or_else(PoisonError::into_inner);
            *now = Arc::new(now.with(slot));
            now.profiles.clone()
        };
        // What the environment had under that name is not what it means any more.
        self.connections.lock().await.remove(draft.name());
        Ok(slots)
    }

    /// Writes into the configuration file that this profile opens where nothing else says so; answers the file.
    ///
    /// # Errors
    /// `Usage` where the file is wrong as it is; `Local` or `DiskFull` where it cannot be written.
    pub async fn make_default(&self, name: String) -> Result<PathBuf> {
        let file = self.config().file.clone();
        let written = file.clone();
        let writing = tokio::task::spawn_blocking(move || edit::set_default(&written, &name));
        writing.await.map_err(|error| torn_down(&error))??;
        Ok(file)
    }

    async fn try_open(&self, draft: &Draft) -> Result<Arc<Connection>> {
        let profile: Arc<Profile> = drafted(&self.config(), draft)?.profile?;
        self.opener.open_profile(profile.with_keys_in(OF_PROFILE.into())).await
    }
}

fn drafted(config: &Config, draft: &Draft) -> Result<ProfileSlot> {
    let env = |name: &str| std::env::var(name).ok();
    let Config { file, places, read_only, .. } = config;
    draft.slot(&Destination { file, env: &env, places, read_only: *read_only })
}

/// What cannot be listed (an Uploadcare project without its secret key) is asked for an object that nobody has.
async fn try_bucket(connection: &Connection) -> Result<()> {
    if connection.store.capabilities().list.is_err() {
        return match within("the bucket", connection.store.head(NOBODYS)).await {
            Err(failure) if failure.kind != FailureKind::NotFound => Err(failure),
            _ => Ok(()),
        };
    }
    let one = ListRequest { prefix: String::new(), delimited: false, token: None, limit: 1 };
    match within("the bucket", connection.store.list(&one)).await {
        Err(refused) if refused.kind == FailureKind::Denied => unlisted(connection, refused).await,
        listed => listed.map(drop),
    }
}

/// A key that may not list is right where it is told that there is no such object. S3 tells nobody who may not list, so that
/// there the key looks like one of another bucket.
async fn unlisted(connection: &Connection, refused: Failure) -> Result<()> {
    match within("the bucket", connection.store.head(NOBODYS)).await {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(()),
        Ok(_) | Err(_) => Err(refused),
    }
}

/// A SQLite file is made when it is first needed, and not by a trial.
async fn try_catalog(connection: &Connection) -> Result<Option<CatalogStatus>> {
    match connection.profile.catalog {
        CatalogConfig::Sqlite(_) => Ok(None),
        CatalogConfig::Postgres { .. } => within("the database", connection.catalog.status()).await.map(Some),
    }
}

async fn within<T>(what: &str, answer: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(|_elapsed| {
        let why = format!("{what} did not answer within {} s", PATIENCE.as_secs());
        Err(Failure::new(FailureKind::Offline, why).hint("look at its address and at the network"))
    })
}
