//! What a session shows: in which situation the server answered how.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    time::Duration,
};

use bits_wire::names;

use crate::{
    model::{Act, Body, Operation, State},
    transcript::{Answer, Exchange, Fate, Received, Silence, Transcript},
};

/// From here on an answer is slow.
const SLOW: Duration = Duration::from_secs(1);

/// The features of a session that was carried out, one for each exchange, without doubles.
#[must_use]
pub fn features(operations: &[Operation], transcript: &Transcript) -> BTreeSet<String> {
    let mut state = State::default();
    let mut applied = 0;
    let mut features = BTreeSet::new();
    let last: BTreeMap<u32, usize> =
        transcript.exchanges.iter().map(|exchange| (exchange.line, exchange.number)).collect();
    for exchange in &transcript.exchanges {
        // What goes before a request in its step, such as a PING in a lane, is not what the operation is about.
        if last.get(&exchange.line) != Some(&exchange.number) {
            continue;
        }
        let at = usize::try_from(exchange.line).unwrap_or_default().saturating_sub(1);
        let Some(operation) = operations.get(at) else { continue };
        operations[applied..at.max(applied)].iter().for_each(|earlier| state.apply(earlier));
        applied = at.max(applied);
        features.insert(feature(&state, operation, exchange));
    }
    features
}

fn feature(state: &State, operation: &Operation, exchange: &Exchange) -> String {
    let mut text = state.situation(operation);
    if let Act::Fragment { body: body @ (Body::Short | Body::Long | Body::Other), .. } =
        operation.act
    {
        // Writing into a string succeeds.
        let _ = write!(text, " {body:?}");
    }
    if let Some(twist) = operation.twist {
        let _ = write!(text, " {}", twist.word());
    }
    let _ = write!(text, " -> {}", answered(state, operation, &exchange.received));
    let fate = match exchange.fate {
        Fate::Open | Fate::Hidden => "",
        Fate::Closed => " closed",
        Fate::Reset => " reset",
        Fate::Dropped => " dropped",
    };
    let slow = if exchange.took >= SLOW { " slow" } else { "" };
    text + fate + slow
}

fn answered(state: &State, operation: &Operation, received: &Received) -> String {
    let answer = match received {
        Received::Answer(answer) => answer,
        Received::Nothing(Silence::TimedOut) => return "silence".into(),
        Received::Nothing(Silence::Closed) => return "end".into(),
        Received::Nothing(Silence::Reset) => return "reset".into(),
        Received::Nothing(Silence::Garbage(_) | Silence::EndlessHead(_)) => {
            return "garbage".into();
        }
    };
    let header = |name| answer.head.headers.first(name).unwrap_or("-").to_owned();
    let mut text = format!("{} {}", answer.head.status, header(names::PACKET_TYPE));
    if answer.head.status >= 400 {
        let _ = write!(text, " {}", header(names::ERROR));
    }
    text + offset(state, operation, answer)
}

/// Where the range that the server says it has ends, beside the one that the client believes in.
fn offset(state: &State, operation: &Operation, answer: &Answer) -> &'static str {
    let Some(said) = answer.head.headers.first(names::RECEIVED_CONTENT_RANGE) else { return "" };
    let mut after = state.clone();
    after.apply(operation);
    match said.trim().parse::<u64>() {
        Err(_) => " has nonsense",
        Ok(said) if said == after.have(operation.slot) => " has it",
        Ok(said) if said == state.have(operation.slot) => " has no more",
        Ok(said) if said < after.have(operation.slot) => " has less",
        Ok(_) => " has more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Mark, Point, Slot};

    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    fn shown(answer: &str) -> Vec<String> {
        let operations = [
            Operation::usual(Slot::A, Act::Create { size: 10 }),
            Operation::usual(
                Slot::A,
                Act::Fragment {
                    first: Point::at(Mark::Have),
                    last: Point::beside(Mark::Total, -1),
                    total: Point::at(Mark::Total),
                    body: Body::Whole,
                },
            ),
        ];
        let transcript: Transcript = format!(
            "# base /u/\n@ 1 line=1\n> Create-Session\n< 200 Ack; {ID}\n@ 2 line=2\n\
             > Fragment; {ID}; Content-Range: bytes 0-9/10\n< {answer}\n"
        )
        .parse()
        .unwrap_or_else(|error| panic!("{error}"));
        features(&operations, &transcript).into_iter().collect()
    }

    #[test]
    fn a_feature_is_a_situation_and_an_answer() {
        let told = shown("200 Ack; BITS-Received-Content-Range: 10");
        assert_eq!(told[0], "absent create -> 200 Ack");
        assert_eq!(told[1], "open fragment next inside same sent -> 200 Ack has it");
    }

    #[test]
    fn other_answers_are_other_features() {
        let answers = [
            "200 Ack; BITS-Received-Content-Range: 10",
            "200 Ack; BITS-Received-Content-Range: 0",
            "200 Ack; BITS-Received-Content-Range: 9",
            "200 Ack; BITS-Received-Content-Range: 11",
            "200 Ack; BITS-Received-Content-Range: x",
            "416 Ack; BITS-Error: 0x1; BITS-Received-Content-Range: 0",
            "500 Ack; BITS-Error: 0x2",
            "500 Ack; BITS-Error: 0x3",
            "!reset",
        ];
        let all: BTreeSet<String> = answers.iter().map(|answer| shown(answer)[1].clone()).collect();
        assert_eq!(all.len(), answers.len(), "{all:?}");
    }
}
