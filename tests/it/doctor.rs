//! The doctor: a healthy profile has nothing that fails and nothing left behind, and each of many profiles that are broken
//! in one way fails exactly the check that it should, with what to do.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use windlass::storage::NOBODYS;

use crate::support::canned::{CannedServer, answer, error};
use crate::support::far::Far;
use crate::support::front::{Front, Right};
use crate::support::pgbouncer::Pooler;
use crate::support::postgres::{Cluster, Setup, sql};
use crate::support::program::Home;
use crate::support::rogue::{BUCKET, Fault, Gate, Rogue};
use crate::support::tls::Tls;

/// A page that the bucket has a rule for.
const PAGE: &str = "http://localhost:3000";

/// What the doctor said, by check.
struct Said {
    findings: BTreeMap<String, Value>,
    code: i32,
}

impl Said {
    fn of(home: &Home, more: &[&str]) -> Self {
        let ended = home.run([&["doctor", "--json"], more].concat());
        assert!(!ended.out.contains("hunter2") && !ended.out.contains("X-Amz"), "{}", ended.out);
        let findings: Vec<Value> = ended.json();
        assert_eq!(findings.len(), 21, "every check says something, once: {}", ended.out);
        let by_name = |finding: Value| (finding["check"].as_str().unwrap().to_owned(), finding);
        Self { findings: findings.into_iter().map(by_name).collect(), code: ended.code }
    }

    fn status(&self, check: &str) -> &str {
        self.findings[check]["status"].as_str().unwrap()
    }

    /// The checks that fail.
    fn failed(&self) -> Vec<&str> {
        let failed = self.findings.iter().filter(|(_, finding)| finding["status"] == "fail");
        failed.map(|(check, _)| check.as_str()).collect()
    }

    /// Fails the test unless exactly this check fails, in these words and with this hint.
    #[track_caller]
    fn fails(&self, check: &str, detail: &str, hint: &str) {
        assert_eq!(self.failed(), [check], "{:#?}", self.findings);
        assert_eq!(self.code, 1);
        let finding = &self.findings[check];
        assert!(finding["detail"].as_str().unwrap().contains(detail), "{finding}");
        assert!(finding["hint"].as_str().unwrap().contains(hint), "{finding}");
    }
}

/// A bucket, a table and a profile that are in order.
struct Healthy {
    far: Far,
    home: Home,
    database: String,
}

impl Healthy {
    async fn new() -> Self {
        let database = Cluster::shared().await.database("doctor").await;
        let healthy = Self { far: Far::new(), home: Home::new(), database };
        healthy.with(&[]);
        healthy.home.run(["catalog", "migrate"]).with(0);
        healthy.home.run(["cors", "allow", PAGE]).with(0);
        healthy
    }

    /// Writes the profile anew, with these lines replaced or added.
    fn with(&self, replaced: &[(&str, &str)]) {
        let database = [("database_url", self.database.as_str())];
        let lines: Vec<_> =
            database.into_iter().filter(|(name, _)| !has(replaced, name)).chain(replaced.to_vec()).collect();
        self.home.configure(&self.far.profile(&lines));
    }

    fn said(&self, replaced: &[(&str, &str)]) -> Said {
        self.with(replaced);
        Said::of(&self.home, &[])
    }
}

