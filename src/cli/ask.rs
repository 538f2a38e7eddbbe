//! Questions to a person at a terminal. Whoever asks has made sure that there is one.

use std::io::{self, BufRead};

use super::output::write_error;
use crate::domain::{Failure, FailureKind, Result};

/// Anything but a yes is a no.
///
/// # Errors
/// `Local` where the answer cannot be read.
pub async fn ask(question: String) -> Result<bool> {
    let answer = tokio::task::spawn_blocking(move || {
        write_error(&question);
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = answer
        .await
        .map_err(|error| Failure::new(FailureKind::Internal, format!("the question was not answered: {error}")))?
        .map_err(|error| Failure::new(FailureKind::Local, format!("cannot read the answer: {error}")))?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}
