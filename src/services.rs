//! What is open: profiles' stores and catalogs, the local bucket's server, and the queue. The screen and the command line
//! share it and know nothing beneath it.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::config::Config;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Failure, FailureKind, Result};
use crate::transfer::{Connection, Connector};

/// Everything that is open in this process.
pub struct Services {
    config: Arc<Config>,
    connections: Mutex<HashMap<String, Arc<Connection>>>,
}

impl Services {
    /// Opens nothing yet.
    pub fn new(config: Config) -> Arc<Self> {
        Arc::new(Self { config: Arc::new(config), connections: Mutex::default() })
    }

    /// What was configured.
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// The profile's connection, opened on first use: secrets' commands are run, the local bucket is served; nothing is
    /// asked of a remote bucket or database.
    ///
    /// # Errors
    /// `Usage` for an unknown or broken profile.
    pub async fn connect(&self, profile: &str) -> Result<Arc<Connection>> {
        let mut connections = self.connections.lock().await;
        if let Some(open) = connections.get(profile) {
            return Ok(open.clone());
        }
        let opened = self.open(profile).await?;
        connections.insert(profile.to_owned(), opened.clone());
        Ok(opened)
    }

    async fn open(&self, _profile: &str) -> Result<Arc<Connection>> {
        Err(Failure::new(FailureKind::Internal, "the services are not built yet"))
    }
}

#[async_trait]
impl Connector for Services {
    async fn connect_as(&self, identity: &ProfileIdentity) -> Result<Arc<Connection>> {
        let found = self
            .config
            .profiles
            .iter()
            .find(|slot| slot.profile.as_ref().is_ok_and(|profile| profile.identity().matches(identity)));
        match found {
            Some(slot) => self.connect(&slot.name).await,
            None => Err(missing(identity)),
        }
    }
}

fn missing(identity: &ProfileIdentity) -> Failure {
    let what =
        format!("no profile matches the one this was queued under ({}, bucket {})", identity.name, identity.bucket);
    Failure::new(FailureKind::NotFound, what).hint("bring that profile back, or cancel the transfer")
}
