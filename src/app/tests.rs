//! The application by its behaviour: keys and answers go in, effects and state come out. No IO, no clock, no terminal.

mod again;
mod below;
mod browse;
mod deletes;
mod dialogs;
mod doctor;
mod edit;
mod facts;
mod filter;
mod folders;
mod inspector;
mod mouse;
mod narrow;
mod newcomer;
mod opening;
mod palette;
mod pictures;
mod places;
mod queue;
mod remote;
mod requesting;
mod search;
pub(super) mod stage;
mod story;
mod transfers;
mod undo;
mod walks;
