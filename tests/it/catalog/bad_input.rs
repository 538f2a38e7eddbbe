//! What a person reads when the database is not as it should be: one sentence that names the thing and says what to do,
//! of the kind that tells a transfer whether waiting helps.

use std::net::TcpListener;
use std::time::Instant;

use windlass::catalog::postgres::PostgresCatalog;
use windlass::catalog::{Catalog, CatalogTarget};
use windlass::config::{CatalogConfig, DatabaseTls};
use windlass::domain::link::Secret;
use windlass::domain::{Failure, FailureKind, NewRecord, Provider};

use super::{all, in_postgres, new, pages_of, postgres, target};
use crate::support::postgres::{Cluster, Setup, connect, sql};

async fn failure_of(url: &str) -> Failure {
    postgres(Provider::R2, url).page(&pages_of(5)).await.unwrap_err()
}

/// Host, port and database, as sentences show them.
fn place(url: &str) -> &str {
    url.rsplit_once('@').unwrap().1
}

#[tokio::test]
async fn a_wrong_password_database_or_user() {
    let cluster = Cluster::own(Setup { password: Some("right".into()), ..Setup::default() }).await;
    let url = cluster.database("secret").await;
    let failure = failure_of(&url.replace(":right@", ":hunter2@")).await;
    assert_eq!(failure.kind, FailureKind::CatalogRefused);
    let expected = format!("the database refused the password of user \"postgres\" at {}", place(&url));
    assert_eq!(failure.sentence(), format!("{expected}: check the password in database_url"));
    assert_eq!(failure_of(&url.replace(":right@", "@")).await, failure, "no password from elsewhere");

    let failure = failure_of(&cluster.url("nowhere")).await;
    assert_eq!(failure.kind, FailureKind::CatalogRefused);
    assert!(failure.sentence().starts_with("there is no database \"nowhere\" at 127.0.0.1:"), "{failure}");
    let failure = failure_of(&cluster.url("no%1Bwhere")).await;
    assert!(failure.what.contains("\"no␛where\""), "{failure}");
}

#[tokio::test]
async fn a_missing_table_or_column_asks_for_the_migration() {
    let url = Cluster::shared().await.database("bare").await;
    let failure = failure_of(&url).await;
    assert_eq!(failure.kind, FailureKind::NeedsMigration);
    let expected = format!("there is no table public.r2_files at {}; run: windlass catalog migrate", place(&url));
    assert_eq!(failure.sentence(), expected);
    assert_eq!(postgres(Provider::R2, &url).record(&[new("k", 1)]).await.unwrap_err(), failure);
    assert_eq!(postgres(Provider::R2, &url).check("k", "me").await.unwrap_err(), failure);
    assert!(!postgres(Provider::R2, &url).status().await.unwrap().table_exists);

    sql(&url, "CREATE TABLE r2_files (id int, title text)").await;
    let failure = postgres(Provider::R2, &url).migrate().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CatalogRefused);
    let lacks = "the table public.r2_files is not a guide's: it has no object_key, file_url, user_id, upload_timestamp";
    assert_eq!(failure.what, lacks);
}

#[tokio::test]
async fn a_missing_right_or_schema_is_a_refusal_with_the_reason() {
    let cluster = Cluster::own(Setup::default()).await;
    let url = cluster.database("rights").await;
    postgres(Provider::R2, &url).migrate().await.unwrap();
    sql(&url, "CREATE ROLE app LOGIN; GRANT SELECT ON r2_files TO app; CREATE ROLE maker LOGIN").await;
    let app = postgres(Provider::R2, &url.replace("//postgres@", "//app@"));
    assert_eq!(app.page(&pages_of(5)).await.unwrap().records, []);
    let failure = app.record(&[new("k", 1)]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CatalogRefused);
    assert!(failure.sentence().contains("permission denied for table r2_files; let a user"), "{failure}");
    sql(&url, "ALTER TABLE r2_files DROP COLUMN etag").await;
    let failure = app.migrate().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CatalogRefused);
    assert!(failure.what.contains("must be owner of table r2_files"), "{failure}");

    let CatalogConfig::Postgres { url, tls, rls_setting, .. } = in_postgres(&url) else { panic!() };
    let config = CatalogConfig::Postgres { url, tls, rls_setting, schema: "it's \"mine\"".into() };
    let elsewhere = PostgresCatalog::new(target(Provider::R2, config)).unwrap();
    let failure = elsewhere.migrate().await.unwrap_err();
    assert!(failure.what.contains("schema \"it's \"mine\"\" does not exist"), "{failure}");
}

