//! What both databases do alike: what a row means, which records can be written at all, and the sentences that say so.
//! Only SQL and drivers differ below this.

use std::collections::HashMap;

use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, NewRecord, Record, RecordCursor, RecordPage, Result, Sort};

use super::CatalogTarget;
use super::order::Edge;

/// What the guides' apps store where there is no URL and the column must not be NULL.
pub const NO_URL: &str = "URL not available";

/// Whether a row `r` has no time, or tells of another object than what is written over it (`excluded`), as both databases
/// say it. Some apps keep an entity tag with its quotes.
pub const ANOTHER: &str = "r.upload_timestamp IS NULL OR r.size_bytes <> excluded.size_bytes \
    OR trim(r.etag, '\"') <> trim(excluded.etag, '\"')";

/// A stored `file_url` as Windlass shows it.
pub fn url(stored: Option<String>) -> Option<String> {
    stored.filter(|url| url != NO_URL)
}

/// Makes a page of rows that were asked for with one more than the page holds: the extra one tells that more follow.
pub fn page(mut records: Vec<Record>, limit: u32, order: Sort) -> RecordPage {
    let more = records.len() > limit as usize;
    records.truncate(limit as usize);
    let next = records.last().filter(|_| more).map(|last| RecordCursor::behind(last, order));
    RecordPage { records, next, ..RecordPage::default() }
}

/// The same of a search that looked no further than the edge: what comes next begins behind it where the page is not full.
pub fn page_of_step(records: Vec<Record>, limit: u32, order: Sort, edge: Option<(Edge, u64)>) -> RecordPage {
    let page = page(records, limit, order);
    match edge {
        Some((edge, looked_at)) if page.next.is_none() => {
            RecordPage { next: Some(edge.into()), looked_at: Some(looked_at), ..page }
        }
        _ => page,
    }
}

/// Refuses a key that no database can hold as text.
///
/// # Errors
/// `CatalogRefused` for a key with a NUL character.
pub fn storable(key: &str) -> Result<()> {
    if key.contains('\0') {
        let what = format!("the catalog cannot hold the key \"{}\": it has a NUL character", display(key));
        return Err(Failure::new(FailureKind::CatalogRefused, what).hint("use another key"));
    }
    Ok(())
}

/// The records to write: every key once, the last one wins, so that one statement never meets a row twice.
///
/// # Errors
/// `CatalogRefused` for a key with a NUL character.
pub fn batch(records: &[NewRecord]) -> Result<Vec<&NewRecord>> {
    let mut last: HashMap<&str, usize> = HashMap::with_capacity(records.len());
    for (index, record) in records.iter().enumerate() {
        storable(&record.key)?;
        last.insert(&record.key, index);
    }
    let is_last = |(index, record): &(usize, &NewRecord)| last.get(record.key.as_str()) == Some(index);
    Ok(records.iter().enumerate().filter(is_last).map(|(_, record)| record).collect())
}

/// Whose row holds a key.
pub struct Holder {
    /// The row's `user_id`.
    pub user_id: String,
    /// The row's `bucket`.
    pub bucket: Option<String>,
}

/// Whether a user may write over the row that holds a key.
///
/// # Errors
/// `Conflict` where it is of another user or another bucket.
pub fn may_write(target: &CatalogTarget, holder: &Holder, key: &str, user_id: &str, bucket: &str) -> Result<()> {
    let owner = if holder.user_id != user_id {
        format!("user \"{}\"", display(&holder.user_id))
    } else {
        match &holder.bucket {
            Some(other) if other != bucket => format!("bucket \"{}\"", display(other)),
            None if !target.owns_null_rows(bucket) => {
                format!("bucket \"{}\"", display(target.buckets.first().map_or("", String::as_str)))
            }
            _ => return Ok(()),
        }
    };
    Err(conflict(key, &format!("belongs to {owner}")))
}

