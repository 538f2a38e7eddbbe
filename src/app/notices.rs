//! Notices: short sentences about what was done, with counts, stacked and gone after a while, whether or not a dialog covers
//! them; what is overtaken by what is said later gives way to it. Everything said stays in the log that `!` shows. The texts
//! may hold names from outside; whoever draws them sends them through `display`.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::format;

/// How many sentences the log keeps.
const LOG_LENGTH: usize = 500;

/// How many notices are shown at once; older ones are in the log.
const SHOWN: usize = 4;

/// How long before its end a notice is drawn dim.
const FADES: TimeDelta = TimeDelta::seconds(1);

/// What was said so shortly before a dialog opened nobody has read.
const UNREAD: TimeDelta = TimeDelta::milliseconds(500);

/// How many names stand in a sentence that has to name many.
const NAMED: usize = 3;

/// The first of these names, and how many more there are.
pub(super) fn first_of(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let first = names.take(NAMED).collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { format!("{first} and {} more", format::count(more as u64)) }
}

/// How loud a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing was done, and why.
    Note,
    /// The same of a key that cannot do anything here or now.
    Refusal,
    /// Something was done.
    Info,
    /// Something should be known.
    Warning,
    /// Something went wrong.
    Error,
}

impl Level {
    /// How long a notice of this level is shown.
    const fn lifetime(self) -> TimeDelta {
        match self {
            Self::Note | Self::Info => TimeDelta::seconds(6),
            Self::Refusal | Self::Warning => TimeDelta::seconds(10),
            Self::Error => TimeDelta::seconds(15),
        }
    }

    /// Whether it says what was done or happened, and not merely that a key did nothing.
    const fn tells_news(self) -> bool {
        match self {
            Self::Note | Self::Refusal => false,
            Self::Info | Self::Warning | Self::Error => true,
        }
    }
}

/// One sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How loud.
    pub level: Level,
    /// The sentence, raw.
    pub text: String,
    /// What was found with it and is told in the same breath, each a sentence of its own; the log has them one by one.
    pub further: Vec<String>,
    /// What it tells the state of: a later sentence about the same takes its place.
    pub about: Option<String>,
    /// How often it was said in a row.
    pub times: u32,
    /// When it was last said, UTC.
    pub at: DateTime<Utc>,
}

impl Notice {
    /// A sentence that was said once, about nothing in particular.
    pub fn new(level: Level, text: String, at: DateTime<Utc>) -> Self {
        Self { level, text, further: Vec::new(), about: None, times: 1, at }
    }

    /// When it is taken away, UTC.
    fn end(&self) -> DateTime<Utc> {
        self.at + self.level.lifetime()
    }

    fn says_the_same(&self, other: &Self) -> bool {
        self.level == other.level && self.text == other.text && self.further == other.further
    }

    /// Whether it is about to go: drawn dim.
    pub fn fades(&self, now: DateTime<Utc>) -> bool {
        now >= self.end() - FADES
    }

    /// When it looks different next, UTC.
    fn next_moment(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        if self.fades(now) { self.end() } else { self.end() - FADES }
    }
}

/// What is shown now, and what was ever said.
#[derive(Debug, Default)]
pub struct Notices {
    shown: Vec<Notice>,
    log: VecDeque<Notice>,
    /// Since when a dialog is open: what was said before cannot be seen.
    covered: Option<DateTime<Utc>>,
}

impl Notices {
    /// What is shown, oldest first; at most four.
    pub fn shown(&self) -> &[Notice] {
        &self.shown
    }

    /// The latest that was said since the dialog that is open has opened.
    pub fn meanwhile(&self) -> Option<&Notice> {
        self.covered?;
        self.shown.iter().filter(|notice| !self.is_covered(notice)).max_by_key(|notice| notice.at)
    }

    fn is_covered(&self, notice: &Notice) -> bool {
        self.covered.is_some_and(|since| notice.at + UNREAD <= since)
    }

    /// A dialog is open; what was said before cannot be seen, and its time goes on.
    pub(crate) fn cover(&mut self, now: DateTime<Utc>) {
        self.covered.get_or_insert(now);
    }

    /// No dialog is open any more.
    pub(crate) fn uncover(&mut self) {
        self.covered = None;
    }

    /// Everything said so far, oldest first.
    pub fn log(&self) -> &VecDeque<Notice> {
        &self.log
    }

    /// Says a sentence; the same one again only counts up.
    pub(crate) fn push(&mut self, level: Level, text: String, now: DateTime<Utc>) {
        self.add(Notice::new(level, text, now));
    }

    /// Says what was found at once: the first sentence counts, and stands first in the log as well, whose latest stands on top.
    pub(crate) fn push_all(&mut self, level: Level, texts: impl IntoIterator<Item = String>, now: DateTime<Utc>) {
        let mut texts = texts.into_iter();
        let Some(first) = texts.next() else { return };
        let further: Vec<String> = texts.collect();
        further.iter().rev().for_each(|text| self.record(Notice::new(level, text.clone(), now)));
        self.add(Notice { further, ..Notice::new(level, first, now) });
    }

    /// Says how something stands now; what was said of it before is overtaken.
    pub(crate) fn push_about(&mut self, about: String, level: Level, text: String, now: DateTime<Utc>) {
        let overtaken = |shown: &Notice| shown.about.as_ref() == Some(&about) && shown.text != text;
        self.shown.retain(|shown| !overtaken(shown));
        self.add(Notice { about: Some(about), ..Notice::new(level, text, now) });
    }

