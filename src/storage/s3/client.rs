//! The SDK's client, set up so that nothing of the user's AWS environment reaches it and no request waits for ever.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_s3::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, ConfigBag, Credentials, IdentityCache, Intercept, Region, RequestChecksumCalculation,
    ResponseChecksumValidation, SharedCredentialsProvider, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::BoxError;
use aws_smithy_runtime_api::http::NonUtf8HeaderHandling;

use crate::domain::Result;

use super::endpoint::OneEndpoint;
use super::place::Place;
use super::quirks::{Quirks, RequiredSum};
use super::retry::{Classifier, OnlyIfRefused};
use super::summed::Md5Instead;
use super::{Patience, S3Config};
use crate::storage::http::Connections;
use crate::storage::http::body::AttemptsCounted;

/// A client for one region.
pub fn build(config: &S3Config, place: &Place, connections: &Connections, endpoint: Option<&str>) -> Client {
    let patience = &config.patience;
    Client::from_conf(settings(config, place, connections, endpoint, Some(patience.answer)).build())
}

/// A client whose requests carry bytes up: as long as they move, each may take any time. One client for all of them,
/// because a change to a single call costs more than sending a small file.
pub fn build_carrier(config: &S3Config, place: &Place, connections: &Connections) -> Client {
    let settings = settings(config, place, connections, place.endpoint.as_deref(), None);
    Client::from_conf(settings.interceptor(AttemptsCounted).build())
}

fn settings(
    config: &S3Config,
    place: &Place,
    connections: &Connections,
    endpoint: Option<&str>,
    attempt: Option<Duration>,
) -> Builder {
    let patience = &config.patience;
    let attempts = patience.attempts.unwrap_or(place.quirks.attempts).max(1);
    let mut builder = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .http_client(SharedHttpClient::new(connections.clone()))
        .region(Region::new(place.region.clone()))
        .credentials_provider(credentials(config))
        .identity_cache(IdentityCache::no_cache())
        .force_path_style(place.path_style)
        .endpoint_resolver(OneEndpoint::default())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .timeout_config(timeouts(patience, attempt))
        // Streams are watched by Windlass itself (`body.rs`, `read.rs`): the SDK takes one that a limit slows for one that
        // stalls, and does not see a server that takes all bytes and never answers.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(RetryConfig::standard().with_max_attempts(attempts).with_initial_backoff(patience.first_backoff))
        // A partition of its own, so that one profile's bad luck does not use up another's retries.
        .retry_partition(RetryPartition::custom("windlass").build())
        .interceptor(AnyHeaders)
        .retry_classifier(Classifier::new(patience.longest_retry_after, place.quirks.retried));
    if let Some(endpoint) = endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    builder
}

/// Metadata that another program wrote in another encoding comes as a header that is no text; it must not hide the object.
#[derive(Debug)]
struct AnyHeaders;

impl Intercept for AnyHeaders {
    fn name(&self) -> &'static str {
        "any headers"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        state.interceptor_state().store_put(NonUtf8HeaderHandling::Skip);
        Ok(())
    }
}

/// Keys that the profile has, or the AWS profile that has them, which keeps what it has fetched by itself.
fn credentials(config: &S3Config) -> SharedCredentialsProvider {
    if let Some(profile) = &config.aws_profile {
        return SharedCredentialsProvider::new(profile.clone());
    }
    let token = config.session_token.as_ref().map(|token| token.expose().to_owned());
    let (id, secret) = (config.access_key_id.clone(), config.secret_access_key.expose());
    SharedCredentialsProvider::new(Credentials::new(id, secret, token, None, "windlass"))
}

fn timeouts(patience: &Patience, attempt: Option<Duration>) -> TimeoutConfig {
    let builder = TimeoutConfig::builder().connect_timeout(patience.connect);
    match attempt {
        Some(limit) => builder.operation_attempt_timeout(limit),
        None => builder.disable_operation_attempt_timeout(),
    }
    .build()
}

/// The change to the call that begins a multipart upload: done twice, it begins two, and of one nobody knows the name. The
/// queue goes on, because it can look for what an answer that was lost has begun.
pub fn beginning() -> Builder {
    Builder::new().retry_classifier(OnlyIfRefused)
}

/// The change to the call that puts a multipart upload together.
pub fn finishing(patience: &Patience) -> Builder {
    Builder::new().timeout_config(timeouts(patience, Some(patience.finish)))
}

/// The change to a call whose body must have a checksum: the one that this service takes.
pub fn summed(quirks: &Quirks) -> Builder {
    match quirks.required_sum {
        RequiredSum::Crc32 => Builder::new(),
        RequiredSum::Md5 => Builder::new().interceptor(Md5Instead),
    }
}
