//! The process in which pictures are decoded: this program once more, under another name, with bounds of its own. What a
//! picture does to it, memory, time or a crash, ends with it; it reads no configuration and no environment.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, nice, setrlimit};

use super::drawing;
use crate::domain::picture::{MOST_READ, Room};

/// What it is called, instead of the program's own name. Nobody types it, and there is no command of that name.
pub const NAME: &str = "windlass-preview";

/// What the system gives it at most: bytes of address space, seconds of processor time, files (the three that it has) and
/// bytes of a core dump.
const BOUNDS: [(Resource, u64); 4] =
    [(Resource::As, 512 << 20), (Resource::Cpu, 5), (Resource::Nofile, 3), (Resource::Core, 0)];

/// How much it steps back behind uploads and downloads (nice).
const STEPS_BACK: i32 = 10;

/// The arguments that tell it the room.
pub fn arguments(room: Room) -> [String; 2] {
    [room.columns, room.rows].map(|cells| cells.to_string())
}

/// Decodes the picture on standard input and answers on standard output, if these arguments ask for that; else `None`.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.into_iter();
    if arguments.next()? != NAME {
        return None;
    }
    let mut cells = arguments.map(|cells| cells.to_str().and_then(|cells| cells.parse().ok()));
    let room = cells.next().flatten().zip(cells.next().flatten()).map(|(columns, rows)| Room { columns, rows });
    Some(room.map_or(ExitCode::FAILURE, |room| serve(room).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)))
}

fn serve(room: Room) -> io::Result<()> {
    for (resource, most) in BOUNDS {
        // A system that does not know one of them still has the others, and the decoder counts what it takes itself.
        let _unknown = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    }
    let _already_behind = nice(STEPS_BACK);
    let mut bytes = Vec::new();
    io::stdin().lock().take(MOST_READ).read_to_end(&mut bytes)?;
    let answer = drawing::written(&drawing::draw(&bytes, room));
    let mut out = io::stdout().lock();
    out.write_all(&answer)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_name_makes_it_decode() {
        for arguments in [&["windlass"][..], &["windlass", "windlass-preview", "4", "4"], &[]] {
            assert!(run(arguments.iter().map(OsString::from)).is_none());
        }
    }
}
