//! A user's home in a temporary folder, and what is open in it: the services over a configuration of the test's own.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::sync::Mutex;
use windlass::config::load::{Flags, load};
use windlass::config::{Places, TransferSettings};
use windlass::domain::transfer::{OnConflict, ProfileIdentity, QueueView, TransferView};
use windlass::domain::{Result, TransferId, TransferKind};
use windlass::services::Services;
use windlass::storage::ObjectStore;
use windlass::transfer::{Connection, Connector, NewTransfer, Queue, Scope};

/// A home folder; gone with the test.
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// An empty home.
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// Where Windlass keeps its files in it.
    pub fn places(&self) -> Places {
        let place = |name: &str| self.folder.path().join(name);
        Places { config: place("config"), state: place("state"), data: place("data") }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below it and answers its path.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The services over `config.toml` as it stands in this home.
    pub fn services(&self) -> Arc<Services> {
        Services::new(load(&Flags::default(), &|_| None, self.places()).unwrap())
    }

    /// Writes `config.toml`, private as it should be.
    pub fn configure(&self, text: &str) {
        let places = self.places();
        std::fs::create_dir_all(&places.config).unwrap();
        std::fs::write(places.config_file(), text).unwrap();
        std::fs::set_permissions(places.config_file(), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Bytes that no compression and no mix-up of parts leaves alike.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// What to ask of the queue.
pub fn job(kind: TransferKind, connection: &Connection, key: &str, path: Option<&Path>) -> NewTransfer {
    NewTransfer {
        kind,
        profile: connection.identity.clone(),
        key: key.into(),
        path: path.map(Path::to_path_buf),
        size: None,
        content_type: None,
        on_conflict: OnConflict::Refuse,
        without_record: false,
    }
}

/// A queue over the journal of this home, with a connector of the test's choice.
pub async fn queue(home: &Home, connector: Arc<dyn Connector>, scope: Scope) -> Arc<Queue> {
    let settings = TransferSettings::default();
    let (queue, warnings) = Queue::open(&home.places().journal(), connector, &settings, scope).await.unwrap();
    assert_eq!(warnings, []);
    queue
}

/// How one transfer stands once the condition holds.
pub async fn until(queue: &Queue, id: TransferId, holds: impl Fn(&TransferView) -> bool) -> TransferView {
    let mut view = queue.view();
    let there = |queue: &Arc<QueueView>| queue.transfers.iter().any(|shown| shown.transfer.id == id && holds(shown));
    let waiting = tokio::time::timeout(std::time::Duration::from_secs(60), view.wait_for(there));
    let shown = waiting.await;
    let found = match shown {
        Ok(view) => view.unwrap().transfers.iter().find(|shown| shown.transfer.id == id).cloned(),
        Err(_late) => panic!("it never came to that: {:#?}", queue.view().borrow().transfers),
    };
    found.unwrap()
}

/// A connector whose stores are what the test makes of the real ones.
pub struct Wrapped<F> {
    services: Arc<Services>,
    wrap: F,
    open: Mutex<Vec<(ProfileIdentity, Arc<Connection>)>>,
}

impl<F: Fn(Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore> + Send + Sync> Wrapped<F> {
    /// Around the services.
    pub fn new(services: Arc<Services>, wrap: F) -> Arc<Self> {
        Arc::new(Self { services, wrap, open: Mutex::default() })
    }
}

#[async_trait]
impl<F: Fn(Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore> + Send + Sync> Connector for Wrapped<F> {
    async fn connect_as(&self, identity: &ProfileIdentity) -> Result<Arc<Connection>> {
        let mut open = self.open.lock().await;
        if let Some((_, connection)) = open.iter().find(|(known, _)| known == identity) {
            return Ok(connection.clone());
        }
        let real = self.services.connect_as(identity).await?;
        let wrapped = Arc::new(Connection {
            profile: real.profile.clone(),
            identity: real.identity.clone(),
            store: (self.wrap)(real.store.clone()),
            catalog: real.catalog.clone(),
            writer: real.writer.clone(),
        });
        open.push((identity.clone(), wrapped.clone()));
        Ok(wrapped)
    }
}
