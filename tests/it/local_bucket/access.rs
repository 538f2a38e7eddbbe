//! Who may do what: signatures, presigned URLs with their expiry, and pages of other origins.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{CorsConfiguration, CorsRule};
use windlass::domain::Secret;

use super::{BUCKET, code, get, put};
use crate::support::bucket::{TestBucket, client};
use crate::support::http::{Answer, request};

const HOUR: Duration = Duration::from_secs(3600);

/// A request as it stands on the wire.
async fn send(url: &str, method: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    request(method, url, &headers, body).await
}

/// What an answer says, and a header of it, in lower case.
trait Said {
    fn text(&self) -> String;
    fn header(&self, name: &str) -> Option<&str>;
}

impl Said for Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_key_are_refused() {
    let bucket = TestBucket::start().await;
    let mut wrong = bucket.access().clone();
    wrong.secret_access_key = Secret::new("wrong");
    assert_eq!(code(client(&wrong).list_objects_v2().bucket(BUCKET).send().await), "SignatureDoesNotMatch");
    let mut unknown = bucket.access().clone();
    unknown.access_key_id = "WLASNOBODY0000000000".into();
    assert_eq!(code(client(&unknown).list_objects_v2().bucket(BUCKET).send().await), "InvalidAccessKeyId");
    let anonymous = send(&format!("{}{}", bucket.access().endpoint, "/windlass"), "GET", &[], b"").await;
    assert_eq!(anonymous.status, 403);
    assert!(anonymous.text().contains("AccessDenied"), "{}", anonymous.text());
}

#[tokio::test]
async fn a_presigned_url_reads_one_object_until_it_expires() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    put(&client, "ein Bild.png", b"pixels").await;
    let request = client.get_object().bucket(BUCKET).key("ein Bild.png");
    let request = request.response_content_disposition("attachment; filename=\"b.png\"");
    let link = request.clone().presigned(PresigningConfig::expires_in(HOUR).unwrap()).await.unwrap();
    let got = send(link.uri(), "GET", &[], b"").await;
    assert_eq!((got.status, got.text().as_str()), (200, "pixels"));
    assert_eq!(got.header("content-disposition"), Some("attachment; filename=\"b.png\""));
    for tampered in [
        link.uri().replace("Bild", "Bald"),
        link.uri().replace("X-Amz-Expires=3600", "X-Amz-Expires=36000"),
        link.uri().replace("b.png", "c.png"),
    ] {
        assert_ne!(tampered, link.uri());
        assert_eq!(send(&tampered, "GET", &[], b"").await.status, 403, "{tampered}");
    }
    assert_eq!(send(link.uri(), "DELETE", &[], b"").await.status, 403);
    let past = SystemTime::now() - Duration::from_secs(120);
    let ended = PresigningConfig::builder().start_time(past).expires_in(Duration::from_secs(60)).build().unwrap();
    let ended = send(request.presigned(ended).await.unwrap().uri(), "GET", &[], b"").await;
    assert_eq!(ended.status, 403);
    assert!(ended.text().contains("Request has expired"), "{}", ended.text());
}

#[tokio::test]
async fn a_presigned_url_writes_what_it_was_signed_for_and_nothing_else() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    put(&client, "private", b"not for the uploader").await;
    let request = client.put_object().bucket(BUCKET).key("sent").content_type("image/png").content_length(5);
    let link = request.presigned(PresigningConfig::expires_in(HOUR).unwrap()).await.unwrap();
    let kind = ("content-type", "image/png");
    let wrong_type = send(link.uri(), "PUT", &[("content-type", "text/html")], b"12345").await;
    assert_eq!(wrong_type.status, 403);
    assert_eq!(send(link.uri(), "PUT", &[kind], b"123456").await.status, 403, "a signed length counts");
    let copying = send(link.uri(), "PUT", &[kind, ("x-amz-copy-source", "windlass/private")], b"12345").await;
    assert_eq!(copying.status, 403);
    assert!(copying.text().contains("not signed: x-amz-copy-source"), "{}", copying.text());
    assert_eq!(send(link.uri(), "PUT", &[kind], b"12345").await.status, 200);
    assert_eq!(get(&client, "sent").await, b"12345");
}

