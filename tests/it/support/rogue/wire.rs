//! HTTP/1.1 as far as a proxy must understand it (RFC 9112): heads, and where bodies end. Bytes are passed on as they came.

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The most that is passed on at once.
pub const PIECE: usize = 64 * 1024;

/// A connection and what was read too much of it.
pub struct Wire {
    stream: TcpStream,
    ahead: BytesMut,
}

/// A request's or an answer's head.
pub struct Head {
    /// As it came, with the empty line.
    pub raw: Bytes,
    /// The method; of an answer the version.
    pub method: String,
    /// The target; of an answer the status.
    pub target: String,
    /// By their names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Head {
    fn read(raw: Bytes) -> Self {
        let text = String::from_utf8_lossy(&raw).into_owned();
        let mut lines = text.split("\r\n");
        let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
        let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
        Self { raw, method, target, headers }
    }

    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// The status of an answer.
    pub fn status(&self) -> u16 {
        self.target.parse().unwrap()
    }

    /// Where the body that follows a request ends.
    pub fn request_body(&self) -> Body {
        self.framed().unwrap_or(Body::Left(0))
    }

    /// Where the body that follows an answer to that method ends.
    pub fn answer_body(&self, method: &str) -> Body {
        match self.status() {
            204 | 304 => Body::Left(0),
            _ if method == "HEAD" => Body::Left(0),
            _ => self.framed().unwrap_or(Body::UntilClose),
        }
    }

    fn framed(&self) -> Option<Body> {
        if self.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            return Some(Body::Chunks(0));
        }
        self.header("content-length").map(|length| Body::Left(length.parse().unwrap()))
    }
}

/// What is still to come of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// So many bytes.
    Left(u64),
    /// So many bytes of a chunk, its line end among them, then more chunks.
    Chunks(u64),
    /// Everything until the connection ends.
    UntilClose,
}

impl Wire {
    /// Around a connection.
    pub fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, ahead: BytesMut::new() }
    }

    /// The next head; `None` where the connection has ended.
    pub async fn head(&mut self) -> Option<Head> {
        loop {
            if let Some(end) = self.ahead.windows(4).position(|four| four == b"\r\n\r\n") {
                return Some(Head::read(self.ahead.split_to(end + 4).freeze()));
            }
            self.more().await?;
        }
    }

    /// The next piece of a body: empty at its end, `None` where the connection has ended before.
    pub async fn piece(&mut self, body: &mut Body) -> Option<Bytes> {
        match body {
            Body::Left(0) => Some(Bytes::new()),
            Body::Left(left) | Body::Chunks(left) if *left > 0 => {
                let piece = self.some(*left).await?;
                *left -= piece.len() as u64;
                Some(piece)
            }
            Body::Chunks(_) => self.chunk_size(body).await,
            _ => Some(self.some(u64::MAX).await.unwrap_or_default()),
        }
    }

    /// The line before a chunk; the last one has no bytes, and what follows it is an empty line.
    async fn chunk_size(&mut self, body: &mut Body) -> Option<Bytes> {
        let end = loop {
            match self.ahead.windows(2).position(|two| two == b"\r\n") {
                Some(end) => break end + 2,
                None => self.more().await?,
            }
        };
        let line = self.ahead.split_to(end).freeze();
        let digits = String::from_utf8_lossy(&line);
        let size = u64::from_str_radix(digits.split(';').next()?.trim(), 16).ok()?;
        *body = if size == 0 { Body::Left(2) } else { Body::Chunks(size + 2) };
        Some(line)
    }

    async fn some(&mut self, most: u64) -> Option<Bytes> {
        if self.ahead.is_empty() {
            self.more().await?;
        }
        let length = self.ahead.len().min(PIECE).min(usize::try_from(most).unwrap_or(usize::MAX));
        Some(self.ahead.split_to(length).freeze())
    }

    async fn more(&mut self) -> Option<()> {
        self.ahead.reserve(PIECE);
        let read = self.stream.read_buf(&mut self.ahead).await.ok()?;
        (read > 0).then_some(())
    }

    /// Writes; `None` where the other side is gone.
    pub async fn write(&mut self, bytes: &[u8]) -> Option<()> {
        self.stream.write_all(bytes).await.ok()
    }
}
