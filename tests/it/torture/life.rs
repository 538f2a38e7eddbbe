//! One run of the program, which may be ended by a kill or by itself, whichever comes first.

use rustix::process::{Pid, Signal, kill_process};
use tokio::task::JoinHandle;

use crate::support::program::{Ended, Home};

/// The exit code that stands for SIGKILL.
pub const KILLED: i32 = 128 + 9;

/// The run; killed with its test.
pub struct Life {
    process: Pid,
    ended: JoinHandle<Ended>,
}

impl Life {
    /// Begins one.
    pub fn begin(home: &Home, arguments: &[&str]) -> Self {
        let mut command = home.command(arguments);
        let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let process = Pid::from_child(&child);
        let ended = tokio::task::spawn_blocking(move || Ended::of(child.wait_with_output().unwrap()));
        Self { process, ended }
    }

    /// Kills it, if it has not ended yet.
    pub fn kill(&self) {
        if !self.ended.is_finished() {
            // It may be ending by itself right now.
            let _gone_already = kill_process(self.process, Signal::KILL);
        }
    }

    /// Waits for its end, whose ever doing that is.
    pub async fn ended(&mut self) -> Ended {
        (&mut self.ended).await.unwrap()
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.kill();
    }
}
