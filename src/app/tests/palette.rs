//! The palette and the help: what they list, what they run, and why not.

use super::stage::{Stage, file, folder, slot};
use crate::action::{Action, OwnFile, Place, TABLE};
use crate::app::effect::{EditEnd, EditStep, OwnNews, Wanted};
use crate::app::{Answer, App, Dialog, Effect, PaletteDialog, PaletteRow};
use crate::config::theme::ThemeFile;
use crate::domain::{Failure, FailureKind};

fn dialog(app: &App) -> &PaletteDialog {
    match app.dialog() {
        Some(Dialog::Palette(dialog)) => dialog,
        other => panic!("no palette: {other:?}"),
    }
}

/// The lines that the rows stand for: names of actions, lines run before, values.
fn listed(stage: &Stage) -> Vec<String> {
    let rows = stage.app.palette_rows(dialog(&stage.app));
    let text = |row: &PaletteRow| match row {
        PaletteRow::Action(row) => Some(row.action.name().to_owned()),
        PaletteRow::Before(line) => Some(format!("again {line}")),
        PaletteRow::Value { value, .. } => Some(value.clone()),
        PaletteRow::File { path, about, .. } => Some(format!("{}: {about}", path.display())),
        PaletteRow::Heading(_) | PaletteRow::Reason(_) | PaletteRow::Nothing(_) => None,
    };
    rows.iter().filter_map(text).collect()
}

fn problem(stage: &Stage) -> &str {
    dialog(&stage.app).problem.as_deref().unwrap_or_default()
}

#[test]
fn the_palette_lists_every_action_with_what_works_here_first() {
    let mut stage = Stage::full();
    stage.press(":");
    let names = listed(&stage);
    assert_eq!(names.len(), TABLE.len());
    let place = |name: &str| names.iter().position(|listed| listed == name).unwrap();
    assert!(place("upload") < place("delete"), "upload works in Local, where the cursor is");
}

#[test]
fn every_action_is_in_the_help_of_a_place_and_in_the_palette_with_its_key() {
    let mut unseen: Vec<&str> = TABLE.iter().map(|entry| entry.name).collect();
    for (place, keys) in [(Place::Local, "1"), (Place::Catalog, "2"), (Place::Bucket, "2 v"), (Place::Transfers, "3")] {
        let mut stage = Stage::full();
        stage.press(keys).press("?");
        assert_eq!(stage.app.place(), place);
        for row in stage.app.palette_rows(dialog(&stage.app)) {
            if let PaletteRow::Action(row) = row {
                assert!(!row.keys.is_empty(), "{}", row.action.name());
                unseen.retain(|name| *name != row.action.name());
            }
        }
    }
    assert_eq!(unseen, [""; 0]);
}

#[test]
fn what_is_found_is_run() {
    let mut stage = Stage::full();
    stage.press(":").type_text("pane-t").press("enter");
    assert!(stage.app.dialog().is_none());
    assert_eq!(stage.app.place(), Place::Transfers);
}

#[test]
fn the_cursor_chooses_among_what_is_found() {
    let mut stage = Stage::full();
    stage.press(":").type_text("pane-").press("down down enter");
    let names = ["pane-local", "pane-remote", "pane-transfers"];
    assert_eq!(stage.app.place(), Place::Transfers, "the third of {names:?}");
}

#[test]
fn what_works_elsewhere_says_so_and_the_line_stays() {
    let mut stage = Stage::full();
    stage.press(":").type_text("delete").press("enter");
    assert_eq!(problem(&stage), "delete: works in Remote");
    stage.type_text("1ju");
    assert_eq!(dialog(&stage.app).text(), "delete", "letters meant for the panes are not appended");
    assert_eq!(problem(&stage), "still open (← changes it, Esc closes it): delete: works in Remote");
    stage.press("backspace").type_text("x");
    assert_eq!((dialog(&stage.app).text(), problem(&stage)), ("deletx", ""));
}

#[test]
fn what_needs_no_row_is_run_by_its_name_from_any_pane() {
    for pane in ["1", "2", "3"] {
        let mut stage = Stage::full();
        stage.press(pane).press(":").type_text("limits 2 10M").press("enter");
        assert!(stage.app.dialog().is_none(), "{}", problem(&stage));
        assert!(stage.effects.iter().any(|effect| matches!(effect, Effect::SetLimits { .. })), "{pane}");
    }
    let mut stage = Stage::full();
    stage.press("1 :").type_text("link 24h").press("enter");
    assert_eq!(problem(&stage), "link for …: works in Remote");
}

