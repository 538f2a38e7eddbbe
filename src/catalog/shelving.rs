//! What a folder of the catalog is, whichever database has it: a range of keys, in which all that share the next part up to
//! a slash are one entry. Keys are compared by their bytes, where `0` is what comes behind a slash.

use std::collections::HashMap;

use super::ShelfQuery;
use super::rules::behind_prefix;
use crate::domain::{Record, ShelfPage, Shelved};

/// The range of keys that a page reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    /// What all keys begin with.
    pub prefix: String,
    /// Its length in characters.
    pub length: i32,
    /// The least key that is wanted.
    pub from: String,
    /// The first key that is not; `None` where all that follow are.
    pub behind: Option<String>,
}

impl Shelf {
    /// The range of a query.
    pub fn of(query: &ShelfQuery) -> Self {
        let prefix = query.prefix.clone();
        let length = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX - 1);
        // The key that is the folder itself is no entry of it.
        let first = if prefix.is_empty() { String::new() } else { behind_key(&prefix) };
        let from = query.after.clone().filter(|after| *after > first).unwrap_or(first);
        Self { behind: behind_prefix(&prefix), prefix, length, from }
    }

    /// The folder that a key is in, if it is not an entry by itself.
    fn folder_of(&self, key: &str) -> Option<String> {
        let rest = key.strip_prefix(&self.prefix)?;
        rest.find('/').map(|slash| format!("{}{}", self.prefix, &rest[..=slash]))
    }

    /// The keys that are entries by themselves.
    pub fn leaves(&self, keys: &[String]) -> Vec<String> {
        keys.iter().filter(|key| self.folder_of(key).is_none()).cloned().collect()
    }

    /// The page, of the first key of each entry, one more than it holds, and the records of the leaves. A record that went
    /// meanwhile is left out.
    pub fn page(&self, keys: Vec<String>, limit: usize, records: Vec<Record>) -> ShelfPage {
        let more = keys.len() > limit;
        let next = keys.get(limit.saturating_sub(1)).filter(|_| more).map(|key| self.behind(key));
        let mut records: HashMap<String, Record> =
            records.into_iter().map(|record| (record.key.clone(), record)).collect();
        let entry = |key: String| match self.folder_of(&key) {
            Some(folder) => Some(Shelved::Folder(folder)),
            None => records.remove(&key).map(|record| Shelved::Record(Box::new(record))),
        };
        ShelfPage { entries: keys.into_iter().take(limit).filter_map(entry).collect(), next }
    }

    /// The least key behind an entry.
    fn behind(&self, key: &str) -> String {
        match self.folder_of(key) {
            Some(folder) => format!("{}0", folder.strip_suffix('/').unwrap_or(&folder)),
            None => behind_key(key),
        }
    }
}

/// The least text behind a key that a database can hold.
pub fn behind_key(key: &str) -> String {
    format!("{key}\u{1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(prefix: &str, after: Option<&str>) -> Shelf {
        let after = after.map(str::to_owned);
        Shelf::of(&ShelfQuery { prefix: prefix.into(), after, ..ShelfQuery::default() })
    }

    #[test]
    fn a_folder_is_a_range_of_keys_without_its_own() {
        let folder = shelf("ä/", None);
        assert_eq!((folder.from.as_str(), folder.behind.as_deref(), folder.length), ("ä/\u{1}", Some("ä0"), 2));
        let top = shelf("", None);
        assert_eq!((top.from.as_str(), top.behind, top.length), ("", None, 0));
        assert_eq!(shelf("a/", Some("a/b0")).from, "a/b0");
        assert_eq!(shelf("a/", Some("")).from, "a/\u{1}", "never before its beginning");
    }

    #[test]
    fn the_next_page_begins_behind_the_last_entry() {
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let page = shelf("a/", None).page(keys(&["a//x", "a/b/c", "a/d"]), 1, Vec::new());
        assert_eq!((page.entries, page.next.as_deref()), (vec![Shelved::Folder("a//".into())], Some("a/0")));
        let page = shelf("a/", None).page(keys(&["a/b/c", "a/d"]), 1, Vec::new());
        assert_eq!(page.next.as_deref(), Some("a/b0"));
        let page = shelf("a/", None).page(keys(&["a/d", "a/e"]), 1, Vec::new());
        assert_eq!((page.entries, page.next.as_deref()), (vec![], Some("a/d\u{1}")), "its record went meanwhile");
        assert_eq!(shelf("a/", None).page(keys(&["a/d"]), 1, Vec::new()).next, None);
    }
}