fn has(lines: &[(&str, &str)], name: &str) -> bool {
    lines.iter().any(|(known, _)| known == &name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_profile_has_nothing_that_fails_and_nothing_is_left_behind() {
    let healthy = Healthy::new().await;
    let said = Said::of(&healthy.home, &["--origin", PAGE]);
    assert_eq!((said.failed(), said.code), (vec![], 0), "{:#?}", said.findings);
    for check in
        ["configuration", "secrets", "dns", "connection", "clock", "credentials", "read", "write", "presigned-get"]
    {
        assert_eq!(said.status(check), "ok", "{check}: {:#?}", said.findings);
    }
    for check in ["presigned-put", "delete", "cors", "database", "migrations"] {
        assert_eq!(said.status(check), "ok", "{check}: {:#?}", said.findings);
    }
    assert_eq!(healthy.home.run(["ls", "--bucket"]).with(0).out, "");

    let read_only = Said::of(&healthy.home, &["--read-only"]);
    assert_eq!(read_only.failed(), Vec::<&str>::new(), "{:#?}", read_only.findings);
    assert_eq!((read_only.status("write"), read_only.status("presigned-get")), ("skip", "ok"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_bucket_is_healthy_without_any_configuration() {
    let home = Home::new();
    let said = Said::of(&home, &[]);
    assert_eq!((said.failed(), said.code), (vec![], 0), "{:#?}", said.findings);
    assert_eq!((said.status("write"), said.status("delete"), said.status("presigned-get")), ("ok", "ok", "skip"));
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "");
    let told = home.run(["doctor"]).with(0).out;
    assert!(told.starts_with("ok    configuration  profile local (Local), built in\n"), "{told}");
    assert!(told.lines().last().unwrap().starts_with("21 checks: 0 failed, "), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_break_the_bucket_fails_its_own_check() {
    let healthy = Healthy::new().await;
    let said = healthy.said(&[("secret_access_key", "hunter2")]);
    said.fails("credentials", "does not belong to the access key id", "check secret_access_key in [profiles.far] of /");
    let written = format!("secret_access_key = \"{}\"", healthy.far.text("secret_access_key"));
    let printed = "secret_access_key_command = \"echo hunter2\"";
    healthy.home.configure(&healthy.far.profile(&[]).replace(&written, printed));
    let said = Said::of(&healthy.home, &[]);
    said.fails("credentials", "does not belong to", "check secret_access_key_command in [profiles.far] of /");
    let said = healthy.said(&[("access_key_id", "AKIANOBODY")]);
    said.fails("credentials", "AKIANOBODY", "access_key_id");
    let said = healthy.said(&[("bucket", "no-such-bucket")]);
    said.fails("read", "there is no bucket \"no-such-bucket\"", "check bucket");
    let said = healthy.said(&[("endpoint", "http://nowhere.invalid:9000")]);
    said.fails("dns", "nowhere.invalid:9000 is not known", "check the endpoint");
    let said = healthy.said(&[("public_base_url", "http://nowhere.invalid:9000")]);
    said.fails("public-url", "nowhere.invalid:9000 is not known", "check public_base_url in the profile");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let said = healthy.said(&[("endpoint", &format!("http://127.0.0.1:{port}"))]);
    said.fails("connection", "refused the connection", "check the port");
    assert_eq!((said.status("dns"), said.status("tls")), ("ok", "skip"));
    healthy.with(&[]);
    healthy.home.run(["cors", "clear", "--yes"]).with(0);
    let said = Said::of(&healthy.home, &["--origin", "https://example.org"]);
    said.fails("cors", "would block an upload from https://example.org", "windlass cors allow https://example.org");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_here_signed_fails_tls() {
    let healthy = Healthy::new().await;
    let tls = Tls::new();
    let server = CannedServer::start_tls([answer("403 Forbidden", &[], "")], tls.acceptor()).await;
    let said = healthy.said(&[("endpoint", &format!("https://{}", server.address))]);
    said.fails("tls", "cannot be trusted", "ca_file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_write_fails_write_and_leaves_nothing() {
    let (rogue, home) = (Rogue::start().await, Home::new());
    rogue.configure(&home, "s3", &format!("sqlite:{}", home.path().join("c.sqlite").display()));
    rogue.faults(|ask| ask.carries_bytes().then_some(Fault::Denied));
    Said::of(&home, &[]).fails("write", "may not write", "right");
    let listed = rogue.direct().list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.contents().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_fails_itself_and_is_no_fault_of_the_credentials() {
    let healthy = Healthy::new().await;
    let theirs = chrono::Utc::now() - chrono::TimeDelta::minutes(25);
    let date = theirs.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let greeting = answer("403 Forbidden", &[("date", &date)], "");
    let server = CannedServer::start([greeting, error("403 Forbidden", "RequestTimeTooSkewed", &[])]).await;
    let said = healthy.said(&[("endpoint", &server.url())]);
    said.fails("clock", "clock and the bucket's differ by 25 minutes", "set the clock");
    assert_eq!(said.status("credentials"), "skip");
}

/// A home whose profile `far` is the bucket behind a front, with that key.
fn home_at(front: &Front, provider: &str) -> Home {
    let home = Home::new();
    front.rogue.configure(&home, provider, &format!("sqlite:{}", home.path().join("c.sqlite").display()));
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_read_and_write_but_not_list_fails_nothing() {
    let front = Front::b2(Right::Unlisted).await;
    let said = Said::of(&home_at(&front, "b2"), &[]);
    assert_eq!((said.failed(), said.status("credentials")), (vec![], "ok"), "{:#?}", said.findings);
    let read = &said.findings["read"];
    assert_eq!(read["status"], "warn");
    let detail = read["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("objects can be read, but the access key ") && detail.contains("may not list"),
        "{read}"
    );
    assert!(
        read["hint"].as_str().unwrap().starts_with("use an application key that may read in this bucket"),
        "{read}"
    );
    let hidden = "a probe could only be hidden, not removed: this key may not list versions";
    for check in ["write", "presigned-put", "delete"] {
        assert_eq!(said.findings[check]["detail"], hidden, "{check}");
    }
    assert_eq!(said.status("presigned-get"), "ok");
    assert!(front.rogue.ledger().which(|entry| entry.ask.carries_bytes()).is_empty(), "nothing is left behind");

    // S3 answers 403 for what is not there, to whoever may not list: what can be read shows only with the probe.
    let rogue = Rogue::start().await;
    let home = Home::new();
    rogue.configure(&home, "s3", &format!("sqlite:{}", home.path().join("c.sqlite").display()));
    rogue.faults(|ask| {
        let nobodys = ask.key == NOBODYS;
        (nobodys || ask.method == "GET" && ask.key.is_empty()).then_some(Fault::Denied)
    });
    let said = Said::of(&home, &[]);
    assert_eq!((said.failed(), said.status("read")), (vec![], "warn"), "{:#?}", said.findings);
    assert_eq!(
        (said.status("write"), said.status("delete")),
        ("ok", "ok"),
        "a right to see versions is none to delete"
    );
    let listed = rogue.direct().list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.contents().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_that_may_not_be_removed_are_named() {
    let front = Front::b2(Right::Versionless).await;
    let said = Said::of(&home_at(&front, "b2"), &[]);
    assert_eq!((said.failed(), said.status("delete")), (vec![], "warn"), "{:#?}", said.findings);
    let detail = said.findings["delete"]["detail"].as_str().unwrap();
    let written = front.rogue.ledger().which(|entry| entry.ask.carries_bytes());
    assert_eq!(written.len(), 2);
    assert!(written.iter().all(|entry| detail.contains(&entry.ask.key)), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_for_another_bucket_may_nothing_here() {
    let front = Front::b2(Right::Elsewhere).await;
    let said = Said::of(&home_at(&front, "b2"), &[]);
    assert_eq!((said.failed(), said.code), (vec!["read"], 1), "{:#?}", said.findings);
    assert_eq!(said.status("credentials"), "ok", "it is a key that B2 knows");
    let hint = said.findings["read"]["hint"].as_str().unwrap();
    assert_eq!(hint, "use an application key that may read in this bucket; many are for one bucket alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_key_that_nobody_answered_nothing_is_said() {
    let (rogue, home) = (Rogue::start().await, Home::new());
    rogue.configure(&home, "s3", &format!("sqlite:{}", home.path().join("c.sqlite").display()));
    let gate = Gate::closed();
    rogue.faults(move |ask| (!ask.bucket.is_empty()).then(|| Fault::HoldUp(gate.clone())));
    let said = Said::of(&home, &[]);
    said.fails("read", "the bucket did not answer in time", "check the network");
    assert_eq!((said.status("tls"), said.status("credentials"), said.status("write")), ("skip", "skip", "skip"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_removes_the_probe_first() {
    let (rogue, home) = (Rogue::start().await, Home::new());
    rogue.configure(&home, "s3", &format!("sqlite:{}", home.path().join("c.sqlite").display()));
    let gate = Gate::closed();
    let held = gate.clone();
    rogue.faults(move |ask| ask.reads().then(|| Fault::HoldDown(held.clone())));
    let running = home.start(["doctor"]);
    gate.reached().await;
    running.signal("INT");
    let ended = tokio::task::spawn_blocking(move || running.wait()).await.unwrap();
    assert_eq!(ended.code, 130, "{}", ended.err);
    let listed = rogue.direct().list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.contents().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_break_the_database_fails_its_own_check() {
    let healthy = Healthy::new().await;
    let mut stopped = Cluster::own(Setup::default()).await;
    let gone = stopped.database("gone").await;
    stopped.stop();
    let said = healthy.said(&[("database_url", &gone)]);
    said.fails("database", "refused the connection", "check that it runs");
    assert_eq!(said.status("write"), "ok", "the bucket is looked at all the same");

    let empty = Cluster::shared().await.database("empty").await;
    healthy.said(&[("database_url", &empty)]).fails("migrations", "the table is missing", "windlass catalog migrate");

    let said = healthy.said(&[("rls_setting", "app.user_id"), ("user_id", "me")]);
    said.fails("rls", "has no row-level security", "windlass catalog rls");
    let policy = healthy.home.run(["catalog", "rls", "--json"]).with(0).json().remove(0);
    sql(&healthy.database, policy["sql"].as_str().unwrap()).await;
    let said = healthy.said(&[("rls_setting", "app.user_id"), ("user_id", "me")]);
    said.fails("rls", "does not hold for the role postgres: it is a superuser", "windlass catalog rls");

    let tls = Tls::new();
    let foreign = Cluster::own(Setup { tls: Some(tls.pem()), ..Setup::default() }).await;
    let url = foreign.url("postgres").replace("@localhost", "@0.0.0.0");
    let said = healthy.said(&[("database_url", &format!("{url}?sslmode=require"))]);
    said.fails("database", "is not trusted", "set ca_file");
    let wrong = healthy.database.replace("postgres://postgres@", "postgres://nobody:hunter2@");
    let said = healthy.said(&[("database_url", &wrong)]);
    assert_eq!(said.failed(), ["database"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_is_no_neons_is_no_fault() {
    let healthy = Healthy::new().await;
    let pooler = Pooler::of(Cluster::shared().await).await;
    let said = healthy.said(&[("database_url", &pooler.url(&healthy.database))]);
    assert_eq!((said.failed(), said.status("pooler")), (vec![], "skip"), "{:#?}", said.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_broken_but_worth_a_word_is_a_warning() {
    let healthy = Healthy::new().await;
    let file = healthy.home.config().join("config.toml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = Said::of(&healthy.home, &[]);
    assert_eq!((said.failed(), said.status("secrets")), (vec![], "warn"), "{:#?}", said.findings);
    assert!(said.findings["secrets"]["hint"].as_str().unwrap().starts_with("chmod 600 "));
}

#[test]
fn an_odd_origin_is_wrong_usage() {
    let home = Home::new();
    let ended = home.run(["doctor", "--origin", "example.org"]).with(2);
    assert!(ended.sentence().contains("is no origin"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_shows_the_findings_and_what_to_do() {
    let healthy = Healthy::new().await;
    healthy.with(&[("secret_access_key", "wrong")]);
    let mut person = healthy.home.screen(120, 40);
    person.sees("Remote").press("C").sees("Doctor: far").sees("1 failed");
    person.sees("✗ credentials").sees("check secret_access_key").sees("✓ database");
    person.press("<Esc>").no_longer_sees("Doctor: far").press("q").ended();
}
