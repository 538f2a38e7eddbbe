//! Keys of a person's own, in a real terminal: they work, the screen names them, and a mistake in the file is told with its line
//! and keeps nobody out.

use crate::support::program::Home;

/// A home with that `keymap.toml` and one file.
fn with_keys(keymap: &str) -> Home {
    let home = Home::new();
    std::fs::create_dir_all(home.config()).unwrap();
    std::fs::write(home.config().join("keymap.toml"), keymap).unwrap();
    home.file("hero.png", "pixels");
    home
}

#[test]
fn ones_own_keys_work_and_are_named_in_hints_help_and_complaints() {
    let home = with_keys(
        "[local]\nupload = [\"ctrl-t u\", \"U\"]\n[lists]\nmove-down = [\"n\", \"down\"]\nnext-hit = [\"f\"]\n\
         filter = []\n[all]\nprofiles = [\"W\"]\n",
    );
    let mut person = home.screen(120, 36);
    person.sees("hero.png").sees("^t u upload").sees("W profile").press("ggn").cursor_is_on("hero.png");
    person.press("j").press("f").sees("nothing is searched for: :filter begins");
    person.press("?").sees("n ↓").press("G").sees("^t u U").press("<Esc>").no_longer_sees("Help");
    person
        .press("<C-t>")
        .sees("u upload")
        .press("u")
        .sees("Upload hero.png")
        .press("<Esc>")
        .no_longer_sees("Upload hero");
    person.press("W").sees("Profiles").press("<Esc>").no_longer_sees("Profiles").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn a_mistake_is_told_with_its_line_on_the_screen_and_by_the_doctor() {
    let home = with_keys("[local]\nuplaod = [\"U\"]\n");
    let mut person = home.screen(120, 36);
    person
        .sees("hero.png")
        .press("!")
        .sees("Messages")
        .sees("keymap.toml, line 2")
        .sees("`uplaod`")
        .sees("`upload`?")
        .press("<Esc>")
        .no_longer_sees("Messages");
    person.press("u").sees("Upload hero.png").press("<Esc>").no_longer_sees("Upload hero").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let told = home.run(["doctor"]);
    assert!(told.out.contains("line 2: there is no action `uplaod`"), "{told:?}");
}

#[test]
fn of_many_mistakes_the_first_stand_in_a_notice_with_how_many_more_there_are() {
    let lines: String = (0..9).map(|number| format!("wrong-{number} = [\"x\"]\n")).collect();
    let home = with_keys(&format!("[local]\n{lines}"));
    let mut person = home.screen(80, 24);
    person.sees("line 2").sees("`wrong-0`").sees(" more: ! shows all").press("!").sees("Messages");
    person
        .sees("line 3")
        .sees("`wrong-1`")
        .press("G")
        .sees("line 10")
        .sees("`wrong-8`")
        .press("<Esc>")
        .no_longer_sees("Messages")
        .press("q");
    assert_eq!(person.ended().exit_code(), 0);
}

#[test]
fn what_the_panes_advise_names_ones_own_keys() {
    let home = with_keys("[local]\nupload = [\"U\"]\n[transfers]\ndetails = [\"I\"]\n");
    let mut person = home.screen(120, 36);
    person.sees("U   upload a file, in Local").cursor_is_on("hero.png");
    person.press("U").sees("Upload hero.png").press("<Enter>").sees("uploaded 1 of 1");
    person.press("3").cursor_is_on("hero.png").press("I").sees("if it is there").press("<Esc>");
    person.no_longer_sees("if it is there");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
