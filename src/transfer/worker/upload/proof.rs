//! The end of an upload: verified where the bucket's answer did not prove it, then due for its record. A mismatch says what
//! differs and writes none.

use super::Upload;
use crate::domain::display::display;
use crate::domain::{Checksum, Failure, FailureKind, ObjectInfo, Result, Transfer, TransferState};
use crate::storage::Stored;
use crate::transfer::job::{Change, Resume};
use crate::transfer::now;
use crate::transfer::worker::{enter, enter_with_note};

impl<S> Upload<'_, S> {
    /// The bucket has all `size` bytes.
    pub(super) async fn stored(&mut self, stored: Stored, size: u64) -> Result<()> {
        if let Some(name) = stored.key.clone() {
            self.name(&name, stored, size).await?;
            return self.keep_and_record().await;
        }
        if !stored.proven {
            self.save(|transfer, _| enter(transfer, TransferState::Verifying), Vec::new()).await?;
            let (there, checksum) = self.connection.store.head(&self.transfer.key).await?;
            differs(size, stored.checksum.as_ref(), &there, checksum.as_ref()).map_or(Ok(()), Err)?;
        }
        let url = self.connection.store.file_url(&self.transfer.key).await;
        let stored = |transfer: &mut Transfer, resume: &mut Resume| {
            enter_with_note(transfer, TransferState::Recording);
            transfer.attempts = 0;
            transfer.size = Some(size);
            transfer.acknowledged = size;
            transfer.etag = stored.etag.map(Into::into);
            transfer.checksum = stored.checksum.map(Into::into);
            transfer.url = url.map(Into::into);
            transfer.stored_at = Some(now());
            *resume = Resume::default();
        };
        // A small file has none: with ten thousand of them one statement less counts.
        let had_parts = self.begun_before || self.resume.part_size.is_some();
        let forget = had_parts.then(|| Change::ForgetParts(self.id()));
        self.save(stored, forget.into_iter().collect()).await
    }
}

/// How what is there differs from what was sent, where it does.
pub(super) fn differs(
    size: u64,
    sent: Option<&Checksum>,
    there: &ObjectInfo,
    checksum: Option<&Checksum>,
) -> Option<Failure> {
    let what = match (sent, checksum) {
        _ if there.size != size => format!("it has {} bytes, {size} were sent", there.size),
        (Some(sent), Some(there)) if sent.algorithm == there.algorithm && sent != there => {
            format!("its checksum is {there}, {sent} was sent")
        }
        _ => return None,
    };
    let what = format!("{} in the bucket is not what was sent: {what}", display(&there.key));
    Some(Failure::new(FailureKind::Integrity, what).hint("no record was written; look at the object, then retry"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_says_what_differs() {
        let there = ObjectInfo { key: "k".into(), name: None, size: 5, modified: None, etag: None, content_type: None };
        let (one, other) = (Checksum::crc64nvme("AAAA"), Checksum::crc64nvme("BBBB"));
        let said = |size, sum| differs(size, Some(&one), &there, sum).map(|failure| failure.what);
        assert_eq!(said(4, None).as_deref(), Some("k in the bucket is not what was sent: it has 5 bytes, 4 were sent"));
        assert!(said(5, Some(&other)).is_some_and(|what| what.contains("crc64nvme:BBBB, crc64nvme:AAAA was sent")));
        assert_eq!(said(5, Some(&one)), None);
        assert_eq!(said(5, Some(&Checksum::md5("CCCC"))), None, "another kind of checksum says nothing");
    }
}
