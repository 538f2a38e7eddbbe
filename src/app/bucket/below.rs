//! A search through everything below the prefix that is shown: the level is put aside, what is found stands in its place as
//! it comes, and going back is for nothing. Every object below is looked at, a page after the other, until there is no more
//! or somebody stops it.

use super::{Bucket, ObjectRow, Objects};
use crate::app::filter::Needle;
use crate::app::pages::{Pages, Tail};
use crate::app::rows::Sort;
use crate::domain::ListPage;

/// The most objects found that are kept.
pub const MOST_BELOW: usize = 10_000;

/// The search.
#[derive(Debug)]
pub struct Below {
    text: String,
    needle: Needle,
    looked_at: u64,
    /// The level's own list.
    level: Box<Pages<Objects, String>>,
    /// It was still being read when the search began.
    level_unread: bool,
}

impl Below {
    /// What is searched for.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many objects were looked at.
    pub fn looked_at(&self) -> u64 {
        self.looked_at
    }

    /// Takes rows of the level out that are gone.
    pub(super) fn remove(&mut self, gone: impl Fn(&ObjectRow) -> bool) {
        self.level.remove(gone);
    }
}

impl Bucket {
    /// The search that stands in the level's place, if any.
    pub fn below(&self) -> Option<&Below> {
        self.below.as_ref()
    }

    /// Puts a search in the level's place, or begins the one that is there anew; its first page is to be asked for.
    pub(crate) fn search(&mut self, text: &str) {
        let (level, level_unread) = match self.below.take() {
            Some(below) => (below.level, below.level_unread),
            None => self.put_aside(),
        };
        let hits = Objects { all: Vec::new(), skip: self.prefix().len() };
        self.pages = Pages::new(hits, Sort::NAME, MOST_BELOW);
        self.pages.list.set_page(level.list.page());
        self.pages.list.set_narrow(&self.pages.rows, level.list.narrow().clone());
        let needle = Needle::new(text);
        self.below = Some(Below { text: text.to_owned(), needle, looked_at: 0, level, level_unread });
        self.pages.again(false);
    }

    fn put_aside(&mut self) -> (Box<Pages<Objects, String>>, bool) {
        let fresh = Pages::new(Objects::default(), Sort::NAME, MOST_BELOW);
        let mut level = std::mem::replace(&mut self.pages, fresh);
        let unread = level.stop();
        level.list.set_filter(&level.rows, "");
        (Box::new(level), unread)
    }

    /// Takes over a page of what is below; where to look on, if there is more and room for it.
    pub(crate) fn found(&mut self, page: ListPage) -> Option<String> {
        let skip = self.prefix().len();
        let below = self.below.as_mut()?;
        below.looked_at += page.entries.len() as u64;
        let rows = page.entries.into_iter().map(ObjectRow::from);
        let has = |row: &ObjectRow| {
            let name = row.name.as_deref().or_else(|| row.key.get(skip..));
            below.needle.is_in(name.unwrap_or(&row.key).as_bytes())
        };
        let hits: Vec<ObjectRow> = rows.filter(|row| !row.is_prefix() && has(row)).collect();
        self.pages.arrived(hits, page.next);
        if *self.pages.tail() != Tail::More { None } else { self.pages.ask_on() }
    }

    /// Puts the level back in the place of a search: whether there was one, and whether the level has to be read again.
    pub(crate) fn leave_below(&mut self) -> Option<bool> {
        let below = self.below.take()?;
        let page = self.pages.list.page();
        self.pages = *below.level;
        self.pages.list.set_page(page);
        Some(below.level_unread)
    }
}
