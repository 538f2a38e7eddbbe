//! The bucket that comes with Windlass: a real S3 server inside the process, over an index in SQLite and blob files in the
//! data folder. It is what Windlass opens when nothing is configured, what its tests run against, and with `local serve`
//! what any other S3 client can use.
//!
//! Durability: an upload is answered after its file and its folder are synced and the index's transaction is committed
//! with a synced write-ahead log, so that what was acknowledged survives a power cut. Commits are shared by all writes that
//! wait at the same time.
//!
//! Left out on purpose: versions, ACLs, tags, encryption, POST forms and SigV2; requests that need them are refused and
//! never half-obeyed.

mod blobs;
mod checksums;
mod conditions;
mod cors;
mod fault;
mod front;
mod headers;
mod index;
mod link;
mod ops;
mod remover;
mod serve;
mod session;
mod store;
mod times;

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use s3s::S3Error;
use uuid::Uuid;

use self::blobs::Blobs;
pub use self::fault::DISK_FULL;
use self::index::Index;
pub use self::link::LinkAddress;
pub use self::serve::{ServedBucket, Server};
use self::session::Session;
use self::store::Store;
use crate::config::places::private_folder;
use crate::domain::{Failure, FailureKind, Result, Secret};

/// The bucket that is made with the folder.
pub const BUCKET: &str = crate::config::profile::LOCAL_BUCKET;

/// The region that the local bucket says it is in; signatures for any region are accepted.
pub const REGION: &str = "us-east-1";

/// What a client needs to use the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAccess {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// The region to sign for.
    pub region: String,
    /// The access key id, made once and kept in the folder.
    pub access_key_id: String,
    /// The secret access key, made once and kept in the folder.
    pub secret_access_key: Secret,
    /// The bucket made with the folder.
    pub bucket: String,
}

/// An open local bucket. Clones share one opening; several processes may have the same folder open.
#[derive(Debug, Clone)]
pub struct LocalBucket(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    folder: PathBuf,
    store: Store,
    access_key_id: String,
    secret_access_key: Secret,
}

impl LocalBucket {
    /// Opens a folder as a bucket; makes it, its index, keys and bucket where they are not there yet, and sweeps what
    /// dead processes have left.
    ///
    /// # Errors
    /// `Local` or `DiskFull`, naming the folder or file.
    pub async fn open(folder: &Path) -> Result<Self> {
        private_folder(folder)?;
        let lock = lock_opening(folder).await?;
        let index = Index::open(&folder.join("index.sqlite")).await?;
        let sessions = folder.join("sessions");
        let session = Session::begin(&sessions)?;
        let store = Store::new(index, Blobs::open(&folder.join("blobs"))?, session);
        let fail = |error: S3Error| broken(folder, &error);
        session::sweep(&store.index, &store.blobs, &sessions).await.map_err(fail)?;
        let access_key_id = store.index.setting("access_key_id", new_key_id()).await.map_err(fail)?;
        let secret = store.index.setting("secret_access_key", new_secret()).await.map_err(fail)?;
        store.index.create_bucket(BUCKET.to_owned()).await.map_err(fail)?;
        drop(lock);
        let folder = folder.to_path_buf();
        Ok(Self(Arc::new(Opened { folder, store, access_key_id, secret_access_key: Secret::new(secret) })))
    }

    /// What a client needs that reaches the bucket at an endpoint.
    pub fn access(&self, endpoint: impl Into<String>) -> LocalAccess {
        LocalAccess {
            endpoint: endpoint.into(),
            region: REGION.to_owned(),
            access_key_id: self.0.access_key_id.clone(),
            secret_access_key: self.0.secret_access_key.clone(),
            bucket: BUCKET.to_owned(),
        }
    }

    fn folder(&self) -> &Path {
        &self.0.folder
    }

    fn store(&self) -> &Store {
        &self.0.store
    }
}

/// Holds the folder for the time of one opening, so that two processes do not make the same things at once.
async fn lock_opening(folder: &Path) -> Result<File> {
    let file = folder.join("opening.lock");
    let locked = {
        let file = file.clone();
        tokio::task::spawn_blocking(move || {
            let lock = private_file().create(true).append(true).open(file)?;
            lock.lock().map(|()| lock)
        })
    };
    match locked.await {
        Ok(locked) => locked.map_err(|error| Failure::io("lock", &file, &error)),
        Err(_stopped) => Err(Failure::new(FailureKind::Cancelled, "the program is stopping")),
    }
}

/// Files here are the user's alone, whatever the umask says.
fn private_file() -> OpenOptions {
    let mut options = File::options();
    options.mode(0o600);
    options
}

fn broken(folder: &Path, error: &S3Error) -> Failure {
    let kind = match error.code() {
        code if code.as_str() == DISK_FULL => FailureKind::DiskFull,
        _ => FailureKind::Local,
    };
    let reason = error.source().map_or_else(|| error.message().unwrap_or_default().to_owned(), ToString::to_string);
    Failure::new(kind, format!("cannot open the local bucket in {}: {reason}", folder.display()))
}

/// As long as an AWS key id, so that tools that check its form accept it.
fn new_key_id() -> String {
    let random = Uuid::new_v4().simple().to_string().to_uppercase();
    format!("WLAS{}", random.chars().take(16).collect::<String>())
}

fn new_secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
