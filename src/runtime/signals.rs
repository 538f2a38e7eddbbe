//! What the system tells the process: that it is to end, or that it goes on after a stop.

use std::io;

use rustix::process::Signal as Number;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// SIGTERM, or SIGHUP from a terminal that is gone.
    End,
    /// SIGINT: meant for whoever has the terminal.
    Interrupt,
    /// SIGCONT: somebody else may have had the terminal meanwhile.
    GoOn,
}

/// The signals that the screen listens for.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    /// SIGCONT.
    pub go_on: Signal,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// What the system answers.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            go_on: signal(SignalKind::from_raw(Number::CONT.as_raw()))?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.terminate.recv() => Told::End,
            _ = self.interrupt.recv() => Told::Interrupt,
            _ = self.hang_up.recv() => Told::End,
            _ = self.go_on.recv() => Told::GoOn,
        }
    }
}
