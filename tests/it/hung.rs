//! A disk that hangs while downloads are written to it or uploads read from it, as a network disk does whose server is gone:
//! whatever has nothing to do with that disk goes on, in the same command and under the same profile.

use std::time::{Duration, Instant};

use windlass::domain::TransferKind;
use windlass::transfer::Scope;

use crate::support::canned::{CannedServer, answer};
use crate::support::far::Far;
use crate::support::home::{job, noise, queue};
use crate::support::hung_disk::{from_a_hung_folder, on_a_hung_disk, on_a_late_disk};
use crate::support::program::Home;

/// Together with as many small ones more than take turns at once, and more than there are threads for files.
const LARGE: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn what_has_nothing_to_do_with_a_disk_that_hangs_goes_on() {
    let (far, home) = (Far::new(), Home::new());
    home.configure(&far.profile(&[("key_template", "{name}")]));
    for number in 0..LARGE {
        home.file(&format!("down/large-{number}"), noise(3 << 20, 1));
        home.file(&format!("down/small-{number}"), "small");
    }
    home.run(["upload", "down", "--to", "down"]).with(0);
    queue_everything(&home).await;

    let resumed = on_a_hung_disk(&home, &["resume", "--json"]);
    let done = || {
        let rows = home.run(["transfers", "--json"]).with(0).json();
        let done = rows.iter().filter(|row| row["state"] == "done" && row["path"].as_str().unwrap().contains("/up"));
        done.map(|row| row["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let patience = Instant::now() + Duration::from_secs(60);
    while done().len() < 2 {
        assert!(
            Instant::now() < patience,
            "uploads wait for a disk that is none of theirs: {}",
            home.run(["transfers"]).out
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let rows = home.run(["transfers", "--json"]).with(0).json();
    let open =
        rows.iter().filter(|row| row["kind"] == "download" && row["state"] != "done" && row["state"] != "failed");
    assert_eq!(open.count(), 2 * LARGE, "downloads hang still");
    resumed.signal("KILL");
    drop(resumed);
    home.run(["resume"]).with(0);
    assert!(home.read(format!("hung/large-{}", LARGE - 1)) == noise(3 << 20, 1));
    assert_eq!(home.read("hung/small-0"), b"small");
}

/// As many as there are turns for large files, which need every request that there may be.
const JOBS: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn what_has_nothing_to_do_with_a_disk_that_cannot_be_read_goes_up() {
    let (far, home) = (Far::new(), Home::new());
    home.configure(&far.profile(&[("key_template", "{name}")]));
    let text = std::fs::read_to_string(home.config().join("config.toml")).unwrap();
    home.configure(&format!("{text}\n[transfers]\njobs = {JOBS}\n"));
    let hung: Vec<String> = (0..JOBS).map(|number| format!("hung/{number}")).collect();
    hung.iter().for_each(|name| drop(home.file(name, noise(3 << 20, 1))));
    home.file("good", noise(3 << 20, 2));
    home.run(["upload", "hung", "--detach"]).with(0);
    home.run(["upload", "good", "--detach"]).with(0);

    let resumed = from_a_hung_folder(&home, &["resume", "--json"]);
    let in_state = |state: &str| {
        let rows = home.run(["transfers", "--json"]).with(0).json();
        rows.iter().filter(|row| row["state"] == state).map(|row| row["key"].as_str().unwrap().to_owned()).collect()
    };
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let done: Vec<String> = in_state("done");
        if done == ["good"] {
            break;
        }
        assert!(Instant::now() < patience, "it waits for a disk that is none of its: {}", home.run(["transfers"]).out);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(in_state("sending").len(), JOBS, "they hang still");
    resumed.signal("TERM");
    assert_eq!(resumed.wait().code, 137, "it was killed with its reads");
    home.run(["resume"]).with(0);
    assert_eq!(in_state("done").len(), JOBS + 1);
}

/// Nothing would tell whether the rest is of the same version.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_entity_tag_is_asked_for_once_however_late_the_disk() {
    let bytes = "x".repeat(3 << 20);
    let server = CannedServer::start([answer("200 OK", &[], &bytes)]).await;
    let home = Home::new();
    home.configure(&format!(
        "default_profile = \"far\"\n[profiles.far]\nprovider = \"s3\"\nendpoint = \"http://{}\"\nregion = \"us-east-1\"\n\
         bucket = \"b\"\naccess_key_id = \"k\"\nsecret_access_key = \"s\"\n",
        server.address
    ));
    let running = on_a_late_disk(&home, &["download", "k"]);
    tokio::task::spawn_blocking(move || running.wait()).await.unwrap().with(0);
    assert!(home.read("k") == bytes.as_bytes());
    let asked = server.requests();
    assert_eq!(asked.iter().filter(|ask| ask.starts_with("get ")).count(), 1, "{asked:?}");
}

/// Downloads to a folder, and behind them two uploads.
async fn queue_everything(home: &Home) {
    let services = home.services();
    let connection = services.connect("far").await.unwrap();
    let queue = queue(home, services, Scope::Nothing).await;
    let mut jobs = Vec::new();
    for name in (0..LARGE).flat_map(|number| [format!("large-{number}"), format!("small-{number}")]) {
        let target = home.here().join("hung").join(&name);
        jobs.push(job(TransferKind::Download, &connection, &format!("down/{name}"), Some(&target)));
    }
    for (name, bytes) in [("up.bin", noise(20 << 20, 2)), ("up.txt", b"small".to_vec())] {
        jobs.push(job(TransferKind::Upload, &connection, name, Some(&home.file(name, bytes))));
    }
    queue.enqueue(jobs).await.unwrap();
    queue.close().await;
}
