//! Ctrl-C, SIGTERM and a closed terminal: the first asks the command to stop cleanly, the second stops at once. What is
//! queued is on disk either way.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::exit::Exit;
use crate::domain::{Failure, FailureKind, Result};

/// Cancelled at the first signal. What the caller ignores (`nohup`, a job in the background) stays ignored.
///
/// # Errors
/// `Internal` where the operating system takes no handler.
pub fn interrupted() -> Result<CancellationToken> {
    let token = CancellationToken::new();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    for kind in kinds.into_iter().filter(|kind| !is_ignored(&status, kind.as_raw_value())) {
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

/// Whether a signal was ignored when the process began, by the mask in its status (`man 5 proc_pid_status`); where the
/// system has no such file, none was.
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim);
    let mask = mask.and_then(|mask| u64::from_str_radix(mask, 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nohup_ignores_is_seen() {
        let status = "Name:\twindlass\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0\n";
        assert!(is_ignored(status, 1) && is_ignored(status, 13));
        assert!(!is_ignored(status, 2) && !is_ignored(status, 15) && !is_ignored("", 1));
    }
}