/// Of these keys those that a user may not write, with why; `holders` has the rows that hold them.
pub fn refused(
    target: &CatalogTarget,
    keys: &[String],
    user_id: &str,
    holders: &HashMap<String, Holder>,
) -> Vec<(String, Failure)> {
    let check = |key: &str| {
        storable(key)?;
        let holder = holders.get(key);
        holder.map_or(Ok(()), |holder| may_write(target, holder, key, user_id, &target.bucket))
    };
    keys.iter().filter_map(|key| check(key).err().map(|failure| (key.clone(), failure))).collect()
}

/// The keys that a database can hold as text.
pub fn only_storable(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).filter(|key| storable(key).is_ok()).collect()
}

/// The failure for a key whose row could not be written and is not to be seen either: row level security hides it.
pub fn hidden(new: &NewRecord) -> Failure {
    conflict(&new.key, &format!("user \"{}\" cannot see", display(&new.user_id)))
}

fn conflict(key: &str, why: &str) -> Failure {
    let what = format!("the catalog has a record of \"{}\" that {why}", display(key));
    Failure::new(FailureKind::Conflict, what).hint("use another key")
}

/// The first text behind all that begin with the prefix, in the order of their bytes; `None` where nothing is behind.
pub fn behind_prefix(prefix: &str) -> Option<String> {
    let mut behind = prefix.to_owned();
    while let Some(last) = behind.pop() {
        // Only U+10FFFF has no next, and surrogates are no characters.
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            behind.push(next);
            return Some(behind);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::CatalogConfig;
    use crate::domain::{Origin, Provider};

    fn target(bucket: &str) -> CatalogTarget {
        CatalogTarget {
            provider: Provider::R2,
            buckets: vec!["first".into(), "second".into()],
            bucket: bucket.into(),
            ca_file: None,
            user_id: None,
            read_only: false,
            config: CatalogConfig::Sqlite("x".into()),
        }
    }

    fn new(key: &str, size: u64) -> NewRecord {
        NewRecord {
            origin: Origin::Uploaded,
            key: key.into(),
            url: None,
            user_id: "me".into(),
            uploaded_at: chrono::DateTime::UNIX_EPOCH,
            bucket: "first".into(),
            size,
            content_type: "text/plain".into(),
            etag: None,
            checksum: None,
        }
    }

    #[test]
    fn of_a_key_given_twice_the_last_record_is_written() {
        let records = [new("a", 1), new("b", 2), new("a", 3)];
        let sizes: Vec<u64> = batch(&records).unwrap().iter().map(|record| record.size).collect();
        assert_eq!(sizes, [2, 3]);
    }

    #[test]
    fn a_key_with_nul_is_refused_by_name() {
        let failure = batch(&[new("a\0b", 1)]).unwrap_err();
        assert_eq!(failure.kind, FailureKind::CatalogRefused);
        assert!(failure.what.contains("a␀b"), "{failure}");
    }

    #[test]
    fn rows_without_a_bucket_are_of_the_first() {
        let holder = |bucket: Option<&str>| Holder { user_id: "me".into(), bucket: bucket.map(Into::into) };
        let may = |holder: &Holder, bucket| may_write(&target(bucket), holder, "k", "me", bucket);
        assert!(may(&holder(None), "first").is_ok());
        assert!(may(&holder(Some("second")), "second").is_ok());
        let failure = may(&holder(None), "second").unwrap_err();
        assert_eq!(failure.what, "the catalog has a record of \"k\" that belongs to bucket \"first\"");
        assert!(may(&holder(Some("first")), "second").is_err());
    }

    #[test]
    fn what_is_behind_a_prefix_is_behind_every_key_with_it() {
        assert_eq!(behind_prefix("a/").as_deref(), Some("a0"));
        assert_eq!(behind_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(behind_prefix("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!((behind_prefix(""), behind_prefix("\u{10ffff}")), (None, None));
        assert!(*"a/\u{10ffff}x" < *behind_prefix("a/").unwrap());
    }
}
