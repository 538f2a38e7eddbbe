//! `Content-MD5` in place of the SDK's checksum, for the few requests that must have one: the SDK sends a CRC-32 in a header
//! that R2 and B2 refuse, and has no setting for the older header that all of them take.

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_types::base64;
use md5::{Digest, Md5};

/// Changes the request after the SDK's own interceptor has put its checksum in, and before it is signed.
#[derive(Debug)]
pub struct Md5Instead;

impl Intercept for Md5Instead {
    fn name(&self) -> &'static str {
        "content-md5 instead of a checksum"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let Some(body) = request.body().bytes() else { return Ok(()) };
        let sum = base64::encode(Md5::digest(body));
        let sums: Vec<String> = request
            .headers()
            .iter()
            .map(|(name, _)| name)
            .filter(|name| is_checksum(name))
            .map(str::to_owned)
            .collect();
        for name in sums {
            request.headers_mut().remove(name);
        }
        request.headers_mut().insert("content-md5", sum);
        Ok(())
    }
}

fn is_checksum(header: &str) -> bool {
    header.starts_with("x-amz-checksum-") || header == "x-amz-sdk-checksum-algorithm"
}