#[test]
fn the_help_finds_what_works_elsewhere_and_says_where() {
    let mut stage = Stage::full();
    stage.press("1 ? /").type_text("copy-link");
    assert_eq!(listed(&stage)[..2], ["copy-link", "copy-link-for"]);
    let rows = stage.app.palette_rows(dialog(&stage.app));
    assert_eq!(rows[1], PaletteRow::Reason("works in Remote".into()));
    stage.press("ctrl-u").type_text("xyzzy");
    let rows = stage.app.palette_rows(dialog(&stage.app));
    assert_eq!(rows, [PaletteRow::Nothing("nothing is called or does \"xyzzy\"; fewer letters find more".into())]);
}

#[test]
fn a_word_for_colours_settings_or_keys_names_the_setting_and_opens_its_file() {
    let config = "/home/me/.config/windlass";
    let settings = format!("{config}/config.toml: theme = \"dark\" or \"light\" at the top keeps the choice");
    let colours = format!("{config}/theme.toml: single colours, unless theme is \"dark\" or \"light\"");
    let worn = ["auto", "dark", "light"];
    for (typed, rows) in [
        ("theme", [vec![settings.clone(), colours.clone()], worn.map(str::to_owned).to_vec()].concat()),
        ("colours", vec![settings, colours]),
        ("keymap", vec![format!("{config}/keymap.toml: the keys of every action")]),
    ] {
        for keys in [":", "? /"] {
            let mut stage = Stage::full();
            stage.press(keys).type_text(typed);
            assert_eq!(listed(&stage), rows, "{keys} {typed}");
            stage.press("tab");
            assert_eq!(dialog(&stage.app).text(), typed, "there is nothing to complete");
        }
    }
    let mut stage = Stage::full();
    stage.press(":").type_text("theme").press("down enter");
    assert!(stage.app.dialog().is_none());
    let theme = std::path::PathBuf::from(format!("{config}/theme.toml"));
    let steps = |stage: &Stage| {
        let step = |effect: &Effect| if let Effect::Edit { step, .. } = effect { Some(step.clone()) } else { None };
        stage.effects.iter().filter_map(step).collect::<Vec<_>>()
    };
    assert_eq!(steps(&stage), [EditStep::Begin { file: OwnFile::Colours, path: theme.clone() }]);
    let request = stage.asked("Edit");
    stage.answer(request, Answer::Edit(Ok(EditEnd::Opened(theme.clone()))));
    assert_eq!(steps(&stage), [EditStep::Lend(theme)]);
    let request = stage.asked("Edit");
    stage.answer(request, Answer::Edit(Ok(EditEnd::Closed)));
    assert_eq!(steps(&stage), [EditStep::ReadOwn(OwnFile::Colours)]);
    let request = stage.asked("Edit");
    let colours = Box::new(ThemeFile { base: Some("light".into()), ..ThemeFile::default() });
    let news = |mistakes| Answer::Edit(Ok(EditEnd::Read(OwnNews::Colours(colours.clone()), mistakes)));
    stage.answer(request, news(Vec::new()));
    let worn = |stage: &Stage| stage.effects.contains(&Effect::Wear(colours.clone()));
    assert!(worn(&stage));
    assert_eq!(stage.said(), ["saved theme.toml: its colours hold now"]);
}

