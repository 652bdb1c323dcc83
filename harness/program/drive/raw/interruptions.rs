//! What a listener sees of requests that are cut, stalled, split or announced.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use bits_judge::{
    plan::{Action, Awaits, Cut, CutBy, Delivery, Head, Pace, Plan, Send, Stall, Step, Template},
    transcript::{Ending, Exchange, Fate, Received, Sending, Silence, Transcript},
};
use bits_wire::Payload;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::Instant,
};

use crate::drive::{Driver, Options, Place};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

fn step(expect: &str, length: u64, delivery: Delivery) -> Step {
    let text = format!("P / HTTP/1.1\r\n{expect}Content-Length: {length}\r\n\r\n");
    let head = Head::Raw(Template::read(&text).unwrap());
    let body = Payload::Pattern { seed: 1, offset: 0, length };
    let send = Send { delivery, ..Send::plain(head, body) };
    Step { line: 1, ..Step::bare(send.into()) }
}

async fn drive(listener: &TcpListener, patience: u64, steps: Vec<Step>) -> Transcript {
    let address: SocketAddr = listener.local_addr().unwrap();
    let target = format!("http://{address}/").parse().unwrap();
    let timeout = Duration::from_millis(patience);
    let driver = Driver::new(target, Options { timeout, ..Options::default() }).unwrap();
    driver.drive(&Plan { steps, ..Plan::default() }, &Place::at("/"), "p.").await
}

/// One request that is sent like this, and a listener that does that with its connection.
async fn exchange<T>(step: Step, serve: impl AsyncFnOnce(TcpStream) -> T) -> (Exchange, T) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let serve = async { serve(listener.accept().await.unwrap().0).await };
    let (mut transcript, seen) = tokio::join!(drive(&listener, 2000, vec![step]), serve);
    assert_eq!(transcript.unfinished, None);
    (transcript.exchanges.remove(0), seen)
}

async fn head(stream: &mut TcpStream) -> usize {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    head.len()
}

const fn cut(by: CutBy, sent: u64) -> Delivery {
    Delivery {
        cut: Some(Cut { sent, by }),
        pace: None,
        split_head: None,
        stall: Stall { head: Duration::ZERO, body: Duration::ZERO, answer: Duration::ZERO },
        expectation: None,
        pipelined: false,
    }
}

#[tokio::test]
async fn a_cut_by_an_end_is_an_end_to_the_server_and_nothing_is_read() {
    for sent in [4, 10] {
        let step = step("", 10, cut(CutBy::End, sent));
        let (exchange, body) = exchange(step, async |mut stream| {
            head(&mut stream).await;
            let mut body = Vec::new();
            stream.read_to_end(&mut body).await.map(|_| body)
        })
        .await;
        assert_eq!(body.unwrap().len() as u64, sent);
        assert_eq!(exchange.received, Received::Nothing(Silence::Closed));
        assert_eq!((exchange.fate, exchange.request.sent), (Fate::Dropped, sent));
        assert_eq!(exchange.request.sending, Sending::default());
    }
}

#[tokio::test]
async fn a_cut_by_a_reset_is_a_reset_to_the_server() {
    for sent in [0, 4, 10] {
        let step = step("", 10, cut(CutBy::Reset, sent));
        let (exchange, error) = exchange(step, async |mut stream| {
            let mut all = Vec::new();
            stream.read_to_end(&mut all).await.unwrap_err()
        })
        .await;
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        assert_eq!((exchange.fate, exchange.request.sent), (Fate::Dropped, sent));
        assert_eq!(exchange.request.sending.ending, Some(Ending::Reset));
    }
}

#[tokio::test]
async fn who_closes_one_half_hears_the_answer() {
    for sent in [4, 10] {
        let step = step("", 10, cut(CutBy::HalfClose, sent));
        let (exchange, body) = exchange(step, async |mut stream| {
            head(&mut stream).await;
            let mut body = Vec::new();
            stream.read_to_end(&mut body).await.unwrap();
            stream.write_all(OK).await.unwrap();
            body
        })
        .await;
        assert_eq!(body.len() as u64, sent);
        assert_eq!(exchange.answer().map(|answer| answer.head.status), Some(200));
        assert_eq!((exchange.fate, exchange.request.sent), (Fate::Dropped, sent));
        assert_eq!(exchange.request.sending.ending, Some(Ending::HalfClosed));
    }
}

