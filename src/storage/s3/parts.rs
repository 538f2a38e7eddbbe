//! Multipart uploads: begun, sent part by part, put together with proof, or aborted. Every step can be taken twice,
//! because after a restart nobody knows whether the last one's answer was lost.

use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart};

use crate::domain::{Checksum, Failure, FailureKind, Result};
use crate::storage::{Part, Payload, PutOptions, Sent, Stored, UploadId};

use super::S3Store;
use super::client::{beginning, finishing};
use super::errors::{Doing, gone, offline};
use super::learned::Known;
use super::place::Place;
use super::quirks::Proof;
use super::sentences::thing;
use super::write::{Expected, damaged};
use crate::storage::http::Trouble;
use crate::storage::http::body::Counted;
use crate::storage::proof::{bare_tag, joined, multipart_tag};

/// What the parts are to make.
#[derive(Debug, Clone, Copy)]
pub struct Whole<'a> {
    /// All of them, in order.
    pub parts: &'a [Part],
    /// Bytes of the whole.
    pub size: u64,
    /// The whole's CRC-64/NVME, where the caller knows it.
    pub checksum: Option<&'a Checksum>,
}

impl Whole<'_> {
    /// The whole's checksum: from the parts, else the caller's.
    ///
    /// # Errors
    /// `Changed` where the parts are not what the caller has read, `Integrity` where their sizes are not.
    fn checked(&self, place: &Place, key: &str) -> Result<Option<Checksum>> {
        let thing = thing(place, Doing::object("write", key));
        let sum: u64 = self.parts.iter().map(|part| part.size).sum();
        if sum != self.size {
            let what = format!("the parts of {thing} have {sum} bytes together, not {}", self.size);
            return Err(Failure::new(FailureKind::Integrity, what).hint("start the upload again"));
        }
        match (joined(self.parts), self.checksum.filter(|checksum| checksum.algorithm == "crc64nvme")) {
            (Some(sent), Some(read)) if sent != *read => {
                Err(Failure::new(FailureKind::Changed, format!("the source of {thing} changed while it was sent"))
                    .hint("start the upload again"))
            }
            (sent, read) => Ok(sent.or_else(|| read.cloned())),
        }
    }
}

impl S3Store {
    /// Whether the key is free is decided by the last step.
    pub(super) async fn begin_parts(&self, key: &str, options: &PutOptions) -> Result<UploadId> {
        let asked = self.at().place.quirks.multipart_proof;
        let lesson = &self.learned.part_crc;
        let mut refused = None;
        for proof in lesson.candidates(asked) {
            match self.begin_parts_with(key, options, proof).await {
                Err(failure) if lesson.may_be_refused(proof, &failure) => refused = Some(failure),
                Err(failure) => return Err(failure),
                Ok(id) if proof == Proof::Crc64NvmeIfEchoed => return Ok(id),
                Ok(id) => {
                    lesson.judge(asked, proof, false);
                    return Ok(id);
                }
            }
        }
        Err(refused.unwrap_or_else(no_way))
    }

    async fn begin_parts_with(&self, key: &str, options: &PutOptions, proof: Proof) -> Result<UploadId> {
        let checked = matches!(proof, Proof::Crc64Nvme | Proof::Crc64NvmeIfEchoed);
        let begun = self
            .call(Doing::object("write", key), |client, bucket| {
                client
                    .create_multipart_upload()
                    .bucket(bucket)
                    .key(key)
                    .set_content_type((!options.content_type.is_empty()).then(|| options.content_type.clone()))
                    .set_checksum_algorithm(checked.then_some(ChecksumAlgorithm::Crc64Nvme))
                    .set_checksum_type(checked.then_some(ChecksumType::FullObject))
                    .customize()
                    .config_override(beginning())
                    .send()
            })
            .await?;
        begun.upload_id.filter(|id| !id.is_empty()).map(UploadId).ok_or_else(|| {
            let what = format!("{} began an upload without naming it", self.at().place.host());
            Failure::new(FailureKind::Internal, what)
        })
    }

