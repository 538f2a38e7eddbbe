//! Versions: what a bucket keeps of an object that was replaced or deleted by name, and bills for. They are listed page by
//! page and removed one by one; the SDK has no paginator for them.

use aws_sdk_s3::types::{DeleteMarkerEntry, EncodingType, ObjectVersion};

use crate::domain::{Result, Version, VersionPage};

use super::S3Store;
use super::errors::{Doing, gone};
use super::list::{Names, time};

impl S3Store {
    pub(super) async fn versions_page(&self, prefix: &str, from: Option<&str>) -> Result<VersionPage> {
        let (version, key) = from.and_then(|from| from.split_once('\n')).unzip();
        let page = self
            .call(Doing::bucket("list the versions in"), |client, bucket| {
                client
                    .list_object_versions()
                    .bucket(bucket)
                    .prefix(prefix)
                    .encoding_type(EncodingType::Url)
                    .set_key_marker(key.map(str::to_owned))
                    .set_version_id_marker(version.filter(|version| !version.is_empty()).map(str::to_owned))
                    .send()
            })
            .await?;
        let names = Names::of(page.encoding_type());
        let objects = page.versions.unwrap_or_default().into_iter().filter_map(|version| object(version, names));
        let markers = page.delete_markers.unwrap_or_default().into_iter().filter_map(|marker| hidden(marker, names));
        let mut versions: Vec<Version> = objects.chain(markers).filter(|one| one.key.starts_with(prefix)).collect();
        versions.sort_by(|one, other| {
            let age = other.is_latest.cmp(&one.is_latest).then(other.modified.cmp(&one.modified));
            one.key.cmp(&other.key).then(age)
        });
        let next = page.next_key_marker.filter(|_| page.is_truncated.unwrap_or_default());
        let next = next.map(|key| mark(page.next_version_id_marker.as_deref(), &names.decoded(key)));
        // A server that claims more at the same place is not asked for ever.
        Ok(VersionPage { versions, next: next.filter(|next| Some(next.as_str()) != from) })
    }

    pub(super) async fn remove_version(&self, key: &str, version: &str) -> Result<()> {
        self.call(Doing::object("remove a version of", key), |client, bucket| {
            let answer = client.delete_object().bucket(bucket).key(key).version_id(version).send();
            async {
                match answer.await {
                    Err(error) if gone(&error) => Ok(()),
                    answer => answer.map(drop),
                }
            }
        })
        .await
    }
}

/// Where a page ended; an id of a version has no line end, a key may.
fn mark(version: Option<&str>, key: &str) -> String {
    format!("{}\n{key}", version.unwrap_or_default())
}

fn object(version: ObjectVersion, names: Names) -> Option<Version> {
    Some(Version {
        key: names.decoded(version.key?),
        id: version.version_id?,
        size: version.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        modified: version.last_modified.as_ref().and_then(time),
        // A service that does not say which one is seen must not have it taken for a hidden one.
        is_latest: version.is_latest.unwrap_or(true),
        is_marker: false,
    })
}

fn hidden(marker: DeleteMarkerEntry, names: Names) -> Option<Version> {
    Some(Version {
        key: names.decoded(marker.key?),
        id: marker.version_id?,
        size: 0,
        modified: marker.last_modified.as_ref().and_then(time),
        is_latest: marker.is_latest.unwrap_or_default(),
        is_marker: true,
    })
}
