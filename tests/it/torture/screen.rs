//! SIGKILL to the screen, over and over and in one terminal, which the dead leave in the state that they were in: a shell
//! starts the screen again, and each time it draws, goes on where the last one was, and at the end leaves all in order.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::batch::{Batch, Size};
use super::fetched::Fetched;
use super::kill::{moment, nothing_acknowledged_went_twice, work_is_left};
use crate::support::pty::Person;
use crate::support::rogue::Dice;

/// Kills that have to hit a screen with work to do.
const KILLS: usize = 15;

/// The catalog is away from the first of these kills to the second.
const AWAY: (usize, usize) = (5, 8);

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

const SIZE: Size = Size { small: 30, large: 64 << 20, fetched: 12, large_fetched: 32 << 20, deleted: 8 };

/// Starts the screen when it is told to, until one ends by itself. A file says who lives.
const SHELL: &str = "go() { read -r _ < \"$1/go\"; }; \
    until go \"$@\"; sh -c 'echo $$ > \"$1/new\"; mv \"$1/new\" \"$1/life\"; exec \"$2\"' sh \"$@\"; do :; done";

/// The terminal, and the lives in it.
struct Lives {
    folder: PathBuf,
    terminal: Person,
    /// Frames that were drawn before the present life.
    frames: usize,
}

impl Lives {
    /// Nobody lives yet.
    fn in_one_terminal(batch: &Batch) -> Self {
        let folder = batch.home.path().to_path_buf();
        assert!(Command::new("mkfifo").arg(folder.join("go")).status().unwrap().success());
        let shell = ["/bin/sh", "-c", SHELL, "sh", folder.to_str().unwrap(), env!("CARGO_BIN_EXE_windlass")];
        Self { terminal: batch.home.in_terminal(&shell, &[], 100, 30), folder, frames: 0 }
    }

    async fn begin(&mut self) {
        self.frames = self.terminal.frames();
        let go = self.folder.join("go");
        // The shell may not listen yet.
        tokio::task::spawn_blocking(move || std::fs::write(go, "\n")).await.unwrap().unwrap();
    }

    /// Waits until the present life has drawn; nothing that the shell said of the last one is left to see.
    fn draws(&mut self) {
        self.terminal.frame(self.frames);
        self.terminal.sees_that("a clean screen is drawn", |screen| {
            let text = screen.contents();
            text.starts_with(" windlass") && text.contains("3 Transfers") && !text.contains("Killed")
        });
    }

    /// Kills the present life, and waits until it is gone.
    async fn kill(&mut self) {
        let process = self.process().await;
        kill_process(process, Signal::KILL).unwrap();
        until(|| test_kill_process(process).is_err().then_some(()), "it does not die").await;
        std::fs::remove_file(self.folder.join("life")).unwrap();
    }

    async fn process(&self) -> Pid {
        let file = self.folder.join("life");
        let raw = until(|| read(&file), "it was not started").await;
        Pid::from_raw(raw).unwrap()
    }
}

fn read(file: &Path) -> Option<i32> {
    std::fs::read_to_string(file).ok().map(|text| text.trim().parse().unwrap())
}

async fn until<T>(look: impl Fn() -> Option<T>, late: &str) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{late}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifteen_kills_of_the_screen_lose_nothing_double_nothing_and_leave_a_clean_terminal() {
    let mut dice = Dice::thrown();
    let mut batch = Batch::queued(&SIZE, &mut dice).await;
    let mut lives = Lives::in_one_terminal(&batch);
    let (mut kills, mut fetched) = (0, Fetched::default());
    while kills < KILLS {
        match kills {
            kills if kills == AWAY.0 => batch.cluster.stop(),
            kills if kills == AWAY.1 => batch.cluster.start(),
            _ => {}
        }
        batch.rogue.stop_after(moment(&mut dice, kills));
        lives.begin().await;
        let stopped = tokio::time::timeout(PATIENCE, batch.rogue.stopped()).await;
        stopped.unwrap_or_else(|_| panic!("nothing moves:\n{}", lives.terminal.text()));
        kills += usize::from(strike(&batch, &mut lives, &mut dice).await);
        batch.rogue.go_on();
        batch.rogue.quiet().await;
        fetched.after_a_run(&batch);
    }
    lives.begin().await;
    lives.draws();
    batch.finished_by_another();
    lives.terminal.sees("3 Transfers ──").press("q").ended();
    assert!(lives.terminal.screen_is_as_before(), "{}", lives.terminal.text());
    batch.is_done().await;
    nothing_acknowledged_went_twice(&batch, kills);
}

/// Kills where everything stands still, before or after it was drawn, or a moment after it goes on; answers whether there
/// was work left.
async fn strike(batch: &Batch, lives: &mut Lives, dice: &mut Dice) -> bool {
    if dice.one_in(2) {
        lives.draws();
    }
    let later = dice.one_in(4);
    if later {
        batch.rogue.go_on();
        tokio::time::sleep(Duration::from_millis(dice.below(15))).await;
    }
    lives.kill().await;
    !later || work_is_left(batch)
}
