//! The dialog about the bucket in force: what it shows, what can be wished there, and what becomes of late answers.

use super::made::{profile, slot_of};
use super::stage::{Stage, able, slot};
use crate::app::effect::{CorsChange, Walk};
use crate::app::{Answer, BucketFacts, Counted, Dialog, Effect, Message};
use crate::config::{Profile, ProfileSource};
use crate::domain::{Address, Capabilities, CorsGuide, Failure, FailureKind};

fn facts(capabilities: Capabilities) -> Answer {
    let address = Address { endpoint: Some("https://host".into()), region: Some("auto".into()), public: None };
    Answer::BucketFacts(Ok(Box::new(BucketFacts { capabilities, address })))
}

/// The dialog with everything in it that was asked for.
fn opened(capabilities: Capabilities) -> Stage {
    let mut stage = Stage::in_bucket(&["docs/"]);
    stage.press("enter").answer_objects(&["docs/a"], None);
    stage.press("B");
    let (place, cors) = (stage.asked("BucketFacts"), stage.asked("Cors"));
    stage.answer(place, facts(capabilities));
    stage.answer(cors, Answer::Cors(Ok(vec![CorsGuide::S3.rule(vec!["https://a".into(), "https://b".into()])])));
    stage
}

/// Its rows, names before their texts.
fn rows(stage: &Stage) -> Vec<String> {
    let Some(Dialog::Bucket(dialog)) = stage.app.dialog() else { panic!("{:?}", stage.app.dialog()) };
    stage.app.bucket_rows(dialog).iter().map(|row| format!("{}: {}", row.name, row.text)).collect()
}

fn counted(objects: u64) -> Counted {
    Counted { objects, bytes: objects * 1024, hidden: 0, recorded: 0 }
}

#[test]
fn what_was_asked_for_fills_the_rows() {
    let cannot = Capabilities { from_url: Err("only Uploadcare does"), delete_is_final: Err("it hides"), ..able() };
    let rows = rows(&opened(cannot));
    for row in [
        "profile: prod · R2 · /etc/windlass.toml",
        "endpoint: https://host",
        "region: auto",
        "CORS: https://a  https://b",
        ": GET PUT · sends * · remembered for 2 h 30 min",
        "hidden: older and deleted versions beneath docs/: v counts them",
        "cannot: fetch: only Uploadcare does",
        "a delete: it hides",
    ] {
        assert!(rows.contains(&row.to_owned()), "{row} is not among {rows:#?}");
    }
}

#[test]
fn hidden_versions_are_counted_as_they_are_found_and_purged_after_a_question() {
    let mut stage = opened(able());
    stage.press("D");
    let request = stage.asked("CountHidden");
    let now = stage.now();
    stage.send(Message::Counting { request, counted: counted(3), now });
    assert!(rows(&stage).contains(&"hidden: at least 3 hidden versions, 3.0 KiB beneath docs/, counting…".into()));
    stage.answer(request, Answer::Counted(Ok(counted(5))));
    assert!(rows(&stage).contains(&"hidden: 5 hidden versions, 5.0 KiB beneath docs/: D purges them".into()));
    stage.press("D");
    let Some(Dialog::Confirm(question)) = stage.app.dialog() else { panic!("no question") };
    assert_eq!((question.title.as_str(), question.yes), ("Purge 5 hidden versions?", false));
    assert_eq!(question.lines[0], "5 hidden versions, 5.0 KiB, in bucket prod-bucket, beneath docs/");
    stage.press("y");
    let Effect::Walk { walk, .. } = &stage.effects[0] else { panic!("{:?}", stage.effects) };
    assert_eq!(*walk, Walk::Purge { prefix: "docs/".into() });
}

#[test]
fn closing_the_dialog_ends_the_counting() {
    let mut stage = opened(able());
    stage.press("v");
    let request = stage.asked("CountHidden");
    stage.press("esc");
    assert!(stage.effects.contains(&Effect::Cancel(request)), "{:?}", stage.effects);
}

