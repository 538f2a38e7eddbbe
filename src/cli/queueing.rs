//! What upload, download and rm have in common: what is found goes to the journal batch by batch, while the search goes
//! on and the queue already works.

use futures::stream::{BoxStream, StreamExt};

use super::context::Context;
use super::exit::Exit;
use super::rows::Job;
use crate::domain::{Failure, Result, TransferId, TransferKind, format};
use crate::transfer::{NewTransfer, Queue};

/// Most jobs a journal commit.
const BATCH: usize = 500;

/// What a search has come upon since the last time.
#[derive(Debug, Default)]
pub struct Asked {
    /// What is to be queued.
    pub jobs: Vec<NewTransfer>,
    /// What cannot be, and why.
    pub problems: Vec<Failure>,
    /// What was asked for by its key or prefix, and stands for nothing.
    pub in_vain: Vec<Job>,
}

/// A search for things to do. An error ends it.
pub type Search<'a> = BoxStream<'a, Result<Asked>>;

/// Jobs that are on disk.
#[derive(Debug, Default)]
pub struct Queued {
    /// Their names, in the order they were asked for.
    pub ids: Vec<TransferId>,
    /// Bytes of all whose size is known.
    pub bytes: u64,
    /// Those whose size is yet to be learned.
    pub unmeasured: Vec<TransferId>,
    /// What could not be queued, and why.
    pub problems: Vec<Failure>,
    /// What was asked for by its key or prefix, and stands for nothing.
    pub in_vain: Vec<Job>,
}

/// The jobs of a search, on disk as they are handed on. An error ends it; what was handed on before is in the queue.
pub type Feed<'a> = BoxStream<'a, Result<Queued>>;

/// Puts what a search finds into the queue.
pub fn feed<'a>(queue: &'a Queue, search: Search<'a>) -> Feed<'a> {
    in_batches(search).then(move |asked| enqueue(queue, asked)).boxed()
}

/// A search whose finds fit into one commit each.
fn in_batches(search: Search<'_>) -> Search<'_> {
    search.flat_map(|found| futures::stream::iter(cut(found))).boxed()
}

fn cut(found: Result<Asked>) -> Vec<Result<Asked>> {
    let Ok(asked) = found else { return vec![found] };
    let mut jobs = asked.jobs.into_iter();
    let (mut problems, mut in_vain) = (asked.problems, asked.in_vain);
    let mut batches = Vec::new();
    loop {
        let jobs: Vec<NewTransfer> = jobs.by_ref().take(BATCH).collect();
        if jobs.is_empty() && !batches.is_empty() {
            return batches;
        }
        let (problems, in_vain) = (std::mem::take(&mut problems), std::mem::take(&mut in_vain));
        batches.push(Ok(Asked { jobs, problems, in_vain }));
    }
}

async fn enqueue(queue: &Queue, asked: Result<Asked>) -> Result<Queued> {
    let Asked { jobs, problems, in_vain } = asked?;
    let bytes = jobs.iter().filter_map(|job| job.size).sum();
    // A delete's is nothing that is moved.
    let sizes: Vec<bool> = jobs.iter().map(|job| job.size.is_some() || job.kind == TransferKind::Delete).collect();
    let ids = if jobs.is_empty() { Vec::new() } else { queue.enqueue(jobs).await? };
    let unmeasured = ids.iter().zip(sizes).filter(|(_, measured)| !measured).map(|(id, _)| *id).collect();
    Ok(Queued { ids, bytes, unmeasured, problems, in_vain })
}

/// Queues without running anything, and prints what was queued.
///
/// # Errors
/// Where the search or the journal fails before anything is queued, or standard output cannot be written.
pub async fn detach(context: &mut Context, queue: &Queue, search: Search<'_>) -> Result<Exit> {
    let mut search = in_batches(search);
    let (mut queued, mut failed) = (0, false);
    while let Some(found) = search.next().await {
        let asked = match found {
            Err(failure) if queued == 0 => return Err(failure),
            Err(failure) => Asked { problems: vec![broke_off(&failure, queued)], ..Asked::default() },
            Ok(asked) => asked,
        };
        failed |= !asked.problems.is_empty() || !asked.in_vain.is_empty();
        asked.in_vain.iter().try_for_each(|job| context.output.tell_failed(job))?;
        asked.problems.iter().for_each(|failure| context.output.problem(failure));
        let ids = if asked.jobs.is_empty() { Vec::new() } else { queue.enqueue(asked.jobs.clone()).await? };
        context.follows(&ids);
        queued += ids.len();
        for (id, job) in ids.into_iter().zip(asked.jobs) {
            context.output.print(&Job::queued(id, job))?;
        }
        context.output.flush()?;
    }
    context.output.say(&format!("queued {}; send with: windlass resume", format::count(queued as u64)))?;
    Ok(Exit::failed_if(failed))
}

/// A search that failed when some of it was queued already.
pub fn broke_off(failure: &Failure, queued: usize) -> Failure {
    let what = format!("{}; the {} found before are queued", failure.what, format::count(queued as u64));
    Failure { what, ..failure.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fixtures::job;
    use crate::domain::FailureKind;

    #[test]
    fn many_jobs_go_in_batches_and_no_problem_is_dropped() {
        let lengths = |jobs: usize| -> Vec<(usize, usize)> {
            let problems = vec![Failure::new(FailureKind::Local, "no")];
            let batches = cut(Ok(Asked { jobs: vec![job("k"); jobs], problems, ..Asked::default() }));
            batches.into_iter().flatten().map(|batch| (batch.jobs.len(), batch.problems.len())).collect()
        };
        assert_eq!(lengths(BATCH + 1), [(BATCH, 1), (1, 0)]);
        assert_eq!((lengths(BATCH), lengths(0)), (vec![(BATCH, 1)], vec![(0, 1)]));
    }
}
