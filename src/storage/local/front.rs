//! What stands between the sockets and the S3 operations: CORS, the refusal of what is not to reach the operations, and
//! control characters in answers, which XML takes only as references.

use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{ACCEPT_RANGES, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode};
use percent_encoding::percent_decode_str;
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError, HttpRequest, HttpResponse, S3Error, S3Result, s3_error};

use super::LocalBucket;
use super::cors::Wish;
use super::fault;
use super::index::Index;
use super::ops::Operations;
use crate::domain::Secret;
use crate::domain::link::MAX_EXPIRY_SECONDS;

/// Headers that a presigned request may carry beyond those that its URL signs.
const UNSIGNED: [&str; 3] = ["x-amz-content-sha256", "x-amz-date", "x-amz-user-agent"];

/// Answers requests.
#[derive(Debug, Clone)]
pub struct Front {
    s3: S3Service,
    index: Index,
}

/// The one key pair.
struct Keys {
    access_key_id: String,
    secret_access_key: Secret,
}

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key_id {
            Ok(SecretKey::from(self.secret_access_key.expose()))
        } else {
            Err(s3_error!(InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records."))
        }
    }
}

impl Front {
    /// In front of a bucket.
    pub fn new(bucket: &LocalBucket) -> Self {
        let mut builder = S3ServiceBuilder::new(Operations { store: bucket.store().clone() });
        builder.set_auth(Keys {
            access_key_id: bucket.0.access_key_id.clone(),
            secret_access_key: bucket.0.secret_access_key.clone(),
        });
        Self { s3: builder.build(), index: bucket.store().index.clone() }
    }

    /// Answers one request. An error ends the connection.
    pub async fn answer(self: Arc<Self>, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let bucket = bucket_of(request.uri().path());
        if request.method() == Method::OPTIONS {
            return finish(self.preflight(bucket, request.headers()).await);
        }
        if let Err(refusal) = admissible(&request) {
            return finish(Err(refusal));
        }
        let wish = Wish::of_request(request.method(), request.headers());
        let expects = Expects::of(request.headers());
        let mut response = tidy(self.s3.call(request).await?);
        if expects.is_left_waiting(response.status()) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(wish) = wish {
            response.headers_mut().extend(self.granted(bucket, &wish).await.unwrap_or_default());
        }
        Ok(response)
    }

    async fn preflight(&self, bucket: Option<String>, headers: &HeaderMap) -> S3Result<HttpResponse> {
        let wish = Wish::of_preflight(headers).ok_or_else(|| {
            s3_error!(InvalidRequest, "Insufficient information. Origin and Access-Control-Request-Method are needed.")
        })?;
        let granted = self.granted(bucket, &wish).await.ok_or_else(|| {
            let message = "CORSResponse: This CORS request is not allowed.";
            fault::named("AccessForbidden", StatusCode::FORBIDDEN, message)
        })?;
        let mut response = HttpResponse::new(Body::empty());
        response.headers_mut().extend(granted);
        Ok(response)
    }

    /// The headers for a page that one of the bucket's rules lets in.
    async fn granted(&self, bucket: Option<String>, wish: &Wish) -> Option<HeaderMap> {
        // A bucket that is not there, or an index that fails, grants nothing; the request itself says what is wrong.
        let rules = self.index.cors(&bucket?).await.ok()??;
        wish.granted_by(&rules.cors_rules).map(|rule| wish.answer(rule))
    }
}

/// Whether a client waits for "100 Continue" before it sends a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    /// It does not.
    Nothing,
    /// It does.
    Continue,
    /// It does although there is no body, so that it never comes.
    ContinueForNothing,
}

impl Expects {
    fn of(headers: &HeaderMap) -> Self {
        match (headers.contains_key(EXPECT), headers.get(CONTENT_LENGTH)) {
            (false, _) => Self::Nothing,
            (true, Some(length)) if length == "0" => Self::ContinueForNothing,
            (true, _) => Self::Continue,
        }
    }

    /// Such a client takes the answer for the one to its waiting, and botocore then misreads what follows on the same
    /// connection; S3 ends the connection, and so does this.
    fn is_left_waiting(self, status: StatusCode) -> bool {
        match self {
            Self::Nothing => false,
            Self::Continue => !status.is_success(),
            Self::ContinueForNothing => true,
        }
    }
}

fn finish(answer: S3Result<HttpResponse>) -> Result<HttpResponse, HttpError> {
    answer.or_else(S3Error::to_http_response).map_err(|error| HttpError::new(Box::new(error)))
}

