//! Folders of the catalog, which keys make by their slashes: turned on and off, one level at a time, with the same ways
//! from one to another as in the bucket.

use super::{Catalog, Query, ShelfRow};
use crate::app::rows::Rows;
use crate::app::standing::{Route, Seen, Under};

/// A row of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogRow<'a> {
    /// The row `..`.
    Parent,
    /// A folder or a record, and its name: below the folder that is shown, else the whole key.
    Entry(&'a ShelfRow, &'a str),
}

impl Catalog {
    /// The row at a position of [`Catalog::list`].
    pub fn row(&self, position: usize) -> Option<CatalogRow<'_>> {
        if position == 0 && self.pages.list.has_lead() {
            return Some(CatalogRow::Parent);
        }
        let row = self.pages.list.row(position).and_then(|row| self.pages.rows.all.get(row))?;
        Some(CatalogRow::Entry(row, self.name_of(row)))
    }

    /// A row's name below the folder that it was read in; the whole key where folders are off.
    pub(crate) fn name_of<'a>(&self, row: &'a ShelfRow) -> &'a str {
        let name = self.of.folder.as_deref().and_then(|prefix| row.key().strip_prefix(prefix));
        name.unwrap_or(row.key())
    }

    /// What is under the cursor.
    pub(crate) fn under(&self) -> Option<Under<'_>> {
        Some(match self.row(self.pages.list.cursor())? {
            CatalogRow::Parent => Under::Parent,
            CatalogRow::Entry(ShelfRow::Folder(prefix), _) => Under::Folder(prefix),
            CatalogRow::Entry(ShelfRow::Record(record), _) => Under::File(&record.key),
        })
    }

    /// The folder that is shown or searched, `/` at its end unless it is the top; `None` where folders are off.
    pub fn folder(&self) -> Option<&str> {
        self.query.folder.as_deref()
    }

    /// What is wanted with folders turned on, where somebody stood last, or off.
    pub(crate) fn turned(&self) -> Query {
        let folder = self.folder().is_none().then(|| self.standing.prefix().to_owned());
        Query { folder, ..self.query.clone() }
    }

    /// Stands in a folder, with nothing of it read.
    pub(crate) fn stand(&mut self, prefix: String) {
        self.standing.stand(prefix);
        self.turn_to_level();
    }

    /// Goes to another folder, with nothing of it read; whether there is a way. The caller asks for its first page. A hit is
    /// shown in its folder also where folders are off, which they are again on the way back.
    pub(crate) fn go(&mut self, route: Route) -> bool {
        match &route {
            Route::Back if self.ends_visit() => {
                self.end_visit();
                return true;
            }
            Route::To(key) if self.folder().is_none() => {
                self.begin_visit(key);
                self.turn_to_level();
                return true;
            }
            _ => {}
        }
        let current = self.pages.list.current().and_then(|row| self.pages.rows.all.get(row));
        let moved = self.standing.go(route, current.map(ShelfRow::key));
        if moved {
            self.turn_to_level();
        }
        moved
    }

    fn turn_to_level(&mut self) {
        let folder = Some(self.standing.prefix().to_owned());
        self.query = Query { folder, search: String::new(), ..self.query.clone() };
        self.flight.forget();
        self.empty();
    }

    /// Whether pages are read until the row comes that somebody asked for.
    pub(crate) fn looks_on(&self) -> bool {
        self.of.is_level() && self.standing.looks_on()
    }

    /// Puts the cursor where it is to be, once a page of the folder is there.
    pub(super) fn find(&mut self) {
        let Self { pages, standing, of, .. } = self;
        let Some(prefix) = of.folder.as_deref().filter(|_| of.is_level()) else { return };
        let whole = pages.rows.all.get(..pages.whole()).unwrap_or_default();
        let last = whole.last().and_then(|row| row.key().strip_prefix(prefix)).map(str::to_owned);
        let seen =
            Seen { any: pages.rows.count() > 0, tail: &pages.tail().clone(), last: last.as_deref().map(str::as_bytes) };
        let key = |name: &[u8]| [prefix.as_bytes(), name].concat();
        if let Some(gone) = standing.find(seen, |name| pages.list.go_to(&pages.rows, &key(name))) {
            pages.list.go_near(&pages.rows, &key(&gone));
        }
    }
}
