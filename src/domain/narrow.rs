//! What a list is narrowed to besides its search: a type, a size, an age. The database asks it of records, the program of
//! files and objects, and both leave out what is not known.

use chrono::{DateTime, Local, Utc};

use super::{format, media_type};

/// Only rows of which all of this is known and true; nothing is asked by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrow {
    /// A MIME type (`image/png`) or its first half (`image`), in small letters as they are stored.
    pub media_type: Option<String>,
    /// Bytes at least.
    pub at_least: Option<u64>,
    /// Bytes at most.
    pub at_most: Option<u64>,
    /// Written or uploaded then or later, UTC.
    pub since: Option<DateTime<Utc>>,
}

impl Narrow {
    /// Whether nothing is left out.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a row of that size, time and MIME type stays.
    pub fn lets_through(&self, size: Option<u64>, at: Option<DateTime<Utc>>, media_type: Option<&str>) -> bool {
        let large = self.at_least.is_none_or(|least| size.is_some_and(|size| size >= least));
        let small = self.at_most.is_none_or(|most| size.is_some_and(|size| size <= most));
        let young = self.since.is_none_or(|since| at.is_some_and(|at| at >= since));
        let wanted = self.media_type.as_deref();
        large && small && young && wanted.is_none_or(|wanted| media_type.is_some_and(|found| is_of(wanted, found)))
    }

    /// What a title says of it: `image ≥ 10.0 MiB since 19 Nov 2026`; empty where nothing is left out. Local time.
    pub fn words(&self) -> String {
        let since = |at: DateTime<Utc>| format!("since {}", at.with_timezone(&Local).format("%-d %b %Y"));
        let parts = [
            self.media_type.clone(),
            self.at_least.map(|least| format!("≥ {}", format::size(least))),
            self.at_most.map(|most| format!("≤ {}", format::size(most))),
            self.since.map(since),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Whether a MIME type, parameters and all, is the one that is wanted, or of that kind.
fn is_of(wanted: &str, found: &str) -> bool {
    let found = media_type::essence(found);
    match found.split_once('/') {
        Some((kind, _)) if !wanted.contains('/') => kind == wanted,
        _ => found == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0)
    }

    #[test]
    fn nothing_asked_lets_everything_through() {
        assert!(Narrow::default().is_none() && Narrow::default().lets_through(None, None, None));
        assert_eq!(Narrow::default().words(), "");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let sizes = Narrow { at_least: Some(5), at_most: Some(9), ..Narrow::default() };
        let through = |size| sizes.lets_through(size, None, None);
        assert_eq!([Some(4), Some(5), Some(9), Some(10), None].map(through), [false, true, true, false, false]);
        let young = Narrow { since: at(0), ..Narrow::default() };
        assert_eq!([at(-1), at(0), None].map(|at| young.lets_through(None, at, None)), [false, true, false]);
    }

    #[test]
    fn a_type_is_whole_or_its_first_half() {
        let through = |wanted: &str, found: &str| {
            let narrow = Narrow { media_type: Some(wanted.into()), ..Narrow::default() };
            narrow.lets_through(None, None, Some(found))
        };
        assert!(through("image", "image/png") && through("image/png", "image/png"));
        assert!(through("text/html", "text/html; charset=utf-8"));
        assert!(
            !through("image", "imagex/png") && !through("image/png", "image/pngx") && !through("image/", "image/a")
        );
    }

    #[test]
    fn a_title_says_it_in_few_words() {
        let narrow = Narrow { media_type: Some("image".into()), at_least: Some(10 << 20), ..Narrow::default() };
        assert_eq!(narrow.words(), "image ≥ 10.0 MiB");
    }
}
