//! What a database at Neon is like: a URL that asks for no more than "some TLS", a pooler in front, a server that falls
//! asleep and wakes up, and row-level security that a real role cannot get around.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use windlass::catalog::{Catalog, RecordQuery};
use windlass::domain::{NewRecord, Provider};

use crate::catalog::{in_postgres, new, pages_of, postgres, target};
use crate::support::far::Far;
use crate::support::pgbouncer::Pooler;
use crate::support::postgres::{Cluster, Setup, sql, texts};
use crate::support::program::Home;
use crate::support::tls::Tls;

/// Two users who share a bucket and a table, and connect as the same role.
struct Shared {
    far: Far,
    home: Home,
    owner: String,
}

impl Shared {
    async fn new(cluster: &Cluster) -> Self {
        let (far, home) = (Far::new(), Home::new());
        let shared = Self { far, home, owner: cluster.database("rls_story").await };
        shared.as_user("nobody", &shared.owner);
        shared.home.run(["catalog", "migrate"]).with(0);
        shared
    }

    /// The commands that follow are this user's, who connects by this URL.
    fn as_user(&self, user: &str, url: &str) {
        let who = [("database_url", url), ("rls_setting", "app.user_id"), ("user_id", user)];
        self.home.configure(&self.far.profile(&who));
    }

    fn as_app(&self, user: &str) {
        self.as_user(user, &self.owner.replace("//postgres@", "//app@"));
    }