    pub(super) async fn put_part(
        &self,
        key: &str,
        id: &UploadId,
        number: u32,
        body: Payload,
        sent: &Sent,
    ) -> Result<Part> {
        let asked = self.at().place.quirks.part_proof();
        let lesson = &self.learned.part_crc;
        let mut refused = None;
        for proof in lesson.candidates(asked) {
            match self.put_part_with(key, (id, number), &body, proof, sent).await {
                Err(failure) if lesson.may_be_refused(proof, &failure) => refused = Some(failure),
                Err(failure) => return Err(failure),
                Ok((part, echoed)) => {
                    lesson.judge(asked, proof, echoed);
                    return Ok(part);
                }
            }
        }
        Err(refused.unwrap_or_else(no_way))
    }

    async fn put_part_with(
        &self,
        key: &str,
        (id, number): (&UploadId, u32),
        body: &Payload,
        proof: Proof,
        sent: &Sent,
    ) -> Result<(Part, bool)> {
        let at = self.at();
        let expected = Expected::begin(proof, body);
        let counted = Counted::new(sent);
        let answer = self.carry(Doing::object("write", key), |client, bucket| {
            client
                .upload_part()
                .bucket(bucket)
                .key(key)
                .upload_id(&id.0)
                .part_number(ordinal(number))
                .set_checksum_crc64_nvme(expected.crc())
                .body(counted.body(body.bytes.clone()))
                .send()
        });
        let stall = self.config.patience.stall;
        let answer = counted.watch(stall, answer).await.ok_or_else(|| offline(&at.place, &Trouble::TimedOut))?;
        let output = answer?;
        let echo = output.checksum_crc64_nvme.as_deref();
        let stored = expected.stored(&at.place, key, output.e_tag.as_deref(), echo).await?;
        counted.keep();
        let etag = stored.etag.unwrap_or_default();
        Ok((Part { number, size: body.size(), etag, checksum: Some(body.crc.clone()) }, echo.is_some()))
    }

    pub(super) async fn finish_parts(
        &self,
        key: &str,
        id: &UploadId,
        whole: Whole<'_>,
        if_absent: bool,
    ) -> Result<Stored> {
        let place = &self.at().place;
        let sum = whole.checked(place, key)?;
        let conditional = if_absent && place.quirks.conditional_finish;
        let free = if if_absent && !conditional { self.refuse_if_there(key).await } else { Ok(()) };
        let answer = match free {
            Ok(()) => self.complete(key, id, whole, sum.as_ref(), conditional).await,
            Err(failure) => Err(failure),
        };
        match answer {
            // Perhaps it was finished before, and the answer was lost: then the object is there.
            Err(failure) if matches!(failure.kind, FailureKind::NotFound | FailureKind::Exists) => {
                let tag = multipart_tag(whole.parts);
                let stored = self.holds(key, whole.size, sum.as_ref(), tag.as_deref()).await?;
                let stored = stored.ok_or_else(|| failure.clone())?;
                if failure.kind == FailureKind::Exists {
                    // Or somebody else has stored the same: then this upload is still open.
                    self.abort_parts(key, id).await?;
                }
                Ok(stored)
            }
            answer => answer,
        }
    }

    async fn complete(
        &self,
        key: &str,
        id: &UploadId,
        whole: Whole<'_>,
        sum: Option<&Checksum>,
        conditional: bool,
    ) -> Result<Stored> {
        let kept = sum.filter(|_| self.keeps_sums());
        let output = self
            .call(Doing::object("write", key), |client, bucket| {
                client
                    .complete_multipart_upload()
                    .bucket(bucket)
                    .key(key)
                    .upload_id(&id.0)
                    .multipart_upload(completed(whole.parts, kept.is_some()))
                    .set_checksum_crc64_nvme(kept.map(|sum| sum.value.clone()))
                    .set_checksum_type(kept.map(|_| ChecksumType::FullObject))
                    .set_mpu_object_size(kept.and_then(|_| i64::try_from(whole.size).ok()))
                    .set_if_none_match(conditional.then(|| "*".into()))
                    .customize()
                    .config_override(finishing(&self.config.patience))
                    .send()
            })
            .await?;
        // A checksum of checksums is not the whole's.
        let whole_sum = output.checksum_crc64_nvme.filter(|sum| !sum.contains('-'));
        let echo = whole_sum.map(Checksum::crc64nvme);
        proven(&self.at().place, key, &whole, sum, output.e_tag.as_deref(), echo)
    }

