//! The process in which pictures are decoded: this program once more, under another name, with bounds of its own. What a
//! picture does to it, memory, time or a crash, ends with it; it reads no configuration and no environment.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, nice, setrlimit};

use super::drawing;
use crate::domain::picture::{MOST_READ, Pixels, Protocol, Room};

/// What it is called, instead of the program's own name. Nobody types it, and there is no command of that name.
pub const NAME: &str = "windlass-preview";

/// What the system gives it at most: bytes of address space, seconds of processor time, files (the three that it has) and
/// bytes of a core dump.
const BOUNDS: [(Resource, u64); 4] =
    [(Resource::As, 512 << 20), (Resource::Cpu, 5), (Resource::Nofile, 3), (Resource::Core, 0)];

/// How much it steps back behind uploads and downloads (nice).
const STEPS_BACK: i32 = 10;

/// The arguments that tell it the room, and how the terminal takes pixels where it is to.
pub fn arguments(room: Room, pixels: Option<Pixels>) -> Vec<String> {
    let mut arguments: Vec<String> = [room.columns, room.rows].iter().map(u16::to_string).collect();
    if let Some(Pixels { protocol, cell: (wide, high), most }) = pixels {
        let name = Protocol::ALL.iter().find(|(_, known)| *known == protocol).map_or("", |(name, _)| *name);
        arguments.extend([wide.to_string(), high.to_string(), name.to_owned(), most.to_string()]);
    }
    arguments
}

/// Reads [`arguments`].
fn wishes(arguments: &[String]) -> Option<(Room, Option<Pixels>)> {
    let number = |index: usize| arguments.get(index)?.parse::<u16>().ok();
    let room = Room { columns: number(0)?, rows: number(1)? };
    let named = |name: &String| Protocol::ALL.iter().find(|(known, _)| known == name).map(|(_, protocol)| *protocol);
    let protocol = arguments.get(4).and_then(named);
    let most = arguments.get(5).and_then(|most| most.parse().ok());
    let pixels = protocol.zip(number(2).zip(number(3))).zip(most);
    let pixels = pixels.map(|((protocol, cell), most)| Pixels { protocol, cell, most });
    Some((room, pixels))
}

/// Decodes the picture on standard input and answers on standard output, if these arguments ask for that; else `None`.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.into_iter();
    if arguments.next()? != NAME {
        return None;
    }
    let arguments: Vec<String> = arguments.filter_map(|argument| argument.into_string().ok()).collect();
    let served = wishes(&arguments).is_some_and(|(room, pixels)| serve(room, pixels).is_ok());
    Some(if served { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn serve(room: Room, pixels: Option<Pixels>) -> io::Result<()> {
    for (resource, most) in BOUNDS {
        // A system that does not know one of them still has the others, and the decoder counts what it takes itself.
        let _unknown = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    }
    let _already_behind = nice(STEPS_BACK);
    let mut bytes = Vec::new();
    io::stdin().lock().take(MOST_READ).read_to_end(&mut bytes)?;
    let answer = drawing::written(&drawing::draw(&bytes, room, pixels));
    let mut out = io::stdout().lock();
    out.write_all(&answer)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_to_do_is_read_as_it_was_written() {
        let room = Room { columns: 40, rows: 10 };
        let all = Protocol::ALL.map(|(_, protocol)| Some(Pixels { protocol, cell: (9, 18), most: 1 << 20 }));
        for pixels in all.into_iter().chain([None]) {
            assert_eq!(wishes(&arguments(room, pixels)), Some((room, pixels)));
        }
        assert_eq!(wishes(&["40".to_owned()]), None);
    }

    #[test]
    fn only_its_own_name_makes_it_decode() {
        for arguments in [&["windlass"][..], &["windlass", "windlass-preview", "4", "4"], &[]] {
            assert!(run(arguments.iter().map(OsString::from)).is_none());
        }
    }
}
