//! Whole objects up in one request, with proof that they arrived, and objects away.

use crate::domain::{Checksum, Failure, FailureKind, Result};
use crate::storage::{Payload, PutOptions, Sent, Stored};

use super::S3Store;
use super::body::Counted;
use super::client::unhurried;
use super::errors::{Doing, gone, offline};
use super::place::Place;
use super::quirks::Proof;
use super::sentences::thing;
use super::transport::Trouble;
use crate::storage::proof::{Hashing, bare_tag, hashing, md5_checksum, md5_tag};

impl S3Store {
    pub(super) async fn put_object(
        &self,
        key: &str,
        body: Payload,
        options: &PutOptions,
        sent: &Sent,
    ) -> Result<Stored> {
        let conditional = options.if_absent && self.at().place.quirks.conditional_put.is_ok();
        if options.if_absent && !conditional {
            self.refuse_if_there(key).await?;
        }
        match self.put_once(key, body.clone(), options, conditional, sent).await {
            // A compatible service without conditional PUT: look first, which is not atomic.
            Err(failure) if conditional && failure.kind == FailureKind::Unsupported => {
                self.refuse_if_there(key).await?;
                self.put_once(key, body, options, false, sent).await
            }
            answer => answer,
        }
    }

    async fn put_once(
        &self,
        key: &str,
        body: Payload,
        options: &PutOptions,
        conditional: bool,
        sent: &Sent,
    ) -> Result<Stored> {
        let at = self.at();
        let patience = &self.config.patience;
        let expected = Expected::begin(at.place.quirks.single_proof, &body);
        let size = body.size();
        let counted = Counted::new(sent);
        let answer = self.call(Doing::object("write", key), |client, bucket| {
            client
                .put_object()
                .bucket(bucket)
                .key(key)
                .set_content_type((!options.content_type.is_empty()).then(|| options.content_type.clone()))
                .set_checksum_crc64_nvme(expected.crc())
                .set_if_none_match(conditional.then(|| "*".into()))
                .body(counted.body(body.bytes.clone()))
                .customize()
                .disable_payload_signing()
                .config_override(unhurried(patience))
                .send()
        });
        let answer =
            counted.watch(patience.stall, answer).await.ok_or_else(|| offline(&at.place, &Trouble::TimedOut))?;
        let stored = match answer {
            Ok(output) => {
                expected.stored(&at.place, key, output.e_tag.as_deref(), output.checksum_crc64_nvme.as_deref()).await?
            }
            // The first attempt's answer may have been lost: what is there already may be what was sent.
            Err(failure) if failure.kind == FailureKind::Exists && counted.attempts() > 1 => {
                let tag = expected.tag().await?;
                self.holds(key, size, expected.checksum(), tag.as_deref()).await?.ok_or(failure)?
            }
            Err(failure) => return Err(failure),
        };
        counted.keep();
        Ok(stored)
    }

    /// `Exists` where the key is taken; for stores that cannot decide it themselves.
    pub(super) async fn refuse_if_there(&self, key: &str) -> Result<()> {
        match self.head_object(key).await {
            Ok(_) => {
                let thing = thing(&self.at().place, Doing::object("write", key));
                Err(Failure::new(FailureKind::Exists, format!("{thing} is there already")))
            }
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// The object as stored, if it is there with this size and this checksum or entity tag.
    pub(super) async fn holds(
        &self,
        key: &str,
        size: u64,
        checksum: Option<&Checksum>,
        tag: Option<&str>,
    ) -> Result<Option<Stored>> {
        let (info, found) = match self.head_object(key).await {
            Err(failure) if failure.kind == FailureKind::NotFound => return Ok(None),
            answer => answer?,
        };
        let same_sum = checksum.is_some() && found.as_ref() == checksum;
        let same_tag = tag.is_some() && info.etag.as_deref() == tag;
        let same = info.size == size && (same_sum || same_tag);
        Ok(same.then(|| Stored { etag: info.etag, checksum: checksum.cloned(), proven: true }))
    }

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
}

/// What an answer must say for the bytes to have arrived.
pub(super) enum Expected {
    /// This checksum, which the service verifies.
    Crc(Checksum),
    /// This MD5 as entity tag; it is computed while the bytes are sent.
    Md5(Hashing, Strictness),
}

/// Whether another entity tag than the MD5 is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// It is: the bytes changed on their way.
    Strict,
    /// It says nothing: the service may make up its tags.
    Lenient,
}

impl Expected {
    /// Begins to compute it.
    pub(super) fn begin(proof: Proof, body: &Payload) -> Self {
        match proof {
            Proof::Crc64Nvme => Self::Crc(body.crc.clone()),
            Proof::EntityTag => Self::Md5(hashing(&body.bytes), Strictness::Strict),
            Proof::EntityTagIfItMatches => Self::Md5(hashing(&body.bytes), Strictness::Lenient),
        }
    }

    /// The checksum to send along.
    pub(super) fn crc(&self) -> Option<String> {
        self.checksum().map(|crc| crc.value.clone())
    }

    /// The checksum that the service keeps.
    pub(super) fn checksum(&self) -> Option<&Checksum> {
        match self {
            Self::Crc(crc) => Some(crc),
            Self::Md5(..) => None,
        }
    }

    /// The entity tag, where it is known beforehand.
    async fn tag(&self) -> Result<Option<String>> {
        match self {
            Self::Crc(_) => Ok(None),
            Self::Md5(hashing, _) => Ok(Some(md5_tag(hashing.clone().await?))),
        }
    }

    /// Compares an answer.
    ///
    /// # Errors
    /// `Integrity` where it shows that other bytes arrived.
    pub(super) async fn stored(
        &self,
        place: &Place,
        key: &str,
        etag: Option<&str>,
        crc: Option<&str>,
    ) -> Result<Stored> {
        let etag = etag.map(bare_tag);
        match self {
            Self::Crc(expected) => match crc {
                Some(crc) if crc != expected.value => Err(damaged(place, key)),
                echo => Ok(Stored { etag, checksum: echo.map(Checksum::crc64nvme), proven: echo.is_some() }),
            },
            Self::Md5(hashing, strictness) => {
                let md5 = hashing.clone().await?;
                let same = etag.as_deref() == Some(md5_tag(md5).as_str());
                if !same && *strictness == Strictness::Strict {
                    return Err(damaged(place, key));
                }
                Ok(Stored { etag, checksum: same.then(|| md5_checksum(md5)), proven: same })
            }
        }
    }
}

/// The failure of bytes that arrived as others.
pub(super) fn damaged(place: &Place, key: &str) -> Failure {
    let thing = thing(place, Doing::object("write", key));
    Failure::new(FailureKind::Integrity, format!("{thing} did not arrive as it was sent")).hint("upload it again")
}
