//! A BITS upload server for any system, strict [MC-BUP] unless it is told otherwise.
//!
//! - [`machine`] holds the rules of the protocol, without I/O and without a clock.
//! - [`paths`], [`config`] and [`download`] are plain values and functions.
//! - [`accounts`] asks clients who they are; [`limits`] says how much is taken on.
//! - [`store`] keeps entities, in memory or as files.
//! - [`service`] joins machine and store: a whole server as a function.
//! - [`listen`] puts it on a socket.
//! - [`fault`] lists the clauses that it can be told to break.
//!
//! Where the texts leave a choice, this server's is:
//!
//! - A fragment counts as a whole or not at all; one that is cut leaves the offset where it was (U10).
//! - The requests of one session take turns. One that still waits for its body when the next has come gives way to it
//!   after a while, as its connection is then taken for broken.
//! - A session belongs to the URL that it was made for; on another it is refused with 400 (U2).
//! - A close before the last byte ends the session and publishes nothing (D9).
//! - Whether a destination may be filled is asked at the start and again at the close (U16).
//! - An error Ack to a fragment names the offset and the session wherever there is one (S7).
//! - A ping is answered wherever uploads are enabled, whoever asks; where clients have to say who they are, it is asked too
//!   (U12).
//! - A session can be used by every user who may write at its destination.
//! - What a session will be is kept before the answer that says so; one that is beyond a limit gets 500 with 0x800705AA, and a
//!   connection that is gets 503.

pub mod accounts;
mod by_session;
pub mod config;
pub mod download;
pub mod fault;
pub mod limits;
pub mod listen;
pub mod machine;
pub mod paths;
pub mod profile;
pub mod service;
pub mod settings;
pub mod store;
