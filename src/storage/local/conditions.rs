//! Conditional requests: RFC 9110 section 13 for reading, S3's `If-None-Match: *` and `If-Match` for writing. Entity tags
//! are compared as strings; ours are all strong.

use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Error, S3Result, s3_error};

use super::times::{http_date, seconds, timestamp};

/// What the object in question looks like.
#[derive(Debug, Clone, Copy)]
pub struct State<'a> {
    /// Its entity tag.
    pub etag: &'a str,
    /// When it was written, whole seconds since 1970.
    pub modified: i64,
}

/// The conditions of a GET, a HEAD or a copy's source.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// `If-Match`.
    pub matches: Option<ETagCondition>,
    /// `If-None-Match`.
    pub none_matches: Option<ETagCondition>,
    /// `If-Modified-Since`.
    pub modified_since: Option<Timestamp>,
    /// `If-Unmodified-Since`.
    pub unmodified_since: Option<Timestamp>,
}

impl Reading {
    /// Whether the request goes on.
    ///
    /// # Errors
    /// `PreconditionFailed`, or `NotModified` with the headers that RFC 9110 wants in a 304.
    pub fn check(&self, state: State<'_>) -> S3Result<()> {
        match &self.matches {
            Some(condition) if !holds(condition, state.etag) => return Err(failed("If-Match")),
            None if self.unmodified_since.as_ref().is_some_and(|time| state.modified > seconds(time)) => {
                return Err(failed("If-Unmodified-Since"));
            }
            _ => {}
        }
        match &self.none_matches {
            Some(condition) if holds(condition, state.etag) => Err(not_modified(state)),
            None if self.modified_since.as_ref().is_some_and(|time| state.modified <= seconds(time)) => {
                Err(not_modified(state))
            }
            _ => Ok(()),
        }
    }

    /// The same for a copy's source, where nothing is ever "not modified".
    ///
    /// # Errors
    /// `PreconditionFailed`.
    pub fn check_source(&self, state: State<'_>) -> S3Result<()> {
        self.check(state).map_err(|_either| failed("x-amz-copy-source-if"))
    }
}

/// The conditions of a write.
#[derive(Debug, Clone, Default)]
pub struct Writing {
    /// `If-Match`.
    pub matches: Option<ETagCondition>,
    /// `If-None-Match`.
    pub none_matches: Option<ETagCondition>,
}

impl Writing {
    /// Whether the write may happen over what is there now.
    ///
    /// # Errors
    /// `PreconditionFailed`, or `NoSuchKey` for an `If-Match` without an object.
    pub fn check(&self, present: Option<&str>) -> S3Result<()> {
        match (&self.matches, present) {
            (Some(_), None) => return Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
            (Some(condition), Some(etag)) if !holds(condition, etag) => return Err(failed("If-Match")),
            _ => {}
        }
        match (&self.none_matches, present) {
            (Some(condition), Some(etag)) if holds(condition, etag) => Err(failed("If-None-Match")),
            _ => Ok(()),
        }
    }
}

fn holds(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(wanted) => wanted.value() == etag,
    }
}

fn failed(condition: &str) -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold: {condition}")
}

fn not_modified(state: State<'_>) -> S3Error {
    let mut error = s3_error!(NotModified);
    let mut headers = hyper::HeaderMap::new();
    if let Ok(etag) = ETag::Strong(state.etag.to_owned()).to_http_header() {
        headers.insert(hyper::header::ETAG, etag);
    }
    if let Some(date) = http_date(&timestamp(state.modified)).and_then(|date| date.parse().ok()) {
        headers.insert(hyper::header::LAST_MODIFIED, date);
    }
    error.set_headers(headers);
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use s3s::S3ErrorCode;

    const STATE: State<'static> = State { etag: "abc", modified: 1000 };

    fn tag(value: &str) -> Option<ETagCondition> {
        Some(ETagCondition::ETag(ETag::Strong(value.into())))
    }

    fn code(result: S3Result<()>) -> Option<S3ErrorCode> {
        result.err().map(|error| error.code().clone())
    }

    #[test]
    fn a_matching_tag_outranks_the_date_as_rfc_9110_orders_them() {
        let reading = Reading { matches: tag("abc"), unmodified_since: Some(timestamp(1)), ..Reading::default() };
        assert_eq!(code(reading.check(STATE)), None);
        let reading = Reading { none_matches: tag("x"), modified_since: Some(timestamp(5000)), ..Reading::default() };
        assert_eq!(code(reading.check(STATE)), None);
    }

    #[test]
    fn conditions_that_fail_say_which_way() {
        let reading = Reading { matches: tag("x"), ..Reading::default() };
        assert_eq!(code(reading.check(STATE)), Some(S3ErrorCode::PreconditionFailed));
        let reading = Reading { unmodified_since: Some(timestamp(999)), ..Reading::default() };
        assert_eq!(code(reading.check(STATE)), Some(S3ErrorCode::PreconditionFailed));
        let reading = Reading { none_matches: tag("abc"), ..Reading::default() };
        assert_eq!(code(reading.check(STATE)), Some(S3ErrorCode::NotModified));
        let reading = Reading { modified_since: Some(timestamp(1000)), ..Reading::default() };
        assert_eq!(code(reading.check(STATE)), Some(S3ErrorCode::NotModified));
        assert_eq!(code(reading.check_source(STATE)), Some(S3ErrorCode::PreconditionFailed));
    }

    #[test]
    fn writing_only_where_nothing_is_or_only_over_what_is_known() {
        let absent = Writing { none_matches: Some(ETagCondition::Any), ..Writing::default() };
        assert_eq!(code(absent.check(None)), None);
        assert_eq!(code(absent.check(Some("abc"))), Some(S3ErrorCode::PreconditionFailed));
        let known = Writing { matches: tag("abc"), ..Writing::default() };
        assert_eq!(code(known.check(Some("abc"))), None);
        assert_eq!(code(known.check(Some("x"))), Some(S3ErrorCode::PreconditionFailed));
        assert_eq!(code(known.check(None)), Some(S3ErrorCode::NoSuchKey));
    }
}
