//! How long a store waits for what: one value for all stores, so that tests can shorten it.

use std::time::Duration;

/// How long to wait for what. The defaults are meant for the internet; tests shorten them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For the answer to a request that carries no bytes up.
    pub answer: Duration,
    /// For a multipart upload to be put together; S3 documents minutes.
    pub finish: Duration,
    /// Without a byte going up nor an answer, or without a byte coming down.
    pub stall: Duration,
    /// Before the second attempt; it doubles from there.
    pub first_backoff: Duration,
    /// The longest `Retry-After` that is waited out here; a longer one is the caller's to wait out.
    pub longest_retry_after: Duration,
    /// Attempts; `None` leaves it to the quirks.
    pub attempts: Option<u32>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(20),
            finish: Duration::from_secs(600),
            stall: Duration::from_secs(60),
            first_backoff: Duration::from_millis(500),
            longest_retry_after: Duration::from_secs(5),
            attempts: None,
        }
    }
}
