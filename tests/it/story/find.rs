//! The whole table searched by keys in a real terminal, in PostgreSQL and SQLite, with an index and without.

use super::tables::with_both;
use crate::catalog::both::Database;

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_table_is_searched_while_one_types() {
    with_both(|table| async move {
        let mut person = table.screen(120, 36);
        person.sees("25000.txt").press("2/rare").sees("1-Rare.png").sees("/rare  3").no_longer_sees("25000.txt");
        if let Database::Postgres(_) = &table.database {
            person.sees("3 of ~");
        }
        person.cursor_is_on("3-Rare.png").press("<Enter>n").cursor_is_on("2-Rare.png").press("N");
        person.cursor_is_on("3-Rare.png").press("<Esc>").sees("25000.txt").no_longer_sees("/rare");
        person.press("/no such key").sees("no key has that").press("<Esc>").sees("25000.txt").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_index_it_says_so_calmly_and_finds_the_same() {
    with_both(|table| async move {
        let Database::Postgres(_) = &table.database else { return };
        table.database.foreign("DROP INDEX s3_files_windlass_search").await;
        let mut person = table.screen(80, 24);
        person.press("2").sees("25000.txt").press("/-rare.p").sees("1-Rare.png").sees("no index helps this search");
        person.sees("/-rare.p  3").press("<Esc>").sees("25000.txt").no_longer_sees("no index").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn types_and_sizes_are_asked_of_the_whole_table() {
    with_both(|table| async move {
        let mut person = table.screen(120, 36);
        person.sees("25000.txt").press("2:type image<Enter>").sees("1-Rare.png").sees("3 files");
        person
            .no_longer_sees("25000.txt")
            .press("<Esc>")
            .sees("25000.txt")
            .press(":larger 80M<Enter>")
            .sees("2-Rare.png");
        person.sees("≥ 80.0 MiB").press("/no<Enter>").sees("no key has that").press("<Esc>").sees("2-Rare.png");
        person.press("<Esc>").sees("25000.txt").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    })
    .await;
}
