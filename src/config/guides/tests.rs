//! What the variables of the guides make of a profile, read from texts of `.env` files as people write them. What the fields are
//! called afterwards stands here too, because sentences say it.

use super::*;

fn file(text: &str) -> EnvFile {
    EnvFile::parse(Path::new("/p/.env"), text)
}

fn nothing(_: &str) -> Option<String> {
    None
}

fn text<'a>(described: &'a Described, key: &str) -> Option<&'a str> {
    match &described.section.as_ref().unwrap().entries.get(key)?.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

const R2: &str = "R2_ACCOUNT_ID=abc\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=s\nR2_BUCKET_NAME=b # mine\n";

#[test]
fn each_guides_env_makes_its_profile() {
    let b2 = "B2_APPLICATION_KEY_ID=k\nB2_APPLICATION_KEY=s\nB2_BUCKET_NAME=b\nB2_ENDPOINT_URL=https://x\n";
    let aws = "AWS_ACCESS_KEY_ID=k\nAWS_SECRET_ACCESS_KEY=s\nAWS_REGION=eu-west-1\nS3_BUCKET_NAME=b\n";
    let tutorial = "S3_ACCESS_KEY_ID=k\nS3_SECRET_ACCESS_KEY=s\nS3_BUCKET=b\nS3_REGION=auto\n";
    let r2_tutorial = format!("{tutorial}S3_ENDPOINT=https://abc.r2.cloudflarestorage.com\n");
    for (written, name) in [
        (R2, "r2"),
        (b2, "b2"),
        (aws, "s3"),
        (tutorial, "s3"),
        (&r2_tutorial, "r2"),
        ("UPLOADCARE_PUBLIC_KEY=k\n", "uploadcare"),
    ] {
        let written = file(&format!("{written}DATABASE_URL=postgres://h/d\n"));
        let found = described(Some(&written), &nothing);
        let [only] = found.as_slice() else { panic!("{name}: {found:?}") };
        assert_eq!((only.name, text(only, "database_url")), (name, Some("postgres://h/d")));
        assert_eq!(only.source, ProfileSource::EnvFile("/p/.env".into()));
    }
}

#[test]
fn what_a_set_lacks_is_named() {
    let found = described(Some(&file("R2_BUCKET_NAME=b\nR2_ACCESS_KEY_ID=\nR2_SECRET_ACCESS_KEY=s")), &nothing);
    assert_eq!(
        found[0].section.as_ref().unwrap_err().sentence(),
        "profile \"r2\" of /p/.env: R2_ACCOUNT_ID, R2_ACCESS_KEY_ID are missing; add them to /p/.env, or choose another \
         profile (--profile, or P on the screen)"
    );
    assert!(described(Some(&file("AWS_REGION=x\nDATABASE_URL=y")), &nothing).is_empty(), "no set is meant");
}

#[test]
fn a_projects_env_comes_before_what_is_exported_and_is_completed_by_it() {
    let exported = |name: &str| match name {
        "R2_BUCKET_NAME" => Some("other".to_owned()),
        "WINDLASS_ENDPOINT" => Some("http://127.0.0.1:1".into()),
        "DATABASE_URL" => Some("postgres://h/d".into()),
        _ => None,
    };
    let found = described(Some(&file(R2)), &exported);
    assert_eq!((text(&found[0], "bucket"), text(&found[0], "endpoint")), (Some("b"), Some("http://127.0.0.1:1")));
    assert_eq!(text(&found[0], "database_url"), Some("postgres://h/d"));
}

#[test]
fn a_whole_set_comes_before_a_part_of_another_that_would_have_its_name() {
    let both = "AWS_ACCESS_KEY_ID=mail\nAWS_SECRET_ACCESS_KEY=s\nS3_ACCESS_KEY_ID=k\nS3_SECRET_ACCESS_KEY=s\n\
        S3_BUCKET=b\nS3_REGION=auto\n";
    let found = described(Some(&file(both)), &nothing);
    assert_eq!((found.len(), text(&found[0], "access_key_id")), (2, Some("k")));
}