#[test]
fn a_theme_behind_its_word_is_worn_at_once_and_it_is_said_how_it_is_kept() {
    let mut stage = Stage::full();
    stage.press(":").type_text("theme l");
    assert_eq!(listed(&stage), ["light"]);
    stage.press("enter");
    assert!(stage.app.dialog().is_none());
    let asked = |stage: &Stage| {
        let step = |effect: &Effect| if let Effect::Edit { step, .. } = effect { Some(step.clone()) } else { None };
        stage.effects.iter().find_map(step)
    };
    assert_eq!(asked(&stage), Some(EditStep::ReadTheme("light".into())));
    let request = stage.asked("Edit");
    let colours = Box::new(ThemeFile { base: Some("light".into()), ..ThemeFile::default() });
    stage.answer(request, Answer::Edit(Ok(EditEnd::Read(OwnNews::Colours(colours.clone()), Vec::new()))));
    assert!(stage.effects.contains(&Effect::Wear(colours)));
    assert_eq!(stage.said(), ["theme light until you quit; theme = \"light\" in config.toml keeps it"]);
    stage.press(":").type_text("theme");
    let Some(Dialog::Palette(palette)) = stage.app.dialog() else { panic!("no palette") };
    let rows = stage.app.palette_rows(palette);
    assert!(matches!(rows.first(), Some(PaletteRow::File { file: OwnFile::Settings, .. })), "{rows:?}");
    assert!(rows.contains(&PaletteRow::Before("theme light".into())), "{rows:?}");
    stage.press("esc");

    stage.press(":").type_text("theme ./mine.toml").press("enter");
    assert_eq!(asked(&stage), Some(EditStep::ReadTheme("./mine.toml".into())));
    let request = stage.asked("Edit");
    stage.answer(request, Answer::Edit(Err(Failure::new(FailureKind::Usage, "cannot read it"))));
    assert!(!stage.effects.iter().any(|effect| matches!(effect, Effect::Wear(_))), "nothing else is worn instead");

    stage.press(":").type_text("theme ligth").press("enter");
    let problem = dialog(&stage.app).problem.clone().unwrap();
    assert!(problem.contains("there is no theme \"ligth\""), "{problem}");
}

#[test]
fn keys_that_were_edited_hold_at_once_and_what_is_wrong_with_them_is_told() {
    let mut stage = Stage::full();
    stage.press(":").type_text("keymap").press("enter");
    let request = stage.asked("Edit");
    stage.answer(request, Answer::Edit(Ok(EditEnd::Opened("/c/keymap.toml".into()))));
    let request = stage.asked("Edit");
    stage.answer(request, Answer::Edit(Ok(EditEnd::Closed)));
    let request = stage.asked("Edit");
    let text = "[lists]\nmove-down = \"n\"\n";
    let keys = Box::new(crate::config::keymap::read("/c/keymap.toml".as_ref(), text).0);
    let mistake = Failure::new(FailureKind::Usage, "keymap.toml, line 3: there is no action `uplaod`");
    stage.answer(request, Answer::Edit(Ok(EditEnd::Read(OwnNews::Keys(keys), vec![mistake.clone()]))));
    assert_eq!(stage.said(), ["saved keymap.toml", mistake.what.as_str()]);
    let before = stage.press("1").local_cursor();
    assert_eq!(stage.press("j").local_cursor(), before, "it is no key any more");
    assert_ne!(stage.press("n").local_cursor(), before);
}

#[test]
fn settings_that_were_edited_have_the_profiles_read_again() {
    for (end, said, read) in
        [(EditEnd::Closed, vec![], true), (EditEnd::Unchanged, vec!["config.toml is as it was"], false)]
    {
        let mut stage = Stage::full();
        stage.press(":").type_text("settings").press("enter");
        let request = stage.asked("Edit");
        stage.answer(request, Answer::Edit(Ok(EditEnd::Opened("/c/config.toml".into()))));
        let request = stage.asked("Edit");
        stage.answer(request, Answer::Edit(Ok(end)));
        assert_eq!((stage.said(), stage.asked_if("ReadProfiles").is_some()), (said, read));
        assert_eq!(stage.asked_if("Edit"), None, "the file is read once");
        if let Some(request) = stage.asked_if("ReadProfiles") {
            stage.answer(request, Answer::ProfilesRead(Ok(vec![slot("prod"), slot("other")])));
            stage.asked("Edit");
        }
    }
}

#[test]
fn a_file_that_the_editor_wrote_as_it_was_is_read_all_the_same() {
    let mut stage = Stage::full();
    stage.press(":").type_text("keymap").press("enter");
    stage.answer(stage.asked("Edit"), Answer::Edit(Ok(EditEnd::Opened("/c/keymap.toml".into()))));
    stage.answer(stage.asked("Edit"), Answer::Edit(Ok(EditEnd::Rewritten)));
    let keys = Box::new(crate::config::keymap::read("/c/keymap.toml".as_ref(), "[lists]\nmove-down = \"n\"\n").0);
    let read = EditEnd::Read(OwnNews::Keys(keys), Vec::new());
    stage.answer(stage.asked("Edit"), Answer::Edit(Ok(read)));
    assert_eq!(stage.said(), ["keymap.toml is as it was: its keys hold now"]);
}

