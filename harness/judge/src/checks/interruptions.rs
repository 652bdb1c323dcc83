//! What is judged after a client has broken off, paused, or sent more than it waited for, and what is not.

use super::testing::{broken, follows, kept, unexercised};

const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

/// A session whose first fragment was sent like this and answered so, and what came after it.
fn session(sent: &str, answer: &str, after: &[(&str, &str)]) -> String {
    let create =
        "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}";
    let mut text = format!("{create}\n< 200 Ack; {ID}\n");
    text += &format!("> Fragment; {ID}; Content-Range: bytes 0-9/20\n{sent}\n< {answer}\n");
    for (range, answer) in after {
        text += &format!("> Fragment; {ID}; Content-Range: bytes {range}\n< {answer}\n");
    }
    text
}

const HALF: &str = "= pattern 5eed 0 10 sent=5\n* half-closed";

const NEXT: &str = "200 Ack; BITS-Received-Content-Range: 10";

#[test]
fn whatever_a_half_closed_client_hears_the_next_answer_tells_what_counted() {
    for heard in ["!closed", "!reset", "400 Ack; BITS-Error: 0x80070057", "400", "200 Ack"] {
        unexercised("fragment/answered", &session(HALF, heard, &[]));
        unexercised("http/packet-type-of-other-answers", &session(HALF, heard, &[]));
        let told = |range, answer| session(HALF, heard, &[(range, answer)]);
        let wrong = "416 Ack; BITS-Received-Content-Range: 6";
        let right = "416 Ack; BITS-Received-Content-Range: 5";
        broken("fragment/offset-after-a-cut", &told("0-9/20", wrong), 3, ": 6");
        kept("fragment/offset-after-a-cut", &told("0-9/20", right));
        follows("open/cut", &told("0-9/20", right), "U10/kept");
        follows("open/cut", &told("0-9/20", NEXT), "U10/dropped");
    }
}

#[test]
fn a_whole_fragment_of_a_half_closed_client_is_judged_if_it_is_answered() {
    let whole = "= pattern 5eed 0 10 sent=10\n* half-closed";
    kept("fragment/first-taken", &session(whole, NEXT, &[]));
    broken(
        "fragment/first-taken",
        &session(whole, "500 Ack; BITS-Error: 0x80070057", &[]),
        2,
        "500",
    );
    unexercised("fragment/answered", &session(whole, "!closed", &[]));
}

#[test]
fn a_client_that_pauses_may_be_given_up_and_may_not_be_refused() {
    let paused = "= pattern 5eed 0 10 sent=10\n* paused=300000";
    kept("fragment/first-taken", &session(paused, NEXT, &[]));
    broken(
        "fragment/first-taken",
        &session(paused, "400 Ack; BITS-Error: 0x80070057", &[]),
        2,
        "400",
    );
    for heard in ["!closed", "408"] {
        unexercised("fragment/first-taken", &session(paused, heard, &[]));
        unexercised("fragment/answered", &session(paused, heard, &[]));
        let wrong = "416 Ack; BITS-Received-Content-Range: 11";
        let after = session(paused, heard, &[("0-9/20", wrong)]);
        broken("fragment/offset-after-a-cut", &after, 3, ": 11");
    }
    broken("fragment/answered", &session("", "!closed", &[]), 2, "closed");
}

#[test]
fn what_is_reset_after_its_last_byte_counts_as_a_whole_or_not_at_all() {
    let reset = "= pattern 5eed 0 10 sent=10\n* reset";
    unexercised("fragment/answered", &session(reset, "!closed", &[]));
    for told in ["0", "10"] {
        let again = format!("416 Ack; BITS-Received-Content-Range: {told}");
        kept("fragment/offset-after-a-cut", &session(reset, "!closed", &[("0-9/20", &again)]));
    }
}

#[test]
fn what_did_not_count_at_first_may_count_when_it_comes() {
    let reset = "= pattern 5eed 0 10 sent=10\n* reset";
    let late = [
        ("5-9/20", "416 Ack; BITS-Received-Content-Range: 0"),
        ("10-19/20", "200 Ack; BITS-Received-Content-Range: 20"),
    ];
    unexercised("fragment/gap-refused", &session(reset, "!closed", &late));
    let never = [late[0], ("0-19/20", "200 Ack; BITS-Received-Content-Range: 20")];
    unexercised("fragment/gap-refused", &session(reset, "!closed", &never));
}

#[test]
fn a_server_that_closes_before_a_byte_of_the_body_was_sent_has_not_answered() {
    let cut = |sent: u64| session(&format!("= pattern 5eed 0 10 sent={sent}"), "!closed", &[]);
    broken("fragment/answered", &cut(0), 2, "");
    unexercised("fragment/answered", &cut(5));
}
