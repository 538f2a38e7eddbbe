//! The one place where the SDK's errors become failures that a person can read. First the little that matters is taken
//! out of an error (status, code, words, region, wait), then [`sentence`] decides; nothing else knows a code.

use std::time::Duration;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::domain::{Failure, FailureKind as Kind};

use super::place::Place;
use super::sentences::sentence;
use crate::storage::http::retry_after;
use crate::storage::http::{self, Trouble};

/// The most of a server's own words that a sentence quotes, in characters.
const WORDS: usize = 200;

/// What was being done, for the sentence.
#[derive(Debug, Clone, Copy)]
pub struct Doing<'a> {
    /// As in "cannot …": "list", "write".
    pub verb: &'a str,
    /// The object, where there is one.
    pub key: Option<&'a str>,
}

impl<'a> Doing<'a> {
    /// Something with the whole bucket.
    pub fn bucket(verb: &'a str) -> Self {
        Self { verb, key: None }
    }

    /// Something with one object.
    pub fn object(verb: &'a str, key: &'a str) -> Self {
        Self { verb, key: Some(key) }
    }
}

/// What an error answer says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The S3 error code; HEAD answers have none, nor do those of proxies.
    pub code: Option<String>,
    /// The server's words, for codes that no sentence is written for.
    pub words: Option<String>,
    /// The bucket's region, where the answer names it.
    pub region: Option<String>,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Duration>,
}

/// An error as a failure.
pub fn failure<E>(place: &Place, doing: Doing<'_>, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
            Some(connector) => offline(place, &Trouble::of(connector)),
            None => offline(place, &Trouble::Cut),
        },
        SdkError::TimeoutError(_) => offline(place, &Trouble::TimedOut),
        SdkError::ResponseError(_) if ends_early(error) => offline(place, &Trouble::Cut),
        _ => match answer(error) {
            Some(answer) => sentence(place, doing, &answer),
            None => unsent(place, doing, error),
        },
    }
}

/// Whether the connection ended in the middle of the answer: what was asked may be done. An answer that came whole and
/// makes no sense is something else.
fn ends_early(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut chain = std::iter::successors(Some(error), |error| error.source());
    chain.any(|link| link.is::<hyper::Error>() || link.is::<std::io::Error>())
}

/// What the server answered, where it did.
pub fn answer<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<Answer> {
    let response = error.raw_response()?;
    let meta = error.as_service_error().map(ProvideErrorMetadata::meta);
    let header = |name| response.headers().get(name);
    let region = header("x-amz-bucket-region").filter(|region| is_region(region)).map(str::to_owned);
    Some(Answer {
        status: response.status().as_u16(),
        code: meta.and_then(|meta| meta.code()).map(str::to_owned),
        words: meta.and_then(|meta| meta.message()).map(|words| words.chars().take(WORDS).collect()),
        region: region.or_else(|| response.body().bytes().and_then(region_in)),
        retry_after: retry_after(header("retry-after")),
    })
}

/// The region that the body of an `AuthorizationHeaderMalformed` names.
fn region_in(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Region>")?;
    let (region, _) = rest.split_once("</Region>")?;
    is_region(region).then(|| region.to_owned())
}

/// It becomes part of a host's name, so it must look like a region.
fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether an answer says that the object or upload is not there, which to a delete is as good as done; a bucket that is
/// not there is something else.
pub fn gone<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    answer(error).is_some_and(|answer| answer.status == 404 && answer.code.as_deref() != Some("NoSuchBucket"))
}

/// The region to try instead, where the answer says that this one is wrong.
pub fn right_region<E: ProvideErrorMetadata>(place: &Place, error: &SdkError<E, HttpResponse>) -> Option<String> {
    let answer = answer(error)?;
    let redirected = matches!(answer.status, 301 | 307)
        || matches!(answer.code.as_deref(), Some("AuthorizationHeaderMalformed" | "PermanentRedirect"))
        || (answer.status == 400 && answer.code.is_none());
    answer.region.filter(|region| redirected && *region != place.region)
}

/// A request that never went out: the SDK refused to build it, or a defect.
fn unsent(place: &Place, doing: Doing<'_>, error: &(dyn std::error::Error + 'static)) -> Failure {
    let why = std::iter::successors(Some(error), |error| error.source()).last().map(ToString::to_string);
    let why: String = why.unwrap_or_default().chars().take(WORDS).collect();
    Failure::new(Kind::Internal, format!("the request to {} \"{}\" could not be made: {why}", doing.verb, place.bucket))
}

/// No answer at all.
pub fn offline(place: &Place, trouble: &Trouble) -> Failure {
    let failure = http::offline(&place.host(), trouble);
    match (trouble, place.quirks.hints.host) {
        // A name that the provider does not serve ends in either.
        (Trouble::UnknownHost | Trouble::Tls(_), Some(look)) => failure.hint(look.hint(&place.names)),
        (Trouble::UnknownHost, None) => failure.hint(http::unknown_host(&place.names)),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FieldNames;
    use crate::domain::Provider;
    use crate::storage::s3::S3Config;

    #[test]
    fn what_makes_a_hosts_name_is_to_blame_for_it() {
        let mut config = S3Config::new(Provider::R2, "pics", "k", "s");
        config.account_id = Some("abc".into());
        let hint = |config: &S3Config| offline(&Place::of(config).unwrap(), &Trouble::UnknownHost).hint.unwrap();
        let online = "and whether this machine is online";
        let made = format!("check account_id and jurisdiction in the profile, which make this name, {online}");
        assert_eq!(hint(&config), made);
        config.names = FieldNames::of_variables([("account_id", "R2_ACCOUNT_ID")].into_iter(), None);
        assert_eq!(hint(&config), format!("check R2_ACCOUNT_ID, which makes this name, {online}"));
        config.endpoint = Some("https://proxy.example.org".into());
        config.names =
            FieldNames::of_variables([("account_id", "R2_ACCOUNT_ID")].into_iter(), Some("WINDLASS_ENDPOINT"));
        assert_eq!(hint(&config), format!("check WINDLASS_ENDPOINT, {online}"));
        config.names = FieldNames::Keys;
        assert_eq!(hint(&config), format!("check the endpoint in the profile, {online}"));
    }

    #[test]
    fn a_region_is_read_from_the_body_only_if_it_is_one() {
        let body = b"<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>";
        assert_eq!(region_in(body).as_deref(), Some("eu-west-1"));
        assert_eq!(region_in(b"<Region>a/b</Region>"), None);
        assert_eq!(region_in(b"<Region></Region>"), None);
        assert_eq!(region_in(b"\xff"), None);
    }
}
