//! What stands in the way of a transfer that has failed because something was there, as it is now: whoever is asked about it
//! may be asked long after.

use std::sync::Arc;

use super::Queue;
use super::worker::look_again;
use crate::domain::{Failure, Result, Transfer};

impl Queue {
    /// What is in its way now, as the failure that it would meet; `None` where nothing is. Changes nothing.
    ///
    /// # Errors
    /// Why it cannot be looked at.
    pub async fn look_again(&self, transfer: Arc<Transfer>) -> Result<Option<Failure>> {
        look_again(&self.core, transfer).await
    }
}
