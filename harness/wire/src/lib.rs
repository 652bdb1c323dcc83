//! The vocabulary of the wire: packets, headers, ranges, ids, payloads, and HTTP/1.1 heads as exact bytes.
//!
//! Unknown values are kept, never refused: a harness must be able to send nonsense and to quote it. No I/O, no clock.

pub mod authentication;
pub mod authorization;
pub mod headers;
pub mod hresult;
pub mod http1;
pub mod names;
pub mod packet;
pub mod payload;
pub mod range;
pub mod reply_url;
pub mod session_id;
pub mod text;

pub use headers::{Header, Headers};
pub use hresult::{ErrorContext, Hresult};
pub use packet::PacketType;
pub use payload::Payload;
pub use range::{ContentRange, ContentRangeError};
pub use session_id::{Guid, GuidError, SessionId, SessionKey};

/// The extension method that carries every upload message (2.2.1).
pub const BITS_POST: &str = "BITS_POST";

/// The one upload protocol that is defined (2.2.2.2, 2.2.3.2), as it stands in a protocol list.
pub const UPLOAD_PROTOCOL: &str = "{7df0354d-249b-430f-820d-3d2a9bef4931}";

/// The longest header value that a server has to take, in bytes (2.2.1).
pub const MAX_HEADER_VALUE: usize = 4096;
