//! Whole objects up in one request, with proof that they arrived.

use crate::domain::display::display;
use crate::domain::{Checksum, Failure, FailureKind, Result};
use crate::storage::{Payload, PutOptions, Sent, Stored};

use super::S3Store;
use super::errors::{Doing, offline};
use super::place::Place;
use super::quirks::Proof;
use super::sentences::thing;
use crate::storage::http::Trouble;
use crate::storage::http::body::Counted;
use crate::storage::proof::{Hashing, bare_tag, hashing, md5_checksum, md5_tag};

impl S3Store {
    pub(super) async fn put_object(
        &self,
        key: &str,
        body: Payload,
        options: &PutOptions,
        sent: &Sent,
    ) -> Result<Stored> {
        let quirks = self.at().place.quirks;
        let lesson = &self.learned.single_crc;
        let mut refused = None;
        let has_condition = options.if_absent || options.if_match.is_some();
        for conditional in conditions(has_condition, quirks.conditional_put.is_ok()) {
            if !conditional {
                // Looking first is not atomic, but all that such a service allows.
                self.look_first(key, options).await?;
            }
            for proof in lesson.candidates(quirks.single_proof) {
                match self.put_once(key, &body, options, conditional, proof, sent).await {
                    Err(failure) if lesson.may_be_refused(proof, &failure) => refused = Some(failure),
                    Err(failure) => return Err(as_unmet(failure, options, key)),
                    Ok((stored, echoed)) => {
                        echoed.into_iter().for_each(|echoed| lesson.judge(quirks.single_proof, proof, echoed));
                        return Ok(stored);
                    }
                }
            }
        }
        Err(refused.unwrap_or_else(|| Failure::new(FailureKind::Internal, "no way of writing is known")))
    }

    /// Answers also whether the service echoed the checksum; `None` where its answer was lost, which shows nothing of it.
    async fn put_once(
        &self,
        key: &str,
        body: &Payload,
        options: &PutOptions,
        conditional: bool,
        proof: Proof,
        sent: &Sent,
    ) -> Result<(Stored, Option<bool>)> {
        let at = self.at();
        let expected = Expected::begin(proof, body);
        let size = body.size();
        let counted = Counted::new(sent);
        let answer = self.carry(Doing::object("write", key), |client, bucket| {
            client
                .put_object()
                .bucket(bucket)
                .key(key)
                .set_content_type((!options.content_type.is_empty()).then(|| options.content_type.clone()))
                .set_checksum_crc64_nvme(expected.crc())
                .set_if_none_match((conditional && options.if_absent).then(|| "*".into()))
                .set_if_match(options.if_match.as_ref().filter(|_| conditional).map(|tag| format!("\"{tag}\"")))
                .body(counted.body(body.bytes.clone()))
                .send()
        });
        let stall = self.config.patience.stall;
        let answer = counted.watch(stall, answer).await.ok_or_else(|| offline(&at.place, &Trouble::TimedOut))?;
        let stored = match answer {
            Ok(output) => {
                let echo = output.checksum_crc64_nvme();
                (expected.stored(&at.place, key, output.e_tag(), echo).await?, Some(echo.is_some()))
            }
            // The first attempt's answer may have been lost: what is there already may be what was sent.
            Err(failure) if failure.kind == FailureKind::Exists && counted.attempts() > 1 => {
                let tag = expected.tag().await?;
                (self.holds(key, size, Some(&body.crc), tag.as_deref()).await?.ok_or(failure)?, None)
            }
            Err(failure) => return Err(failure),
        };
        counted.keep();
        Ok(stored)
    }

    /// What the conditions say, asked beforehand.
    async fn look_first(&self, key: &str, options: &PutOptions) -> Result<()> {
        if options.if_absent {
            self.refuse_if_there(key).await?;
        }
        match &options.if_match {
            Some(tag) if self.look_up(key).await?.0.etag.as_ref() != Some(tag) => Err(replaced(key)),
            _ => Ok(()),
        }
    }

