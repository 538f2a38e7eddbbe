//! A search through everything below a prefix of the bucket.

use super::stage::Stage;
use crate::action::Action;
use crate::app::bucket::MOST_BELOW;
use crate::app::{Answer, Effect, Phase, Tail};
use crate::domain::{Failure, FailureKind};

/// In the bucket, where a level with these was filtered and Enter pressed.
fn searching(text: &str) -> Stage {
    let mut stage = Stage::in_bucket(&["docs/", "hero.png", "site/"]);
    stage.press("G /").type_text(text).press("enter");
    stage
}

fn looked_at(stage: &Stage) -> u64 {
    stage.app.remote().bucket().below().unwrap().looked_at()
}

#[test]
fn enter_searches_below_page_by_page_and_esc_goes_back_to_the_level() {
    let mut stage = searching("hero");
    let request = stage.asked("ListBelow");
    let asked = Effect::ListBelow { request, profile: "prod".into(), prefix: String::new(), token: None };
    assert!(stage.effects.contains(&asked));
    stage.answer_below(&["docs/a.txt", "docs/hero/b.txt"], Some("more"));
    assert_eq!((stage.remote(), looked_at(&stage)), (vec!["docs/hero/b.txt".to_owned()], 2));
    assert!(matches!(&stage.effects[0], Effect::ListBelow { token: Some(token), .. } if token == "more"));
    stage.answer_below(&["hero.png", "site/Hero.svg", "site/logo.svg"], None);
    assert_eq!(stage.remote(), ["docs/hero/b.txt", "hero.png", "site/Hero.svg"]);
    assert_eq!((stage.asked_if("ListBelow"), stage.app.remote().sought(), looked_at(&stage)), (None, "hero", 5));
    stage.press("g g n n");
    assert_eq!((stage.remote_cursor().as_str(), stage.said()), ("site/Hero.svg", vec![]), "from hit to hit");
    stage.press("N esc");
    assert_eq!(
        (stage.remote(), stage.remote_cursor()),
        (["docs/", "hero.png", "site/"].map(str::to_owned).to_vec(), "hero.png".to_owned())
    );
    assert_eq!((stage.asked_if("ListBucket"), stage.app.list().filter()), (None, ""), "nothing has to be read again");
}

#[test]
fn before_a_search_has_found_anything_every_key_says_that_it_is_still_looking() {
    let mut stage = searching("hero");
    let looking = Some("the search is still looking".to_owned());
    for action in [Action::Delete, Action::Save, Action::CopyKey, Action::CopyLink, Action::Edit, Action::Record] {
        assert_eq!(stage.app.disabled(action), looking, "{action:?}");
    }
    stage.answer_below(&["a/b"], Some("more"));
    assert_eq!(stage.app.disabled(Action::Delete), looking, "nothing is found yet");
    stage.press("esc D");
    assert_eq!(stage.app.disabled(Action::Delete).as_deref(), Some("no file or folder is under the cursor"));
}

#[test]
fn tab_keeps_the_filter_of_the_level() {
    let mut stage = Stage::in_bucket(&["docs/", "hero.png"]);
    stage.press("/").type_text("her").press("tab");
    assert_eq!((stage.asked_if("ListBelow"), stage.remote()), (None, vec!["hero.png".to_owned()]));
    assert!(stage.app.typing().is_none() && stage.app.remote().bucket().below().is_none());
}

#[test]
fn esc_stops_the_search_first_and_keeps_what_was_found() {
    let mut stage = searching("hero");
    stage.answer_below(&["a/hero"], Some("more"));
    let request = stage.asked("ListBelow");
    stage.press("esc");
    assert!(stage.effects.contains(&Effect::Cancel(request)));
    assert_eq!((stage.remote(), stage.app.remote().tail()), (vec!["a/hero".to_owned()], &Tail::Stopped));
    stage.press("R").answer_below(&["a/hero", "b/hero"], None);
    assert_eq!((stage.remote().len(), looked_at(&stage)), (2, 2), "begun anew");
    stage.press("esc");
    assert_eq!(stage.remote().len(), 3);
}

