//! The real program with a home of its own, run headless: what it prints, and how it ends.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// An empty home: configuration, state and data folders, and a folder to work in.
pub struct Home {
    folder: tempfile::TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; 128 and more where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Home {
    /// A fresh one.
    pub fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(home.here()).unwrap();
        home
    }

    /// The folder that everything is in.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder that commands run in.
    pub fn here(&self) -> PathBuf {
        self.folder.path().join("here")
    }

    /// The configuration folder.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config/windlass")
    }

    /// Writes `config.toml`, for the user alone.
    pub fn configure(&self, toml: &str) {
        use std::os::unix::fs::OpenOptionsExt;
        std::fs::create_dir_all(self.config()).unwrap();
        let mut options = std::fs::OpenOptions::new();
        options.create(true).write(true).truncate(true).mode(0o600);
        options.open(self.config().join("config.toml")).unwrap().write_all(toml.as_bytes()).unwrap();
    }

    /// Writes a file to work with, below the working folder.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.here().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// What a file below the working folder holds.
    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        let path = self.here().join(name);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The same path without symbolic links, as the program answers it.
    pub fn real(&self, name: impl AsRef<Path>) -> PathBuf {
        std::fs::canonicalize(self.here()).unwrap().join(name)
    }

    /// The program, ready to be started.
    pub fn command<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_windlass"), arguments)
    }

    fn command_of<S: AsRef<std::ffi::OsStr>>(&self, program: &str, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(program);
        let at = |name: &str| self.folder.path().join(name);
        command
            .args(arguments)
            .current_dir(self.here())
            .env_clear()
            .env("HOME", at("home"))
            .env("XDG_CONFIG_HOME", at("config"))
            .env("XDG_STATE_HOME", at("state"))
            .env("XDG_DATA_HOME", at("data"))
            .env("USER", "tester")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command whose standard output nobody reads.
    pub fn run_unread<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ended {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Ended::of(self.command(arguments).stdout(writer).output().unwrap())
    }

    /// Starts a command whose output is read while it runs.
    pub fn start<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Running {
        self.start_by(env!("CARGO_BIN_EXE_windlass"), arguments)
    }

    /// Starts another program, which starts the command.
    pub fn start_by<S: AsRef<std::ffi::OsStr>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Running {
        Running::of(self.command_of(program, arguments))
    }

    /// Starts a command that reads this.
    pub fn start_fed<S: AsRef<std::ffi::OsStr>>(
        &self,
        input: impl Into<Stdio>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Running {
        let mut command = self.command(arguments);
        command.stdin(input);
        Running::of(command)
    }
}

impl Ended {
    /// From what a command left behind.
    pub fn of(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;
        let status = output.status;
        Self {
            code: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Fails the test unless it ended with that code.
    #[track_caller]
    pub fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// The JSON objects that it printed, one a line.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        self.out.lines().map(parse).collect()
    }

    /// Standard error, which is exactly one line.
    #[track_caller]
    pub fn sentence(&self) -> &str {
        let line = self.err.strip_suffix('\n').unwrap_or(&self.err);
        assert!(!line.is_empty() && !line.contains('\n'), "not one line: {:?}", self.err);
        line.strip_prefix("windlass: ").unwrap_or_else(|| panic!("whose line is this? {line}"))
    }
}

/// A command that runs; killed with its test.
pub struct Running(Option<Child>);

impl Running {
    fn of(mut command: Command) -> Self {
        Self(Some(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
    }

    /// The next line of its standard output.
    pub fn line(&mut self) -> String {
        use std::io::Read;
        let out = self.0.as_mut().unwrap().stdout.as_mut().unwrap();
        let (mut line, mut byte) = (Vec::new(), [0]);
        while out.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
            line.push(byte[0]);
        }
        String::from_utf8(line).unwrap()
    }

    /// Its process id.
    pub fn process(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    /// Sends a signal, by its name.
    pub fn signal(&self, name: &str) {
        let id = self.process().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Ended {
        Ended::of(self.0.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _gone_already = child.kill();
            let _gone_already = child.wait();
        }
    }
}

/// What curl gets from a URL, which is how a person tries a link.
pub fn http_get(url: &str) -> String {
    String::from_utf8(http_get_bytes(url)).unwrap()
}

/// The same, for what is no text.
pub fn http_get_bytes(url: &str) -> Vec<u8> {
    let got =
        Command::new("curl").args(["--silent", "--show-error", "--fail", "--max-time", "30", url]).output().unwrap();
    assert!(got.status.success(), "{}", String::from_utf8_lossy(&got.stderr));
    got.stdout
}
