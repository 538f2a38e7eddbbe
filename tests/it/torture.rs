//! Transfers under everything that goes wrong: the real program, killed, cheated and kept waiting, over a network that the
//! test holds in its hand (issue 3, "Must show" 1 to 4 and 7).

mod batch;
mod cancel;
mod changed;
mod check;
mod deletes;
mod faults;
mod fetched;
mod full;
mod input;
mod kill;
mod life;
mod lost;
mod many;
mod screen;
mod storm;
mod sweep;
mod two;