#[tokio::test]
async fn a_stopped_server_is_away_at_once_and_the_same_catalog_works_when_it_is_back() {
    let mut cluster = Cluster::own(Setup::default()).await;
    let url = cluster.database("stopped").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    catalog.record(&[new("before", 1)]).await.unwrap();
    cluster.stop();
    for _twice in 0..2 {
        let begun = Instant::now();
        let failure = catalog.record(&[new("after", 2)]).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::CatalogAway);
        assert!(failure.what.ends_with(&format!("{}: it refused the connection", place(&url))), "{failure}");
        assert!(begun.elapsed().as_secs() < 5);
    }
    cluster.start();
    catalog.record(&[new("after", 2)]).await.unwrap();
    assert_eq!(super::keys(&all(&catalog, pages_of(5)).await), ["after", "before"]);
}

#[tokio::test]
async fn connections_that_were_cut_meanwhile_are_replaced_without_a_word() {
    let cluster = Cluster::own(Setup::default()).await;
    let url = cluster.database("cut").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    catalog.page(&pages_of(5)).await.unwrap();
    sql(&url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'windlass'").await;
    assert_eq!(catalog.page(&pages_of(5)).await.unwrap().records, []);
}

#[tokio::test]
async fn a_server_that_accepts_and_never_answers_is_away_within_ten_seconds() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("{}/db", silent.local_addr().unwrap());
    let begun = Instant::now();
    let failure = failure_of(&format!("postgres://me:hunter2@{address}")).await;
    assert!(begun.elapsed().as_secs() < 11);
    assert_eq!(failure.kind, FailureKind::CatalogAway);
    let expected = "it does not answer; it may be asleep or the network slow";
    assert_eq!(failure.sentence(), format!("cannot reach the database at {address}: {expected}"));
}

#[tokio::test]
async fn an_unknown_host_is_named() {
    let failure = failure_of("postgres://me:hunter2@database.invalid/db").await;
    assert_eq!(failure.kind, FailureKind::CatalogAway);
    let expected = "cannot find the database host database.invalid: check the host in database_url, and the network";
    assert_eq!(failure.sentence(), expected);
}

/// A certificate authority and a server's certificate for `localhost`: all PEM.
fn authority() -> (String, (String, String)) {
    let mut parameters = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap().pem();
    let issuer = rcgen::Issuer::new(parameters, key);
    let server_key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["localhost".into()]).unwrap();
    let server = server.signed_by(&server_key, &issuer).unwrap();
    (certificate, (server.pem(), server_key.serialize_pem()))
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_refused_whatever_the_url_says() {
    let (certificate, tls) = authority();
    let cluster = Cluster::own(Setup { tls: Some(tls), ..Setup::default() }).await;
    let url = cluster.database("tls").await;
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, certificate).unwrap();
    let status = async |url: String, tls: DatabaseTls, ca_file: Option<&std::path::Path>| {
        let config = CatalogConfig::Postgres { url: Secret::new(url), tls, schema: "public".into(), rls_setting: None };
        let target = CatalogTarget { ca_file: ca_file.map(Into::into), ..target(Provider::R2, config) };
        PostgresCatalog::new(target).unwrap().status().await
    };
    let as_neon_writes_it = format!("{url}?sslmode=require&channel_binding=require");
    let failure = status(as_neon_writes_it.clone(), DatabaseTls::Verify, None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CatalogRefused);
    assert!(failure.sentence().contains("is not trusted: UnknownIssuer; set ca_file"), "{failure}");
    status(as_neon_writes_it.clone(), DatabaseTls::Verify, Some(&ca_file)).await.unwrap();
    status(as_neon_writes_it, DatabaseTls::Insecure, None).await.unwrap();

    let other_name = url.replace("localhost", "127.0.0.1");
    let failure = status(other_name, DatabaseTls::Verify, Some(&ca_file)).await.unwrap_err();
    assert!(failure.what.contains("is not trusted: certificate not valid for name"), "{failure}");
    let failure = status(url, DatabaseTls::Verify, Some(&folder.path().join("gone"))).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CatalogRefused);
    assert!(failure.what.contains("cannot read the ca_file"), "{failure}");
    let plain = Cluster::shared().await.database("plain").await;
    let failure = status(plain, DatabaseTls::Verify, None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CatalogRefused);
    assert!(failure.what.contains("no TLS with the database"), "{failure}");
}

