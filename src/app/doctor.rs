//! The doctor on the screen: a dialog with a row for every check, filled as the findings come.

use super::App;
use super::dialog::{Dialog, DoctorDialog};
use super::effect::{Effect, RequestId};
use super::layout::scroll_columns;
use super::requests::Purpose;
use crate::domain::HomeFolder;
use crate::domain::display::{display, wrap};
use crate::domain::finding::{Check, Finding, Status};

/// Columns of the names on the left, symbol and gap included.
pub const NAMES: u16 = 18;

/// One row of the dialog, fit for display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorRow {
    /// The check that begins here; `None` where its text goes on.
    pub check: Option<Check>,
    /// How it stands; `None` is not known yet.
    pub status: Option<Status>,
    /// What was seen, or what to do.
    pub text: String,
    /// It says what to do.
    pub hint: bool,
}

impl App {
    /// Has the profile in force looked at.
    pub(super) fn examine(&mut self) {
        let profile = self.remote.slot().name.clone();
        let asked = profile.clone();
        self.out.ask(Purpose::Examine, |request| Effect::Examine { request, profile: asked });
        let request = self.out.requests.newest();
        self.out.open(Dialog::Doctor(DoctorDialog::new(request, profile)));
    }

    /// A check was found out about.
    pub(super) fn examined(&mut self, request: RequestId, finding: Finding) {
        if let Some(dialog) = self.doctor(request) {
            dialog.findings.push(finding);
        }
    }

    /// All were.
    pub(super) fn examination_over(&mut self, request: RequestId) {
        if let Some(dialog) = self.doctor(request) {
            dialog.over = true;
        }
    }

    fn doctor(&mut self, request: RequestId) -> Option<&mut DoctorDialog> {
        let dialogs = self.dialog.iter_mut().chain(self.opening.waiting()).chain(&mut self.out.dialogs);
        let mut doctors =
            dialogs.filter_map(|dialog| if let Dialog::Doctor(doctor) = dialog { Some(doctor) } else { None });
        doctors.find(|dialog| dialog.request == request)
    }

    /// The rows of that dialog on this screen, in the order of the checks.
    pub fn doctor_rows(&self, dialog: &DoctorDialog) -> Vec<DoctorRow> {
        let columns = scroll_columns(self.size).saturating_sub(NAMES);
        let mended = self.where_credentials_are(&dialog.profile);
        let mended = |check| mended.as_deref().filter(|_| check == Check::Credentials);
        Check::ALL.iter().flat_map(|check| rows(*check, dialog, &self.home, mended(*check), columns)).collect()
    }
}

fn rows(check: Check, dialog: &DoctorDialog, home: &HomeFolder, mended: Option<&str>, columns: u16) -> Vec<DoctorRow> {
    let Some(finding) = dialog.findings.iter().find(|finding| finding.check == check) else {
        let text = if dialog.over { "not looked at" } else { "…" };
        return vec![DoctorRow { check: Some(check), status: None, text: text.into(), hint: false }];
    };
    let status = Some(finding.status);
    let pieces = |text: &str, hint| {
        let shown = home.shorten(&display(text));
        wrap(&shown, columns).into_iter().map(move |text| DoctorRow { check: None, status, text, hint })
    };
    let mended = mended.filter(|_| finding.status == Status::Fail && !finding.by_clock);
    let told =
        finding.each().into_iter().flat_map(|(detail, hint)| [Some((detail, false)), hint.map(|hint| (hint, true))]);
    let told = told.flatten().chain(mended.map(|mended| (mended, true)));
    let mut rows: Vec<DoctorRow> = told.flat_map(|(text, hint)| pieces(text, hint)).collect();
    if let Some(first) = rows.first_mut() {
        first.check = Some(check);
    }
    rows
}
