//! A store that misbehaves on purpose: a decorator of the real trait that refuses, loses answers or stands still where the
//! test says, and counts what it is asked.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::home::noise;
use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::Semaphore;
use windlass::domain::{Capabilities, Checksum, Failure, FailureKind, Link, ListPage, ObjectInfo, Result};
use windlass::storage::{
    Download, ListRequest, ObjectStore, OpenUpload, Part, PartRules, Payload, PutOptions, Sent, Stored, UploadId,
    UploadLink,
};

/// What goes wrong. Counts are of calls that are still to go wrong.
#[derive(Debug, Default)]
pub struct Faults {
    /// What every put meets before anything happens, until the test says otherwise.
    pub every_put: Mutex<Option<Failure>>,
    /// What every look at an object meets, until the test says otherwise.
    pub every_head: Mutex<Option<Failure>>,
    /// Looks that were asked for.
    pub heads_asked: AtomicU64,
    /// Answers of puts let through before every further one stands still; `None` at first lets all through.
    pub held_put_answers: Option<Semaphore>,
    /// Puts that were asked for.
    pub puts_asked: AtomicU64,
    /// Puts refused with "busy" before anything happens.
    pub busy_puts: AtomicU64,
    /// Puts whose answer is lost after the bucket did the work.
    pub lost_put_answers: AtomicU64,
    /// Parts refused with "busy".
    pub busy_parts: AtomicU64,
    /// Multipart uploads whose "begun" answer is lost.
    pub lost_begin_answers: AtomicU64,
    /// Multipart uploads that have begun wait for one of these before they say so; `None` lets all say so.
    pub held_begin_answers: Option<Semaphore>,
    /// Multipart uploads whose "finished" answer is lost.
    pub lost_finish_answers: AtomicU64,
    /// What every abort meets before anything happens, until the test says otherwise.
    pub every_abort: Mutex<Option<Failure>>,
    /// What every list of multipart uploads meets, until the test says otherwise.
    pub every_upload_list: Mutex<Option<Failure>>,
    /// Aborts let through before every further one stands still; `None` at first lets all through.
    pub aborts_before_standstill: Option<Semaphore>,
    /// Aborts that were asked for.
    pub aborts_asked: AtomicU64,
    /// Parts let through before every further one stands still; `None` at first lets all through.
    pub parts_before_standstill: Option<Semaphore>,
    /// Parts that reached the bucket.
    pub parts_sent: AtomicU64,
    /// Puts that reached the bucket.
    pub puts_sent: AtomicU64,
    /// Reads let through before every further one stands still.
    pub gets_before_standstill: Option<Semaphore>,
    /// Bodies that are cut after their first [`CUT_AFTER`] bytes.
    pub cut_gets: AtomicU64,
    /// Bodies whose first byte is not what the bucket sent.
    pub wrong_gets: AtomicU64,
    /// Reads after which the object is replaced by one of as many bytes.
    pub replacing_gets: AtomicU64,
    /// What was read: from where on, and how many bytes.
    pub gets: Mutex<Vec<(u64, Option<u64>)>>,
    /// Bytes of bodies that were handed on.
    pub bytes_got: AtomicU64,
}

/// Bytes that a body has before it is cut.
pub const CUT_AFTER: u64 = 3 << 20;

/// The decorator.
pub struct Faulty {
    inner: Arc<dyn ObjectStore>,
    faults: Arc<Faults>,
}

impl Faulty {
    /// Around a real store.
    pub fn around(inner: Arc<dyn ObjectStore>, faults: Arc<Faults>) -> Arc<dyn ObjectStore> {
        Arc::new(Self { inner, faults })
    }
}

fn strikes(count: &AtomicU64) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

/// A body that is counted, and cut or wrong where it is to be.
fn through(
    body: BoxStream<'static, Result<Bytes>>,
    faults: Arc<Faults>,
    left: u64,
    wrong: bool,
) -> BoxStream<'static, Result<Bytes>> {
    stream::try_unfold((body, left, wrong), move |(mut body, left, wrong)| {
        let faults = faults.clone();
        async move {
            if left == 0 {
                return lost();
            }
            let Some(bytes) = body.next().await.transpose()? else { return Ok(None) };
            let mut bytes = bytes.to_vec();
            bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            bytes[0] ^= u8::from(wrong);
            let count = bytes.len() as u64;
            faults.bytes_got.fetch_add(count, Ordering::SeqCst);
            Ok(Some((Bytes::from(bytes), (body, left - count, false))))
        }
    })
    .boxed()
}

fn busy<T>() -> Result<T> {
    Err(Failure::new(FailureKind::Busy, "the bucket says \"slow down\"").retry_after(Some(Duration::from_millis(20))))
}

fn lost<T>() -> Result<T> {
    Err(Failure::new(FailureKind::Offline, "the connection broke").retry_after(Some(Duration::from_millis(20))))
}

#[async_trait]
impl ObjectStore for Faulty {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn part_rules(&self) -> PartRules {
        self.inner.part_rules()
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.inner.list(request).await
    }

