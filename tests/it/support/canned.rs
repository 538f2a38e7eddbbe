//! A server that answers what it is told to, one answer a request, and remembers what it was asked: for the errors that
//! good servers do not make.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What to do with a request.
#[derive(Debug, Clone)]
pub enum Canned {
    /// Answer these bytes and close the connection.
    Bytes(Vec<u8>),
    /// Answer these bytes, and leave the connection open.
    Stall(Vec<u8>),
    /// Accept it and never answer.
    Silence,
}

/// An answer with a status, headers and a body whose length is told.
pub fn answer(status: &str, headers: &[(&str, &str)], body: &str) -> Canned {
    cut_answer(status, headers, body, body.len())
}

/// An answer that promises `length` bytes of body and closes after those that it has.
pub fn cut_answer(status: &str, headers: &[(&str, &str)], body: &str, length: usize) -> Canned {
    let mut text = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    Canned::Bytes(text.into_bytes())
}

/// An S3 error.
pub fn error(status: &str, code: &str, headers: &[(&str, &str)]) -> Canned {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>said so</Message></Error>"
    );
    answer(status, headers, &body)
}

/// The server; it ends with the test's runtime.
pub struct CannedServer {
    /// `HOST:PORT`.
    pub address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl CannedServer {
    /// Starts it; when all answers but one are given, the last is repeated.
    pub async fn start(answers: impl IntoIterator<Item = Canned>) -> Self {
        Self::start_with(answers, None).await
    }

    /// The same, encrypted.
    pub async fn start_tls(answers: impl IntoIterator<Item = Canned>, acceptor: TlsAcceptor) -> Self {
        Self::start_with(answers, Some(acceptor)).await
    }

    async fn start_with(answers: impl IntoIterator<Item = Canned>, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("localhost:{}", listener.local_addr().unwrap().port());
        let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(stream, acceptor.clone(), answers.clone(), seen.clone()));
            }
        });
        Self { address, requests }
    }

    /// `http://HOST:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The heads of all requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn connection(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    answers: Arc<Mutex<VecDeque<Canned>>>,
    seen: Arc<Mutex<Vec<String>>>,
) {
    match acceptor {
        None => exchange(stream, &answers, &seen).await,
        // A client that does not trust the certificate ends the handshake.
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                exchange(stream, &answers, &seen).await;
            }
        }
    }
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: &Mutex<VecDeque<Canned>>,
    seen: &Mutex<Vec<String>>,
) {
    let Some(head) = read_request(&mut stream).await else { return };
    seen.lock().unwrap().push(head);
    let next = {
        let mut answers = answers.lock().unwrap();
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    };
    match next {
        Some(Canned::Bytes(bytes)) => {
            // The client may be gone already; that is its test's matter.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Some(Canned::Stall(bytes)) => {
            stream.write_all(&bytes).await.unwrap();
            std::future::pending().await
        }
        Some(Canned::Silence) | None => std::future::pending().await,
    }
}

/// The first byte of what a client says that expects TLS (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// Reads one request, body and all, and hands back its head.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if bytes[0] == TLS_HANDSHAKE {
            return Some("the beginning of TLS".into());
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head.split("\r\n").find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    let mut missing = length.unwrap_or(0_usize).saturating_sub(bytes.len() - end);
    while missing > 0 {
        let mut more = Vec::with_capacity(64 * 1024);
        match stream.read_buf(&mut more).await.ok()? {
            0 => return None,
            read => missing = missing.saturating_sub(read),
        }
    }
    Some(head)
}
