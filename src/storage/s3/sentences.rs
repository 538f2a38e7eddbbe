//! What a server's refusal means, as a sentence with a remedy. The codes are those of the S3 API reference ("Error
//! responses") and of the R2 and B2 pages on errors; what has no code is judged by its status.

use crate::config::FieldNames;
use crate::domain::{Failure, FailureKind as Kind};

use super::errors::{Answer, Doing};
use super::place::Place;
use super::quirks::KeyShape;

/// The failure that an answer means.
pub fn sentence(place: &Place, doing: Doing<'_>, answer: &Answer) -> Failure {
    let code = answer.code.as_deref().unwrap_or_default();
    by_code(place, doing, answer, code)
        .unwrap_or_else(|| by_status(place, doing, answer))
        .retry_after(answer.retry_after)
}

fn by_code(place: &Place, doing: Doing<'_>, answer: &Answer, code: &str) -> Option<Failure> {
    credentials(place, answer, code)
        .or_else(|| location(place, answer, code))
        .or_else(|| refused_header(answer).then(|| unsupported(place, doing)))
        .or_else(|| state(place, doing, code))
        .or_else(|| content(place, doing, code))
}

/// Some services name a header that they do not know with a code that says nothing of it (B2: "Unsupported header
/// 'x-amz-checksum-crc32'", 400 InvalidArgument).
fn refused_header(answer: &Answer) -> bool {
    let words = answer.words.as_deref().unwrap_or_default().to_lowercase();
    let says = |any: &[&str]| any.iter().any(|part| words.contains(part));
    matches!(answer.status, 400 | 501)
        && says(&["header", "checksum"])
        && says(&["unsupported", "not supported", "not implemented"])
}

fn credentials(place: &Place, answer: &Answer, code: &str) -> Option<Failure> {
    let (what, hint) = match code {
        "InvalidAccessKeyId" => {
            (format!("{} does not know the access key id {}", place.quirks.title, place.key_id), key_hint(place))
        }
        "InvalidArgument" if answer.words.as_deref().is_some_and(|words| words.contains("access key")) => {
            (format!("{} does not take the access key id {}", place.quirks.title, place.key_id), key_hint(place))
        }
        "SignatureDoesNotMatch" => (
            format!("the secret access key does not belong to the access key id {}", place.key_id),
            mismatched(&place.names),
        ),
        "ExpiredToken" | "TokenRefreshRequired" => (
            "the session of these credentials has expired".into(),
            "renew the credentials, then open the profile again".into(),
        ),
        "InvalidToken" | "InvalidSecurity" => {
            ("the session token is not valid".into(), format!("check {}", place.names.credentials(&["session_token"])))
        }
        "Unauthorized" => (format!("{} does not accept these credentials", place.quirks.title), rejected(place)),
        "RequestTimeTooSkewed" => {
            let what = format!("this machine's clock differs too much from {}'s", place.host());
            return Some(Failure::new(Kind::Credentials, what).hint("set the clock, then retry").by_the_clock());
        }
        _ => return None,
    };
    Some(Failure::new(Kind::Credentials, what).hint(hint))
}

fn key_hint(place: &Place) -> String {
    place.quirks.key_hint(&place.key_id, &place.names)
}

/// The remedy where a signature is another one: a wrong region makes one, too, where somebody chose it.
fn mismatched(names: &FieldNames) -> String {
    let region = names.of("region").map(|region| format!("; if it is right, check {region}"));
    format!("check {}{}", names.credentials(&["secret_access_key"]), region.unwrap_or_default())
}

/// The remedy where an answer does not say what of the credentials is wrong.
fn rejected(place: &Place) -> String {
    match place.quirks.key_shape {
        KeyShape::Any => format!("check {}", place.names.credentials(&["access_key_id", "secret_access_key"])),
        _ => key_hint(place),
    }
}

fn location(place: &Place, answer: &Answer, code: &str) -> Option<Failure> {
    let bucket = &place.bucket;
    let failure = match code {
        "NoSuchBucket" => Failure::new(Kind::NoBucket, format!("there is no bucket \"{bucket}\" at {}", place.host()))
            .hint(place.quirks.hints.bucket.hint(&place.names)),
        "InvalidBucketName" => Failure::new(Kind::Usage, format!("\"{bucket}\" cannot be a bucket's name"))
            .hint(format!("check {}", place.names.list(&["bucket"]))),
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "InvalidRegionName"
        | "InvalidRegion" => wrong_region(place, answer),
        _ => return None,
    };
    Some(failure)
}

