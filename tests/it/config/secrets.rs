//! Secrets in a configuration: who may read the file, and the commands that print them.

use super::*;

#[test]
fn secrets_that_others_can_read_are_warned_about() {
    let warnings = |home: &Home, mode: u32| {
        std::fs::set_permissions(home.file(), PermissionsExt::from_mode(mode)).unwrap();
        home.loaded().warnings.iter().map(|warning| home.readable(&warning.sentence())).collect::<Vec<_>>()
    };
    let literal = r2_with_bucket("");
    assert_eq!(warnings(&literal, 0o600), Vec::<String>::new());
    assert_eq!(
        warnings(&literal, 0o644),
        ["config.toml holds secrets and others on this machine can read it (mode 0644): chmod 600 config.toml"]
    );
    let by_variable = Home::new("[profiles.p]\nprovider = \"s3\"\nsecret_access_key = \"${S}\"\n");
    assert_eq!(warnings(&by_variable, 0o644), Vec::<String>::new());
    let password = Home::new("[profiles.local]\ndatabase_url = \"postgres://me:pw@localhost/x\"\n");
    assert_eq!(warnings(&password, 0o640).len(), 1);
    let no_password = Home::new("[profiles.local]\ndatabase_url = \"postgres://localhost/x\"\n");
    assert_eq!(warnings(&no_password, 0o644), Vec::<String>::new());
}

#[test]
fn a_secret_under_a_mistyped_key_is_one_all_the_same() {
    let warns = |line: &str| {
        let home = Home::new(&format!("[profiles.bad]\nprovider = \"s3\"\n{line}\n"));
        std::fs::set_permissions(home.file(), PermissionsExt::from_mode(0o644)).unwrap();
        let sentences: Vec<_> = home.loaded().warnings.iter().map(|warning| warning.sentence()).collect();
        assert!(!sentences.concat().contains("hunter2"), "{sentences:?}");
        let of_doctor = config::exposed::exposed_secrets(&home.file(), false).is_some();
        assert_eq!(sentences.iter().any(|said| said.contains("chmod 600")), of_doctor, "{line}: {sentences:?}");
        of_doctor
    };
    for secret in [
        "secret_acces_key = \"hunter2\"",
        "aws_secret_access_key = \"hunter2\"",
        "secret-access-key = \"hunter2\"",
        "databse_url = \"postgres://me:hunter2@localhost/x\"",
    ] {
        assert!(warns(secret), "{secret}");
    }
    for none in [
        "secret_acces_key = \"${S}\"",
        "databse_url = \"postgres://localhost/x\"",
        "secret_access_key_comand = \"pass show r2\"",
        "acces_key_id = \"AKIA\"",
    ] {
        assert!(!warns(none), "{none}");
    }
}

#[test]
fn commands_run_when_the_profile_is_opened_and_not_before() {
    let home = Home::new(
        "[profiles.p]\nprovider = \"s3\"\naccess_key_id = \"i\"\nbucket = \"b\"\n\
         secret_access_key_command = \"echo run >> ran; echo hunter2\"\n\
         database_url_command = \"echo postgres://me:pw@db.example.org/x\"\n"
            .replace("ran;", "${MARK};")
            .as_str(),
    );
    let mark: &'static str = home.folder.path().join("ran").display().to_string().leak();
    let home = home.with("MARK", mark);
    let profile = home.profile("p");
    assert!(!Path::new(mark).exists());
    assert_eq!((profile.commands.len(), &profile.secret_access_key), (2, &None));
    let revealed = config::secrets::reveal(&profile).unwrap();
    assert_eq!(revealed.secret_access_key.as_ref().unwrap().expose(), "hunter2");
    assert!(revealed.commands.is_empty() && Path::new(mark).exists());
    assert_eq!(revealed.catalog_identity(), "db.example.org/x#public.s3_files");
    let CatalogConfig::Postgres { tls, .. } = revealed.catalog else { panic!() };
    assert_eq!(tls, DatabaseTls::Verify);
}

#[test]
fn a_command_that_fails_names_profile_and_reason() {
    let home = Home::new(
        "[profiles.local]\ndatabase_url_command = \"echo sqlite:x\"\n[profiles.p]\nprovider = \"s3\"\naccess_key_id = \"i\"\nbucket = \"b\"\n\
         secret_access_key_command = \"echo 'no such entry' >&2; false\"\n",
    );
    let sentence = |name: &str| config::secrets::reveal(&home.profile(name)).unwrap_err().sentence();
    assert_eq!(
        sentence("p"),
        "profile \"p\": the secret key's command failed with exit code 1, saying \"no such entry\"; run it once by hand"
    );
    assert_eq!(
        sentence("local"),
        "profile \"local\": `database_url_command` printed what is no database URL; it must print a postgres:// URL"
    );
}
