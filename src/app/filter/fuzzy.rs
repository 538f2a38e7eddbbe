//! Names that have the letters of what was typed in their order, though not side by side: the best of them, for when too
//! few names have the text itself. The matcher is only asked through patterns, since it panics over a needle that is not in
//! its own form, and it is made when somebody types, never before.

use std::borrow::Cow;
use std::cmp::Reverse;

use nucleo_matcher::chars::normalize;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::bags::Bag;
use crate::domain::key::split_uuid;

/// The most names that are weighed against each other.
const WEIGHED: usize = 5_000;

/// The most that are shown.
const SHOWN: usize = 1_000;

/// What was typed, prepared.
pub(crate) struct Fuzzy {
    /// Its letters in lower case, without blanks.
    letters: Vec<char>,
    bag: Bag,
    atom: Atom,
    matcher: Matcher,
}

impl Fuzzy {
    /// Prepares what was typed; `None` where only the text itself is meant: a single letter, or a number.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let letters: String = text.to_lowercase().split_whitespace().collect();
        if letters.chars().count() < 2 || !letters.chars().any(char::is_alphabetic) {
            return None;
        }
        Some(Self {
            bag: Bag::of(letters.as_bytes()),
            atom: Atom::new(&letters, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false),
            matcher: Matcher::new(Config::DEFAULT),
            letters: letters.chars().collect(),
        })
    }

    /// The best rows of those given, each with its bag; of equal ones the order stays.
    pub(crate) fn best<'a>(
        &mut self,
        rows: impl Iterator<Item = (u32, Bag)>,
        name: impl Fn(u32) -> &'a [u8],
    ) -> Vec<u32> {
        let may = |(row, bag): (u32, Bag)| bag.holds(self.bag).then(|| (row, told(name(row))));
        let has = |(_, name): &(u32, Cow<'_, [u8]>)| self.is_in(name);
        let some: Vec<_> = rows.filter_map(may).filter(has).take(WEIGHED).collect();
        let mut found: Vec<(u16, u32)> =
            some.into_iter().filter_map(|(row, name)| Some((self.weight(&name)?, row))).collect();
        found.sort_by_key(|(weight, _)| Reverse(*weight));
        found.into_iter().take(SHOWN).map(|(_, row)| row).collect()
    }

    /// Whether the name has the letters in their order.
    fn is_in(&self, name: &[u8]) -> bool {
        if name.is_ascii() {
            let mut rest = name;
            return self.letters.iter().all(|letter| match at_letter(rest, *letter) {
                Some(at) => {
                    rest = rest.get(at + 1..).unwrap_or_default();
                    true
                }
                None => false,
            });
        }
        let plain = self.letters.iter().all(char::is_ascii);
        let name = String::from_utf8_lossy(name).to_lowercase();
        let mut name = name.chars().map(|letter| if plain { normalize(letter) } else { letter });
        self.letters.iter().all(|letter| name.any(|found| found == *letter))
    }

    /// How well the name fits; the greater the better.
    fn weight(&mut self, name: &[u8]) -> Option<u16> {
        let mut buffer = Vec::new();
        let name = String::from_utf8_lossy(name);
        self.atom.score(Utf32Str::new(&name, &mut buffer), &mut self.matcher)
    }
}

fn at_letter(name: &[u8], letter: char) -> Option<usize> {
    let letter = u8::try_from(letter).ok()?;
    memchr::memchr2(letter, letter.to_ascii_uppercase(), name)
}

/// What of a name is looked at: the random part that the guides put before it has nearly every letter.
pub(crate) fn told(name: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(name).ok().and_then(split_uuid) {
        Some(("", _, after)) => Cow::Borrowed(after.as_bytes()),
        Some((before, _, after)) => Cow::Owned([before, after].concat().into_bytes()),
        None => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(text: &str, names: &[&'a str]) -> Vec<&'a str> {
        let Some(mut fuzzy) = Fuzzy::new(text) else { return Vec::new() };
        let rows = names.iter().zip(0..).map(|(name, row)| (row, Bag::of(&told(name.as_bytes()))));
        let best = fuzzy.best(rows, |row| names[row as usize].as_bytes());
        best.into_iter().map(|row| names[row as usize]).collect()
    }

    #[test]
    fn letters_in_their_order_are_found_the_best_first() {
        let names = ["a-b-c-d.txt", "Hero-Picture.png", "hxexrxoxpxnxg", "pngoreh"];
        assert_eq!(found("heropng", &names), ["Hero-Picture.png", "hxexrxoxpxnxg"]);
        assert_eq!(found("hero png", &names), ["Hero-Picture.png", "hxexrxoxpxnxg"], "blanks do not matter");
        assert_eq!(found("zz", &names), [""; 0]);
    }

    #[test]
    fn a_letter_and_a_number_mean_themselves() {
        assert_eq!(found("h", &["hero"]), [""; 0]);
        assert_eq!(found("915", &["9-1-5"]), [""; 0]);
        assert_eq!(found("9x5", &["9-x-5"]), ["9-x-5"]);
    }

    #[test]
    fn the_random_part_of_a_key_is_not_looked_at() {
        let key = "3f2a9c1e-0d1b-4c57-9f0e-2b6f4f6d8a11-logo.svg";
        assert_eq!(found("cafe", &[key]), [""; 0]);
        assert_eq!(found("lgsv", &[key]), [key]);
        let below = format!("photos/{key}");
        assert_eq!(found("pholgo", &[&below]), [below.as_str()]);
    }

    #[test]
    fn accents_may_be_left_out_and_are_meant_where_they_are_typed() {
        assert_eq!(found("cf-crm", &["Café-crème.jpg"]), ["Café-crème.jpg"]);
        assert_eq!(found("cafecreme", &["Café-crème.jpg"]), ["Café-crème.jpg"]);
        assert_eq!(found("ïnch", &["inch"]), [""; 0]);
        assert_eq!(found("日語", &["日本語.txt"]), ["日本語.txt"]);
    }

    #[test]
    fn whatever_is_typed_is_looked_for_without_harm() {
        let names = ["ä", "e\u{301}x", "\u{202e}gnp.exe", "日本", "ẞß", "İi"];
        for text in ["ÄÖ", "e\u{301}x", "'^$!\\ |ab", "\u{202e}xx", "日本", "İi", "ß ẞ", &"a ".repeat(3000)] {
            found(text, &names);
        }
    }
}
