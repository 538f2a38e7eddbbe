//! What every catalog does, PostgreSQL and SQLite alike. Each story runs on both.

use windlass::catalog::read_only::ReadOnlyCatalog;
use windlass::catalog::{Catalog, CatalogTarget, RecordQuery};
use windlass::config::{Profile, ProfileSource, ReadOnly};
use windlass::domain::{FailureKind, NewRecord, Origin, Provider};

use super::both::{Database, on_both};
use super::{all, at, keys, new, pages_of, target};

fn of_user(user: &str) -> RecordQuery {
    RecordQuery { user_id: Some(user.into()), ..pages_of(10) }
}

#[tokio::test]
async fn a_record_is_read_as_it_was_written() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        let written = new("a b/ü\n.png", 7);
        catalog.record(std::slice::from_ref(&written)).await.unwrap();
        let read = catalog.find(&written.key, Some("me")).await.unwrap().unwrap();
        assert_eq!((&read.key, &read.url, &read.user_id), (&written.key, &written.url, &written.user_id));
        assert_eq!((read.uploaded_at, read.verified_at), (Some(at(7)), Some(at(7))));
        assert_eq!((read.size, read.content_type.as_deref()), (Some(written.size), Some("image/png")));
        assert_eq!((read.etag, read.checksum, read.bucket), (written.etag, written.checksum, Some("first".into())));
        assert_eq!(catalog.find(&written.key, Some("somebody")).await.unwrap(), None);
        assert_eq!(catalog.find("a b", None).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_record_without_a_url_has_none_whatever_the_column_allows() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        catalog.record(&[NewRecord { url: None, ..new("private", 0) }]).await.unwrap();
        assert_eq!(catalog.find("private", None).await.unwrap().unwrap().url, None);
        database
            .foreign("INSERT INTO r2_files (object_key, file_url, user_id) VALUES ('x', 'URL not available', 'me')")
            .await;
        assert_eq!(catalog.find("x", None).await.unwrap().unwrap().url, None);
    })
    .await;
}

#[tokio::test]
async fn pages_are_newest_first_with_equal_times_by_id_and_undated_rows_last() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        let records: Vec<NewRecord> = (0..7).map(|n| new(&format!("k{n}"), [5, 9, 5, 5, 1, 9, 3][n])).collect();
        for record in &records {
            catalog.record(std::slice::from_ref(record)).await.unwrap();
        }
        database
            .foreign(
                "INSERT INTO r2_files (object_key, file_url, user_id, upload_timestamp) VALUES \
            ('u1', 'x', 'me', NULL), ('u2', 'x', 'me', NULL), ('u3', 'x', 'me', NULL)",
            )
            .await;
        let expected = ["k5", "k1", "k3", "k2", "k0", "k6", "k4", "u3", "u2", "u1"];
        for limit in 1..=11 {
            assert_eq!(keys(&all(&*catalog, pages_of(limit)).await), expected, "pages of {limit}");
            let mine = RecordQuery { user_id: Some("me".into()), ..pages_of(limit) };
            assert_eq!(keys(&all(&*catalog, mine).await), expected, "my pages of {limit}");
        }
        assert_eq!(catalog.estimate(&RecordQuery::default()).await.unwrap(), Some(10));
    })
    .await;
}

