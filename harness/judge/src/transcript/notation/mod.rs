//! The `> <` notation: a transcript as lines of text.
//!
//! ```text
//! # bitscheck transcript 1
//! # scenario fragment/gap
//! # base /upload/
//! @ 1 line=7 step=0 connection=1 started=1200 took=310
//! > BITS_POST /upload/x HTTP/1.1
//! > BITS-Packet-Type: Fragment
//! >
//! = pattern 5eed 0 10 sent=10
//! < HTTP/1.1 200 OK
//! <
//! ~ length=0 digest=e3b0... framing=length:0
//! ! open
//! ```
//!
//! What the server posts to the server application stands in the same marks doubled, after the exchanges; `%%` is what the
//! file held that the call names, `%=` what was put into the one for the reply:
//!
//! ```text
//! @@ 1 during=3 started=1300 took=80
//! >> POST /app HTTP/1.1
//! >>
//! ~~ length=0 digest=e3b0... framing=length:0
//! << HTTP/1.1 200 OK
//! <<
//! !! open
//! ```
//!
//! Head lines end in CR LF unless they say otherwise (`\n` alone at the end: LF; `\z`: no end). Times are microseconds.
//! Beside this exact form there is a short one for tests and bug reports, one line a head:
//!
//! ```text
//! > Fragment /upload/x; Content-Range: bytes 0-9/20
//! >> POST /app; BITS-Original-Request-URL: http://server/upload/x
//! << 200; BITS-Copy-File-To-Destination: 1
//! < 200 Ack; BITS-Received-Content-Range: 10
//! ```
//!
//! Exchanges of several lanes say which (`lane=2`), and where they overlap also at which points of the common order they
//! `began=` and `ended=`. In the short form the number stands at the mark, and the order is that of the lines:
//!
//! ```text
//! >1 Fragment /upload/x; Content-Range: bytes 0-9/20
//! >2 Fragment /upload/x; Content-Range: bytes 0-9/20
//! <2 200 Ack; BITS-Received-Content-Range: 10
//! <1 416 Ack; BITS-Received-Content-Range: 10
//! ```
//!
//! What a client did besides sending a request stands between that and the answer, after the body: that it ended its side by a
//! reset or only `half-closed` it, for how many microseconds it paused, and whether it was pipelined.
//!
//! ```text
//! > Fragment /upload/x; Content-Range: bytes 0-9/20
//! = pattern 5eed 0 10 sent=5
//! * half-closed paused=300000
//! < !closed
//! ```
//!
//! What was done to the server itself has a line of its own: `^ restarted`, `^ stopped` or `^ started`, with points of the
//! order if exchanges were under way.
//!
//! A call that stands between a request and its answer came while that exchange was under way.

mod call;
mod escape;
mod read;
mod sending;
mod short;
mod write;

pub use read::ReadError;

#[cfg(test)]
mod tests {
    use crate::transcript::{Order, Transcript};

    const LANES: &str = "
        > Create-Session
        < 200 Ack
        >1 Fragment; Content-Range: bytes 0-9/20
        >2 Close-Session
        <2 500 Ack
        <1 200 Ack
        >2 Ping
        <2 !closed
        > Ping
        < 200 Ack
    ";

    #[test]
    fn the_lines_of_the_short_form_are_in_the_order_of_what_happened() {
        let transcript: Transcript = LANES.parse().unwrap();
        let told: Vec<_> = transcript
            .exchanges
            .iter()
            .map(|it| (it.number, it.lane, it.order.began, it.order.ended))
            .collect();
        assert_eq!(told, [(1, 0, 1, 2), (2, 1, 3, 6), (3, 2, 4, 5), (4, 2, 7, 8), (5, 0, 9, 10)]);
        assert!(transcript.exchanges[1].order.overlaps(transcript.exchanges[2].order));
        assert!(transcript.exchanges[1].order.precedes(transcript.exchanges[3].order));
        let error = "> Ping\n< 200\n>1 Ping\n".parse::<Transcript>().unwrap_err();
        assert!(error.problem.contains("without an answer"), "{error}");
    }

    #[test]
    fn lanes_are_read_as_they_were_written_and_sequences_do_not_tell_their_order() {
        let transcript: Transcript = LANES.parse().unwrap();
        let text = transcript.to_string();
        assert_eq!(text.parse::<Transcript>().unwrap(), transcript);
        let marks: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix("@ ")?.split_once(" step=")).collect();
        let after = |at: usize| marks[at].1.split(" connection").next().unwrap();
        assert_eq!(after(0), "0");
        assert_eq!(after(1), "1 lane=1 began=3 ended=6");
        assert_eq!(after(2), "2 lane=2 began=4 ended=5");
        assert_eq!((after(3), after(4)), ("3 lane=2", "4"));
        let odd = text.replace("began=3 ended=6", "began=3 ended=3");
        assert!(odd.parse::<Transcript>().unwrap_err().problem.contains("ends after"));
    }

    #[test]
    fn what_was_done_to_the_server_stands_where_it_was_done() {
        let text = "> Ping\n< 200\n^ stopped\n^ started\n> Ping\n< 200\n@ 3 line=0 step=2 began=9 ended=12 connection=1 started=0 took=0\n> GET / HTTP/1.1\n>\n< !reset\n^ restarted began=10 ended=11\n";
        let transcript: Transcript = text.parse().unwrap();
        let orders: Vec<_> = transcript.exchanges.iter().map(|it| it.order.began).collect();
        assert_eq!(orders, [1, 7, 9]);
        let outages: Vec<_> =
            transcript.outages.iter().map(|it| (it.kind.as_str(), it.order.began)).collect();
        assert_eq!(outages, [("stopped", 3), ("started", 5), ("restarted", 10)]);
        assert!(transcript.outages[2].order.overlaps(transcript.exchanges[2].order));
        let written = transcript.to_string();
        assert_eq!(written.parse::<Transcript>().unwrap(), transcript, "{written}");
        assert!(written.contains("\n^ started\n"), "{written}");
        for odd in ["^ broken", "^ stopped began=9 ended=8", "^ stopped at=3"] {
            assert!(odd.parse::<Transcript>().is_err(), "{odd}");
        }
    }

    #[test]
    fn points_of_the_order_are_what_they_are_wherever_they_stand() {
        let text = "@ 1 line=0 step=0 began=7 ended=9 connection=1 started=0 took=0\n> GET / HTTP/1.1\n>\n< !closed\n! open\n> Ping\n< 200\n";
        let transcript: Transcript = text.parse().unwrap();
        let orders: Vec<_> = transcript.exchanges.iter().map(|it| it.order).collect();
        assert_eq!(orders, [Order { began: 7, ended: 9 }, Order { began: 10, ended: 11 }]);
    }
}
