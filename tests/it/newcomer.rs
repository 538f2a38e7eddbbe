//! A new profile, made while the program runs: in the screen and by `windlass profiles add`, against a bucket of another
//! process and a real PostgreSQL; what stands in the file stays, and nobody sees a secret.

use std::os::unix::fs::PermissionsExt;

use crate::support::far::Far;
use crate::support::front::{Front, Right};
use crate::support::home::noise;
use crate::support::postgres::{Cluster, texts};
use crate::support::program::{Ended, Home};
use crate::support::uploadcare::{PUBLIC_KEY, SECRET_KEY, Uploadcare};

const MINE: &str = "# what I wrote\nmouse = true   # because\n\n[transfers]\njobs = 4\n# the end\n";

/// `profiles add new`, with what it needs for the far bucket; some replaced or left out (an empty value).
fn add(home: &Home, far: &Far, replaced: &[(&str, &str)], more: &[&str]) -> Ended {
    let known = ["endpoint", "region", "access_key_id", "secret_access_key", "bucket"];
    let mut pairs = known.map(|key| (key, far.text(key))).to_vec();
    for (key, value) in replaced {
        pairs.retain(|(known, _)| known != key);
        pairs.push((key, value));
    }
    let said = pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("--set={key}={value}"));
    let arguments: Vec<String> = ["profiles", "add", "new", "--provider", "s3"].map(str::to_owned).into();
    let more = more.iter().map(|flag| (*flag).to_owned());
    home.run(arguments.into_iter().chain(said).chain(more))
}

