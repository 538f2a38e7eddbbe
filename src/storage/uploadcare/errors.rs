//! What Uploadcare's refusals mean, as sentences with a remedy. The Upload API answers in plain text, or with 200 and an
//! `error` object; the REST API with `detail` (both references, "Errors").

use serde_json::Value;

use super::wire::Reply;
use crate::config::FieldNames;
use crate::domain::{Failure, FailureKind as Kind, Result, joined};

/// The most of a server's own words that a sentence quotes, in characters.
const WORDS: usize = 200;

/// The most of them that is looked at.
const READ: usize = 4096;

/// What a request was for.
#[derive(Debug, Clone, Copy)]
pub struct Doing<'a> {
    /// As in "cannot …": `upload`, `look up`.
    pub verb: &'a str,
    /// The file's name or id, where there is one.
    pub file: Option<&'a str>,
    /// The project's public key.
    pub public_key: &'a str,
    /// What the profile's fields are called.
    pub names: &'a FieldNames,
}

impl Doing<'_> {
    fn sentence(&self) -> String {
        match self.file {
            Some(file) => format!("cannot {} \"{file}\"", self.verb),
            None => format!("cannot {}", self.verb),
        }
    }
}

/// What a refusal says.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    status: u16,
    /// In lower case, for comparing.
    says: String,
    words: String,
}

/// The answer, unless it is a refusal.
///
/// # Errors
/// What the refusal means.
pub fn granted(doing: Doing<'_>, reply: Reply) -> Result<Reply> {
    match refusal(&reply) {
        Some(refusal) => Err(failure(doing, &refusal, &reply)),
        None => Ok(reply),
    }
}

/// Whether an answer says that a multipart upload has been put together before.
pub fn is_complete_already(reply: &Reply) -> bool {
    refusal(reply).is_some_and(|refusal| refusal.says.contains("already uploaded"))
}

/// The status that counts: that of the `error` object where there is one.
pub fn status(reply: &Reply) -> u16 {
    refusal(reply).map_or(reply.status, |refusal| refusal.status)
}

