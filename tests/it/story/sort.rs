//! The whole table put in order by keys in a real terminal, in PostgreSQL and SQLite.

use super::tables::with_both;

#[tokio::test(flavor = "multi_thread")]
async fn the_database_puts_the_whole_table_in_order() {
    with_both(|table| async move {
        let mut person = table.screen(120, 36);
        person.sees("25000.txt").sees("newest first").press("2osos").sees("by size ↓").sees("3-Rare.png");
        person.press("gg").cursor_is_on("3-Rare.png").press("/day0").sees("/day0 ").no_longer_sees("2-Rare.png");
        person.press("<Enter>on").sees("by name ↓").cursor_is_on("10005.txt").press("<Esc>").no_longer_sees("/day0 ");
        person
            .press("gg")
            .cursor_is_on("10005.txt")
            .press("od")
            .sees("by date ↑")
            .press("gg")
            .cursor_is_on("1-Rare.png");
        person.press("q");
        assert_eq!(person.ended().exit_code(), 0);
    })
    .await;
}
