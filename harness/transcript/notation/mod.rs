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
//! Head lines end in CR LF unless they say otherwise (`\n` alone at the end: LF; `\z`: no end). Times are microseconds.
//! Beside this exact form there is a short one for tests and bug reports, one line a head:
//!
//! ```text
//! > Fragment /upload/x; Content-Range: bytes 0-9/20
//! < 200 Ack; BITS-Received-Content-Range: 10
//! ```

mod escape;
mod read;
mod short;
mod write;

pub use read::ReadError;
