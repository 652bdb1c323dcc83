//! A small client of its own, so that what the harness says of the server does not rest on the harness.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use bits_wire::http1::{HeadState, ResponseHead, read_response_head};

/// A connection that knows the messages.
pub(super) struct Client {
    pub(super) stream: TcpStream,
    read: Vec<u8>,
}

/// The head of an answer; none of those that are asked for has a body.
pub(super) struct Answer(Box<ResponseHead>);

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.0.status
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.headers.only(name)
    }

    /// The next byte that the server wants.
    pub(super) fn wanted(&self) -> Option<u64> {
        self.value("BITS-Received-Content-Range")?.parse().ok()
    }
}

impl Client {
    /// Connects to the server at this URL.
    pub(super) fn to(url: &str) -> io::Result<Self> {
        let authority = url.trim_start_matches("http://").split('/').next().unwrap();
        let stream = TcpStream::connect(authority)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream, read: Vec::new() })
    }

    pub(super) fn answer(&mut self) -> io::Result<Answer> {
        loop {
            match read_response_head(&self.read) {
                HeadState::Complete(head, length) => {
                    self.read.drain(..length);
                    return Ok(Answer(head));
                }
                HeadState::NotHttp => return Err(io::ErrorKind::InvalidData.into()),
                HeadState::Incomplete => {}
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => self.read.extend_from_slice(&buffer[..count]),
            }
        }
    }

    fn ask(&mut self, path: &str, fields: &str) -> io::Result<Answer> {
        let head = format!("BITS_POST {path} HTTP/1.1\nHost: x\n{fields}Content-Length: 0\n\n");
        self.stream.write_all(head.replace('\n', "\r\n").as_bytes())?;
        self.answer()
    }

    pub(super) fn create(&mut self, path: &str) -> io::Result<Answer> {
        let protocol = bits_wire::UPLOAD_PROTOCOL;
        let fields =
            format!("BITS-Packet-Type: Create-Session\nBITS-Supported-Protocols: {protocol}\n");
        self.ask(path, &fields)
    }

    /// Opens a session that is expected to be opened.
    pub(super) fn session(&mut self, path: &str) -> String {
        let answer = self.create(path).unwrap();
        assert_eq!(answer.status(), 200);
        answer.value("BITS-Session-Id").unwrap().to_owned()
    }

    /// Sends the head of a fragment.
    pub(super) fn fragment_head(
        &mut self,
        path: &str,
        session: &str,
        range: &str,
        length: usize,
    ) -> io::Result<()> {
        let head = format!(
            "BITS_POST {path} HTTP/1.1\nHost: x\nBITS-Packet-Type: Fragment\nBITS-Session-Id: {session}\n\
             Content-Range: bytes {range}\nContent-Length: {length}\n\n"
        );
        self.stream.write_all(head.replace('\n', "\r\n").as_bytes())
    }

    pub(super) fn fragment(
        &mut self,
        path: &str,
        session: &str,
        range: &str,
        body: &[u8],
    ) -> io::Result<Answer> {
        self.fragment_head(path, session, range, body.len())?;
        self.stream.write_all(body)?;
        self.answer()
    }

    pub(super) fn close(&mut self, path: &str, session: &str) -> io::Result<Answer> {
        self.ask(path, &format!("BITS-Packet-Type: Close-Session\nBITS-Session-Id: {session}\n"))
    }
}

impl Client {
    /// Sends the head of a fragment and waits until the server wants its body.
    pub(super) fn expecting(&mut self, path: &str, session: &str, range: &str, length: usize) {
        let head = format!(
            "BITS_POST {path} HTTP/1.1\nHost: x\nExpect: 100-continue\nBITS-Packet-Type: Fragment\n\
             BITS-Session-Id: {session}\nContent-Range: bytes {range}\nContent-Length: {length}\n\n"
        );
        self.stream.write_all(head.replace('\n', "\r\n").as_bytes()).unwrap();
        assert_eq!(self.answer().unwrap().status(), 100);
    }
}
