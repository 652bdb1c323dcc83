//! Histories in a few lines, with lanes at their marks.

use bits_wire::{Payload, payload::digest_of};

use crate::checks::testing::{broken, kept, unexercised, verdict};

const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
const OTHER: &str = "BITS-Session-Id: {B0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

/// A session, and what follows. `FRAGMENT a-b` and `NEXT n` are short for what a message and an Ack say, `OTHER-` in front
/// of them for those of a second session on the same destination.
fn history(lines: &str) -> String {
    let offer = "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}";
    let mut text = format!("> Create-Session; {offer}\n< 200 Ack; {ID}\n");
    for line in lines.lines().map(str::trim) {
        let id = if line.contains("OTHER") { OTHER } else { ID };
        let line =
            line.replace("OTHER-", "").replace("CREATE", &format!("Create-Session; {offer}"));
        let line = line.replace("FRAGMENT ", &format!("Fragment; {id}; Content-Range: bytes "));
        let line = line.replace("NEXT ", &format!("Ack; {id}; BITS-Received-Content-Range: "));
        let line = line.replace("CLOSE", &format!("Close-Session; {id}"));
        let line = line.replace("CANCEL", &format!("Cancel-Session; {id}"));
        text.push_str(&line.replace("UNKNOWN", "500 Ack; BITS-Error: 0x8020001F"));
        text.push('\n');
    }
    text
}

/// A GET of what these payloads make together.
fn get(content: &[Payload]) -> String {
    let length: u64 = content.iter().map(Payload::length).sum();
    let digest = digest_of(content).unwrap();
    format!(
        "> GET /upload/file\n< 200\n~ length={length} digest={digest} framing=length:{length}\n"
    )
}

fn part(seed: u64, offset: u64, length: u64) -> Payload {
    Payload::Pattern { seed, offset, length }
}

const FRAGMENTS: &str = "history/fragments-in-turn";
const CLOSE: &str = "history/close-in-turn";
const CANCEL: &str = "history/cancel-in-turn";
const FILE: &str = "history/file-of-one-session";
const APART: &str = "history/sessions-kept-apart";
const WINS: &str = "history/one-of-two-wins";

#[test]
fn one_of_two_equal_fragments_is_out_of_step_or_has_nothing_new() {
    for second in ["416 NEXT 10", "200 NEXT 10", "409 Ack"] {
        kept(
            FRAGMENTS,
            &history(&format!(
                ">1 FRAGMENT 0-9/30\n>2 FRAGMENT 0-9/30\n<2 {second}\n<1 200 NEXT 10\n> FRAGMENT 10-29/30\n< 200 NEXT 30"
            )),
        );
    }
    let both = history(">1 FRAGMENT 0-9/30\n>2 FRAGMENT 0-9/30\n<2 200 NEXT 20\n<1 200 NEXT 10");
    broken(FRAGMENTS, &both, 3, "no order explains 3 (lane 2) Fragment 0-9: taken, next 20");
}

#[test]
fn what_both_were_told_must_still_be_so_afterwards() {
    let lost = ">1 FRAGMENT 0-9/30\n>2 FRAGMENT 0-9/30\n<2 416 NEXT 10\n<1 200 NEXT 10\n> FRAGMENT 10-29/30\n< 416 NEXT 0";
    broken(FRAGMENTS, &history(lost), 4, "4 Fragment 10-29: out of step, next 0");
    let gone = lost.replace("< 416 NEXT 0", "< UNKNOWN");
    broken(FRAGMENTS, &history(&gone), 4, "no such session");
    let counted = lost.replace("<2 416 NEXT 10", "<2 500 Ack").replace("NEXT 0", "NEXT 20");
    broken(FRAGMENTS, &history(&counted), 4, "next 20");
}

#[test]
fn what_came_before_comes_before() {
    let order = "> FRAGMENT 0-9/30\n< 200 NEXT 10\n>1 FRAGMENT 10-19/30\n>2 FRAGMENT 10-29/30\n<1 200 NEXT 20\n<2 200 NEXT 30";
    kept(FRAGMENTS, &history(order));
    broken(FRAGMENTS, &history(&order.replace("<2 200 NEXT 30", "<2 416 NEXT 5")), 4, "next 5");
}

#[test]
fn a_close_is_before_or_behind_a_fragment() {
    let race = "> FRAGMENT 0-9/20\n< 200 NEXT 10\n>1 FRAGMENT 10-19/20\n>2 CLOSE\n<2 200 Ack\n<1 200 NEXT 20";
    kept(CLOSE, &history(race));
    kept(CLOSE, &history(&race.replace("<1 200 NEXT 20", "<1 UNKNOWN")));
    broken(CLOSE, &history(&race.replace("<2 200 Ack", "<2 UNKNOWN")), 4, "no such session");
    let on = format!("{race}\n> CANCEL\n< 200 Ack");
    unexercised(CANCEL, &history(race));
    broken(CLOSE, &history(&on), 5, "4 (lane 2) Close-Session: taken; 5 Cancel-Session: taken");
}

#[test]
fn a_cancelled_session_does_not_come_back() {
    let race = "> FRAGMENT 0-9/30\n< 200 NEXT 10\n>1 FRAGMENT 10-19/30\n>2 CANCEL\n<2 200 Ack\n<1 200 NEXT 20\n> FRAGMENT 20-29/30\n< ";
    kept(CANCEL, &history(&format!("{race}UNKNOWN")));
    broken(CANCEL, &history(&format!("{race}200 NEXT 30")), 5, "Cancel-Session: taken; 5 Fragment");
}

