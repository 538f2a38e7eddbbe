//! What Windlass itself recorded of an object when it went up: by that a download is compared where the bucket keeps
//! nothing that would prove it, as R2 and B2 do of what came in parts.

use std::time::Duration;

use super::Connection;
use crate::domain::display::display;
use crate::domain::{Checksum, ObjectInfo, Record};

/// How long a download waits for the catalog, which it can do without.
const PATIENCE: Duration = Duration::from_secs(10);

/// The checksum in the record of an object, if the record is of the same version of it.
pub async fn checksum(connection: &Connection, object: &ObjectInfo) -> Option<Checksum> {
    let asking = connection.catalog.find(&object.key, connection.profile.user_id.as_deref());
    let why = match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(record)) => return of(&record?, object),
        Ok(Err(failure)) => failure.to_string(),
        Err(_elapsed) => "the catalog does not answer".into(),
    };
    let key = display(&object.key);
    tracing::info!("{key} is compared with no record: {why}");
    None
}

/// The same entity tag and the same size are the same bytes; without a tag nothing is known.
fn of(record: &Record, object: &ObjectInfo) -> Option<Checksum> {
    let is_it = object.etag.is_some() && record.etag == object.etag && record.size == Some(object.size);
    record.checksum.clone().filter(|_| is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_record_of_the_same_version_counts() {
        let object = ObjectInfo {
            key: "k".into(),
            name: None,
            size: 5,
            modified: None,
            etag: Some("a-2".into()),
            content_type: None,
        };
        let record = Record {
            id: 1,
            key: "k".into(),
            url: None,
            user_id: "me".into(),
            uploaded_at: None,
            bucket: None,
            size: Some(5),
            content_type: None,
            etag: Some("a-2".into()),
            checksum: Some(Checksum::crc64nvme("AAAA")),
            verified_at: None,
        };
        assert_eq!(of(&record, &object), record.checksum);
        assert_eq!(of(&Record { etag: Some("b-2".into()), ..record.clone() }, &object), None);
        assert_eq!(of(&Record { size: Some(6), ..record.clone() }, &object), None);
        assert_eq!(of(&Record { size: None, ..record.clone() }, &object), None);
        let (untagged, record) = (ObjectInfo { etag: None, ..object }, Record { etag: None, ..record });
        assert_eq!(of(&record, &untagged), None, "no tag is not the same tag");
    }
}
