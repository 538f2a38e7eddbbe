//! What a project's `.env` and the exported environment make: profiles, the one in force, and what a person is told.

use super::*;
use windlass::domain::transfer::ProfileIdentity;

const R2: &str = "R2_ACCOUNT_ID=abc\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=hunter2\nR2_BUCKET_NAME=pics # mine\n\
    R2_PUBLIC_BASE_URL=https://pub-x.r2.dev\nDATABASE_URL=postgres://me:pa$$word@ep-x.neon.tech/db?sslmode=require\n";
const UPLOADCARE: &str = "UPLOADCARE_PUBLIC_KEY=demo\n";

impl Home {
    /// A project's folder within, with its `.env`.
    fn project(&self, env: &str) -> Flags {
        let project = self.folder.path().join("project/src");
        std::fs::create_dir_all(&project).unwrap();
        std::fs::write(project.parent().unwrap().join(".env"), env).unwrap();
        Flags { folder: Some(project), ..Flags::default() }
    }
}

#[test]
fn the_env_of_a_guide_is_the_profile_in_force() {
    let home = Home::new("default_profile = \"prod\"\n[profiles.prod]\nprovider = \"local\"\n");
    let config = home.load(&home.project(R2)).unwrap();
    assert_eq!((config.in_force.as_str(), config.undecided.len(), config.warnings.len()), ("r2", 0, 0));
    let profile = config.profile("r2").unwrap();
    assert_eq!((profile.bucket(), profile.account_id.as_deref()), ("pics", Some("abc")));
    assert_eq!(profile.secret_access_key.as_ref().unwrap().expose(), "hunter2");
    assert_eq!(profile.public_base_url.as_deref(), Some("https://pub-x.r2.dev"));
    let CatalogConfig::Postgres { url, tls, .. } = &profile.catalog else { panic!("{profile:?}") };
    assert!(url.expose().contains("pa$$word"), "a $ in a password stands for itself");
    assert_eq!(*tls, DatabaseTls::Verify);
    assert!(profile.source.label().ends_with("project/.env"), "it was found in the folder above");
    let identity = profile.identity();
    assert!(identity.env_file.is_some());
    let renamed = ProfileIdentity { name: "r2-2".into(), ..identity.clone() };
    assert!(identity.matches(&renamed) && identity.differences(&renamed).is_empty());
    let of_another = ProfileIdentity { env_file: Some("/elsewhere/.env".into()), ..identity.clone() };
    let of_none = ProfileIdentity { env_file: None, ..identity.clone() };
    assert!(!identity.matches(&of_another) && !identity.matches(&of_none) && !of_none.matches(&identity));
    assert_eq!(identity.differences(&of_another), ["another source, /elsewhere/.env"]);
    assert_eq!(identity.differences(&of_none), ["another source, no .env"]);

    let asked = Flags { profile: Some("prod".into()), ..home.project(R2) };
    assert_eq!(home.load(&asked).unwrap().in_force, "prod");
}

#[test]
fn a_env_is_the_same_file_whichever_links_lead_there() {
    let home = Home::new("");
    let project = home.project(R2);
    let linked = home.folder.path().join("linked");
    std::os::unix::fs::symlink(project.folder.as_ref().unwrap(), &linked).unwrap();
    let by_link = Flags { folder: Some(linked), ..Flags::default() };
    std::os::unix::fs::symlink("../.env", project.folder.as_ref().unwrap().join(".env")).unwrap();
    let identity = |flags: &Flags| home.load(flags).unwrap().profile("r2").unwrap().identity();
    assert!(identity(&project).matches(&identity(&by_link)));
    let above = project.folder.as_ref().unwrap().parent().unwrap().to_owned();
    assert!(identity(&project).matches(&identity(&Flags { folder: Some(above), ..Flags::default() })));
}

#[test]
fn a_env_that_describes_several_leaves_the_choice() {
    let home = Home::new("");
    let project = home.project(&format!("{R2}{UPLOADCARE}"));
    assert_eq!(home.load(&project).unwrap().undecided, ["r2", "uploadcare"]);
    let chosen = home.with("WINDLASS_PROFILE", "uploadcare").load(&project).unwrap();
    assert_eq!((chosen.in_force.as_str(), chosen.undecided.len()), ("uploadcare", 0));
}

#[test]
fn a_configured_profile_stands_before_one_of_the_environment_and_says_so() {
    let home = Home::new("[profiles.r2]\nprovider = \"local\"\n");
    let config = home.load(&home.project(R2)).unwrap();
    assert_eq!((config.profile("r2").unwrap().provider, config.in_force.as_str()), (Provider::Local, "r2"));
    let [warning] = config.warnings.as_slice() else { panic!("{:?}", config.warnings) };
    assert!(warning.sentence().contains("is passed over"), "{warning}");
    assert!(!warning.sentence().contains("hunter2"));
}

