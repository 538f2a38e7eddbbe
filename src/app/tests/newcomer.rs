//! The form of a new profile: what is asked, tried and saved, and in which order; nothing of a secret in what is drawn.

use super::stage::{Stage, slot};
use crate::app::dialog::newcomer::Stage as Step;
use crate::app::dialog::{Dialog, Line, NewcomerDialog, Shown};
use crate::app::{Answer, Effect, Meant};
use crate::config::memory::Memory;
use crate::config::{ProfileSlot, ProfileSource};
use crate::domain::{Failure, FailureKind, Provider};

fn form(stage: &Stage) -> &NewcomerDialog {
    match stage.app.dialog() {
        Some(Dialog::Newcomer(form)) => form,
        other => panic!("{other:?}"),
    }
}

fn shown(line: &Line) -> String {
    match line.shown() {
        Shown::Typed(input) => input.value().to_owned(),
        Shown::Chosen(word) => word.to_owned(),
        Shown::Offered(text) => text,
    }
}

/// The line that is typed into, and what it shows.
fn here(stage: &Stage) -> (String, String) {
    let form = &form(stage).form;
    let line = &form.lines()[form.at()];
    (line.label(), shown(line))
}

fn labels(stage: &Stage) -> Vec<String> {
    form(stage).form.lines().iter().map(Line::label).collect()
}

/// A form for R2 in which everything that is needed was typed.
fn whole() -> Stage {
    let mut stage = Stage::new();
    stage.press("P n tab tab").type_text("abc").press("tab").type_text("id").press("tab").type_text("hunter2");
    stage.press("tab").type_text("pics");
    stage
}

#[test]
fn the_form_asks_in_the_order_of_the_guide_and_changes_with_the_provider() {
    let mut stage = Stage::new();
    stage.press("P n");
    assert_eq!((here(&stage).0, form(&stage).provider()), ("provider".into(), Provider::R2));
    assert_eq!(labels(&stage)[..5], ["provider", "name", "account id", "access key id", "secret access key"]);
    stage.press("right");
    assert_eq!((form(&stage).provider(), labels(&stage)[2].as_str()), (Provider::B2, "access key id"));
    stage.press("tab");
    assert_eq!(here(&stage), ("name".into(), "b2".into()), "a name is proposed");
    stage.press("up left tab").type_text("x").press("up right tab");
    assert_eq!(here(&stage).1, "x", "a name that was typed takes its place, and stays");
}

#[test]
fn a_letter_chooses_the_provider_and_the_hint_says_so() {
    let mut stage = Stage::new();
    stage.press("P n");
    assert!(form(&stage).note().contains("first letter"), "{}", form(&stage).note());
    let chosen = ["a", "r", "b", "u", "l"].map(|letter| form(stage.press(letter)).provider());
    assert_eq!(chosen, [Provider::S3, Provider::R2, Provider::B2, Provider::Uploadcare, Provider::Local]);
    assert_eq!(labels(&stage)[2], "database url");
}

#[test]
fn what_was_typed_is_there_again_until_it_is_saved_or_the_form_is_emptied() {
    let mut stage = whole();
    stage.press("esc");
    assert_eq!(stage.said(), ["what you typed is kept: P, then n"]);
    stage.press("P n");
    assert_eq!((here(&stage), form(&stage).form.text(2)), (("bucket".into(), "pics".into()), "abc"));
    stage.press("ctrl-x ctrl-x");
    assert_eq!((here(&stage), form(&stage).form.text(2)), (("provider".into(), "R2".into()), ""));
    stage.press("esc P n");
    assert_eq!((stage.said().len(), form(&stage).form.text(2)), (1, ""), "nothing was typed into the empty one");

    let mut saved = whole();
    saved.press("esc P n enter");
    saved.answer(saved.asked("TryProfile"), Answer::ProfileTried(Vec::new()));
    saved.answer(saved.asked("SaveProfile"), Answer::ProfileSaved(Ok(vec![slot("prod"), slot("r2")])));
    saved.press("P n");
    assert_eq!(form(&saved).form.text(2), "");
}

