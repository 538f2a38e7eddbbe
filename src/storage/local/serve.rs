//! Serving: listeners, connections and their end. A bucket served is a value; dropped, it stops listening, and what is
//! being answered is answered.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::front::Front;
use super::link::{Holding, bind, endpoint};
use super::{LinkAddress, LocalAccess, LocalBucket};
use crate::domain::{Failure, Result};

/// A free port of this machine.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a stop waits for what is being answered.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// How long accepting rests after the system had no room for another connection.
const REST: Duration = Duration::from_millis(50);

/// Answers connections with a bucket, wherever they come from.
#[derive(Debug, Clone)]
pub struct Server {
    front: Arc<Front>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Server {
    /// For a bucket.
    pub fn new(bucket: &LocalBucket) -> Self {
        Self { front: Arc::new(Front::new(bucket)), tasks: TaskTracker::new(), stop: CancellationToken::new() }
    }

    /// Answers one connection, over TLS or not, until it ends or the server stops.
    pub async fn connection(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let front = Arc::clone(&self.front);
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            Arc::clone(&front).answer(request.map(s3s::Body::from))
        });
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
        let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
        let end = tokio::select! {
            end = connection.as_mut() => end,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = end {
            tracing::debug!(%error, "a connection to the local bucket ended");
        }
    }

    /// Accepts connections until the server stops.
    pub fn listen(&self, listener: TcpListener) {
        self.listen_holding(listener, ());
    }

    /// The same, keeping something as long as it listens.
    fn listen_holding(&self, listener: TcpListener, held: impl Send + 'static) {
        let server = self.clone();
        self.tasks.spawn(async move {
            let _held = held;
            let stop = server.stop.clone();
            tokio::select! {
                () = server.accept(listener) => {}
                () = stop.cancelled() => {}
            }
        });
    }

    async fn accept(&self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _from)) => self.begin(stream),
                // Out of descriptors, or a client that has gone already: neither ends the server.
                Err(error) => {
                    tracing::debug!(%error, "the local bucket cannot accept a connection");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    fn begin(&self, stream: TcpStream) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the local bucket answers slowly: TCP_NODELAY cannot be set");
        }
        let server = self.clone();
        self.tasks.spawn(async move { server.connection(stream).await });
    }

    /// Stops listening, and waits for what is being answered, but not for ever.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(STOP_TIMEOUT, self.tasks.wait()).await.is_err() {
            tracing::warn!("requests to the local bucket were cut off");
        }
    }
}

/// A bucket that is being served.
#[derive(Debug)]
pub struct ServedBucket {
    /// How to reach it.
    pub access: LocalAccess,
    bucket: LocalBucket,
    server: Server,
    /// What keeps links pointing here, where they do.
    _holdings: [Option<Holding>; 2],
}

impl Drop for ServedBucket {
    fn drop(&mut self) {
        self.server.stop.cancel();
    }
}

impl LocalBucket {
    /// Serves the bucket to this process, at a free port of this machine. It also answers at the remembered link
    /// address, now or as soon as no other process does.
    ///
    /// # Errors
    /// `Local` where nothing can be listened at, or the folder not be read.
    pub async fn serve_own(&self) -> Result<ServedBucket> {
        let served = self.serve_private().await?;
        self.take_link_address(&served.server).await?;
        Ok(served)
    }

    /// Serves the bucket to this process only, and leaves the link address alone: for a command that ends at once.
    ///
    /// # Errors
    /// `Local` where nothing can be listened at.
    pub async fn serve_private(&self) -> Result<ServedBucket> {
        let listener = bind(ANY_PORT).await?;
        let at = listener.local_addr().map_err(|error| Failure::io("listen at", Path::new("a port"), &error))?;
        Ok(self.served(listener, at, [None, None]))
    }

    /// Serves the bucket to others, for `local serve`: at an address, or without one at the remembered link address (at
    /// any free port, where another Windlass holds that). Links point here while it lasts.
    ///
    /// # Errors
    /// `Local`, naming the address that cannot be listened at.
    pub async fn serve_at(&self, address: Option<SocketAddr>) -> Result<ServedBucket> {
        let (listener, holding) = match address {
            Some(address) => self.listen_as_asked(address).await?,
            None => match self.hold_link_address().await? {
                Some((listener, holding)) => (listener, Some(holding)),
                None => (bind(ANY_PORT).await?, None),
            },
        };
        let at = listener.local_addr().map_err(|error| Failure::io("listen at", Path::new("a port"), &error))?;
        let holds = holding.is_some();
        let served = self.served(listener, at, [holding, self.point_links_to(at)?]);
        if !holds {
            self.take_link_address(&served.server).await?;
        }
        Ok(served)
    }

    fn served(&self, listener: TcpListener, at: SocketAddr, holdings: [Option<Holding>; 2]) -> ServedBucket {
        let server = Server::new(self);
        server.listen(listener);
        let access = self.access(endpoint(at));
        ServedBucket { access, bucket: self.clone(), server, _holdings: holdings }
    }

    /// Answers at the remembered link address too, now or once it is free.
    async fn take_link_address(&self, server: &Server) -> Result<()> {
        match self.hold_link_address().await? {
            Some((listener, holding)) => server.listen_holding(listener, holding),
            None => {
                let (bucket, server) = (self.clone(), server.clone());
                let tasks = server.tasks.clone();
                tasks.spawn(async move { bucket.inherit_link_address(&server).await });
            }
        }
        Ok(())
    }

    async fn inherit_link_address(&self, server: &Server) {
        let inherited = tokio::select! {
            inherited = self.wait_for_link_address() => inherited,
            () = server.stop.cancelled() => return,
        };
        match inherited {
            Ok((listener, holding)) => server.listen_holding(listener, holding),
            Err(failure) => tracing::warn!(%failure, "links to the local bucket are not answered"),
        }
    }
}

impl ServedBucket {
    /// Where links point to now, which changes when another Windlass begins or ends `local serve`.
    ///
    /// # Errors
    /// `Local`, naming the folder, where it cannot be read.
    pub async fn link_address(&self) -> Result<LinkAddress> {
        self.bucket.link_address().await
    }

    /// Stops, and waits for what is being answered, ten seconds at most.
    pub async fn shutdown(self) {
        self.server.stop().await;
    }
}
