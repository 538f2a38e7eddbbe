//! The other sides of bad and slow networks: one that accepts and never answers, and one that takes bodies slowly.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// Starts a server that accepts every connection and never says a word; answers its port.
pub fn silent() -> u16 {
    serve(|stream| {
        // Kept open until the other side has gone.
        let _unread = BufReader::new(stream).lines().count();
    })
}

/// Starts an S3 endpoint without objects that takes uploads at about 320 KiB/s each; answers its port.
pub fn slow() -> u16 {
    serve(|stream| {
        let mut reader = BufReader::new(stream);
        while let Some((head, length)) = request(&mut reader) {
            let status = if head.starts_with("PUT ") { take_slowly(&mut reader, length) } else { "404 Not Found" };
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    })
}

fn serve(talk: impl Fn(TcpStream) + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let talk = talk.clone();
            std::thread::spawn(move || talk(stream));
        }
    });
    port
}

/// The next request's head, and how long its body is.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, u64)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Some((head, length.unwrap_or(0)))
}

fn take_slowly(reader: &mut BufReader<TcpStream>, mut length: u64) -> &'static str {
    let mut chunk = [0; 8192];
    while length > 0 {
        let most = chunk.len().min(usize::try_from(length).unwrap_or(usize::MAX));
        match reader.read(&mut chunk[..most]) {
            Ok(0) | Err(_) => break,
            Ok(read) => length -= read as u64,
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    "200 OK"
}
