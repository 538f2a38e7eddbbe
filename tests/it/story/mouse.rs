//! One way through Windlass by mouse, in a real terminal: focus, folder, choice, wheel, scroll bar and a hint.

use crate::support::program::Home;

#[test]
fn by_mouse_a_folder_is_opened_a_list_scrolled_and_a_file_uploaded() {
    let home = Home::new();
    for number in 0..80 {
        home.file(&format!("pictures/file-{number:02}.jpg"), "pixels");
    }
    let mut person = home.screen(120, 36);
    person.sees("pictures").double_clicks_on("pictures").sees("file-00.jpg").clicks_on("file-03.jpg");
    person.cursor_is_on("file-03.jpg");
    let row = person.place_of("file-05.jpg");
    person.wheels(row, 2).cursor_is_on("file-09.jpg").wheels(row, -1).cursor_is_on("file-06.jpg");
    let thumb = person.place_of("┃");
    person.drags(thumb, (thumb.0, 34)).sees("file-79.jpg").drags((thumb.0, 24), (thumb.0, 1)).sees("file-00.jpg");
    person.clicks_on("file-02.jpg").cursor_is_on("file-02.jpg").clicks_on("u upload").sees("Upload file-02.jpg");
    person.clicks_on("queue").sees("uploaded 1 of 1").clicks_on("Remote").sees("yl link").cursor_is_on("file-02.jpg");
    person.clicks_on("? help").sees("Help").clicks_on("Esc close").no_longer_sees("Help");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(person.terminal_is_as_before());
}

#[test]
fn by_mouse_a_profile_is_chosen_a_command_run_and_a_question_answered() {
    let home = Home::new();
    home.file("hero.png", "pixels");
    home.configure("[profiles.one]\nprovider = \"local\"\n\n[profiles.two]\nprovider = \"local\"\n");
    let mut person = home.screen(80, 24);
    person.sees("hero.png").press("P").sees("Profiles").clicks_on(" two ").cursor_is_on("two");
    person.sees("Profiles").double_clicks_on(" two ").no_longer_sees("Profiles").sees("two");
    person.press("P").sees("Profiles").cursor_is_on("two").clicks_on("hero").sees("Profiles").press("<Esc>");
    person.no_longer_sees("Profiles").press(":").types("messages").sees("▎").double_clicks_on("everything said");
    person.sees("Messages").clicks_on("Esc close").no_longer_sees("Messages");
    person.press("1/hero<Enter>u").sees("Upload hero.png").press("<Enter>").sees("uploaded 1 of 1").press("2");
    person
        .sees("yl link")
        .cursor_is_on("hero.png")
        .press("D")
        .sees("cannot be undone")
        .clicks_on("   Delete ")
        .sees("deleted 1 of 1")
        .press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(person.terminal_is_as_before());
}

#[test]
fn the_mouse_is_left_to_the_terminal_by_a_key_and_by_the_setting() {
    let home = Home::new();
    home.file("hero.png", "pixels");
    let is_ours = |screen: &vt100::Screen| screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
    let mut person = home.screen(80, 24);
    person.sees("hero.png").sees_that("the mouse is taken", is_ours).press("M").sees("to select text");
    person.sees_that("it is given back", |screen| !is_ours(screen)).press("M").sees_that("it is taken", is_ours);
    person.press("q").ended();
    home.configure("mouse = false\n");
    let mut person = home.screen(80, 24);
    person.sees("hero.png");
    assert!(!person.look(is_ours));
    person.press("M").sees_that("it is taken", is_ours).press("q").ended();
    assert!(person.terminal_is_as_before());
}
