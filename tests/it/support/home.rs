//! What is open in a test's home, in the test's own process: the services over its configuration, and a queue.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use tokio::sync::Mutex;
use windlass::config::load::{Flags, load};
use windlass::config::{Places, TransferSettings};
use windlass::domain::transfer::{ProfileIdentity, QueueView, TransferView};
use windlass::domain::{Result, TransferId, TransferKind};
use windlass::services::Services;
use windlass::storage::{ObjectStore, PutOptions, Sent};
use windlass::transfer::{Connection, Connector, NewTransfer, Queue, Scope};

use super::program::Home;

impl Home {
    /// Where Windlass keeps its files in it.
    pub fn places(&self) -> Places {
        let place = |name: &str| self.path().join(name).join("windlass");
        Places { config: place("config"), state: place("state"), data: place("data") }
    }

    /// The services over `config.toml` as it stands in this home.
    pub fn services(&self) -> Arc<Services> {
        Services::passing(load(&Flags::default(), &|_| None, self.places()).unwrap())
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
    NewTransfer { path: path.map(Path::to_path_buf), ..NewTransfer::new(kind, connection.identity.clone(), key) }
}

/// Puts an object `x` there past Windlass, as somebody else does who has other ideas of keys.
pub async fn put(connection: &Connection, key: &str) {
    let options = PutOptions { content_type: "text/plain".into(), ..PutOptions::default() };
    connection.store.put(key, bytes::Bytes::from("x").into(), &options, &Sent::default()).await.unwrap();
}

/// What the bucket has under a key.
pub async fn bytes_of(connection: &Connection, key: &str) -> Vec<u8> {
    let mut body = connection.store.get(key, 0, None, None).await.unwrap().body;
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    bytes
}

/// How many multipart uploads are open in the bucket.
pub async fn open_uploads(connection: &Connection) -> usize {
    connection.store.list_uploads("").await.unwrap().len()
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
