//! How a step's request goes over the wire, as it is written.

use std::{num::NonZeroU32, time::Duration};

use bits_wire::Payload;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    application::seconds,
    error::{Blame as _, Fault, LoadErrorKind},
    value::{At, Place},
};
use crate::plan::{Awaits, Cut, CutBy, Delivery, Pace, Stall};

/// The most seconds for which a body can be sent slowly.
const LONGEST: Duration = Duration::from_secs(60);

/// Pauses of the client, in seconds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Stalls {
    /// In the middle of the head.
    pub head: Option<At<f64>>,
    /// In the middle of the body.
    pub body: Option<At<f64>>,
    /// After the last byte, before anything of the answer is read.
    pub answer: Option<At<f64>>,
}

/// The options of a step that say how it is sent.
pub(super) struct Sent<'a> {
    pub cut: Option<u64>,
    pub by: Option<&'a At<CutBy>>,
    pub slowly: Option<&'a At<f64>>,
    pub bytes_per_second: Option<&'a At<NonZeroU32>>,
    pub split_head: Option<NonZeroU32>,
    pub stall: Option<&'a Stalls>,
    pub expect_continue: Option<Awaits>,
}

impl Sent<'_> {
    /// What is written, for a body that is to be sent like that.
    pub(super) fn delivery(&self, body: &Payload) -> Result<Delivery, Fault> {
        let cut = match (self.cut, self.by) {
            (None, Some(by)) => return Err(LoadErrorKind::Pointless("by")).at(by.place),
            (None, None) => None,
            (Some(sent), by) => Some(Cut { sent, by: by.map_or(CutBy::End, |by| by.value) }),
        };
        let length = cut.map_or(u64::MAX, |cut| cut.sent).min(body.length());
        Ok(Delivery {
            cut,
            pace: self.pace(length)?,
            split_head: self.split_head,
            stall: self.stall()?,
            expectation: self.expect_continue,
            pipelined: false,
        })
    }

    fn pace(&self, length: u64) -> Result<Option<Pace>, Fault> {
        let rate = match (self.slowly, self.bytes_per_second) {
            (Some(_), Some(rate)) => {
                return Err(LoadErrorKind::Pointless("bytes-per-second")).at(rate.place);
            }
            (Some(time), None) => return Ok(Some(Pace::Over(seconds(time)?))),
            (None, None) => return Ok(None),
            (None, Some(rate)) => rate,
        };
        let pace = Pace::BytesPerSecond(rate.value);
        let takes = pace.takes(length);
        if takes > LONGEST { Err(too_long(takes, rate.place)) } else { Ok(Some(pace)) }
    }

    fn stall(&self) -> Result<Stall, Fault> {
        let Some(written) = self.stall else { return Ok(Stall::default()) };
        let time = |given: &Option<At<f64>>| given.as_ref().map_or(Ok(Duration::ZERO), seconds);
        Ok(Stall {
            head: time(&written.head)?,
            body: time(&written.body)?,
            answer: time(&written.answer)?,
        })
    }
}

fn too_long(takes: Duration, place: Place) -> Fault {
    let given = format!("{} seconds", takes.as_secs());
    let kind = LoadErrorKind::Pause { given, most: LONGEST.as_secs().to_string() };
    Fault { place, kind }
}

/// The options that say this.
pub(super) fn written(delivery: &Delivery) -> Vec<String> {
    let Delivery { cut, pace, split_head, stall, expectation, .. } = delivery;
    let mut options = Vec::new();
    options.extend(cut.map(|cut| format!("cut: {}", cut.sent)));
    let by = cut.map(|cut| cut.by).filter(|by| *by != CutBy::End);
    options.extend(by.map(|by| format!("by: {}", by.as_str())));
    options.extend(pace.map(|pace| match pace {
        Pace::Over(time) => format!("slowly: {}", time.as_secs_f64()),
        Pace::BytesPerSecond(rate) => format!("bytes-per-second: {rate}"),
    }));
    options.extend(split_head.map(|bytes| format!("split-head: {bytes}")));
    let stalls = [("head", stall.head), ("body", stall.body), ("answer", stall.answer)];
    let stalls: Vec<String> = stalls
        .iter()
        .filter(|(_, time)| !time.is_zero())
        .map(|(name, time)| format!("{name}: {}", time.as_secs_f64()))
        .collect();
    if !stalls.is_empty() {
        options.push(format!("stall: {{ {} }}", stalls.join(", ")));
    }
    options.extend(expectation.map(|it| format!("expect-continue: {}", it.as_str())));
    options
}