fn wrong_region(place: &Place, answer: &Answer) -> Failure {
    let what = format!("the bucket \"{}\" is not in the region {}", place.bucket, place.region);
    let right = answer.region.as_ref().and_then(|region| place.names.setting("region", region));
    Failure::new(Kind::Usage, what).hint(match right {
        Some(setting) => format!("set {setting}"),
        None => format!("check {}", place.names.list(&["region", "endpoint"])),
    })
}

fn state(place: &Place, doing: Doing<'_>, code: &str) -> Option<Failure> {
    let thing = thing(place, doing);
    let failure = match code {
        "NoSuchKey" | "NoSuchVersion" => missing(place, doing),
        "NoSuchUpload" => Failure::new(Kind::NotFound, format!("the unfinished upload of {thing} is gone"))
            .hint("start the upload again"),
        "PreconditionFailed" => unmet(place, doing),
        "InvalidRange" => shorter(place, doing),
        "ConditionalRequestConflict" | "OperationAborted" => {
            Failure::new(Kind::Busy, format!("somebody else is writing {thing} at this moment")).hint("retry")
        }
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => denied(place, doing),
        "InvalidObjectState" => Failure::new(Kind::Denied, format!("{thing} is archived and cannot be read now"))
            .hint("restore it from its archive first"),
        "SlowDown"
        | "TooManyRequests"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "Busy"
        | "InternalError"
        | "RequestTimeout"
        | "Throttling" => busy(place),
        "NotImplemented" | "MethodNotAllowed" => unsupported(place, doing),
        _ => return None,
    };
    Some(failure)
}

fn content(place: &Place, doing: Doing<'_>, code: &str) -> Option<Failure> {
    let thing = thing(place, doing);
    let failure = match code {
        "BadDigest" | "InvalidDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch" => {
            Failure::new(Kind::Integrity, format!("{thing} did not arrive as it was sent")).hint("retry")
        }
        "InvalidPart" | "InvalidPartOrder" => {
            Failure::new(Kind::Changed, format!("the bucket does not have every part of {thing} as it was sent"))
                .hint("start the upload again")
        }
        "EntityTooSmall" => {
            Failure::new(Kind::Usage, format!("a part of {thing} is smaller than {} takes", title(place)))
        }
        "EntityTooLarge" => Failure::new(Kind::Usage, format!("{thing} is larger than {} takes", title(place))),
        "KeyTooLongError" | "KeyTooLong" => Failure::new(Kind::Usage, format!("the key of {thing} is too long"))
            .hint("shorten it; 1,024 bytes are the most"),
        "InvalidObjectName" => Failure::new(Kind::Usage, format!("{} does not take the key of {thing}", title(place)))
            .hint("choose another key"),
        "QuotaExceeded" | "StorageCapExceeded" | "InsufficientStorage" => {
            Failure::new(Kind::Denied, format!("the account of \"{}\" is full", place.bucket))
                .hint("raise its limit at the provider, or delete something")
        }
        _ => return None,
    };
    Some(failure)
}

fn by_status(place: &Place, doing: Doing<'_>, answer: &Answer) -> Failure {
    match answer.status {
        301 | 307 => wrong_region(place, answer),
        400 if answer.region.as_ref().is_some_and(|region| *region != place.region) => wrong_region(place, answer),
        401 => Failure::new(Kind::Credentials, format!("{} does not accept these credentials", title(place)))
            .hint(rejected(place)),
        403 => denied(place, doing),
        404 => missing(place, doing),
        405 | 501 => unsupported(place, doing),
        409 => Failure::new(Kind::Busy, format!("somebody else is writing {} at this moment", thing(place, doing)))
            .hint("retry"),
        412 => unmet(place, doing),
        416 => shorter(place, doing),
        429 | 500 | 502 | 503 | 504 => busy(place),
        507 => Failure::new(Kind::DiskFull, format!("the disk under \"{}\" is full", place.bucket))
            .hint("free some space, then retry"),
        _ => unexpected(place, doing, answer),
    }
}