fn bucket_of(path: &str) -> Option<String> {
    let name = path.strip_prefix('/')?.split('/').next()?;
    Some(percent_decode_str(name).decode_utf8().ok()?.into_owned())
}

/// Refuses what the library below would take: forms, which it reads whole into memory before it asks who sent them, the
/// old signatures, and presigned URLs that somebody has put headers to that change what they do.
fn admissible(request: &HttpRequest) -> S3Result<()> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if request.method() == Method::POST
        && text("content-type").trim_start().to_ascii_lowercase().starts_with("multipart/")
    {
        return Err(s3_error!(NotImplemented, "The local bucket does not implement POST forms."));
    }
    let query: Vec<(&str, &str)> = request.uri().query().unwrap_or_default().split('&').map(pair).collect();
    let value = |wanted: &str| query.iter().find(|(name, _value)| *name == wanted).map(|(_name, value)| *value);
    if value("Signature").is_some() || text("authorization").starts_with("AWS ") {
        return Err(s3_error!(InvalidRequest, "The local bucket accepts Signature Version 4 only."));
    }
    let expires: Option<u64> = value("X-Amz-Expires").and_then(|seconds| seconds.parse().ok());
    if expires.is_some_and(|seconds| seconds > MAX_EXPIRY_SECONDS) {
        let message = "X-Amz-Expires must be less than a week (in seconds) that is 604800";
        return Err(fault::named("AuthorizationQueryParametersError", StatusCode::BAD_REQUEST, message));
    }
    value("X-Amz-SignedHeaders").map_or(Ok(()), |signed| only_signed(request.headers(), signed))
}

fn pair(text: &str) -> (&str, &str) {
    text.split_once('=').unwrap_or((text, ""))
}

fn only_signed(headers: &HeaderMap, signed: &str) -> S3Result<()> {
    let signed = percent_decode_str(signed).decode_utf8_lossy();
    let added = headers.keys().map(hyper::header::HeaderName::as_str).find(|name| {
        name.starts_with("x-amz-") && !UNSIGNED.contains(name) && !signed.split(';').any(|one| one == *name)
    });
    match added {
        Some(name) => {
            Err(s3_error!(AccessDenied, "There were headers present in the request which were not signed: {name}"))
        }
        None => Ok(()),
    }
}

/// A 304 has no body, and XML has no control characters.
fn tidy(mut response: HttpResponse) -> HttpResponse {
    if response.status() == StatusCode::NOT_MODIFIED {
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(CONTENT_TYPE);
        response.headers_mut().remove(CONTENT_LENGTH);
        return response;
    }
    let is_xml = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/xml");
    // An object's own bytes say that they can be had in ranges, and are nobody's to change.
    let is_message = is_xml && !response.headers().contains_key(ACCEPT_RANGES);
    let written = if is_message { response.body().bytes() } else { None };
    if let Some(escaped) = written.as_ref().and_then(escape_controls) {
        *response.body_mut() = Body::from(escaped);
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response
}

/// Writes control characters as references, as S3 does; `None` where there are none. Tabs and newlines may stand.
fn escape_controls(xml: &Bytes) -> Option<Bytes> {
    let is_control = |byte: u8| byte < 0x20 && byte != b'\t' && byte != b'\n';
    if !xml.iter().any(|byte| is_control(*byte)) {
        return None;
    }
    let mut escaped = Vec::with_capacity(xml.len() + 64);
    for byte in xml {
        if is_control(*byte) {
            escaped.extend_from_slice(format!("&#x{byte:x};").as_bytes());
        } else {
            escaped.push(*byte);
        }
    }
    Some(escaped.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_references() {
        assert_eq!(escape_controls(&Bytes::from_static(b"<Key>a\x1b\r\n</Key>")).unwrap(), "<Key>a&#x1b;&#xd;\n</Key>");
        assert_eq!(escape_controls(&Bytes::from_static(b"<Key>a\tb</Key>")), None);
    }

    #[test]
    fn a_presigned_url_takes_no_further_amz_headers() {
        let headers = |name: &'static str| [(name.parse().unwrap(), "x".parse().unwrap())].into_iter().collect();
        assert!(only_signed(&headers("x-amz-copy-source"), "host").is_err());
        assert!(only_signed(&headers("x-amz-meta-a"), "host%3Bx-amz-meta-a").is_ok());
        assert!(only_signed(&headers("content-type"), "host").is_ok());
    }
}
