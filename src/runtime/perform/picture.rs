//! Pictures are decoded in a process of their own: it gets the file, or an object's bytes as they come, and answers with the
//! few pixels that there is room for. Whoever no longer waits for it ends it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::Hands;
use super::inspecting::beside;
use crate::app::effect::PreviewSource;
use crate::domain::picture::{MOST_SHOWN, Picture, Pixels, Protocol, Room};
use crate::domain::{Failure, FailureKind, Result};
use crate::files::facts;
use crate::preview::{child, read_picture};

/// How long decoding may take once all bytes are there.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes that are read of an answer: a picture as half blocks and as the terminal takes it, and what stands between.
const MOST_ANSWERED: u64 = 3 * MOST_SHOWN as u64;

/// The picture that these bytes are, as large as the room.
pub(super) async fn picture(
    hands: &Hands,
    source: PreviewSource,
    room: Room,
    protocol: Option<Protocol>,
    most: usize,
) -> Result<Picture> {
    let pixels = protocol.map(|protocol| Pixels { protocol, cell: cell(), most });
    let arguments = child::arguments(room, pixels);
    match source {
        PreviewSource::File { path, .. } => {
            let file = beside(move || facts::open(&path)).await?;
            Decoder::begin(Stdio::from(file), &arguments)?.answer().await
        }
        PreviewSource::Object { profile, key, etag, size, .. } => {
            let connection = hands.connect(&profile).await?;
            let download = connection.store.get(&key, 0, Some(size), etag.as_deref()).await?;
            let mut decoder = Decoder::begin(Stdio::piped(), &arguments)?;
            decoder.feed(download.body, size).await?;
            decoder.answer().await
        }
    }
}

/// The process that decodes; dropping it ends it.
struct Decoder(Child);

impl Decoder {
    fn begin(input: Stdio, arguments: &[String]) -> Result<Self> {
        let child = Command::new(program()?)
            .arg0(child::NAME)
            .args(arguments)
            .env_clear()
            .current_dir("/")
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        child.map(Self).map_err(|error| undrawn(&error))
    }

    /// Hands it the first bytes of a body, so many at most, whatever the server sends.
    async fn feed(&mut self, mut body: BoxStream<'static, Result<Bytes>>, size: u64) -> Result<()> {
        let Some(mut input) = self.0.stdin.take() else { return Ok(()) };
        let mut left = usize::try_from(size).unwrap_or(usize::MAX);
        while left > 0 {
            let Some(more) = body.next().await else { break };
            let mut more = more?;
            more.truncate(left);
            left -= more.len();
            if input.write_all(&more).await.is_err() {
                // It has ended, and what it answered says why.
                break;
            }
        }
        Ok(())
    }

    async fn answer(mut self) -> Result<Picture> {
        let mut answer = Vec::new();
        let whole = async {
            if let Some(output) = self.0.stdout.take() {
                output.take(MOST_ANSWERED).read_to_end(&mut answer).await?;
            }
            self.0.wait().await
        };
        match tokio::time::timeout(PATIENCE, whole).await {
            Ok(Ok(_status)) => read_picture(&answer),
            Ok(Err(error)) => Err(undrawn(&error)),
            Err(_elapsed) => Err(undrawn(&format!("decoding it takes more than {} s", PATIENCE.as_secs()))),
        }
    }
}

/// A cell's width and height in pixels, as the terminal says; else as most have it.
fn cell() -> (u16, u16) {
    let window = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok();
    let of = |pixels: u16, cells: u16| pixels.checked_div(cells).filter(|pixels| *pixels > 0);
    let size = window.and_then(|window| of(window.ws_xpixel, window.ws_col).zip(of(window.ws_ypixel, window.ws_row)));
    size.unwrap_or((10, 20))
}

/// This very program, even if its file was replaced since it was started, where the system can tell.
fn program() -> Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.into());
    }
    std::env::current_exe().map_err(|error| undrawn(&error))
}

fn undrawn(why: &dyn std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Unsupported, format!("the picture cannot be shown: {why}"))
}