#[tokio::test]
async fn row_level_security_is_told_who_asks_in_every_transaction() {
    let cluster = Cluster::own(Setup::default()).await;
    let url = cluster.database("rls").await;
    postgres(Provider::R2, &url).migrate().await.unwrap();
    sql(
        &url,
        "CREATE ROLE app LOGIN NOBYPASSRLS; GRANT ALL ON r2_files, r2_files_id_seq TO app; \
         ALTER TABLE r2_files ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY own ON r2_files USING (user_id = current_setting('app.user_id', true))",
    )
    .await;
    let as_user = |user: Option<&str>, setting: Option<&str>| {
        let config = CatalogConfig::Postgres {
            url: Secret::new(url.replace("//postgres@", "//app@")),
            tls: DatabaseTls::Off,
            schema: "public".into(),
            rls_setting: setting.map(Into::into),
        };
        let target = CatalogTarget { user_id: user.map(Into::into), ..target(Provider::R2, config) };
        PostgresCatalog::new(target).unwrap()
    };
    let me = as_user(Some("me"), Some("app.user_id"));
    me.record(&[new("mine", 1)]).await.unwrap();
    let theirs = NewRecord { user_id: "them".into(), ..new("theirs", 2) };
    as_user(Some("them"), Some("app.user_id")).record(&[theirs]).await.unwrap();
    assert_eq!(super::keys(&all(&me, pages_of(5)).await), ["mine"]);
    assert_eq!(me.find("theirs", None).await.unwrap(), None);
    assert_eq!(all(&as_user(None, Some("app.user_id")), pages_of(5)).await, []);
    let failure = me.record(&[new("theirs", 3)]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.what.ends_with("a record of \"theirs\" that user \"me\" cannot see"), "{failure}");
    let failure = as_user(Some("me"), None).record(&[new("k", 3)]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CatalogRefused);
    assert!(failure.sentence().contains("row-level security policy"), "{failure}");
    assert!(failure.sentence().contains("check user_id and rls_setting"), "{failure}");
}

#[tokio::test]
async fn a_table_that_is_held_is_not_waited_for_long_and_the_app_goes_on() {
    use sqlx::Connection;
    let url = Cluster::shared().await.database("held").await;
    sql(
        &url,
        "CREATE TABLE b2_files (id SERIAL PRIMARY KEY, object_key TEXT NOT NULL UNIQUE, file_url TEXT, \
        user_id TEXT NOT NULL, upload_timestamp TIMESTAMPTZ DEFAULT NOW())",
    )
    .await;
    let mut app = connect(&url).await;
    let mut held = app.begin().await.unwrap();
    sqlx::query("INSERT INTO b2_files (object_key, user_id) VALUES ('k', 'me')").execute(&mut *held).await.unwrap();
    let catalog = postgres(Provider::B2, &url);
    let failure = catalog.migrate().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CatalogAway);
    assert!(
        failure.what.starts_with("the table public.b2_files at ") && failure.what.contains("is in use"),
        "{failure}"
    );
    held.commit().await.unwrap();
    assert_eq!(catalog.migrate().await.unwrap().len(), 6);
    assert_eq!(super::keys(&all(&catalog, pages_of(5)).await), ["k"]);
}
