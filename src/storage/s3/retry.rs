//! What the client tries again by itself, beyond the SDK's own list: what a provider's quirks name (429 is "not now" although
//! the SDK does not think so), `Retry-After` is heeded, and what cannot get better within seconds is handed to the caller at once.

use std::time::Duration;

use aws_sdk_s3::config::interceptors::InterceptorContext;
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::retries::classifiers::RetryClassifierPriority;
use aws_smithy_types::retry::ErrorKind;

use crate::storage::http::{Trouble, retry_after};

/// Runs after the SDK's classifiers and overrules them.
#[derive(Debug)]
pub struct Classifier {
    longest_wait: Duration,
    /// Statuses beyond the SDK's own.
    retried: &'static [u16],
}

impl Classifier {
    /// One that waits out a `Retry-After` of at most so long, and tries these statuses again beside the SDK's own.
    pub fn new(longest_wait: Duration, retried: &'static [u16]) -> Self {
        Self { longest_wait, retried }
    }

    fn by_answer(&self, status: u16, retry_after: Option<Duration>) -> RetryAction {
        let ours = self.retried.contains(&status);
        match retry_after {
            _ if !ours && status != 503 => RetryAction::NoActionIndicated,
            Some(wait) if wait > self.longest_wait => RetryAction::RetryForbidden,
            Some(wait) => RetryAction::retryable_error_with_explicit_delay(ErrorKind::ThrottlingError, wait),
            None if ours => RetryAction::throttling_error(),
            None => RetryAction::NoActionIndicated,
        }
    }
}

impl ClassifyRetry for Classifier {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        if error.is_timeout_error() {
            return RetryAction::RetryForbidden;
        }
        if let Some(connector) = error.as_connector_error() {
            return match Trouble::of(connector) {
                Trouble::Cut => RetryAction::NoActionIndicated,
                _ => RetryAction::RetryForbidden,
            };
        }
        let Some(response) = context.response() else { return RetryAction::NoActionIndicated };
        self.by_answer(response.status().as_u16(), retry_after(response.headers().get("retry-after")))
    }

    fn name(&self) -> &'static str {
        "windlass"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// For a request that is not to be done twice: only an answer that says that nothing was done lets it be tried again.
/// Runs after [`Classifier`], whose waits it keeps.
#[derive(Debug)]
pub struct OnlyIfRefused;

impl ClassifyRetry for OnlyIfRefused {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let refused = context.response().is_some_and(|response| matches!(response.status().as_u16(), 429 | 503));
        match context.output_or_error() {
            Some(Err(_)) if !refused => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "windlass, only if refused"
    }

    fn priority(&self) -> RetryClassifierPriority {
        let after_the_sdk = RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier());
        RetryClassifierPriority::run_after(after_the_sdk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(2);

    #[test]
    fn not_now_is_tried_again_unless_the_wait_is_long() {
        let classifier = Classifier::new(Duration::from_secs(5), &[408, 429]);
        assert_eq!(classifier.by_answer(408, None), RetryAction::throttling_error());
        assert_eq!(classifier.by_answer(429, None), RetryAction::throttling_error());
        let delayed = RetryAction::retryable_error_with_explicit_delay(ErrorKind::ThrottlingError, WAIT);
        assert_eq!(classifier.by_answer(429, Some(WAIT)), delayed);
        assert_eq!(classifier.by_answer(503, Some(WAIT)), delayed);
        assert_eq!(classifier.by_answer(503, Some(Duration::from_secs(60))), RetryAction::RetryForbidden);
        assert_eq!(classifier.by_answer(503, None), RetryAction::NoActionIndicated, "the SDK knows this one");
        assert_eq!(classifier.by_answer(404, Some(WAIT)), RetryAction::NoActionIndicated);
    }
}
