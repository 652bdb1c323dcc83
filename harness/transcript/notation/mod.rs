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
//! A call that stands between a request and its answer came while that exchange was under way.

mod call;
mod escape;
mod read;
mod short;
mod write;

pub use read::ReadError;
