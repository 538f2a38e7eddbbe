//! The doctor's dialog: a row for every check from the start, filled as findings come, and ended with the dialog.

use super::stage::Stage;
use crate::app::{Answer, Dialog, Effect, Message, RequestId};
use crate::domain::finding::{Check, Finding, Remark, Status};

fn found(stage: &mut Stage, request: RequestId, check: Check, status: Status, hint: Option<&str>) {
    let (detail, hint) = (format!("what {} showed", check.name()), hint.map(str::to_owned));
    send(stage, request, Finding { check, status, detail, hint, further: Vec::new(), by_clock: false });
}

fn send(stage: &mut Stage, request: RequestId, finding: Finding) {
    let now = stage.app.now();
    stage.send(Message::Examined { request, finding, now });
}

fn texts(stage: &Stage) -> Vec<(Option<&'static str>, String)> {
    let Some(Dialog::Doctor(dialog)) = stage.app.dialog() else { panic!("{:?}", stage.app.dialog()) };
    let rows = stage.app.doctor_rows(dialog);
    rows.into_iter().map(|row| (row.check.map(Check::name), row.text)).collect()
}

fn sum(stage: &Stage) -> String {
    let Some(Dialog::Doctor(dialog)) = stage.app.dialog() else { panic!("{:?}", stage.app.dialog()) };
    dialog.sum()
}

#[test]
fn findings_fill_the_rows_in_the_order_of_the_checks() {
    let mut stage = Stage::full();
    stage.press("C");
    let request = stage.asked("Examine");
    assert!(stage.effects.contains(&Effect::Examine { request, profile: "prod".into() }));
    assert_eq!((texts(&stage).len(), sum(&stage)), (21, "looking …".to_owned()));
    found(&mut stage, request, Check::Database, Status::Ok, None);
    found(&mut stage, request, Check::Dns, Status::Fail, Some("check the endpoint"));
    let rows = texts(&stage);
    assert_eq!(rows[2], (Some("dns"), "what dns showed".to_owned()));
    assert_eq!(rows[3], (None, "check the endpoint".to_owned()));
    assert_eq!(rows[15], (Some("database"), "what database showed".to_owned()));
    assert_eq!(rows[5], (Some("tls"), "…".to_owned()));
    stage.answer(request, Answer::Examined);
    assert_eq!((sum(&stage), texts(&stage)[4].1.as_str()), ("1 failed".to_owned(), "not looked at"));
}

#[test]
fn refused_credentials_say_where_the_profile_is_opened() {
    let mut stage = Stage::full();
    stage.press("C");
    let request = stage.asked("Examine");
    found(&mut stage, request, Check::Dns, Status::Fail, Some("check the endpoint"));
    found(&mut stage, request, Check::Credentials, Status::Fail, Some("check the secret"));
    let rows: Vec<String> = texts(&stage).into_iter().map(|(_, text)| text).collect();
    let next = |hint: &str| rows.iter().skip_while(|row| *row != hint).nth(1).cloned().unwrap();
    assert_eq!(next("check the secret"), "P, then e on prod, opens the profile", "{rows:#?}");
    assert_ne!(next("check the endpoint"), "P, then e on prod, opens the profile", "{rows:#?}");
}

#[test]
fn several_things_of_one_check_have_rows_of_their_own_each_with_what_to_do() {
    let mut stage = Stage::full();
    stage.press("C");
    let request = stage.asked("Examine");
    let remark = |detail: &str, hint: Option<&str>| Remark { detail: detail.into(), hint: hint.map(str::to_owned) };
    let further = vec![remark("line 4", None), remark("line 5", Some("write it"))];
    let (check, status) = (Check::Configuration, Status::Fail);
    let finding =
        Finding { check, status, detail: "line 3".into(), hint: Some("mend it".into()), further, by_clock: false };
    send(&mut stage, request, finding);
    let rows = texts(&stage).into_iter().take(5).map(|(_, text)| text).collect::<Vec<_>>();
    assert_eq!(rows, ["line 3", "mend it", "line 4", "line 5", "write it"]);
}

#[test]
fn closing_the_dialog_ends_the_examination() {
    let mut stage = Stage::full();
    stage.press("C");
    let request = stage.asked("Examine");
    stage.press("esc");
    assert!(stage.effects.contains(&Effect::Cancel(request)), "{:?}", stage.effects);
    assert!(stage.app.dialog().is_none());
    stage.answer(request, Answer::Examined);
    assert!(stage.app.dialog().is_none());
}

#[test]
fn what_it_comes_to_is_counted() {
    let mut stage = Stage::full();
    stage.press("C");
    let request = stage.asked("Examine");
    found(&mut stage, request, Check::Cors, Status::Warn, None);
    found(&mut stage, request, Check::Rls, Status::Skip, None);
    stage.answer(request, Answer::Examined);
    assert_eq!(sum(&stage), "1 to know");
}

#[test]
fn the_doctor_is_called_by_the_beginning_of_its_name() {
    let mut stage = Stage::full();
    stage.press(":").type_text("doc").press("enter");
    stage.asked("Examine");
}
