//! Sections 3.5 and 3.6: downloads.

clauses! {
    "BUP-3.5.4.1-01" Must Server Download
        "a URL whose content changes shows bytes and length that belong together";
    "BUP-3.5.4.1-02" Must Server Download
        "a URL whose content changes is dated with the UTC time of the change";
    "BUP-3.5.5-01" Must Server Download
        "downloads are served by RFC 2616";
    "BUP-3.5.5-02" Must Server Download
        "both GET and HEAD are served";
    "BUP-3.5.5-03" Must Server Download
        "a single byte range is served as RFC 2616 14.35 has it";
    "BUP-3.5.5-04" Should Server Download
        "many byte ranges are served in one answer";
    "BUP-3.5.5-05" Must Server Download
        "a good answer to GET or HEAD tells Content-Length";
    "BUP-3.5.5.1-01" Must Server Download
        "RFC 2616 14.35 decides which Range headers are good and how they are served";
    "BUP-3.5.5.1-02" Must Server Download
        "a 200 or 206 has the bytes that stand at the asked places";
    "BUP-3.5.5.1-03" Must Server Download
        "a 200 or 206 says in Last-Modified when the content was changed";
    "BUP-3.5.5.1-04" Must Server Download
        "an answer with many ranges has them as they were asked, one after the other";
    "BUP-3.5.5.1-05" MustNot Server Download
        "an answer with many ranges neither joins nor sorts them";
    "BUP-3.5.5.2-01" Must Server Download
        "a HEAD gets what its GET would, body left out";
    "BUP-3.6.1-01" Should Client Download
        "a download usually asks for one range that is the whole URL";
    "BUP-3.6.1-02" ProductNote Client Download
        "Windows 2000 SP3 and SP4, XP and XP SP1 download a URL as a whole or not at all";
    "BUP-3.6.2-01" ProductNote Client Download
        "a download client allows 5 minutes each for a request and for an answer, or another positive time";
    "BUP-3.6.4.2-01" May Client Download
        "a resumed download that has no time stamp may begin with HEAD, and any other goes straight on";
    "BUP-3.6.4.2-02" ProductNote Client Download
        "Windows resumes with HEAD if a job has many URLs or asks for parts";
    "BUP-3.6.5.2.1-01" May Client Download
        "a download may begin with HEAD or GET as it likes, but with HEAD where peers may be asked";
    "BUP-3.6.5.2.1-02" ProductNote Client Download
        "Windows begins with HEAD if a job has many URLs or asks for parts";
    "BUP-3.6.5.2.2-01" MustImplied Client Download
        "the answer to HEAD settles length and time stamp, or leaves the stamp unknown if it has no Last-Modified";
    "BUP-3.6.5.2.2-02" MustImplied Client Download
        "the caller is told when HEAD fails, and the download is suspended";
    "BUP-3.6.5.2.4-01" Must Client Download
        "a download is over when as many bytes are there as its ranges hold";
    "BUP-3.6.5.2.4.2-01" MustImplied Client Download
        "data is asked for by GET with a Range of RFC 2616 14.35";
    "BUP-3.6.5.2.4.2-02" Should Client Download
        "a client that wants all of a URL in one range sends no Range header";
    "BUP-3.6.5.2.4.2-03" MustImplied Client Download
        "in a single range, another Last-Modified than before sends the client back to the file's first byte";
    "BUP-3.6.5.2.4.2-04" MustImplied Client Download
        "in a single range, another length than before is an error that suspends the download";
    "BUP-3.6.5.2.4.2-05" MustImplied Client Download
        "in a single range, a 200 to a request for a part is an error that suspends the download";
    "BUP-3.6.5.2.4.2-06" Should Client Download
        "a client whose many ranges are answered badly asks for one range at a time, or suspends the download";
    "BUP-3.6.5.2.4.2-07" MustImplied Client Download
        "many ranges are answered badly by a 200, by a body not as in RFC 2616 19.2, by a part not asked for, or by another total";
    "BUP-3.6.5.2.4.3-01" Must Client Download
        "a request takes the next FRAGMENT_LENGTH bytes along the asked ranges, or what is left of them";
    "BUP-3.6.5.2.4.3-02" MustImplied Client Download
        "a client that asks for one range at a time takes the first of those bytes' ranges";
    "BUP-3.6.5.3-01" Must Client Download
        "a download goes on with 200 and 206, authenticates on 401 and 407 by RFC 2617 and RFC 2616, and tells its caller of the rest";
    "BUP-3.6.6-01" Must Client Download
        "a download that runs out of time drops its request, is suspended and tells of a timeout";
}
