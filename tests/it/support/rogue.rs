//! A network between the program and its bucket that does what real ones do on a bad day: an HTTP proxy in front of an
//! in-process S3 server. It counts what the server got, commits faults that a test chooses, and can stop every byte at a
//! chosen moment, so that a kill hits the program exactly there.

mod dice;
mod exchange;
mod fault;
mod ledger;
mod trap;
mod wire;

pub use dice::Dice;
pub use fault::{Ask, Fault, Gate};
pub use ledger::{Entry, Ledger};

use std::sync::{Arc, Mutex};

use aws_sdk_s3::Client;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::bucket::{TestBucket, client};
use super::program::Home;
use trap::Trap;
use windlass::storage::local::LocalAccess;

/// Decides what happens to a request.
type Choice = Box<dyn FnMut(&Ask) -> Option<Fault> + Send>;

/// The proxy and the bucket behind it; both end with the test's runtime.
pub struct Rogue {
    shared: Arc<Shared>,
    port: u16,
    bucket: TestBucket,
}

/// What the connections share.
struct Shared {
    server: String,
    ledger: Ledger,
    trap: Trap,
    choice: Mutex<Choice>,
    open: watch::Sender<usize>,
    taken: watch::Sender<u64>,
    asked: watch::Sender<usize>,
}

/// The bucket's name.
pub const BUCKET: &str = "windlass";

impl Rogue {
    /// One in front of an empty bucket, without faults.
    pub async fn start() -> Self {
        let bucket = TestBucket::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            server: bucket.access().endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned(),
            ledger: Ledger::default(),
            trap: Trap::default(),
            choice: Mutex::new(Box::new(|_| None)),
            open: watch::Sender::new(0),
            taken: watch::Sender::new(0),
            asked: watch::Sender::new(0),
        });
        let accepting = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accepting.clone().connection(stream));
            }
        });
        Self { shared, port, bucket }
    }

    /// Chooses what happens to requests from now on.
    pub fn faults(&self, choice: impl FnMut(&Ask) -> Option<Fault> + Send + 'static) {
        *self.shared.choice.lock().unwrap() = Box::new(choice);
    }

    /// No more faults.
    pub fn behave(&self) {
        self.faults(|_| None);
    }

    /// What went through so far.
    pub fn ledger(&self) -> &Ledger {
        &self.shared.ledger
    }

    /// Everything stops before the `steps`-th step from now: a request that comes, a piece of a body, an answer that is due.
    pub fn stop_after(&self, steps: u64) {
        self.shared.trap.arm(steps);
    }

    /// Waits until everything has stopped. Some request is then under way and unanswered.
    pub async fn stopped(&self) {
        self.shared.trap.sprung().await;
    }

    /// Lets everything go on.
    pub fn go_on(&self) {
        self.shared.trap.open();
    }

    /// Waits until no connection is left and the server has answered all that it was asked.
    pub async fn quiet(&self) {
        self.shared.open.subscribe().wait_for(|open| *open == 0).await.unwrap();
    }

    /// Waits until there are at least so many of them; answers how many there are then.
    pub async fn takes(&self, bytes: u64) -> u64 {
        *self.shared.taken.subscribe().wait_for(|taken| *taken >= bytes).await.unwrap()
    }

    /// Waits until so many more requests have come.
    pub async fn requests(&self, more: usize) {
        let mut asked = self.shared.asked.subscribe();
        let enough = *asked.borrow() + more;
        asked.wait_for(|asked| *asked >= enough).await.unwrap();
    }

    /// A client that speaks to the bucket directly.
    pub fn direct(&self) -> Client {
        client(self.bucket.access())
    }

    /// How many multipart uploads are open in the bucket.
    pub async fn open_uploads(&self) -> usize {
        self.direct().list_multipart_uploads().bucket(BUCKET).send().await.unwrap().uploads().len()
    }

    /// The proxy's endpoint.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How the bucket behind the proxy is reached, but for its address.
    pub fn access(&self) -> &LocalAccess {
        self.bucket.access()
    }

    /// Gives a home a profile `far` of that provider whose bucket is reached through the proxy.
    pub fn configure(&self, home: &Home, provider: &str, database_url: &str) {
        let (port, access) = (self.port, self.bucket.access());
        home.configure(&format!(
            "default_profile = \"far\"\n[profiles.far]\nprovider = \"{provider}\"\n\
             endpoint = \"http://127.0.0.1:{port}\"\nregion = \"{}\"\nbucket = \"{}\"\naccess_key_id = \"{}\"\n\
             secret_access_key = \"{}\"\nkey_template = \"{{name}}\"\ndatabase_url = \"{database_url}\"\n",
            access.region,
            access.bucket,
            access.access_key_id,
            access.secret_access_key.expose()
        ));
    }

    /// A `.env` whose profile reaches the bucket through this proxy, and has no catalog.
    pub fn as_env(&self) -> String {
        let (port, access) = (self.port, self.bucket.access());
        format!(
            "S3_ENDPOINT=http://127.0.0.1:{port}\nS3_REGION={}\nS3_BUCKET={}\nS3_ACCESS_KEY_ID={}\n\
             S3_SECRET_ACCESS_KEY={}\n",
            access.region,
            access.bucket,
            access.access_key_id,
            access.secret_access_key.expose()
        )
    }
}

impl Shared {
    async fn connection(self: Arc<Self>, client: TcpStream) {
        self.open.send_modify(|open| *open += 1);
        exchange::serve(&self, client).await;
        self.open.send_modify(|open| *open -= 1);
    }

    /// What is to happen to a request.
    fn fault(&self, ask: &Ask) -> Option<Fault> {
        self.asked.send_modify(|asked| *asked += 1);
        (self.choice.lock().unwrap())(ask)
    }
}
