//! `windlass local serve`, the program itself: another S3 client uses it, and killing it loses nothing that was answered.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use tokio::io::AsyncWriteExt;
use windlass::domain::Secret;
use windlass::storage::local::LocalAccess;

use super::{BUCKET, get, put};
use crate::support::bucket::client;
use crate::support::program::{Home, Running};

/// The program serving, and the line that it printed.
fn serve(home: &Home) -> (Running, String) {
    let mut running = home.start(["local", "serve", "--json"]);
    let line = running.line();
    (running, line)
}

fn access(line: &str) -> LocalAccess {
    let told: serde_json::Value = serde_json::from_str(line).unwrap();
    let field = |name: &str| told[name].as_str().unwrap().to_owned();
    LocalAccess {
        endpoint: field("endpoint"),
        region: field("region"),
        access_key_id: field("access_key_id"),
        secret_access_key: Secret::new(field("secret_access_key")),
        bucket: field("bucket"),
    }
}

/// Sizes of the blob files.
fn blobs(home: &Home) -> Vec<u64> {
    let mut sizes = Vec::new();
    let Ok(folders) = std::fs::read_dir(home.path().join("data/windlass/local/blobs")) else { return sizes };
    for folder in folders {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            sizes.push(file.unwrap().metadata().unwrap().len());
        }
    }
    sizes
}

/// Issue 2, "Must show" 8.
#[test]
fn boto3_finds_an_s3_bucket() {
    let home = Home::new();
    let (serving, line) = serve(&home);
    let python = std::env::var("WINDLASS_TEST_PYTHON").unwrap_or_else(|_unset| "python3".into());
    let check = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/boto3/check.py");
    let mut command = Command::new(python);
    command.arg(check).arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut checking = command.spawn().unwrap();
    writeln!(checking.stdin.take().unwrap(), "{line}").unwrap();
    let ended = checking.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    serving.signal("TERM");
    let ended = serving.wait();
    assert_eq!(ended.err, "");
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_answered_and_leaves_nothing_half_done() {
    let home = Home::new();
    let (serving, line) = serve(&home);
    let s3 = client(&access(&line));
    put(&s3, "answered", b"durable").await;
    let request = s3.put_object().bucket(BUCKET).key("half").content_length(50_000_000);
    let link = request.presigned(PresigningConfig::expires_in(Duration::from_secs(60)).unwrap()).await.unwrap();
    let (host, target) = link.uri().strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut upload = tokio::net::TcpStream::connect(host).await.unwrap();
    let head = format!("PUT /{target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 50000000\r\n\r\n");
    upload.write_all(head.as_bytes()).await.unwrap();
    upload.write_all(&vec![7; 3_000_000]).await.unwrap();
    while !blobs(&home).iter().any(|size| *size > 1_000_000) {
        tokio::task::yield_now().await;
    }
    serving.signal("KILL");
    serving.wait();
    assert_eq!(blobs(&home).len(), 2, "what was half done is still there");
    let (_serving, line) = serve(&home);
    assert_eq!(blobs(&home), [7], "the next opening has swept it");
    let s3 = client(&access(&line));
    assert_eq!(get(&s3, "answered").await, b"durable");
    let listed = s3.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.key_count(), Some(1));
    put(&s3, "half", b"whole").await;
}
