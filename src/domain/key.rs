//! Keys: how a template makes one, how one is written in a URL, and when one is a safe local path.

mod checks;

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use super::display::display;
use super::{Failure, FailureKind, Result};
use checks::OUT_OF_THE_WAY;
pub use checks::{check, check_for_link, check_for_url, check_new, doubt};

/// The guides' form, `randomUUID()-fileName`.
pub const DEFAULT_TEMPLATE: &str = "{uuid}-{name}";

/// The longest key, in bytes (S3 and R2 API references).
pub const MAX_KEY_BYTES: usize = 1024;

/// The longest file name, in bytes, that Linux file systems take.
const MAX_NAME_BYTES: usize = 255;

/// What a template's places are filled with.
#[derive(Debug, Clone, Copy)]
pub struct TemplateValues<'a> {
    /// `{prefix}`: where the remote pane stands, `/` at the end unless empty.
    pub prefix: &'a str,
    /// `{name}`: the file's name; with folders, its path below the chosen folder with `/`.
    pub name: &'a str,
    /// `{uuid}`.
    pub uuid: Uuid,
    /// `{date}` (`2026-11-20`) and `{millis}` (since 1970), UTC.
    pub now: DateTime<Utc>,
}

/// The key that a template makes.
///
/// # Errors
/// `Usage` for an unknown place and an unclosed brace, and as [`check_new`].
pub fn from_template(template: &str, values: &TemplateValues<'_>) -> Result<String> {
    let mut key = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        key.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else {
            return Err(bad_template(template, "a `{` is not closed"));
        };
        let place = &rest[open + 1..open + close];
        key.push_str(
            &fill(place, values).ok_or_else(|| bad_template(template, &format!("no place is called {{{place}}}")))?,
        );
        rest = &rest[open + close + 1..];
    }
    key.push_str(rest);
    check_new(&key)?;
    Ok(key)
}

/// The key of a file below a folder that is sent as a whole, `path` being its path from there with `/`: of that only the
/// last name is the template's, the folders stay what they are. A template without `{prefix}` makes the key beneath both.
///
/// # Errors
/// As [`from_template`].
pub fn below(template: &str, prefix: &str, path: &str, uuid: Uuid, now: DateTime<Utc>) -> Result<String> {
    let (folders, name) = path.rfind('/').map_or(("", path), |slash| path.split_at(slash + 1));
    let prefix = format!("{prefix}{folders}");
    let made = from_template(template, &TemplateValues { prefix: &prefix, name, uuid, now })?;
    let whole = if template.contains("{prefix}") { made } else { format!("{prefix}{made}") };
    check_new(&whole)?;
    Ok(whole)
}

/// The key that remembers an empty folder, `folder` being its path below what is sent, with `/`: where the template would
/// put its files, up to their names. `None` where that is nowhere: the folder is what is sent, and there is no prefix.
///
/// # Errors
/// As [`from_template`].
pub fn marker(template: &str, prefix: &str, folder: &str) -> Result<Option<String>> {
    let prefix = if folder.is_empty() { prefix.to_owned() } else { format!("{prefix}{folder}/") };
    if prefix.is_empty() {
        return Ok(None);
    }
    let above = template.split_once("{prefix}").map_or("", |(above, _)| above);
    let values = TemplateValues { prefix: &prefix, name: "", uuid: Uuid::new_v4(), now: Utc::now() };
    from_template(&format!("{above}{{prefix}}"), &values).map(Some)
}

/// Whether a key that a template makes now is none that was made before.
pub fn is_fresh(template: &str) -> bool {
    template.contains("{uuid}") || template.contains("{millis}")
}

/// Whether a template makes a key of its own for every file of a folder.
///
/// # Errors
/// `Usage` where all would get one, and as [`from_template`].
pub fn check_for_many(template: &str) -> Result<()> {
    below(template, "", "a", Uuid::nil(), DateTime::<Utc>::UNIX_EPOCH)?;
    if !template.contains("{name}") && !template.contains("{uuid}") {
        let failure = Failure::new(FailureKind::Usage, "all files of a folder would get one key");
        return Err(failure.hint("put {name} or {uuid} into the template"));
    }
    Ok(())
}

/// Keys that were made together, none of them twice: the later file would stand in the way of the earlier, or replace it
/// unseen. They are kept as hashes of 64 bits: a million keys take 16 MiB at most.
#[derive(Debug, Default)]
pub struct Distinct {
    hasher: RandomState,
    used: HashSet<u64>,
}

impl Distinct {
    /// The key, unless another file has it.
    ///
    /// # Errors
    /// `Usage`, naming the file.
    pub fn admit(&mut self, key: String, file: &str) -> Result<String> {
        if self.used.insert(self.hasher.hash_one(&key)) {
            return Ok(key);
        }
        let what = format!("{} would get the key {} that another of the files has", display(file), display(&key));
        Err(Failure::new(FailureKind::Usage, what).hint("put {uuid} into the template, or upload it by itself"))
    }
}

