//! Why something failed, in little room: the name that the row shows anyway gives way first, then what was to be done, and
//! the cause stays.

use crate::domain::display::{display, fit, fit_middle, width};
use crate::domain::met::Met;
use crate::domain::{Failure, FailureKind, HomeFolder, Transfer};

/// The reason in so many columns, fit for display; cut where no way of telling it has room.
pub(super) fn cause(transfer: &Transfer, error: &Failure, columns: usize, home: &HomeFolder) -> String {
    let cut = || fit(&bare_cause(error, home), columns).into_owned();
    whole_cause(transfer, error, columns, home).unwrap_or_else(cut)
}

/// The reason in so many columns, if one way of telling it has room: with short names, without them, or by its kind.
pub(super) fn whole_cause(transfer: &Transfer, error: &Failure, columns: usize, home: &HomeFolder) -> Option<String> {
    let whole = home.shorten(&display(&error.what));
    let shorter = [Some(shortened(transfer, &whole, columns, home)), Some(bare_cause(error, home)), in_words(error)];
    shorter.into_iter().flatten().find(|said| width(said) <= columns)
}

/// The reason without what it is about, fit for display.
pub(super) fn bare_cause(error: &Failure, home: &HomeFolder) -> String {
    let whole = home.shorten(&display(&error.what));
    whole.rsplit_once(": ").map_or_else(|| whole.clone(), |(_, cause)| cause.to_owned())
}

/// With its file's name and key as short as they have to be.
fn shortened(transfer: &Transfer, whole: &str, columns: usize, home: &HomeFolder) -> String {
    let path = transfer.path.as_deref().map(|path| home.show(path));
    let mut said = whole.to_owned();
    for name in path.into_iter().chain([display(&transfer.key).into_owned()]) {
        let too_long = width(&said).saturating_sub(columns);
        if too_long > 0 && !name.is_empty() {
            let room = width(&name).saturating_sub(too_long).max(1);
            said = said.replacen(&name, &fit_middle(&name, room), 1);
        }
    }
    said
}

/// The kind of failure, where that says it all.
fn in_words(error: &Failure) -> Option<String> {
    let words = match error.kind {
        FailureKind::NotFound => "not there",
        FailureKind::Exists => match Met::told(&error.what) {
            Some(Met::Same) => "exists with the same bytes",
            Some(Met::Differs) => "exists with other bytes",
            None => "exists already",
        },
        FailureKind::Changed => "it changed",
        FailureKind::Credentials => "wrong credentials",
        FailureKind::Denied => "not allowed",
        FailureKind::DiskFull => "the disk is full",
        _ => return None,
    };
    Some(words.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::stage::transfer;
    use crate::domain::{TransferKind, TransferState};

    const KEY: &str = "photos/2026/a-very-long-name-of-a-file.jpeg";

    fn said(kind: FailureKind, what: &str, columns: usize) -> String {
        let view = transfer(1, TransferKind::Upload, TransferState::Failed, KEY);
        cause(&view.transfer, &Failure::new(kind, what), columns, &HomeFolder::default())
    }

    #[test]
    fn the_home_folder_is_short_as_in_the_details() {
        let mut view = transfer(1, TransferKind::Upload, TransferState::Failed, KEY);
        std::sync::Arc::make_mut(&mut view.transfer).path = Some(std::path::Path::new("/home/me/a/b.jpeg").into());
        let error = Failure::new(FailureKind::NotFound, "cannot read /home/me/a/b.jpeg: it is not there");
        let of = |columns| cause(&view.transfer, &error, columns, &HomeFolder::new(Some("/home/me")));
        assert_eq!(of(80), "cannot read ~/a/b.jpeg: it is not there");
        assert_eq!(of(36), "cannot read ~/a…peg: it is not there");
    }

    #[test]
    fn the_name_is_shortened_in_its_middle_and_the_cause_stays() {
        let unread = format!("cannot read /home/me/{KEY}: permission denied");
        let of = |columns| said(FailureKind::Local, &unread, columns);
        assert_eq!(of(200), unread);
        assert_eq!(of(46), "cannot read /home/m…le.jpeg: permission denied");
        assert_eq!(of(32), "cannot read …: permission denied");
        assert_eq!(of(29), "permission denied");
        assert_eq!(of(12), "permission …");
        assert_eq!(
            said(FailureKind::Exists, &format!("{KEY} exists in the bucket"), 29),
            "pho…jpeg exists in the bucket"
        );
    }

    #[test]
    fn whether_what_is_there_is_the_same_stays_too() {
        let exists = Failure::new(FailureKind::Exists, format!("{KEY} exists in the bucket"));
        let of = |met: Met, columns| said(FailureKind::Exists, &met.said(exists.clone()).what, columns);
        assert_eq!(of(Met::Same, 50), "pho…jpeg exists in the bucket, with the same bytes");
        assert_eq!(of(Met::Same, 30), "exists with the same bytes");
        assert_eq!(of(Met::Differs, 30), "exists with other bytes");
    }

    #[test]
    fn where_no_cause_stands_behind_the_kind_says_it() {
        let denied = format!("the access key AKIDEXAMPLE may not write \"{KEY}\" in \"files\"");
        assert_eq!(said(FailureKind::Denied, &denied, 29), "not allowed");
        assert_eq!(said(FailureKind::Internal, "cannot reach s3.example.org port 443", 20), "cannot reach s3.exa…");
    }
}
