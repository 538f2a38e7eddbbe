//! A request as it stands on the wire, for what no client would send.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its head, lower-cased, line by line.
    pub head: Vec<String>,
    /// Its body, as text.
    pub body: String,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// Sends one request to `http://HOST:PORT` on a connection of its own.
pub async fn send(endpoint: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let host = endpoint.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("content-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head: head.lines().map(str::to_ascii_lowercase).collect(), body: body.to_owned() }
}

/// Sends a request to a URL, as a presigned one is used.
pub async fn send_to(url: &str, method: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let (host, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    send(&format!("http://{host}"), method, &format!("/{target}"), headers, body).await
}
