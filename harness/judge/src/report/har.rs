//! A transcript as an HTTP archive (HAR 1.2), which browsers and proxies read.

use bits_wire::{Headers, Payload, text};
use serde_json::{Value, json};

use super::json::pretty;
use crate::transcript::{Answer, Exchange, Received, Transcript};

/// The longest body that is put into the archive, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Renders a transcript; `began` is when it did, in milliseconds since 1970, and `origin` the scheme and authority of its
/// target.
#[must_use]
pub fn render(transcript: &Transcript, began: u64, origin: &str) -> String {
    let entries: Vec<Value> =
        transcript.exchanges.iter().map(|exchange| entry(exchange, began, origin)).collect();
    let log = json!({
        "version": "1.2",
        "creator": { "name": "bitscheck", "version": env!("CARGO_PKG_VERSION") },
        "entries": entries,
    });
    pretty(&json!({ "log": log })) + "\n"
}

fn entry(exchange: &Exchange, began: u64, origin: &str) -> Value {
    let milliseconds = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    let started = began + u64::try_from(exchange.started.as_millis()).unwrap_or_default();
    let head = &exchange.request.head;
    json!({
        "startedDateTime": instant(started),
        "time": milliseconds(exchange.took),
        "request": {
            "method": head.method,
            "url": format!("{origin}{}", head.target),
            "httpVersion": head.version,
            "cookies": [],
            "headers": headers(&head.headers),
            "queryString": [],
            "headersSize": head.raw.len(),
            "bodySize": exchange.request.sent,
            "postData": post_data(&exchange.request.body),
        },
        "response": response(&exchange.received),
        "cache": {},
        "timings": { "send": 0, "wait": milliseconds(exchange.took), "receive": 0 },
        "connection": exchange.connection.to_string(),
        "comment": format!("exchange {}: {}", exchange.number, exchange.received.describe()),
    })
}

fn headers(all: &Headers) -> Vec<Value> {
    all.iter().map(|header| json!({ "name": header.name, "value": header.value })).collect()
}

/// The body of a request. An archive holds text only: each character stands for the byte of its number.
fn post_data(body: &Payload) -> Value {
    let length = body.length();
    let mut bytes = vec![0; usize::try_from(length.min(LONGEST)).unwrap_or_default()];
    let filled = body.fill(0, &mut bytes).unwrap_or_default();
    bytes.truncate(filled);
    json!({
        "mimeType": "application/octet-stream",
        "text": text::from_bytes(&bytes),
        "comment": format!("{length} bytes, of which the first {filled} are here"),
    })
}

fn response(received: &Received) -> Value {
    let Received::Answer(answer) = received else {
        return json!({
            "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
            "content": { "size": 0, "mimeType": "" }, "redirectURL": "", "headersSize": -1, "bodySize": -1,
            "comment": received.describe(),
        });
    };
    let Answer { head, body, .. } = &**answer;
    json!({
        "status": head.status,
        "statusText": head.reason,
        "httpVersion": head.version,
        "cookies": [],
        "headers": headers(&head.headers),
        "content": {
            "size": body.length,
            "mimeType": head.headers.first("Content-Type").unwrap_or_default(),
            "text": text::from_bytes(&body.start),
        },
        "redirectURL": head.headers.first("Location").unwrap_or_default(),
        "headersSize": head.raw.len(),
        "bodySize": body.length,
    })
}

/// A time in milliseconds since 1970 as ISO 8601 has it.
fn instant(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{rest:03}Z")
}

/// Year, month and day so many days after the first of January 1970.
fn date(days: u64) -> (u64, u64, u64) {
    // Years that begin in March have their odd day at the end; 400 of them have 146,097 days.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day_of_month = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(instant(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(instant(951_782_400_007), "2000-02-29T00:00:00.007Z");
        assert_eq!(instant(1_795_276_799_999), "2026-11-21T15:59:59.999Z");
        assert_eq!(instant(4_107_542_400_000), "2100-03-01T00:00:00.000Z");
    }

    #[test]
    fn every_exchange_has_an_entry_and_silence_has_no_status() {
        let id = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        let transcript: Transcript = format!(
            "> Create-Session\n< 200 Ack; {id}\n> Fragment; {id}; Content-Range: bytes 0-9/10\n< !reset\n"
        )
        .parse()
        .unwrap();
        let archive: Value = serde_json::from_str(&render(&transcript, 1000, "http://h")).unwrap();
        let entries = archive["log"]["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0]["request"]["method"], "BITS_POST");
        assert_eq!(entries[0]["request"]["url"], "http://h/upload/file");
        assert_eq!(entries[0]["response"]["status"], 200);
        assert_eq!(entries[1]["response"]["status"], 0);
        let body = entries[1]["request"]["postData"]["text"].as_str().unwrap();
        assert_eq!(body.chars().count(), 10);
    }
}
