//! What a list is narrowed to besides its search: a type, a size, an age. The database asks it of records, the program of
//! files and objects, and both leave out what is not known.

use chrono::{DateTime, Local, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::display::display;
use super::{Failure, FailureKind, Result, format, media_type};

/// What a list can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NarrowBy {
    /// A MIME type, or its first half.
    Type,
    /// Bytes at least.
    Larger,
    /// Bytes at most.
    Smaller,
    /// A moment, or how long ago.
    Since,
}

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

    /// This without what is asked of what is not known: whether a row would stay if that were as it should be.
    pub fn asking_less(&self, size: bool, at: bool, media_type: bool) -> Self {
        Self {
            media_type: self.media_type.clone().filter(|_| !media_type),
            at_least: self.at_least.filter(|_| !size),
            at_most: self.at_most.filter(|_| !size),
            since: self.since.filter(|_| !at),
        }
    }

    /// This, and by what is typed besides; an empty text takes that away. `now` is UTC, a day is one of local time.
    ///
    /// # Errors
    /// `Usage` for what is no type, size, or age.
    pub fn and(&self, by: NarrowBy, text: &str, now: DateTime<Utc>) -> Result<Self> {
        let (mut narrow, text) = (self.clone(), text.trim());
        match by {
            NarrowBy::Type => narrow.media_type = given(text, media_type::meant)?,
            NarrowBy::Larger => narrow.at_least = given(text, size)?,
            NarrowBy::Smaller => narrow.at_most = given(text, size)?,
            NarrowBy::Since => narrow.since = given(text, |text| moment(text, now))?,
        }
        Ok(narrow)
    }

    /// What a title says of it: `image ≥ 10.0 MiB since 19 Nov 2026`; empty where nothing is left out. Local time.
    pub fn words(&self) -> String {
        let since = |at: DateTime<Utc>| format!("since {}", day_and_hour(at));
        let parts = [
            self.media_type.clone(),
            self.at_least.map(|least| format!("≥ {}", format::size(least))),
            self.at_most.map(|most| format!("≤ {}", format::size(most))),
            self.since.map(since),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// What a text means, where there is any.
fn given<T>(text: &str, read: impl FnOnce(&str) -> Result<T>) -> Result<Option<T>> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

fn size(text: &str) -> Result<u64> {
    let wrong = || Failure::new(FailureKind::Usage, format!("\"{}\" is no size", display(text)));
    format::parse_size(text).ok_or_else(|| wrong().hint("one looks like 512K, 10M or 2G"))
}

/// A length of time before now, or the beginning of a day.
fn moment(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let ago = || {
        TimeDelta::try_seconds(i64::try_from(format::parse_span(text)?).ok()?)
            .and_then(|span| now.checked_sub_signed(span))
    };
    let day = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(day.and_time(NaiveTime::MIN).and_local_timezone(Local).earliest()?.with_timezone(&Utc))
    };
    let wrong = || match format::spans_of(text) {
        Some(_) => Failure::new(FailureKind::Usage, format!("{} has no unit", display(text))),
        None => Failure::new(FailureKind::Usage, format!("\"{}\" is no length of time", display(text))),
    };
    ago().or_else(day).ok_or_else(|| wrong().hint("one looks like 2d or 12h; a day like 2026-11-19"))
}

/// A day, and its hour where it is not the day's beginning; local time.
fn day_and_hour(at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&Local);
    let hour = if at.time() == NaiveTime::MIN { "" } else { " %H:%M" };
    at.format(&format!("%-d %b %Y{hour}")).to_string()
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
    fn what_is_typed_is_put_to_what_was_there_or_takes_it_away() {
        let now = at(0).unwrap();
        let narrow = Narrow::default().and(NarrowBy::Type, " PNG ", now).unwrap();
        let narrow = narrow.and(NarrowBy::Larger, "10M", now).unwrap().and(NarrowBy::Smaller, "1 GiB", now).unwrap();
        let narrow = narrow.and(NarrowBy::Since, "2d", now).unwrap();
        let whole = Narrow {
            media_type: Some("image/png".into()),
            at_least: Some(10 << 20),
            at_most: Some(1 << 30),
            since: at(-172_800),
        };
        assert_eq!(narrow, whole);
        let without = narrow.and(NarrowBy::Type, "", now).unwrap();
        assert_eq!((without.media_type, without.at_least), (None, Some(10 << 20)));
        let kind = Narrow::default().and(NarrowBy::Type, "image/*", now).unwrap();
        assert!(kind.lets_through(None, None, Some("image/png")) && !kind.lets_through(None, None, Some("text/html")));
        let day = Narrow::default().and(NarrowBy::Since, "2026-11-19", now).unwrap();
        assert_eq!(day.words(), "since 19 Nov 2026");
    }

    #[test]
    fn what_is_no_type_size_or_age_is_refused_with_one_that_is() {
        let refused = |by, text: &str| Narrow::default().and(by, text, at(0).unwrap()).unwrap_err().sentence();
        assert!(refused(NarrowBy::Larger, "big").contains("10M"), "{}", refused(NarrowBy::Larger, "big"));
        for text in ["soon", "99999999999999999999d", "18446744073709551615", "2026-13-40", "300000000000d"] {
            assert!(refused(NarrowBy::Since, text).contains("2d"), "{text}");
        }
        for text in ["nosuchthing", "image/", "/png", "a b/c"] {
            assert!(refused(NarrowBy::Type, text).contains("image/png"), "{text}");
        }
    }

    #[test]
    fn a_title_says_it_in_few_words() {
        let narrow = Narrow { media_type: Some("image".into()), at_least: Some(10 << 20), ..Narrow::default() };
        assert_eq!(narrow.words(), "image ≥ 10.0 MiB");
    }
}