#[test]
fn keys_that_are_all_commented_out_are_not_said_to_hold() {
    let mut stage = Stage::full();
    stage.press(":").type_text("keymap").press("enter");
    stage.answer(stage.asked("Edit"), Answer::Edit(Ok(EditEnd::Opened("/c/keymap.toml".into()))));
    stage.answer(stage.asked("Edit"), Answer::Edit(Ok(EditEnd::Closed)));
    let keys = Box::new(crate::config::keymap::read("/c/keymap.toml".as_ref(), "[local]\n# upload = [\"u\"]\n").0);
    let read = EditEnd::Read(OwnNews::Keys(keys), Vec::new());
    stage.answer(stage.asked("Edit"), Answer::Edit(Ok(read)));
    assert_eq!(stage.said(), ["saved keymap.toml: every key is as it comes; a line holds without its #"]);
}

#[test]
fn settings_with_a_profile_that_cannot_be_used_are_not_said_to_hold() {
    let mut stage = Stage::full();
    stage.press(":").type_text("settings").press("enter");
    stage.answer(stage.asked("Edit"), Answer::Edit(Ok(EditEnd::Opened("/c/config.toml".into()))));
    stage.answer(stage.asked("Edit"), Answer::Edit(Ok(EditEnd::Closed)));
    let mut broken = slot("other");
    broken.profile = Err(Failure::new(FailureKind::Usage, "there is no key `theme` in [profiles.other]"));
    stage.answer(stage.asked("ReadProfiles"), Answer::ProfilesRead(Ok(vec![slot("prod"), broken])));
    let read = EditEnd::Read(OwnNews::Colours(Box::default()), Vec::new());
    stage.answer(stage.asked("Edit"), Answer::Edit(Ok(read)));
    let said = stage.said();
    assert_eq!(said[0], "profiles: other has changed and has a mistake");
    assert_eq!(said[2], "saved config.toml: the profiles without a mistake and the theme hold now");
}

#[test]
fn a_name_that_is_none_says_so() {
    let mut stage = Stage::full();
    stage.press(":").type_text("xyzzy now").press("enter");
    assert_eq!(problem(&stage), "there is no action \"xyzzy\": ? shows what works here, and its keys");
}

#[test]
fn a_profile_is_completed_and_put_in_force() {
    let mut stage = Stage::full();
    stage.press(":").type_text("profile ");
    assert_eq!(listed(&stage), ["prod", "other"]);
    stage.type_text("o").press("tab");
    assert_eq!(dialog(&stage.app).text(), "profile other");
    stage.press("enter");
    assert_eq!(stage.app.remote().slot().name, "other");
    stage.press(":").type_text("profile nobody").press("enter");
    assert_eq!(problem(&stage), "there is no profile \"nobody\"; the profiles are: prod, other");
}

#[test]
fn a_link_is_asked_for_with_its_length_of_time() {
    let mut stage = Stage::full();
    stage.press("2 :").type_text("link 2h").press("enter");
    let wanted = Wanted::Presigned(7200);
    assert!(
        stage.effects.iter().any(|effect| matches!(effect, Effect::Link { wanted: asked, .. } if *asked == wanted)),
        "{:?}",
        stage.effects
    );
    stage.press(":").type_text("link 8d").press("enter");
    assert!(problem(&stage).contains("7 d"), "{}", problem(&stage));
}

#[test]
fn a_folder_is_completed_and_gone_to() {
    let mut stage = Stage::full();
    stage.press(":").type_text("cd ");
    assert_eq!(listed(&stage), ["sub/"]);
    stage.press("enter");
    let gone = |stage: &Stage, to: &str| {
        stage.effects.iter().any(|effect| matches!(effect, Effect::ListFolder { path, .. } if path.ends_with(to)))
    };
    assert!(gone(&stage, "me/sub"), "{:?}", stage.effects);
    stage.press(":").type_text("cd ../you").press("enter");
    assert!(gone(&stage, "home/you"), "{:?}", stage.effects);
}

#[test]
fn a_path_is_completed_folder_by_folder_while_it_is_typed() {
    let mut stage = Stage::full();
    stage.press(":").type_text("cd /");
    let request = stage.asked("ListFolder");
    stage
        .answer(request, Answer::Folder(Ok(vec![folder("usr"), folder("var"), folder(".hidden"), file("vmlinuz", 1)])));
    assert_eq!(listed(&stage), ["/usr/", "/var/"]);
    stage.type_text("v").press("tab");
    assert_eq!(dialog(&stage.app).text(), "cd /var/");
    let request = stage.asked("ListFolder");
    stage.answer(request, Answer::Folder(Ok(vec![folder("log")])));
    assert_eq!(listed(&stage), ["/var/log/"]);
    stage.type_text("l");
    assert_eq!(stage.asked_if("ListFolder"), None, "what is known is not asked again");
}

