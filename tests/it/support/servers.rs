//! S3 servers that we did not write: moto and `rclone serve s3`, from the Python environment that `tests/run` makes.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use windlass::domain::{Provider, Secret};
use windlass::storage::local::LocalAccess;
use windlass::storage::s3::S3Config;

use super::bucket::client;
use super::rogue::BUCKET;

/// A server and its bucket; both end with the value.
pub struct Foreign {
    child: Child,
    access: LocalAccess,
    _folder: TempDir,
}

impl Foreign {
    /// moto, which is faithful in most and checks no signatures.
    pub async fn moto() -> Self {
        let port = free_port();
        let mut command = Command::new(python());
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        Self::start(command, port).await
    }

    /// rclone in front of a folder.
    pub async fn rclone() -> Self {
        let port = free_port();
        let python = python();
        let beside = python.parent().map(|folder| folder.join("rclone")).filter(|program| program.exists());
        let mut command = Command::new(beside.unwrap_or_else(|| "rclone".into()));
        command.args(["serve", "s3", "--addr", &format!("127.0.0.1:{port}"), "--auth-key", "AKIATEST,hunter2", "."]);
        Self::start(command, port).await
    }

    async fn start(mut command: Command, port: u16) -> Self {
        let folder = TempDir::new().unwrap();
        let rclone = folder.path().join("rclone.conf");
        std::fs::write(&rclone, "").unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        command.current_dir(data).env("RCLONE_CONFIG", rclone).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}; tests/run installs it"));
        let access = LocalAccess {
            endpoint: format!("http://127.0.0.1:{port}"),
            region: "us-east-1".into(),
            access_key_id: "AKIATEST".into(),
            secret_access_key: Secret::new("hunter2"),
            bucket: BUCKET.into(),
        };
        let mut foreign = Self { child, access, _folder: folder };
        foreign.listens(port).await;
        client(&foreign.access).create_bucket().bucket(BUCKET).send().await.unwrap();
        foreign
    }

    async fn listens(&mut self, port: u16) {
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "the server ended at once ({ended:?}); tests/run installs what it needs");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What a store is opened with: any S3-compatible service.
    pub fn config(&self) -> S3Config {
        let secret = self.access.secret_access_key.expose();
        let mut config = S3Config::new(Provider::S3, BUCKET, &self.access.access_key_id, secret);
        config.endpoint = Some(self.access.endpoint.clone());
        config.region = Some(self.access.region.clone());
        config
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // It may have ended by itself; its test has said so then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn python() -> PathBuf {
    std::env::var_os("WINDLASS_TEST_PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