#[tokio::test]
async fn a_head_comes_in_pieces_and_is_the_same() {
    let split_head = NonZeroU32::new(7);
    let step = step("", 3, Delivery { split_head, ..Delivery::default() });
    let (exchange, (pieces, all)) = exchange(step, async |mut stream| {
        let (mut pieces, mut all, mut buffer) = (0, Vec::new(), [0; 100]);
        while !all.ends_with(b"\r\n\r\n\0\0\0") && all.len() < 38 {
            let count = stream.read(&mut buffer).await.unwrap();
            pieces += 1;
            all.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(OK).await.unwrap();
        (pieces, all)
    })
    .await;
    assert!(all.starts_with(b"P / HTTP/1.1\r\nContent-Length: 3\r\n\r\n"));
    // How many arrive at once is for the system to say, but not all of them do.
    assert!(pieces > 2, "{pieces}");
    assert_eq!(exchange.answer().map(|answer| answer.head.status), Some(200));
    assert_eq!(exchange.request.sending, Sending::default());
}

#[tokio::test(start_paused = true)]
async fn a_body_goes_at_the_rate_that_is_said() {
    let pace = Pace::BytesPerSecond(NonZeroU32::new(100).unwrap());
    let mut wire = Vec::new();
    let (sent, news) = (Default::default(), super::News::default());
    let delivery = Delivery { pace: Some(pace), ..Delivery::default() };
    let body = Payload::Pattern { seed: 1, offset: 0, length: 250 };
    let writing = super::Writing {
        delivery: &delivery,
        length: 250,
        patience: Duration::from_secs(9),
        sent: &sent,
        news: &news,
    };
    let head = bits_wire::http1::RequestHead::read(b"P / HTTP/1.1\r\n\r\n");
    let began = Instant::now();
    let Ok(source) = crate::drive::Source::open(&body).await else { panic!("a pattern opens") };
    assert!(super::write(&mut wire, &head, source, writing).await.is_ok());
    let took = began.elapsed();
    assert!((2500..2600).contains(&took.as_millis()), "{took:?}");
    assert_eq!(wire.len(), 16 + 250);
}

#[tokio::test]
async fn each_pause_lies_where_it_is_said() {
    let pause = Duration::from_millis(150);
    let stalls = [
        Stall { head: pause, ..Stall::default() },
        Stall { body: pause, ..Stall::default() },
        Stall { answer: pause, ..Stall::default() },
    ];
    for stall in stalls {
        let step = step("", 10, Delivery { stall, ..Delivery::default() });
        let (exchange, (before_head, before_body, answered)) =
            exchange(step, async |mut stream| {
                stream.read_u8().await.unwrap();
                let began = Instant::now();
                head(&mut stream).await;
                let before_head = began.elapsed();
                stream.read_exact(&mut [0; 5]).await.unwrap();
                stream.read_exact(&mut [0; 5]).await.unwrap();
                let before_body = began.elapsed() - before_head;
                stream.write_all(OK).await.unwrap();
                (before_head, before_body, began.elapsed())
            })
            .await;
        assert_eq!(before_head >= pause, !stall.head.is_zero(), "{stall:?}");
        assert_eq!(before_body >= pause, !stall.body.is_zero(), "{stall:?}");
        assert_eq!(answered < pause, !stall.answer.is_zero(), "{stall:?}");
        assert!(exchange.took >= pause, "{stall:?}");
        assert_eq!(exchange.answer().map(|answer| answer.head.status), Some(200));
        assert_eq!(exchange.request.sending.paused, pause);
    }
}

const EXPECT: &str = "Expect: 100-continue\r\n";

const fn expecting(expectation: Awaits) -> Delivery {
    Delivery { expectation: Some(expectation), cut: None, ..cut(CutBy::End, 0) }
}

#[tokio::test]
async fn a_body_that_waits_comes_with_the_word() {
    let step = step(EXPECT, 10, expecting(Awaits::Wait));
    let (exchange, early) = exchange(step, async |mut stream| {
        head(&mut stream).await;
        let waited = tokio::time::timeout(Duration::from_millis(100), stream.read_u8()).await;
        stream.write_all(CONTINUE).await.unwrap();
        stream.read_exact(&mut [0; 10]).await.unwrap();
        stream.write_all(OK).await.unwrap();
        waited.is_ok()
    })
    .await;
    assert!(!early, "the body came before the word");
    let answer = exchange.answer().unwrap();
    assert_eq!((answer.interim.len(), answer.head.status, exchange.request.sent), (1, 200, 10));
}

#[tokio::test]
async fn a_body_that_waits_stays_away_after_a_refusal() {
    let step = step(EXPECT, 10, expecting(Awaits::Wait));
    let refusal = b"HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\n";
    let (exchange, after) = exchange(step, async |mut stream| {
        head(&mut stream).await;
        stream.write_all(refusal).await.unwrap();
        // The answer is not whole yet, and the body stays away all the same.
        tokio::time::sleep(Duration::from_millis(50)).await;
        stream.write_all(b"no").await.unwrap();
        let mut after = Vec::new();
        stream.read_to_end(&mut after).await.map(|_| after.len()).unwrap_or_default()
    })
    .await;
    assert_eq!((after, exchange.request.sent, exchange.fate), (0, 0, Fate::Dropped));
    assert_eq!(exchange.answer().map(|answer| answer.head.status), Some(417));
}

#[tokio::test]
async fn a_body_that_waits_in_vain_is_sent_when_the_time_is_over() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let serve = async {
        let mut stream = listener.accept().await.unwrap().0;
        head(&mut stream).await;
        let began = Instant::now();
        stream.read_exact(&mut [0; 10]).await.unwrap();
        let waited = began.elapsed();
        stream.write_all(OK).await.unwrap();
        waited
    };
    let steps = vec![step(EXPECT, 10, expecting(Awaits::Wait))];
    let (transcript, waited) = tokio::join!(drive(&listener, 200, steps), serve);
    assert!(waited >= Duration::from_millis(150), "{waited:?}");
    assert_eq!(transcript.exchanges[0].answer().map(|answer| answer.head.status), Some(200));
}

