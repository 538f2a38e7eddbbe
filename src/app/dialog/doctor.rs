//! What the doctor has found so far. Closing it ends the examination; what it wrote is removed all the same.

use ratatui::layout::Size;

use super::{Scroll, Step};
use crate::action::Key;
use crate::app::effect::RequestId;
use crate::domain::finding::{Finding, Status};

/// An examination and its findings.
#[derive(Debug, Clone)]
pub struct DoctorDialog {
    /// The question that brings the findings.
    pub(crate) request: RequestId,
    /// Which profile is looked at.
    pub profile: String,
    /// What came so far, in the order in which it came.
    pub findings: Vec<Finding>,
    /// Whether nothing more comes.
    pub over: bool,
    /// The first row shown.
    pub scroll: Scroll,
}

impl DoctorDialog {
    pub(crate) fn new(request: RequestId, profile: String) -> Self {
        Self { request, profile, findings: Vec::new(), over: false, scroll: Scroll::default() }
    }

    pub(crate) fn key(&mut self, key: Key, rows: usize, size: Size) -> Step {
        self.scroll.key(key, rows, size)
    }

    /// What it all comes to: "2 fail, 1 warns", "all is well".
    pub fn sum(&self) -> String {
        let count = |status| self.findings.iter().filter(|finding| finding.status == status).count();
        match (self.over, count(Status::Fail), count(Status::Warn)) {
            (false, ..) => "looking …".into(),
            (true, 0, 0) => "all is well".into(),
            (true, 0, warnings) => format!("{warnings} to know"),
            (true, failed, 0) => format!("{failed} failed"),
            (true, failed, warnings) => format!("{failed} failed, {warnings} to know"),
        }
    }
}
