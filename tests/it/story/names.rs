//! A website's folder goes up under the names that it has, by one key in the question, whatever the profile's template.

use crate::support::program::Home;

#[test]
fn a_website_goes_up_with_its_names_kept_by_one_key() {
    let home = Home::new();
    home.file("site/index.html", "<p>");
    home.file("site/css/a.css", "p {}");
    let mut person = home.screen(80, 24);
    person.sees("site/").cursor_is_on("site/").press("u").sees("Upload site/").sees("^n keep names");
    person.sees("-name.txt").sees("each name is a new one").press("<C-n>").sees("would become site/name.txt");
    person.sees("already there: nothing").sees("^n by template").press("<Enter>").sees("uploaded 2 of 2");
    let listed = home.run(["ls", "--bucket", "--json"]).with(0).json();
    let keys: Vec<&str> = listed.iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["site/css/a.css", "site/index.html"]);

    person.press("u").sees("Upload site/").sees("already there: 2 files, 7 B").press("<C-n>");
    person.sees("each name is a new one").press("<C-n>").sees("already there: 2 files, 7 B").press("<F1>");
    person
        .sees("Keys of this dialog")
        .sees("by template")
        .press("<Esc>")
        .no_longer_sees("Keys of this")
        .press("<Esc>")
        .no_longer_sees("Upload site/")
        .press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
