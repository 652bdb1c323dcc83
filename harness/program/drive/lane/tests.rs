//! One lane, its waits, and what it remembers.

use bits_judge::{
    plan::{Head, Plan, Template},
    transcript::Transcript,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::drive::{Driver, Options, Place};

/// A step of a lane that tells the path, remembers `A` and is answered with it.
fn step(lane: u32, path: &str) -> Step {
    let head = Head::Raw(Template::read(&format!("GET {path} HTTP/1.1\r\n\r\n")).unwrap());
    let captures = vec![Capture::verbatim("a", "A")];
    Step { line: 1, lane, captures, ..Step::sending(head, Payload::Empty) }
}

fn meet(lane: u32) -> Step {
    Step { line: 1, lane, ..Step::bare(Action::Meet) }
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().split(' ').nth(1).unwrap().to_owned()
}

async fn answer(stream: &mut TcpStream, value: &str) {
    let text = format!("HTTP/1.1 200 OK\r\nA: {value}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
}

async fn carried_out(steps: Vec<Step>, listener: &TcpListener) -> Transcript {
    let target = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let driver = Driver::new(target, Options::default()).unwrap();
    let plan = Plan { steps, ..Plan::default() };
    driver.drive(&plan, &Place::at("/"), "p.").await
}

#[tokio::test]
async fn lanes_are_under_way_at_once_and_keep_what_they_learn_to_themselves() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let serve = async {
        let (mut own, _) = listener.accept().await.unwrap();
        head(&mut own).await;
        answer(&mut own, "/first").await;
        // Neither is answered before both have asked.
        let (mut one, _) = listener.accept().await.unwrap();
        let (mut two, _) = listener.accept().await.unwrap();
        let (asked_one, asked_two) = (head(&mut one).await, head(&mut two).await);
        answer(&mut two, &format!("{asked_two}x")).await;
        answer(&mut one, &format!("{asked_one}x")).await;
        let second = [head(&mut one).await, head(&mut two).await];
        answer(&mut one, "/").await;
        answer(&mut two, "/").await;
        let last = head(&mut own).await;
        answer(&mut own, "/").await;
        (asked_one, asked_two, second, last)
    };
    let steps = vec![
        step(0, "/"),
        step(1, "${a}/1"),
        step(1, "${a}"),
        step(2, "${a}/2"),
        step(2, "${a}"),
        meet(0),
        step(0, "${a}"),
    ];
    let (transcript, (one, two, second, last)) = tokio::join!(carried_out(steps, &listener), serve);
    assert_eq!(second, [format!("{one}x"), format!("{two}x")]);
    assert_eq!(last, "/first");
    let told: Vec<_> =
        transcript.exchanges.iter().map(|it| (it.number, it.lane, it.connection)).collect();
    let lanes: BTreeSet<_> = told[1..5].iter().map(|it| (it.1, it.2)).collect();
    assert_eq!((told.len(), lanes.len(), told[5].2), (6, 2, told[0].2));
    let order = |at: usize| transcript.exchanges[at].order;
    assert!(order(1).overlaps(order(2)) && order(0).precedes(order(1)));
    assert!((1..5).all(|at| order(at).precedes(order(5))));
    assert_eq!(transcript.unfinished, None);
}

#[tokio::test]
async fn a_barrier_holds_every_lane_until_all_have_come() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let serve = async {
        let (mut one, _) = listener.accept().await.unwrap();
        head(&mut one).await;
        answer(&mut one, "/").await;
        let (mut two, _) = listener.accept().await.unwrap();
        let (mut heads, asked) = (vec![head(&mut one).await], head(&mut two).await);
        heads.push(asked);
        answer(&mut one, "/").await;
        answer(&mut two, "/").await;
        heads.sort();
        heads
    };
    let steps = vec![step(1, "/before"), meet(1), step(1, "/one"), meet(2), step(2, "/two")];
    let (transcript, heads) = tokio::join!(carried_out(steps, &listener), serve);
    assert_eq!(heads, ["/one", "/two"]);
    assert!(transcript.exchanges[0].order.precedes(transcript.exchanges[2].order));
}

#[tokio::test]
async fn chance_is_the_same_for_the_same_seed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = || format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let times = |seed| {
        let driver = Driver::new(target(), Options { seed, ..Options::default() }).unwrap();
        let place = Place::default();
        let plan = Plan { name: "a".into(), ..Plan::default() };
        let run = driver.run(&plan, &place, "p.");
        let lane = Lane::first(&run, Variables::new(String::new(), "/", "p."));
        (0..50).map(|at| lane.jitter(at, Duration::from_millis(20))).collect::<Vec<_>>()
    };
    assert_eq!(times(1), times(1));
    assert_ne!(times(1), times(2));
    let drawn: BTreeSet<_> = times(1).into_iter().collect();
    assert!(drawn.len() > 40 && drawn.iter().all(|time| *time <= Duration::from_millis(20)));
}