#[tokio::test]
async fn what_is_not_s3_as_we_speak_it_is_refused_and_nothing_breaks() {
    let bucket = TestBucket::start().await;
    let endpoint = &bucket.access().endpoint;
    let form = send(
        &format!("{}{}", endpoint, "/windlass"),
        "POST",
        &[("content-type", "multipart/form-data; boundary=x")],
        b"--x--",
    )
    .await;
    assert_eq!(form.status, 501, "{}", form.text());
    let old =
        send(&format!("{}{}", endpoint, "/windlass?AWSAccessKeyId=x&Signature=y&Expires=1"), "GET", &[], b"").await;
    assert_eq!(old.status, 400, "{}", old.text());
    for target in
        ["/", "//", "/windlass/%ff", "/windlass/%00", "/%2e%2e/x", "/windlass?uploads", "/windlass/x?uploadId=%zz"]
    {
        for method in ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"] {
            let status = send(
                &format!("{}{}", endpoint, target),
                method,
                &[("authorization", "AWS4-HMAC-SHA256 nonsense")],
                b"<a>",
            )
            .await
            .status;
            assert!((400..=501).contains(&status) && status != 500, "{method} {target}: {status}");
        }
    }
    put(&bucket.client(), "still", b"here").await;
}

#[tokio::test]
async fn pages_of_other_origins_are_let_in_by_the_buckets_rules_only() {
    let bucket = TestBucket::start().await;
    let (client, endpoint) = (bucket.client(), &bucket.access().endpoint);
    let preflight = [
        ("origin", "https://app.example.org"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type, x-amz-meta-a"),
    ];
    assert_eq!(
        send(&format!("{}{}", endpoint, "/windlass/k"), "OPTIONS", &preflight, b"").await.status,
        403,
        "there is no rule at first"
    );
    assert_eq!(code(client.get_bucket_cors().bucket(BUCKET).send().await), "NoSuchCORSConfiguration");
    let rule = CorsRule::builder()
        .allowed_origins("https://*.example.org")
        .allowed_methods("PUT")
        .allowed_methods("GET")
        .allowed_headers("Content-Type")
        .allowed_headers("x-amz-*")
        .expose_headers("ETag")
        .max_age_seconds(600)
        .build()
        .unwrap();
    let rules = CorsConfiguration::builder().cors_rules(rule.clone()).build().unwrap();
    client.put_bucket_cors().bucket(BUCKET).cors_configuration(rules).send().await.unwrap();
    let kept = client.get_bucket_cors().bucket(BUCKET).send().await.unwrap();
    assert_eq!(kept.cors_rules(), [rule]);
    let granted = send(&format!("{}{}", endpoint, "/windlass/k"), "OPTIONS", &preflight, b"").await;
    assert_eq!(granted.status, 200);
    assert_eq!(granted.header("access-control-allow-origin"), Some("https://app.example.org"));
    assert_eq!(granted.header("access-control-allow-methods"), Some("put, get"));
    assert_eq!(granted.header("access-control-allow-headers"), Some("content-type, x-amz-meta-a"));
    assert_eq!(granted.header("access-control-max-age"), Some("600"));
    let foreign = [("origin", "https://evil.test"), ("access-control-request-method", "GET")];
    assert_eq!(send(&format!("{}{}", endpoint, "/windlass/k"), "OPTIONS", &foreign, b"").await.status, 403);
    put(&client, "k", b"x").await;
    let get = client.get_object().bucket(BUCKET).key("k");
    let link = get.presigned(PresigningConfig::expires_in(HOUR).unwrap()).await.unwrap();
    let from_page = send(link.uri(), "GET", &[("origin", "https://app.example.org")], b"").await;
    assert_eq!(from_page.header("access-control-allow-origin"), Some("https://app.example.org"));
    assert_eq!(from_page.header("access-control-expose-headers"), Some("etag"));
    let from_elsewhere = send(link.uri(), "GET", &[("origin", "https://evil.test")], b"").await;
    assert_eq!((from_elsewhere.status, from_elsewhere.header("access-control-allow-origin")), (200, None));
    client.delete_bucket_cors().bucket(BUCKET).send().await.unwrap();
    assert_eq!(send(&format!("{}{}", endpoint, "/windlass/k"), "OPTIONS", &preflight, b"").await.status, 403);
}