    fn security(&self) -> serde_json::Value {
        self.home.run(["catalog", "rls", "--json"]).with(0).json().remove(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_that_is_printed_keeps_users_apart() {
    let cluster = Cluster::own(Setup::default()).await;
    let shared = Shared::new(&cluster).await;
    let before = shared.security();
    assert_eq!((&before["active"], &before["bypassed_by"]), (&false.into(), &serde_json::Value::Null));
    let printed = before["sql"].as_str().unwrap();
    // The commented half is for the owner to decide on: here he does as it says.
    let role = "CREATE ROLE app LOGIN PASSWORD '...' NOSUPERUSER NOBYPASSRLS;";
    assert!(printed.contains(role), "{printed}");
    let commands = |line: &str| line.starts_with("-- CREATE ROLE") || line.starts_with("-- GRANT");
    let all: Vec<&str> =
        printed.lines().map(|line| if commands(line) { line.trim_start_matches("-- ") } else { line }).collect();
    sql(&shared.owner, &all.join("\n")).await;
    sql(&shared.owner, printed).await;

    let told = shared.home.run(["catalog", "rls"]).with(0).out;
    assert!(
        told.starts_with("-- Now: row-level security does not hold for the role \"postgres\": it is a superuser\n")
    );
    assert_eq!(shared.security()["bypassed_by"], "postgres");
    shared.as_app("me");
    let now = shared.security();
    assert_eq!((&now["active"], &now["bypassed_by"]), (&true.into(), &serde_json::Value::Null));

    let home = &shared.home;
    home.file("mine.txt", "mine");
    home.file("theirs.txt", "theirs");
    home.run(["upload", "mine.txt", "--key", "mine.txt"]).with(0);
    shared.as_app("them");
    home.run(["upload", "theirs.txt", "--key", "theirs.txt"]).with(0);

    shared.as_app("me");
    let seen = home.run(["ls", "--all-users", "--json"]).with(0).json();
    assert_eq!(seen.iter().map(|row| row["key"].as_str().unwrap()).collect::<Vec<_>>(), ["mine.txt"]);
    home.run(["rm", "theirs.txt", "--yes"]).with(1);
    home.run(["upload", "mine.txt", "--key", "theirs.txt"]).with(1);
    let over = home.run(["upload", "mine.txt", "--key", "theirs.txt", "--on-conflict", "overwrite"]).with(1);
    assert!(over.err.contains("that user \"me\" cannot see"), "{}", over.err);
    let rows = "SELECT object_key, user_id, size_bytes FROM s3_files ORDER BY 1";
    let kept = [["mine.txt", "me", "4"], ["theirs.txt", "them", "6"]];
    assert_eq!(texts(&shared.owner, rows).await, kept, "neither removed nor written");
    home.run(["rm", "mine.txt", "--yes"]).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_says_when_the_role_gets_around_row_level_security() {
    let cluster = Cluster::own(Setup::default()).await;
    let shared = Shared::new(&cluster).await;
    let mut person = shared.home.screen(140, 30);
    person.sees("RLS is off").press("q").ended();
    sql(&shared.owner, shared.security()["sql"].as_str().unwrap()).await;
    let mut person = shared.home.screen(140, 30);
    person.sees("RLS bypassed by postgres").press("q").ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stops_and_starts_while_the_screen_is_open_is_seen_again_by_itself() {
    let mut cluster = Cluster::own(Setup::default()).await;
    let (home, url) = (Home::new(), cluster.database("asleep").await);
    home.configure(&format!("[profiles.local]\nprovider = \"local\"\ndatabase_url = \"{url}\"\n"));
    home.run(["catalog", "migrate"]).with(0);
    home.file("photo.txt", "1");
    home.run(["upload", "photo.txt", "--key", "a-photo.txt"]).with(0);
    let mut person = home.screen(120, 30);
    person.sees("a-photo.txt").sees("postgres ●");
    cluster.stop();
    person.press("2R").sees("postgres ✗ unreachable").sees("cannot reach the database").sees("a-photo.txt");
    cluster.start();
    // By itself, and before anything here asks the database: who is first decides what the list shows.
    person.sees("postgres ●");
    sql(&url, "UPDATE local_files SET object_key = 'after.txt'").await;
    person.press("R").sees("after.txt").press("q").ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_sleeps_and_wakes_while_the_screen_is_open_is_one_calm_state() {
    let mut cluster = Cluster::own(Setup::default()).await;
    let (home, url) = (Home::new(), cluster.database("sleeps").await);
    home.configure(&format!("[profiles.local]\nprovider = \"local\"\ndatabase_url = \"{url}\"\n"));
    home.run(["catalog", "migrate"]).with(0);
    home.file("photo.txt", "1");
    home.run(["upload", "photo.txt", "--key", "a-photo.txt"]).with(0);
    let mut person = home.screen(120, 30);
    person.sees("a-photo.txt").sees("postgres ●");
    cluster.stop();
    // Neon's proxy takes the connection, and keeps it waiting until the compute is up.
    let proxy = TcpListener::bind(("127.0.0.1", cluster.port())).unwrap();
    person.press("2R").sees("waking up").sees("a-photo.txt");
    assert!(!person.text().contains("cannot reach"), "{}", person.text());
    drop(proxy);
    cluster.start();
    person.sees("postgres ●").sees("a-photo.txt").press("q").ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_the_connection_is_unreachable_and_r_tries_again() {
    let mut cluster = Cluster::own(Setup::default()).await;
    let (home, url) = (Home::new(), cluster.database("away").await);
    home.configure(&format!("[profiles.local]\nprovider = \"local\"\ndatabase_url = \"{url}\"\n"));
    home.run(["catalog", "migrate"]).with(0);
    let mut person = home.screen(120, 30);
    person.sees("postgres ●");
    cluster.stop();
    person.press("2R").sees("postgres ✗ unreachable").sees("R tries again");
    cluster.start();
    person.press("R").sees("postgres ●").press("q").ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_env_of_a_guide_never_meets_a_certificate_that_nobody_signed() {
    let tls = Tls::new();
    let cluster = Cluster::own(Setup { tls: Some(tls.pem()), ..Setup::default() }).await;
    let home = Home::new();
    // A name of this machine that is not taken for local, so that the certificate counts.
    let url = cluster.url("postgres").replace("@localhost", "@0.0.0.0");
    home.file(
        ".env",
        format!(
            "R2_ACCOUNT_ID=abc\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=s\nR2_BUCKET_NAME=pics\n\
             DATABASE_URL={url}?sslmode=require&channel_binding=require\n"
        ),
    );
    let ended = home.run(["ls"]).with(1);
    assert!(ended.sentence().contains("is not trusted: UnknownIssuer; set ca_file"), "{}", ended.err);
}

/// Connections that the server has of Windlass; [`texts`] itself comes under another name.
const OF_WINDLASS: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'windlass'";

async fn until_nobody_is_connected(url: &str, patience: Duration) {
    let waiting = async {
        while texts(url, OF_WINDLASS).await != [["0"]] {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(patience, waiting).await.expect("Windlass keeps connections that nobody uses");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_nobody_uses_are_closed() {
    let cluster = Cluster::own(Setup { settings: vec!["log_connections=on".into()], ..Setup::default() }).await;
    let url = cluster.database("idle").await;
    let kept = postgres(Provider::R2, &url);
    kept.migrate().await.unwrap();
    assert_ne!(texts(&url, OF_WINDLASS).await, [["0"]], "they rest for two minutes");
    drop(kept);
    until_nobody_is_connected(&url, Duration::from_secs(30)).await;

    let catalog = postgres(Provider::R2, &url).resting_for(Duration::from_millis(100));
    let came = || cluster.log().matches("application_name=windlass").count();
    let before = came();
    let everything = RecordQuery::default();
    tokio::try_join!(catalog.estimate(&everything), catalog.estimate(&everything), catalog.estimate(&everything))
        .unwrap();
    assert_eq!(came(), before + 3);
    until_nobody_is_connected(&url, Duration::from_secs(30)).await;
    catalog.estimate(&RecordQuery::default()).await.unwrap();
    assert_eq!(came(), before + 4, "the next use connects anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_screen_that_nobody_uses_lets_the_database_sleep() {
    let cluster = Cluster::own(Setup::default()).await;
    let (home, url) = (Home::new(), cluster.database("idle_screen").await);
    home.configure(&format!("[profiles.local]\nprovider = \"local\"\ndatabase_url = \"{url}\"\n"));
    home.run(["catalog", "migrate"]).with(0);
    let mut person = home.screen(120, 30);
    person.sees("postgres ●");
    assert_ne!(texts(&url, OF_WINDLASS).await, [["0"]]);
    until_nobody_is_connected(&url, Duration::from_secs(240)).await;
    person.press("2R").sees("postgres ●").press("q").ended();
}

/// How long the load goes on; the issue asks for 60 s, which `WINDLASS_TEST_LOAD_SECONDS` says.
fn load_time() -> Duration {
    let seconds = std::env::var("WINDLASS_TEST_LOAD_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

/// What each worker asks in turn: check, record, known, page, forget.
const TRANSACTIONS_A_ROUND: i64 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_pooler_with_four_connections_bears_any_load_without_an_error() {
    let cluster = Cluster::own(Setup::default()).await;
    let direct = cluster.database("loaded").await;
    let pooler = Pooler::with_connections(&cluster, 4).await;
    let url = pooler.url(&direct);
    postgres(Provider::R2, &url).migrate().await.unwrap();
    let over = std::sync::Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..24)
        .map(|worker| {
            // As many pools as processes would have, each of which tells the database who asks.
            let config = match in_postgres(&url) {
                windlass::config::CatalogConfig::Postgres { url, tls, schema, .. } => {
                    let rls_setting = Some("app.user_id".to_owned());
                    windlass::config::CatalogConfig::Postgres { url, tls, schema, rls_setting }
                }
                other => other,
            };
            let catalog = windlass::catalog::postgres::PostgresCatalog::new(target(Provider::R2, config)).unwrap();
            let over = over.clone();
            tokio::spawn(async move {
                let (mut rounds, mut slowest) = (0, Duration::ZERO);
                while !over.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    let batch: Vec<NewRecord> =
                        (0..5).map(|k| new(&format!("{worker}/{rounds}/{k}"), rounds)).collect();
                    let keys: Vec<String> = batch.iter().map(|record| record.key.clone()).collect();
                    assert_eq!(catalog.check_many(&keys, "me").await.unwrap(), []);
                    catalog.record(&batch).await.unwrap();
                    assert_eq!(catalog.known(&keys, Some("me")).await.unwrap().len(), 5);
                    catalog.page(&pages_of(50)).await.unwrap();
                    assert_eq!(catalog.forget(&keys[..4], Some("me")).await.unwrap(), 4);
                    rounds += 1;
                    slowest = slowest.max(began.elapsed());
                }
                (rounds, slowest)
            })
        })
        .collect();
    tokio::time::sleep(load_time()).await;
    over.store(true, Ordering::Relaxed);
    let (mut rounds, mut slowest) = (0, Duration::ZERO);
    for worker in workers {
        let (done, worst) = worker.await.unwrap();
        (rounds, slowest) = (rounds + done, slowest.max(worst));
    }
    let transactions = rounds * TRANSACTIONS_A_ROUND;
    println!("24 pools on 4 connections for {:?}: {transactions} transactions without an error", load_time());
    println!("{rounds} rounds of {TRANSACTIONS_A_ROUND}, the slowest took {slowest:?}");
    let held = "SELECT count(*), (SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%') FROM r2_files";
    assert_eq!(texts(&direct, held).await, [[rounds.to_string(), "0".to_owned()]]);
}
