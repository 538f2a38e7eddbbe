//! What a command would do, for `--dry-run`: the fields of a transfer that does not exist, and for people how it would
//! travel.

use serde::Serialize;

use super::context::Context;
use super::exit::Exit;
use super::output::Line;
use super::queueing::{Asked, Search};
use crate::domain::display::{display, display_path};
use crate::domain::{Result, TransferKind, format};
use crate::storage::PartRules;
use crate::transfer::NewTransfer;
use crate::transfer::plan::{self, Plan};
use futures::StreamExt;

/// One line of `--dry-run`.
#[derive(Debug, Serialize)]
pub struct Planned {
    id: Option<()>,
    kind: &'static str,
    path: Option<String>,
    key: String,
    size: Option<u64>,
    sent: u64,
    url: Option<()>,
    state: &'static str,
    error: Option<()>,
    #[serde(skip)]
    text: String,
}

impl Planned {
    /// Of a transfer, with what is said of it to people.
    pub fn new(job: NewTransfer, text: String) -> Self {
        Self {
            id: None,
            kind: job.kind.name(),
            text,
            path: job.path.map(|path| path.to_string_lossy().into_owned()),
            key: job.key,
            size: job.size,
            sent: 0,
            url: None,
            state: "planned",
            error: None,
        }
    }

    fn of(job: NewTransfer, rules: &PartRules) -> Self {
        let text = sentence(&job, rules);
        Self::new(job, text)
    }
}

impl Line for Planned {
    fn text(&self) -> Option<String> {
        Some(self.text.clone())
    }
}

fn sentence(job: &NewTransfer, rules: &PartRules) -> String {
    let key = display(&job.key);
    let path = job.path.as_deref().map(display_path).unwrap_or_default();
    let size = job.size.map(|size| format!(", {}", format::size(size))).unwrap_or_default();
    match job.kind {
        TransferKind::Upload => format!("would upload {path} as {key}{size}{}", parts(job.size, rules)),
        TransferKind::Download => format!("would download {key} to {path}{size}"),
        TransferKind::Delete => format!("would delete {key}{size}"),
        TransferKind::Request => format!("would record {key}{size}"),
    }
}

/// How a large file would travel.
fn parts(size: Option<u64>, rules: &PartRules) -> String {
    match size.map(|size| (size, plan::plan(size, rules))) {
        Some((size, plan @ Plan::Parts { part_size })) => {
            let count = format::count(plan::part_count(part_size, size).into());
            let memory = format::size(plan.memory(size, rules));
            format!(" in {count} parts of {}, with at most {memory} of memory", format::size(part_size))
        }
        _ => String::new(),
    }
}

/// Says what would be done with everything that is found, and does nothing.
///
/// # Errors
/// Why the search failed, or standard output cannot be written.
pub async fn tell(context: &mut Context, mut search: Search<'_>, rules: &PartRules) -> Result<Exit> {
    let (mut files, mut bytes, mut failed) = (0, 0, false);
    while let Some(found) = search.next().await {
        let Asked { jobs, problems, in_vain } = found?;
        failed |= !problems.is_empty() || !in_vain.is_empty();
        in_vain.iter().try_for_each(|job| context.output.tell_failed(job))?;
        problems.iter().for_each(|failure| context.output.problem(failure));
        files += jobs.len();
        bytes += jobs.iter().filter_map(|job| job.size).sum::<u64>();
        jobs.into_iter().try_for_each(|job| context.output.print(&Planned::of(job, rules)))?;
        context.output.flush()?;
    }
    let noun = if files == 1 { "file" } else { "files" };
    let count = format::count(files as u64);
    context.output.say(&format!("would move {count} {noun} ({}); nothing was done", format::size(bytes)))?;
    Ok(Exit::failed_if(failed))
}