fn refusal(reply: &Reply) -> Option<Refusal> {
    let json: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let envelope = json.as_ref().and_then(|json| json.get("error")).filter(|error| error.is_object());
    let succeeded = (200..300).contains(&reply.status);
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let (status, words) = match (envelope, &json) {
        (Some(error), _) => {
            let status = error.get("status_code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
            (status.unwrap_or(400), text(error, "content").unwrap_or_default())
        }
        (None, _) if succeeded => return None,
        (None, Some(json)) => (reply.status, text(json, "detail").unwrap_or_else(|| json.to_string())),
        (None, None) => (reply.status, String::from_utf8_lossy(&reply.body).trim().to_owned()),
    };
    let words: String = words.chars().take(READ).collect();
    Some(Refusal { status, says: words.to_lowercase(), words: without_urls(&words) })
}

/// A server's words, of which no more than a sentence is quoted. They may quote a URL that was to be fetched, whole, in part
/// or in another spelling, and it may be signed.
pub fn without_urls(words: &str) -> String {
    let plain = words.split_whitespace().map(|word| if is_of_a_url(word) { "the URL" } else { word });
    plain.collect::<Vec<_>>().join(" ").chars().take(WORDS).collect()
}

/// A MIME type has one slash, too.
fn is_of_a_url(word: &str) -> bool {
    word.contains(['?', '&', '=', '%']) || word.starts_with('/') || word.matches('/').count() > 1
}

fn failure(doing: Doing<'_>, refusal: &Refusal, reply: &Reply) -> Failure {
    credentials(doing, refusal)
        .or_else(|| account(doing, refusal))
        .or_else(|| file(doing, refusal))
        .unwrap_or_else(|| by_status(doing, refusal, reply))
        .retry_after(reply.retry_after)
}

fn credentials(doing: Doing<'_>, refusal: &Refusal) -> Option<Failure> {
    let says = |any: &[&str]| any.iter().any(|part| refusal.says.contains(part));
    let key = doing.public_key;
    let place = |keys: &[&'static str]| doing.names.credentials(keys);
    let (what, hint) = if says(&["signature` is required", "expire` is required"]) {
        let hint = format!("set {}, or turn signed uploads off in the project", place(&["secret_key"]));
        ("the project takes signed uploads only".into(), hint)
    } else if says(&["expired signature"]) {
        let what = "the upload's signature had expired when it arrived";
        return Some(Failure::new(Kind::Credentials, what).hint("check this machine's clock").by_the_clock());
    } else if says(&["invalid signature", "secret key not found"]) {
        let what = format!("the secret key does not belong to the public key {key}");
        (what, format!("check {}", place(&["secret_key"])))
    } else if says(&["pub_key is", "public key", "marked as removed"]) {
        let what = format!("Uploadcare does not know the public key {key}");
        (what, format!("check {}", place(&["public_key"])))
    } else if refusal.status == 401 {
        let hint = format!("check {}, and this machine's clock", place(&["public_key", "secret_key"]));
        ("Uploadcare does not accept these keys".into(), hint)
    } else {
        return None;
    };
    Some(Failure::new(Kind::Credentials, what).hint(hint))
}

fn account(doing: Doing<'_>, refusal: &Refusal) -> Option<Failure> {
    let denied = |what: String, hint: &str| Some(Failure::new(Kind::Denied, what).hint(hint));
    if refusal.says.starts_with("account has") || refusal.says.contains("operations limit") {
        return denied(format!("Uploadcare refuses the account: {}", refusal.words), "see the project's billing page");
    }
    if refusal.says.contains("autostore is disabled") {
        let key = doing.names.credentials(&["secret_key"]);
        let hint = format!("turn on automatic file storing in the project's settings, or set {key}");
        return denied("the project does not keep files that are uploaded with its public key alone".into(), &hint);
    }
    None
}

fn file(doing: Doing<'_>, refusal: &Refusal) -> Option<Failure> {
    let says = |any: &[&str]| any.iter().any(|part| refusal.says.contains(part));
    let what = |why: &str| joined(&doing.sentence(), why);
    if refusal.status == 413 || says(&["file is too large", "exceeds project limit", "size of the request"]) {
        let failure = Failure::new(Kind::Usage, what("it is larger than the project takes"));
        return Some(failure.hint("raise the limit in the project's settings, or send a smaller file"));
    }
    if says(&["not all parts uploaded", "wrong parts size", "more than expected"]) {
        return Some(Failure::new(Kind::Changed, what("Uploadcare does not have all of its parts")));
    }
    if refusal.status == 404 && !refusal.says.starts_with('<') {
        return Some(Failure::new(Kind::NotFound, what("the project has no such file")));
    }
    None
}

fn by_status(doing: Doing<'_>, refusal: &Refusal, reply: &Reply) -> Failure {
    let what = |why: &str| joined(&doing.sentence(), why);
    match refusal.status {
        429 => Failure::new(Kind::Busy, what("Uploadcare limits the rate of requests")),
        500.. => Failure::new(Kind::Busy, what(&format!("Uploadcare answered {}", refusal.status))),
        _ if refusal.says.starts_with('<') => {
            Failure::new(Kind::Usage, format!("what answers at {} is not Uploadcare's API", reply.host))
                .hint("check upload_base and api_base in the profile (WINDLASS_UPLOAD_BASE, WINDLASS_API_BASE)")
        }
        403 => Failure::new(Kind::Denied, what(&format!("Uploadcare refuses it: {}", refusal.words))),
        400 => Failure::new(Kind::Usage, what(&format!("Uploadcare refuses it: {}", refusal.words))),
        status => Failure::new(Kind::Internal, what(&format!("Uploadcare answered {status}: {}", refusal.words))),
    }
}

/// An answer that nobody expected.
pub fn strange(doing: Doing<'_>, why: &str) -> Failure {
    Failure::new(Kind::Internal, format!("{}: Uploadcare's answer {why}", doing.sentence()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn said(status: u16, body: &str) -> Failure {
        let doing =
            Doing { verb: "upload", file: Some("a.png"), public_key: "demopublickey", names: &FieldNames::Keys };
        let body = body.to_owned().into();
        let reply = Reply { status, retry_after: None, etag: None, body, host: "api.example".into() };
        granted(doing, reply).unwrap_err()
    }

    #[test]
    fn what_uploadcare_says_becomes_a_sentence_with_a_remedy() {
        for (status, body, kind, sentence) in [
            (
                403,
                "UPLOADCARE_PUB_KEY is invalid.",
                Kind::Credentials,
                "Uploadcare does not know the public key demopublickey: check public_key in the profile",
            ),
            (
                200,
                r#"{"error":{"status_code":403,"content":"UPLOADCARE_PUB_KEY is invalid.","error_code":"X"}}"#,
                Kind::Credentials,
                "Uploadcare does not know the public key demopublickey: check public_key in the profile",
            ),
            (
                400,
                "`signature` is required.",
                Kind::Credentials,
                "the project takes signed uploads only: set secret_key in the profile, or turn signed uploads off in \
                 the project",
            ),
            (
                401,
                r#"{"detail":"Invalid signature. Please check your Secret key."}"#,
                Kind::Credentials,
                "the secret key does not belong to the public key demopublickey: check secret_key in \
                 the profile",
            ),
            (
                400,
                "File size exceeds project limit.",
                Kind::Usage,
                "cannot upload \"a.png\": it is larger than the project takes; raise the limit in the project's settings, \
                 or send a smaller file",
            ),
            (
                404,
                r#"{"detail":"Not found."}"#,
                Kind::NotFound,
                "cannot upload \"a.png\": the project has no such file",
            ),
            (
                404,
                "<!DOCTYPE html><title>404</title>",
                Kind::Usage,
                "what answers at api.example is not Uploadcare's API: check upload_base and api_base in the profile \
                 (WINDLASS_UPLOAD_BASE, WINDLASS_API_BASE)",
            ),
            (
                403,
                "Account has been blocked.",
                Kind::Denied,
                "Uploadcare refuses the account: Account has been blocked.; see the project's billing page",
            ),
            (
                400,
                "Uploading of these file types is not allowed.",
                Kind::Usage,
                "cannot upload \"a.png\"; Uploadcare refuses it: Uploading of these file types is not allowed.",
            ),
            (
                400,
                "File size mismatch. Not all parts uploaded?",
                Kind::Changed,
                "cannot upload \"a.png\": Uploadcare does not have all of its parts",
            ),
            (
                429,
                "Request was throttled.",
                Kind::Busy,
                "cannot upload \"a.png\": Uploadcare limits the rate of requests",
            ),
            (502, "", Kind::Busy, "cannot upload \"a.png\": Uploadcare answered 502"),
        ] {
            let failure = said(status, body);
            assert_eq!((failure.kind, failure.sentence().as_str()), (kind, sentence), "{status} {body}");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_is_told_from_wrong_keys() {
        let by_clock = |words: &str| said(403, words).by_clock;
        assert!(by_clock("Expired signature.") && !by_clock("Invalid signature."));
    }

    #[test]
    fn no_part_of_a_url_is_quoted() {
        for body in [
            "cannot read https://x/?X-Amz-Signature=1 of yours",
            "403 for /?x-amz-signature%3D1 of X",
            r#"{"detail":"bad X-Amz-Signature=1"}"#,
            r#"{"error":{"status_code":400,"content":"x/y/signature has no file"}}"#,
        ] {
            let failure = said(400, body);
            assert!(!failure.sentence().to_lowercase().contains("signature"), "{failure}");
        }
        assert!(said(400, "image/svg is not allowed").what.ends_with("image/svg is not allowed"));
    }

    #[test]
    fn a_success_is_no_refusal_whatever_words_it_has() {
        let doing = Doing { verb: "upload", file: None, public_key: "k", names: &FieldNames::Keys };
        let reply = Reply {
            status: 200,
            retry_after: Some(Duration::from_secs(1)),
            etag: None,
            body: r#"{"error":null,"detail":"x"}"#.into(),
            host: String::new(),
        };
        assert!(granted(doing, reply).is_ok());
    }
}
