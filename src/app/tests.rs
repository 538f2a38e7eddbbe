//! The application by its behaviour: keys and answers go in, effects and state come out. No IO, no clock, no terminal.

mod browse;
mod deletes;
mod dialogs;
mod opening;
mod queue;
mod remote;
pub(super) mod stage;
mod story;
mod transfers;
mod walks;
