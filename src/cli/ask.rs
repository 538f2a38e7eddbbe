//! Questions to a person at a terminal. Whoever asks has made sure that there is one.

use std::io::{self, BufRead, IsTerminal};

use super::output::write_error;
use crate::domain::{Failure, FailureKind, Result, Secret};
use crate::terminal::echo::Unseen;

/// Whether somebody is there to be asked.
pub fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Anything but a yes is a no.
///
/// # Errors
/// `Local` where the answer cannot be read.
pub async fn ask(question: String) -> Result<bool> {
    let line = line(question).await?.unwrap_or_default();
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// A line of text, without blanks around it; `None` where the input has ended.
///
/// # Errors
/// `Local` where it cannot be read.
pub async fn line(question: String) -> Result<Option<String>> {
    let answer = tokio::task::spawn_blocking(move || {
        write_error(&question);
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|read| (read > 0).then(|| line.trim().to_owned()))
    });
    answer
        .await
        .map_err(|error| Failure::new(FailureKind::Internal, format!("the question was not answered: {error}")))?
        .map_err(|error| Failure::new(FailureKind::Local, format!("cannot read the answer: {error}")))
}

/// The same, not shown while it is typed.
///
/// # Errors
/// `Local` where it cannot be read, or the terminal does not stop showing what is typed.
pub async fn secret(question: String) -> Result<Option<Secret>> {
    // Held here rather than by the thread that reads: an interrupt drops this, and the terminal shows letters again.
    let unseen = Unseen::begin().map_err(|error| {
        Failure::new(FailureKind::Local, format!("the terminal shows what is typed: {error}"))
            .hint("give the value as ${VARIABLE} or by a NAME_command")
    })?;
    let line = line(question).await;
    drop(unseen);
    write_error("\n");
    Ok(line?.map(Secret::new))
}
