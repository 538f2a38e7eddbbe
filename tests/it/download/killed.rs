//! The real program is killed in the middle of a download: what the journal had of it is not asked for again, as a
//! server's front counts that reads every request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::support::far::Far;
use crate::support::home::noise;
use crate::support::program::Home;

const MIB: u64 = 1 << 20;

/// Between the program and the bucket: notes which ranges are asked for, and lets only so many bytes down.
struct Front {
    address: String,
    state: Arc<State>,
}

struct State {
    asked: Mutex<Vec<(u64, u64)>>,
    may_pass: AtomicU64,
    standing_still: Notify,
}

impl Front {
    async fn before(endpoint: &str, may_pass: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let bucket = endpoint.strip_prefix("http://").unwrap().to_owned();
        let (asked, may_pass) = (Mutex::default(), AtomicU64::new(may_pass));
        let state = Arc::new(State { asked, may_pass, standing_still: Notify::new() });
        let noting = state.clone();
        tokio::spawn(async move {
            while let Ok((program, _)) = listener.accept().await {
                let bucket = TcpStream::connect(&bucket).await.unwrap();
                tokio::spawn(pass(program, bucket, noting.clone()));
            }
        });
        Self { address, state }
    }

    fn asked(&self) -> Vec<(u64, u64)> {
        std::mem::take(&mut self.state.asked.lock().unwrap())
    }
}

async fn pass(program: TcpStream, bucket: TcpStream, state: Arc<State>) {
    let ((mut from_program, mut to_program), (mut from_bucket, mut to_bucket)) =
        (program.into_split(), bucket.into_split());
    let noting = state.clone();
    tokio::spawn(async move {
        let (mut head, mut bytes) = (String::new(), [0; 16 << 10]);
        while let Ok(count @ 1..) = from_program.read(&mut bytes).await {
            head.push_str(&String::from_utf8_lossy(&bytes[..count]).to_lowercase());
            if head.ends_with("\r\n\r\n") {
                noting.asked.lock().unwrap().extend(range_in(&std::mem::take(&mut head)));
            }
            if to_bucket.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
    });
    let mut bytes = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from_bucket.read(&mut bytes).await {
        let left = |left: u64| left.checked_sub(count as u64);
        if state.may_pass.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left).is_err() {
            state.standing_still.notify_one();
            return std::future::pending().await;
        }
        if to_program.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

/// The bytes that a request's head asks for: the first, and how many.
fn range_in(head: &str) -> Option<(u64, u64)> {
    let range = head.split("\r\n").find_map(|line| line.strip_prefix("range: bytes="))?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    Some((first, last + 1 - first))
}

fn acknowledged(home: &Home) -> u64 {
    let queue = home.run(["transfers", "--json"]).with(0).json();
    let download = queue.iter().find(|row| row["kind"] == "download").unwrap();
    download["sent"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_download_asks_for_nothing_that_the_journal_had() {
    let far = Far::new();
    let home = Home::new();
    let bytes = noise(96 * MIB as usize, 1);
    home.file("big.bin", &bytes);
    home.configure(&far.profile(&[]));
    home.run(["upload", "big.bin", "--key", "big.bin"]).with(0);

    let front = Front::before(far.text("endpoint"), 60 * MIB).await;
    home.configure(&far.profile(&[("endpoint", &front.address)]));
    let running = home.start(["download", "big.bin", "--to", "down"]);
    front.state.standing_still.notified().await;
    // Four ranges are under way at most, so the others have arrived; the journal has them in a moment.
    let arrived = (front.state.asked.lock().unwrap().len() as u64 - 4) * 8 * MIB;
    while acknowledged(&home) < arrived {
        tokio::task::yield_now().await;
    }
    running.signal("KILL");
    running.wait();
    assert!(!home.here().join("down/big.bin").exists());

    let had = acknowledged(&home);
    assert!(had >= 3 * 8 * MIB, "{had}");
    front.asked();
    front.state.may_pass.store(u64::MAX, Ordering::SeqCst);
    home.run(["resume"]).with(0);
    assert!(home.read("down/big.bin") == bytes);
    let asked = front.asked();
    assert_eq!(asked.iter().map(|(_, length)| length).sum::<u64>(), 96 * MIB - had, "{asked:?}");
    assert!(!home.here().join("down/big.bin.windlass-part").exists());
}

#[test]
fn what_has_come_of_a_slow_range_is_in_the_journal_before_its_end() {
    let (far, home) = (Far::new(), Home::new());
    home.configure(&far.profile(&[("key_template", "{name}")]));
    home.file("f", noise(15 << 20, 4));
    home.run(["upload", "f"]).with(0);
    let running = home.start(["download", "f", "--to", "down", "--rate", "1M"]);
    let row = loop {
        let rows = home.run(["transfers", "--json"]).with(0).json();
        let found = rows.into_iter().find(|row| row["kind"] == "download" && row["sent"] != 0);
        if let Some(row) = found {
            break row;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    assert_eq!(row["state"], "receiving", "{row}");
    running.signal("KILL");
}