#[tokio::test]
async fn who_does_not_wait_sends_the_body_with_the_head() {
    let step = step(EXPECT, 10, expecting(Awaits::AtOnce));
    let (exchange, ()) = exchange(step, async |mut stream| {
        head(&mut stream).await;
        stream.read_exact(&mut [0; 10]).await.unwrap();
        stream.write_all(OK).await.unwrap();
    })
    .await;
    assert_eq!(exchange.request.sent, 10);
}

fn piped(path: &str, length: u64, pipelined: bool) -> Step {
    let text = format!("P {path} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n");
    let mut step = step("", length, Delivery { pipelined, ..Delivery::default() });
    if let Action::Send(send) = &mut step.action {
        send.head = Head::Raw(Template::read(&text).unwrap());
    }
    step
}

#[tokio::test]
async fn pipelined_requests_come_at_once_and_their_answers_are_taken_in_turn() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let serve = async {
        let mut stream = listener.accept().await.unwrap().0;
        let mut came = Vec::new();
        // All of it comes before anything is answered.
        while !came.ends_with(b"P /4 HTTP/1.1\r\nContent-Length: 0\r\n\r\n") {
            came.push(stream.read_u8().await.unwrap());
        }
        let answers = b"HTTP/1.1 200 A\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 100 B\r\n\r\nHTTP/1.1 416 C\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 D\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 E\r\n\r\n";
        for piece in answers.chunks(40) {
            stream.write_all(piece).await.unwrap();
        }
        let again = head(&mut stream).await;
        stream.write_all(OK).await.unwrap();
        (came, again)
    };
    let steps = vec![
        piped("/1", 0, false),
        piped("/2", 5, true),
        piped("/3", 70_000, true),
        piped("/4", 0, true),
        piped("/5", 0, false),
    ];
    let (transcript, (came, again)) = tokio::join!(drive(&listener, 2000, steps), serve);
    let text = String::from_utf8_lossy(&came);
    let places: Vec<_> =
        ["/1", "/2", "/3", "/4"].iter().map(|path| text.find(&format!("P {path} "))).collect();
    assert!(places.is_sorted() && places[0] == Some(0) && again > 0);
    let told: Vec<_> = transcript
        .exchanges
        .iter()
        .map(|it| (it.answer().unwrap().head.status, it.request.sent, it.request.sending.pipelined))
        .collect();
    assert_eq!(
        told,
        [(200, 0, false), (416, 5, true), (200, 70_000, true), (204, 0, true), (200, 0, false)]
    );
    let four = &transcript.exchanges[..4];
    assert!(four.iter().all(|it| it.connection == 1 && it.fate == Fate::Open));
    assert!(transcript.exchanges.windows(2).all(|two| two[0].order.precedes(two[1].order)));
    assert_eq!(transcript.exchanges[0].answer().unwrap().surplus, b"");
    assert_eq!(transcript.exchanges[1].answer().unwrap().interim.len(), 1);
}

#[tokio::test]
async fn after_an_answer_that_ends_the_connection_the_others_have_none() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let serve = async {
        let mut stream = listener.accept().await.unwrap().0;
        for _ in 0..3 {
            head(&mut stream).await;
        }
        stream.write_all(OK).await.unwrap();
        drop(stream);
        let mut stream = listener.accept().await.unwrap().0;
        head(&mut stream).await;
        stream.write_all(OK).await.unwrap();
    };
    let steps = [false, true, true, false].map(|follows| piped("/", 0, follows)).to_vec();
    let (transcript, ()) = tokio::join!(drive(&listener, 2000, steps), serve);
    let answered: Vec<_> = transcript.exchanges.iter().map(|it| it.answer().is_some()).collect();
    assert_eq!(answered, [true, false, false, true]);
    assert_eq!(transcript.exchanges[1].received, Received::Nothing(Silence::Closed));
    assert_eq!(transcript.exchanges[2].fate, Fate::Closed);
    assert_eq!(transcript.exchanges[3].connection, 2);
}
