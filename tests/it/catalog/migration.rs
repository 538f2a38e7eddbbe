//! What a search and folders ask of a table that Windlass has not made: one without its columns, one without its newer
//! indexes, one in a server that refuses the index of trigrams.

use windlass::catalog::{Catalog, RecordQuery, ShelfQuery};
use windlass::domain::{FailureKind, Narrow, Provider, Sort, SortBy};

use super::{keys, new, pages_of, postgres, searched};
use crate::support::postgres::{Cluster, Setup, sql, texts};

const GUIDE: &str = "CREATE TABLE r2_files (id SERIAL PRIMARY KEY, object_key TEXT NOT NULL UNIQUE, \
    file_url TEXT NOT NULL, user_id TEXT NOT NULL, upload_timestamp TIMESTAMPTZ DEFAULT NOW()); \
    INSERT INTO r2_files (object_key, file_url, user_id) VALUES ('a/report', 'u', 'me'), ('b', 'u', 'me')";

fn of(search: &str) -> RecordQuery {
    RecordQuery { search: Some(search.into()), ..pages_of(200) }
}

#[tokio::test]
async fn a_guides_table_asks_for_the_migration_and_then_has_everything() {
    let url = Cluster::shared().await.database("guides").await;
    let catalog = postgres(Provider::R2, &url);
    let large = RecordQuery { narrow: Narrow { at_least: Some(1), ..Narrow::default() }, ..pages_of(5) };
    let by_size = RecordQuery { order: Sort { by: SortBy::Size, reversed: true }, ..pages_of(5) };
    for table in ["", GUIDE] {
        sql(&url, table).await;
        for query in [&of("report"), &of("re"), &large, &by_size] {
            assert_eq!(catalog.page(query).await.unwrap_err().kind, FailureKind::NeedsMigration, "{query:?}");
        }
        let shelf = catalog.shelf(&ShelfQuery { limit: 5, ..ShelfQuery::default() }).await.unwrap_err();
        assert_eq!(shelf.kind, FailureKind::NeedsMigration);
    }
    assert_eq!(catalog.estimate(&large).await.unwrap_err().kind, FailureKind::NeedsMigration);
    assert_eq!(catalog.estimate(&RecordQuery::default()).await.unwrap(), Some(2));
    catalog.migrate().await.unwrap();
    assert_eq!(keys(&searched(&catalog, of("report")).await.0), ["a/report"]);
    assert_eq!(catalog.page(&by_size).await.unwrap().records.len(), 2);
    assert_eq!(catalog.page(&large).await.unwrap().records, [], "their sizes are not known");
    assert_eq!(catalog.shelf(&ShelfQuery { limit: 5, ..ShelfQuery::default() }).await.unwrap().entries.len(), 2);
}

