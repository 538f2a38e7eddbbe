use super::*;

fn slot(name: &str, buckets: &[&str]) -> ProfileSlot {
    let buckets = buckets.iter().map(|bucket| (*bucket).to_owned()).collect();
    let public_base_url = Some("https://pub.example.org".to_owned());
    let profile = Profile { buckets, public_base_url, ..Profile::blank(name, ProfileSource::BuiltIn, Provider::R2) };
    let (source, provider) = (ProfileSource::BuiltIn, Some(Provider::R2));
    ProfileSlot { name: name.into(), source, provider, profile: Ok(Arc::new(profile)) }
}

#[test]
fn each_bucket_of_a_profile_is_one_that_can_be_switched_to() {
    let slots = slot("prod", &["pics", "attic"]).of_each_bucket();
    let facts = |slot: &ProfileSlot| {
        let profile = slot.profile.clone().unwrap();
        (slot.name.clone(), profile.bucket().to_owned(), profile.public_base_url.is_some(), profile.buckets.len())
    };
    let found: Vec<_> = slots.iter().map(facts).collect();
    assert_eq!(found, [("prod".into(), "pics".into(), true, 2), ("prod/attic".into(), "attic".into(), false, 2)]);
    let name = |asked| find(&slots, asked).map(|slot| slot.name.as_str());
    assert_eq!((name("prod"), name("prod/pics")), (Some("prod"), Some("prod")));
    assert_eq!((name("prod/attic"), name("prod/other"), name("other")), (Some("prod/attic"), None, None));
}

#[test]
fn a_database_is_the_same_by_its_pooled_and_its_direct_host() {
    let identity = |host: &str| {
        let url = Secret::new(format!("postgres://me:pw@{host}/neondb?sslmode=require"));
        let (tls, schema) = (DatabaseTls::Verify, "public".to_owned());
        let catalog = CatalogConfig::Postgres { url, tls, schema, rls_setting: None };
        Profile { catalog, ..Profile::blank("p", ProfileSource::BuiltIn, Provider::R2) }.identity()
    };
    let pooled = identity("ep-x-pooler.eu.aws.neon.tech");
    assert_eq!(pooled.catalog, "ep-x.eu.aws.neon.tech/neondb#public.r2_files");
    assert!(pooled.matches(&identity("ep-x.eu.aws.neon.tech")));
    assert!(!pooled.matches(&identity("ep-y.eu.aws.neon.tech")));
}

#[test]
fn a_database_that_a_url_is_led_to_is_another_one() {
    let identity = |query: &str| {
        let url = Secret::new(format!("postgres://me:pw@db.example.org/x{query}"));
        let (tls, schema) = (DatabaseTls::Verify, "public".to_owned());
        let catalog = CatalogConfig::Postgres { url, tls, schema, rls_setting: None };
        Profile { catalog, ..Profile::blank("p", ProfileSource::BuiltIn, Provider::R2) }.identity()
    };
    assert!(identity("?dbname=app").matches(&identity("?sslmode=require&dbname=app")));
    for other in ["", "?dbname=other", "?dbname=app&port=6432", "?dbname=app&host=elsewhere"] {
        assert!(!identity("?dbname=app").matches(&identity(other)), "{other}");
    }
}

#[test]
fn a_command_that_tells_the_database_stands_for_it_and_is_not_told() {
    let identity = |line: &str| {
        let (tls, schema) = (DatabaseTls::Verify, "public".to_owned());
        let catalog = CatalogConfig::Postgres { url: Secret::new(""), tls, schema, rls_setting: None };
        let commands = vec![SecretCommand { field: SecretField::DatabaseUrl { tls: None }, line: Secret::new(line) }];
        Profile { catalog, commands, ..Profile::blank("p", ProfileSource::BuiltIn, Provider::S3) }.identity()
    };
    let (one, other) = (identity("echo postgres://me:hunter2@h/app"), identity("echo postgres://me:hunter2@h/other"));
    assert!(one.matches(&identity("echo postgres://me:hunter2@h/app")) && !one.matches(&other));
    assert!(one.catalog.starts_with("database_url_command:") && one.catalog.ends_with("#public.s3_files"), "{one:?}");
    assert_eq!(one.catalog.len(), "database_url_command:01234567#public.s3_files".len());
    assert_eq!(one.differences(&other), [format!("another catalog, not {}", one.catalog)]);
}