#[test]
fn an_origin_is_checked_and_the_rules_are_shown_as_they_are_then() {
    let mut stage = opened(able());
    stage.press("a").type_text("example.org").press("enter");
    let Some(Dialog::Prompt(prompt)) = stage.app.dialog() else { panic!("it stays open") };
    assert!(prompt.problem().unwrap().contains("it has no scheme"));
    stage.press("ctrl-u").type_text("https://c").press("enter");
    let request = stage.asked("SetCors");
    let change = CorsChange::Allow("https://c".into());
    assert!(stage.effects.contains(&Effect::SetCors { request, profile: "prod".into(), change }));
    assert!(rows(&stage).contains(&"CORS: …".into()), "the dialog is open again");
    stage.answer(request, Answer::Cors(Ok(vec![CorsGuide::S3.rule(vec!["https://c".into()])])));
    assert!(rows(&stage).contains(&"CORS: https://c".into()));
    assert_eq!(stage.said(), ["prod: the bucket has 1 CORS rule now"]);
    stage.press("c y");
    let request = stage.asked("SetCors");
    let refused = Failure::new(FailureKind::Denied, "the key may not").hint("click there");
    stage.answer(request, Answer::Cors(Err(refused)));
    assert!(rows(&stage).contains(&"CORS: the key may not".into()) && rows(&stage).contains(&": click there".into()));
}

#[test]
fn what_the_store_or_the_profile_cannot_is_said_with_its_reason() {
    let mut stage = opened(Capabilities { cors: Err("no CORS here"), versions: Err("no versions here"), ..able() });
    assert!(rows(&stage).contains(&"CORS: no CORS here".into()));
    assert!(rows(&stage).contains(&"hidden: no versions here".into()));
    stage.press("a v");
    assert_eq!(stage.said(), ["no CORS here", "no versions here"]);
    let Some(dialog) = stage.app.dialog() else { panic!("it stays open") };
    assert_eq!(dialog.hints(), [("j k", "scroll"), ("Esc", "close")]);
}

#[test]
fn the_profiles_buckets_are_a_digit_away() {
    let mut stage = Stage::full();
    stage.app.profiles = ["prod", "prod/attic", "product", "other"].map(slot).into();
    stage.press("B");
    let shown = rows(&stage);
    assert!(shown.contains(&"buckets: 1 ● prod-bucket".into()), "{shown:#?}");
    assert!(shown.contains(&": 2   prod/attic-bucket".into()) && !shown.iter().any(|row| row.contains("product")));
    stage.press("2");
    assert_eq!((stage.app.remote().slot().name.as_str(), stage.app.dialog().is_none()), ("prod/attic", true));
    stage.press("B P");
    assert!(matches!(stage.app.dialog(), Some(Dialog::Profiles(_))), "where there are more than digits");
}

#[test]
fn rules_of_one_bucket_never_stand_in_anothers_dialog() {
    let mut stage = Stage::full();
    stage.app.profiles = ["prod", "prod/attic"].map(slot).into();
    stage.press("B");
    let first = stage.asked("Cors");
    stage.press("a");
    assert!(matches!(stage.app.dialog(), Some(Dialog::Bucket(_))), "not before it is known what would be changed");
    stage.answer(first, Answer::Cors(Ok(Vec::new())));
    stage.press("a").type_text("https://c").press("enter");
    let request = stage.asked("SetCors");
    assert_eq!(stage.asked_if("Cors"), None, "the answer to the change has the rules");
    stage.press("2").press("B");
    let other = stage.asked("Cors");
    stage.answer(request, Answer::Cors(Ok(vec![CorsGuide::S3.rule(vec!["https://c".into()])])));
    assert!(rows(&stage).contains(&"CORS: …".into()), "{:#?}", rows(&stage));
    stage.answer(other, Answer::Cors(Ok(Vec::new())));
    assert!(rows(&stage).iter().any(|row| row.starts_with("CORS: no rules")));
}

#[test]
fn paths_below_home_are_short_before_they_are_broken_into_lines() {
    let at_home =
        Profile { source: ProfileSource::File("/home/me/.config/windlass/config.toml".into()), ..profile("prod") };
    let mut stage = Stage::with(vec![slot_of(at_home)]);
    stage.press("2 v B").resize(60, 24);
    assert_eq!(rows(&stage)[0], "profile: prod · R2 · ~/.config/windlass/config.toml");
}
