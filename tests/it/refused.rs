//! What bad input gets: each provider's own refusal is a sentence with the remedy, read whole as the program says it, in the
//! folder of a project with nothing but a guide's `.env`. Uploadcare's stand in `uploadcare/errors.rs`, CORS in `cors.rs`.

use crate::support::canned::{CannedServer, answer, error};
use crate::support::front::{Front, Right};
use crate::support::program::{Ended, Home};

/// A project's folder with a guide's `.env`.
fn project(env: &str) -> Home {
    let home = Home::new();
    home.file(".env", env);
    home
}

/// Runs a command there, with another endpoint where one is given.
fn run(home: &Home, endpoint: Option<&str>, arguments: &[&str]) -> Ended {
    let mut command = home.command(arguments);
    if let Some(endpoint) = endpoint {
        command.env("WINDLASS_ENDPOINT", endpoint);
    }
    Ended::of(command.output().unwrap())
}

const LIST: &[&str] = &["ls", "--bucket"];

fn r2(front: &Front, bucket: &str) -> Home {
    let access = front.rogue.access();
    let (id, secret) = (&access.access_key_id, access.secret_access_key.expose());
    project(&format!(
        "R2_ACCOUNT_ID=0123\nR2_ACCESS_KEY_ID={id}\nR2_SECRET_ACCESS_KEY={secret}\nR2_BUCKET_NAME={bucket}\n"
    ))
}

fn b2(key_id: &str, secret: &str, bucket: &str) -> Home {
    project(&format!(
        "B2_APPLICATION_KEY_ID={key_id}\nB2_APPLICATION_KEY={secret}\nB2_BUCKET_NAME={bucket}\n\
         B2_ENDPOINT_URL=https://s3.us-west-004.backblazeb2.com\n"
    ))
}

fn b2_of(front: &Front, bucket: &str) -> Home {
    let access = front.rogue.access();
    b2(&access.access_key_id, access.secret_access_key.expose(), bucket)
}

fn guide_of_s3(region: &str) -> Home {
    project(&format!(
        "AWS_ACCESS_KEY_ID=AKIA1\nAWS_SECRET_ACCESS_KEY=hunter2\nAWS_REGION={region}\nS3_BUCKET_NAME=pics\n"
    ))
}

