//! A store that misbehaves on purpose: a decorator of the real trait that refuses, loses answers or stands still where the
//! test says, and counts what it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use windlass::domain::{Capabilities, Checksum, Failure, FailureKind, Link, ListPage, ObjectInfo, Result};
use windlass::storage::{
    Download, ListRequest, ObjectStore, OpenUpload, Part, PartRules, Payload, PutOptions, Sent, Stored, UploadId,
    UploadLink,
};

/// What goes wrong. Counts are of calls that are still to go wrong.
#[derive(Debug, Default)]
pub struct Faults {
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
    /// Parts let through before every further one stands still; `None` at first lets all through.
    pub parts_before_standstill: Option<Semaphore>,
    /// Parts that reached the bucket.
    pub parts_sent: AtomicU64,
    /// Puts that reached the bucket.
    pub puts_sent: AtomicU64,
}

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
        self.inner.head(key).await
    }

    async fn get(&self, key: &str, offset: u64, length: Option<u64>, if_match: Option<&str>) -> Result<Download> {
        self.inner.get(key, offset, length, if_match).await
    }

    async fn put(&self, key: &str, body: Payload, options: &PutOptions, sent: &Sent) -> Result<Stored> {
        if strikes(&self.faults.busy_puts) {
            return busy();
        }
        let stored = self.inner.put(key, body, options, sent).await?;
        self.faults.puts_sent.fetch_add(1, Ordering::SeqCst);
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
        self.inner.abort_upload(key, id).await
    }

    async fn list_uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>> {
        self.inner.list_uploads(prefix).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.inner.delete(key).await
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

    fn public_url(&self, key: &str) -> Option<String> {
        self.inner.public_url(key)
    }

    fn file_url(&self, key: &str) -> Option<String> {
        self.inner.file_url(key)
    }

    fn uri(&self, key: &str) -> String {
        self.inner.uri(key)
    }
}