#[test]
fn a_form_is_emptied_by_its_key_twice_and_not_by_one_that_goes_down_elsewhere() {
    let mut stage = whole();
    let typed = |stage: &Stage| (form(stage).form.text(2).to_owned(), form(stage).form.text(5).to_owned());
    let all = ("abc".to_owned(), "pics".to_owned());
    assert_eq!(typed(stage.press("ctrl-n ctrl-n ctrl-n")), all);
    stage.press("ctrl-x");
    assert!(form(&stage).note().contains("^x again"), "{}", form(&stage).note());
    assert!(form(&stage).hints().contains(&("^x", "again empties it")), "also where notes have no room");
    stage.press("tab ctrl-x");
    assert_eq!(
        (typed(&stage), here(&stage).0.as_str()),
        (all.clone(), "public base url"),
        "another key was between the two"
    );
    stage.press("ctrl-u enter");
    let refusal = Failure::new(FailureKind::Denied, "the bucket refuses");
    stage.answer(stage.asked("TryProfile"), Answer::ProfileTried(vec![refusal]));
    assert!(matches!(form(&stage).stage, Step::Refused(_)));
    assert_eq!(typed(stage.press("ctrl-x ctrl-x")), all, "its hints do not name it there");
}

#[test]
fn of_a_local_profile_it_is_said_that_its_bucket_is_the_one_that_all_have() {
    let mut stage = Stage::new();
    stage.press("P n left");
    assert_eq!(form(&stage).provider(), Provider::Local);
    assert!(form(&stage).note().contains("share the one bucket of this machine"), "{}", form(&stage).note());
    stage.press("right");
    assert!(!form(&stage).note().contains("share"), "{}", form(&stage).note());
}

#[test]
fn what_is_missing_is_gone_to_and_a_name_that_is_taken_is_said() {
    let mut stage = Stage::new();
    stage.press("P n enter");
    assert_eq!(here(&stage).0, "account id");
    assert_eq!(form(&stage).form.problem.as_deref(), Some("account id is missing"));
    assert_eq!(stage.asked_if("TryProfile"), None);
    stage.press("up ctrl-u").type_text("prod").press("enter");
    let problem = form(&stage).form.problem.as_deref();
    assert_eq!(problem, Some("there is a profile \"prod\" already: take another name"));
}

#[test]
fn what_can_never_do_is_marked_as_soon_as_its_line_is_left_and_not_while_it_is_typed() {
    let wrong = |stage: &Stage| {
        let lines = form(stage).form.lines().iter().filter(|line| line.wrong);
        lines.map(Line::label).collect::<Vec<_>>()
    };
    let mut stage = Stage::new();
    stage.press("P n tab tab").type_text("https://abc.r2.cloudflarestorage.com");
    assert_eq!((wrong(&stage).len(), &form(&stage).form.problem), (0, &None));
    stage.press("tab");
    assert_eq!(wrong(&stage), ["account id"]);
    assert!(form(&stage).form.problem.as_deref().is_some_and(|why| why.starts_with("`account_id` is a URL")));
    stage.type_text("id").press("tab").type_text("s").press("tab").type_text("pics").press("enter");
    assert_eq!((stage.asked_if("TryProfile"), here(&stage).0.as_str()), (None, "account id"));
    stage.press("ctrl-u").type_text("abc");
    assert_eq!((wrong(&stage).len(), &form(&stage).form.problem), (0, &None));
    stage.press("up ctrl-u").type_text("prod").press("down");
    assert_eq!(wrong(&stage), ["name"]);
}

#[test]
fn keys_that_an_aws_profile_can_give_are_needed_only_without_one() {
    let mut stage = Stage::new();
    stage.press("P n right right tab tab");
    let empty = |stage: &Stage, label: &str| {
        form(stage).form.lines().iter().find(|line| line.label() == label).map(|line| line.empty)
    };
    assert_eq!(empty(&stage, "access key id"), Some("needed, or an aws profile"));
    assert_eq!(empty(&stage, "bucket"), Some("needed"));
    stage.type_text("work");
    assert_eq!(empty(&stage, "access key id"), Some("from the aws profile"));
    assert_eq!(empty(&stage, "region"), Some("optional"));
    assert_eq!(empty(&stage, "endpoint"), Some("optional: AWS without one"));
}