#[tokio::test]
async fn each_user_has_pages_of_their_own_and_prefixes_are_taken_by_the_letter() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        let theirs = NewRecord { user_id: "them".into(), ..new("50%_a", 3) };
        catalog.record(&[new("50%_a/b", 1), new("50x_a/c", 2), new("50%_A/d", 4), new(r"50\e", 5)]).await.unwrap();
        catalog.record(&[theirs]).await.unwrap();
        assert_eq!(keys(&all(&*catalog, of_user("them")).await), ["50%_a"]);
        assert_eq!(all(&*catalog, of_user("me")).await.len(), 4);
        assert_eq!(all(&*catalog, pages_of(2)).await.len(), 5);
        let prefix = |prefix: &str| RecordQuery { prefix: Some(prefix.into()), ..pages_of(1) };
        assert_eq!(keys(&all(&*catalog, prefix("50%_a")).await), ["50%_a", "50%_a/b"]);
        assert_eq!(keys(&all(&*catalog, prefix(r"50\")).await), [r"50\e"]);
    })
    .await;
}

#[tokio::test]
async fn many_keys_are_asked_about_at_once_and_answered_as_one_by_one() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        let theirs = NewRecord { user_id: "them".into(), ..new("theirs", 3) };
        catalog.record(&[new("a", 1), new("b ü", 2)]).await.unwrap();
        catalog.record(&[theirs]).await.unwrap();
        let asked: Vec<String> = ["free", "a", "theirs", "b ü", "n\0l", "a"].map(String::from).into();
        let known = async |user| {
            let mut known: Vec<String> = catalog.known(&asked, user).await.unwrap().into_iter().collect();
            known.sort();
            known
        };
        assert_eq!(known(Some("me")).await, ["a", "b ü"]);
        assert_eq!(known(None).await, ["a", "b ü", "theirs"]);
        let refused = catalog.check_many(&asked, "me").await.unwrap();
        assert_eq!(refused.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["theirs", "n\0l"]);
        for (key, failure) in refused {
            assert_eq!(catalog.check(&key, "me").await.unwrap_err(), failure);
        }
        assert!(
            catalog.check_many(&[], "me").await.unwrap().is_empty()
                && catalog.known(&[], None).await.unwrap().is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn a_large_batch_is_written_whole_or_not_at_all_and_the_refused_key_is_named() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        catalog.record(&[NewRecord { user_id: "them".into(), ..new("k150", 3) }]).await.unwrap();
        let batch: Vec<NewRecord> = (0..200).map(|number| new(&format!("k{number}"), number)).collect();
        let refused = catalog.record(&batch).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Conflict);
        assert!(refused.what.contains("\"k150\"") && refused.what.contains("\"them\""), "{refused}");
        assert_eq!(all(&*catalog, of_user("me")).await.len(), 0);
        catalog.record(&batch[..150]).await.unwrap();
        catalog.record(&batch[..150]).await.unwrap();
        assert_eq!(all(&*catalog, of_user("me")).await.len(), 150);
        let keys: Vec<String> = batch.into_iter().map(|new| new.key).collect();
        assert_eq!(catalog.forget(&keys, Some("me")).await.unwrap(), 150);
    })
    .await;
}