#[tokio::test]
async fn a_table_of_an_older_windlass_is_read_in_every_way_before_it_is_migrated() {
    let url = Cluster::shared().await.database("older").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, "DROP INDEX r2_files_windlass_search, r2_files_windlass_user_key_order; DROP EXTENSION pg_trgm").await;
    catalog.record(&[new("a/report", 1), new("b", 2)]).await.unwrap();
    assert_eq!(catalog.status().await.unwrap().pending, ["0006_search", "0007_user_key_order"]);
    let mine = |query: RecordQuery| RecordQuery { user_id: Some("me".into()), ..query };
    assert_eq!(keys(&searched(&catalog, mine(of("report"))).await.0), ["a/report"]);
    let by_name = mine(RecordQuery { order: Sort::NAME, ..pages_of(1) });
    assert_eq!(keys(&super::all(&catalog, by_name).await), ["a/report", "b"]);
    let shelf = ShelfQuery { user_id: Some("me".into()), limit: 5, ..ShelfQuery::default() };
    assert_eq!(catalog.shelf(&shelf).await.unwrap().entries.len(), 2);
    assert_eq!(catalog.migrate().await.unwrap(), ["0006_search", "0007_user_key_order"]);
    assert_eq!(catalog.migrate().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_server_that_refuses_the_extension_goes_without_it_and_says_so() {
    let cluster = Cluster::own(Setup::default()).await;
    let url = cluster.database("refused").await;
    sql(&url, "CREATE ROLE app LOGIN; GRANT CREATE ON SCHEMA public TO app").await;
    let catalog = postgres(Provider::R2, &url.replace("//postgres@", "//app@"));
    let applied = catalog.migrate().await.unwrap();
    assert!(applied.len() == 6 && !applied.contains(&"0006_search".to_owned()), "{applied:?}");
    assert_eq!(catalog.migrate().await.unwrap(), [""; 0]);
    let status = catalog.status().await.unwrap();
    let why = Some("this role may not add pg_trgm to the database");
    assert_eq!((status.pending, status.unindexed), (vec![], why));
    catalog.record(&[new("a/report", 1)]).await.unwrap();
    let page = catalog.page(&of("report")).await.unwrap();
    assert_eq!((keys(&page.records), page.unindexed), (vec!["a/report"], why));

    sql(
        &url,
        "GRANT CREATE ON DATABASE refused_1 TO app".replace("refused_1", url.rsplit('/').next().unwrap()).as_str(),
    )
    .await;
    assert_eq!(catalog.status().await.unwrap().pending, ["0006_search"], "now it may");
    assert_eq!(catalog.migrate().await.unwrap(), ["0006_search"]);
    assert_eq!(catalog.page(&of("report")).await.unwrap().unindexed, None);
}

/// An administrator has put the extension into a schema that is closed to the role.
#[tokio::test]
async fn a_schema_that_is_closed_to_the_role_stops_nothing_else() {
    let cluster = Cluster::own(Setup::default()).await;
    let url = cluster.database("closed").await;
    sql(&url, "CREATE ROLE app LOGIN; GRANT CREATE ON SCHEMA public TO app").await;
    sql(&url, "CREATE SCHEMA closed; CREATE EXTENSION pg_trgm SCHEMA closed").await;
    let catalog = postgres(Provider::R2, &url.replace("//postgres@", "//app@"));
    let applied = catalog.migrate().await.unwrap();
    let indexes = ["0005_key_order", "0007_user_key_order"].map(str::to_owned);
    assert!(applied.ends_with(&indexes) && applied.len() == 6, "{applied:?}");
    assert_eq!(catalog.migrate().await.unwrap(), [""; 0]);
    let status = catalog.status().await.unwrap();
    let why = Some("this role may not use the schema of pg_trgm");
    assert_eq!((status.pending, status.unindexed), (vec![], why));
    assert_eq!(catalog.page(&of("report")).await.unwrap().unindexed, why);
    sql(&url, "GRANT USAGE ON SCHEMA closed TO app").await;
    assert_eq!(catalog.migrate().await.unwrap(), ["0006_search"]);
}

/// What nobody thought of: here a trigger that lets no index of trigrams be made.
#[tokio::test]
async fn an_index_for_searches_that_is_refused_is_still_to_be_built_when_the_others_are() {
    let url = Cluster::shared().await.database("vetoed").await;
    let veto = "CREATE FUNCTION veto() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF current_query() LIKE '%gin_trgm_ops%' THEN RAISE 'no such index here'; END IF; END $$; \
        CREATE EVENT TRIGGER veto ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION veto()";
    sql(&url, veto).await;
    let catalog = postgres(Provider::R2, &url);
    let applied = catalog.migrate().await.unwrap();
    assert!(applied.contains(&"0007_user_key_order".to_owned()), "{applied:?}");
    assert_eq!(catalog.status().await.unwrap().pending, ["0006_search"]);
    assert_eq!(catalog.migrate().await.unwrap(), [""; 0]);
    sql(&url, "DROP EVENT TRIGGER veto").await;
    assert_eq!(catalog.migrate().await.unwrap(), ["0006_search"]);
}

#[tokio::test]
async fn the_extension_may_be_in_any_schema_and_the_index_anybodys() {
    let url = Cluster::shared().await.database("elsewhere").await;
    sql(&url, "CREATE SCHEMA \"Its own\"; CREATE EXTENSION pg_trgm SCHEMA \"Its own\"").await;
    let catalog = postgres(Provider::R2, &url);
    assert!(catalog.migrate().await.unwrap().contains(&"0006_search".to_owned()));
    sql(&url, "ALTER INDEX r2_files_windlass_search RENAME TO theirs").await;
    let status = catalog.status().await.unwrap();
    assert_eq!((status.pending, status.unindexed), (vec![], None));
    assert_eq!(catalog.migrate().await.unwrap(), [""; 0]);
    let partial =
        "DROP INDEX theirs; CREATE INDEX ON r2_files USING gin (object_key \"Its own\".gin_trgm_ops) WHERE id > 5";
    sql(&url, partial).await;
    assert_eq!(catalog.status().await.unwrap().pending, ["0006_search"], "an index of some rows is none");
}

#[tokio::test]
async fn an_interrupted_build_of_the_search_index_is_built_again() {
    let url = Cluster::shared().await.database("interrupted").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    let spoil = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'r2_files_windlass_search'::regclass";
    sql(&url, spoil).await;
    assert_eq!(catalog.status().await.unwrap().pending, ["0006_search"]);
    assert_eq!(catalog.migrate().await.unwrap(), ["0006_search"]);
    let valid = "SELECT count(*) FROM pg_index WHERE indrelid = 'r2_files'::regclass AND NOT indisvalid";
    assert_eq!(texts(&url, valid).await, [["0"]]);
}

#[tokio::test]
async fn little_is_pending_in_the_index_for_searches_since_lookups_of_keys_may_read_all_of_it() {
    let url = Cluster::shared().await.database("pending").await;
    postgres(Provider::R2, &url).migrate().await.unwrap();
    let options = texts(&url, "SELECT reloptions::text FROM pg_class WHERE relname = 'r2_files_windlass_search'").await;
    assert_eq!(options, [["{gin_pending_list_limit=64}"]]);
}
