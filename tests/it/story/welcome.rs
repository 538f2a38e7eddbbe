//! The first run, with nothing configured: a calm welcome where files will be, and every key acts at once.

use crate::support::program::Home;

#[test]
fn the_welcome_goes_with_the_first_record_and_stays_away() {
    for (width, height) in [(120, 36), (80, 24)] {
        let home = Home::new();
        home.file("hero.png", "pixels");
        let mut person = home.screen(width, height);
        person.sees("Windlass keeps files").sees("upload a file, in Local").sees("P, then n: add");
        person.cursor_is_on("hero.png").press("u").sees("Upload hero.png").press("<Enter>");
        person.sees("1 file").no_longer_sees("Windlass keeps files");
        person.press("2").cursor_is_on("hero.png").press("D").sees("Delete").press("y").sees("no files yet");
        assert!(!person.text().contains("Windlass keeps files"), "{}", person.text());
        person.press("q");
        assert_eq!(person.ended().exit_code(), 0);
    }
}

#[test]
fn on_a_small_screen_the_keys_to_try_remain_and_act() {
    let home = Home::new();
    let mut person = home.screen(40, 10);
    person.sees("Local").press("2").sees("upload a file").sees("copy a link").sees("all keys");
    person.press("P").sees("local").press("n").sees("New profile").press("<Esc>");
    person.no_longer_sees("New profile").press("?").sees("Help");
}

#[test]
fn who_has_a_profile_is_not_welcomed() {
    let home = Home::new();
    home.configure("[profiles.mine]\nprovider = \"local\"\n");
    let mut person = home.screen(120, 36);
    person.sees("no files yet");
    assert!(!person.text().contains("Windlass keeps files"), "{}", person.text());
}

#[test]
fn an_empty_catalog_says_why_it_is_empty_and_how_the_bucket_is_seen() {
    let away = "endpoint = \"http://127.0.0.1:1\"\nregion = \"us-east-1\"\naccess_key_id = \"id\"\n\
                secret_access_key = \"secret\"\nbucket = \"pics\"\n";
    let home = Home::new();
    home.configure(&format!(
        "default_profile = \"mine\"\n[profiles.mine]\nprovider = \"local\"\n\
         [profiles.shown]\nprovider = \"local\"\nread_only = true\n[profiles.away]\nprovider = \"s3\"\n{away}"
    ));
    let mut person = home.screen(120, 36);
    person.sees("u in Local uploads one").sees("v shows what the bucket holds; w there writes its record");
    person
        .press(":")
        .sees("Command")
        .press("profile shown<Enter>")
        .sees("this profile is read-only: nothing can be up");
    assert!(!person.text().contains("uploads one"), "{}", person.text());
    person.press(":").sees("Command").press("profile away<Enter>").sees("uploads one");
    person.press("2v").sees("R tries again").press("v").sees("the bucket could not be read: v shows why");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