#[test]
fn keys_of_its_own_beside_an_aws_profile_are_refused_at_their_line_and_never_saved() {
    let mut stage = Stage::new();
    stage.press("P n right right tab tab").type_text("work").press("tab").type_text("AKID");
    stage.press("tab tab").type_text("pics").press("enter");
    assert_eq!((stage.asked_if("TryProfile"), here(&stage).0.as_str()), (None, "aws profile"));
    let problem = form(&stage).form.problem.clone().unwrap_or_default();
    assert!(problem.starts_with("`aws_profile` stands beside `access_key_id`, and only one"), "{problem}");
    let wrong = form(&stage).form.lines().iter().filter(|line| line.wrong).map(Line::label);
    assert_eq!(wrong.collect::<Vec<_>>(), ["aws profile", "access key id"]);
    stage.press("ctrl-s");
    assert_eq!(stage.asked_if("SaveProfile"), None);
    stage.press("tab ctrl-u enter");
    stage.asked("TryProfile");
}

#[test]
fn a_profile_that_works_is_saved_and_in_force_at_once() {
    let mut stage = whole();
    stage.press("enter");
    let trying = stage.asked("TryProfile");
    assert!(!format!("{:?}{:?}", stage.effects, stage.app.dialog()).contains("hunter2"));
    stage.press("j").answer(trying, Answer::ProfileTried(Vec::new()));
    let Effect::SaveProfile { draft, request } = &stage.effects[0] else { panic!("{:?}", stage.effects) };
    assert_eq!((draft.name(), draft.provider()), ("r2", Provider::R2));
    let slots = vec![slot("prod"), slot("r2"), slot("other")];
    stage.answer(*request, Answer::ProfileSaved(Ok(slots)));
    assert_eq!((stage.app.dialog().is_some(), stage.app.remote().slot().name.as_str()), (false, "r2"));
    assert_eq!(stage.app.profiles().len(), 3);
    let told = "r2 is saved in /etc/windlass.toml; P, then d on it, and it opens next time";
    assert_eq!(stage.said()[0], told);
}

#[test]
fn what_gives_way_to_a_new_profile_of_its_name_is_said() {
    let of_env = || ProfileSlot { source: ProfileSource::EnvFile("/p/.env".into()), ..slot("r2") };
    let mut stage = whole();
    stage.press("enter");
    stage.answer(stage.asked("TryProfile"), Answer::ProfileTried(Vec::new()));
    stage.answer(stage.asked("SaveProfile"), Answer::ProfileSaved(Ok(vec![slot("prod"), of_env()])));
    stage.press("P n tab").type_text("x").press("ctrl-u").type_text("r2").press("tab").type_text("abc");
    stage.press("tab").type_text("id").press("tab").type_text("hunter2").press("tab").type_text("pics").press("enter");
    stage.answer(stage.asked("TryProfile"), Answer::ProfileTried(Vec::new()));
    stage.answer(stage.asked("SaveProfile"), Answer::ProfileSaved(Ok(vec![slot("prod"), slot("r2")])));
    let told = "r2 of /p/.env gives way to it: what is queued under that one waits until the new one has another name";
    assert!(stage.said().contains(&told), "{:?}", stage.said());
}

#[test]
fn what_does_not_work_is_said_and_can_be_saved_all_the_same() {
    let mut stage = whole();
    stage.press("ctrl-s");
    assert_eq!(stage.asked_if("SaveProfile"), None, "nothing is saved untried unless somebody was told why not to");
    stage.press("enter");
    let refused = Failure::new(FailureKind::Denied, "the key may not list the bucket");
    stage.answer(stage.asked("TryProfile"), Answer::ProfileTried(vec![refused]));
    assert_eq!(form(&stage).stage, Step::Refused(vec!["the key may not list the bucket".into()]));
    assert_eq!(stage.asked_if("SaveProfile"), None);
    stage.press("ctrl-s");
    let saving = stage.asked("SaveProfile");
    let full = Failure::new(FailureKind::DiskFull, "the disk is full");
    stage.answer(saving, Answer::ProfileSaved(Err(full)));
    assert_eq!(form(&stage).stage, Step::Refused(vec!["the disk is full".into()]), "nothing that was typed is lost");
}

