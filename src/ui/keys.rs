//! Keys of objects cut to a column so that what tells them apart stays: the file's name at the end, both its beginning and
//! its extension, and of the random part that the guides put before it only the beginning.

use std::borrow::Cow;

use crate::domain::display::{fit_end, fit_middle, width};
use crate::domain::key::split_uuid;

/// Characters of a UUID that stay.
const UUID_KEPT: usize = 4;

/// In so few columns a name's beginning says nothing.
const LEAST_NAMED: usize = 12;

/// A key that is fit for display, cut to so many columns.
pub fn fit_key(shown: &str, columns: usize) -> Cow<'_, str> {
    if width(shown) <= columns {
        return Cow::Borrowed(shown);
    }
    match split_uuid(shown) {
        Some((before, uuid, after)) => Cow::Owned(fit_guides(before, uuid, after, columns)),
        None => fit_path(shown, columns),
    }
}

/// The end of a path; a name that is too long even for that loses its middle, as one without a path does.
fn fit_path(shown: &str, columns: usize) -> Cow<'_, str> {
    let name = shown.trim_end_matches('/').rfind('/').and_then(|slash| shown.get(slash..));
    match name {
        Some(name) if width(name) < columns => fit_end(shown, columns),
        Some(name) if columns > LEAST_NAMED => Cow::Owned(format!("…{}", fit_middle(name, columns - 1))),
        Some(_) => fit_end(shown, columns),
        None => fit_middle(shown, columns),
    }
}

/// A guide's key, cut in one place as long as there is room for its name: first the random part, then whole prefixes go, then
/// all before the name.
fn fit_guides(before: &str, uuid: &str, after: &str, columns: usize) -> String {
    let random = uuid.get(..UUID_KEPT).unwrap_or_default();
    // What joins it to the random part says nothing without that.
    let name = after.strip_prefix(['-', '_']).filter(|name| !name.is_empty()).unwrap_or(after);
    let whole = format!("{before}{random}…{after}");
    let without_prefix = before.match_indices('/').map(|(slash, _)| {
        let rest = before.get(slash..).unwrap_or_default();
        format!("…{rest}{random}…{after}")
    });
    let without_all = (!before.is_empty()).then(|| format!("…{random}…{after}"));
    let mut ways =
        std::iter::once(whole).chain(without_prefix).chain(without_all).chain([format!("…{name}"), name.to_owned()]);
    ways.find(|way| width(way) <= columns).unwrap_or_else(|| fit_middle(name, columns).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "3f2a9c1e-0d1b-4c57-9f0e-2b6f4f6d8a11-hero.png";

    #[test]
    fn a_guides_key_keeps_its_name() {
        assert_eq!(fit_key(KEY, 60), KEY);
        assert_eq!(fit_key(KEY, 20), "3f2a…-hero.png");
        assert_eq!(fit_key(&format!("up/{KEY}"), 20), "up/3f2a…-hero.png");
        assert_eq!(fit_key(&format!("up/{KEY}"), 10), "…hero.png");
        assert_eq!((fit_key(KEY, 9), fit_key(KEY, 8)), ("…hero.png".into(), "hero.png".into()));
        assert_eq!(fit_key(KEY, 7), "her…png");
    }

    #[test]
    fn prefixes_go_whole_so_that_keys_of_one_prefix_look_alike() {
        assert_eq!(fit_key(&format!("photos/site/{KEY}"), 26), "photos/site/3f2a…-hero.png");
        assert_eq!(fit_key(&format!("photos/site/{KEY}"), 25), "…/site/3f2a…-hero.png");
        assert_eq!(fit_key(&format!("photos/site/{KEY}"), 20), "…/3f2a…-hero.png");
        assert_eq!(fit_key(&format!("photos/site/{KEY}"), 15), "…3f2a…-hero.png");
    }

    #[test]
    fn other_keys_keep_the_end_of_a_path_and_both_ends_of_a_name() {
        assert_eq!(fit_key("photos/2026/summer/beach.jpg", 16), "…ummer/beach.jpg");
        assert_eq!(fit_key("a-very-long-name.jpg", 10), "a-ve…e.jpg");
        assert_eq!(fit_key("日本語日本語日本語日本語日本語日本語日本語", 5), "日…語");
        let long = format!("docs/begin-{}-end.tar.gz", "x".repeat(240));
        assert_eq!(fit_key(&long, 30), "…/begin-xxxxxxx…xxx-end.tar.gz");
        assert_eq!(fit_key("docs/a-very-long-folder-name/", 20), "…/a-very-l…der-name/");
    }
}
