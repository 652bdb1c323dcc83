//! The places at which a fault of the download side has its say.

use std::{
    ops::Range,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bits_wire::{Headers, names};

use super::{Fault, Rules};
use crate::download::{Download, Piece};

impl Rules {
    /// The headers of a request for a download, as they are looked at; false if it is refused for one of them.
    pub(crate) fn reads(self, headers: &mut Headers) -> bool {
        match self.fault() {
            Some(Fault::DownloadIgnoresRange) => headers.remove("Range"),
            Some(Fault::DownloadIgnoresIfRange) => headers.remove("If-Range"),
            Some(Fault::DownloadIgnoresIfUnmodified) => headers.remove("If-Unmodified-Since"),
            Some(Fault::DownloadMisreadsIfModified) if headers.has("If-Modified-Since") => {
                headers.set("If-Modified-Since", "Fri, 31 Dec 9999 23:59:59 GMT");
            }
            Some(Fault::DownloadUnknownHeaderRefused) => {
                let foreign = |name: &str| {
                    let name = name.to_ascii_lowercase();
                    name.starts_with("x-") || name.starts_with("bits-")
                };
                return !headers.iter().any(|header| foreign(&header.name));
            }
            _ => {}
        }
        true
    }

    /// When a content was published, `modified` being right. The fault leaves the part of a second, which no date shows,
    /// so that tags still differ.
    pub(crate) fn modified(self, modified: SystemTime) -> SystemTime {
        if self.fault() != Some(Fault::DownloadKeepsLastModified) {
            return modified;
        }
        let age = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        UNIX_EPOCH + Duration::new(784_111_777, age.subsec_nanos())
    }

    /// Whether more than one range is served in an answer.
    pub(crate) fn serves_several_ranges(self) -> bool {
        self.fault() != Some(Fault::DownloadServesNoSeveralRanges)
    }

    /// The parts of an answer, `ranges` being right.
    pub(crate) fn parts(self, ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
        let mut ranges = ranges;
        match self.fault() {
            Some(Fault::DownloadSortsParts) => ranges.sort_by_key(|range| range.start),
            Some(Fault::DownloadMergesParts) => ranges = merged(&ranges),
            _ => {}
        }
        ranges
    }

    /// What stands behind the last part.
    pub(crate) fn after_parts(self, right: String) -> String {
        if self.fault() == Some(Fault::DownloadOmitsLastBoundary) { String::new() } else { right }
    }

    /// Whether what is not finished can be read by URL.
    pub(crate) fn serves_sessions(self) -> bool {
        self.fault() == Some(Fault::DownloadServesSessions)
    }

    /// What stands before the first boundary of an answer in parts.
    pub(crate) fn before_parts(self) -> &'static str {
        if self.fault() == Some(Fault::DownloadBlankLines) { "\r\n\r\n\r\n" } else { "" }
    }

    /// Further header lines of each part.
    pub(crate) fn in_parts(self) -> String {
        match self.fault() {
            Some(Fault::DownloadLongPartHeaders) => format!("X-Padding: {}\r\n", "x".repeat(180)),
            _ => String::new(),
        }
    }

    /// Whether the length of a content has to be known after it is replaced.
    pub(crate) fn remembers_lengths(self) -> bool {
        self.fault() == Some(Fault::DownloadKeepsLength)
    }

    /// Every answer with published bytes goes through here, `replaced` being the length of an older content.
    pub(crate) fn download(self, method: &str, replaced: Option<u64>, download: &mut Download) {
        let headers = &mut download.headers;
        match self.fault() {
            Some(Fault::DownloadOmitsLastModified) => headers.remove("Last-Modified"),
            Some(Fault::DownloadOmitsLength) if method == "GET" && download.status != 404 => {
                headers.remove(names::CONTENT_LENGTH);
            }
            Some(Fault::DownloadRangeOffByOne) if download.status == 206 => {
                download.body.iter_mut().for_each(shift);
            }
            Some(Fault::DownloadHeadNotFound) if method == "HEAD" => download.status = 404,
            Some(Fault::DownloadIsCoded) if download.status == 200 => {
                headers.set("Content-Encoding", "gzip");
            }
            Some(Fault::DownloadOddDate) if headers.has("Last-Modified") => {
                headers.set("Last-Modified", "yesterday");
            }
            Some(Fault::DownloadOmitsSizeIn416) if download.status == 416 => {
                headers.set(names::CONTENT_RANGE, "bytes */0");
            }
            Some(Fault::DownloadKeepsLength) if method == "HEAD" && download.status == 200 => {
                if let Some(length) = replaced {
                    headers.set(names::CONTENT_LENGTH, length.to_string());
                }
            }
            _ => {}
        }
    }
}

fn shift(piece: &mut Piece) {
    if let Piece::Content(range) = piece {
        let by = u64::from(range.start > 0);
        *range = range.start - by..range.end - by;
    }
}

/// Each range joined with those that follow it, as long as they touch.
fn merged(ranges: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut merged: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end && last.start <= range.end => {
                *last = last.start.min(range.start)..last.end.max(range.end);
            }
            _ => merged.push(range.clone()),
        }
    }
    merged
}
