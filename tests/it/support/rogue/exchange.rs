//! One request and its answer through the proxy, with the fault that was chosen for it. What the server was asked in full
//! is heard to its answer even when the client is gone, so that the ledger knows what was acknowledged.

use std::time::Instant;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::net::TcpStream;

use super::Shared;
use super::fault::{Ask, Fault};
use super::ledger::Entry;
use super::wire::{Body, Head, Wire};

/// Serves one client's connection until either side ends it.
pub async fn serve(shared: &Shared, client: TcpStream) {
    let Ok(server) = TcpStream::connect(&shared.server).await else { return };
    let (mut client, mut server) = (Wire::new(client), Wire::new(server));
    while let Some(head) = client.head().await {
        let ask = Ask::of(&head);
        let fault = shared.fault(&ask);
        let now = Instant::now();
        let entry = Entry { ask, begun: now, ended: now, up: 0, down: 0, status: None };
        let mut exchange = Exchange { shared, client: &mut client, server: &mut server, fault, entry };
        let goes_on = exchange.run(head).await.is_some();
        let entry = Entry { ended: Instant::now(), ..exchange.entry };
        shared.ledger.enter(entry);
        if !goes_on {
            return;
        }
    }
}

struct Exchange<'a> {
    shared: &'a Shared,
    client: &'a mut Wire,
    server: &'a mut Wire,
    fault: Option<Fault>,
    entry: Entry,
}

impl Exchange<'_> {
    /// `None` where the connection ends with it.
    async fn run(&mut self, head: Head) -> Option<()> {
        self.shared.trap.step().await;
        if head.header("expect").is_some() {
            self.client.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        match self.fault.clone() {
            Some(Fault::HoldUp(gate)) if head.request_body() == Body::Left(0) => gate.pass().await,
            Some(Fault::SlowDown) => return self.refuse(&head, "503 Slow Down", "SlowDown", None).await,
            Some(Fault::TooMany(wait)) => return self.refuse(&head, "429 Too Many", "TooManyRequests", wait).await,
            Some(Fault::Denied) => return self.refuse(&head, "403 Forbidden", "AccessDenied", None).await,
            Some(Fault::Refuse(status, code, words)) => {
                return self.refuse_with(&head, status, "", (code, words)).await;
            }
            Some(Fault::Say(status, body)) => {
                self.body_in(&head).await?;
                return self.say(status, "", &body).await;
            }
            Some(Fault::Answer(answer)) => {
                let asked = self.body_in(&head).await?;
                return self.say("200 OK", "", &answer(&String::from_utf8_lossy(&asked))).await;
            }
            Some(Fault::CutRequest) if head.request_body() == Body::Left(0) => return None,
            _ => {}
        }
        self.server.write(&head.raw).await?;
        self.body_up(head.request_body()).await?;
        self.shared.trap.step().await;
        let answer = self.answer_head().await?;
        if let Some(Fault::Stall(time)) = self.fault {
            tokio::time::sleep(time).await;
        }
        self.entry.status = Some(answer.status());
        self.answer_down(&answer).await
    }

    /// An answer of the proxy's own, once the request has been taken in.
    async fn refuse(&mut self, head: &Head, status: &str, code: &str, wait: Option<u64>) -> Option<()> {
        let wait = wait.map_or(String::new(), |seconds| format!("retry-after: {seconds}\r\n"));
        self.refuse_with(head, status, &wait, (code, "not now")).await
    }

    async fn refuse_with(&mut self, head: &Head, status: &str, headers: &str, error: (&str, &str)) -> Option<()> {
        self.body_in(head).await?;
        let (code, words) = error;
        let text = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{words}</Message></Error>");
        self.say(status, headers, if head.method == "HEAD" { "" } else { &text }).await
    }

    async fn body_in(&mut self, head: &Head) -> Option<Vec<u8>> {
        let (mut body, mut bytes) = (head.request_body(), Vec::new());
        loop {
            let piece = self.client.piece(&mut body).await?;
            if piece.is_empty() {
                return Some(bytes);
            }
            bytes.extend_from_slice(&piece);
        }
    }

    async fn say(&mut self, status: &str, headers: &str, text: &str) -> Option<()> {
        let answer = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{text}", text.len());
        self.client.write(answer.as_bytes()).await
    }

    async fn body_up(&mut self, mut body: Body) -> Option<()> {
        let middle = self.entry.ask.length / 2;
        loop {
            let piece = self.client.piece(&mut body).await?;
            if piece.is_empty() {
                return Some(());
            }
            self.shared.trap.step().await;
            let piece = self.in_the_middle(piece, self.entry.up, middle, Way::Up).await?;
            self.server.write(&piece).await?;
            self.entry.up += piece.len() as u64;
            self.shared.taken.send_modify(|taken| *taken += piece.len() as u64);
        }
    }

    /// The head of the server's answer; what it says in between ("100 Continue") stays here.
    async fn answer_head(&mut self) -> Option<Head> {
        loop {
            let head = self.server.head().await?;
            if head.status() >= 200 {
                return Some(head);
            }
        }
    }

    async fn answer_down(&mut self, head: &Head) -> Option<()> {
        if matches!(self.fault, Some(Fault::LoseAnswer)) {
            return None;
        }
        let mut body = head.answer_body(&self.entry.ask.method);
        if body == Body::Left(0) && matches!(self.fault, Some(Fault::CutAnswer)) {
            self.client.write(&head.raw[..head.raw.len() / 2]).await?;
            return None;
        }
        self.shared.trap.step().await;
        match &self.fault {
            Some(Fault::Dated(date)) => self.client.write(&dated(&head.raw, *date)).await?,
            _ => self.client.write(&head.raw).await?,
        }
        let middle = if let Body::Left(length) = body { length / 2 } else { 0 };
        loop {
            let piece = self.server.piece(&mut body).await?;
            if piece.is_empty() {
                return (body != Body::UntilClose).then_some(());
            }
            self.shared.trap.step().await;
            let piece = self.in_the_middle(piece, self.entry.down, middle, Way::Down).await?;
            self.client.write(&piece).await?;
            self.entry.down += piece.len() as u64;
        }
    }

    /// Does to the piece that holds a body's middle what the fault is; `None` where the connection is cut there.
    async fn in_the_middle(&self, piece: Bytes, before: u64, middle: u64, way: Way) -> Option<Bytes> {
        let within = middle.checked_sub(before).and_then(|at| usize::try_from(at).ok());
        let Some(at) = within.filter(|at| *at < piece.len()) else { return Some(piece) };
        match (&self.fault, way) {
            (Some(Fault::CutRequest), Way::Up) | (Some(Fault::CutAnswer), Way::Down) => None,
            (Some(Fault::FlipUp), Way::Up) | (Some(Fault::FlipDown), Way::Down) => {
                let mut flipped = piece.to_vec();
                flipped[at] ^= 1;
                Some(flipped.into())
            }
            (Some(Fault::HoldUp(gate)), Way::Up) | (Some(Fault::HoldDown(gate)), Way::Down) => {
                gate.pass().await;
                Some(piece)
            }
            _ => Some(piece),
        }
    }
}

/// The head of an answer with another date.
fn dated(raw: &[u8], date: DateTime<Utc>) -> Vec<u8> {
    let head = String::from_utf8_lossy(raw);
    let lines = head.split_inclusive("\r\n").map(|line| match line.to_ascii_lowercase().starts_with("date:") {
        true => format!("date: {}\r\n", date.format("%a, %d %b %Y %H:%M:%S GMT")),
        false => line.to_owned(),
    });
    lines.collect::<String>().into_bytes()
}

#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}
