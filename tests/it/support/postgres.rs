//! A throwaway PostgreSQL that the tests start themselves, so that they need no server, no container and no account.
//! A guard process holds the postmaster and ends it, files and all, when the tests end, however they end.
//!
//! ```ignore
//! let cluster = Cluster::shared().await;             // one for the whole run; never stop it
//! let url = cluster.database("cli").await;           // an empty database with a name of its own
//! sql(&url, "CREATE TABLE …").await;                 // any SQL, several statements too
//! let rows = texts(&url, "SELECT a, b FROM t").await; // every value as text, NULL as "NULL"
//!
//! let mut own = Cluster::own(Setup::default()).await; // one of your own: may be stopped and started
//! own.stop();
//! own.start();
//! ```

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions, raw_sql};
use tempfile::TempDir;

/// How a cluster of one's own is set up.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// SCRAM with this password for the user `postgres`; without one everybody on loopback is trusted.
    pub password: Option<String>,
    /// TLS with this certificate and key, both PEM.
    pub tls: Option<(String, String)>,
    /// More server settings, such as `max_connections=5`.
    pub settings: Vec<String>,
}

/// A running (or stopped) cluster.
pub struct Cluster {
    port: u16,
    folder: Folder,
    setup: Setup,
    running: Option<Guarded>,
}

/// The shell that waits on the postmaster, and the pipe that it reads: closed (we died, or dropped it), it ends the
/// postmaster and removes the folder; told `keep`, it only ends the postmaster.
pub(super) struct Guarded {
    shell: Child,
    pipe: ChildStdin,
}

/// Where the cluster lives, and whose it is: PostgreSQL refuses to run as root.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    owner: Option<(u32, u32)>,
}

impl Cluster {
    /// The cluster that all tests of this run share. Databases keep them apart.
    pub async fn shared() -> &'static Cluster {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        tokio::task::spawn_blocking(|| SHARED.get_or_init(|| Cluster::new(Setup::default()))).await.unwrap()
    }

    /// A cluster for one test, which may stop and start it.
    pub async fn own(setup: Setup) -> Cluster {
        tokio::task::spawn_blocking(|| Cluster::new(setup)).await.unwrap()
    }

    /// Makes an empty database and answers its URL; `name` is made unique.
    pub async fn database(&self, name: &str) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("{name}_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        sql(&self.url("postgres"), &format!("CREATE DATABASE \"{name}\"")).await;
        self.url(&name)
    }

    /// The URL of a database, password and all, with `localhost` where the cluster speaks TLS.
    pub fn url(&self, database: &str) -> String {
        let host = if self.setup.tls.is_some() { "localhost" } else { "127.0.0.1" };
        let password = self.setup.password.as_ref().map_or(String::new(), |password| format!(":{password}"));
        format!("postgres://postgres{password}@{host}:{}/{database}", self.port)
    }

    /// The TCP port on loopback; it stays the same when the cluster is stopped and started.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server at once, connections and all; what was committed stays.
    pub fn stop(&mut self) {
        if let Some(mut guarded) = self.running.take() {
            guarded.pipe.write_all(b"keep\n").unwrap();
            guarded.shell.wait().unwrap();
        }
    }

    /// Starts it again on the same port and waits until it takes connections.
    pub fn start(&mut self) {
        if self.running.is_none() {
            let guarded = self.spawn();
            assert!(self.wait_until_ready(), "PostgreSQL does not start: {}", self.log());
            self.running = Some(guarded);
        }
    }

    /// The server's log, for messages of failing tests.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path.join("log")).unwrap_or_default()
    }

    fn new(setup: Setup) -> Cluster {
        let mut cluster = Cluster { port: 0, folder: Folder::new(), setup, running: None };
        cluster.folder.initdb(&cluster.setup);
        for _attempt in 0..5 {
            cluster.port = free_port();
            let guarded = cluster.spawn();
            if cluster.wait_until_ready() {
                cluster.running = Some(guarded);
                return cluster;
            }
        }
        panic!("PostgreSQL does not start: {}", cluster.log());
    }

    fn spawn(&self) -> Guarded {
        let path = self.folder.path.display();
        let mut arguments = vec!["-D".into(), format!("{path}/data"), "-p".into(), self.port.to_string()];
        arguments.extend(["-k".into(), path.to_string()]);
        let mut settings = vec!["fsync=off", "listen_addresses=127.0.0.1", "max_wal_size=256MB"];
        settings.extend(self.setup.settings.iter().map(String::as_str));
        if self.setup.tls.is_some() {
            settings.extend(["ssl=on", "ssl_cert_file=server.crt", "ssl_key_file=server.key"]);
        }
        arguments.extend(settings.iter().flat_map(|setting| ["-c".to_owned(), (*setting).to_owned()]));
        self.folder.spawn("QUIT", &program("postgres"), &arguments)
    }

    /// The postmaster writes its state into the last line of its pid file; `pg_ctl -w` waits for the same.
    fn wait_until_ready(&self) -> bool {
        let pid_file = self.folder.path.join("data/postmaster.pid");
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            let state = fs::read_to_string(&pid_file).unwrap_or_default();
            if state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return true;
            }
            // A client that comes too early is told so by a FATAL line of its own.
            if self.log().contains("could not bind") || self.log().contains("FATAL:  could not") {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }
}

