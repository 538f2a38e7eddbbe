//! A mixed batch in the queue of one home: small files with odd names and one large file to send, objects to fetch, and
//! objects with records to delete; all of it queued, none of it done.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use serde_json::Value;

use super::life::{KILLED, Life};
use crate::support::home::noise;
use crate::support::postgres::{Cluster, Setup};
use crate::support::program::Home;
use crate::support::rogue::{BUCKET, Dice, Fault, Gate, Rogue};

/// How much there is to do.
pub struct Size {
    /// Small files to send, from none to 200 KiB each.
    pub small: usize,
    /// Bytes of the large file to send.
    pub large: usize,
    /// Small objects to fetch.
    pub fetched: usize,
    /// Bytes of the large object to fetch.
    pub large_fetched: usize,
    /// Objects to delete.
    pub deleted: usize,
}

/// The batch and everything around it.
pub struct Batch {
    /// Where the program runs.
    pub home: Home,
    /// The network and the bucket.
    pub rogue: Rogue,
    /// The catalog.
    pub cluster: Cluster,
    /// Its database.
    pub url: String,
    /// Keys that are to be in bucket and catalog, and their sources.
    pub sent: Vec<(String, PathBuf)>,
    /// Keys of objects that are to be on disk, and what they hold.
    pub fetched: Vec<(String, Vec<u8>)>,
    /// Transfers that the journal is to know as done.
    pub transfers: usize,
    /// Those that failed, were cancelled and asked for again.
    pub cancelled: usize,
}

/// Runs after which a batch must have come to its end.
const MOST_RUNS: usize = 40;

/// The large file's key.
pub const LARGE: &str = "up/000 large.bin";

/// Names that something on the way could trip over.
const ODD: [&str; 14] = [
    "with space.txt",
    "plus+and&ampersand.txt",
    "per%20cent%.txt",
    "umlaut-äöü.txt",
    "bucket-🪣.bin",
    "hash#and?query=1.txt",
    "quote'and\"quote.txt",
    "semi;colon=equals,comma.txt",
    "deep/er/and/deep er/file",
    "~tilde$dollar(paren)[bracket]{brace}",
    "colon:at@.txt",
    "-dash",
    "no-extension",
    "ends.in.dots..txt",
];

impl Batch {
    /// Queues one, everything open.
    pub async fn queued(size: &Size, dice: &mut Dice) -> Self {
        let (rogue, cluster) = (Rogue::start().await, Cluster::own(Setup::default()).await);
        let url = cluster.database("torture").await;
        let home = Home::new();
        rogue.configure(&home, "s3", &url);
        home.run(["catalog", "migrate"]).with(0);
        let mut batch =
            Self { home, rogue, cluster, url, sent: Vec::new(), fetched: Vec::new(), transfers: 0, cancelled: 0 };
        batch.make_what_is_deleted(size.deleted);
        batch.make_what_is_fetched(size, dice).await;
        batch.queue_downloads(size).await;
        batch.queue_deletes(size).await;
        batch.queue_uploads(size, dice);
        batch
    }

    /// Runs it until nothing is open any more.
    pub async fn finish(&self) {
        for _run in 0..MOST_RUNS {
            Life::begin(&self.home, &["resume"]).ended().await;
            if !self.is_open() {
                return;
            }
        }
        panic!("it never comes to its end: {:#?}", self.transfers());
    }

    /// Waits until another program has run it.
    pub fn finished_by_another(&self) {
        let late = Instant::now() + Duration::from_secs(120);
        while self.is_open() {
            assert!(Instant::now() < late, "it never comes to its end: {:#?}", self.transfers());
        }
    }

    /// Whether anything of it is.
    pub fn is_open(&self) -> bool {
        self.transfers().iter().any(|line| line["state"] != "done" && line["state"] != "failed")
    }

    /// The queue as the program lists it.
    pub fn transfers(&self) -> Vec<Value> {
        self.home.run(["transfers", "--json"]).with(0).json()
    }

    fn make_what_is_deleted(&mut self, count: usize) {
        for number in 0..count {
            self.home.file(&format!("old/{number}.txt"), format!("to be deleted {number}"));
        }
        self.home.run(["upload", "old", "--to", "old"]).with(0);
        self.transfers += 2 * count;
    }

    async fn make_what_is_fetched(&mut self, size: &Size, dice: &mut Dice) {
        let client = self.rogue.direct();
        for number in 0..=size.fetched {
            let length = if number == 0 { size.large_fetched } else { small(dice) };
            let (key, bytes) = (format!("there/{number:02} of them.bin"), noise(length, dice.next()));
            let put = client.put_object().bucket(BUCKET).key(&key).body(ByteStream::from(bytes.clone()));
            put.send().await.unwrap();
            self.fetched.push((key, bytes));
        }
    }

    fn queue_uploads(&mut self, size: &Size, dice: &mut Dice) {
        self.home.file(LARGE, noise(size.large, dice.next()));
        for number in 0..size.small {
            let name = ODD.get(number).map_or_else(|| format!("{number:03}.bin"), |name| (*name).into());
            let length = if number < 3 { number } else { small(dice) };
            self.home.file(&format!("up/{name}"), noise(length, dice.next()));
        }
        let queued = self.home.run(["upload", "up", "--to", "up", "--detach", "--json"]).with(0).json();
        let text = |line: &serde_json::Value, field: &str| line[field].as_str().unwrap().to_owned();
        self.sent = queued.iter().map(|line| (text(line, "key"), text(line, "path").into())).collect();
        self.transfers += self.sent.len();
        assert_eq!(self.sent.len(), size.small + 1);
        assert!(self.sent.iter().any(|(key, _)| key == LARGE), "{:?}", self.sent);
    }

    /// Downloads cannot be queued and left: the command is killed in the middle of its first one.
    async fn queue_downloads(&mut self, size: &Size) {
        let gate = Gate::closed();
        let held = gate.clone();
        self.rogue.faults(move |ask| ask.reads().then(|| Fault::HoldDown(held.clone())));
        let mut life = Life::begin(&self.home, &["download", "there/", "-r", "--to", "got"]);
        gate.reached().await;
        life.kill();
        assert_eq!(life.ended().await.code, KILLED);
        gate.open();
        self.rogue.behave();
        self.rogue.quiet().await;
        self.transfers += size.fetched + 1;
    }

    /// Nor can deletes: the command is killed when it makes its first request.
    async fn queue_deletes(&mut self, size: &Size) {
        self.rogue.stop_after(0);
        let mut life = Life::begin(&self.home, &["rm", "old/", "-r", "--yes"]);
        self.rogue.stopped().await;
        life.kill();
        assert_eq!(life.ended().await.code, KILLED);
        self.rogue.go_on();
        self.rogue.quiet().await;
        assert!(size.deleted > 0);
    }
}

/// A small file's length: most are a few KiB.
fn small(dice: &mut Dice) -> usize {
    let most = if dice.one_in(4) { 200 << 10 } else { 8 << 10 };
    usize::try_from(dice.below(most)).unwrap()
}