    async fn head(&self, key: &str) -> Result<(ObjectInfo, Option<Checksum>)> {
        self.faults.heads_asked.fetch_add(1, Ordering::SeqCst);
        let failure = self.faults.every_head.lock().unwrap().clone();
        match failure {
            Some(failure) => Err(failure),
            None => self.inner.head(key).await,
        }
    }

    async fn get(&self, key: &str, offset: u64, length: Option<u64>, if_match: Option<&str>) -> Result<Download> {
        if let Some(gate) = &self.faults.gets_before_standstill {
            gate.acquire().await.unwrap().forget();
        }
        self.faults.gets.lock().unwrap().push((offset, length));
        let download = self.inner.get(key, offset, length, if_match).await?;
        if strikes(&self.faults.replacing_gets) {
            let length = usize::try_from(download.info.size).unwrap();
            let another = noise(length, 1000 + self.faults.replacing_gets.load(Ordering::SeqCst));
            self.inner.put(key, Bytes::from(another).into(), &PutOptions::default(), &Sent::default()).await?;
        }
        let left = if strikes(&self.faults.cut_gets) { CUT_AFTER } else { u64::MAX };
        let wrong = strikes(&self.faults.wrong_gets);
        let body = through(download.body, self.faults.clone(), left, wrong);
        Ok(Download { body, ..download })
    }

    async fn put(&self, key: &str, body: Payload, options: &PutOptions, sent: &Sent) -> Result<Stored> {
        self.faults.puts_asked.fetch_add(1, Ordering::SeqCst);
        if let Some(failure) = self.faults.every_put.lock().unwrap().clone() {
            return Err(failure);
        }
        if strikes(&self.faults.busy_puts) {
            return busy();
        }
        let stored = self.inner.put(key, body, options, sent).await?;
        self.faults.puts_sent.fetch_add(1, Ordering::SeqCst);
        if let Some(gate) = &self.faults.held_put_answers {
            gate.acquire().await.unwrap().forget();
        }
        if strikes(&self.faults.lost_put_answers) { lost() } else { Ok(stored) }
    }

    async fn begin_upload(&self, key: &str, options: &PutOptions) -> Result<UploadId> {
        let id = self.inner.begin_upload(key, options).await?;
        if let Some(gate) = &self.faults.held_begin_answers {
            gate.acquire().await.unwrap().forget();
        }
        if strikes(&self.faults.lost_begin_answers) { lost() } else { Ok(id) }
    }

    async fn upload_part(&self, key: &str, id: &UploadId, number: u32, body: Payload, sent: &Sent) -> Result<Part> {
        if strikes(&self.faults.busy_parts) {
            return busy();
        }
        if let Some(gate) = &self.faults.parts_before_standstill {
            gate.acquire().await.unwrap().forget();
        }
        let part = self.inner.upload_part(key, id, number, body, sent).await?;
        self.faults.parts_sent.fetch_add(1, Ordering::SeqCst);
        Ok(part)
    }

    async fn list_parts(&self, key: &str, id: &UploadId) -> Result<Vec<Part>> {
        self.inner.list_parts(key, id).await
    }

    async fn finish_upload(
        &self,
        key: &str,
        id: &UploadId,
        parts: &[Part],
        size: u64,
        checksum: Option<&Checksum>,
        if_absent: bool,
    ) -> Result<Stored> {
        let stored = self.inner.finish_upload(key, id, parts, size, checksum, if_absent).await?;
        if strikes(&self.faults.lost_finish_answers) { lost() } else { Ok(stored) }
    }

    async fn abort_upload(&self, key: &str, id: &UploadId) -> Result<()> {
        self.faults.aborts_asked.fetch_add(1, Ordering::SeqCst);
        if let Some(failure) = self.faults.every_abort.lock().unwrap().clone() {
            return Err(failure);
        }
        if let Some(gate) = &self.faults.aborts_before_standstill {
            gate.acquire().await.unwrap().forget();
        }
        self.inner.abort_upload(key, id).await
    }

    async fn list_uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>> {
        if let Some(failure) = self.faults.every_upload_list.lock().unwrap().clone() {
            return Err(failure);
        }
        self.inner.list_uploads(prefix).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.inner.delete(key).await
    }

    fn deletes_at_once(&self) -> usize {
        self.inner.deletes_at_once()
    }

    async fn delete_many(&self, keys: &[String]) -> Result<Vec<(String, Failure)>> {
        self.inner.delete_many(keys).await
    }

    async fn link(&self, key: &str, expires: Duration, download_as: Option<&str>) -> Result<Link> {
        self.inner.link(key, expires, download_as).await
    }

    async fn upload_link(
        &self,
        key: &str,
        content_type: &str,
        size: Option<u64>,
        expires: Duration,
    ) -> Result<UploadLink> {
        self.inner.upload_link(key, content_type, size, expires).await
    }

    async fn public_link(&self, key: &str) -> Option<Link> {
        self.inner.public_link(key).await
    }

    async fn file_urls(&self, keys: &[&str]) -> Vec<Option<String>> {
        self.inner.file_urls(keys).await
    }

    fn uri(&self, key: &str) -> String {
        self.inner.uri(key)
    }
}