/// The S3-or-R2 tutorial's, with this endpoint.
fn tutorial(endpoint: &str) -> Home {
    project(&format!(
        "S3_ACCESS_KEY_ID=AKIA1\nS3_SECRET_ACCESS_KEY=hunter2\nS3_BUCKET=pics\nS3_REGION=auto\nS3_ENDPOINT={endpoint}\n"
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_r2_token_without_write() {
    let front = Front::r2(Right::Read).await;
    let home = r2(&front, "windlass");
    home.file("a.txt", "text");
    run(&home, Some(&front.rogue.endpoint()), LIST).with(0);
    let ended = run(&home, Some(&front.rogue.endpoint()), &["upload", "a.txt", "--key", "a.txt"]).with(1);
    let key = &front.rogue.access().access_key_id;
    assert!(
        ended.err.contains(&format!(
            "the access key {key} may not write \"a.txt\" in \"windlass\": give the API token Object Read & Write for this \
             bucket (R2, Manage API tokens)"
        )),
        "{}",
        ended.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn b2s_master_key() {
    let front = Front::b2(Right::ReadWrite).await;
    let home = b2("0123456789ab", "hunter2", "windlass");
    assert_eq!(
        run(&home, Some(&front.rogue.endpoint()), LIST).with(1).sentence(),
        "B2 does not know the access key id 0123456789ab: this is the account's master key, which B2's S3 API does not \
         take; make an application key for the bucket"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_b2_key_for_another_bucket() {
    let front = Front::b2(Right::Elsewhere).await;
    let key = &front.rogue.access().access_key_id;
    assert_eq!(
        run(&b2_of(&front, "windlass"), Some(&front.rogue.endpoint()), LIST).with(1).sentence(),
        format!(
            "the access key {key} may not list the bucket \"windlass\": use an application key that may read in this \
             bucket; many are for one bucket alone"
        )
    );
}

#[test]
fn a_profile_that_is_another_one_than_when_something_was_queued() {
    let text = |port: u16| {
        format!(
            "R2_ACCOUNT_ID=0\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=s\nR2_BUCKET_NAME=pics\n\
             DATABASE_URL=postgres://me:hunter2@127.0.0.1:{port}/db\n"
        )
    };
    let home = project(&text(1));
    home.file("a.txt", "a");
    run(&home, None, &["upload", "a.txt", "--detach"]).with(0);
    home.file(".env", text(2));
    let ended = run(&home, None, &["resume"]).with(1);
    let env = home.real(".env");
    let reason = format!(
        "no profile is the one that this was queued under (r2 of {}, bucket pics): r2 has another catalog, not \
         127.0.0.1:1/db#public.r2_files",
        env.display()
    );
    assert!(ended.err.contains(&reason) && !ended.err.contains("hunter2"), "{}", ended.err);
    let queued = run(&home, None, &["transfers", "--json"]).with(0);
    assert!(queued.out.contains("; bring that profile back, or cancel the transfer"), "{}", queued.out);
}

#[test]
fn what_was_queued_waits_while_a_mistake_is_in_its_profile_and_goes_on_once_it_is_mended() {
    let home = Home::new();
    home.file("a.txt", "a");
    let configure = |more: &str| home.configure(&format!("[profiles.work]\nprovider = \"local\"\n{more}"));
    configure("");
    home.run(["upload", "a.txt", "--profile", "work", "--detach"]).with(0);
    configure("bukcet = \"x\"\n");
    let said = home.run(["resume"]).with(1).err;
    assert!(said.contains("a.txt: not done yet: windlass resume once profile work is mended ("), "{said}");
    let queued = home.run(["transfers"]).with(0).out;
    for told in [said, queued] {
        assert!(told.contains("line 3: there is no key `bukcet` in [profiles.work]"), "{told}");
        assert!(told.contains("did you mean `bucket`?"), "{told}");
    }
    configure("");
    home.run(["resume"]).with(0);
}

#[test]
fn what_was_queued_under_a_folders_env_waits_in_another_folder_although_all_else_is_the_same() {
    let home = project("");
    for (folder, user) in [("one", "user_123"), ("two", "user_456")] {
        let keys = "R2_ACCOUNT_ID=0\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=s\nR2_BUCKET_NAME=pics\n";
        home.file(&format!("{folder}/.env"), format!("{keys}WINDLASS_USER_ID={user}\n"));
    }
    home.file("one/a.txt", "a");
    let within = |folder: &str, arguments: &[&str]| {
        Ended::of(home.command(arguments).current_dir(home.here().join(folder)).output().unwrap())
    };
    within("one", &["upload", "a.txt", "--detach"]).with(0);
    let said = within("two", &["resume"]).with(1).err;
    let (one, two) = (home.real("one"), home.real("two/.env"));
    let reason = format!("(r2 of {}/.env, bucket pics): r2 has another source, {}", one.display(), two.display());
    assert!(said.contains(&reason), "{said}");
    let shown = within("two", &["transfers", "--json"]).with(0);
    let remedy = format!("; start windlass in {}, or cancel the transfer", one.display());
    assert!(shown.out.contains(&remedy), "{}", shown.out);
    let queued = shown.json();
    assert_eq!((queued.len(), &queued[0]["state"]), (1, &"queued".into()), "{queued:?}");
    within("two", &["cancel", queued[0]["id"].as_str().unwrap()]).with(0);
    assert!(!within("one", &["resume"]).with(0).err.contains("no profile"), "nothing is open any more");
}

#[test]
fn what_another_folder_could_not_run_is_not_said_where_its_profile_is() {
    let env = |bucket: &str| {
        format!("R2_ACCOUNT_ID=0\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=s\nR2_BUCKET_NAME={bucket}\n")
    };
    let home = project(&env("pics"));
    home.file("a.txt", "a");
    run(&home, None, &["upload", "a.txt", "--detach"]).with(0);
    home.file(".env", env("other"));
    run(&home, None, &["resume"]).with(1);
    let missing = "no profile is the one that this was queued under";
    let here = run(&home, None, &["transfers"]).with(0);
    assert!(here.out.contains(missing), "{}", here.out);
    home.file(".env", env("pics"));
    for arguments in [&["transfers"][..], &["transfers", "--json"]] {
        let there = run(&home, None, arguments).with(0);
        assert!(there.out.contains("a.txt") && !there.out.contains(missing), "{}", there.out);
    }
}

#[test]
fn a_wrong_account_id_or_endpoint() {
    let r2 = |account: &str| {
        project(&format!(
            "R2_ACCOUNT_ID={account}\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=hunter2\nR2_BUCKET_NAME=pics\n"
        ))
    };
    for (home, variable, why) in [
        (
            r2("https://0123.r2.cloudflarestorage.com"),
            "R2_ACCOUNT_ID",
            "is a URL, not an account's id: write only the id, 0123",
        ),
        (
            r2("dash.cloudflare.com/0123"),
            "R2_ACCOUNT_ID",
            "is a URL, not an account's id: write only the id, which stands before .r2. in it",
        ),
        (tutorial("127.0.0.1:9710"), "S3_ENDPOINT", "has no scheme: write http://127.0.0.1:9710"),
        (
            tutorial("https://s3.example.orghttps://s3.example.org"),
            "S3_ENDPOINT",
            "is pasted twice: write the URL once",
        ),
        (tutorial("s3.example.org"), "S3_ENDPOINT", "has no scheme: write https://s3.example.org"),
        (
            tutorial("https://s3.example.org/pics"),
            "S3_ENDPOINT",
            "ends in the bucket's name, \"pics\": write https://s3.example.org",
        ),
        (r2("<account>"), "R2_ACCOUNT_ID", "is no account's id: write it as Cloudflare shows it, without < >"),
        (
            tutorial("https://<account>.r2.cloudflarestorage.com"),
            "S3_ENDPOINT",
            "names a host that is none: write the host that the provider shows, without < > or { }",
        ),
        (guide_of_s3("us-east1"), "AWS_REGION", "is no region: write it as the provider shows it, like eu-central-1"),
        (
            guide_of_s3("your_s3_bucket_region"),
            "AWS_REGION",
            "is no region: write it as the provider shows it, like eu-central-1",
        ),
        (
            tutorial("ftp://s3.example.org"),
            "S3_ENDPOINT",
            "begins with neither https:// nor http://: write https://HOST",
        ),
    ] {
        let ended = run(&home, None, LIST).with(2);
        let place = home.real(".env");
        assert_eq!(ended.sentence(), format!("{variable} of {} {why}", place.display()));
    }
}

#[test]
fn two_sets_in_one_env_leave_none_in_force_and_say_so() {
    let home = project(
        "R2_ACCOUNT_ID=0\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=s\nR2_BUCKET_NAME=pics\nUPLOADCARE_PUBLIC_KEY=demo\n",
    );
    let asks =
        "the .env here describes several profiles: r2, uploadcare; choose one with --profile NAME or WINDLASS_PROFILE";
    let listed = run(&home, None, &["profiles"]).with(0);
    assert!(!listed.out.contains('*') && listed.err.contains(asks), "{}{}", listed.out, listed.err);
    assert_eq!(run(&home, None, LIST).with(2).sentence(), asks);
    let chosen = run(&home, None, &["profiles", "--profile", "uploadcare"]).with(0);
    assert!(chosen.out.contains("* uploadcare") && chosen.err.is_empty(), "{}{}", chosen.out, chosen.err);
}

#[test]
fn a_variable_that_was_exported_is_not_looked_for_in_the_env() {
    let home = tutorial("https://s3.example.org");
    assert_eq!(
        run(&home, Some("127.0.0.1:9710"), LIST).with(2).sentence(),
        "WINDLASS_ENDPOINT of the environment has no scheme: write http://127.0.0.1:9710"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_has_no_certificate() {
    let server = CannedServer::start([answer("200 OK", &[], "")]).await;
    let home = project("R2_ACCOUNT_ID=0123\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=hunter2\nR2_BUCKET_NAME=pics\n");
    let ended = run(&home, Some(&format!("https://{}", server.address)), LIST).with(1);
    let sentence = ended.sentence();
    assert!(sentence.starts_with(&format!("TLS with {} failed (", server.address)), "{sentence}");
    assert!(sentence.ends_with(": check that the endpoint speaks TLS (https) at this port"), "{sentence}");
}

#[test]
fn an_unknown_host() {
    let endpoint = Some("http://nowhere.invalid:9000");
    for (home, remedy) in [
        (
            project("R2_ACCOUNT_ID=0\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=s\nR2_BUCKET_NAME=pics\n"),
            "check WINDLASS_ENDPOINT, and whether this machine is online",
        ),
        (
            b2("k", "s", "pics"),
            "check WINDLASS_ENDPOINT (https://s3.REGION.backblazeb2.com), and whether this machine is online",
        ),
        (tutorial("https://s3.example.org"), "check WINDLASS_ENDPOINT, and whether this machine is online"),
    ] {
        let ended = run(&home, endpoint, LIST).with(1);
        assert_eq!(ended.sentence(), format!("the host of nowhere.invalid:9000 is not known: {remedy}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_another_jurisdiction_or_region() {
    let (r2_front, b2_front) = (Front::r2(Right::ReadWrite).await, Front::b2(Right::ReadWrite).await);
    for (front, home, remedy) in [
        (
            &r2_front,
            r2(&r2_front, "elsewhere"),
            ": check R2_BUCKET_NAME and WINDLASS_ENDPOINT; a bucket of a jurisdiction has an endpoint of its own \
             (https://ID.eu.r2.cloudflarestorage.com)",
        ),
        (
            &b2_front,
            b2_of(&b2_front, "elsewhere"),
            "; check B2_BUCKET_NAME, and that the endpoint is the one on the bucket's page: a region has only its own",
        ),
    ] {
        let endpoint = front.rogue.endpoint();
        let host = endpoint.strip_prefix("http://").unwrap();
        let ended = run(&home, Some(&endpoint), LIST).with(1);
        assert_eq!(ended.sentence(), format!("there is no bucket \"elsewhere\" at {host}{remedy}"));
    }
    let moved = [("x-amz-bucket-region", "eu-west-1")];
    for (headers, remedy) in [(&moved[..], "set S3_REGION=eu-west-1"), (&[], "check S3_REGION and WINDLASS_ENDPOINT")] {
        let refusal = error("400 Bad Request", "IllegalLocationConstraintException", headers);
        let server = CannedServer::start([refusal]).await;
        let ended = run(&tutorial("https://s3.example.org"), Some(&server.url()), LIST).with(2);
        assert_eq!(ended.sentence(), format!("the bucket \"pics\" is not in the region auto: {remedy}"));
    }
}

/// What the program says of a list that is refused with that code.
async fn said(status: &str, code: &str) -> (String, String) {
    let server = CannedServer::start([error(status, code, &[])]).await;
    let ended = run(&tutorial("https://s3.example.org"), Some(&server.url()), LIST).with(1);
    (ended.sentence().to_owned(), server.address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong() {
    let (sentence, host) = said("403 Forbidden", "RequestTimeTooSkewed").await;
    assert_eq!(sentence, format!("this machine's clock differs too much from {host}'s: set the clock, then retry"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_has_expired() {
    let (sentence, _) = said("400 Bad Request", "ExpiredToken").await;
    assert_eq!(
        sentence,
        "the session of these credentials has expired: renew the credentials, then open the profile again"
    );
    let (sentence, _) = said("400 Bad Request", "InvalidToken").await;
    assert_eq!(sentence, "the session token is not valid: check session_token of a profile in config.toml");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_another_keys() {
    let (sentence, _) = said("403 Forbidden", "SignatureDoesNotMatch").await;
    assert_eq!(
        sentence,
        "the secret access key does not belong to the access key id AKIA1: check S3_SECRET_ACCESS_KEY; if it is \
         right, check S3_REGION"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presigned_url_for_more_than_seven_days() {
    let front = Front::r2(Right::ReadWrite).await;
    let (home, endpoint) = (r2(&front, "windlass"), front.rogue.endpoint());
    home.file("a.txt", "text");
    run(&home, Some(&endpoint), &["upload", "a.txt", "--key", "a.txt"]).with(0);
    for arguments in
        [&["link", "a.txt", "--expires", "8d"][..], &["request", "b.txt", "--type", "text/plain", "--expires", "169h"]]
    {
        let ended = run(&home, Some(&endpoint), arguments).with(2);
        assert!(
            ended.sentence().contains("a presigned URL is good for 7 d at most: ask for 7d or less"),
            "{}",
            ended.err
        );
    }
}

#[test]
fn a_request_for_a_name_with_dots() {
    for name in ["a/../b.png", "b.png/.."] {
        let ended = run(&Home::new(), None, &["request", name, "--type", "image/png"]).with(2);
        assert_eq!(
            ended.sentence(),
            format!(
                "the name \"{name}\" has the part \"..\", which curl and browsers fold away, so that the signature would not \
                 fit: leave it out"
            )
        );
    }
}
