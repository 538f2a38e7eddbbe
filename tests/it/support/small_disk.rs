//! A disk that is soon full: a small file system in memory, in a mount namespace that any user may make. Programs are
//! started in it, and what they see there is a real file system that answers "no space left on device".

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::program::Home;

/// What keeps the namespace: it says that the disk is there, and waits until its input ends.
const KEEPER: &str = "mount -t tmpfs -o size=\"$SIZE\" tmpfs \"$DISK\" && echo ready && read -r _end";

/// Starts a program to which the system answers that it cannot give a file its room beforehand, as network file systems
/// do (`fallocate`: EOPNOTSUPP), by a filter of system calls (seccomp(2), linux/filter.h).
const FINDS_OUT_WHEN_IT_WRITES: &str = r#"
import ctypes, os, struct, sys
number = {"x86_64": 285, "aarch64": 47}[os.uname().machine]
rules = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | 95), (0x06, 0, 0, 0x7fff0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("rules", ctypes.c_void_p)]
program = Program(len(rules), ctypes.addressof(code))
call = ctypes.CDLL(None, use_errno=True).prctl
if call(38, 1, 0, 0, 0) or call(22, 2, ctypes.byref(program), 0, 0):
    sys.exit("no filter: " + os.strerror(ctypes.get_errno()))
os.execv(sys.argv[1], sys.argv[1:])
"#;

/// The disk; it goes with the test.
pub struct SmallDisk {
    keeper: Child,
    folder: PathBuf,
}

impl SmallDisk {
    /// One of a size as `mount -t tmpfs -o size=` takes it, mounted at a folder of a home.
    pub fn at(home: &Home, folder: &str, size: &str) -> Self {
        let folder = home.path().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let mut keeper = Command::new("unshare");
        keeper.args(["--user", "--map-root-user", "--mount", "sh", "-c", KEEPER]);
        keeper.env("DISK", &folder).env("SIZE", size).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = keeper.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(keeper.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "ready\n", "this system lets nobody mount a disk of their own");
        Self { keeper, folder }
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What has to stand before a command so that it sees the disk.
    pub fn inside(&self) -> Vec<String> {
        let target = self.keeper.id().to_string();
        ["nsenter", "--preserve-credentials", "--user", "--mount", "--target", &target].map(str::to_owned).to_vec()
    }

    /// The same, and the disk only tells when it is written to that it is full.
    pub fn inside_without_reserving(&self) -> Vec<String> {
        let mut words = self.inside();
        let python = std::env::var("WINDLASS_TEST_PYTHON").unwrap_or_else(|_unset| "python3".into());
        words.extend([&*python, "-c", FINDS_OUT_WHEN_IT_WRITES].map(str::to_owned));
        words
    }

    /// Runs a shell command in its folder; answers what it printed.
    pub fn shell(&self, script: &str) -> String {
        let words = self.inside();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(["sh", "-c", &format!("cd \"$1\" && {script}"), "sh"]).arg(&self.folder);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Bytes that are free.
    pub fn free(&self) -> u64 {
        self.shell("df --output=avail --block-size=1 .").lines().last().unwrap().trim().parse().unwrap()
    }

    /// Fills it with somebody else's file, but for so many bytes.
    pub fn fill_up_to(&self, left: u64) {
        let bytes = self.free() - left;
        self.shell(&format!("head -c {bytes} /dev/zero > filler"));
    }

    /// Somebody else's file goes.
    pub fn make_room(&self) {
        self.shell("rm filler");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _gone_already = self.keeper.kill();
        let _gone_already = self.keeper.wait();
    }
}