#[test]
fn two_closes_may_both_succeed() {
    let race = "> FRAGMENT 0-9/10\n< 200 NEXT 10\n>1 CLOSE\n>2 CLOSE\n<2 200 Ack\n<1 ";
    kept(CLOSE, &history(&format!("{race}200 Ack")));
    kept(CLOSE, &history(&format!("{race}UNKNOWN")));
    let none = race.replace("<2 200 Ack", "<2 UNKNOWN");
    broken(CLOSE, &history(&format!("{none}UNKNOWN")), 4, "no such session");
}

/// Two sessions for one file, with other bytes each.
fn two(closes: &str, read: &str) -> String {
    let lines = format!(
        ">1 CREATE\n<1 200 Ack; {OTHER}\n>1 FRAGMENT 0-9/20\n= pattern 1 0 10\n>2 OTHER-FRAGMENT 0-9/20\n= pattern 2 0 10\n<1 200 NEXT 10\n<2 200 NEXT 10\n\
         > FRAGMENT 10-19/20\n= pattern 1 10 10\n< 200 NEXT 20\n> OTHER-FRAGMENT 10-19/20\n= pattern 2 10 10\n< 200 NEXT 20\n{closes}\n"
    );
    history(&lines) + read
}

#[test]
fn a_file_is_of_one_session_whole() {
    let closes = ">1 CLOSE\n>2 OTHER-CLOSE\n<1 200 Ack\n<2 200 Ack";
    for seed in [1, 2] {
        kept(APART, &two(closes, &get(&[part(seed, 0, 20)])));
    }
    let mixture = [part(1, 0, 10), part(2, 10, 10)];
    broken(
        APART,
        &two(closes, &get(&mixture)),
        9,
        "the messages can have come in the order 3, 5, 7 and 4, 6, 8",
    );
    broken(FILE, &two(closes, "> GET /upload/file\n< 404"), 9, "9 GET: 404");
    let in_turn = "> CLOSE\n< 200 Ack\n> OTHER-CLOSE\n< 200 Ack";
    kept(APART, &two(in_turn, &get(&[part(2, 0, 20)])));
    broken(APART, &two(in_turn, &get(&[part(1, 0, 20)])), 9, "20 bytes");
}

#[test]
fn where_nothing_may_be_replaced_one_wins() {
    let role = "# role no-overwrite\n";
    let closes = ">1 CLOSE\n>2 OTHER-CLOSE\n<1 200 Ack\n<2 403 Ack";
    kept(WINS, &format!("{role}{}", two(closes, &get(&[part(1, 0, 20)]))));
    let both = closes.replace("403", "200");
    broken(WINS, &format!("{role}{}", two(&both, "")), 8, "8 (lane 2) Close-Session: taken");
    unexercised(WINS, &two(&both, ""));
}

#[test]
fn what_is_read_while_a_close_is_under_way_is_before_or_behind_it() {
    let race = |status: &str| {
        history(&format!(
            "> FRAGMENT 0-9/10\n= pattern 1 0 10\n< 200 NEXT 10\n>1 CLOSE\n>2 GET /upload/file\n<2 {status}\n<1 200 Ack\n"
        )) + &get(&[part(1, 0, 10)])
    };
    let of = |payload| {
        format!("200\n~ length=10 digest={} framing=length:10", digest_of(&[payload]).unwrap())
    };
    kept(FILE, &race("404"));
    kept(FILE, &race(&of(part(1, 0, 10))));
    broken(FILE, &race(&of(part(1, 0, 5))), 4, "4 (lane 2) GET");
}

#[test]
fn what_goes_wrong_without_an_overlap_is_no_matter_of_histories() {
    let race = ">1 FRAGMENT 0-9/30\n>2 FRAGMENT 0-9/30\n<2 200 NEXT 20\n<1 200 NEXT 10\n";
    let control = format!("> CREATE\n< 200 Ack; {OTHER}\n> OTHER-FRAGMENT 0-9/30\n< 200 NEXT 11\n");
    unexercised(FRAGMENTS, &history(&format!("{race}{control}")));
    unexercised(FRAGMENTS, &history("> FRAGMENT 0-9/30\n< 200 NEXT 11"));
    unexercised(
        FRAGMENTS,
        &history(">1 FRAGMENT 0-9/30\n>2 FRAGMENT 0-9/30\n<2 !closed\n<1 200 NEXT 10"),
    );
    unexercised(FRAGMENTS, &history(">1 FRAGMENT 0-9/30\n>2 Ping\n<2 200 Ack\n<1 200 NEXT 7"));
}

#[test]
fn checks_of_sequences_do_not_judge_what_overlaps() {
    let alone = "> FRAGMENT 0-9/30\n< 200 NEXT 9";
    assert_eq!(verdict("fragment/received-range-is-next", &history(alone)).broken.len(), 1);
    let race = ">1 FRAGMENT 0-9/30\n>2 FRAGMENT 0-9/30\n<2 200 NEXT 20\n<1 200 NEXT 9\n> FRAGMENT 25-29/30\n< 200 NEXT 30";
    for check in ["fragment/received-range-is-next", "fragment/gap-refused", "fragment/first-taken"]
    {
        unexercised(check, &history(race));
    }
    kept("ack-fragment/packet-type", &history(race));
}
