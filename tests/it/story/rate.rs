//! The one promise about time that the screen makes: a limit in bytes a second. It is the one place where a test looks at a
//! clock.

use std::time::{Duration, Instant};

use super::queue::limit;
use crate::support::home::noise;
use crate::support::program::Home;
use crate::support::rogue::Rogue;

/// The limit that is set, in bytes a second.
const LIMIT: u64 = 1 << 20;

/// So many bytes take longer than 20 seconds even at five per cent above the limit.
const WINDOW: u64 = 22 * LIMIT;

/// Seconds that the window may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(90);

// "At most 1 MiB/s" cannot be seen without a clock, so this test has one: monotonic, read before and after a fixed number
// of bytes has reached the server, as the proxy in front of it counts them. Nothing waits for time to pass. It is measured
// from the second mebibyte on, because before it connections are opened and requests are signed.
#[tokio::test(flavor = "multi_thread")]
async fn by_the_clock_a_limit_of_one_mebibyte_a_second_holds_within_five_per_cent() {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, "s3", "sqlite:catalog.sqlite");
    home.file("video.mp4", noise(40 << 20, 4));
    let mut person = home.screen(120, 36);
    person.sees("video.mp4");
    limit(&mut person, "4", "1M");
    person.sees("1.0 MiB/s at most");
    person.press("1").cursor_is_on("video.mp4").press("u").sees("Upload video.mp4").press("<Enter>");
    let (bytes, took) = tokio::time::timeout(PATIENCE, measured(&rogue)).await.unwrap();
    person.sees("limit 1.0 MiB/s");
    let rate = bytes as f64 / took.as_secs_f64();
    let off = (rate / LIMIT as f64 - 1.0) * 100.0;
    println!("{bytes} bytes in {took:?}: {rate:.0} bytes a second, {off:+.2} %");
    assert!(took >= Duration::from_secs(20), "{bytes} bytes took only {took:?}");
    assert!(off.abs() <= 5.0, "{bytes} bytes in {took:?} is {off:+.2} % off the limit");
}

/// Bytes that reached the server in a window of some 20 seconds, and how long that was.
async fn measured(rogue: &Rogue) -> (u64, Duration) {
    let before = rogue.takes(LIMIT).await;
    let begun = Instant::now();
    let after = rogue.takes(before + WINDOW).await;
    (after - before, begun.elapsed())
}