fn denied(place: &Place, doing: Doing<'_>) -> Failure {
    let what = format!("the access key {} may not {} {}", place.key_id, doing.verb, thing(place, doing));
    let looks = ["read", "look up", "list"].iter().any(|verb| doing.verb.starts_with(verb));
    Failure::new(Kind::Denied, what).hint(if looks { place.quirks.hints.read } else { place.quirks.hints.write })
}

fn missing(place: &Place, doing: Doing<'_>) -> Failure {
    match doing.key {
        Some(key) => Failure::new(Kind::NotFound, format!("there is no \"{key}\" in the bucket \"{}\"", place.bucket)),
        None => Failure::new(Kind::NoBucket, format!("there is no bucket \"{}\" at {}", place.bucket, place.host()))
            .hint(place.quirks.hints.bucket.hint(&place.names)),
    }
}

/// A condition was not met: a write was to find nothing there, a read was to find the same object again.
fn unmet(place: &Place, doing: Doing<'_>) -> Failure {
    let thing = thing(place, doing);
    match doing.verb {
        "read" => Failure::new(Kind::Changed, format!("{thing} was replaced while it was read")).hint("start again"),
        _ => Failure::new(Kind::Exists, format!("{thing} is there already")),
    }
}

fn shorter(place: &Place, doing: Doing<'_>) -> Failure {
    Failure::new(Kind::Changed, format!("{} is shorter than it was", thing(place, doing))).hint("start again")
}

fn busy(place: &Place) -> Failure {
    Failure::new(Kind::Busy, format!("{} at {} cannot serve this right now", title(place), place.host()))
        .hint("retry in a moment")
}

fn unsupported(place: &Place, doing: Doing<'_>) -> Failure {
    Failure::new(Kind::Unsupported, format!("{} cannot {} {} this way", title(place), doing.verb, thing(place, doing)))
}

fn unexpected(place: &Place, doing: Doing<'_>, answer: &Answer) -> Failure {
    let code = answer.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    let words = answer.words.as_deref().map(|words| format!(" (\"{words}\")")).unwrap_or_default();
    let doing = format!("cannot {} {}", doing.verb, thing(place, doing));
    let odd = if (200..300).contains(&answer.status) { ", but not as S3 does" } else { "" };
    let answered = format!("{} answered {}{code}{words}{odd}", place.host(), answer.status);
    let failure = Failure::new(Kind::Internal, format!("{doing}: {answered}"));
    match answer.status {
        200..400 => failure.hint("check that the endpoint is an S3 server's"),
        _ => failure,
    }
}

fn title(place: &Place) -> &'static str {
    place.quirks.title
}