    fn add(&mut self, notice: Notice) {
        let now = notice.at;
        if let Some(again) = self.shown.iter_mut().find(|shown| shown.says_the_same(&notice)) {
            again.times += 1;
            again.at = now;
        } else {
            self.shown.push(notice.clone());
        }
        if self.shown.len() > SHOWN {
            self.shown.remove(0);
        }
        self.record(Notice { further: Vec::new(), ..notice });
    }

    /// Keeps a sentence in the log alone, where it is one of many.
    pub(crate) fn record(&mut self, notice: Notice) {
        let (level, now) = (notice.level, notice.at);
        match self.log.back_mut() {
            Some(last) if last.level == level && last.text == notice.text => {
                last.times += 1;
                last.at = now;
            }
            _ => self.log.push_back(notice),
        }
        while self.log.len() > LOG_LENGTH {
            self.log.pop_front();
        }
    }

    /// Takes away what has been shown for long enough.
    pub(crate) fn expire(&mut self, now: DateTime<Utc>) {
        self.shown.retain(|notice| notice.end() > now);
    }

    /// Takes all away; the log keeps them.
    pub(crate) fn dismiss(&mut self) {
        self.shown.clear();
    }

    /// Takes those away that say that nothing was done.
    pub(crate) fn dismiss_notes(&mut self) {
        self.shown.retain(|notice| notice.level.tells_news());
    }

    /// Whether any is shown that is to be seen before it is taken away: neither about this nor of something that was not done.
    pub(crate) fn are_a_step(&self, about: &str) -> bool {
        self.shown.iter().any(|notice| notice.level.tells_news() && notice.about.as_deref() != Some(about))
    }

    /// When the next one fades or goes, UTC.
    pub(crate) fn next_moment(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.shown.iter().map(|notice| notice.next_moment(now)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn the_same_sentence_again_counts_up() {
        let mut notices = Notices::default();
        for second in 0..3 {
            notices.push(Level::Info, "queued 1 upload".into(), at(second));
        }
        assert_eq!((notices.shown().len(), notices.shown()[0].times, notices.log().len()), (1, 3, 1));
    }

    #[test]
    fn notices_fade_and_go_and_the_log_stays() {
        let mut notices = Notices::default();
        notices.push(Level::Info, "done".into(), at(0));
        notices.push(Level::Error, "failed".into(), at(0));
        assert_eq!(notices.next_moment(at(0)), Some(at(5)));
        assert_eq!((notices.shown()[0].fades(at(4)), notices.shown()[0].fades(at(5))), (false, true));
        assert_eq!(notices.next_moment(at(5)), Some(at(6)));
        notices.expire(at(6));
        assert_eq!(notices.shown().len(), 1);
        notices.expire(at(15));
        assert_eq!((notices.shown().len(), notices.next_moment(at(15)), notices.log().len()), (0, None, 2));
    }

    #[test]
    fn what_a_dialog_covers_has_no_more_time_than_what_is_said_meanwhile() {
        let mut notices = Notices::default();
        notices.push(Level::Info, "before".into(), at(0));
        notices.cover(at(2));
        notices.push(Level::Info, "meanwhile".into(), at(3));
        assert_eq!(notices.meanwhile().map(|notice| notice.text.as_str()), Some("meanwhile"));
        assert_eq!(notices.next_moment(at(3)), Some(at(5)));
        notices.cover(at(6));
        notices.expire(at(6));
        assert_eq!(notices.shown().iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>(), ["meanwhile"]);
        notices.uncover();
        notices.expire(at(9));
        assert_eq!((notices.meanwhile(), notices.shown().len(), notices.log().len()), (None, 0, 2));
    }

    #[test]
    fn what_is_said_with_a_dialog_is_shown_over_it() {
        let mut notices = Notices::default();
        notices.push(Level::Warning, "left out".into(), at(5));
        notices.cover(at(5));
        assert_eq!(notices.meanwhile().map(|notice| notice.text.as_str()), Some("left out"));
    }

    #[test]
    fn what_is_overtaken_gives_way_and_stays_in_the_log() {
        let mut notices = Notices::default();
        let mut say = |about: &str, text: &str| notices.push_about(about.into(), Level::Info, text.into(), at(0));
        say("queue", "queued 2 uploads");
        say("profile prod", "profile prod is stopped");
        say("queue", "uploaded 2 of 2");
        say("queue", "uploaded 2 of 2");
        let shown: Vec<_> = notices.shown().iter().map(|notice| (notice.text.as_str(), notice.times)).collect();
        assert_eq!(shown, [("profile prod is stopped", 1), ("uploaded 2 of 2", 2)]);
        assert_eq!(notices.log().len(), 3);
    }

    #[test]
    fn what_was_found_at_once_is_one_notice_and_stands_in_the_log_in_its_order() {
        let mut notices = Notices::default();
        let say = |notices: &mut Notices| notices.push_all(Level::Error, ["a", "b", "c"].map(str::to_owned), at(0));
        say(&mut notices);
        say(&mut notices);
        assert_eq!((notices.shown().len(), notices.shown()[0].times), (1, 2));
        assert_eq!((notices.shown()[0].text.as_str(), notices.shown()[0].further.len()), ("a", 2));
        let log: Vec<&str> = notices.log().iter().rev().map(|notice| notice.text.as_str()).collect();
        assert_eq!(log, ["a", "b", "c", "a", "b", "c"]);
        assert!(notices.log().iter().all(|notice| notice.further.is_empty()));
    }

    #[test]
    fn only_a_few_are_shown_and_only_so_many_kept() {
        let mut notices = Notices::default();
        for number in 0..1000 {
            notices.push(Level::Info, number.to_string(), at(0));
        }
        assert_eq!((notices.shown().len(), notices.log().len()), (SHOWN, LOG_LENGTH));
    }
}
