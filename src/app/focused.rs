//! What has the keys: the place where a person stands, its list, and what that list shows of all there is.

use super::{App, List, Pane, Tail, View};
use crate::action::Place;
use crate::domain::{Failure, FailureKind, Narrow, format};

impl App {
    /// Where a person stands.
    pub fn place(&self) -> Place {
        match (self.focus, self.remote.view()) {
            (Pane::Local, _) => Place::Local,
            (Pane::Remote, View::Catalog) => Place::Catalog,
            (Pane::Remote, View::Bucket) => Place::Bucket,
            (Pane::Transfers, _) => Place::Transfers,
        }
    }

    /// The list of the focused pane.
    pub fn list(&self) -> &List {
        match self.focus {
            Pane::Local => self.browser.list(),
            Pane::Remote => self.remote.list(),
            Pane::Transfers => self.transfers.list(),
        }
    }

    /// What reading it again comes to where the pane Remote could not be read, and the keys for it; a table that is missing
    /// or old is then asked about.
    pub fn what_again_does(&self, failure: &Failure) -> String {
        let is_writable = self.remote.profile().is_some_and(|profile| !profile.read_only);
        let sentence = match failure.kind {
            FailureKind::NeedsMigration if is_writable => "{refresh} offers to prepare the table",
            _ => "{refresh} tries again",
        };
        // While a search is typed, the key would be a letter of it.
        let first = if self.typing.is_some() && self.focus == Pane::Remote { "Enter, then " } else { "" };
        format!("{first}{}", self.keymap.filled(Place::Catalog, sentence))
    }

    /// That a question is about marked rows, too, which the list does not show; nothing where it shows them all.
    pub(super) fn about_hidden_marks(&self) -> Option<String> {
        let list = self.list();
        let (hidden, marked, elsewhere) = (list.hidden_marks(), list.marked(), list.marked_elsewhere().count());
        let [number, shown, all] =
            [hidden, marked - hidden.min(marked), marked].map(|count| format::count(count as u64));
        let what = match elsewhere {
            0 => "filter",
            _ if self.shows_hits() => "search",
            _ => "list",
        };
        let about = format!("the {all} marked that this is about");
        (hidden > 0).then(|| match (hidden == marked, what) {
            (true, _) => format!("The {what} shows none of {about}."),
            (false, "list") => format!("The list shows only {shown} of {about}."),
            (false, _) => format!("The {what} hides {number} of {about}."),
        })
    }

    /// That more rows belong to the list than those loaded, of which so many were marked; nothing where these are all.
    pub(super) fn about_rows_not_loaded(&self, rows: usize) -> Option<String> {
        let (begins_again, looks_on) = ("{refresh} and {last} read them, then {mark-all}", self.remote.is_loading());
        let how = match self.remote.tail() {
            _ if self.focus != Pane::Remote => return None,
            Tail::End => return None,
            Tail::More if looks_on && self.remote.is_searching() => "{mark-all} again once all is looked at",
            Tail::More => "{last} reads them, then {mark-all}",
            Tail::Failed(_) | Tail::Stopped => begins_again,
            Tail::Full => "they are not kept in memory",
        };
        let are = if rows == 1 { "row is" } else { "rows are" };
        let all = self.sought().is_empty() && self.narrowing().is_none();
        let more = if all { "more follow" } else { "more may match" };
        Some(self.with_keys(&format!("{} loaded {are} marked; {more}: {how}", format::count(rows as u64))))
    }

    /// Whether what is shown are the hits of a search through the catalog.
    fn shows_hits(&self) -> bool {
        self.place() == Place::Catalog && self.remote.catalog().query().is_search()
    }

    /// What the list of the focused pane is searched for, or filtered by; empty without anything.
    pub fn needle(&self) -> &str {
        match self.focus {
            Pane::Remote => self.remote.needle(),
            Pane::Local | Pane::Transfers => self.list().filter(),
        }
    }

    /// The same, or what is searched for below the bucket's prefix.
    pub(super) fn sought(&self) -> &str {
        if self.focus == Pane::Remote { self.remote.sought() } else { self.needle() }
    }

    /// What the list of the focused pane is narrowed to.
    pub(super) fn narrowing(&self) -> &Narrow {
        match self.focus {
            Pane::Remote => self.remote.narrowing(),
            Pane::Local | Pane::Transfers => self.list().narrow(),
        }
    }

    pub(super) fn list_mut(&mut self) -> &mut List {
        match self.focus {
            Pane::Local => self.browser.list_mut(),
            Pane::Remote => self.remote.list_mut(),
            Pane::Transfers => self.transfers.list_mut(),
        }
    }
}
