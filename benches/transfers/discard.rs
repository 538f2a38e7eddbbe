//! A server that answers S3 at next to no cost, so that what is measured beside it is the client: it takes every body and
//! throws it away, checks nothing, echoes the checksum that it was told and lists keys that do not exist. It is this bench
//! again, started with [`ARGUMENT`] as a process of its own, and of no use for anything else.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::net::RecvFlags;

use super::answers::{self, Answer};

/// What the bench is started with to be this server.
pub const ARGUMENT: &str = "--discard";

/// Bytes of a body thrown away at a time; the kernel never fills this buffer.
const DISCARDED: usize = 1 << 20;

/// The server, until it is dropped.
pub struct Discarding {
    process: Child,
    port: u16,
}

impl Discarding {
    /// Starts it.
    pub fn start() -> Self {
        let this = std::env::current_exe().expect("a bench that has a file");
        let mut process = Command::new(this).arg(ARGUMENT).stdout(Stdio::piped()).spawn().expect("a server");
        let mut line = String::new();
        let mut out = std::io::BufReader::new(process.stdout.take().expect("its output"));
        std::io::BufRead::read_line(&mut out, &mut line).expect("its port");
        Self { process, port: line.trim().parse().expect("a port") }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Discarding {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone_already = self.process.wait();
    }
}

/// One request, its body thrown away unless an answer needs it.
pub struct Request {
    /// `PUT` and the like.
    pub method: String,
    /// Bucket and key, percent-encoded as they came.
    pub path: String,
    /// What stands behind `?`.
    pub query: String,
    /// By lower-case name.
    pub headers: HashMap<String, String>,
    /// The body of a POST.
    pub body: Vec<u8>,
    /// How long the body is.
    pub length: usize,
}

impl Request {
    /// A parameter of the query, as it stands there; empty where it has no value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.into_iter().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// An object as it is remembered.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    /// Bytes.
    pub size: usize,
    /// The CRC-64/NVME that came with it.
    pub crc: Option<String>,
}

/// What every connection shares: objects by path, and the sizes of multipart uploads so far, by path too.
#[derive(Debug, Default)]
pub struct Memory {
    /// Objects.
    pub objects: Mutex<HashMap<String, Remembered>>,
    /// Bytes of unfinished uploads.
    pub uploads: Mutex<HashMap<String, usize>>,
}

/// Whatever a thread that died left locked is still whole.
pub fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves for ever; the port goes to standard output.
pub fn serve() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    let memory = Arc::new(Memory::default());
    for stream in listener.incoming().flatten() {
        let memory = memory.clone();
        // A thread a connection costs the least where there are few of them.
        std::thread::spawn(move || talk(stream, &memory));
    }
}

fn talk(stream: TcpStream, memory: &Memory) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut wire = Wire { stream, ahead: Vec::new(), nowhere: vec![0; DISCARDED] };
    loop {
        let request = wire.request()?;
        let answer = answers::answer(&request, memory);
        wire.answer(&answer, request.method == "HEAD")?;
    }
}

/// One connection.
struct Wire {
    stream: TcpStream,
    /// What was read beyond what was asked for.
    ahead: Vec<u8>,
    nowhere: Vec<u8>,
}

impl Wire {
    fn request(&mut self) -> Option<Request> {
        let end = self.head()?;
        let mut request = parse(std::str::from_utf8(&self.ahead[..end]).ok()?)?;
        self.ahead.drain(..end);
        if request.header("expect").is_some() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
        }
        if request.method == "POST" {
            request.body = self.take(request.length)?;
        } else {
            self.discard(request.length)?;
        }
        Some(request)
    }

    /// Reads until a whole head is there; answers where it ends.
    fn head(&mut self) -> Option<usize> {
        let mut searched = 0;
        loop {
            let found = self.ahead[searched..].windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(at) = found {
                return Some(searched + at + 4);
            }
            searched = self.ahead.len().saturating_sub(3);
            self.more()?;
        }
    }

    fn more(&mut self) -> Option<()> {
        let mut chunk = [0; 16 * 1024];
        let read = self.stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        self.ahead.extend_from_slice(&chunk[..read]);
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.ahead.len() < length {
            self.more()?;
        }
        let rest = self.ahead.split_off(length);
        Some(std::mem::replace(&mut self.ahead, rest))
    }

    /// The kernel drops the bytes without copying them (tcp(7), MSG_TRUNC).
    fn discard(&mut self, length: usize) -> Option<()> {
        let there = self.ahead.len().min(length);
        self.ahead.drain(..there);
        let mut left = length - there;
        while left > 0 {
            let most = left.min(self.nowhere.len());
            let (_, dropped) = rustix::net::recv(&self.stream, &mut self.nowhere[..most], RecvFlags::TRUNC).ok()?;
            left = left.checked_sub(dropped).filter(|_| dropped > 0)?;
        }
        Some(())
    }

    fn answer(&mut self, answer: &Answer, only_head: bool) -> Option<()> {
        let length = answer.length.unwrap_or(answer.body.len());
        let mut bytes =
            format!("HTTP/1.1 {}\r\n{}Content-Length: {length}\r\n\r\n", answer.status, answer.headers).into_bytes();
        if !only_head {
            bytes.extend_from_slice(&answer.body);
        }
        self.stream.write_all(&bytes).ok()
    }
}

fn parse(head: &str) -> Option<Request> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let header =
        |line: &str| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    let headers: HashMap<String, String> = lines.filter_map(header).collect();
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    Some(Request { method, path: path.to_owned(), query: query.to_owned(), headers, body: Vec::new(), length })
}