#[test]
fn an_exported_set_takes_nothing_from_an_env_of_something_else() {
    let exported = |name: &str| (name.starts_with("UPLOADCARE_PUBLIC")).then(|| "k".to_owned());
    let found = described(Some(&file("DATABASE_URL=postgres://elsewhere/d")), &exported);
    assert_eq!((found[0].source.clone(), text(&found[0], "database_url")), (ProfileSource::Environment, None));
}

#[test]
fn a_session_token_goes_with_the_key_that_it_belongs_to() {
    let keys = "AWS_ACCESS_KEY_ID=k\nAWS_SECRET_ACCESS_KEY=s\n";
    let bucket = "AWS_REGION=eu-west-1\nS3_BUCKET_NAME=b\n";
    let exported = |name: &str| match name {
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("of the shell".to_owned()),
        "AWS_SESSION_TOKEN" => Some("of the shell's key".into()),
        _ => None,
    };
    let token = |written: String, exported: Env<'_>| {
        let found = described(Some(&file(&written)), exported);
        text(&found[0], "session_token").map(str::to_owned)
    };
    assert_eq!(token(format!("{keys}{bucket}"), &exported), None);
    assert_eq!(token(format!("{keys}AWS_SESSION_TOKEN=t\n{bucket}"), &exported).as_deref(), Some("t"));
    assert_eq!(token(bucket.into(), &exported).as_deref(), Some("of the shell's key"));
    assert_eq!(token(format!("AWS_SESSION_TOKEN=t\n{bucket}"), &exported).as_deref(), Some("of the shell's key"));
}

#[test]
fn what_is_named_is_the_variable_that_can_be_changed() {
    let names = |written: &str, exported: Env<'_>| {
        let found = described(Some(&file(written)), exported);
        let names = &found[0].section.as_ref().unwrap().names;
        (names.of("bucket").unwrap(), names.of("endpoint").unwrap(), names.of("account_id"))
    };
    let exported = |name: &str| (name == ENDPOINT).then(|| "https://proxy.example.org".to_owned());
    assert_eq!(names(R2, &nothing), ("R2_BUCKET_NAME", "R2_ACCOUNT_ID", Some("R2_ACCOUNT_ID")));
    assert_eq!(names(R2, &exported), ("R2_BUCKET_NAME", ENDPOINT, Some(ENDPOINT)));
    let s3 = "AWS_ACCESS_KEY_ID=k\nAWS_SECRET_ACCESS_KEY=s\nAWS_REGION=eu-west-1\nS3_BUCKET_NAME=b\n";
    assert_eq!(names(s3, &nothing), ("S3_BUCKET_NAME", "AWS_REGION", None));
}

#[test]
fn the_tutorials_bucket_at_r2_has_the_public_url_of_the_r2_guide() {
    let set = "S3_ACCESS_KEY_ID=k\nS3_SECRET_ACCESS_KEY=s\nS3_BUCKET=b\n";
    let base = "R2_PUBLIC_BASE_URL=https://pub-1.r2.dev\n";
    let r2 = "S3_ENDPOINT=https://abc.r2.cloudflarestorage.com\n";
    let public = |written: String, exported: Env<'_>| {
        let found = described(Some(&file(&written)), exported);
        text(&found[0], "public_base_url").map(str::to_owned)
    };
    assert_eq!(public(format!("{set}{r2}{base}"), &nothing).as_deref(), Some("https://pub-1.r2.dev"));
    assert_eq!(public(format!("{set}{base}S3_REGION=eu-west-1\n"), &nothing), None, "it is R2's");
    let exported = |name: &str| (name == "R2_PUBLIC_BASE_URL").then(|| "https://pub-2.r2.dev".to_owned());
    assert_eq!(public(format!("{set}{r2}"), &exported), None, "it is another bucket's");
}

#[test]
fn every_key_is_one_that_the_provider_knows() {
    for set in SETS {
        for variable in set.variables.iter().chain(WITH_ALL) {
            let key = super::super::keys::PROFILE.iter().find(|key| key.name == variable.key);
            assert!(key.is_some_and(|key| key.of.contains(&set.provider)), "{}", variable.name);
        }
    }
}
