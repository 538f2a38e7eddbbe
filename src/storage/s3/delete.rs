//! Objects away: one by one, or up to a thousand in one request where the service can. Which it can is tried once; a
//! service that refuses is sent single deletes from then on.

use aws_sdk_s3::types::{Delete, Error as DeleteError, ObjectIdentifier};
use futures::StreamExt;

use crate::domain::{Failure, FailureKind, Result};

use super::S3Store;
use super::client::summed;
use super::errors::{Answer, Doing, gone};
use super::learned::Known;
use super::sentences::sentence;

/// Keys of one DeleteObjects at most (S3 API reference).
const MOST_KEYS: usize = 1000;

/// Requests under way at once.
const AT_ONCE: usize = 16;

impl S3Store {
    pub(super) async fn delete_object(&self, key: &str) -> Result<()> {
        self.call(Doing::object("delete", key), |client, bucket| {
            let answer = client.delete_object().bucket(bucket).key(key).send();
            // S3 says nothing about an object that is not there, other services say 404.
            async {
                match answer.await {
                    Err(error) if gone(&error) => Ok(()),
                    answer => answer.map(drop),
                }
            }
        })
        .await
    }

    /// Only a request that takes them all makes it worthwhile to begin very many.
    pub(super) fn keys_at_once(&self) -> usize {
        if self.learned.bulk_delete.get() == Known::Does { MOST_KEYS } else { AT_ONCE * 8 }
    }

    /// Those that stay, with why.
    pub(super) async fn delete_objects(&self, keys: &[String]) -> Vec<(String, Failure)> {
        let (together, alone): (Vec<String>, Vec<String>) = keys.iter().cloned().partition(|key| fits_in_xml(key));
        let mut failed = self.delete_singly(&alone).await;
        for keys in together.chunks(MOST_KEYS) {
            failed.extend(self.delete_chunk(keys).await);
        }
        failed
    }

    async fn delete_chunk(&self, keys: &[String]) -> Vec<(String, Failure)> {
        let lesson = &self.learned.bulk_delete;
        if keys.len() == 1 || lesson.get() == Known::Refuses {
            return self.delete_singly(keys).await;
        }
        match self.delete_together(keys).await {
            Ok(failed) => {
                lesson.learn(Known::Does);
                failed
            }
            Err(failure) if lesson.get() == Known::Nothing && may_be_the_request(&failure) => {
                let failed = self.delete_singly(keys).await;
                if failed.len() < keys.len() {
                    lesson.learn(Known::Refuses);
                }
                failed
            }
            Err(failure) => keys.iter().map(|key| (key.clone(), failure.clone())).collect(),
        }
    }

    async fn delete_singly(&self, keys: &[String]) -> Vec<(String, Failure)> {
        let deletes = keys.iter().cloned().map(|key| async move {
            let answer = self.delete_object(&key).await;
            answer.err().map(|failure| (key, failure))
        });
        futures::stream::iter(deletes).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
    }

    async fn delete_together(&self, keys: &[String]) -> Result<Vec<(String, Failure)>> {
        let named = keys.iter().filter_map(|key| ObjectIdentifier::builder().key(key).build().ok());
        let wanted = Delete::builder().set_objects(Some(named.collect())).quiet(true).build();
        let wanted = wanted.map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?;
        let quirks = self.at().place.quirks;
        let output = self
            .call(Doing::bucket("delete from"), |client, bucket| {
                let request = client.delete_objects().bucket(bucket).delete(wanted.clone());
                request.customize().config_override(summed(&quirks)).send()
            })
            .await?;
        let mut failed = Vec::new();
        for error in output.errors.unwrap_or_default() {
            failed.extend(self.failed(keys, &error)?);
        }
        Ok(failed)
    }

    /// What the answer says about one key.
    fn failed(&self, keys: &[String], error: &DeleteError) -> Result<Option<(String, Failure)>> {
        let place = &self.at().place;
        let answer = Answer {
            status: 200,
            code: error.code().map(str::to_owned),
            words: error.message().map(str::to_owned),
            ..Answer::default()
        };
        let Some(key) = error.key().filter(|key| keys.iter().any(|asked| asked == key)) else {
            // Which keys are gone cannot be told.
            return Err(sentence(place, Doing::bucket("delete from"), &answer));
        };
        let missing = matches!(error.code(), Some("NoSuchKey" | "NoSuchVersion"));
        Ok((!missing).then(|| (key.to_owned(), sentence(place, Doing::object("delete", key), &answer))))
    }
}

/// Whether an XML document can name the key: control characters do not survive in one, and some are not allowed at all.
fn fits_in_xml(key: &str) -> bool {
    !key.chars().any(|char| char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}'))
}

/// Whether the refusal may be of the request itself, its checksum header for one, rather than of what it asks.
fn may_be_the_request(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Unsupported | FailureKind::Internal | FailureKind::Usage | FailureKind::Integrity
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_that_survive_xml_are_deleted_together() {
        for (key, fits) in [("a b&<>\"'ü/", true), ("a\nb", false), ("a\u{1b}", false), ("\u{85}", false)] {
            assert_eq!(fits_in_xml(key), fits, "{key:?}");
        }
    }
}