#[test]
fn what_is_found_can_be_opened_where_it_lies_and_the_way_back_is_to_the_level() {
    let mut stage = searching("hero");
    stage.answer_below(&["site/deep/hero.svg"], None);
    stage.press("enter");
    assert_eq!(stage.app.remote().bucket().prefix(), "site/deep/");
    stage.answer_objects(&["site/deep/a", "site/deep/hero.svg"], None);
    assert_eq!(stage.remote_cursor(), "hero.svg");
    stage.press("H").answer_objects(&["docs/", "hero.png", "site/"], None);
    assert_eq!((stage.remote().len(), stage.app.remote().bucket().below().is_none()), (3, true));
}

#[test]
fn no_more_than_ten_thousand_are_kept() {
    let mut stage = searching("x");
    for page in 0..10 {
        assert_eq!(stage.app.list().len(), page * 1000);
        let keys: Vec<String> = (0..1000).map(|number| format!("x/{page:02}/{number:04}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        stage.answer_below(&keys, Some("more"));
    }
    assert_eq!((stage.app.list().len(), stage.app.remote().tail()), (MOST_BELOW, &Tail::Full));
    assert_eq!(stage.asked_if("ListBelow"), None);
}

#[test]
fn a_page_that_cannot_be_read_leaves_what_was_found() {
    let mut stage = searching("hero");
    let failure = Failure::new(FailureKind::Offline, "away");
    let request = stage.asked("ListBelow");
    stage.answer(request, Answer::Objects(Err(failure.clone())));
    assert_eq!(stage.app.remote().bucket().phase(), Phase::Failed(&failure));
    stage.press("R").answer_below(&["a/hero"], Some("more"));
    let request = stage.asked("ListBelow");
    stage.answer(request, Answer::Objects(Err(failure.clone())));
    assert_eq!((stage.remote().len(), stage.app.remote().tail()), (1, &Tail::Failed(failure)));
}

#[test]
fn a_level_that_was_still_being_read_is_read_again_afterwards() {
    let mut stage = Stage::full();
    stage.press("2 v /").type_text("he").press("enter");
    stage.answer_below(&["hero"], None);
    stage.press("esc");
    stage.answer_objects(&["a", "hero"], None);
    assert_eq!(stage.remote(), ["a", "hero"]);
}

#[test]
fn a_filter_narrows_what_was_found_and_enter_searches_anew() {
    let mut stage = searching("hero");
    stage.answer_below(&["a/hero.png", "b/hero.svg"], None);
    stage.press("/").type_text("svg").press("tab");
    assert_eq!((stage.remote(), stage.app.remote().sought()), (vec!["b/hero.svg".to_owned()], "svg"));
    stage.press("esc /").type_text("logo").press("enter");
    stage.answer_below(&["c/logo.svg", "d/x"], None);
    assert_eq!(stage.remote(), ["c/logo.svg"]);
    stage.press("esc");
    assert_eq!(stage.remote(), ["docs/", "hero.png", "site/"]);
}

#[test]
fn another_profile_ends_the_search() {
    let mut stage = searching("hero");
    let request = stage.asked("ListBelow");
    stage.press("P j enter");
    assert!(stage.effects.contains(&Effect::Cancel(request)));
    assert!(stage.app.remote().bucket().below().is_none());
}

#[test]
fn a_search_does_not_go_on_out_of_sight() {
    let mut stage = searching("hero");
    let request = stage.asked("ListBelow");
    stage.press("v");
    assert!(stage.effects.contains(&Effect::Cancel(request)), "{:?}", stage.effects);
    let mut stage = searching("hero");
    let request = stage.asked("ListBelow");
    stage.answer_below(&["docs/hero.png"], Some("more"));
    let next = stage.asked("ListBelow");
    assert_ne!(request, next);
    stage.press("enter");
    assert!(stage.effects.contains(&Effect::Cancel(next)), "the level is read now: {:?}", stage.effects);
}

#[test]
fn a_search_that_was_left_comes_back() {
    let mut stage = searching("hero");
    stage.answer_below(&["a/hero.png"], None);
    stage.press("esc");
    assert_eq!(stage.remote(), ["docs/", "hero.png", "site/"]);
    stage.press("U");
    assert_eq!(stage.said(), ["searched again: hero"]);
    stage.answer_below(&["a/hero.png", "b/hero.svg"], None);
    assert_eq!((stage.remote(), stage.app.remote().sought()), (vec!["a/hero.png".into(), "b/hero.svg".into()], "hero"));
    stage.press("U");
    assert!(stage.said().last().unwrap().starts_with("nothing to take back here"), "{:?}", stage.said());
}
