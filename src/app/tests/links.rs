//! Links: how long they are asked for, how long they are good, and that nothing but the dialog shows them.

use chrono::TimeDelta;

use super::dialogs::prompt;
use super::stage::{Stage, profile, slot_of};
use crate::app::dialog::{ExpiryDialog, LinkDialog};
use crate::app::effect::Wanted;
use crate::app::{Answer, Dialog, Effect, LinkText};
use crate::domain::SecretUrl;

fn link_dialog(stage: &Stage) -> &LinkDialog {
    match stage.app.dialog() {
        Some(Dialog::Link(dialog)) => dialog,
        other => panic!("no link: {other:?}"),
    }
}

fn link(url: &str, seconds: i64, stage: &Stage) -> LinkText {
    let expires_at = Some(stage.now() + TimeDelta::seconds(seconds));
    LinkText { key: "new.png".into(), text: SecretUrl::new(url), expires_at }
}

#[test]
fn a_link_is_shown_whole_copied_and_its_real_expiry_said() {
    let mut stage = Stage::full();
    stage.press("2 y l");
    let request = stage.asked("Link");
    let (profile, keys) = ("prod".to_owned(), vec!["new.png".to_owned()]);
    assert_eq!(stage.effects, [Effect::Link { request, profile, keys, wanted: Wanted::Presigned(3600) }]);
    let url = link("https://host/new.png?sig=1", 3600, &stage);
    stage.answer(request, Answer::Links(Ok(vec![url])));
    let request = stage.asked("Copy");
    assert_eq!(stage.effects, [Effect::Copy { request, text: SecretUrl::new("https://host/new.png?sig=1") }]);
    let dialog = link_dialog(&stage);
    assert_eq!((dialog.links[0].text.expose(), &dialog.said), ("https://host/new.png?sig=1", &None));
    assert!(dialog.good_for.as_ref().unwrap().starts_with("good for 1 h, until "), "{dialog:?}");
    stage.answer(request, Answer::Copied(Ok("sent to your terminal".into())));
    assert_eq!(link_dialog(&stage).said.as_deref(), Some("sent to your terminal"));
    stage.press("esc");
    assert!(stage.app.dialog().is_none());
}

#[test]
fn a_link_is_good_for_as_long_as_was_chosen_in_the_same_words() {
    for (number, label) in ExpiryDialog::labels().take(4).enumerate() {
        let mut stage = Stage::full();
        stage.press("2 y L").press(&(number + 1).to_string());
        let [Effect::Link { request, wanted: Wanted::Presigned(seconds), .. }] = stage.effects[..] else {
            panic!("{:?}", stage.effects)
        };
        let url = link("https://host/new.png?sig=1", i64::try_from(seconds).unwrap(), &stage);
        stage.answer(request, Answer::Links(Ok(vec![url])));
        let said = link_dialog(&stage).good_for.clone().unwrap();
        assert!(said.starts_with(&format!("good for {label}, until ")), "{said}");
    }
}

#[test]
fn a_link_of_the_local_bucket_says_when_it_works() {
    let local = slot_of(crate::config::Profile { provider: crate::domain::Provider::Local, ..profile("prod") });
    for (slots, said) in [(vec![local], true), (vec![slot_of(profile("prod"))], false)] {
        let mut stage = Stage::with(slots);
        stage.answer_records(&["new.png"], false).press("2 y l");
        let request = stage.asked("Link");
        let url = link("https://host/new.png?sig=1", 3600, &stage);
        stage.answer(request, Answer::Links(Ok(vec![url])));
        let note = link_dialog(&stage).note;
        assert_eq!(note.is_some_and(|note| note.contains("while Windlass runs with this profile")), said);
    }
}

#[test]
fn no_debug_of_any_effect_or_state_shows_a_link() {
    let mut stage = Stage::full();
    stage.press("2 y l");
    let request = stage.asked("Link");
    let url = link("https://host/new.png?sig=1", 60, &stage);
    stage.answer(request, Answer::Links(Ok(vec![url])));
    let shown = format!("{:?} {:?}", stage.effects, stage.app);
    assert!(!shown.contains("sig=1"));
}

#[test]
fn credentials_that_end_sooner_than_asked_are_said() {
    let mut stage = Stage::full();
    stage.press("2 y L 4");
    let request = stage.asked("Link");
    assert!(matches!(stage.effects[0], Effect::Link { wanted: Wanted::Presigned(604_800), .. }));
    let url = link("https://host/x", 7200, &stage);
    stage.answer(request, Answer::Links(Ok(vec![url])));
    let good_for = link_dialog(&stage).good_for.clone().unwrap();
    assert!(good_for.ends_with("7 d was asked for, but the credentials end sooner"), "{good_for}");
}

#[test]
fn an_expiry_can_be_typed_and_seven_days_are_the_most() {
    let mut stage = Stage::full();
    stage.press("2 y L G enter").type_text("8d").press("enter");
    assert!(prompt(&stage).problem().unwrap().contains("7 d at most"));
    stage.press("ctrl-u").type_text("soon").press("enter");
    assert!(prompt(&stage).problem().unwrap().contains("no length of time"));
    stage.press("ctrl-u").type_text("90 min").press("enter");
    assert!(matches!(stage.effects[0], Effect::Link { wanted: Wanted::Presigned(5400), .. }));
}
