//! Which actions a text means: by the beginning of a name, by its letters in their order, or by words of what the action
//! does. The matcher is only asked through patterns, since it panics over a needle that is not in its own form.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::action::{ALIASES, ELSEWHERE, Entry, Instead};

/// An action that a text may mean.
pub(super) struct Found {
    /// Its row of the table.
    pub(super) entry: &'static Entry,
    /// Its name, or an alias of it, begins with the text.
    pub(super) begins: bool,
    /// Letters of its name that are the text's, counted from 0.
    pub(super) hits: Vec<u32>,
}

/// How well a text fits; the greater the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Its words stand in what the action does.
    About,
    /// Its letters stand in the name, so well.
    Letters(u32),
    /// A word that means the same begins with it.
    Means,
    /// The name, or an alias, begins with it.
    Begins,
    /// It is the name, or an alias.
    Whole,
}

/// Those that a text may mean, the best first, and of equals in the order given. An empty text means all.
pub(super) fn ranked(text: &str, entries: impl Iterator<Item = &'static Entry>) -> Vec<Found> {
    let pattern = |kind| Pattern::new(text, CaseMatching::Ignore, Normalization::Smart, kind);
    let (letters, words) = (pattern(AtomKind::Fuzzy), pattern(AtomKind::Substring));
    let mut matcher = Matcher::new(Config::DEFAULT);
    // Where a word means something that no action does, single letters of it mean nothing.
    let loosely = elsewhere(text).is_none();
    let mut found: Vec<(Fit, Found)> = entries
        .filter_map(|entry| {
            let mut hits = Vec::new();
            let score = letters.indices(Utf32Str::Ascii(entry.name.as_bytes()), &mut matcher, &mut hits);
            hits.sort_unstable();
            hits.dedup();
            let mut buffer = Vec::new();
            let told = || words.score(Utf32Str::new(entry.about, &mut buffer), &mut matcher).map(|_| Fit::About);
            let fit = begins(text, entry)
                .or(means(text, entry))
                .or(loosely.then(|| score.map(Fit::Letters).or_else(told)).flatten())?;
            Some((fit, Found { entry, begins: fit >= Fit::Begins, hits }))
        })
        .collect();
    found.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
    found.into_iter().map(|(_, found)| found).collect()
}

fn begins(text: &str, entry: &Entry) -> Option<Fit> {
    let typed = text.to_lowercase().replace(' ', "-");
    let aliases = ALIASES.iter().filter(|(_, action)| *action == entry.action).map(|(alias, _)| *alias);
    let names: Vec<&str> = aliases.chain([entry.name]).collect();
    if names.contains(&typed.as_str()) {
        return Some(Fit::Whole);
    }
    names.iter().any(|name| name.starts_with(&typed)).then_some(Fit::Begins)
}

fn means(text: &str, entry: &Entry) -> Option<Fit> {
    let typed = text.to_lowercase();
    (!typed.is_empty() && entry.also.split(' ').any(|word| word.starts_with(&typed))).then_some(Fit::Means)
}

/// What is to be known about a word that nothing is found by.
pub(super) fn elsewhere(text: &str) -> Option<Instead> {
    let typed = text.to_lowercase();
    // Fewer letters may be those of an action's name.
    let first = typed.split(' ').next().unwrap_or_default();
    let first = first.strip_suffix(".toml").unwrap_or(first);
    let fits = |word: &str| word == first || (typed.len() > 3 && word.starts_with(&typed));
    ELSEWHERE.iter().find(|(words, _)| words.split(' ').any(fits)).map(|(_, said)| *said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::TABLE;

    fn names(text: &str) -> Vec<&'static str> {
        ranked(text, TABLE.iter()).iter().map(|found| found.entry.name).collect()
    }

    #[test]
    fn the_beginning_of_a_name_comes_first_then_its_letters_then_what_it_does() {
        assert_eq!(names("doc")[0], "doctor");
        assert_eq!(names("cpk")[0], "copy-key");
        assert_eq!(names("copy link")[..2], ["copy-link", "copy-link-for"]);
        assert!(names("signature").contains(&"copy-public-url"), "{:?}", names("signature"));
        assert_eq!(names("link")[0], "copy-link-for", "an alias is a name");
        assert_eq!(names("xyzzy"), [""; 0]);
    }

    #[test]
    fn words_that_mean_the_same_lead_to_what_does_it() {
        for (word, name) in [
            ("find", "filter"),
            ("search", "filter"),
            ("share", "copy-link"),
            ("download", "save"),
            ("remove", "delete"),
            ("speed", "limits"),
            ("exit", "quit"),
        ] {
            assert_eq!(names(word)[0], name, "{word}");
        }
        for word in ["theme", "theme light", "theme.toml", "keymap.toml", "settings", "rename", "colo"] {
            assert_eq!((names(word), elsewhere(word).is_some()), (Vec::new(), true), "{word}");
        }
        assert_eq!((elsewhere("xyzzy"), elsewhere("")), (None, None));
    }

    #[test]
    fn nothing_typed_means_everything_in_order() {
        assert_eq!(names(""), TABLE.iter().map(|entry| entry.name).collect::<Vec<_>>());
    }

    #[test]
    fn letters_that_fit_are_told() {
        let found = ranked("cpk", TABLE.iter());
        assert_eq!(found[0].hits, [0, 2, 5]);
    }

    #[test]
    fn whatever_is_typed_is_looked_for_without_harm() {
        for text in ["ÄÖ", "e\u{301}", "'^$!\\ |", "\u{202e}x", "日本", "İ", "ß ẞ", &"a ".repeat(300)] {
            names(text);
        }
    }
}
