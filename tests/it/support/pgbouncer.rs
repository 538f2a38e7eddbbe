//! A PgBouncer in front of a test cluster, pooling by transaction as Neon's `-pooler` hosts do. Few server connections
//! and no ignored startup parameters, so that whatever needs a session of its own fails.

use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use super::postgres::{Cluster, Folder, Guarded, free_port};

/// A running PgBouncer; ends when dropped.
pub struct Pooler {
    port: u16,
    running: Option<Guarded>,
}

impl Pooler {
    /// Starts one for a cluster.
    pub async fn of(cluster: &Cluster) -> Pooler {
        Self::with_connections(cluster, 2).await
    }

    /// One with so many connections to the server.
    pub async fn with_connections(cluster: &Cluster, connections: u32) -> Pooler {
        let server = cluster.port();
        tokio::task::spawn_blocking(move || Pooler::start(server, connections)).await.unwrap()
    }

    /// The pooled URL for a cluster's URL.
    pub fn url(&self, direct: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}", self.port, direct.rsplit('/').next().unwrap())
    }

    fn start(server: u16, connections: u32) -> Pooler {
        let port = free_port();
        let folder = Folder::new();
        folder.write(
            "pgbouncer.ini",
            &format!(
                "[databases]\n* = host=127.0.0.1 port={server} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
                 listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
                 default_pool_size = {connections}\nmax_client_conn = 500\n"
            ),
        );
        let running = folder.spawn("KILL", &program(), &["pgbouncer.ini".into()]);
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "PgBouncer does not start, see {}", folder.path.display());
            std::thread::sleep(Duration::from_millis(5));
        }
        Pooler { port, running: Some(running) }
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.end();
        }
    }
}

/// Debian puts it where only root's PATH looks.
fn program() -> std::path::PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([Path::new("/usr/sbin").to_path_buf()])
        .map(|folder| folder.join("pgbouncer"))
        .find(|path| path.exists())
        .expect("`pgbouncer` is not installed (Debian: pgbouncer)")
}
