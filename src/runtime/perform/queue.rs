//! The queue as the screen has it: opened beside the first frame, so that no start waits for the journal; everything
//! that needs it waits in its own task.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::{mpsc, watch};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::{Arrival, Hands};
use crate::app::effect::{Job, QueueCommand};
use crate::app::{Answer, Message};
use crate::domain::transfer::{Limits, ProfileIdentity, QueueView};
use crate::domain::{Failure, FailureKind, Result, TransferId};
use crate::services::Services;
use crate::transfer::{NewTransfer, Queue, Scope, Towards};

/// How long running work may take to reach a point from which it can be resumed.
const CLOSES_WITHIN: Duration = Duration::from_secs(2);

type Opened = Option<Result<Arc<Queue>>>;

/// The queue, once it is open.
#[derive(Clone)]
pub struct QueueHandle {
    opened: watch::Receiver<Opened>,
    /// What is on its way into the journal.
    entering: TaskTracker,
}

impl QueueHandle {
    pub(super) fn open(services: &Arc<Services>, inbox: &mpsc::Sender<Arrival>) -> Self {
        let (opened, handle) = watch::channel(None);
        tokio::spawn(open(services.clone(), inbox.clone(), opened));
        Self { opened: handle, entering: TaskTracker::new() }
    }

    /// Has [`QueueHandle::close`] wait until this is dropped.
    pub(super) fn entering(&self) -> TaskTrackerToken {
        self.entering.token()
    }

    pub(super) async fn get(&self) -> Result<Arc<Queue>> {
        let mut handle = self.opened.clone();
        let opened = handle.wait_for(Option::is_some).await.map(|opened| opened.clone());
        match opened {
            Ok(Some(opened)) => opened,
            _ => Err(Failure::new(FailureKind::Internal, "the queue was never opened")),
        }
    }

    /// Waits for jobs on their way into the journal, then stops all work where it can be resumed; gives up waiting for
    /// either after two seconds, which the journal survives too.
    pub async fn close(&self) {
        self.entering.close();
        if tokio::time::timeout(CLOSES_WITHIN, self.entering.wait()).await.is_err() {
            tracing::warn!("jobs did not get into the journal in time; they have to be queued again");
        }
        let opened = self.opened.borrow().clone();
        if let Some(Ok(queue)) = opened
            && tokio::time::timeout(CLOSES_WITHIN, queue.close()).await.is_err()
        {
            tracing::warn!("transfers did not stop in time; the next start goes on from the journal");
        }
    }
}

async fn open(services: Arc<Services>, inbox: mpsc::Sender<Arrival>, opened: watch::Sender<Opened>) {
    let config = services.config();
    let result = Queue::open(&config.places.journal(), services, &config.settings.transfers, Scope::All).await;
    let (queue, warnings) = match result {
        Ok((queue, warnings)) => (Ok(queue), warnings),
        Err(failure) => (Err(failure.clone()), vec![failure]),
    };
    for failure in warnings {
        tracing::warn!("{failure}");
        send(&inbox, Message::Warning { failure, now: Utc::now() }).await;
    }
    let view = queue.as_ref().ok().map(|queue| queue.view());
    opened.send_replace(Some(queue));
    if let Some(view) = view {
        forward(view, &inbox).await;
    }
}

/// Sends the queue's newest snapshot whenever there is a new one and the loop has room.
async fn forward(mut view: watch::Receiver<Arc<QueueView>>, inbox: &mpsc::Sender<Arrival>) {
    view.mark_changed();
    while view.changed().await.is_ok() && !inbox.is_closed() {
        let newest = view.borrow_and_update().clone();
        send(inbox, Message::Queue { view: newest, now: Utc::now() }).await;
    }
}

async fn send(inbox: &mpsc::Sender<Arrival>, message: Message) {
    // A closed inbox means that the screen is gone, and nobody is left to tell.
    let _screen_gone = inbox.send(Arrival::Message(Box::new(message))).await;
}

/// Puts jobs into the journal, under the profile that the question has told.
pub(super) async fn enqueue(hands: Hands, profile: Arc<ProfileIdentity>, jobs: Vec<Job>) -> Answer {
    let queued = async {
        let identity = hands.connect_told(&profile).await?.identity.clone();
        let new = jobs.into_iter().map(|job| new_transfer(&identity, job));
        Ok(hands.queue.get().await?.enqueue(new.collect()).await?.len())
    };
    Answer::Enqueued(queued.await)
}

/// A job as the queue takes it.
pub(super) fn new_transfer(identity: &Arc<ProfileIdentity>, job: Job) -> NewTransfer {
    NewTransfer {
        path: job.path,
        size: job.size,
        on_conflict: job.on_conflict,
        without_record: job.without_record,
        ..NewTransfer::new(job.kind, identity.clone(), job.key)
    }
}

