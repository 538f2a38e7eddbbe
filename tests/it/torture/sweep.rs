//! One transfer, killed before each of its steps in turn, and gone on with: whatever was to happen to what is there already
//! happens once, and nothing else.

use super::check::part_files;
use super::faults::{get, home, put, records};
use super::life::{KILLED, Life};
use crate::support::home::noise;
use crate::support::program::Home;
use crate::support::rogue::{Ask, BUCKET, Fault, Gate, Rogue};

/// What happens to a target that exists.
const MODES: [&str; 4] = ["refuse", "overwrite", "skip", "keep-both"];

fn with_mode<'a>(arguments: &[&'a str], mode: &'a str) -> Vec<&'a str> {
    let mut arguments = arguments.to_vec();
    if mode != "refuse" {
        arguments.extend(["--on-conflict", mode]);
    }
    arguments
}

/// Runs a command and kills it before its `step`-th step; false where it ended before.
async fn killed_before(rogue: &Rogue, home: &Home, arguments: &[&str], step: u64) -> bool {
    rogue.stop_after(step);
    let mut life = Life::begin(home, arguments);
    let stopped = tokio::select! {
        () = rogue.stopped() => true,
        _ended = life.ended() => false,
    };
    if stopped {
        life.kill();
        assert_eq!(life.ended().await.code, KILLED);
    }
    rogue.go_on();
    rogue.quiet().await;
    stopped
}

/// Where nothing had been queued yet, nothing was promised.
fn was_queued(home: &Home) -> bool {
    !home.run(["transfers", "--json"]).with(0).out.is_empty()
}

/// All objects' keys, in order.
async fn keys(rogue: &Rogue) -> Vec<String> {
    let listed = rogue.direct().list_objects_v2().bucket(BUCKET).send().await.unwrap();
    listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
}

/// Kills at every step until the command gets through, and looks at what a resumed one comes to.
async fn uploads(mode: &str, taken: bool) {
    let (old, new) = (noise(3000, 1), noise(5000, 2));
    for step in 0.. {
        let (home, rogue) = home("s3").await;
        home.file("a.bin", &new);
        if taken {
            put(&rogue.direct(), "k.bin", old.clone()).await;
        }
        let arguments = with_mode(&["upload", "a.bin", "--key", "k.bin"], mode);
        let killed = killed_before(&rogue, &home, &arguments, step).await;
        let at = format!("{mode}, taken {taken}, killed before step {step}");
        if was_queued(&home) {
            let resumed = home.run(["resume"]);
            let refused = taken && mode == "refuse" && killed;
            assert_eq!(resumed.code, i32::from(refused), "{at}: {}", resumed.err);
            let (there, known): (&[&str], &[&str]) = match (taken, mode) {
                (false, _) | (true, "overwrite") => (&["k.bin"], &["k.bin"]),
                (true, "keep-both") => (&["k (2).bin", "k.bin"], &["k (2).bin"]),
                (true, _) => (&["k.bin"], &[]),
            };
            assert_eq!((keys(&rogue).await, records(&home)), (owned(there), owned(known)), "{at}");
            let kept = taken && mode != "overwrite";
            assert!(get(&rogue.direct(), "k.bin").await == if kept { old.clone() } else { new.clone() }, "{at}");
        }
        if !killed {
            return;
        }
    }
}

fn owned(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_killed_before_any_of_its_steps_happens_once() {
    for mode in MODES {
        for taken in [false, true] {
            uploads(mode, taken).await;
        }
    }
}

/// Before the bucket hears of it, in the middle of a part, before it is put together, and after that but before the answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_multipart_upload_that_is_killed_where_it_hurts_happens_once() {
    type Where = (fn(&Ask) -> bool, fn(Gate) -> Fault);
    let points: [Where; 4] = [
        (Ask::begins, Fault::HoldDown),
        (|ask| ask.part == Some(2), Fault::HoldUp),
        (Ask::completes, Fault::HoldUp),
        (Ask::completes, Fault::HoldDown),
    ];
    let bytes = noise(20 << 20, 6);
    for (mode, (point, (holds, way))) in
        MODES.into_iter().flat_map(|mode| points.iter().enumerate().map(move |at| (mode, at)))
    {
        let (home, rogue) = home("s3").await;
        home.file("a.bin", &bytes);
        let gate = Gate::closed();
        let (holds, fault) = (*holds, way(gate.clone()));
        rogue.faults(move |ask| holds(ask).then(|| fault.clone()));
        let mut life = Life::begin(&home, &with_mode(&["upload", "a.bin", "--key", "k.bin"], mode));
        gate.reached().await;
        life.kill();
        assert_eq!(life.ended().await.code, KILLED);
        gate.open();
        rogue.behave();
        rogue.quiet().await;
        let resumed = home.run(["resume"]);
        assert_eq!(resumed.code, 0, "{mode}, point {point}: {}", resumed.err);
        assert_eq!(
            (keys(&rogue).await, records(&home)),
            (owned(&["k.bin"]), owned(&["k.bin"])),
            "{mode}, point {point}"
        );
        assert!(get(&rogue.direct(), "k.bin").await == bytes, "{mode}, point {point}");
        let open = rogue.direct().list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
        assert!(open.uploads().is_empty(), "{mode}, point {point}: {:?}", open.uploads());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_is_killed_before_any_of_its_steps_happens_once() {
    let (old, new) = (noise(3000, 3), noise(200_000, 4));
    for (mode, taken) in MODES.into_iter().flat_map(|mode| [(mode, false), (mode, true)]) {
        for step in 0.. {
            let (home, rogue) = home("s3").await;
            put(&rogue.direct(), "k.bin", new.clone()).await;
            if taken {
                home.file("down/k.bin", &old);
            }
            let arguments = with_mode(&["download", "k.bin", "--to", "down"], mode);
            let killed = killed_before(&rogue, &home, &arguments, step).await;
            let at = format!("{mode}, taken {taken}, killed before step {step}");
            if was_queued(&home) {
                let resumed = home.run(["resume"]);
                assert_eq!(resumed.code, i32::from(taken && mode == "refuse" && killed), "{at}: {}", resumed.err);
                let kept = taken && mode != "overwrite";
                assert!(home.read("down/k.bin") == if kept { old.clone() } else { new.clone() }, "{at}");
                let second = home.here().join("down/k (2).bin");
                assert_eq!(second.exists(), taken && mode == "keep-both", "{at}");
                assert_eq!(part_files(&home.here()), Vec::<String>::new(), "{at}");
            }
            if !killed {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_that_is_killed_before_any_of_its_steps_happens_once() {
    for step in 0.. {
        let (home, rogue) = home("s3").await;
        home.file("a.bin", noise(5000, 5));
        home.run(["upload", "a.bin", "--key", "k.bin"]).with(0);
        let killed = killed_before(&rogue, &home, &["rm", "k.bin", "--yes"], step).await;
        home.run(["resume"]).with(0);
        assert_eq!((keys(&rogue).await, records(&home)), (Vec::new(), Vec::new()), "killed before step {step}");
        if !killed {
            assert!(step > 0);
            return;
        }
    }
}
