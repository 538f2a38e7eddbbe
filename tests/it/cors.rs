//! What a browser meets: rules set by the command, then the preflight and the upload as a page makes them, against the
//! local bucket served by another process; and what is said where a service or a key cannot set rules.

use std::process::Command;
use std::time::Duration;

use windlass::domain::{CorsRule, FailureKind as Kind, Provider};
use windlass::storage::ObjectStore;

use crate::store::store_at;
use crate::support::canned::{CannedServer, answer, error};
use crate::support::far::Far;
use crate::support::front::{Front, Right};
use crate::support::program::Home;

const R2_PAGE: &str = "the Cloudflare dashboard: R2 > the bucket > Settings > CORS Policy";
const B2_PAGE: &str = "the Backblaze web console: Buckets > the bucket > CORS Rules";

/// A page's origin.
const PAGE: &str = "http://localhost:3000";

fn home_at(far: &Far) -> Home {
    let home = Home::new();
    home.configure(&far.profile(&[]));
    home
}

/// What curl gets, head first: the status and the headers in lower case.
fn curl(arguments: &[&str]) -> (u16, String) {
    let common = ["--silent", "--show-error", "--include", "--max-time", "30"];
    let got = Command::new("curl").args(common).args(arguments).output().unwrap();
    assert!(got.status.success(), "{}", String::from_utf8_lossy(&got.stderr));
    let text = String::from_utf8_lossy(&got.stdout).to_lowercase();
    (text.split(' ').nth(1).unwrap().parse().unwrap(), text)
}