#[test]
fn whoever_goes_on_typing_does_not_wait_for_the_trial() {
    let mut stage = whole();
    stage.press("enter");
    let trying = stage.asked("TryProfile");
    stage.press("esc");
    assert_eq!((stage.effects[0].clone(), &form(&stage).stage), (Effect::Cancel(trying), &Step::Typing));
    stage.answer(trying, Answer::ProfileTried(Vec::new()));
    assert_eq!(stage.asked_if("SaveProfile"), None);
    stage.press("esc");
    assert!(stage.app.dialog().is_none());
}

#[test]
fn a_secret_is_not_shown() {
    let stage = whole();
    let shown: Vec<String> = form(&stage).form.lines().iter().map(shown).collect();
    assert!(shown.contains(&"•••••••".to_owned()) && !shown.iter().any(|shown| shown.contains("hunter")), "{shown:?}");
}

#[test]
fn a_list_of_profiles_that_nobody_asked_for_says_why_it_is_there() {
    let asks = Stage::started(vec![slot("prod"), slot("other")], Meant::Several, Memory::default());
    let Some(Dialog::Profiles(list)) = asks.app.dialog() else { panic!("no list") };
    assert_eq!(list.title, "The .env here describes several: choose");
    let mut asked = Stage::new();
    asked.press("P");
    let Some(Dialog::Profiles(list)) = asked.app.dialog() else { panic!("no list") };
    assert_eq!(list.title, "Profiles");
}

#[test]
fn a_default_that_names_no_profile_puts_no_other_in_force_and_asks() {
    let why = Failure::new(FailureKind::Usage, "config.toml, line 1: `default_profile` names \"prod\"");
    let mut stage = Stage::started(vec![slot("first"), slot("other")], Meant::Absent(why), Memory::default());
    let Some(Dialog::Profiles(list)) = stage.app.dialog() else { panic!("no list") };
    assert_eq!(list.title, "default_profile names none of these: choose");
    stage.press("esc");
    assert!(stage.app.remote().profile().is_none() && stage.asked_if("LoadRecords").is_none());
    let shown = stage.app.remote().slot().profile.clone().unwrap_err().sentence();
    assert!(shown.starts_with("config.toml, line 1") && shown.contains("P has those that there are"), "{shown}");
    stage.press("P j enter");
    assert_eq!(stage.app.remote().slot().name, "other");
}

#[test]
fn the_cursor_goes_to_the_line_that_the_reason_is_about() {
    let mut stage = whole();
    for (what, hint, label) in [
        ("the secret access key does not belong to the access key id", "", "secret access key"),
        ("the database at db.example.org refused the password", "", "database url"),
        ("127.0.0.1 refused the connection", "check the bucket in the profile", "bucket"),
    ] {
        stage.press("enter");
        let refused = Failure::new(FailureKind::Credentials, what).hint(hint);
        stage.answer(stage.asked("TryProfile"), Answer::ProfileTried(vec![refused]));
        let form = &form(&stage).form;
        let line = &form.lines()[form.at()];
        assert_eq!((line.label().as_str(), line.wrong), (label, true), "{what}");
    }
}

#[test]
fn a_profile_is_made_the_one_that_opens_next_time() {
    let mut stage = Stage::with(vec![slot("prod"), slot("other")]);
    stage.press("P j d");
    let request = stage.asked("MakeDefault");
    assert!(stage.effects.contains(&Effect::MakeDefault { request, profile: "other".into() }), "{:?}", stage.effects);
    stage.answer(request, Answer::DefaultMade(Ok("/etc/windlass.toml".into())));
    assert_eq!(stage.said(), ["other opens next time, says /etc/windlass.toml"]);

    let of_env = ProfileSlot { source: ProfileSource::EnvFile("/p/.env".into()), ..slot("r2") };
    let mut stage = Stage::with(vec![slot("prod"), of_env]);
    stage.press("P j d");
    assert_eq!(stage.asked_if("MakeDefault"), None, "elsewhere no start would know it");
    assert_eq!(stage.said(), ["r2 opens wherever /p/.env describes it: config.toml has none"]);
}