/// The object or the bucket, by name.
pub fn thing(place: &Place, doing: Doing<'_>) -> String {
    match doing.key {
        Some(key) => format!("\"{key}\" in \"{}\"", place.bucket),
        None => format!("the bucket \"{}\"", place.bucket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Provider;
    use crate::storage::s3::S3Config;

    fn of(doing: Doing<'_>, status: u16, code: &str) -> Failure {
        by(Provider::S3, "AKIA1", doing, status, code)
    }

    fn by(provider: Provider, key_id: &str, doing: Doing<'_>, status: u16, code: &str) -> Failure {
        let mut config = S3Config::new(provider, "pics", key_id, "hunter2");
        config.endpoint = Some("https://s3.example.org".into());
        let answer = Answer {
            status,
            code: (!code.is_empty()).then(|| code.into()),
            region: Some("eu-west-1".into()),
            ..Answer::default()
        };
        sentence(&Place::of(&config).unwrap(), doing, &answer)
    }

    #[test]
    fn a_refusal_has_the_remedy_in_its_providers_own_words() {
        let (r2, b2) = ("0123456789abcdef0123456789abcdef", "0010123456789ab0000000001");
        let (write, list) = (Doing::object("write", "a.txt"), Doing::bucket("list"));
        for (provider, key_id, doing, status, code, sentence) in [
            (
                Provider::R2,
                r2,
                write,
                403,
                "AccessDenied",
                "the access key 0123456789abcdef0123456789abcdef may not write \"a.txt\" in \"pics\": give the API token \
                 Object Read & Write for this bucket (R2, Manage API tokens)",
            ),
            (
                Provider::R2,
                r2,
                list,
                404,
                "NoSuchBucket",
                "there is no bucket \"pics\" at s3.example.org:443: check bucket and account_id in the profile; a bucket of \
                 a jurisdiction needs jurisdiction = \"eu\" or its like",
            ),
            (
                Provider::R2,
                "token",
                list,
                400,
                "InvalidAccessKeyId",
                "R2 does not know the access key id token: R2's access key ids have 32 characters; take the Access Key ID of \
                 the API token, not the token itself",
            ),
            (
                Provider::R2,
                r2,
                list,
                401,
                "Unauthorized",
                "R2 does not accept these credentials: check access_key_id in the profile, and that its API token is of \
                 this account and still valid",
            ),
            (
                Provider::B2,
                "0123456789ab",
                list,
                403,
                "InvalidAccessKeyId",
                "B2 does not know the access key id 0123456789ab: this is the account's master key, which B2's S3 API does \
                 not take; make an application key for the bucket",
            ),
            (
                Provider::B2,
                b2,
                list,
                403,
                "AccessDenied",
                "the access key 0010123456789ab0000000001 may not list the bucket \"pics\": use an application key that may \
                 read in this bucket; many are for one bucket alone",
            ),
            (
                Provider::B2,
                b2,
                write,
                403,
                "",
                "the access key 0010123456789ab0000000001 may not write \"a.txt\" in \"pics\": use an application key that \
                 may write in this bucket (Read and Write); many are for one bucket alone",
            ),
            (
                Provider::B2,
                b2,
                list,
                404,
                "",
                "there is no bucket \"pics\" at s3.example.org:443; check bucket in the profile, and that the endpoint is \
                 the one on the bucket's page: a region has only its own",
            ),
        ] {
            assert_eq!(by(provider, key_id, doing, status, code).sentence(), sentence);
        }
    }

    #[test]
    fn every_refusal_names_the_thing_and_the_remedy() {
        let read = Doing::object("read", "a.txt");
        let write = Doing::object("write", "a.txt");
        let list = Doing::bucket("list");
        let cases = [
            (list, 403, "InvalidAccessKeyId", Kind::Credentials, "AKIA1"),
            (list, 403, "SignatureDoesNotMatch", Kind::Credentials, "check secret_access_key"),
            (list, 400, "ExpiredToken", Kind::Credentials, "expired"),
            (list, 403, "RequestTimeTooSkewed", Kind::Credentials, "set the clock"),
            (list, 403, "AccessDenied", Kind::Denied, "may not list the bucket \"pics\""),
            (list, 404, "NoSuchBucket", Kind::NoBucket, "no bucket \"pics\" at s3.example.org:443"),
            (list, 301, "PermanentRedirect", Kind::Usage, "set region = \"eu-west-1\""),
            (list, 301, "", Kind::Usage, "set region = \"eu-west-1\""),
            (list, 400, "AuthorizationHeaderMalformed", Kind::Usage, "not in the region us-east-1"),
            (read, 404, "NoSuchBucket", Kind::NoBucket, "no bucket \"pics\""),
            (read, 404, "NoSuchKey", Kind::NotFound, "there is no \"a.txt\" in the bucket \"pics\""),
            (read, 404, "", Kind::NotFound, "a.txt"),
            (read, 403, "", Kind::Denied, "missing object looks the same"),
            (read, 412, "PreconditionFailed", Kind::Changed, "was replaced"),
            (write, 412, "PreconditionFailed", Kind::Exists, "is there already"),
            (write, 409, "ConditionalRequestConflict", Kind::Busy, "somebody else"),
            (write, 404, "NoSuchUpload", Kind::NotFound, "is gone"),
            (write, 503, "SlowDown", Kind::Busy, "s3.example.org:443"),
            (write, 429, "TooManyRequests", Kind::Busy, "right now"),
            (write, 501, "NotImplemented", Kind::Unsupported, "this way"),
            (write, 400, "InvalidPart", Kind::Changed, "does not have every part"),
            (write, 400, "BadDigest", Kind::Integrity, "did not arrive as it was sent"),
            (write, 418, "Teapot", Kind::Internal, "answered 418 Teapot"),
            (list, 200, "", Kind::Internal, "check that the endpoint is an S3 server's"),
        ];
        for (doing, status, code, kind, words) in cases {
            let failure = of(doing, status, code);
            assert_eq!(failure.kind, kind, "{status} {code}: {failure}");
            assert!(failure.sentence().contains(words), "{status} {code}: {failure}");
            assert!(!failure.sentence().contains("hunter2"));
            assert_eq!(failure.by_clock, code == "RequestTimeTooSkewed", "{failure}");
        }
    }
}
