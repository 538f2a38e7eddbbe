//! Stores of the S3 family: one conformance suite against real servers, and answers that only bad servers give.

mod answers;
mod bytes_up;
mod conformance;
mod learning;
mod local;
mod operations;
mod public;
mod refusals;
mod table;
mod versions;

use std::time::Duration;

use windlass::domain::Provider;
use windlass::storage::s3::{Patience, S3Config, S3Store, open};

/// A store at an endpoint, with patience for loopback.
pub fn store_at(provider: Provider, endpoint: &str) -> S3Store {
    store_with(provider, endpoint, |_| ())
}

fn store_with(provider: Provider, endpoint: &str, change: impl FnOnce(&mut S3Config)) -> S3Store {
    let mut config = S3Config::new(provider, "pics", "AKIATEST", "hunter2");
    config.endpoint = Some(endpoint.into());
    config.patience = Patience { first_backoff: Duration::from_millis(1), ..Patience::default() };
    change(&mut config);
    open(config).unwrap()
}