#[test]
fn a_prefix_is_gone_to_from_the_top_or_from_here() {
    let mut stage = Stage::in_bucket(&["a/", "b"]);
    for (typed, prefix) in [("cd a", "a/"), ("open x/y", "a/x/y/"), ("cd /top/", "top/"), ("cd /", "")] {
        stage.press(":").type_text(typed).press("enter");
        assert_eq!(stage.app.remote().bucket().prefix(), prefix, "{typed}");
    }
}

#[test]
fn limits_a_filter_and_a_target_are_typed_with_their_action() {
    let mut stage = Stage::full();
    stage.press(":").type_text("filter png").press("enter");
    assert_eq!(stage.local(), ["b.png"]);
    stage.press("2 :").type_text("save-as out/x.png").press("enter");
    assert!(format!("{:?}", stage.effects).contains("out/x.png"), "{:?}", stage.effects);
    stage.press("3 :").type_text("limits 4 10M").press("enter");
    let limits = |effect: &Effect| matches!(effect, Effect::SetLimits { limits, .. } if limits.jobs == 4 && limits.rate == 10 << 20);
    assert!(stage.effects.iter().any(limits), "{:?}", stage.effects);
    stage.press(":").type_text("limits 0").press("enter");
    assert!(problem(&stage).starts_with("this is no number of transfers"), "{}", problem(&stage));
    stage.press("esc :").type_text("redraw now").press("enter");
    assert_eq!(problem(&stage), "redraw takes nothing behind it: leave it out");
}

#[test]
fn what_was_run_is_offered_again_the_latest_first() {
    let mut stage = Stage::with(vec![slot("prod"), slot("other")]);
    for line in ["profile other", "profile prod", "zoom"] {
        stage.press(":").type_text(line).press("enter");
    }
    stage.press(":");
    assert_eq!(listed(&stage)[..3], ["again zoom", "again profile prod", "again profile other"]);
    stage.press("down enter");
    assert_eq!(stage.app.remote().slot().name, "prod");
    stage.press(":").type_text("prof");
    assert_eq!(listed(&stage)[..2], ["profiles", "again profile prod"]);
}

#[test]
fn the_help_is_searched_and_runs_what_it_shows() {
    let mut stage = Stage::full();
    stage.press("? /").type_text("hidden");
    assert_eq!(listed(&stage)[0], "hidden-files");
    stage.press("enter");
    assert!(stage.app.browser().shows_hidden());
    stage.press("? j enter");
    assert_eq!(stage.local_cursor(), "..", "the second row is move-up");
    stage.press("? / x esc");
    assert!(dialog(&stage.app).typed.is_none(), "the search goes first");
    stage.press("esc");
    assert!(stage.app.dialog().is_none());
}

#[test]
fn the_row_under_the_cursor_is_always_among_those_shown() {
    let mut stage = Stage::full();
    for height in [10, 24, 36] {
        stage.resize(80, height).press("?");
        let page = crate::app::layout::scroll_page(stage.app.size());
        for keys in [&["j"; 60][..], &["k"; 60], &["ctrl-d"; 9], &["ctrl-u"; 9], &["G", "g", "G"]].concat() {
            stage.press(keys);
            let rows = stage.app.palette_rows(dialog(&stage.app));
            let (cursor, offset) = (dialog(&stage.app).cursor, dialog(&stage.app).offset);
            let chosen = rows.iter().enumerate().filter(|(_, row)| row.can_be_chosen()).nth(cursor).unwrap().0;
            assert!((offset..offset + page).contains(&chosen), "{keys}: row {chosen} of {offset} + {page}");
        }
        stage.press("esc");
    }
}

#[test]
fn the_key_that_quits_is_an_action_like_others() {
    let mut stage = Stage::full();
    stage.press(":").type_text("interrupt").press("enter");
    assert!(stage.said()[0].starts_with("^c once more quits"), "{:?}", stage.said());
    assert!(TABLE.iter().any(|entry| entry.action == Action::Interrupt));
}