#[test]
fn what_is_exported_comes_after_the_default_and_before_local() {
    let exported = |text: &str| {
        Home::new(text).with("UPLOADCARE_PUBLIC_KEY", "demo").with("AWS_ACCESS_KEY_ID", "of another tool").loaded()
    };
    let config = exported("");
    assert_eq!(config.in_force, "uploadcare");
    assert!(!config.profiles.iter().any(|slot| slot.name == "s3"), "keys alone are no guide's set");
    assert_eq!(exported("default_profile = \"p\"\n[profiles.p]\nprovider = \"local\"").in_force, "p");
}

#[test]
fn an_env_that_lacks_something_is_named_rather_than_passed_over() {
    let home = Home::new("");
    let config = home.load(&home.project("R2_BUCKET_NAME=pics\nR2_ACCESS_KEY_ID=k\nR2_SECRET_ACCESS_KEY=s\n")).unwrap();
    assert_eq!(config.in_force, "r2");
    let sentence = config.profile("r2").unwrap_err().sentence();
    assert!(sentence.contains("R2_ACCOUNT_ID is missing; add it to"), "{sentence}");
    let other =
        Home::new("default_profile = \"p\"\n[profiles.p]\nprovider = \"local\"").with("UPLOADCARE_PUBLIC_KEY", "k");
    let config = other.load(&other.project("R2_BUCKET_NAME=pics\n")).unwrap();
    assert_eq!(config.in_force, "r2", "nothing goes to another bucket than the folder's");
}

#[test]
fn a_database_that_only_the_env_names_is_said_to_be_left_aside_where_the_profile_is_exported() {
    let home = Home::new("").with("UPLOADCARE_PUBLIC_KEY", "demo");
    let database = "DATABASE_URL=postgres://me:hunter2@here/db\n";
    let config = home.load(&home.project(database)).unwrap();
    assert_eq!(config.in_force, "uploadcare");
    assert!(matches!(config.profile("uploadcare").unwrap().catalog, CatalogConfig::Sqlite(_)));
    let [warning] = config.warnings.as_slice() else { panic!("{:?}", config.warnings) };
    let sentence = warning.sentence();
    assert!(sentence.starts_with("DATABASE_URL of ") && !sentence.contains("hunter2"), "{sentence}");
    assert!(
        sentence.ends_with(
            ".env is not used: the profile \"uploadcare\" is made by exported variables alone; put all of the profile's \
             variables into one place"
        ),
        "{sentence}"
    );
    let with = |url| Home::new("").with("UPLOADCARE_PUBLIC_KEY", "demo").with("DATABASE_URL", url);
    let other = with("postgres://other/db");
    let warned = other.load(&other.project(database)).unwrap().warnings.remove(0).sentence();
    assert!(warned.contains("has the exported one"), "{warned}");
    let same = with("postgres://me:hunter2@here/db");
    assert!(same.load(&same.project(database)).unwrap().warnings.is_empty());
    let whole = other.load(&other.project(&format!("{UPLOADCARE}{database}"))).unwrap();
    assert!(whole.warnings.is_empty(), "the profile is the file's own");
}

#[test]
fn slips_in_an_env_name_the_variable_and_not_its_value() {
    let home = Home::new("");
    let wrong = R2.replace("ACCOUNT_ID=abc", "ACCOUNT_ID=https://abc.r2.cloudflarestorage.com");
    let sentence = home.load(&home.project(&wrong)).unwrap().profile("r2").unwrap_err().sentence();
    assert!(sentence.starts_with("R2_ACCOUNT_ID of ") && sentence.contains("is a URL"), "{sentence}");
}

#[test]
fn test_servers_take_the_place_of_the_providers() {
    let home = Home::new("").with("WINDLASS_ENDPOINT", "http://127.0.0.1:9").with("WINDLASS_USER_ID", "user_123");
    let config = home.load(&home.project(R2)).unwrap();
    let profile = config.profile("r2").unwrap();
    assert_eq!(
        (profile.endpoint.as_deref(), profile.user_id.as_deref()),
        (Some("http://127.0.0.1:9"), Some("user_123"))
    );
}

#[test]
fn files_can_be_switched_off() {
    let home = Home::new("env_files = false\n");
    assert_eq!(home.load(&home.project(R2)).unwrap().in_force, "local");
}
