//! What the screen remembers from one time to the next: where a person stood in each bucket, and the places that have a
//! letter. Plain values; the file that keeps them is the runtime's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Profile;
use super::theme::Background;

/// Everything that is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Local folders by their letters.
    pub folders: BTreeMap<String, String>,
    /// Buckets by [`name_of`].
    pub buckets: BTreeMap<String, Place>,
    /// What the terminal answered last about its background.
    pub background: Option<Background>,
}

/// What is remembered of one bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Whether the bucket itself was shown, not the catalog.
    pub listing: bool,
    /// The prefix that was shown; empty at the top.
    pub prefix: String,
    /// Where the catalog's folders were on, the prefix of the one that was shown; empty at the top.
    pub folder: Option<String>,
    /// Prefixes by their letters.
    pub prefixes: BTreeMap<String, String>,
}

impl Memory {
    /// Takes over what a newer one has: of the same letter or bucket the newer counts, letters that it does not name stay.
    pub fn learn(&mut self, newer: Self) {
        self.folders.extend(newer.folders);
        self.background = newer.background.or(self.background);
        for (name, place) in newer.buckets {
            let known = self.buckets.entry(name).or_default();
            (known.listing, known.prefix, known.folder) = (place.listing, place.prefix, place.folder);
            known.prefixes.extend(place.prefixes);
        }
    }
}

/// What a profile's bucket is remembered under: where it is, whatever the profile is called.
pub fn name_of(profile: &Profile) -> String {
    let identity = profile.identity();
    format!("{} {} {}", identity.provider, identity.endpoint, identity.bucket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(letter, place)| ((*letter).to_owned(), (*place).to_owned())).collect()
    }

    #[test]
    fn what_another_windlass_remembered_stays() {
        let place = |prefix: &str, prefixes| Place { listing: true, prefix: prefix.into(), folder: None, prefixes };
        let mut kept = Memory {
            folders: letters(&[("a", "/old"), ("b", "/b")]),
            buckets: [("r2".to_owned(), place("x/", letters(&[("k", "kept/")])))].into(),
            background: Some(Background::Light),
        };
        let newer = Memory {
            folders: letters(&[("a", "/new")]),
            buckets: [("r2".to_owned(), place("y/", letters(&[("n", "new/")]))), ("s3".to_owned(), Place::default())]
                .into(),
            background: None,
        };
        kept.learn(newer);
        assert_eq!(kept.folders, letters(&[("a", "/new"), ("b", "/b")]));
        assert_eq!(kept.buckets["r2"], place("y/", letters(&[("k", "kept/"), ("n", "new/")])));
        assert_eq!(kept.buckets.len(), 2);
        assert_eq!(kept.background, Some(Background::Light));
        kept.learn(Memory { background: Some(Background::Dark), ..Memory::default() });
        assert_eq!(kept.background, Some(Background::Dark));
    }
}