    /// `Exists` where the key is taken; for stores that cannot decide it themselves.
    pub(super) async fn refuse_if_there(&self, key: &str) -> Result<()> {
        match self.look_up(key).await {
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
        let (info, found) = match self.look_up(key).await {
            Err(failure) if failure.kind == FailureKind::NotFound => return Ok(None),
            answer => answer?,
        };
        let same_sum = checksum.is_some() && found.as_ref() == checksum;
        let same_tag = tag.is_some() && info.etag.as_deref() == tag;
        let same = info.size == size && (same_sum || same_tag);
        Ok(same.then(|| Stored { key: None, etag: info.etag, checksum: checksum.cloned(), proven: true }))
    }
}

/// A condition that was not met: to whoever wanted to replace one object, that is another one now.
fn as_unmet(failure: Failure, options: &PutOptions, key: &str) -> Failure {
    if failure.kind == FailureKind::Exists && options.if_match.is_some() { replaced(key) } else { failure }
}

fn replaced(key: &str) -> Failure {
    Failure::new(FailureKind::Changed, format!("{} is another object now", display(key)))
        .hint("read it again before it is replaced")
}

/// Whether to send the condition: first with it, then without, where the service refuses it.
fn conditions(if_absent: bool, possible: bool) -> impl Iterator<Item = bool> {
    [true, false].into_iter().skip(usize::from(!(if_absent && possible))).take(1 + usize::from(if_absent && possible))
}

/// What an answer must say for the bytes to have arrived.
pub(super) struct Expected {
    proof: Proof,
    payload: Payload,
    /// The MD5, where it is computed while the bytes are sent.
    hashing: Option<Hashing>,
}

impl Expected {
    /// Begins to compute what the proof needs.
    pub(super) fn begin(proof: Proof, payload: &Payload) -> Self {
        let by_tag = matches!(proof, Proof::EntityTag | Proof::EntityTagIfItMatches);
        Self { proof, payload: payload.clone(), hashing: by_tag.then(|| hashing(&payload.bytes)) }
    }

    /// The checksum to send along.
    pub(super) fn crc(&self) -> Option<String> {
        self.hashing.is_none().then(|| self.payload.crc.value.clone())
    }

    /// The MD5, computed now unless that began before.
    async fn md5(&self) -> Result<[u8; 16]> {
        self.hashing.clone().unwrap_or_else(|| hashing(&self.payload.bytes)).await
    }

    /// The entity tag, where the service may have made it of the bytes.
    async fn tag(&self) -> Result<Option<String>> {
        match self.proof {
            Proof::Crc64Nvme => Ok(None),
            _ => Ok(Some(md5_tag(self.md5().await?))),
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
        echo: Option<&str>,
    ) -> Result<Stored> {
        let etag = etag.map(bare_tag);
        match (self.proof, echo) {
            (Proof::Crc64Nvme | Proof::Crc64NvmeIfEchoed, Some(echo)) if echo != self.payload.crc.value => {
                Err(damaged(place, key))
            }
            (Proof::Crc64Nvme | Proof::Crc64NvmeIfEchoed, Some(_)) => {
                Ok(Stored { key: None, etag, checksum: Some(self.payload.crc.clone()), proven: true })
            }
            (Proof::Crc64Nvme, None) => Ok(Stored { key: None, etag, checksum: None, proven: false }),
            (proof, _) => {
                let md5 = self.md5().await?;
                let same = etag.as_deref() == Some(md5_tag(md5).as_str());
                if !same && proof == Proof::EntityTag {
                    return Err(damaged(place, key));
                }
                Ok(Stored { key: None, etag, checksum: same.then(|| md5_checksum(md5)), proven: same })
            }
        }
    }
}

/// The failure of bytes that arrived as others.
pub(super) fn damaged(place: &Place, key: &str) -> Failure {
    let thing = thing(place, Doing::object("write", key));
    Failure::new(FailureKind::Integrity, format!("{thing} did not arrive as it was sent")).hint("upload it again")
}
