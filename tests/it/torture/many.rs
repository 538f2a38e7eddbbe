//! A queue of thousands of small uploads: the screen opens on it, scrolls, keeps to its memory, and brings it to its end
//! with the right counts. Fifty thousand take a debug build minutes; `WINDLASS_TORTURE_MANY=50000` asks for them.

use std::time::{Duration, Instant};

use crate::support::postgres::{Cluster, texts};
use crate::support::program::Home;
use crate::support::rogue::{BUCKET, Rogue};

/// How many, unless the environment says otherwise.
const MANY: usize = 2_000;

/// What a debug build may take, in KiB: its code alone is several times a release's, which the benches hold to 80 MiB.
const MOST_MEMORY: u64 = 160 << 10;

fn many() -> usize {
    std::env::var("WINDLASS_TORTURE_MANY").map_or(MANY, |text| text.parse().unwrap())
}

/// A line of `/proc/PID/status`, in KiB.
fn memory(process: u32, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let found = status.lines().find_map(|text| text.strip_prefix(line)).unwrap();
    found.trim().trim_end_matches(" kB").parse().unwrap()
}

async fn recorded(url: &str) -> usize {
    texts(url, "SELECT count(*)::text FROM s3_files").await[0][0].parse().unwrap()
}

pub async fn stored(rogue: &Rogue) -> usize {
    let mut pages = rogue.direct().list_objects_v2().bucket(BUCKET).into_paginator().send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += page.unwrap().contents().len();
    }
    count
}

/// Issue 3, "Must show" 7.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_queued_uploads_scroll_keep_to_their_memory_and_finish() {
    let many = many();
    let (home, rogue) = (Home::new(), Rogue::start().await);
    let url = Cluster::shared().await.database("many").await;
    rogue.configure(&home, "s3", &url);
    home.run(["catalog", "migrate"]).with(0);
    for number in 0..many {
        home.file(&format!("many/{number:05}"), number.to_string());
    }
    let begun = Instant::now();
    home.run(["upload", "many", "--to", "many", "--detach"]).with(0);
    println!("{many} queued in {:?}", begun.elapsed());

    // Nothing moves while somebody looks around in the queue.
    rogue.stop_after(0);
    let begun = Instant::now();
    let mut screen = home.screen(100, 40);
    screen.frame(0);
    println!("first frame after {:?}", begun.elapsed());
    screen.sees("queued").press("3z").sees("many/00000");
    println!("the queue is shown after {:?}", begun.elapsed());
    let last = format!("many/{:05}", many - 1);
    for (keys, row) in [("G", last.as_str()), ("gg", "many/00000"), ("G", &last), ("<C-u><C-u>gg", "many/00000")] {
        screen.press(keys).cursor_is_on(row);
    }
    screen.press("<C-f>").no_longer_sees("many/00000").press("<C-b>").sees("many/00000");
    let standing = memory(screen.process(), "VmRSS:");

    rogue.go_on();
    let begun = Instant::now();
    while recorded(&url).await < many {
        assert!(begun.elapsed() < Duration::from_secs(600), "it never ends:\n{}", screen.text());
        screen.press("G").cursor_is_on("many/").press("gg").cursor_is_on("many/");
    }
    println!("{many} sent in {:?}", begun.elapsed());
    screen.sees("3 Transfers ──");
    let most = memory(screen.process(), "VmHWM:");
    println!("{} MiB with {many} queued, {} MiB at most", standing >> 10, most >> 10);
    assert!(most < MOST_MEMORY, "{} MiB with {many} queued", most >> 10);
    screen.press("q").ended();
    assert_eq!((stored(&rogue).await, recorded(&url).await), (many, many));
    let done = home.run(["transfers", "--json"]).with(0).json();
    assert!(done.len() == many && done.iter().all(|line| line["state"] == "done"));
}