#[tokio::test]
async fn rows_of_other_buckets_are_not_shown_and_rows_without_one_are_of_the_first() {
    on_both(|database| async move {
        let first = database.catalog().await;
        let second =
            database.open(CatalogTarget { bucket: "second".into(), ..target(Provider::R2, database.config()) });
        database.foreign("INSERT INTO r2_files (object_key, file_url, user_id) VALUES ('plain', 'x', 'me')").await;
        first.record(&[new("one", 1)]).await.unwrap();
        second.record(&[NewRecord { bucket: "second".into(), ..new("two", 2) }]).await.unwrap();
        assert_eq!(all(&*first, pages_of(9)).await.len(), 2);
        assert_eq!(keys(&all(&*second, pages_of(9)).await), ["two"]);
        assert_eq!(second.find("plain", None).await.unwrap(), None);
        for key in ["one", "plain"] {
            let failure = second.check(key, "me").await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Conflict);
            assert!(
                failure.what.contains(&format!("\"{key}\"")) && failure.what.contains("bucket \"first\""),
                "{failure}"
            );
        }
        assert_eq!(second.forget(&["one".into(), "plain".into(), "two".into()], None).await.unwrap(), 1);
        assert!(first.check("plain", "me").await.is_ok() && first.check("nobody has it", "me").await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn writing_twice_is_writing_once() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        let batch = [new("a", 1), new("b", 2), new("a", 3)];
        catalog.record(&batch).await.unwrap();
        let once = all(&*catalog, pages_of(9)).await;
        catalog.record(&batch).await.unwrap();
        assert_eq!(all(&*catalog, pages_of(9)).await, once);
        assert_eq!(
            once.iter().map(|r| (r.key.as_str(), r.uploaded_at)).collect::<Vec<_>>(),
            [("a", Some(at(3))), ("b", Some(at(2)))]
        );
        catalog.record(&[]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn on_a_row_of_the_users_app_only_windlass_columns_and_the_time_change() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        database.foreign("ALTER TABLE r2_files ADD COLUMN note TEXT DEFAULT 'theirs'").await;
        database.foreign("INSERT INTO r2_files (object_key, file_url, user_id) VALUES ('k', 'their url', 'me')").await;
        let before = catalog.find("k", None).await.unwrap().unwrap();
        assert!(before.uploaded_at.is_some() && before.size.is_none() && before.bucket.is_none());
        catalog.record(&[new("k", 4)]).await.unwrap();
        let after = catalog.find("k", None).await.unwrap().unwrap();
        assert_eq!((after.id, after.url.as_deref(), after.user_id.as_str()), (before.id, Some("their url"), "me"));
        assert_eq!((after.uploaded_at, after.size), (Some(at(4)), Some(5_000_000_000)));
    })
    .await;
}

#[tokio::test]
async fn a_row_of_another_user_is_a_conflict_and_the_whole_batch_is_left_out() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        catalog.record(&[NewRecord { user_id: "them".into(), ..new("theirs", 1) }]).await.unwrap();
        let before = catalog.find("theirs", None).await.unwrap();
        let failure = catalog.record(&[new("mine", 2), new("theirs", 3)]).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Conflict);
        assert!(failure.what.contains("\"theirs\"") && failure.what.contains("user \"them\""), "{failure}");
        assert_eq!(catalog.check("theirs", "me").await.unwrap_err(), failure);
        assert_eq!(catalog.find("theirs", None).await.unwrap(), before);
        assert_eq!(catalog.find("mine", None).await.unwrap(), None);
        catalog.record(&[new("mine", 2)]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn only_what_the_user_can_see_is_forgotten_and_it_is_counted() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        catalog.record(&[new("a", 1), new("b", 2)]).await.unwrap();
        catalog.record(&[NewRecord { user_id: "them".into(), ..new("c", 3) }]).await.unwrap();
        let keys: Vec<String> = ["a", "c", "gone", "n\0l"].map(String::from).into();
        assert_eq!(catalog.forget(&keys, Some("me")).await.unwrap(), 1);
        assert_eq!(catalog.forget(&keys, Some("me")).await.unwrap(), 0);
        assert_eq!(catalog.forget(&keys, None).await.unwrap(), 1);
        assert_eq!(catalog.forget(&[], None).await.unwrap(), 0);
        assert_eq!(all(&*catalog, pages_of(9)).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_key_with_nul_is_refused_before_the_first_byte() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        for failure in [catalog.check("a\0b", "me").await, catalog.record(&[new("a\0b", 1)]).await] {
            let failure = failure.unwrap_err();
            assert_eq!(failure.kind, FailureKind::CatalogRefused);
            assert!(failure.what.contains("\"a␀b\": it has a NUL character"), "{failure}");
        }
        assert_eq!(catalog.find("a\0b", None).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn every_provider_has_the_guides_table_and_the_second_migration_does_nothing() {
    on_both(|database| async move {
        for provider in [Provider::S3, Provider::R2, Provider::B2, Provider::Uploadcare, Provider::Local] {
            let catalog = database.open(target(provider, database.config()));
            let applied = catalog.migrate().await.unwrap();
            assert!(applied.len() >= 4 && applied[0] == "0001_table", "{applied:?}");
            assert_eq!(catalog.migrate().await.unwrap(), [""; 0]);
            let status = catalog.status().await.unwrap();
            assert_eq!((status.applied, status.pending, status.table_exists), (applied, vec![], true));
            assert!(status.place.ends_with(provider.table()), "{}", status.place);
            catalog.record(&[NewRecord { url: None, ..new("k", 1) }]).await.unwrap();
            let insert = format!(
                "INSERT INTO {} ({}, file_url, user_id) VALUES ('guide', 'u', 'me')",
                provider.table(),
                provider.key_column()
            );
            database.foreign(&insert).await;
            assert_eq!(keys(&all(&*catalog, pages_of(9)).await).len(), 2);
        }
    })
    .await;
}

#[tokio::test]
async fn many_migrations_at_once_do_the_work_once() {
    on_both(|database| async move {
        let migrations = (0..6).map(|_| database.open(target(Provider::S3, database.config())));
        let migrations: Vec<_> =
            migrations.map(|catalog| tokio::spawn(async move { catalog.migrate().await })).collect();
        let mut applied = Vec::new();
        for migration in migrations {
            applied.extend(migration.await.unwrap().unwrap());
        }
        let count = applied.len();
        applied.dedup();
        assert!(applied.len() == count && applied[0] == "0001_table", "{applied:?}");
    })
    .await;
}

#[tokio::test]
async fn writers_at_once_lose_nothing() {
    on_both(|database| async move {
        database.catalog().await;
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let catalog = database.open(target(Provider::R2, database.config()));
                let batch: Vec<NewRecord> =
                    (0..50).map(|n| new(&format!("k{}", (n * (writer + 1)) % 50), writer)).collect();
                tokio::spawn(async move { catalog.record(&batch).await })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        assert_eq!(all(&*database.catalog().await, pages_of(7)).await.len(), 50);
    })
    .await;
}

#[tokio::test]
async fn a_read_only_catalog_reads_and_refuses_every_write() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        catalog.record(&[new("k", 1)]).await.unwrap();
        let shop = ReadOnly::of(&Profile::blank("shop", ProfileSource::BuiltIn, Provider::S3));
        let catalog = ReadOnlyCatalog(catalog, shop);
        assert_eq!(catalog.page(&pages_of(9)).await.unwrap().records.len(), 1);
        let refusals = [
            catalog.record(&[new("l", 1)]).await.unwrap_err(),
            catalog.forget(&["k".into()], None).await.unwrap_err(),
            catalog.migrate().await.unwrap_err(),
        ];
        for refusal in refusals {
            assert_eq!(refusal.kind, FailureKind::ReadOnly);
            assert!(refusal.what.ends_with(": profile shop is read-only"), "{refusal}");
        }
        assert_eq!(catalog.page(&pages_of(9)).await.unwrap().records.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_found_leaves_a_rows_time_unless_it_is_another_object_and_an_upload_sets_it() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        database
            .foreign(
                "INSERT INTO r2_files (object_key, file_url, user_id, upload_timestamp, size_bytes, etag) VALUES \
                 ('unknown', 'theirs', 'me', NULL, NULL, NULL), ('resized', 'theirs', 'me', NULL, 1, NULL), \
                 ('retagged', 'theirs', 'me', NULL, NULL, 'old'), ('quoted', 'theirs', 'me', NULL, 5000000000, '\"abc-2\"'), \
                 ('uploaded', 'theirs', 'me', NULL, NULL, NULL), ('undated', 'theirs', 'me', NULL, NULL, NULL)",
            )
            .await;
        let dated = match &database {
            Database::Postgres(_) => "'2020-01-02 03:04:05Z'",
            Database::Sqlite(_) => "1577934245000000",
        };
        database
            .foreign(&format!("UPDATE r2_files SET upload_timestamp = {dated} WHERE object_key <> 'undated'"))
            .await;
        let found = |key: &str| NewRecord { origin: Origin::Found { at: at(9) }, ..new(key, 1) };
        let batch = ["unknown", "resized", "retagged", "quoted", "undated", "new"].map(found);
        catalog.record(&[&batch[..], &[new("uploaded", 1)]].concat()).await.unwrap();
        let of_2020 = "2020-01-02T03:04:05Z".parse().unwrap();
        for (key, time) in [
            ("unknown", of_2020),
            ("quoted", of_2020),
            ("resized", at(1)),
            ("retagged", at(1)),
            ("undated", at(1)),
            ("new", at(1)),
            ("uploaded", at(1)),
        ] {
            let record = catalog.find(key, Some("me")).await.unwrap().unwrap();
            assert_eq!(record.uploaded_at, Some(time), "{key}");
            assert_eq!((record.size, record.etag.as_deref()), (Some(5_000_000_000), Some("abc-2")), "{key}");
            let verified = if key == "uploaded" { at(1) } else { at(9) };
            assert_eq!(record.verified_at, Some(verified), "{key}");
        }
        catalog.record(&batch).await.unwrap();
        assert_eq!(catalog.find("unknown", None).await.unwrap().unwrap().uploaded_at, Some(of_2020), "once more");
    })
    .await;
}
