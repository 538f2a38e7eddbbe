//! What is open: profiles' stores and catalogs, the local bucket's server, and the queue. The screen and the command line
//! share it and know nothing beneath it.

mod absent;
mod login;
mod newcomer;
mod reread;

pub use newcomer::Tried;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use tokio::sync::{Mutex, OnceCell};

use crate::catalog;
use crate::config::{Config, Profile, ReadOnly, secrets};
use crate::domain::transfer::{Limits, ProfileIdentity};
use crate::domain::{Failure, FailureKind, Provider, Result, Secret};
use crate::storage::ObjectStore;
use crate::storage::local::{LocalBucket, ServedBucket};
use crate::storage::read_only::ReadOnlyStore;
use crate::storage::s3::{self, S3Config, S3Store};
use crate::storage::uploadcare::{self, UploadcareSetup};
use crate::transfer::{Connection, Connector, Queue, Scope};
use login::login;

/// Everything that is open in this process.
pub struct Services {
    opener: Arc<Opener>,
    // Each profile is opened by a task of its own: whoever asked may be gone before a key ring has been unlocked, and
    // the next one who asks must not make it ask again.
    connections: Mutex<HashMap<String, Opening>>,
}

/// A connection, or the way to it.
type Opening = Shared<BoxFuture<'static, Result<Arc<Connection>>>>;

/// What opening a profile needs.
struct Opener {
    /// As it stands: a profile that is made while the program runs comes in.
    config: RwLock<Arc<Config>>,
    presence: Presence,
    local: OnceCell<Arc<ServedBucket>>,
    /// The stores of the local bucket, whose links follow its address.
    local_stores: std::sync::Mutex<Vec<Arc<S3Store>>>,
}

/// Where keys stand as far as a sentence says that names no file: on the screen, and while there is none yet.
const OF_PROFILE: &str = "the profile";

/// How long this process means to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// Until the user leaves: it answers links to the local bucket.
    Stays,
    /// For one command: links that it made would die with it, so it leaves their address to others.
    Passes,
}

impl Services {
    /// For the screen, which stays. Opens nothing yet.
    pub fn new(config: Config) -> Arc<Self> {
        Self::with(config, Presence::Stays)
    }

    /// For a command that ends at once. Opens nothing yet.
    pub fn passing(config: Config) -> Arc<Self> {
        Self::with(config, Presence::Passes)
    }

    fn with(config: Config, presence: Presence) -> Arc<Self> {
        let config = RwLock::new(Arc::new(config));
        let opener = Opener { config, presence, local: OnceCell::new(), local_stores: Default::default() };
        Arc::new(Self { opener: Arc::new(opener), connections: Mutex::default() })
    }

    /// What is configured now.
    pub fn config(&self) -> Arc<Config> {
        self.opener.config()
    }

    /// The profile's connection, opened on first use: secrets' commands are run, the local bucket is served; nothing is
    /// asked of a remote bucket or database.
    ///
    /// # Errors
    /// `Usage` for an unknown or broken profile; `Credentials` where a secret's command fails.
    pub async fn connect(&self, profile: &str) -> Result<Arc<Connection>> {
        let opening =
            self.connections.lock().await.entry(profile.to_owned()).or_insert_with(|| self.opening(profile)).clone();
        let connection = opening.clone().await;
        if connection.is_err() {
            // The next one who asks tries again.
            let mut connections = self.connections.lock().await;
            if connections.get(profile).is_some_and(|now| now.ptr_eq(&opening)) {
                connections.remove(profile);
            }
        }
        self.opener.point_links().await?;
        connection
    }

    fn opening(&self, profile: &str) -> Opening {
        let (opener, profile) = (self.opener.clone(), profile.to_owned());
        let task = tokio::spawn(async move { opener.open(&profile).await });
        async move { task.await.unwrap_or_else(|error| Err(torn_down(&error))) }.boxed().shared()
    }

    /// The local bucket, served to this process.
    ///
    /// # Errors
    /// `Local` where its folder cannot be used, `Offline` where no port can be had.
    pub async fn local_bucket(&self) -> Result<Arc<ServedBucket>> {
        self.opener.local_bucket().await
    }

    /// Whether the profile that this was queued under is configured.
    pub fn knows(&self, identity: &ProfileIdentity) -> bool {
        self.matching(identity).is_some()
    }

    /// The configured profile that this was queued under.
    fn matching(&self, identity: &ProfileIdentity) -> Option<Arc<Profile>> {
        let config = self.config();
        let usable = config.profiles.iter().filter_map(|slot| slot.profile.as_ref().ok());
        let mut found = usable.filter(|profile| profile.identity().matches(identity));
        // Profiles that differ only in whose records they write match alike: then the name decides.
        let same_name = found.clone().find(|profile| profile.name == identity.name);
        same_name.or_else(|| found.next()).cloned()
    }