pub(super) async fn command(hands: Hands, command: QueueCommand, transfers: Vec<TransferId>) -> Answer {
    let changed = async {
        let queue = hands.queue.get().await?;
        match command {
            QueueCommand::Cancel => queue.cancel(&transfers).await,
            QueueCommand::Retry => queue.retry(&transfers).await,
            QueueCommand::RetryAs(on_conflict) => queue.retry_as(&transfers, on_conflict).await,
            QueueCommand::Pause => queue.pause(&transfers).await,
            QueueCommand::PauseAgain => queue.pause_again(&transfers).await,
            QueueCommand::GoOn => queue.go_on(&transfers).await,
            QueueCommand::Raise => queue.shift(&transfers, Towards::Front).await,
            QueueCommand::Lower => queue.shift(&transfers, Towards::Back).await,
            QueueCommand::ClearAllDone => queue.clear_done().await,
            QueueCommand::ClearDone => queue.clear_done_of(&transfers).await,
            QueueCommand::ForgetTries => queue.clear_tries(&transfers).await,
        }
    };
    Answer::Commanded(changed.await)
}

pub(super) async fn set_limits(hands: Hands, profile: Arc<ProfileIdentity>, limits: Limits) -> Answer {
    Answer::Limited(hands.queue.get().await.map(|queue| queue.set_limits(&profile, limits)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Effect, RequestId};
    use crate::config::load::{Flags, load};
    use crate::config::{ClipboardChoice, Places};
    use crate::domain::TransferKind;
    use crate::domain::transfer::OnConflict;
    use crate::runtime::perform::Performer;
    use crate::terminal::Clipboard;

    /// Writes a configuration whose profile `shop` has that bucket and writes that user's records.
    fn configure(places: &Places, bucket: &str, user: &str) {
        let keys = "endpoint = \"http://127.0.0.1:1\"\naccess_key_id = \"id\"\nsecret_access_key = \"secret\"";
        let rest = format!("region = \"x\"\ndatabase_url = \"sqlite:files.sqlite\"\nuser_id = \"{user}\"\n");
        let text = format!("[profiles.shop]\nprovider = \"s3\"\nbucket = \"{bucket}\"\n{keys}\n{rest}");
        std::fs::create_dir_all(&places.config).unwrap();
        std::fs::write(places.config.join("config.toml"), text).unwrap();
    }

    /// What a delete under that profile comes to.
    async fn deleted(
        performer: &mut Performer,
        arrivals: &mut mpsc::Receiver<Arrival>,
        profile: Arc<ProfileIdentity>,
    ) -> Result<usize> {
        let job = Job {
            kind: TransferKind::Delete,
            key: "a.txt".into(),
            path: None,
            size: None,
            on_conflict: OnConflict::Refuse,
            without_record: true,
        };
        performer.perform(Effect::Enqueue { request: RequestId(1), profile, jobs: vec![job] });
        loop {
            let Some(Arrival::Message(message)) = arrivals.recv().await else { continue };
            if let Message::Answer { answer: Answer::Enqueued(queued), .. } = *message {
                return queued;
            }
        }
    }

    #[tokio::test]
    async fn a_delete_is_refused_where_its_profile_is_another_one_than_the_question_has_told() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let places = Places { config: place("config"), state: place("state"), data: place("data") };
        configure(&places, "old", "me");
        let services = Services::passing(load(&Flags::default(), &|_| None, places.clone()).unwrap());
        let (inbox, mut arrivals) = mpsc::channel(64);
        let clipboard = Clipboard::new(ClipboardChoice::Terminal, &|_| None);
        let mut performer = Performer::start(services.clone(), clipboard, inbox);
        let told = services.connect("shop").await.unwrap().identity.clone();

        configure(&places, "new", "me");
        services.read_again(&["shop".to_owned()]).await.unwrap();
        let refused = deleted(&mut performer, &mut arrivals, told).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Changed);
        assert!(refused.what.contains("profile shop") && refused.what.contains("another bucket, not old"), "{refused}");
        assert_eq!(performer.queue().get().await.unwrap().view().borrow().transfers, []);

        let now = services.connect("shop").await.unwrap().identity.clone();
        assert_eq!(deleted(&mut performer, &mut arrivals, now.clone()).await.unwrap(), 1);

        configure(&places, "new", "you");
        let slots = services.read_again(&[]).await.unwrap();
        let refused = deleted(&mut performer, &mut arrivals, now.clone()).await.unwrap_err();
        assert!(refused.what.ends_with("it has another user_id, not me"), "{refused}");
        performer.answered(RequestId(2), &Answer::ProfilesRead(Ok(slots)));
        assert_eq!(deleted(&mut performer, &mut arrivals, now).await.unwrap(), 1, "that is told by now");
        performer.queue().close().await;
    }

    #[tokio::test]
    async fn closing_waits_for_what_is_on_its_way_into_the_journal() {
        let (_opened, opened) = watch::channel(None);
        let handle = QueueHandle { opened, entering: TaskTracker::new() };
        let job = handle.entering();
        let mut close = std::pin::pin!(handle.close());
        assert!(futures::poll!(&mut close).is_pending());
        drop(job);
        close.await;
    }
}
