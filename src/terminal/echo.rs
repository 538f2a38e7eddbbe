//! A terminal that does not show what is typed, for secrets, and that shows it again however the program ends.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// How the terminal was before, while it does not show what is typed.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// While it lives, the terminal does not show what is typed.
#[derive(Debug)]
pub struct Unseen(());

impl Unseen {
    /// Has the terminal of standard input show nothing.
    ///
    /// # Errors
    /// Those of the terminal; then it shows what is typed.
    pub fn begin() -> io::Result<Self> {
        let mut known = before();
        let shown = tcgetattr(io::stdin())?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Now, &hidden)?;
        *known = Some(shown);
        Ok(Self(()))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        show_again();
    }
}

/// Gives the terminal back as it was, where it does not show what is typed: also for an end that drops nothing.
pub fn show_again() {
    if let Some(shown) = before().take() {
        // A terminal that is gone shows nothing anyway.
        let _gone = tcsetattr(io::stdin(), OptionalActions::Now, &shown);
    }
}

/// Whether what is typed is not shown now.
pub fn is_unseen() -> bool {
    before().is_some()
}

fn before() -> MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}
