//! What the frame and the room behind the rows say of the catalog: its order, how many records there are or were found,
//! and how a search goes on.

use std::borrow::Cow;

use crate::app::{Catalog, Phase, Remote, Sort, Tail};
use crate::domain::display::display;
use crate::domain::format;
use crate::ui::pane::{PARTED, has_room};
use crate::ui::summary::{narrowed, order, sought, with_marks};

/// What is shown, on the left of the frame.
pub fn place(remote: &Remote) -> String {
    let catalog = remote.catalog();
    let words = match catalog.query().order {
        Sort::NEWEST => "newest first".into(),
        sort => order(sort),
    };
    format!("{words}{}", reading(remote))
}

/// What is told while the rows that are shown are others than those that are asked for.
pub fn reading(remote: &Remote) -> &'static str {
    let catalog = remote.catalog();
    let waits = catalog.is_behind() && remote.is_loading() && !catalog.query().is_search();
    if waits { " · reading …" } else { "" }
}

/// How many records there are and are marked, on the right of the frame: as much of it as there is room for, the most
/// telling last to go.
pub fn remark(remote: &Remote, columns: u16) -> String {
    let catalog = remote.catalog();
    let counted = match catalog.query().is_search() {
        true => Some(found(remote, columns)),
        false => (remote.list().marked() == 0).then(|| all(remote)),
    };
    let narrow = Some(narrowed(&catalog.query().narrow, columns));
    let parts = [narrow, counted].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let said = with_marks(parts, remote.list(), columns);
    let looked_at = catalog.looked_at().map(|rows| format!("{} looked at", format::count(rows)));
    let whole = [Some(said.clone()), looked_at].into_iter().flatten().filter(|part| !part.is_empty());
    Some(whole.collect::<Vec<_>>().join(PARTED)).filter(|whole| has_room(whole, columns)).unwrap_or(said)
}

/// What is searched for, and how many there are: `/abc  12 of ~1,204,000`.
fn found(remote: &Remote, columns: u16) -> String {
    let catalog = remote.catalog();
    let search = sought(&catalog.query().search, columns);
    if catalog.is_behind() {
        return format!("/{search}  …");
    }
    let more = if *catalog.tail() == Tail::End { "" } else { "+" };
    let hits = format::count(catalog.list().total() as u64);
    let of = match (catalog.exact(), catalog.estimate()) {
        (Some(exact), _) => format!(" of {}", format::count(exact)),
        (None, Some(estimate)) => format!(" of ~{}", format::count(estimate)),
        (None, None) => String::new(),
    };
    format!("/{search}  {hits}{more}{of}")
}

fn all(remote: &Remote) -> String {
    let (catalog, loaded) = (remote.catalog(), remote.list().total() as u64);
    if catalog.folder().is_some() {
        return super::count(remote);
    }
    let estimate = catalog.estimate().filter(|estimate| *estimate > loaded && *catalog.tail() != Tail::End);
    match estimate {
        Some(estimate) if !remote.is_loading() || loaded > 0 => format!("~{} files", format::count(estimate)),
        _ => super::count(remote),
    }
}

/// How a search goes on whose rows end on the screen, or what it went by.
pub fn how_it_is_found(catalog: &Catalog) -> Option<String> {
    if !catalog.query().is_search() || catalog.is_behind() {
        return None;
    }
    let goes_on = (*catalog.tail() == Tail::More && catalog.is_loading()).then(|| match catalog.looked_at() {
        Some(rows) => format!("looked at {} records, looking on …", format::count(rows)),
        None => "looking on …".into(),
    });
    let without = catalog.unindexed().map(|why| format!("no index helps this search: {why}"));
    let parts: Vec<String> = [goes_on, without].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// What stands in place of rows where nothing was found, or nothing yet.
pub fn nothing_found(catalog: &Catalog) -> Vec<Cow<'static, str>> {
    let ended = *catalog.tail() == Tail::End && catalog.phase() == Phase::Ready && !catalog.is_behind();
    let verdict = ended.then_some(Cow::Borrowed("no key has that; Esc shows all"));
    let failed = match catalog.tail() {
        Tail::Failed(failure) => Some(display(&failure.sentence()).into_owned().into()),
        _ => None,
    };
    verdict.into_iter().chain(failed).chain(how_it_is_found(catalog).map(Cow::Owned)).collect()
}
