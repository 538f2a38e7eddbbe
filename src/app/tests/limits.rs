//! Limits of a profile: asked for with the figures in force, and typed behind their action.

use std::sync::Arc;

use super::stage::{Stage, profile, transfer};
use crate::app::{Answer, Dialog, Effect};
use crate::config::Profile;
use crate::domain::TransferKind::Upload;
use crate::domain::TransferState::Sending;
use crate::domain::transfer::Limits;

#[test]
fn limits_of_the_rows_profile_are_set_at_once() {
    let mut stage = Stage::full();
    stage.queue(vec![transfer(1, Upload, Sending, "a")]).press("3 b");
    let Some(Dialog::Limits(dialog)) = stage.app.dialog() else { panic!("no dialog") };
    assert_eq!((dialog.form.text(0), dialog.form.text(1), dialog.profile.name.as_str()), ("8", "0", "prod"));
    stage.press("backspace").type_text("3").press("down backspace").type_text("10M").press("enter");
    let (request, limits) = (stage.asked("SetLimits"), Limits { jobs: 3, rate: 10 << 20 });
    let of = Arc::new(profile("prod").identity());
    assert_eq!(stage.effects, [Effect::SetLimits { request, profile: of, limits }]);
    stage.answer(request, Answer::Limited(Ok(())));
    assert_eq!(
        stage.said(),
        ["profile prod: 3 large transfers at once, 10.0 MiB/s at most; files below 1 MiB go beside them"]
    );
}

#[test]
fn limits_are_asked_with_the_profiles_own_figures() {
    let mut stage = Stage::full();
    let own = Profile { jobs: Some(3), rate: 1 << 20, ..profile("prod") };
    stage.app.profiles[0].profile = Ok(Arc::new(own));
    stage.press("3 b");
    let Some(Dialog::Limits(dialog)) = stage.app.dialog() else { panic!("no dialog") };
    assert_eq!((dialog.form.text(0), dialog.form.text(1)), ("3", "1M"));
}

#[test]
fn limits_that_mean_nothing_are_refused_where_they_stand() {
    let mut stage = Stage::full();
    stage.press("3 b down").type_text("x").press("enter");
    let Some(Dialog::Limits(dialog)) = stage.app.dialog() else { panic!("it stays open") };
    assert_eq!(dialog.form.problem.as_deref(), Some("this is no speed: type one such as 10M or 512K; 0 is no limit"));
    stage.press("tab").type_text("00").press("enter");
    assert_eq!(stage.asked_if("SetLimits"), None);
    stage.press("esc");
    assert!(stage.app.dialog().is_none());
}

#[test]
fn limits_of_which_the_first_alone_is_typed_keep_the_second() {
    let mut stage = Stage::full();
    let own = Profile { jobs: Some(3), rate: 1 << 20, ..profile("prod") };
    stage.app.profiles[0].profile = Ok(Arc::new(own));
    let mut set = |typed: &str| {
        stage.effects.clear();
        stage.press("3 :").type_text(typed).press("enter");
        let limits = |effect: &Effect| if let Effect::SetLimits { limits, .. } = effect { Some(*limits) } else { None };
        stage.effects.iter().find_map(limits)
    };
    assert_eq!(set("limits 4"), Some(Limits { jobs: 4, rate: 1 << 20 }));
    assert_eq!(set("limits 5 0"), Some(Limits { jobs: 5, rate: 0 }));
}
