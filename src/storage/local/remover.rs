//! The one task that removes files nothing refers to any more. Nobody waits for it, and a thousand deletes at once are one
//! piece of work on one thread.

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::blobs::Blobs;
use super::index::Index;

/// Blobs that are removed together at most.
const BATCH: usize = 1024;

/// The way to the task; it ends with the last of these.
#[derive(Debug, Clone)]
pub struct Remover(mpsc::UnboundedSender<i64>);

impl Remover {
    /// Starts the task.
    pub fn start(index: Index, blobs: Blobs) -> Self {
        let (sender, queue) = mpsc::unbounded_channel();
        tokio::spawn(run(queue, index, blobs));
        Self(sender)
    }

    /// Removes blobs, soon. What this process does not get to is still among the loose blobs, and swept by the next
    /// that opens the bucket.
    pub fn remove(&self, blobs: impl IntoIterator<Item = i64>) {
        for blob in blobs {
            // The task is gone only when the whole runtime is.
            let _swept_later = self.0.send(blob);
        }
    }
}

async fn run(mut queue: mpsc::UnboundedReceiver<i64>, index: Index, blobs: Blobs) {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let (files, freed) = (blobs.clone(), std::mem::take(&mut batch));
        let removed = spawn_blocking(move || files.remove(&freed).map(|()| freed)).await;
        match removed {
            Ok(Ok(freed)) => index.forget(freed),
            Ok(Err(error)) => tracing::warn!(%error, "files of the local bucket that nothing refers to stay for now"),
            Err(_stopping) => return,
        }
    }
}