#[cfg(test)]
mod tests {
    use crate::{
        plan::{Action, Awaits, Cut, CutBy, Delivery, Pace, Stall},
        scenario::{Scenario, write},
    };

    fn read(step: &str) -> Result<Scenario, String> {
        let text =
            format!("title: t\nfile: {{ size: 20 }}\nsteps:\n  - create-session\n  - {step}\n");
        Scenario::read("a/b", &text).map_err(|error| error.line())
    }

    fn delivery(step: &str) -> Delivery {
        let plan = read(step).unwrap().plan(&[], None).unwrap();
        let Action::Send(send) = &plan.steps[1].action else { panic!("{:?}", plan.steps[1]) };
        send.delivery
    }

    #[test]
    fn what_is_written_is_read_and_written_again() {
        for options in [
            "cut: 5, by: reset",
            "cut: 10, by: half-close",
            "cut: 5",
            "slowly: 0.4",
            "bytes-per-second: 50",
            "split-head: 7",
            "stall: { head: 0.25, body: 0.5, answer: 0.75 }",
            "expect-continue: wait",
            "expect-continue: at-once",
        ] {
            let step = format!("fragment: {{ range: 0-9, {options} }}");
            let plan = read(&step).unwrap().plan(&[], None).unwrap();
            assert!(write(&plan, &[], &[]).unwrap().contains(&step), "{options}");
        }
    }

    #[test]
    fn each_option_means_what_it_says() {
        let cut = delivery("fragment: { range: 0-9, cut: 5, by: half-close }").cut;
        assert_eq!(cut, Some(Cut { sent: 5, by: CutBy::HalfClose }));
        let cut = delivery("fragment: { range: 0-9, cut: 5 }").cut;
        assert_eq!(cut, Some(Cut { sent: 5, by: CutBy::End }));
        let stall = delivery("fragment: { range: 0-9, stall: { head: 1 } }").stall;
        assert_eq!(stall, Stall { head: std::time::Duration::from_secs(1), ..Stall::default() });
        let rate = delivery("fragment: { range: 0-9, bytes-per-second: 40 }").pace;
        assert_eq!(rate.map(|rate| rate.piece(10).0), Some(4));
        assert!(matches!(rate, Some(Pace::BytesPerSecond(_))));
    }

    #[test]
    fn who_expects_a_word_says_so_in_the_head() {
        let step = "fragment: { range: 0-9, expect-continue: wait }";
        let plan = read(step).unwrap().plan(&[], None).unwrap();
        let Action::Send(send) = &plan.steps[1].action else { panic!("{:?}", plan.steps[1]) };
        assert_eq!(send.delivery.expectation, Some(Awaits::Wait));
        let crate::plan::Head::Made { headers, .. } = &send.head else { panic!("words") };
        let (name, value) = headers.last().unwrap();
        assert_eq!((name.as_str(), value.to_string().as_str()), Awaits::HEADER);
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        for (options, told) in [
            ("by: reset", "a/b:5: `by` means nothing in this step"),
            (
                "slowly: 1, bytes-per-second: 9",
                "a/b:5: `bytes-per-second` means nothing in this step",
            ),
            ("stall: { body: 61 }", "a/b:5: a scenario cannot wait for 61"),
        ] {
            let step = format!("fragment: {{ range: 0-9, {options} }}");
            assert_eq!(read(&step).unwrap_err(), told);
        }
        let slow = "fragment: { range: 0-19, body: { size: 1000000 }, bytes-per-second: 1 }";
        assert_eq!(read(slow).unwrap_err(), "a/b:5: a scenario cannot wait for 1000000 seconds");
        assert!(read("fragment: { range: 0-9, bytes-per-second: 0 }").is_err());
    }
}