/// The question that a browser asks before a page of that origin may PUT with a content type.
fn preflight(url: &str, origin: &str) -> (u16, String) {
    let (origin, method) = (format!("origin: {origin}"), "access-control-request-method: PUT");
    let headers = "access-control-request-headers: content-type";
    curl(&["-X", "OPTIONS", "-H", &origin, "-H", method, "-H", headers, url])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_allowed_may_upload_and_no_other() {
    let far = Far::new();
    let home = home_at(&far);
    let store = home.services().connect("far").await.unwrap().store.clone();
    let signed = store.upload_link("from a page.png", "image/png", None, Duration::from_secs(300)).await.unwrap();
    let url = signed.url.expose();

    let none = home.run(["cors", "show", "--json"]).with(0);
    assert_eq!(none.json().len(), 0);
    assert!(none.err.contains("no CORS rules"), "{}", none.err);
    assert_eq!(preflight(url, PAGE).0, 403);

    let set = home.run(["cors", "allow", PAGE, "https://*.example.org", "--json"]).with(0).json();
    let expected = serde_json::json!({
        "id": null, "origins": [PAGE, "https://*.example.org"], "methods": ["GET", "PUT"], "headers": ["*"], "exposed": [],
        "max_age": 9000,
    });
    assert_eq!(set, std::slice::from_ref(&expected));
    assert_eq!(home.run(["cors", "show", "--json"]).with(0).json(), [expected]);

    let (status, head) = preflight(url, PAGE);
    assert_eq!(status, 200, "{head}");
    for line in
        ["access-control-allow-origin: http://localhost:3000", "put", "access-control-allow-headers: content-type"]
    {
        assert!(head.contains(line), "{line} is not in {head}");
    }
    assert_eq!(preflight(url, "https://app.example.org").0, 200);
    assert_eq!(preflight(url, "https://evil.org").0, 403);
    let origin = format!("origin: {PAGE}");
    let (status, head) =
        curl(&["-X", "PUT", "-H", &origin, "-H", "content-type: image/png", "--data-binary", "png", url]);
    assert_eq!(status, 200, "{head}");
    assert!(head.contains("access-control-allow-origin: http://localhost:3000"), "{head}");
    let link = home.run(["link", "from a page.png", "--json"]).with(0).json().remove(0);
    let (status, head) = curl(&["-H", &origin, link["url"].as_str().unwrap()]);
    assert!(status == 200 && head.contains("access-control-allow-origin: http://localhost:3000"), "{head}");

    let refused = home.run(["cors", "clear"]).with(2);
    assert!(refused.sentence().contains("add --yes"), "{}", refused.err);
    home.run(["cors", "clear", "--yes"]).with(0);
    assert_eq!(preflight(url, PAGE).0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_others_stay_and_origins_gather_in_one_rule() {
    let far = Far::new();
    let home = home_at(&far);
    let store = home.services().connect("far").await.unwrap().store.clone();
    let foreign =
        CorsRule { origins: vec!["https://other".into()], methods: vec!["HEAD".into()], ..CorsRule::default() };
    store.set_cors(std::slice::from_ref(&foreign)).await.unwrap();
    for (origin, is_new) in [(PAGE, true), ("https://b.example", true), (PAGE, false)] {
        let allowed = home.run(["cors", "allow", origin]).with(0);
        assert_eq!(allowed.err.contains("that is allowed already"), !is_new, "{}", allowed.err);
    }
    let rules = store.cors().await.unwrap();
    assert_eq!((rules.len(), &rules[0]), (2, &foreign));
    assert_eq!(rules[1].origins, [PAGE, "https://b.example"]);
    let told = home.run(["cors", "show"]).with(0).out;
    assert!(
        told.starts_with("https://other: HEAD\nhttp://localhost:3000 https://b.example: GET PUT, headers *"),
        "{told}"
    );
}

#[test]
fn what_is_no_origin_is_refused_before_anything_is_asked() {
    let far = Far::new();
    let home = home_at(&far);
    let path = home.run(["cors", "allow", "https://example.org/app"]).with(2);
    assert!(path.sentence().ends_with("browsers send no path; write https://example.org"), "{}", path.err);
    home.run(["cors", "allow", "example.org"]).with(2);
    let read_only = home.run(["cors", "allow", PAGE, "--read-only"]).with(2);
    assert!(read_only.sentence().contains("cannot change the CORS rules of"), "{}", read_only.err);
}

#[tokio::test]
async fn r2_and_b2_are_sent_the_sum_that_they_take() {
    for (provider, sum, other) in [
        (Provider::R2, "content-md5:", "x-amz-checksum"),
        (Provider::B2, "content-md5:", "x-amz-sdk-checksum"),
        (Provider::Local, "x-amz-checksum-crc32:", "content-md5"),
    ] {
        let server = CannedServer::start([answer("200 OK", &[], "")]).await;
        let store = store_at(provider, &server.url());
        let rule = store.cors_guide().rule(vec![PAGE.into()]);
        store.set_cors(&[rule]).await.unwrap();
        let asked = server.requests().remove(0).to_lowercase();
        assert!(asked.contains(sum) && !asked.contains(other), "{provider:?}: {asked}");
        let signed = asked.split("signedheaders=").nth(1).unwrap();
        assert!(signed.starts_with('c') && signed.contains(sum.trim_end_matches(':')), "{asked}");
    }
}

/// What most keys are: R2's "Object Read & Write" and B2's keys of one bucket may not even read the rules.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_read_the_rules_is_given_what_to_set_by_hand() {
    let alone = "use a key that may, or add this rule to those that are there, at";
    let pasted = format!(
        "{alone} {R2_PAGE} (what is pasted there replaces them all): [{{\"AllowedHeaders\":[\"content-type\"],\
         \"AllowedMethods\":[\"PUT\",\"GET\"],\"AllowedOrigins\":[\"{PAGE}\"]}}]"
    );
    let run = format!(
        "{alone} {B2_PAGE} (b2 bucket get BUCKET shows them, b2 bucket update --cors-rules replaces them all): \
         [{{\"allowedHeaders\":[\"*\"],\"allowedOperations\":[\"s3_get\",\"s3_put\"],\"allowedOrigins\":[\"{PAGE}\"],\
         \"corsRuleName\":\"windlass\",\"exposeHeaders\":[\"ETag\"],\"maxAgeSeconds\":3600}}]"
    );
    for (front, provider, remedy) in
        [(Front::r2(Right::ReadWrite).await, "r2", pasted), (Front::b2(Right::ReadWrite).await, "b2", run)]
    {
        let home = Home::new();
        front.rogue.configure(&home, provider, &format!("sqlite:{}", home.path().join("c.sqlite").display()));
        let ended = home.run(["cors", "allow", PAGE]).with(1);
        let refused = ended.sentence();
        assert!(refused.contains("may not read the CORS rules of the bucket \"windlass\""), "{refused}");
        assert!(refused.ends_with(&remedy), "{refused}");
        let page = if provider == "r2" { R2_PAGE } else { B2_PAGE };
        let ended = home.run(["cors", "clear", "--yes"]).with(1);
        assert!(ended.sentence().ends_with(&format!("use a key that may, or remove them at {page}")), "{ended:?}");
    }
}

/// `DELETE /BUCKET?cors` removes the bucket where nobody looks at what stands behind the question mark.
#[tokio::test]
async fn no_rules_are_removed_where_a_service_has_not_shown_any() {
    let list = "<ListBucketResult><Name>pics</Name></ListBucketResult>";
    for answered in [answer("200 OK", &[], list), error("404 Not Found", "NoSuchCORSConfiguration", &[])] {
        let server = CannedServer::start([answered]).await;
        let _refused_or_nothing_to_do = store_at(Provider::S3, &server.url()).set_cors(&[]).await;
        let asked = server.requests();
        assert!(asked.len() == 1 && asked[0].starts_with("get "), "{asked:?}");
    }
}

#[tokio::test]
async fn a_key_that_may_not_is_told_where_to_click_and_what_to_paste() {
    for (provider, page, set) in [
        (Provider::R2, R2_PAGE, "use a key that may, or paste at"),
        (Provider::B2, B2_PAGE, "use a key that may, or set them at"),
    ] {
        let server = CannedServer::start([error("403 Forbidden", "AccessDenied", &[])]).await;
        let store = store_at(provider, &server.url());
        let failure = store.cors().await.unwrap_err();
        assert_eq!(failure.kind, Kind::Denied);
        assert!(failure.sentence().ends_with(&format!("use a key that may, or look at {page}")), "{failure}");
        let failure = store.set_cors(&[store.cors_guide().rule(vec![PAGE.into()])]).await.unwrap_err();
        assert_eq!(failure.kind, Kind::Denied);
        assert!(failure.sentence().contains(&format!("{set} {page}")), "{failure}");
        assert!(failure.sentence().contains(PAGE), "{failure}");
    }
    let server = CannedServer::start([error("501 Not Implemented", "NotImplemented", &[])]).await;
    let failure = store_at(Provider::S3, &server.url()).cors().await.unwrap_err();
    assert_eq!(failure.kind, Kind::Unsupported);
    assert!(failure.sentence().ends_with("look at the service's own console"), "{failure}");
}