fn fill(place: &str, values: &TemplateValues<'_>) -> Option<String> {
    Some(match place {
        "prefix" => values.prefix.to_owned(),
        "name" => values.name.to_owned(),
        "uuid" => values.uuid.to_string(),
        "date" => values.now.format("%Y-%m-%d").to_string(),
        "millis" => values.now.timestamp_millis().to_string(),
        _ => return None,
    })
}

fn bad_template(template: &str, why: &str) -> Failure {
    Failure::new(FailureKind::Usage, format!("key template \"{template}\": {why}"))
        .hint("the places are {prefix} {uuid} {name} {date} {millis}")
}

/// The last part of a key: what is behind its last `/` that is not its end.
pub fn name(key: &str) -> &str {
    let trimmed = key.strip_suffix('/').unwrap_or(key);
    match trimmed.rfind('/') {
        Some(slash) => &key[slash + 1..],
        None => key,
    }
}

/// The file's name in a key that [`DEFAULT_TEMPLATE`] made; of other keys the last part.
pub fn name_in_template(key: &str) -> &str {
    let name = name(key);
    let behind = name.split_at_checked(36).filter(|(uuid, _)| Uuid::parse_str(uuid).is_ok());
    behind.and_then(|(_, rest)| rest.strip_prefix('-')).filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// Characters of a UUID as text.
const UUID: usize = 36;

/// What stands before, in, and after a UUID that begins the key's last part.
pub fn split_uuid(key: &str) -> Option<(&str, &str, &str)> {
    let start = key.rfind('/').map_or(0, |slash| slash + 1);
    let uuid = key.get(start..start + UUID)?;
    let after = key.get(start + UUID..).filter(|after| after.starts_with('-'))?;
    let is_uuid = uuid.bytes().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    is_uuid.then_some((key.get(..start)?, uuid, after))
}

/// The prefix above a prefix: `a/b/` gives `a/`, `a/` gives the empty one.
pub fn parent(prefix: &str) -> &str {
    let trimmed = prefix.strip_suffix('/').unwrap_or(prefix);
    match trimmed.rfind('/') {
        Some(slash) => &prefix[..=slash],
        None => "",
    }
}

/// What a URL path leaves as it is besides letters and digits (RFC 3986, unreserved).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The key as a URL path: every segment percent-encoded, `/` kept.
pub fn url_path(key: &str) -> String {
    let segments: Vec<String> =
        key.split('/').map(|segment| utf8_percent_encode(segment, UNRESERVED).to_string()).collect();
    segments.join("/")
}

/// One query value percent-encoded.
pub fn url_value(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// What the file of an unfinished download is called: the target's name and this.
pub const UNFINISHED: &str = ".windlass-part";

/// Whether a file of this name may be an unfinished download; also where a file system does not tell capital letters from
/// small ones.
pub fn is_unfinished(name: &str) -> bool {
    let end = name.len().checked_sub(UNFINISHED.len()).and_then(|start| name.get(start..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(UNFINISHED))
}

/// Where a key goes below a folder, `/` making folders.
///
/// # Errors
/// `Usage` where the key is no safe local path: absolute, with `.` or `..` or an empty segment, NUL, a name too long, or
/// one that an unfinished download has.
pub fn local_path(folder: &Path, key: &str) -> Result<PathBuf> {
    let unsafe_because = |why: &str| {
        Failure::new(FailureKind::Usage, format!("the key \"{}\" is no safe file name: {why}", display(key)))
            .hint(OUT_OF_THE_WAY)
    };
    let trimmed = key.strip_suffix('/').unwrap_or(key);
    let mut path = folder.to_path_buf();
    for segment in trimmed.split('/') {
        match segment {
            "" if key.starts_with('/') => return Err(unsafe_because("it begins with /")),
            "" => return Err(unsafe_because("it has an empty part")),
            "." | ".." => return Err(unsafe_because(&format!("it has the part \"{segment}\""))),
            _ if segment.contains('\0') => return Err(unsafe_because("it has a NUL character")),
            _ if segment.len() > MAX_NAME_BYTES => {
                return Err(unsafe_because(&format!(
                    "a part is {} bytes long, {MAX_NAME_BYTES} is the most",
                    segment.len()
                )));
            }
            _ => path.push(segment),
        }
    }
    if is_unfinished(trimmed) {
        return Err(unsafe_because("unfinished downloads have such names"));
    }
    Ok(path)
}

/// `name (2).ext`, `name (3).ext` …: the same key or file name, kept apart.
pub fn numbered(key: &str, number: u32) -> String {
    let start = key.rfind('/').map_or(0, |slash| slash + 1);
    match key[start..].rfind('.') {
        Some(dot) if dot > 0 => format!("{} ({number}){}", &key[..start + dot], &key[start + dot..]),
        _ => format!("{key} ({number})"),
    }
}

/// The name to try once this one is taken: `a (2).txt` behind `a.txt`, `a (3).txt` behind that.
pub fn next_number(key: &str) -> String {
    let start = key.rfind('/').map_or(0, |slash| slash + 1);
    let end = key[start..].rfind('.').filter(|dot| *dot > 0).map_or(key.len(), |dot| start + dot);
    let counted = key[start..end].strip_suffix(')').and_then(|stem| stem.rsplit_once(" ("));
    let next = counted.and_then(|(stem, number)| Some((stem, number.parse::<u32>().ok()?.checked_add(1)?)));
    match next {
        Some((stem, number)) => numbered(&format!("{}{stem}{}", &key[..start], &key[end..]), number),
        None => numbered(key, 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(name: &str) -> TemplateValues<'_> {
        TemplateValues {
            prefix: "up/",
            name,
            uuid: Uuid::nil(),
            now: DateTime::from_timestamp_millis(1_763_600_000_123).unwrap_or_default(),
        }
    }

    #[test]
    fn templates_fill_every_place() {
        let key = from_template("{prefix}{date}/{millis}-{uuid}-{name}", &values("a b.png")).unwrap();
        assert_eq!(key, "up/2025-11-20/1763600000123-00000000-0000-0000-0000-000000000000-a b.png");
    }

    #[test]
    fn a_wrong_template_says_which_places_there_are() {
        let failure = from_template("{nam}", &values("x")).unwrap_err();
        assert!(failure.sentence().contains("no place is called {nam}"), "{failure}");
        assert!(from_template("{uuid", &values("x")).is_err());
        assert!(from_template("", &values("x")).is_err());
    }

    #[test]
    fn a_template_for_many_files_makes_more_than_one_key() {
        assert!(check_for_many("{prefix}{name}").is_ok() && check_for_many("{uuid}.bin").is_ok());
        let refused = check_for_many("{prefix}{date}.bin").unwrap_err().sentence();
        assert!(refused.contains("one key") && refused.contains("{name} or {uuid}"), "{refused}");
        assert!(check_for_many("{name}{nam}").is_err());
    }

    #[test]
    fn a_marker_stands_where_the_folders_files_would() {
        let marker = |template, prefix, folder| marker(template, prefix, folder).unwrap();
        assert_eq!(marker("{uuid}-{name}", "up/", "a/b").as_deref(), Some("up/a/b/"));
        assert_eq!(marker("x-{prefix}{name}", "up/", "a").as_deref(), Some("x-up/a/"));
        assert_eq!(marker("{name}", "up/", "").as_deref(), Some("up/"));
        assert_eq!(marker("{name}", "", ""), None);
    }

    #[test]
    fn two_files_never_get_one_key() {
        let mut keys = Distinct::default();
        assert_eq!(keys.admit("backup.tar".into(), "a"), Ok("backup.tar".into()));
        assert_eq!(keys.admit("other.tar".into(), "a"), Ok("other.tar".into()));
        let refused = keys.admit("backup.tar".into(), "b").unwrap_err().sentence();
        assert!(refused.starts_with("b would get the key backup.tar") && refused.contains("{uuid}"), "{refused}");
    }

    #[test]
    fn unsafe_keys_never_become_paths() {
        let folder = Path::new("/home/me");
        let long = "x".repeat(300);
        for key in ["../x", "/x", "a/../b", "a//b", "a\0b", "./a", "..", "", "/", long.as_str()] {
            assert!(local_path(folder, key).is_err(), "{key:?}");
        }
        for key in ["a/b.txt.windlass-part", ".windlass-part", "B.Windlass-PART", "b.windlass-part/"] {
            let refused = local_path(folder, key).unwrap_err();
            assert!(refused.what.ends_with("unfinished downloads have such names"), "{refused}");
        }
        assert_eq!(local_path(folder, "a/b.txt").unwrap(), Path::new("/home/me/a/b.txt"));
        assert!(local_path(folder, "a.windlass-part/b").is_ok());
    }

    #[test]
    fn urls_encode_what_is_not_unreserved() {
        assert_eq!(url_path("a b/c+d%/ü?#"), "a%20b/c%2Bd%25/%C3%BC%3F%23");
    }

    #[test]
    fn names_and_parents() {
        assert_eq!((name("a/b/c.txt"), name("a/b/"), name("c")), ("c.txt", "b/", "c"));
        assert_eq!((parent("a/b/"), parent("a/"), parent("")), ("a/", "", ""));
        let made = format!("up/{}-a.png", Uuid::nil());
        assert_eq!((name_in_template(&made), name_in_template("up/b-a.png")), ("a.png", "b-a.png"));
    }

    #[test]
    fn numbers_stand_before_the_extension() {
        assert_eq!(numbered("a/b.txt", 2), "a/b (2).txt");
        assert_eq!(numbered("a.b/.env", 2), "a.b/.env (2)");
    }

    #[test]
    fn a_number_that_is_taken_is_followed_by_the_next() {
        for (taken, next) in [
            ("a/b.txt", "a/b (2).txt"),
            ("a/b (2).txt", "a/b (3).txt"),
            ("a (9)/b", "a (9)/b (2)"),
            ("b (12)", "b (13)"),
            ("b (x).txt", "b (x) (2).txt"),
            ("b (4294967295).txt", "b (4294967295) (2).txt"),
            (".env", ".env (2)"),
        ] {
            assert_eq!(next_number(taken), next, "{taken}");
        }
    }
}
