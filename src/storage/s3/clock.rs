//! What time it is by the bucket's clock, which decides when a presigned URL has ended: every answer says it, whatever else
//! it says.

use std::sync::{Arc, OnceLock};

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use chrono::{DateTime, Utc};

use super::S3Store;
use super::errors::Doing;

/// Keeps the `Date` of the first answer (RFC 9110, section 6.6.1).
#[derive(Debug, Clone, Default)]
struct Dated(Arc<OnceLock<DateTime<Utc>>>);

impl Intercept for Dated {
    fn name(&self) -> &'static str {
        "the date of an answer"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let text = context.response().headers().get("date");
        if let Some(date) = text.and_then(|text| DateTime::parse_from_rfc2822(text).ok()) {
            let _the_first_counts = self.0.set(date.to_utc());
        }
        Ok(())
    }
}

impl S3Store {
    /// Asked by a look at this object.
    pub(super) async fn time_there(&self, key: &str) -> Option<DateTime<Utc>> {
        let dated = Dated::default();
        let look = self.call(Doing::object("look up", key), |client, bucket| {
            client.head_object().bucket(bucket).key(key).customize().interceptor(dated.clone()).send()
        });
        let _also_a_refusal_has_a_date = look.await;
        dated.0.get().copied()
    }
}
