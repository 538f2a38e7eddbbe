//! The bucket in force: where it is, what it can do, which pages may use it, what is hidden in it, and the profile's other
//! buckets. [`crate::app::App::bucket_rows`] has the rows; what is asked over the network comes in as it answers.

use std::sync::Arc;

use crossterm::event::KeyCode;
use ratatui::layout::Size;

use super::{Command, Scroll, Step, is_plain};
use crate::action::{Action, Key};
use crate::app::effect::RequestId;
use crate::app::guard::writing;
use crate::app::message::{BucketFacts, Counted};
use crate::config::Profile;
use crate::domain::capability::Reason;
use crate::domain::{CorsRule, Failure};

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked<T> {
    /// No answer yet.
    Waiting,
    /// The answer.
    Known(T),
    /// Why there is none.
    Failed(Failure),
}

/// How far the counting of what is hidden is.
#[derive(Debug, Clone, PartialEq)]
pub enum Hidden {
    /// Nobody has asked.
    Unasked,
    /// So much so far.
    AtLeast(Counted),
    /// This is all.
    All(Counted),
    /// So much, before it failed.
    BrokeOff(Counted, Failure),
}

impl Hidden {
    /// What was counted.
    pub(crate) fn counted(&self) -> Counted {
        match self {
            Self::Unasked => Counted::default(),
            Self::AtLeast(counted) | Self::All(counted) | Self::BrokeOff(counted, _) => *counted,
        }
    }
}

/// A bucket of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    /// The profile's name with it in force.
    pub slot: String,
    /// Its own.
    pub bucket: String,
}

/// The dialog.
#[derive(Debug, Clone)]
pub struct BucketDialog {
    /// The profile in force.
    pub profile: Arc<Profile>,
    /// Beneath what hidden versions are counted: empty, or with `/` at its end.
    pub prefix: String,
    /// All buckets of the profile, this one included.
    pub buckets: Vec<Sibling>,
    /// Where it is and what it can do.
    pub facts: Asked<BucketFacts>,
    /// Its CORS rules.
    pub cors: Asked<Vec<CorsRule>>,
    /// What is hidden.
    pub hidden: Hidden,
    /// Who counts it.
    pub(crate) counting: Option<RequestId>,
    /// The first row shown.
    pub scroll: Scroll,
}

/// What is wished of the bucket of a profile.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BucketWish {
    /// An origin is to be typed.
    AskOrigin,
    /// Pages of this origin may read and upload.
    Allow(String),
    /// Whether the CORS rules are to go.
    AskClear,
    /// They go.
    Clear,
    /// What is hidden is to be counted.
    Count,
    /// Whether that is to go.
    AskPurge {
        /// Beneath what.
        prefix: String,
        /// What was counted.
        hidden: Counted,
        /// It was counted to its end.
        whole: bool,
    },
}

impl BucketDialog {
    /// Nothing has answered yet.
    pub(crate) fn new(profile: Arc<Profile>, prefix: String, buckets: Vec<Sibling>) -> Self {
        let (facts, cors) = (Asked::Waiting, Asked::Waiting);
        let (hidden, counting, scroll) = (Hidden::Unasked, None, Scroll::default());
        Self { profile, prefix, buckets, facts, cors, hidden, counting, scroll }
    }

    pub(crate) fn key(&mut self, key: Key, rows: usize, size: Size) -> Step {
        let KeyCode::Char(letter) = key.code else { return self.scroll.key(key, rows, size) };
        let wished = match letter {
            _ if !is_plain(key) => None,
            'a' => Some(self.changing_cors().map(|()| Step::Do(self.wish(BucketWish::AskOrigin)))),
            'c' => Some(self.clearing().map(|()| Step::Do(self.wish(BucketWish::AskClear)))),
            'v' => Some(self.versions().map(|()| Step::Also(self.wish(BucketWish::Count)))),
            'D' => Some(self.purging()),
            '1'..='9' => self.switched(letter).map(Ok),
            'P' => Some(Ok(Step::Do(Command::Run(Action::Profiles)))),
            _ => None,
        };
        match wished {
            None => self.scroll.key(key, rows, size),
            Some(Ok(step)) => step,
            Some(Err(reason)) => Step::Also(Command::Nothing(reason)),
        }
    }

    fn wish(&self, wish: BucketWish) -> Command {
        Command::Bucket { profile: self.profile.clone(), wish }
    }

    fn switched(&self, digit: char) -> Option<Step> {
        let index = usize::try_from(digit.to_digit(10)?).ok()?.checked_sub(1)?;
        self.buckets.get(index).map(|sibling| Step::Do(Command::Switch(sibling.slot.clone())))
    }

    fn writable(&self) -> Result<(), Reason> {
        writing(&self.profile).refusal().map_or(Ok(()), Err)
    }

    fn can(&self, of: impl Fn(&BucketFacts) -> Result<(), Reason>) -> Result<(), Reason> {
        match &self.facts {
            Asked::Known(facts) => of(facts),
            Asked::Waiting | Asked::Failed(_) => Ok(()),
        }
    }

    fn changing_cors(&self) -> Result<(), Reason> {
        self.writable().and(self.can(|facts| facts.capabilities.cors))?;
        if self.cors == Asked::Waiting { Err("the CORS rules are not known yet") } else { Ok(()) }
    }

    fn clearing(&self) -> Result<(), Reason> {
        self.changing_cors()?;
        match &self.cors {
            Asked::Known(rules) if rules.is_empty() => Err("there are no CORS rules"),
            Asked::Known(_) => Ok(()),
            Asked::Waiting | Asked::Failed(_) => Err("the CORS rules are not known"),
        }
    }

    fn versions(&self) -> Result<(), Reason> {
        self.can(|facts| facts.capabilities.versions)
    }

    fn purging(&self) -> Result<Step, Reason> {
        self.writable().and(self.versions())?;
        let (hidden, whole) = match &self.hidden {
            // Nobody is asked about what is not known.
            Hidden::Unasked => return Ok(Step::Also(self.wish(BucketWish::Count))),
            Hidden::AtLeast(counted) | Hidden::BrokeOff(counted, _) => (*counted, false),
            Hidden::All(counted) => (*counted, true),
        };
        if hidden.objects == 0 {
            return Err("nothing is hidden here");
        }
        let prefix = self.prefix.clone();
        Ok(Step::Do(self.wish(BucketWish::AskPurge { prefix, hidden, whole })))
    }

    pub(crate) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        let fits = |can: bool, hint| can.then_some(hint);
        let several = match self.buckets.len() {
            0 | 1 => None,
            2..=9 => Some(("1-9", "switch")),
            _ => Some(("P", "all buckets")),
        };
        let hints = [
            fits(self.changing_cors().is_ok(), ("a", "allow")),
            fits(self.clearing().is_ok(), ("c", "clear")),
            fits(self.versions().is_ok(), ("v", "count")),
            fits(self.hidden != Hidden::Unasked && self.purging().is_ok(), ("D", "purge")),
            several,
            Some(("j k", "scroll")),
            Some(("Esc", "close")),
        ];
        hints.into_iter().flatten().collect()
    }
}
