//! What the discarding server says: the smallest answers that three clients take for S3's. Entity tags are made up, which
//! S3 allows; sizes and checksums are those that were told, so that a look-up fits.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use super::discard::{Memory, Remembered, Request, locked};

/// Keys in every listing.
pub const LISTED: usize = 100_000;

/// Keys a page.
const PAGE: usize = 1000;

/// A made-up entity tag, of a form that nobody takes for an MD5.
const TAG: &str = "\"9e107d9d372bb6826bd81d3542a419d6-1\"";

/// One answer.
pub struct Answer {
    /// Number and reason.
    pub status: &'static str,
    /// Whole lines.
    pub headers: String,
    /// Its bytes.
    pub body: Arc<Vec<u8>>,
    /// What `Content-Length` says where the body is not sent.
    pub length: Option<usize>,
}

impl Answer {
    fn empty(status: &'static str, headers: String) -> Self {
        Self { status, headers, body: Arc::default(), length: None }
    }

    fn xml(body: String) -> Self {
        let headers = "Content-Type: application/xml\r\n".to_owned();
        Self { status: "200 OK", headers, body: Arc::new(body.into_bytes()), length: None }
    }
}

/// Answers one request.
pub fn answer(request: &Request, memory: &Memory) -> Answer {
    let in_bucket = request.path.trim_matches('/').contains('/');
    match (request.method.as_str(), in_bucket) {
        ("PUT", true) if request.parameter("partNumber").is_some() => part(request, memory),
        ("PUT", true) => put(request, memory),
        ("POST", true) if request.parameter("uploads").is_some() => begin(request, memory),
        ("POST", true) => finish(request, memory),
        ("POST", false) => deleted(request),
        ("HEAD", true) => look_up(request, memory),
        ("GET", true) if request.parameter("uploadId").is_some() => Answer::xml("<ListPartsResult/>".into()),
        ("GET", false) if request.parameter("uploads").is_some() => Answer::xml("<ListMultipartUploadsResult/>".into()),
        ("GET", false) if request.parameter("location").is_some() => {
            Answer::xml("<LocationConstraint>us-east-1</LocationConstraint>".into())
        }
        ("GET", false) => list(request),
        ("HEAD", false) => Answer::empty("200 OK", "x-amz-bucket-region: us-east-1\r\n".into()),
        ("DELETE", _) => Answer::empty("204 No Content", String::new()),
        _ => Answer::empty("501 Not Implemented", String::new()),
    }
}

/// Tag and checksum as headers.
fn facts(crc: Option<&str>) -> String {
    let mut headers = format!("ETag: {TAG}\r\n");
    if let Some(crc) = crc {
        let _never_fails = write!(headers, "x-amz-checksum-crc64nvme: {crc}\r\nx-amz-checksum-type: FULL_OBJECT\r\n");
    }
    headers
}

fn crc(request: &Request) -> Option<&str> {
    request.header("x-amz-checksum-crc64nvme")
}

fn put(request: &Request, memory: &Memory) -> Answer {
    let object = Remembered { size: request.length, crc: crc(request).map(str::to_owned) };
    locked(&memory.objects).insert(request.path.clone(), object);
    Answer::empty("200 OK", facts(crc(request)))
}

fn begin(request: &Request, memory: &Memory) -> Answer {
    locked(&memory.uploads).insert(request.path.clone(), 0);
    Answer::xml("<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>".into())
}

fn part(request: &Request, memory: &Memory) -> Answer {
    *locked(&memory.uploads).entry(request.path.clone()).or_default() += request.length;
    Answer::empty("200 OK", facts(crc(request)))
}

fn finish(request: &Request, memory: &Memory) -> Answer {
    let size = locked(&memory.uploads).remove(&request.path).unwrap_or_default();
    let object = Remembered { size, crc: crc(request).map(str::to_owned) };
    locked(&memory.objects).insert(request.path.clone(), object);
    let sum = crc(request).map_or(String::new(), |crc| {
        format!("<ChecksumCRC64NVME>{crc}</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>")
    });
    Answer::xml(format!("<CompleteMultipartUploadResult><ETag>{TAG}</ETag>{sum}</CompleteMultipartUploadResult>"))
}

fn look_up(request: &Request, memory: &Memory) -> Answer {
    let Some(object) = locked(&memory.objects).get(&request.path).cloned() else {
        return Answer::empty("404 Not Found", String::new());
    };
    let dated = "Last-Modified: Thu, 19 Nov 2026 12:00:00 GMT\r\nContent-Type: application/octet-stream\r\n";
    let headers = format!("{}{dated}", facts(object.crc.as_deref()));
    Answer { length: Some(object.size), ..Answer::empty("200 OK", headers) }
}

/// Every key that was named.
fn deleted(request: &Request) -> Answer {
    let body = String::from_utf8_lossy(&request.body);
    let mut answer = String::from("<DeleteResult>");
    if !body.contains("<Quiet>true</Quiet>") {
        for key in body.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>")) {
            let _never_fails = write!(answer, "<Deleted><Key>{}</Key></Deleted>", key.0);
        }
    }
    Answer::xml(answer + "</DeleteResult>")
}

/// One page of keys, made once. The token is the page's number.
fn list(request: &Request) -> Answer {
    static PAGES: OnceLock<Vec<Arc<Vec<u8>>>> = OnceLock::new();
    let pages = PAGES.get_or_init(|| (0..LISTED / PAGE).map(|number| Arc::new(page(number).into_bytes())).collect());
    let number = request.parameter("continuation-token").and_then(|token| token.parse().ok()).unwrap_or(0);
    let body = pages.get(number).cloned().unwrap_or_default();
    Answer { body, ..Answer::xml(String::new()) }
}

/// None of these keys holds a character that `encoding-type=url` would change, so one page is right for every client.
fn page(number: usize) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
    );
    let more = number + 1 < LISTED / PAGE;
    let _never_fails = write!(
        xml,
        "<Name>bucket</Name><Prefix>p/</Prefix><KeyCount>{PAGE}</KeyCount><MaxKeys>{PAGE}</MaxKeys>\
         <EncodingType>url</EncodingType><IsTruncated>{more}</IsTruncated>"
    );
    if more {
        let _never_fails = write!(xml, "<NextContinuationToken>{}</NextContinuationToken>", number + 1);
    }
    for key in number * PAGE..(number + 1) * PAGE {
        let _never_fails = write!(
            xml,
            "<Contents><Key>p/file-{key:08}.dat</Key><LastModified>2026-11-19T12:00:00.000Z</LastModified>\
             <ETag>&quot;9e107d9d372bb6826bd81d3542a419d6&quot;</ETag><Size>{key}</Size>\
             <StorageClass>STANDARD</StorageClass></Contents>"
        );
    }
    xml + "</ListBucketResult>"
}