impl Guarded {
    /// Ends the server and removes its folder.
    pub(super) fn end(mut self) {
        drop(self.pipe);
        self.shell.wait().unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(guarded) = self.running.take() {
            guarded.end();
        }
        let _already_removed_by_the_guard = fs::remove_dir_all(&self.folder.path);
    }
}

/// `$1` is the folder, `$2` the signal that ends the server at once, the rest its command line. SIGINT is PostgreSQL's
/// fast shutdown.
const GUARD: &str = r#"
folder="$1"; signal="$2"; shift 2
"$@" & server=$!
read -r order
[ "$order" = keep ] && signal=INT
kill -"$signal" "$server" 2>/dev/null
wait "$server"
[ "$order" = keep ] || rm -rf "$folder"
"#;

impl Folder {
    pub(super) fn new() -> Folder {
        let path = TempDir::with_prefix("windlass-pg-").unwrap().keep();
        let owner = unprivileged(&path);
        if let Some((user, group)) = owner {
            chown(&path, Some(user), Some(group)).unwrap();
        }
        Folder { path, owner }
    }

    fn initdb(&self, setup: &Setup) {
        let mut command = self.command(program("initdb"));
        command.args(["-D"]).arg(self.path.join("data"));
        command.args(["-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]);
        match &setup.password {
            Some(password) => {
                self.write("password", password);
                command.arg("--auth=scram-sha-256").arg("--pwfile").arg(self.path.join("password"));
            }
            None => drop(command.arg("--auth=trust")),
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        if let Some((certificate, key)) = &setup.tls {
            self.write("data/server.crt", certificate);
            self.write("data/server.key", key);
        }
    }

    /// Starts a server in here, guarded, with the signal that will end it; what it says goes to the file `log`.
    pub(super) fn spawn(&self, signal: &str, program: &Path, arguments: &[String]) -> Guarded {
        let log = fs::File::create(self.path.join("log")).unwrap();
        let mut command = self.command("/bin/sh");
        command.args(["-c", GUARD, "guard"]).arg(&self.path).arg(signal).arg(program).args(arguments);
        // A group of its own: an interrupt typed at the tests must reach us, not the guard.
        command.process_group(0).stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut shell = command.spawn().unwrap();
        let pipe = shell.stdin.take().unwrap();
        Guarded { shell, pipe }
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.path.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        if let Some((user, group)) = self.owner {
            chown(&path, Some(user), Some(group)).unwrap();
        }
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.path).env_remove("LC_ALL").env("LC_MESSAGES", "C");
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

/// A port that nobody listens on at the moment.
pub(super) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Whom to run as where we are root: `postgres`, else `nobody`, by `/etc/passwd`.
fn unprivileged(folder: &Path) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    if fs::metadata(folder).unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let find = |name: &str| {
        let fields: Vec<&str> =
            users.lines().map(|line| line.split(':').collect()).find(|f: &Vec<&str>| f[0] == name)?;
        Some((fields[2].parse().ok()?, fields[3].parse().ok()?))
    };
    Some(find("postgres").or_else(|| find("nobody")).expect("a user to run PostgreSQL as"))
}

/// A program of PostgreSQL: the newest version that is installed the Debian way, else what PATH finds.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = versions.filter_map(|entry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((number, entry.path().join("bin").join(name))).filter(|(_, path)| path.exists())
    });
    if let Some((_, path)) = installed.max() {
        return path;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("`{name}` is not installed: install PostgreSQL (Debian: postgresql)"))
}

/// A plain connection to a database of the cluster.
pub async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().unwrap();
    options.disable_statement_logging().connect().await.unwrap()
}

/// Runs SQL, several statements too.
pub async fn sql(url: &str, text: &str) {
    let mut connection = connect(url).await;
    raw_sql(AssertSqlSafe(text)).execute(&mut connection).await.unwrap_or_else(|error| panic!("{text}: {error}"));
    connection.close().await.unwrap();
}

/// Every row's values as text, NULL as `NULL`.
pub async fn texts(url: &str, query: &str) -> Vec<Vec<String>> {
    let mut connection = connect(url).await;
    let rows = raw_sql(AssertSqlSafe(query)).fetch_all(&mut connection).await;
    let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
    connection.close().await.unwrap();
    let text = |row: &sqlx::postgres::PgRow, column| {
        row.try_get_unchecked::<Option<String>, _>(column).unwrap().unwrap_or_else(|| "NULL".into())
    };
    rows.iter().map(|row| (0..row.len()).map(|column| text(row, column)).collect()).collect()
}

#[tokio::test]
async fn a_cluster_starts_stops_and_starts_again() {
    let mut cluster = Cluster::own(Setup { password: Some("secret".into()), ..Setup::default() }).await;
    let url = cluster.database("life").await;
    sql(&url, "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL)").await;
    cluster.stop();
    assert!(std::net::TcpStream::connect(("127.0.0.1", cluster.port())).is_err());
    cluster.start();
    assert_eq!(texts(&url, "SELECT a, b FROM t ORDER BY a").await, [["1", "x"], ["2", "NULL"]]);
}
