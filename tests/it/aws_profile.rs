//! Credentials of `~/.aws` in a folder of the test's own: static keys, a `credential_process` that is a script, a role, SSO,
//! sessions that end, and what a person is told where there are none. The bucket is another process's and checks signatures.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::canned::{CannedServer, answer};
use crate::support::far::Far;
use crate::support::program::{Home, http_get};

/// A home whose profile `far` takes its keys from the AWS profile `work`, and that AWS profile.
fn home(far: &Far, config: &str, credentials: &str) -> Home {
    let home = Home::new();
    let toml = far.profile(&[("aws_profile", "work")]);
    let lines =
        toml.lines().filter(|line| !line.starts_with("access_key_id") && !line.starts_with("secret_access_key"));
    home.configure(&lines.map(|line| format!("{line}\n")).collect::<String>());
    let folder = home.path().join("home/.aws");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config"), config).unwrap();
    std::fs::write(folder.join("credentials"), credentials).unwrap();
    home
}

fn keys(far: &Far) -> String {
    let (id, secret) = (far.text("access_key_id"), far.text("secret_access_key"));
    format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
}

/// A `credential_process` that answers with these keys, which end then, and notes in a file that it ran.
fn process(home: &Home, far: &Far, ends: &str) {
    let script = home.path().join("give-keys");
    let answer = serde_json::json!({
        "Version": 1,
        "AccessKeyId": far.text("access_key_id"),
        "SecretAccessKey": far.text("secret_access_key"),
        "Expiration": ends,
    });
    let ran = home.path().join("ran");
    std::fs::write(&script, format!("#!/bin/sh\necho x >> '{}'\necho '{answer}'\n", ran.display())).unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o700)).unwrap();
    let config = format!("[profile work]\ncredential_process = {}\n", script.display());
    std::fs::write(home.path().join("home/.aws/config"), config).unwrap();
}

