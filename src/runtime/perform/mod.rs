//! Effects become work here and nowhere else: each that can answer runs as a task of its own, is stopped when nobody
//! waits for it any more, and ends in one message. Nothing here decides anything; the application does.

mod bucket;
mod counting;
mod doctor;
mod editing;
mod inspecting;
mod links;
mod met;
mod newcomer;
mod paths;
mod picture;
mod planning;
mod queue;
mod reading;
mod requests;
mod taken;
mod walking;
mod watching;

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::remember;
use crate::app::effect::EditStep;
use crate::app::{Answer, Effect, Message, RequestId};
use crate::config::ProfileSlot;
use crate::config::memory::Memory;
use crate::config::theme::ThemeFile;
use crate::domain::Result;
use crate::domain::transfer::ProfileIdentity;
use crate::services::Services;
use crate::terminal::{Clipboard, attention};
use crate::transfer::Connection;
pub use queue::QueueHandle;

/// What tasks send to the loop.
pub enum Arrival {
    /// For the application.
    Message(Box<Message>),
    /// A finished control sequence for the terminal, which only the loop may write to.
    Terminal(Vec<u8>),
}

/// What only the loop itself can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnWork {
    /// Send a tick at this moment.
    WakeAt(chrono::DateTime<Utc>),
    /// Send a finished control sequence to the terminal.
    Send(Vec<u8>),
    /// Draw everything anew.
    Redraw,
    /// Lend the terminal to the user's editor, with this file, at the line of this profile.
    Lend(RequestId, PathBuf, Option<String>),
    /// Go by these colours.
    Wear(Box<ThemeFile>),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Stop as a job of the shell.
    Suspend,
    /// End.
    Quit,
}

/// What every task has at hand.
#[derive(Clone)]
struct Hands {
    services: Arc<Services>,
    queue: QueueHandle,
    clipboard: Arc<Clipboard>,
    inbox: mpsc::Sender<Arrival>,
    /// One change of CORS rules after the other: each reads what is there and replaces all of it.
    cors: Arc<Mutex<()>>,
    edits: editing::OpenEdits,
    /// Taken by whoever looks at a folder: one disk that hangs holds one thread.
    looking: Arc<Mutex<()>>,
    /// The profiles as the application knew them when it asked for the work.
    told: Arc<Vec<ProfileSlot>>,
}

/// Performs effects and remembers which of them still run.
pub struct Performer {
    hands: Hands,
    running: HashMap<RequestId, CancellationToken>,
}

impl Performer {
    /// Opens the queue beside, and says what the start has to say.
    pub fn start(services: Arc<Services>, clipboard: Clipboard, inbox: mpsc::Sender<Arrival>) -> Self {
        let queue = QueueHandle::open(&services, &inbox);
        let (cors, edits, looking) = (Arc::default(), editing::OpenEdits::default(), Arc::default());
        let told = Arc::new(services.config().profiles.clone());
        let hands = Hands { services, queue, clipboard: Arc::new(clipboard), inbox, cors, edits, looking, told };
        tokio::spawn(editing::look_for_left(hands.clone()));
        Self { hands, running: HashMap::new() }
    }

    /// The queue, for closing it.
    pub fn queue(&self) -> &QueueHandle {
        &self.hands.queue
    }

    /// The lock of an object's text that goes into an editor; other files have none.
    pub fn lock_of(&self, path: &Path) -> Option<OwnedFd> {
        self.hands.edits.lock(path)
    }

    /// Forgets a request that has answered, and knows what the application is told by that.
    pub fn answered(&mut self, request: RequestId, answer: &Answer) {
        self.running.remove(&request);
        if let Answer::ProfilesRead(Ok(slots)) | Answer::ProfileSaved(Ok(slots)) = answer {
            self.hands.told = Arc::new(slots.clone());
        }
    }

