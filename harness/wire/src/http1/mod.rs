//! HTTP/1.1 heads: an exact writer, and a reader that understands what it can and lists what is wrong.

mod body;
mod head;

pub use body::{Chunked, ChunkedState, Framing};
pub use head::{Flaw, HeadState, RequestHead, ResponseHead, head_length, read_response_head};
