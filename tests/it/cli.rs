//! The headless commands as scripts use them: the real program in a home of its own, its lines, its sentences and its
//! exit codes (DESIGN.md section 7).

mod documents;
mod folders;
mod input;
mod interrupt;
mod local;
mod names;
mod orphans;
mod outage;
mod queue;
mod request;
mod requested;
mod served;
mod standard;
mod terminal;
mod usage;
