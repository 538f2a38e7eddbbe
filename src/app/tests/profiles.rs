//! The profiles in an editor: which file opens where, and what is said of what was changed in it.

use super::stage::{Stage, profile, slot, slot_of};
use crate::app::effect::{EditEnd, EditStep};
use crate::app::{Answer, Dialog, Effect};
use crate::config::{Profile, ProfileSlot, ProfileSource};
use crate::domain::{Failure, FailureKind, Result};

/// What the last update asked of the editor.
fn lent(stage: &Stage) -> Option<EditStep> {
    stage.effects.iter().find_map(|effect| match effect {
        Effect::Edit { step, .. } => Some(step.clone()),
        _ => None,
    })
}

fn of(source: ProfileSource) -> ProfileSlot {
    ProfileSlot { source: source.clone(), ..slot_of(Profile { source, ..profile("other") }) }
}

/// Somebody has had the file in the editor, which ended so, with the profile `other` chosen.
fn edited(end: Result<EditEnd>) -> Stage {
    let mut stage = Stage::full();
    stage.press("P j e");
    let request = stage.asked("Edit");
    stage.answer(request, Answer::Edit(end));
    stage
}

fn answer(stage: &mut Stage, slots: Result<Vec<ProfileSlot>>) {
    let request = stage.asked("ReadProfiles");
    stage.answer(request, Answer::ProfilesRead(slots));
}

/// The profile under the cursor.
fn chosen(stage: &Stage) -> &str {
    match stage.app.dialog() {
        Some(Dialog::Profiles(dialog)) => &stage.app.profiles()[dialog.cursor].name,
        other => panic!("no profiles: {other:?}"),
    }
}

#[test]
fn a_profile_is_edited_in_the_file_that_describes_it() {
    let mut stage = Stage::full();
    stage.press("P j e");
    let (file, profile) = ("/etc/windlass.toml".into(), Some("other".to_owned()));
    assert_eq!((lent(&stage), chosen(&stage)), (Some(EditStep::LendProfiles { file, profile }), "other"));

    let mut stage = Stage::with(vec![slot("prod"), ProfileSlot { name: "prod/attic".into(), ..slot("prod") }]);
    stage.press("P j e");
    let (file, profile) = ("/etc/windlass.toml".into(), Some("prod".to_owned()));
    assert_eq!(lent(&stage), Some(EditStep::LendProfiles { file, profile }), "a bucket has no place of its own");

    let mut stage = Stage::with(vec![slot("prod"), of(ProfileSource::EnvFile("/home/me/.env".into()))]);
    stage.press("P j e");
    let step = EditStep::LendProfiles { file: "/home/me/.env".into(), profile: None };
    assert_eq!(lent(&stage), Some(step));
}

#[test]
fn where_no_file_describes_it_it_is_said_where_it_comes_from() {
    for (source, said) in [
        (
            ProfileSource::Environment,
            "other comes from exported variables, in no file: set others and start Windlass again",
        ),
        (ProfileSource::BuiltIn, "other comes with Windlass, in no file: n makes a profile of your own"),
    ] {
        let mut stage = Stage::with(vec![slot("prod"), of(source)]);
        stage.press("P j e");
        assert_eq!((lent(&stage), stage.said(), chosen(&stage)), (None, vec![said], "other"));
    }
}

#[test]
fn what_was_changed_is_read_and_said_and_seen_where_it_was_chosen() {
    let mut stage = edited(Ok(EditEnd::Closed));
    let mut broken = slot("other");
    broken.profile = Err(Failure::new(FailureKind::Usage, "R2_ACCOUNT_ID is not set"));
    answer(&mut stage, Ok(vec![slot("first"), slot("prod"), broken]));
    assert_eq!(
        stage.said(),
        ["profiles: first is new, other has changed and has a mistake", "R2_ACCOUNT_ID is not set"]
    );
    assert_eq!((chosen(&stage), stage.app.profiles().len()), ("other", 3));

    let mut stage = edited(Ok(EditEnd::Closed));
    answer(&mut stage, Ok(vec![slot("prod")]));
    assert_eq!((stage.said(), chosen(&stage)), (vec!["profiles: other is gone"], "prod"));

    let mut stage = edited(Ok(EditEnd::Closed));
    answer(&mut stage, Ok(vec![slot("prod"), slot("other")]));
    assert_eq!(stage.said(), ["the profiles are as they were"]);
}

