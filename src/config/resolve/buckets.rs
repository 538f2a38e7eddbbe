//! The buckets that a profile names, `bucket` or `buckets`, held against what cannot be a bucket's name and against the
//! endpoint, into which some consoles write it.

use super::Resolver;
use crate::config::profile::{LOCAL_BUCKET, Profile};
use crate::config::url;
use crate::domain::display::display;
use crate::domain::{Provider, Result};

impl Resolver<'_> {
    pub(super) fn buckets(&self, profile: &Profile) -> Result<Vec<String>> {
        let reader = &self.reader;
        if self.provider == Provider::Uploadcare {
            return Ok(vec![profile.access_key_id.clone()]);
        }
        let (key, names) = match reader.word("bucket")? {
            Some(bucket) => ("bucket", vec![bucket]),
            None => ("buckets", reader.texts("buckets")?.unwrap_or_else(|| vec![LOCAL_BUCKET.into()])),
        };
        if self.provider == Provider::Local && names != [LOCAL_BUCKET] {
            let failure = reader.fault(key, "names a bucket that this machine does not have");
            return Err(failure.hint(format!("leave it out: local profiles share the one bucket \"{LOCAL_BUCKET}\"")));
        }
        if names.is_empty() {
            return Err(reader.fault(key, "is an empty list").hint("write at least one bucket's name"));
        }
        if let Some(twice) =
            names.iter().enumerate().find_map(|(at, name)| names.iter().skip(at + 1).find(|other| *other == name))
        {
            return Err(reader
                .fault(key, &format!("names \"{}\" twice", display(twice)))
                .hint("write each bucket once"));
        }
        let is_name = |name: &&String| !name.contains('/') && !name.contains(char::is_whitespace);
        if !names.iter().all(|name| is_name(&name)) {
            return Err(reader.fault(key, "is no bucket's name").hint("write the name alone, without URL and prefix"));
        }
        if let (Some(endpoint), Some(name)) = (&profile.endpoint, names.iter().find(|name| is_tail(profile, name))) {
            let failure = reader.fault("endpoint", &format!("ends in the bucket's name, \"{name}\""));
            return Err(
                failure.hint(format!("write {}", endpoint.trim_end_matches(name.as_str()).trim_end_matches('/')))
            );
        }
        Ok(names)
    }
}

/// Whether the endpoint was copied with the bucket behind it, as R2's console shows it.
fn is_tail(profile: &Profile, bucket: &str) -> bool {
    let tail =
        profile.endpoint.as_deref().and_then(url::parts).map(|parts| parts.path.trim_start_matches('/').to_owned());
    tail.is_some_and(|tail| tail == bucket)
}
