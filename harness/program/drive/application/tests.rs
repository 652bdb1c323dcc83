use std::{io::Write as _, sync::Arc};

use bits_judge::transcript::Fate;
use bits_wire::Payload;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;

const PREFIX: &str = "bitscheck-1.x.";

async fn application() -> Arc<Application> {
    Arc::new(Application::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap())
}

fn answer(head: &str, body: &[u8]) -> Ready {
    let mut ready = Ready::usual();
    ready.head = Some(head.as_bytes().to_vec());
    ready.play.body = Payload::Bytes(body.to_vec());
    ready
}

fn call(headers: &str, body: &str) -> String {
    format!(
        "POST /app HTTP/1.1\r\nBITS-Original-Request-URL: http://h/up/{PREFIX}f\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// Says this on a new connection and hears everything until its end.
async fn say(application: &Application, words: &str) -> String {
    let mut stream = TcpStream::connect(application.address).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut heard = Vec::new();
    // A reset ends it as well.
    let _ = stream.read_to_end(&mut heard).await;
    String::from_utf8(heard).unwrap()
}

#[tokio::test]
async fn calls_are_answered_in_turn_and_written_down() {
    let application = application().await;
    let enrolled = application.enrol(PREFIX, Instant::now(), None);
    enrolled.play(vec![
        answer("HTTP/1.1 503 Failed\r\nContent-Length: 0\r\n\r\n", b""),
        answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"ok"),
    ]);
    enrolled.during(7);
    let heard = say(&application, &format!("{}{}", call("", "abc"), call("", ""))).await;
    assert!(heard.starts_with("HTTP/1.1 503") && heard.ends_with("\r\n\r\nok"), "{heard}");
    assert!(say(&application, &call("", "")).await.ends_with("ok"));
    let calls = enrolled.leave().await;
    let told: Vec<_> = calls
        .iter()
        .map(|call| (call.number, call.during, call.body.length, call.played.status()))
        .collect();
    assert_eq!(told, [(1, 7, 3, 503), (2, 7, 0, 200), (3, 7, 0, 200)]);
    assert_eq!(calls[0].body.start, b"abc");
    assert!(calls[1].played.is_whole());
}

#[tokio::test]
async fn a_call_without_its_name_belongs_to_the_plan_that_waits_for_one() {
    let application = application().await;
    let other = application.enrol("bitscheck-1.other.", Instant::now(), None);
    let waiting = application.enrol(PREFIX, Instant::now(), None);
    waiting.play(vec![Ready::usual()]);
    waiting.during(1);
    other.during(1);
    say(&application, "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(waiting.leave().await.len(), 1);
    assert_eq!(other.leave().await.len(), 0);
    assert_eq!(say(&application, &call("", "")).await, "", "nobody waits for it");
}

#[tokio::test]
async fn files_are_read_and_written_where_the_call_says() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("S");
    std::fs::create_dir(&inner).unwrap();
    std::fs::File::create(inner.join("in")).unwrap().write_all(b"upload").unwrap();
    let application = application().await;
    let enrolled = application.enrol(PREFIX, Instant::now(), Some(folder.path().to_owned()));
    let mut ready = Ready::usual();
    ready.play.file = Some(Payload::Bytes(b"reply".to_vec()));
    enrolled.play(vec![ready]);
    let headers = format!(
        "BITS-Request-DataFile-Name: {0}/in\r\nBITS-Response-DataFile-Name: C:\\x\\S\\out\r\n",
        inner.display()
    );
    say(&application, &call(&headers, "")).await;
    let calls = enrolled.leave().await;
    assert_eq!(calls[0].entity.as_ref().unwrap().start, b"upload");
    assert_eq!(calls[0].played.file, Some(Payload::Bytes(b"reply".to_vec())));
    assert_eq!(std::fs::read(inner.join("out")).unwrap(), b"reply");
}

/// What a call comes to that is not answered, while the third exchange is under way, when this happens.
async fn stalled(then: impl FnOnce(&Enrolled)) -> (usize, Fate, u16) {
    let application = application().await;
    let enrolled = application.enrol(PREFIX, Instant::now(), None);
    let mut ready = Ready::usual();
    ready.head = None;
    ready.play.then = Then::Stall;
    enrolled.play(vec![ready]);
    enrolled.during(3);
    let mut stream = TcpStream::connect(application.address).await.unwrap();
    stream.write_all(call("", "").as_bytes()).await.unwrap();
    // It is under way once it is being performed.
    while enrolled.seat.lock().performing.as_ref().unwrap().strong_count() < 2 {
        tokio::task::yield_now().await;
    }
    then(&enrolled);
    let calls = enrolled.leave().await;
    (calls.len(), calls[0].fate, calls[0].played.status())
}

#[tokio::test]
async fn a_stalled_call_ends_with_the_plan() {
    assert_eq!(stalled(|_| {}).await, (1, Fate::Dropped, 0));
}

#[tokio::test]
async fn a_call_that_the_server_gives_up_in_the_last_exchange_is_given_up() {
    // Both end at once then, and one of twenty times would have shown which counts.
    for _ in 0..20 {
        let ended = stalled(|enrolled| enrolled.during(0)).await;
        assert_eq!(ended, (1, Fate::Closed, 0));
    }
}

#[tokio::test]
async fn an_answer_can_be_cut_and_reset() {
    let application = application().await;
    let enrolled = application.enrol(PREFIX, Instant::now(), None);
    let mut ready = answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"123456789");
    ready.play.cut = Some(4);
    ready.play.then = Then::Close;
    enrolled.play(vec![ready]);
    assert!(say(&application, &call("", "")).await.ends_with("\r\n\r\n1234"));
    let calls = enrolled.leave().await;
    assert_eq!((calls[0].played.sent, calls[0].played.is_whole()), (4, false));
}