#[test]
fn the_profile_in_force_is_opened_anew_where_it_was_changed() {
    let mut stage = edited(Ok(EditEnd::Closed));
    let mended = slot_of(Profile { access_key_id: "AKIDMENDED".into(), ..profile("prod") });
    answer(&mut stage, Ok(vec![mended.clone(), slot("other")]));
    assert_eq!(
        (stage.app.remote().slot(), stage.said()),
        (&mended, vec!["profile prod", "profiles: prod has changed"])
    );
    stage.asked("LoadRecords");
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_line_and_the_profiles_stay() {
    let mut stage = edited(Ok(EditEnd::Closed));
    answer(&mut stage, Err(Failure::new(FailureKind::Usage, "config.toml, line 3: this is no TOML")));
    assert_eq!(stage.said(), ["config.toml, line 3: this is no TOML"]);
    assert_eq!((stage.app.profiles().len(), chosen(&stage)), (2, "other"));
}

#[test]
fn an_editor_that_failed_may_have_written_before() {
    let mut stage = edited(Err(Failure::new(FailureKind::Local, "the editor vi ended with code 1")));
    assert_eq!(stage.said(), ["the editor vi ended with code 1"]);
    answer(&mut stage, Ok(vec![slot("prod")]));
    assert_eq!(stage.said()[1], "profiles: other is gone");
}

#[test]
fn the_list_shows_the_profiles_as_their_file_has_them_now() {
    let mut stage = Stage::full();
    stage.press("P j");
    let request = stage.asked("ReadProfiles");
    assert!(
        stage.effects.contains(&Effect::ReadProfiles { request, profiles: Vec::new() }),
        "no connection is closed for it"
    );
    answer(&mut stage, Ok(vec![slot("prod"), slot("third")]));
    assert_eq!((chosen(&stage), stage.app.profiles().len(), stage.said()), ("third", 2, vec![]));
    let gone = "profile prod is not configured any more: P chooses another";
    for _ in 0..2 {
        stage.press("esc").press("P");
        answer(&mut stage, Ok(vec![slot("third")]));
        assert_eq!(stage.said(), [gone], "it is said once");
    }
}

#[test]
fn a_profile_in_force_that_was_broken_in_its_file_is_complained_of_once() {
    let mut stage = Stage::full();
    let mut broken = slot("prod");
    broken.profile = Err(Failure::new(FailureKind::Usage, "R2_ACCOUNT_ID is not set"));
    for said in [&["R2_ACCOUNT_ID is not set"][..], &[]] {
        stage.press("P");
        answer(&mut stage, Ok(vec![broken.clone()]));
        assert_eq!((&stage.said()[..], chosen(&stage)), (said, "prod"));
        stage.press("esc").wait(60);
    }
    let mended = slot_of(Profile { access_key_id: "AKIDMENDED".into(), ..profile("prod") });
    stage.press("P");
    answer(&mut stage, Ok(vec![mended.clone()]));
    assert_eq!(stage.app.remote().slot(), &mended);
}

#[test]
fn refused_credentials_are_mended_by_keys_only_where_a_file_of_ours_has_them() {
    let of_aws = slot_of(Profile { aws_profile: Some("work".into()), ..profile("aws") });
    let stage = Stage::with(vec![slot("prod"), of_aws, of(ProfileSource::Environment)]);
    let refused = Failure::new(FailureKind::Credentials, "no");
    let said = |name| stage.app.where_mended(name, &refused);
    assert_eq!(said("prod").as_deref(), Some("P, then e on prod, opens the profile"));
    assert_eq!((said("aws"), said("other"), said("gone")), (None, None, None));
    assert_eq!(stage.app.where_mended("prod", &Failure::new(FailureKind::Denied, "no")), None);
    assert_eq!(stage.app.where_mended("prod", &refused.clone().by_the_clock()), None, "nothing there is wrong");
}

#[test]
fn a_mistake_in_a_profile_is_mended_by_the_same_keys_also_of_its_other_buckets() {
    let broken = ProfileSlot { profile: Err(Failure::new(FailureKind::Usage, "unknown key bukcet")), ..slot("prod") };
    let stage = Stage::with(vec![slot("other"), broken]);
    for name in ["prod", "prod/attic"] {
        let said = stage.app.where_mended(name, &Failure::new(FailureKind::ProfileBroken, "a slip"));
        assert_eq!(said.as_deref(), Some("P, then e on prod, opens the profile"));
    }
}