    /// Opens the queue's journal and starts running what the scope says.
    ///
    /// # Errors
    /// `Local` or `DiskFull` where the journal cannot be made.
    pub async fn open_queue(self: &Arc<Self>, scope: Scope) -> Result<(Arc<Queue>, Vec<Failure>)> {
        let config = self.config();
        Queue::open(&config.places.journal(), self.clone(), &config.settings.transfers, scope).await
    }
}

impl Opener {
    fn config(&self) -> Arc<Config> {
        self.config.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn local_bucket(&self) -> Result<Arc<ServedBucket>> {
        let serve = async || {
            let bucket = LocalBucket::open(&self.config().places.local_bucket()).await?;
            let served = match self.presence {
                Presence::Stays => bucket.serve_own().await?,
                Presence::Passes => bucket.serve_private().await?,
            };
            Ok(Arc::new(served))
        };
        self.local.get_or_try_init(serve).await.cloned()
    }

    async fn open(&self, name: &str) -> Result<Arc<Connection>> {
        let configured = self.config().profile(name)?.clone();
        // A command's sentences name the file in which the profile stands; on the screen keys open it.
        let table = configured.table().filter(|_| self.presence == Presence::Passes);
        self.open_profile(configured.with_keys_in(table.unwrap_or_else(|| OF_PROFILE.into()))).await
    }

    async fn open_profile(&self, configured: Arc<Profile>) -> Result<Arc<Connection>> {
        let identity = Arc::new(configured.identity());
        let revealing = tokio::task::spawn_blocking(move || (secrets::reveal(&configured), login()));
        let (profile, login) = revealing.await.map_err(|error| torn_down(&error))?;
        let profile = profile?;
        let profile = match profile.is_served_here() {
            true => Arc::new(with_local_bucket(&profile, &*self.local_bucket().await?)),
            false => profile,
        };
        let store = self.open_store(&profile).await?;
        let store: Arc<dyn ObjectStore> = match profile.read_only {
            true => Arc::new(ReadOnlyStore::new(store, ReadOnly::of(&profile))),
            false => store,
        };
        Ok(Arc::new(Connection {
            identity,
            store,
            catalog: catalog::open(&profile)?,
            writer: profile.writer(&login),
            profile,
        }))
    }

    async fn why_absent(&self, identity: ProfileIdentity) -> Failure {
        let config = self.config();
        let looking = tokio::task::spawn_blocking(move || absent::why(&config, &identity));
        looking.await.unwrap_or_else(|error| torn_down(&error))
    }

    async fn open_store(&self, profile: &Profile) -> Result<Arc<dyn ObjectStore>> {
        if profile.provider == Provider::Uploadcare {
            let setup = UploadcareSetup::of(profile, self.config().places.uploadcare());
            return Ok(Arc::new(uploadcare::open(setup)?));
        }
        let store = Arc::new(s3::open(S3Config::from(profile).with_region_of_aws_profile().await)?);
        if profile.is_served_here() {
            self.local_stores.lock().unwrap_or_else(PoisonError::into_inner).push(store.clone());
            self.point_links().await?;
        }
        Ok(store)
    }

    /// Links to the local bucket name the address where it is answered now: `local serve` may have come or gone.
    async fn point_links(&self) -> Result<()> {
        let stores = self.local_stores.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !stores.is_empty() {
            let address = self.local_bucket().await?.link_address().await?;
            stores.iter().for_each(|store| store.point_links_to(&address.endpoint));
        }
        Ok(())
    }
}

fn torn_down(error: &tokio::task::JoinError) -> Failure {
    Failure::new(FailureKind::Internal, format!("opening the profile was torn down: {error}"))
}

/// The profile `local` with the address and the keys that its bucket made for itself.
fn with_local_bucket(profile: &Profile, served: &ServedBucket) -> Profile {
    let access = &served.access;
    Profile {
        endpoint: Some(access.endpoint.clone()),
        region: Some(access.region.clone()),
        access_key_id: access.access_key_id.clone(),
        secret_access_key: Some(Secret::new(access.secret_access_key.expose())),
        buckets: vec![access.bucket.clone()],
        ..profile.clone()
    }
}

#[async_trait]
impl Connector for Services {
    async fn connect_as(&self, identity: &ProfileIdentity) -> Result<Arc<Connection>> {
        match self.matching(identity) {
            Some(profile) => self.connect(&profile.name).await,
            None => Err(self.opener.why_absent(identity.clone()).await),
        }
    }

    fn limits_of(&self, identity: &ProfileIdentity, for_all: Limits) -> Limits {
        self.matching(identity)
            .map_or(for_all, |profile| Limits { jobs: profile.jobs.unwrap_or(for_all.jobs), rate: profile.rate })
    }
}
