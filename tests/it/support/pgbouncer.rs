//! A PgBouncer in front of a test cluster, pooling by transaction as Neon's `-pooler` hosts do. Few server connections
//! and no ignored startup parameters, so that whatever needs a session of its own fails.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{ConnectOptions, PgConnection, Row, raw_sql};

use super::postgres::{Cluster, Folder, Guarded, free_port};

/// A running PgBouncer; ends when dropped.
pub struct Pooler {
    port: u16,
    folder: PathBuf,
    running: Option<Guarded>,
}

impl Pooler {
    /// Starts one for a cluster.
    pub async fn of(cluster: &Cluster) -> Pooler {
        Self::with_connections(cluster, 2).await
    }

    /// One with so many connections to the server.
    pub async fn with_connections(cluster: &Cluster, connections: u32) -> Pooler {
        Self::with_limits(cluster, connections, 500).await
    }

    /// One that lets in only so many clients.
    pub async fn with_limits(cluster: &Cluster, connections: u32, clients: u32) -> Pooler {
        let server = cluster.port();
        tokio::task::spawn_blocking(move || Pooler::start(server, connections, clients)).await.unwrap()
    }

    /// Waits until it says something.
    pub async fn says(&self, text: &str) {
        let said = async {
            while !std::fs::read_to_string(self.folder.join("log")).unwrap().contains(text) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), said)
            .await
            .unwrap_or_else(|_late| panic!("{text:?} is not said"));
    }

    /// The pooled URL for a cluster's URL.
    pub fn url(&self, direct: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}", self.port, direct.rsplit('/').next().unwrap())
    }

    /// A client of a database by its URL, or of a database called like that.
    pub async fn connect(&self, database: &str) -> PgConnection {
        let options: PgConnectOptions = self.url(database).parse().unwrap();
        // A startup parameter that the pooler would refuse.
        options.extra_float_digits(None).disable_statement_logging().connect().await.unwrap()
    }

    /// Who is connected to it, by the clients' ports.
    pub async fn clients(&self) -> BTreeSet<String> {
        // With `auth_type = any` everybody may ask the console.
        let mut console = self.connect("pgbouncer").await;
        let shown = raw_sql("SHOW CLIENTS").fetch_all(&mut console).await.unwrap();
        let text = |row: &PgRow, column: &str| row.try_get_unchecked::<String, _>(column).unwrap();
        let clients = shown.iter().filter(|row| text(row, "database") != "pgbouncer");
        clients.map(|row| text(row, "port")).collect()
    }

    fn start(server: u16, connections: u32, clients: u32) -> Pooler {
        let port = free_port();
        let folder = Folder::new();
        folder.write(
            "pgbouncer.ini",
            &format!(
                "[databases]\n* = host=127.0.0.1 port={server} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
                 listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
                 default_pool_size = {connections}\nmax_client_conn = {clients}\n"
            ),
        );
        let running = folder.spawn("KILL", &program(), &["pgbouncer.ini".into()]);
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "PgBouncer does not start, see {}", folder.path.display());
            std::thread::sleep(Duration::from_millis(5));
        }
        Pooler { port, folder: folder.path.clone(), running: Some(running) }
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
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([Path::new("/usr/sbin").to_path_buf()])
        .map(|folder| folder.join("pgbouncer"))
        .find(|path| path.exists())
        .expect("`pgbouncer` is not installed (Debian: pgbouncer)")
}