    /// Begins the work; hands back what only the loop can do.
    pub fn perform(&mut self, effect: Effect) -> Option<OwnWork> {
        let hands = self.hands.clone();
        match effect {
            Effect::Describe { request, profile } => self.run(request, reading::describe(hands, profile)),
            Effect::ListFolder { request, path } => self.run(request, reading::folder(path)),
            Effect::WatchFolder { request, path, since, every, each } => {
                let folder = watching::Watched { path, each };
                self.run(request, watching::watch(hands.looking, folder, since, every));
            }
            Effect::LoadRecords { request, profile, wanted, after, limit } => {
                self.run(request, reading::records(hands, profile, wanted, after, limit));
            }
            Effect::LoadShelf { request, profile, wanted, after, limit } => {
                self.run(request, reading::shelf(hands, profile, wanted, after, limit));
            }
            Effect::Estimate { request, profile, wanted } => {
                self.run(request, reading::estimate(hands, profile, wanted));
            }
            Effect::RowSecurity { request, profile } => self.run(request, reading::row_security(hands, profile)),
            Effect::BucketFacts { request, profile } => self.run(request, bucket::facts(hands, profile)),
            Effect::Cors { request, profile } => self.run(request, bucket::rules(hands, profile)),
            Effect::SetCors { request, profile, change } => {
                self.run(request, bucket::set_rules(hands, profile, change));
            }
            Effect::CountHidden { request, profile, prefix } => {
                self.run(request, counting::hidden(hands, request, profile, prefix));
            }
            Effect::Examine { request, profile } => self.run(request, doctor::examine(hands, request, profile)),
            Effect::ListBucket { request, profile, prefix, token } => {
                self.run(request, reading::objects(hands, profile, prefix, token));
            }
            Effect::ListBelow { request, profile, prefix, token } => {
                self.run(request, reading::below(hands, profile, prefix, token));
            }
            Effect::MakeKey { request, template, prefix, name } => {
                self.run(request, async move { Answer::Key(planning::make_key(&template, &prefix, &name)) });
            }
            Effect::PlanUpload { request, profile, files, naming } => {
                self.run(request, planning::upload(hands, profile, files, naming));
            }
            Effect::PlanDownload { request, objects, to, .. } => self.run(request, planning::download(objects, to)),
            Effect::Walk { request, profile, walk, on_conflict } => {
                self.run(request, walking::walk(hands, request, profile, walk, on_conflict));
            }
            Effect::Count { request, profile, what } => {
                self.run(request, counting::count(hands, request, profile, what));
            }
            Effect::Enqueue { request, profile, jobs } => {
                self.enter(request, queue::enqueue(hands, profile, jobs));
            }
            Effect::Command { request, command, transfers } => {
                self.run(request, queue::command(hands, command, transfers));
            }
            Effect::LookAtMet { request, transfers } => self.run(request, met::look(hands, transfers)),
            Effect::SetLimits { request, profile, limits } => {
                self.run(request, queue::set_limits(hands, profile, limits));
            }
            Effect::Link { request, profile, keys, wanted } => {
                self.run(request, links::links(hands, profile, keys, wanted));
            }
            Effect::Request { request, profile, wanted } => {
                self.enter(request, requests::request(hands, profile, wanted));
            }
            Effect::ShowRequest { request, transfer } => self.run(request, requests::again(hands, transfer)),
            Effect::Copy { request, text } => self.run(request, links::copy(hands, text)),
            Effect::Migrate { request, profile } => self.run(request, reading::migrate(hands, profile)),
            Effect::TryProfile { request, draft } => self.run(request, newcomer::tried(hands, draft)),
            Effect::MakeDefault { request, profile } => self.run(request, newcomer::made_default(hands, profile)),
            Effect::SaveProfile { request, draft } => self.run(request, newcomer::saved(hands, draft)),
            Effect::ReadProfiles { request, profiles } => self.run(request, newcomer::read_again(hands, profiles)),
            Effect::LookAtPaths { request, paths } => self.run(request, paths::look(paths)),
            Effect::Remember(memory) => self.remember(*memory),
            Effect::Inspect { request, question } => self.run(request, inspecting::inspect(hands, question)),
            Effect::Edit { request, step: EditStep::Lend(path) } => return Some(OwnWork::Lend(request, path, None)),
            Effect::Edit { request, step: EditStep::LendProfiles { file, profile } } => {
                return Some(OwnWork::Lend(request, file, profile));
            }
            Effect::Edit { request, step } => self.enter(request, editing::step(hands, step)),
            Effect::ForgetEdit(path) => drop(tokio::spawn(async move { editing::forget(&hands, path).await })),
            Effect::Cancel(request) => self.stop(request),
            Effect::WakeAt(moment) => return Some(OwnWork::WakeAt(moment)),
            Effect::Notify(text) => return self.notice(&text),
            Effect::Redraw => return Some(OwnWork::Redraw),
            Effect::Wear(colours) => return Some(OwnWork::Wear(colours)),
            Effect::Mouse(on) => return Some(OwnWork::Mouse(on)),
            Effect::Suspend => return Some(OwnWork::Suspend),
            Effect::Quit => return Some(OwnWork::Quit),
        }
        None
    }

    /// Nobody waits for this; what fails is in the log, and is tried again at the end.
    fn remember(&self, memory: Memory) {
        let file = self.hands.services.config().places.screen();
        tokio::task::spawn_blocking(move || remember::keep_or_log(&file, memory));
    }

    fn notice(&self, text: &str) -> Option<OwnWork> {
        attention(self.hands.services.config().settings.transfers.notify, text).map(OwnWork::Send)
    }

    fn stop(&mut self, request: RequestId) {
        if let Some(token) = self.running.remove(&request) {
            token.cancel();
        }
    }

    /// Begins work that brings something into the queue, whose end waits for it.
    fn enter(&mut self, request: RequestId, work: impl Future<Output = Answer> + Send + 'static) {
        let entering = self.hands.queue.entering();
        self.run(request, async move {
            let answer = work.await;
            drop(entering);
            answer
        });
    }

    fn run(&mut self, request: RequestId, work: impl Future<Output = Answer> + Send + 'static) {
        let token = CancellationToken::new();
        self.running.insert(request, token.clone());
        let inbox = self.hands.inbox.clone();
        tokio::spawn(async move {
            let answer = async {
                let answer = work.await;
                let message = Message::Answer { request, answer, now: Utc::now() };
                // A closed inbox means that the screen is gone, and nobody is left to tell.
                let _screen_gone = inbox.send(Arrival::Message(Box::new(message))).await;
            };
            token.run_until_cancelled(answer).await;
        });
    }
}

impl Hands {
    async fn connect(&self, profile: &str) -> Result<Arc<Connection>> {
        self.services.connect(profile).await
    }

    /// To queue what was answered to a question that has told of this profile.
    async fn connect_told(&self, profile: &ProfileIdentity) -> Result<Arc<Connection>> {
        let known = self.told.iter().find(|slot| slot.name == profile.name);
        let known = known.and_then(|slot| slot.profile.as_ref().ok());
        self.services.connect_told(profile, known.map(Arc::as_ref)).await
    }
}