fn in_hours(hours: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[test]
fn keys_of_an_aws_profile_open_the_bucket_for_everything() {
    let far = Far::new();
    let home = home(&far, "[profile work]\nregion = us-east-1\n", &format!("[work]\n{}", keys(&far)));
    home.file("a.txt", "some bytes");
    home.run(["upload", "a.txt", "--key", "a.txt"]).with(0);
    assert_eq!(home.run(["ls", "--bucket", "--json"]).with(0).json().len(), 1);
    let link = home.run(["link", "a.txt", "--json"]).with(0).json().remove(0);
    assert_eq!(http_get(link["url"].as_str().unwrap()), "some bytes");
    home.run(["rm", "a.txt", "--yes"]).with(0);
    let findings = home.run(["doctor", "--json"]).with(0).json();
    let credentials = findings.iter().find(|finding| finding["check"] == "credentials").unwrap();
    assert_eq!(credentials["detail"], "the keys of the AWS profile \"work\" are known");
    let variables = [("AWS_ACCESS_KEY_ID", "of-another"), ("AWS_SECRET_ACCESS_KEY", "tool"), ("AWS_PROFILE", "other")];
    let mut exported = home.command(["ls", "--bucket"]);
    assert!(exported.envs(variables).status().unwrap().success(), "what is exported is for other tools");
}

#[test]
fn a_credential_process_gives_keys_once_and_links_end_with_them() {
    let far = Far::new();
    let home = home(&far, "", "");
    process(&home, &far, &in_hours(2));
    home.file("a.txt", "some bytes");
    home.run(["upload", "a.txt", "--key", "a.txt"]).with(0);
    assert_eq!(std::fs::read_to_string(home.path().join("ran")).unwrap(), "x\n", "one command asks once");
    let link: Value = home.run(["link", "a.txt", "--expires", "24h", "--json"]).with(0).json().remove(0);
    let ends: chrono::DateTime<chrono::Utc> = link["expires_at"].as_str().unwrap().parse().unwrap();
    assert!(ends <= chrono::Utc::now() + chrono::TimeDelta::hours(2), "{link}");
    assert_eq!(http_get(link["url"].as_str().unwrap()), "some bytes");
}

/// Uploads and makes a link under what a service of AWS, for which the server stands, answers; hands the link back.
fn upload_under(home: &Home, variable: &str, service: &CannedServer) -> Value {
    home.file("a.txt", "some bytes");
    let windlass = |arguments: &[&str]| home.command(arguments).env(variable, service.url()).output().unwrap();
    let uploaded = windlass(&["upload", "a.txt", "--key", "a.txt"]);
    assert!(uploaded.status.success(), "{}", String::from_utf8_lossy(&uploaded.stderr));
    let link = windlass(&["link", "a.txt", "--expires", "24h", "--json"]);
    serde_json::from_slice(&link.stdout).unwrap()
}

fn is_within_two_hours(link: &Value) -> bool {
    let ends: chrono::DateTime<chrono::Utc> = link["expires_at"].as_str().unwrap().parse().unwrap();
    ends <= chrono::Utc::now() + chrono::TimeDelta::hours(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_with_the_keys_of_another_profile() {
    let far = Far::new();
    let config = "[profile work]\nrole_arn = arn:aws:iam::1:role/files\nsource_profile = base\nregion = us-east-1\n";
    let home = home(&far, config, "[base]\naws_access_key_id = base\naws_secret_access_key = s\n");
    let body = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
        <AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>t</SessionToken>\
        <Expiration>{}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        far.text("access_key_id"),
        far.text("secret_access_key"),
        in_hours(2)
    );
    let service = CannedServer::start([answer("200 OK", &[("content-type", "text/xml")], &body)]).await;
    let link = upload_under(&home, "AWS_ENDPOINT_URL_STS", &service);
    assert!(is_within_two_hours(&link), "{link}");
    assert!(link["url"].as_str().unwrap().contains("X-Amz-Security-Token=t"), "the session's token is in its links");
    let asked = service.requests();
    assert_eq!(asked.len(), 2, "each of the two commands asked once");
    assert!(asked.iter().all(|head| head.contains("credential=base/")), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sso_session_that_is_good_gives_keys() {
    let far = Far::new();
    let home = home(&far, SSO, "");
    token(&home, &in_hours(8));
    let milliseconds = (chrono::Utc::now() + chrono::TimeDelta::hours(2)).timestamp_millis();
    let body = serde_json::json!({"roleCredentials": {
        "accessKeyId": far.text("access_key_id"),
        "secretAccessKey": far.text("secret_access_key"),
        "sessionToken": "t",
        "expiration": milliseconds,
    }});
    let headers = [("content-type", "application/json")];
    let service = CannedServer::start([answer("200 OK", &headers, &body.to_string())]).await;
    let link = upload_under(&home, "AWS_ENDPOINT_URL_SSO", &service);
    assert!(is_within_two_hours(&link), "{link}");
    assert!(service.requests()[0].starts_with("get /federation/credentials?"), "{:?}", service.requests());
}

#[test]
fn an_aws_profile_without_credentials_says_what_to_do() {
    let far = Far::new();
    let failing =
        "[profile work]\ncredential_process = sh -c 'echo first >&2; echo no card in the reader >&2; exit 3'\n";
    const MISSING: &str = "is not in ~/.aws/config or ~/.aws/credentials, or has no credentials there";
    // What the command says, and where it lies, has "sso" in it: that makes it no SSO session.
    let lesson = "[profile work]\ncredential_process = sh -c 'echo the processor of lesson 7 is missing >&2; exit 3'\n";
    for (config, said, code) in [
        (lesson, "gives no credentials: the processor of lesson 7 is missing", 1),
        (LEGACY, "aws sso login --profile work", 1),
        ("[profile other]\nregion = eu-west-1\n", MISSING, 2),
        ("", MISSING, 2),
        ("[profile work]\nregion = eu-west-1\n", MISSING, 2),
        (SSO, "aws sso login --profile work", 1),
        (failing, "gives no credentials: no card in the reader", 1),
        ("[profile work]\nrole_arn = arn:x\ncredential_source = Ec2InstanceMetadata\n", "which Windlass does not", 1),
    ] {
        let ended = home(&far, config, "").run(["ls", "--bucket"]).with(code);
        assert!(ended.sentence().contains(said), "{ended:?}");
    }
}

const SSO: &str = "[profile work]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n\
    [sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n";

/// As profiles were written before there were sessions.
const LEGACY: &str = "[profile work]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n\
    sso_account_id = 1\nsso_role_name = r\n";

/// The token of the session `corp`, good until then, as `aws sso login` leaves it.
fn token(home: &Home, ends: &str) {
    let cache = home.path().join("home/.aws/sso/cache");
    std::fs::create_dir_all(&cache).unwrap();
    let start = "https://corp.awsapps.com/start";
    let token = serde_json::json!({"accessToken": "t", "expiresAt": ends, "startUrl": start});
    // The file's name is the SHA-1 of the session's, as AWS's own command line writes it.
    std::fs::write(cache.join("ee0bfd2552fbd840c02cc48b6e823320543c450f.json"), token.to_string()).unwrap();
}

#[test]
fn a_command_that_fails_is_not_run_for_every_file() {
    let far = Far::new();
    let home = home(&far, "", "");
    let ran = home.path().join("ran");
    let config = format!("[profile work]\ncredential_process = sh -c 'echo x >> {}; exit 3'\n", ran.display());
    std::fs::write(home.path().join("home/.aws/config"), config).unwrap();
    for number in 0..24 {
        home.file(&format!("many/{number}.txt"), "some bytes");
    }
    home.run(["upload", "many"]).with(1);
    assert_eq!(std::fs::read_to_string(ran).unwrap(), "x\n", "24 files, of which many ask at once");
}

#[test]
fn an_expired_sso_session_names_the_command_that_renews_it() {
    let far = Far::new();
    let home = home(&far, SSO, "");
    token(&home, "2020-01-01T00:00:00Z");
    let ended = home.run(["ls", "--bucket"]).with(1);
    let said = "the AWS profile \"work\" has no SSO session that is still good; run: aws sso login --profile work";
    assert!(ended.sentence().ends_with(said), "{ended:?}");
}

#[test]
fn queued_work_belongs_to_the_aws_profile_whatever_keys_it_gives() {
    let far = Far::new();
    let home = home(&far, "", "");
    process(&home, &far, &in_hours(1));
    home.file("a.txt", "some bytes");
    home.run(["upload", "a.txt", "--key", "a.txt", "--detach"]).with(0);
    let config = home.path().join("home/.aws/config");
    std::fs::write(&config, "").unwrap();
    std::fs::write(home.path().join("home/.aws/credentials"), format!("[work]\n{}", keys(&far))).unwrap();
    home.run(["resume"]).with(0);
    assert_eq!(home.run(["ls", "--bucket", "--json"]).with(0).json().len(), 1);
}

#[test]
fn the_region_is_the_aws_profiles() {
    let far = Far::new();
    let home = home(&far, "[profile work]\nregion = eu-north-1\n", &format!("[work]\n{}", keys(&far)));
    let toml = std::fs::read_to_string(home.config().join("config.toml")).unwrap();
    let lines = toml.lines().filter(|line| !line.starts_with("region"));
    home.configure(&lines.map(|line| format!("{line}\n")).collect::<String>());
    home.file("a.txt", "some bytes");
    home.run(["upload", "a.txt", "--key", "a.txt"]).with(0);
    let link = home.run(["link", "a.txt", "--json"]).with(0).json().remove(0);
    assert!(link["url"].as_str().unwrap().contains("%2Feu-north-1%2Fs3"), "{link}");
}

#[test]
fn no_metadata_service_is_asked() {
    let metadata = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    metadata.set_nonblocking(true).unwrap();
    let address = format!("http://{}", metadata.local_addr().unwrap());
    let far = Far::new();
    let source = "[profile work]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = Ec2InstanceMetadata\n";
    for config in [source, "[profile work]\nregion = eu-west-1\n", ""] {
        let home = home(&far, config, "");
        let mut command = home.command(["ls", "--bucket"]);
        let ended = command.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &address).output().unwrap();
        assert!(!ended.status.success());
        assert_eq!(metadata.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "{config}");
    }
}
