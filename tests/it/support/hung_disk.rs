//! A disk that does not answer, as a network disk whose server is gone: every `pwritev`, by which downloads write, or every
//! `pread64`, by which uploads read, waits for an answer that nobody gives (seccomp_unotify(2)), or that comes late.

use super::program::{Home, Running};

/// Filters the calls that `hangs` names; answers would come from who `listen`s.
const FILTER: &str = r#"
import ctypes, fcntl, os, signal, socket, struct, sys, threading, time
calls = {"x86_64": {"pread64": 17, "pwritev": 296}, "aarch64": {"pread64": 67, "pwritev": 70}}[os.uname().machine]
seccomp = {"x86_64": 317, "aarch64": 277}[os.uname().machine]
rules = [(0x20, 0, 0, 0), (0x15, 0, 1, calls[hangs]), (0x06, 0, 0, 0x7fc00000), (0x06, 0, 0, 0x7fff0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("rules", ctypes.c_void_p)]
program = Program(len(rules), ctypes.addressof(code))
libc = ctypes.CDLL(None, use_errno=True)
def listen():
    listener = -1 if libc.prctl(38, 1, 0, 0, 0) else libc.syscall(seccomp, 1, 8, ctypes.byref(program))
    if listener < 0:
        sys.exit("no filter: " + os.strerror(ctypes.get_errno()))
    return listener
"#;

/// Starts a program whose downloads hang as they are written.
const HANGS: &str = r#"
# Whoever could answer has to stay open, or the calls would fail.
os.set_inheritable(listen(), True)
os.execv(sys.argv[1], sys.argv[1:])
"#;

/// Starts a program whose first write takes longer than anybody waits for; it ends as that does.
const IS_LATE_ONCE: &str = r#"
here, there = socket.socketpair()
child = os.fork()
if child == 0:
    socket.send_fds(there, [b"x"], [listen()])
    os.execv(sys.argv[1], sys.argv[1:])
listener = socket.recv_fds(here, 1, 1)[1][0]
def answer():
    late = 7
    while True:
        asked = bytearray(80)
        fcntl.ioctl(listener, 0xC0502100, asked)
        time.sleep(late)
        late = 0
        fcntl.ioctl(listener, 0xC0182101, bytearray(asked[:8] + struct.pack("qiI", 0, 0, 1)))
threading.Thread(target=answer, daemon=True).start()
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;

/// Starts a program for which files in a folder `hung` cannot be read, and all others can. It is ended by a `TERM` to whoever
/// answers: once nobody does, what it reads fails, and it would live long enough to say so.
const HANGS_IN_A_FOLDER: &str = r#"
here, there = socket.socketpair()
child = os.fork()
if child == 0:
    libc.prctl(1, 9, 0, 0, 0)
    socket.send_fds(there, [b"x"], [listen()])
    os.execv(sys.argv[1], sys.argv[1:])
def end(*_):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os._exit(137)
signal.signal(signal.SIGTERM, end)
listener = socket.recv_fds(here, 1, 1)[1][0]
def answer():
    asked = bytearray(80)
    fcntl.ioctl(listener, 0xC0502100, asked)
    thread, file = struct.unpack_from("I", asked, 8)[0], struct.unpack_from("Q", asked, 32)[0]
    if "/hung/" not in os.readlink(f"/proc/{thread}/fd/{file}"):
        fcntl.ioctl(listener, 0xC0182101, bytearray(asked[:8] + struct.pack("qiI", 0, 0, 1)))
while True:
    try:
        answer()
    except OSError:
        # Who asked was interrupted, and asks again, or is gone.
        if os.waitpid(child, os.WNOHANG)[0]:
            os._exit(1)
"#;

/// Starts the program on a disk that never answers.
pub fn on_a_hung_disk(home: &Home, arguments: &[&str]) -> Running {
    start(home, "pwritev", HANGS, arguments)
}

/// Starts the program on a disk that answers the first write late.
pub fn on_a_late_disk(home: &Home, arguments: &[&str]) -> Running {
    start(home, "pwritev", IS_LATE_ONCE, arguments)
}

/// Starts the program where what is in a folder `hung` is never read to the end.
pub fn from_a_hung_folder(home: &Home, arguments: &[&str]) -> Running {
    start(home, "pread64", HANGS_IN_A_FOLDER, arguments)
}

fn start(home: &Home, hangs: &str, script: &str, arguments: &[&str]) -> Running {
    let python = std::env::var("WINDLASS_TEST_PYTHON").unwrap_or_else(|_unset| "python3".into());
    let script = format!("hangs = \"{hangs}\"\n{FILTER}{script}");
    home.start_by(&python, [&["-c", &script, env!("CARGO_BIN_EXE_windlass")], arguments].concat())
}
