//! The point at which everything stops: armed with a number of steps, it lets so many pass and then holds each that comes,
//! until it is opened.

use tokio::sync::watch;

/// Where it stands.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Everything passes.
    Open,
    /// So many steps pass, then nothing.
    Armed(u64),
    /// Nothing passes.
    Sprung,
}

/// The trap.
pub struct Trap(watch::Sender<State>);

impl Default for Trap {
    fn default() -> Self {
        Self(watch::Sender::new(State::Open))
    }
}

impl Trap {
    /// Lets `steps` pass and then nothing.
    pub fn arm(&self, steps: u64) {
        self.0.send_replace(State::Armed(steps));
    }

    /// Lets everything pass.
    pub fn open(&self) {
        self.0.send_replace(State::Open);
    }

    /// Waits until a step was held.
    pub async fn sprung(&self) {
        self.0.subscribe().wait_for(|state| *state == State::Sprung).await.unwrap();
    }

    /// One step: passes at once, or when the trap is opened.
    pub async fn step(&self) {
        self.0.send_if_modified(|state| {
            let next = match *state {
                State::Armed(0) => State::Sprung,
                State::Armed(left) => State::Armed(left - 1),
                same => same,
            };
            std::mem::replace(state, next) != State::Sprung && next == State::Sprung
        });
        if *self.0.borrow() == State::Sprung {
            self.0.subscribe().wait_for(|state| *state != State::Sprung).await.unwrap();
        }
    }
}
