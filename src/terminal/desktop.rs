//! The desktop's clipboard. One thread owns it for as long as Windlass runs, because on X11 whoever copied has to be
//! there when somebody pastes, and because a call may block.

use std::sync::mpsc as blocking;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

/// How long the desktop may take.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// How long the end of Windlass waits for the text to be handed to the desktop's clipboard manager.
const FAREWELL: Duration = Duration::from_millis(200);

type Answer = Result<(), String>;

struct Order {
    text: String,
    answer: oneshot::Sender<Answer>,
}

/// The thread's other end.
pub struct Desktop {
    orders: Option<blocking::Sender<Order>>,
    /// Locked by nobody: it only lets tasks on several threads share the rest.
    ended: Mutex<blocking::Receiver<()>>,
}

impl Desktop {
    /// Starts the thread; the desktop is only looked for with the first text.
    pub fn start() -> Self {
        let (orders, taken) = blocking::channel();
        let (end, ended) = blocking::channel();
        thread::spawn(move || {
            serve(&taken);
            // The other end no longer waits when this took too long.
            let _late = end.send(());
        });
        Self { orders: Some(orders), ended: Mutex::new(ended) }
    }

    /// Puts a text there.
    ///
    /// # Errors
    /// Why it cannot be reached, as half a sentence.
    pub async fn copy(&self, text: &str) -> Answer {
        let (answer, answered) = oneshot::channel();
        let gone = || "its thread has ended".to_owned();
        let orders = self.orders.as_ref().ok_or_else(gone)?;
        orders.send(Order { text: text.to_owned(), answer }).map_err(|_closed| gone())?;
        match tokio::time::timeout(TIME_LIMIT, answered).await {
            Ok(answer) => answer.unwrap_or_else(|_dropped| Err(gone())),
            Err(_late) => Err(format!("it did not answer within {} s", TIME_LIMIT.as_secs())),
        }
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.orders = None;
        // Whatever is not handed over by now is lost with the process.
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _lost = ended.recv_timeout(FAREWELL);
    }
}

fn serve(orders: &blocking::Receiver<Order>) {
    let mut clipboard = None;
    for order in orders {
        // Nobody waits any more for an answer that took too long.
        let _late = order.answer.send(put(&mut clipboard, order.text));
    }
}

fn put(clipboard: &mut Option<arboard::Clipboard>, text: String) -> Answer {
    let opened = match clipboard {
        Some(opened) => opened,
        None => clipboard.insert(arboard::Clipboard::new().map_err(|error| error.to_string())?),
    };
    opened.set_text(text).map_err(|error| error.to_string())
}
