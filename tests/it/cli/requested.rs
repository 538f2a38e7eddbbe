//! The line that `windlass request` prints, run by a real shell with the real curl against every server that there is: what
//! was asked for gets through, and another type, another size and an expired URL are refused by all that check signatures.
//! moto checks none (`store/TABLE.md`), so that it only shows that the line works.

use std::any::Any;
use std::process::Command;

use serde_json::Value;
use windlass::storage::s3::S3Config;

use crate::support::far::Far;
use crate::support::front::{Front, Right};
use crate::support::program::{Ended, Home};
use crate::support::servers::Foreign;
use crate::support::tls::{self, Tls};

/// A home whose profile is a bucket of that server, which ends with the value.
struct Served {
    name: &'static str,
    home: Home,
    _server: Box<dyn Any>,
}

impl Served {
    fn new(name: &'static str, config: &S3Config, server: impl Any) -> Self {
        let home = Home::new();
        let text = |value: &Option<String>| value.clone().unwrap();
        home.configure(&format!(
            "default_profile = \"p\"\n[profiles.p]\nprovider = \"{}\"\nendpoint = \"{}\"\nregion = \"{}\"\n\
             bucket = \"{}\"\naccess_key_id = \"{}\"\nsecret_access_key = \"{}\"\n",
            config.provider.name(),
            text(&config.endpoint),
            text(&config.region),
            config.bucket,
            config.access_key_id,
            config.secret_access_key.expose()
        ));
        Self { name, home, _server: Box::new(server) }
    }
}

/// The bucket that comes with Windlass, over http and over TLS with an authority of our own, rclone, and the fronts that
/// refuse what R2 and B2 refuse.
async fn that_check_signatures() -> Vec<Served> {
    let (far, plain, encrypted, tls) = (Far::new(), Home::new(), Home::new(), Tls::new());
    plain.configure(&far.profile(&[]));
    let front = tls::Front::start(&tls, far.text("endpoint").strip_prefix("http://").unwrap()).await;
    let ca_file = tls.ca_file(encrypted.path());
    let endpoint = format!("https://localhost:{}", front.port);
    encrypted.configure(&far.profile(&[("endpoint", &endpoint), ("ca_file", ca_file.to_str().unwrap())]));
    let rclone = Foreign::rclone().await;
    let (r2, b2) = (Front::r2(Right::ReadWrite).await, Front::b2(Right::ReadWrite).await);
    vec![
        Served { name: "local, http", home: plain, _server: Box::new(()) },
        Served { name: "local, TLS", home: encrypted, _server: Box::new((far, front)) },
        Served::new("rclone", &rclone.config(), rclone),
        Served::new("R2 front", &r2.config(), r2),
        Served::new("B2 front", &b2.config(), b2),
    ]
}

/// A shell in the folder where somebody has the file.
pub fn shell(home: &Home, line: &str) -> Ended {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(home.here()).env("CURL_CA_BUNDLE", home.path().join("ca.pem"));
    Ended::of(shell.output().unwrap())
}

/// The field of a line of JSON that is a text.
pub fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().unwrap_or_else(|| panic!("no {field} in {line}"))
}

fn fields(line: &str) -> Vec<String> {
    let order = line.split("\":").filter_map(|piece| piece.rsplit('"').next()).map(str::to_owned);
    let known: Value = serde_json::from_str(line).unwrap();
    order.filter(|name| known.get(name).is_some()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_curl_line_uploads_and_the_record_is_there() {
    let moto = Foreign::moto().await;
    let mut servers = that_check_signatures().await;
    servers.push(Served::new("moto", &moto.config(), moto));
    for Served { name, home, .. } in &servers {
        println!("{name}");
        home.file("it's a photo.png", "bytes");
        let arguments = ["request", "it's a photo.png", "--type", "image/png", "--size", "5", "--to", "in", "--json"];
        let asked = home.run(arguments).with(0);
        let names = ["success", "presignedUrl", "objectKey", "publicFileUrl", "headers", "curl", "expiresAt"];
        assert_eq!(fields(&asked.out), names, "{}", asked.out);
        let line = &asked.json()[0];
        let key = text(line, "objectKey").to_owned();
        assert!(key.starts_with("in/") && key.ends_with("-it's a photo.png"), "{key}");
        assert_eq!(line["headers"]["content-type"], "image/png");
        assert!(text(line, "presignedUrl").contains("X-Amz-Expires=300"));
        let ends = chrono::DateTime::parse_from_rfc3339(text(line, "expiresAt")).unwrap();
        assert!((290..=300).contains(&(ends.to_utc() - chrono::Utc::now()).num_seconds()));

        let waiting = home.run(["transfers", "--json"]).with(0);
        let row = &waiting.json()[0];
        assert_eq!([&row["kind"], &row["state"], &row["key"]], ["request", "waiting", key.as_str()]);
        assert!(!waiting.out.contains("Signature"), "{}", waiting.out);
        shell(home, text(line, "curl")).with(0);
        let recorded = home.run(["record", &key, "--json"]).with(0);
        assert_eq!(fields(&recorded.out), ["success", "presignedUrl", "objectKey", "publicFileUrl"]);
        let recorded = &recorded.json()[0];
        assert_eq!([&recorded["success"], &recorded["objectKey"]], [&Value::Bool(true), &Value::from(key.as_str())]);
        assert_eq!(recorded["publicFileUrl"], line["publicFileUrl"]);
        assert_eq!(home.run(["transfers", "--json"]).with(0).json()[0]["state"], "done", "the request itself");
        let record = &home.run(["ls", "--json"]).with(0).json()[0];
        assert_eq!([&record["key"], &record["state"]], [key.as_str(), "ok"]);
        assert_eq!((&record["size"], &record["content_type"]), (&Value::from(5), &Value::from("image/png")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_type_another_size_and_a_url_that_has_ended_are_refused() {
    for Served { name, home, .. } in &that_check_signatures().await {
        println!("{name}");
        home.file("a.png", "bytes");
        let arguments = ["request", "a.png", "--type", "image/png", "--size", "5", "--json"];
        let line = home.run(arguments).with(0).json().remove(0);
        let curl = text(&line, "curl");
        let wrong_type = shell(home, &curl.replace("image/png", "text/html")).with(22);
        assert!(wrong_type.out.contains("SignatureDoesNotMatch"), "{wrong_type:?}");
        home.file("a.png", "six by");
        let wrong_size = shell(home, curl).with(22);
        assert!(wrong_size.out.contains("SignatureDoesNotMatch"), "{wrong_size:?}");

        let mut waiting =
            home.start(["request", "a.png", "--type", "image/png", "--expires", "1s", "--wait", "--json"]);
        let line: Value = serde_json::from_str(&waiting.line()).unwrap();
        let ended = waiting.wait().with(1);
        assert!(ended.sentence().contains("nobody had uploaded"), "{}", ended.err);
        assert_eq!(ended.json()[0]["state"], "expired");
        let late = shell(home, text(&line, "curl")).with(22);
        assert!(late.out.contains("AccessDenied") || late.out.to_lowercase().contains("expired"), "{late:?}");
        assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "", "nothing got through");
    }
}
