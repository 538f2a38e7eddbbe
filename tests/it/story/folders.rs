//! Folders of the catalog by keys in a real terminal: turned on and off, walked through whatever slashes the keys have,
//! searched, and still on at the next start.

use super::tables::with_both;
use crate::catalog::both::Database;
use crate::support::program::Home;
use crate::support::pty::Person;

/// Records of somebody else's app, beside the many: odd slashes and wide names.
const ODD: &str = "INSERT INTO s3_files (object_key, file_url, user_id, upload_timestamp, size_bytes, content_type) \
    SELECT k, '', 'me', NULL, 5, 'text/plain' FROM (SELECT '/leading/root.txt' AS k UNION ALL SELECT 'a//b.txt' \
    UNION ALL SELECT 'trailing/' UNION ALL SELECT 'top.txt' UNION ALL SELECT '日本語フォルダー/夏休みの写真😀.jpg') odd";

/// Whether the frame of Remote names this place.
fn stands_in<'a>(person: &'a mut Person, place: &str) -> &'a mut Person {
    let title = format!("Catalog ▾  {place} ");
    person.sees_that(&title, |screen| screen.contents().contains(&title))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_walked_through_folder_by_folder() {
    with_both(|table| async move {
        table.database.foreign(ODD).await;
        let mut person = table.screen(120, 36);
        person.sees("25000.txt").press("2z").sees("newest first").press("f").sees("1 file, 9 folders");
        stands_in(&mut person, "b/").cursor_is_on("/").sees("top.txt").sees("year4/").sees("日本語フォルダー/");

        person.press("l");
        stands_in(&mut person, "b//").sees("leading/").cursor_is_on("leading/").press("l");
        stands_in(&mut person, "b//leading/").sees("root.txt").press("h");
        stands_in(&mut person, "b//").cursor_is_on("leading/").press("h").sees("9 folders").press("j");
        person.cursor_is_on("a/").press("l");
        stands_in(&mut person, "b/a/").sees("1 folder").press("l");
        stands_in(&mut person, "b/a//").sees("b.txt").press("H");
        stands_in(&mut person, "b/a/").sees("1 folder").press("h").sees("9 folders").cursor_is_on("a/");
        person.press("/trail").sees("and below").press("<Esc>").no_longer_sees("and below").sees("year0/").press("G");
        person.cursor_is_on("日本語フォルダー/").press("<Enter>");
        stands_in(&mut person, "b/日本語フォルダー/")
            .sees("夏休みの写真😀.jpg")
            .press("<Esc>")
            .sees("1 Local")
            .press("<Esc>");
        person.cursor_is_on("日本語フォルダー/").press("os").sees("folders come by name alone").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_for_what_is_below_and_folders_are_on_at_the_next_start() {
    with_both(|table| async move {
        for (width, height) in [(120, 36), (80, 24), (40, 10)] {
            let mut person = table.screen(width, height);
            person.press("2z").no_longer_sees("1 Local");
            if width == 120 {
                person.sees("25000.txt").press("f");
                stands_in(&mut person, "b/").sees("year3/").press("gpyear3/<Enter>");
            }
            if width > 40 {
                stands_in(&mut person, "b/year3/");
            }
            person.sees("3 folders").sees("day1/").press("/10023");
            person.sees("day0/10023.txt").no_longer_sees("day1/");
            if width > 40 {
                person.sees("b/year3/ and below");
            }
            person.press("<Esc>").sees("day1/").press("/10023<Enter>").sees("day0/10023.txt").no_longer_sees("day1/");
            person
                .press("<Enter>")
                .cursor_is_on("10023.txt")
                .sees("10008.txt")
                .press("h")
                .cursor_is_on("day0/")
                .press("q");
            assert_eq!(person.ended().exit_code(), 0);
        }
        let mut person = table.screen(120, 36);
        stands_in(&mut person, "b/year3/").press("2f").sees("newest first").sees("25000.txt").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_far_down_in_a_folder_is_gone_to_and_what_is_not_there_is_said() {
    with_both(|table| async move {
        let mut person = table.screen(120, 36);
        person.sees("25000.txt").press("2f").sees("year3/").press("gpyear3/day0/9993.txt<Enter>");
        stands_in(&mut person, "b/year3/day0/").cursor_is_on("9993.txt").press("h");
        stands_in(&mut person, "b/year3/").cursor_is_on("day0/").press("H");
        stands_in(&mut person, "b/year3/day0/").cursor_is_on("9993.txt").press("gpyear3/day0/5994.txt<Enter>");
        person.sees("there is no year3/day0/5994.txt in the catalog").press("<Esc>").no_longer_sees("Jump").press("h");
        stands_in(&mut person, "b/year3/").press("/9978<Enter>").sees("day0/9978.txt").press("l");
        person.cursor_is_on("9978.txt").press("q");
        assert_eq!(person.ended().exit_code(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_index_it_says_so_calmly_and_shows_every_record() {
    with_both(|table| async move {
        let Database::Postgres(_) = &table.database else { return };
        table.database.foreign("DROP INDEX s3_files_windlass_key_order, s3_files_windlass_user_key_order").await;
        let mut person = table.screen(120, 36);
        person.sees("25000.txt").press("2f").sees("windlass catalog migrate").sees("newest first").sees("25000.txt");
        person
            .no_longer_sees("not migrated")
            .press("l")
            .sees("Inspector")
            .press("i")
            .no_longer_sees("Inspector")
            .press("q");
        assert_eq!(person.ended().exit_code(), 0);
    })
    .await;
}

#[test]
fn a_folder_is_counted_as_one_saved_and_deleted_whole() {
    let home = Home::new();
    home.file("hero.png", "hero");
    for key in ["holiday/one.png", "holiday/deep/two.png", "top.png"] {
        home.run(["upload", "hero.png", "--key", key]).with(0);
    }
    let mut person = home.screen(120, 36);
    person.sees("hero.png").press("2v").sees("1 file, 1 folder").press("v").sees("3 files").press("f");
    person
        .sees("1 file, 1 folder")
        .cursor_is_on("top.png")
        .press("gg")
        .cursor_is_on("holiday/")
        .press("s")
        .sees("Download holiday/")
        .press("<Enter>");
    person.sees("downloaded 2 of 2").press("<Enter>");
    stands_in(&mut person, "windlass/holiday/").sees("deep/    ").press("h");
    // The notice of the download has a bar and that name, too.
    stands_in(&mut person, "windlass/").sees("▎ holiday/  ");
    assert_eq!(home.read("holiday/deep/two.png"), b"hero");
    person
        .press("D")
        .sees("Delete everything beneath holiday/?")
        .sees("2 objects, 8 B")
        .press("y")
        .sees("deleted 2 of 2")
        .sees("1 file as of");
    person.cursor_is_on("top.png").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
