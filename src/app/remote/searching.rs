//! Searching through everything below a prefix of the bucket: begun by Enter on what is typed as a filter, read on by itself,
//! stopped by Esc, and left by Esc for the level that it stands on.

use super::{Remote, View};
use crate::action::Place;
use crate::app::effect::Effect;
use crate::app::fresh::Freshness;
use crate::app::outbox::Outbox;
use crate::app::requests::Purpose;
use crate::app::{App, Pane};
use crate::domain::{ListPage, Result};

impl App {
    /// Ends the typing of a filter: what is typed is searched for below where there is anything below, else kept.
    pub(in crate::app) fn filter_typed(&mut self) {
        let text = self.typing.take().map(|typing| typing.line().value().to_owned()).unwrap_or_default();
        if self.place() == Place::Bucket && !text.is_empty() {
            self.remote.search_below(&text, &mut self.out);
        }
    }

    /// Leaves a search for the level that it stands on; whether there was one.
    pub(in crate::app) fn leave_below(&mut self) -> bool {
        let searched = self.remote.bucket().below().map(|below| below.text().to_owned());
        let left = self.focus == Pane::Remote && self.remote.leave_below(&mut self.out);
        if let Some(text) = searched.filter(|_| left) {
            self.note_search(text);
        }
        left
    }
}

impl Remote {
    /// Searches for a text in every key below the prefix that is shown.
    pub(crate) fn search_below(&mut self, text: &str, out: &mut Outbox) {
        out.give_up(&Purpose::Objects);
        self.ages.objects.given_up();
        self.bucket.search(text);
        self.ages.below = Freshness::NEVER;
        self.ages.below.asked(out.now);
        self.ask_below(None, out);
    }

    /// Begins the search that is shown anew; whether there is one.
    pub(super) fn search_again(&mut self, out: &mut Outbox) -> bool {
        let text = self.bucket.below().map(|below| below.text().to_owned());
        text.map(|text| self.search_below(&text, out)).is_some()
    }

    /// Whether a search stands in the level's place. It is not begun anew by itself: that may cost a thousand requests.
    pub(in crate::app) fn is_searching(&self) -> bool {
        self.view == View::Bucket && self.bucket.below().is_some()
    }

    fn ask_below(&mut self, token: Option<String>, out: &mut Outbox) {
        let Some(profile) = self.name_or_fail(View::Bucket, out) else { return };
        let prefix = self.bucket.prefix().to_owned();
        out.ask(Purpose::Below, |request| Effect::ListBelow { request, profile, prefix, token });
    }

    /// Takes over a page of what is below.
    pub(crate) fn below_arrived(&mut self, page: Result<ListPage>, out: &mut Outbox) {
        self.bucket_read(page.as_ref().err());
        match page {
            Ok(page) => {
                self.ages.below.arrived();
                if let Some(token) = self.bucket.found(page) {
                    self.ask_below(Some(token), out);
                }
            }
            Err(failure) => self.failed(View::Bucket, failure, out),
        }
    }

    /// Leaves the search for the level that it stands on; whether there was one.
    pub(crate) fn leave_below(&mut self, out: &mut Outbox) -> bool {
        if self.view != View::Bucket {
            return false;
        }
        out.give_up(&Purpose::Below);
        let left = self.bucket.leave_below();
        if left == Some(true) {
            self.read(out);
        }
        left.is_some()
    }
}