fn file(home: &Home) -> String {
    std::fs::read_to_string(home.config().join("config.toml")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_added_once_bucket_and_database_have_answered_and_works_at_once() {
    let (far, home) = (Far::new(), Home::new());
    let url = Cluster::shared().await.database("added").await;
    home.configure(MINE);
    let added = add(&home, &far, &[("database_url", &url), ("user_id", "user_9")], &["--json"]).with(0);
    let [row] = added.json().try_into().unwrap();
    assert_eq!((row["name"].as_str(), row["provider"].as_str()), (Some("new"), Some("s3")));
    assert!(row["problem"].is_null() && !format!("{}{}", added.out, added.err).contains(far.text("secret_access_key")));
    assert!(file(&home).starts_with(&format!("{MINE}\n[profiles.new]\nprovider = \"s3\"\n")), "{}", file(&home));
    let mode = std::fs::metadata(home.config().join("config.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let next =
        "bucket and database answered; the table is missing, which this makes: windlass catalog migrate --profile new";
    assert!(added.err.contains(next), "{added:?}");
    home.run(["catalog", "migrate", "--profile", "new"]).with(0);
    home.file("a.txt", "some bytes");
    home.run(["upload", "a.txt", "--key", "a.txt", "--profile", "new"]).with(0);
    assert_eq!(texts(&url, "SELECT object_key, user_id FROM s3_files").await, [["a.txt", "user_9"]]);
    let again = add(&home, &far, &[], &[]).with(2);
    assert!(again.sentence().contains("there is a profile \"new\" already"), "{again:?}");
}

#[test]
fn a_second_local_profile_is_said_to_share_its_bucket() {
    let home = Home::new();
    let alone = home.run(["profiles"]).with(0).out;
    assert!(!alone.contains("shared"), "{alone}");
    let added = home.run(["profiles", "add", "second", "--provider", "local"]).with(0);
    assert!(added.err.contains("local profiles share the one bucket of this machine"), "{added:?}");
    let listed = home.run(["profiles"]).with(0).out;
    assert_eq!(listed.matches(" windlass, shared ").count(), 2, "{listed}");
    let rows = home.run(["profiles", "--json"]).with(0).json();
    assert!(rows.iter().all(|row| row["bucket"] == "windlass"), "{rows:?}");
}

#[test]
fn without_a_terminal_what_is_missing_is_said_and_nothing_is_written() {
    let (far, home) = (Far::new(), Home::new());
    let lacking = add(&home, &far, &[("bucket", ""), ("secret_access_key", "")], &[]).with(2);
    assert_eq!(
        lacking.sentence(),
        "profile \"new\": secret_access_key, bucket are missing; add --set secret_access_key=… --set bucket=…"
    );
    for (arguments, why) in [
        (vec!["new"], "--provider is missing"),
        (vec!["a/b", "--provider", "s3"], "no profile's name"),
        (vec!["new", "--provider", "s3", "--set", "buket=x"], "did you mean `bucket`?"),
        (vec!["new", "--provider", "b2", "--set", "account_id=x"], "does nothing for provider"),
        (vec!["new", "--provider", "s3", "--set", "hunter2"], "--set takes KEY=VALUE"),
        (vec!["new", "--provider", "ftp"], "a provider is r2, b2, s3, uploadcare or local"),
        (
            vec!["new", "--provider", "s3", "--no-test", "--set", "aws_profile=w", "--set", "access_key_id=k"],
            "`aws_profile` stands beside `access_key_id`",
        ),
    ] {
        let refused = home.run([vec!["profiles", "add"], arguments].concat()).with(2);
        assert!(refused.sentence().contains(why) && !refused.err.contains("hunter2"), "{refused:?}");
    }
    assert!(!home.config().join("config.toml").exists());
}

#[test]
fn a_profile_that_does_not_work_is_saved_only_where_somebody_says_so() {
    let (far, home) = (Far::new(), Home::new());
    let wrong = [("secret_access_key", "hunter2hunter2")];
    let refused = add(&home, &far, &wrong, &[]).with(1);
    assert!(refused.err.contains("the profile is not saved; --no-test saves it untried"), "{refused:?}");
    assert!(!home.config().join("config.toml").exists() && !refused.err.contains("hunter2"));
    assert!(refused.err.contains("check secret_access_key in the profile"), "no file has it yet: {refused:?}");
    let away = add(&home, &far, &[("database_url", "postgres://me:hunter2@127.0.0.1:1/db")], &[]).with(1);
    assert!(!home.config().join("config.toml").exists() && !away.err.contains("hunter2"), "{away:?}");
    let saved = add(&home, &far, &wrong, &["--no-test"]).with(0);
    assert!(saved.out.starts_with("new is in ") && !saved.out.contains("hunter2"), "{saved:?}");
    assert!(file(&home).contains("secret_access_key = \"hunter2hunter2\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploadcare_project_is_tried_too_and_needs_no_secret_key() {
    let (server, home) = (Uploadcare::start().await, Home::new());
    let bases = ["upload_base", "api_base"].map(|key| format!("--set={key}={}", server.url));
    let add = |name: &str, secret: Option<&str>| {
        let keys =
            [Some(format!("--set=public_key={PUBLIC_KEY}")), secret.map(|key| format!("--set=secret_key={key}"))];
        let fixed = ["profiles", "add", name, "--provider", "uploadcare"].map(str::to_owned);
        home.run(fixed.into_iter().chain(bases.clone()).chain(keys.into_iter().flatten()))
    };
    let refused = add("media", Some("wrong")).with(1);
    assert!(refused.err.contains("not saved") && !home.config().join("config.toml").exists(), "{refused:?}");
    add("media", Some(SECRET_KEY)).with(0);
    add("open", None).with(0);
    assert_eq!(server.count("GET", "/info/"), 1, "it was asked although it lists nothing");
    let nobodys = ["profiles", "add", "other", "--provider", "uploadcare", "--set=public_key=nobodyskey"];
    let refused = home.run(nobodys.into_iter().map(str::to_owned).chain(bases.clone())).with(1);
    assert!(refused.err.contains("does not know the public key nobodyskey"), "{refused:?}");
    assert_eq!(home.run(["ls", "--bucket", "--profile", "media", "--json"]).with(0).out, "");
}

#[test]
fn a_file_that_is_wrong_already_stops_everything_and_stays() {
    let (far, home) = (Far::new(), Home::new());
    home.configure("buket = 1\n");
    add(&home, &far, &[], &["--no-test"]).with(2);
    assert_eq!(file(&home), "buket = 1\n");
}

#[test]
fn at_a_terminal_what_is_missing_is_asked_for_and_a_secret_is_not_shown() {
    let (far, home) = (Far::new(), Home::new());
    let (endpoint, region) = (format!("endpoint={}", far.text("endpoint")), format!("region={}", far.text("region")));
    let program = env!("CARGO_BIN_EXE_windlass");
    let command = [program, "profiles", "add", "new", "--set", &endpoint, "--set", &region];
    let mut person = home.in_terminal(&command, &[], 100, 30);
    person.sees("provider (r2, b2, s3, uploadcare, local):").press("s3<Enter>");
    person.sees("aws_profile (").press("<Enter>");
    person.sees("access_key_id (").press(&format!("{}<Enter>", far.text("access_key_id")));
    person.sees("secret_access_key (").press(&format!("{}<Enter>", far.text("secret_access_key")));
    person.sees("bucket (").press(&format!("{}<Enter>", far.text("bucket")));
    person.sees("public_base_url (").press("<Enter>");
    person.sees("database_url (").press("<Enter>").sees("user_id (").press("<Enter>");
    person.sees("new is in ");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(!person.text().contains(far.text("secret_access_key")), "{}", person.text());
    assert!(person.terminal_is_as_before());
    home.run(["ls", "--bucket", "--profile", "new"]).with(0);
}

#[test]
fn the_keys_are_not_asked_for_where_an_aws_profile_gives_them() {
    let home = Home::new();
    let command = [env!("CARGO_BIN_EXE_windlass"), "profiles", "add", "new", "--provider", "s3", "--no-test"];
    let mut person = home.in_terminal(&command, &[], 100, 30);
    person.sees("aws_profile (").press("work<Enter>").sees("bucket (").press("pics<Enter>");
    person.sees("endpoint (").press("<Enter>").sees("region (").press("<Enter>");
    person.sees("public_base_url (").press("<Enter>");
    person.sees("database_url (").press("<Enter>").sees("user_id (").press("<Enter>").sees("new is in ");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(file(&home).ends_with("provider = \"s3\"\naws_profile = \"work\"\nbucket = \"pics\"\n"), "{}", file(&home));
}

#[test]
fn an_answer_that_can_never_do_is_asked_for_again_at_once() {
    let home = Home::new();
    let command = [env!("CARGO_BIN_EXE_windlass"), "profiles", "add", "new", "--provider", "b2", "--no-test"];
    let mut person = home.in_terminal(&command, &[], 100, 40);
    person.sees("access_key_id (").press("id<Enter>").sees("secret_access_key (").press("two words<Enter>");
    person.sees("`secret_access_key` has a blank").press("secret<Enter>").sees("bucket (").press("s3://pics<Enter>");
    person.sees("`bucket` is no bucket's name").press("pics<Enter>").sees("endpoint (").press("s3.example.org<Enter>");
    person.sees("`endpoint` has no scheme: write https://s3.example.org").press("https://s3.example.org<Enter>");
    person.sees("database_url (").press("<Enter>").sees("user_id (").press("<Enter>").sees("new is in ");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(!person.text().contains("two words"), "{}", person.text());
    assert!(file(&home).contains("bucket = \"pics\"") && file(&home).contains("endpoint = \"https://s3.example.org\""));
}

#[test]
fn a_name_that_is_taken_and_a_flag_that_can_never_do_are_refused_before_any_question() {
    let home = Home::new();
    home.configure("[profiles.demo]\nprovider = \"local\"\n");
    let command = [env!("CARGO_BIN_EXE_windlass"), "profiles", "add", "demo"];
    let mut person = home.in_terminal(&command, &[], 100, 30);
    person.sees("there is a profile \"demo\" already: take another name");
    assert_eq!(person.ended().exit_code(), 2);
    assert!(!person.text().contains("provider ("), "{}", person.text());

    let arguments = ["profiles", "add", "new", "--provider", "r2", "--no-test", "--set=access_key_id=k"];
    let more = ["--set=secret_access_key=s", "--set=bucket=b", "--set=account_id=https://abc.r2.cloudflarestorage.com"];
    let refused = home.run(arguments.into_iter().chain(more)).with(2);
    assert!(refused.sentence().starts_with("`account_id` is a URL, not an account's id"), "{refused:?}");
    assert!(!file(&home).contains("[profiles.new]"));
}

#[test]
fn an_interrupt_while_a_secret_is_typed_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    let command = [env!("CARGO_BIN_EXE_windlass"), "profiles", "add", "new", "--provider", "uploadcare"];
    let mut person = home.in_terminal(&command, &[], 100, 30);
    person.sees("public_key (").press("demo<Enter>").sees("secret_key (").press("<C-c>");
    assert_eq!(person.ended().exit_code(), 130);
    assert!(person.terminal_is_as_before());
    assert!(!home.config().join("config.toml").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_list_is_no_reason_to_refuse_a_profile_and_one_of_another_bucket_is() {
    for (front, works) in [(Front::b2(Right::Unlisted).await, true), (Front::b2(Right::Elsewhere).await, false)] {
        let (home, access) = (Home::new(), front.rogue.access());
        let said = [
            format!("--set=access_key_id={}", access.access_key_id),
            format!("--set=secret_access_key={}", access.secret_access_key.expose()),
            format!("--set=endpoint={}", front.rogue.endpoint()),
            "--set=bucket=windlass".into(),
        ];
        let arguments = ["profiles", "add", "new", "--provider", "b2"].map(str::to_owned);
        let ended = home.run(arguments.into_iter().chain(said)).with(if works { 0 } else { 1 });
        assert_eq!(home.config().join("config.toml").exists(), works, "{ended:?}");
        assert_eq!(ended.err.contains("may not list the bucket"), !works, "{ended:?}");
    }
}

#[test]
fn a_name_that_only_the_environment_has_can_be_taken() {
    let (far, home) = (Far::new(), Home::new());
    home.file(".env", "S3_ACCESS_KEY_ID=k\nS3_SECRET_ACCESS_KEY=s\nS3_BUCKET=of-the-env\nS3_REGION=us-east-1\n");
    assert_eq!(home.run(["profiles", "--json"]).with(0).json()[0]["bucket"], "of-the-env");
    let pairs = ["endpoint", "region", "access_key_id", "secret_access_key", "bucket"]
        .map(|key| format!("--set={key}={}", far.text(key)));
    let arguments = ["profiles", "add", "s3", "--provider", "s3"].map(str::to_owned);
    let added = home.run(arguments.into_iter().chain(pairs)).with(0);
    assert!(added.err.contains(".env gives way to it: what is queued under that one waits until"), "{added:?}");
    let listed = home.run(["profiles", "--json"]).with(0).json();
    let of_name: Vec<_> = listed.iter().filter(|row| row["name"] == "s3").collect();
    assert_eq!((of_name.len(), of_name[0]["bucket"].as_str()), (1, Some(far.text("bucket"))), "{listed:?}");
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "", "and it is the one that is used here");
}

#[test]
fn a_profile_saved_in_the_screen_takes_the_place_of_the_environments() {
    let (far, home) = (Far::new(), Home::new());
    home.file(
        ".env",
        "S3_ACCESS_KEY_ID=k\nS3_SECRET_ACCESS_KEY=s\nS3_BUCKET=of-the-env\nS3_ENDPOINT=http://127.0.0.1:1\n",
    );
    let mut person = home.screen(120, 36);
    person.sees("of-the-env").press("P").sees("new profile").press("n").sees("New profile").press("<Right><Right>");
    person.sees("← AWS S3 or compatible (MinIO, …) →").press("<Tab><C-u>").press("s3<Tab><Tab>");
    for field in ["access_key_id", "secret_access_key", "bucket", "endpoint", "region"] {
        person.press(far.text(field)).press("<Tab>");
    }
    person
        .press("<Enter>")
        .sees("s3 is saved in")
        .no_longer_sees("of-the-env")
        .press("2v")
        .sees("nothing in this bucket");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_made_in_the_screen_is_used_at_once_and_the_files_comments_stay() {
    let (far, home) = (Far::new(), Home::new());
    let url = Cluster::shared().await.database("newcomer").await;
    let other = home.file("../other.toml", far.profile(&[("database_url", &url)]));
    home.run(["catalog", "migrate", "--config", other.to_str().unwrap()]).with(0);
    home.configure(MINE);
    let bytes = noise(200_000, 5);
    home.file("hero.png", &bytes);
    let mut person = home.screen(120, 36);
    person.sees("hero.png").press("P").sees("new profile").press("n").sees("New profile").sees("← R2 →");
    person
        .press("<Right><Right>")
        .sees("← AWS S3 or compatible (MinIO, …) →")
        .press("<Tab>")
        .press("<C-u>")
        .press("mine<Tab><Tab>");
    for field in ["access_key_id", "secret_access_key", "bucket", "endpoint", "region"] {
        person.press(far.text(field)).press("<Tab>");
    }
    person.press("<Tab>").press(&url).press("<Tab>").press("user_7");
    assert!(!person.text().contains(far.text("secret_access_key")), "{}", person.text());
    person.press("<Enter>").sees("mine is saved in").sees("user_7").sees("no files yet");
    person.press("1").cursor_is_on("hero.png").press("u").sees("Upload hero.png").press("<Enter>");
    person.sees("uploaded 1 of 1").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let rows = texts(&url, "SELECT user_id, size_bytes::text FROM s3_files").await;
    assert_eq!(rows, [["user_7", "200000"]]);
    assert!(file(&home).starts_with(&format!("{MINE}\n[profiles.mine]\n")), "{}", file(&home));
    let log = std::fs::read_to_string(home.log()).unwrap_or_default();
    assert!(!log.contains(far.text("secret_access_key")), "no secret is logged");
    assert_eq!(home.run(["ls", "--profile", "mine", "--json"]).with(0).json().len(), 1);
}

#[test]
fn what_does_not_work_is_told_in_the_form_and_can_be_saved_all_the_same() {
    let (far, home) = (Far::new(), Home::new());
    let mut person = home.screen(80, 24);
    person.sees("local").press("P").sees("Profiles").press("n").sees("New profile").press("<Right><Right><Tab>");
    person.press("<Tab><Tab>").press(far.text("access_key_id")).press("<Tab>").press("wrong").press("<Tab>");
    person.press(far.text("bucket")).press("<Tab>").press(far.text("endpoint")).press("<Tab>");
    person.press(far.text("region")).press("<Enter>").sees("saves it all the same");
    assert!(!home.config().join("config.toml").exists());
    person.press("<C-s>").sees("s3 is saved in").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(file(&home).contains("[profiles.s3]"));
}
