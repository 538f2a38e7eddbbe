//! Ctrl-C and SIGTERM: the command stops cleanly, says what is kept, and ends with 130.

use std::net::TcpListener;

use crate::support::program::{Home, Running};

/// A home whose profile `far` speaks to a server that accepts and never answers.
fn far(home: &Home) -> TcpListener {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    home.configure(&format!(
        "default_profile = \"far\"\n[profiles.far]\nprovider = \"s3\"\nendpoint = \"http://127.0.0.1:{port}\"\n\
         region = \"us-east-1\"\npath_style = true\nbucket = \"b\"\naccess_key_id = \"k\"\nsecret_access_key = \"s\"\n"
    ));
    silent
}

/// Runs until the server has been asked something, then sends the signal.
fn signalled(running: Running, silent: &TcpListener, name: &str) -> crate::support::program::Ended {
    let connection = silent.accept().unwrap();
    running.signal(name);
    let ended = running.wait();
    drop(connection);
    ended
}

#[test]
fn an_interrupted_upload_is_kept_and_says_how_to_go_on() {
    for signal in ["INT", "TERM", "HUP"] {
        let home = Home::new();
        let silent = far(&home);
        home.file("a.txt", "a");
        home.file("b.txt", "b");
        let ended = signalled(home.start(["upload", "a.txt", "b.txt"]), &silent, signal).with(130);
        assert_eq!(ended.sentence(), "interrupted: 0 of 2 done, the rest is kept; go on with: windlass resume");
        assert_eq!(ended.out, "");
        let kept = home.run(["transfers", "--json"]).with(0).json();
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().all(|line| line["state"] != "failed" && line["state"] != "cancelled"), "{kept:?}");
    }
}

#[test]
fn an_interrupted_listing_just_ends() {
    let home = Home::new();
    let silent = far(&home);
    let ended = signalled(home.start(["ls", "--bucket"]), &silent, "INT").with(130);
    assert_eq!(ended.sentence(), "interrupted");
}

#[test]
fn serving_ends_quietly() {
    for signal in ["INT", "TERM"] {
        let home = Home::new();
        let mut serving = home.start(["local", "serve"]);
        assert!(serving.line().starts_with("endpoint           http://127.0.0.1:"));
        serving.signal(signal);
        assert_eq!(serving.wait().with(0).err, "");
    }
}

#[test]
fn serving_takes_the_address_that_it_is_given() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = home.run(["local", "serve", "--addr", &address]).with(1);
    assert!(refused.sentence().contains(&address), "{}", refused.err);
    drop(taken);
    let mut serving = home.start(["local", "serve", "--json", "--addr", &address]);
    assert!(serving.line().contains(&format!("\"endpoint\":\"http://{address}\"")));
    let refused = home.run(["local", "serve", "--addr", "nonsense"]).with(2);
    assert!(refused.sentence().contains("HOST:PORT"), "{}", refused.err);
}

#[test]
fn what_nohup_ignores_stays_ignored() {
    let home = Home::new();
    let script = format!("trap '' HUP; exec {} local serve", env!("CARGO_BIN_EXE_windlass"));
    let mut serving = home.start_by("/bin/sh", ["-c", &script]);
    serving.line();
    let status = std::fs::read_to_string(format!("/proc/{}/status", serving.process())).unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap().trim();
    assert_eq!(u64::from_str_radix(ignored, 16).unwrap() & 1, 1, "{status}");
    serving.signal("TERM");
    serving.wait().with(0);
}
