//! Ctrl-C, SIGTERM and a closed terminal: the first asks the command to stop cleanly, the second stops at once. What is
//! queued is on disk either way.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::exit::Exit;
use crate::domain::{Failure, FailureKind, Result};

/// Cancelled at the first signal.
///
/// # Errors
/// `Internal` where the operating system takes no handler.
pub fn interrupted() -> Result<CancellationToken> {
    let token = CancellationToken::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let signals = signal(kind)
            .map_err(|error| Failure::new(FailureKind::Internal, format!("cannot listen for signals: {error}")))?;
        tokio::spawn(watch(signals, token.clone()));
    }
    Ok(token)
}

async fn watch(mut signals: Signal, token: CancellationToken) {
    while signals.recv().await.is_some() {
        if token.is_cancelled() {
            std::process::exit(Exit::Interrupted.code().into());
        }
        token.cancel();
    }
}