    /// Whether the service is known to keep the checksums of parts, so that the last step may name them.
    fn keeps_sums(&self) -> bool {
        match self.at().place.quirks.multipart_proof {
            Proof::Crc64Nvme => true,
            Proof::Crc64NvmeIfEchoed => self.learned.part_crc.get() == Known::Does,
            Proof::EntityTag | Proof::EntityTagIfItMatches => false,
        }
    }

    pub(super) async fn abort_parts(&self, key: &str, id: &UploadId) -> Result<()> {
        self.call(Doing::object("abort the upload of", key), |client, bucket| {
            let answer = client.abort_multipart_upload().bucket(bucket).key(key).upload_id(&id.0).send();
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

/// Compares the answer of the last step.
fn proven(
    place: &Place,
    key: &str,
    whole: &Whole<'_>,
    sum: Option<&Checksum>,
    etag: Option<&str>,
    echo: Option<Checksum>,
) -> Result<Stored> {
    let etag = etag.map(bare_tag);
    match (place.quirks.multipart_proof, &echo, sum) {
        (Proof::Crc64Nvme | Proof::Crc64NvmeIfEchoed, Some(echo), Some(sum)) if echo != sum => Err(damaged(place, key)),
        (Proof::Crc64Nvme | Proof::Crc64NvmeIfEchoed, Some(_), Some(_)) => {
            Ok(Stored { key: None, etag, checksum: echo, proven: true })
        }
        (Proof::Crc64Nvme, ..) => Ok(Stored { key: None, etag, checksum: echo, proven: false }),
        (proof, ..) => {
            let same = etag.is_some() && etag == multipart_tag(whole.parts);
            if !same && proof == Proof::EntityTag {
                return Err(damaged(place, key));
            }
            Ok(Stored { key: None, etag, checksum: None, proven: same })
        }
    }
}

fn no_way() -> Failure {
    Failure::new(FailureKind::Internal, "no way of writing is known")
}

fn completed(parts: &[Part], with_sums: bool) -> CompletedMultipartUpload {
    let part = |part: &Part| {
        let sum = part.checksum.as_ref().filter(|sum| with_sums && sum.algorithm == "crc64nvme");
        CompletedPart::builder()
            .part_number(ordinal(part.number))
            .e_tag(format!("\"{}\"", part.etag))
            .set_checksum_crc64_nvme(sum.map(|sum| sum.value.clone()))
            .build()
    };
    CompletedMultipartUpload::builder().set_parts(Some(parts.iter().map(part).collect())).build()
}

/// A part's number as the SDK wants it; above its range the service refuses it, as it should.
fn ordinal(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Provider;
    use crate::storage::proof::crc64nvme;
    use crate::storage::s3::S3Config;

    fn checked(parts: &[Part], size: u64, checksum: Option<&Checksum>) -> Result<Option<Checksum>> {
        let mut config = S3Config::new(Provider::Local, "pics", "KEY", "secret");
        config.endpoint = Some("http://127.0.0.1:1".into());
        Whole { parts, size, checksum }.checked(&Place::of(&config)?, "k")
    }

    fn part(number: u32, bytes: &[u8]) -> Part {
        Part { number, size: bytes.len() as u64, etag: String::new(), checksum: Some(crc64nvme(bytes)) }
    }

    #[test]
    fn parts_must_be_what_was_read() {
        let parts = [part(1, b"1234"), part(2, b"56789")];
        let whole = crc64nvme(b"123456789");
        assert_eq!(checked(&parts, 9, None).unwrap(), Some(whole.clone()));
        assert_eq!(checked(&parts, 9, Some(&whole)).unwrap(), Some(whole.clone()));
        let other = checked(&parts, 9, Some(&crc64nvme(b"987654321"))).unwrap_err();
        assert_eq!(other.kind, FailureKind::Changed);
        assert_eq!(checked(&parts, 10, None).unwrap_err().kind, FailureKind::Integrity);
        let unknown = [Part { checksum: None, ..part(1, b"123456789") }];
        assert_eq!(checked(&unknown, 9, Some(&whole)).unwrap(), Some(whole));
        assert_eq!(checked(&unknown, 9, None).unwrap(), None);
    }
}
