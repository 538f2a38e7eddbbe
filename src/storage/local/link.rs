//! The address that links point to. Links outlive the Windlass that made them, therefore a port is chosen once and
//! remembered, and one of the Windlasses that have the folder open holds it; `local serve` can put its own in front. Who
//! holds what is told by locks of the operating system, so that the dead hold nothing.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::net::TcpListener;

use super::LocalBucket;
use super::{broken, private_file};
use crate::domain::{Failure, Result};

/// The setting that remembers the port.
const PORT: &str = "link_port";

/// Held by the process that answers at the remembered port.
const HOLDER: &str = "link.lock";

/// Held by `local serve`, with its address inside.
const SERVER: &str = "serve.lock";

/// How often a lock is tried again that somebody may only have looked at.
const TRIES: u32 = 20;

/// Where links point to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkAddress {
    /// `http://HOST:PORT`.
    pub endpoint: String,
    /// Whether a living process answers there; if not, links made now work once one does.
    pub held: bool,
}

/// The right to answer at the remembered port, as long as it is kept.
#[derive(Debug)]
pub struct Holding {
    _lock: File,
}

impl LocalBucket {
    /// Where links point to now: at a running `local serve`, else at the remembered address.
    ///
    /// # Errors
    /// `Local`, naming the folder, where it cannot be read.
    pub async fn link_address(&self) -> Result<LinkAddress> {
        if let Some(address) = running_server(self.folder())? {
            return Ok(LinkAddress { endpoint: endpoint(address), held: true });
        }
        let held = is_locked(&self.folder().join(HOLDER))?;
        Ok(LinkAddress { endpoint: endpoint(self.remembered().await?), held })
    }

    /// The remembered address; chosen here if it never was.
    pub(super) async fn remembered(&self) -> Result<SocketAddr> {
        let fail = |error| broken(self.folder(), &error);
        let index = &self.store().index;
        let port = match index.find_setting(PORT).await.map_err(fail)? {
            Some(port) => port,
            None => index.setting(PORT, free_port()?.to_string()).await.map_err(fail)?,
        };
        Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().unwrap_or(0))))
    }

    /// Listens at the remembered address, unless another process does. Where a stranger has taken the port, a new one is
    /// remembered: links made so far are lost, and those made from now on work.
    pub(super) async fn hold_link_address(&self) -> Result<Option<(TcpListener, Holding)>> {
        let Some(lock) = try_lock(&self.folder().join(HOLDER))? else {
            return Ok(None);
        };
        self.listen_at_remembered(lock).await.map(Some)
    }

    /// Listens at an address that somebody asks for; where that answers for the remembered one too, it holds both.
    pub(super) async fn listen_as_asked(&self, address: SocketAddr) -> Result<(TcpListener, Option<Holding>)> {
        let remembered = self.remembered().await?;
        let listener = bind(address).await?;
        let covers = address.ip() == remembered.ip() || address.ip().is_unspecified();
        if !covers || address.port() != remembered.port() {
            return Ok((listener, None));
        }
        let lock = try_lock(&self.folder().join(HOLDER))?;
        Ok((listener, lock.map(|lock| Holding { _lock: lock })))
    }

    /// The same, once the process that holds the address now has ended.
    pub(super) async fn wait_for_link_address(&self) -> Result<(TcpListener, Holding)> {
        let lock = wait_for_lock(&self.folder().join(HOLDER)).await?;
        self.listen_at_remembered(lock).await
    }

    async fn listen_at_remembered(&self, lock: File) -> Result<(TcpListener, Holding)> {
        let remembered = self.remembered().await?;
        let listener = match TcpListener::bind(remembered).await {
            Ok(listener) => listener,
            Err(_taken) => bind((Ipv4Addr::LOCALHOST, 0).into()).await?,
        };
        let port = listener.local_addr().map(|address| address.port()).unwrap_or(remembered.port());
        if port != remembered.port() {
            let changed = self.store().index.change_setting(PORT, port.to_string()).await;
            changed.map_err(|error| broken(self.folder(), &error))?;
        }
        Ok((listener, Holding { _lock: lock }))
    }

    /// Says that links are to point to `address` as long as the answer is kept; `None` where another `local serve` has
    /// said so already.
    pub(super) fn point_links_to(&self, address: SocketAddr) -> Result<Option<Holding>> {
        let path = self.folder().join(SERVER);
        let Some(mut lock) = try_lock(&path)? else {
            return Ok(None);
        };
        let written = lock
            .set_len(0)
            .and_then(|()| lock.seek(SeekFrom::Start(0)))
            .and_then(|_start| lock.write_all(reachable(address).to_string().as_bytes()));
        written.map_err(|error| Failure::io("write", &path, &error))?;
        Ok(Some(Holding { _lock: lock }))
    }
}

/// Listens.
///
/// # Errors
/// `Local`, naming the address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::io("listen at", Path::new(&address.to_string()), &error)
            .hint("choose another address, or end the program that uses this one")
    })
}

/// As an endpoint.
pub fn endpoint(address: SocketAddr) -> String {
    format!("http://{}", reachable(address))
}

/// A server that listens everywhere is reached here.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() { (Ipv4Addr::LOCALHOST, address.port()).into() } else { address }
}

fn free_port() -> Result<u16> {
    let bound = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    bound.map(|address| address.port()).map_err(|error| Failure::io("listen at", Path::new("127.0.0.1"), &error))
}

fn open(path: &Path) -> Result<File> {
    let opened = private_file().create(true).read(true).write(true).truncate(false).open(path);
    opened.map_err(|error| Failure::io("open", path, &error))
}

/// Takes a lock; `None` where another process holds it. A process that only looks holds it for a moment, so it is tried
/// some times.
fn try_lock(path: &Path) -> Result<Option<File>> {
    let file = open(path)?;
    for _try in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
            Err(TryLockError::Error(error)) => return Err(Failure::io("lock", path, &error)),
        }
    }
    Ok(None)
}

/// Waits in a thread of its own, which costs nothing and ends with the process: nobody can call it back. A lock that
/// nobody waits for any more when it comes is given up at once.
async fn wait_for_lock(path: &Path) -> Result<File> {
    let (file, path) = (open(path)?, path.to_path_buf());
    let (answer, locked) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _given_up = answer.send(file.lock().map(|()| file));
    });
    match locked.await {
        Ok(locked) => locked.map_err(|error| Failure::io("lock", &path, &error)),
        Err(_ended) => Err(Failure::new(crate::domain::FailureKind::Cancelled, "the program is stopping")),
    }
}

/// Looks whether a lock is held, without getting in the way of others who look.
fn is_locked(path: &Path) -> Result<bool> {
    match open(path)?.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(Failure::io("lock", path, &error)),
    }
}

fn running_server(folder: &Path) -> Result<Option<SocketAddr>> {
    let path = folder.join(SERVER);
    if !is_locked(&path)? {
        return Ok(None);
    }
    let mut text = String::new();
    open(&path)?.read_to_string(&mut text).map_err(|error| Failure::io("read", &path, &error))?;
    Ok(text.trim().parse().ok())
}
