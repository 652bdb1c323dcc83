//! Sections 2.2.6 and 2.2.7: FRAGMENT and its Ack.

clauses! {
    "BUP-2.2.6-01" Must Client Fragment
        "upload data travels in fragments that are sent to the destination URL";
    "BUP-2.2.6-02" May Both Fragment
        "either side may bound the size of a fragment";
    "BUP-2.2.6.1-01" Should Client Fragment ["D15"]
        "the first fragment tells the file name in Content-Name";
    "BUP-2.2.6.1-02" May Client Fragment
        "later fragments may repeat the file name";
    "BUP-2.2.6.1-03" Should Client Fragment
        "fragments tell the same file name as CREATE-SESSION did";
    "BUP-2.2.6.1-04" MustImplied Both Fragment ["U9"]
        "a fragment's Content-Length counts the bytes that it brings";
    "BUP-2.2.6.1-05" Must Both Fragment ["D22"]
        "a fragment tells its first and last byte in Content-Range, written by RFC 2616 14.16";
    "BUP-2.2.6.1-06" Must Both Fragment
        "no fragment lacks Content-Range";
    "BUP-2.2.6.1-07" ProductNote Server Fragment
        "Windows servers take fragments in no content coding but identity";
    "BUP-2.2.6.2-01" Must Client Fragment
        "the request that brings data has the packet type FRAGMENT";
    "BUP-2.2.6.3-01" Must Both Fragment
        "a fragment's body holds its range, byte for byte";
    "BUP-2.2.7-01" Must Server AckFragment
        "no fragment stays without an Ack";
    "BUP-2.2.7.1-01" Must Server AckFragment
        "the Ack to FRAGMENT says Content-Length: 0";
    "BUP-2.2.7.2-01" Must Server AckFragment
        "the answer to FRAGMENT has the packet type Ack";
    "BUP-2.2.7.2-02" Must Server AckFragment ["D11"]
        "the Ack to FRAGMENT names its session when the status is 200";
    "BUP-2.2.7.2-03" Must Server AckFragment ["D1", "S6"]
        "a failed FRAGMENT is told its error in BITS-Error";
    "BUP-2.2.7.2-04" MustNot Server AckFragment
        "a successful FRAGMENT is told no error";
    "BUP-2.2.7.2-05" Must Server AckFragment
        "a failed FRAGMENT is told its error context";
    "BUP-2.2.7.2-06" MustNot Server AckFragment
        "a successful FRAGMENT is told no error context";
    "BUP-2.2.7.2-07" Must Server AckFragment
        "the Ack to FRAGMENT gives the next wanted byte as a single decimal number";
    "BUP-2.2.7.2-08" Must Server AckFragment ["S7"]
        "no Ack to FRAGMENT lacks BITS-Received-Content-Range";
    "BUP-2.2.7.2-09" MustNot Server AckFragment ["S16"]
        "a plain upload is never told a reply URL";
    "BUP-2.2.7.2-10" Must Server AckFragment
        "an upload with a reply is told the reply's URL once its last fragment is in";
    "BUP-2.2.7.2-11" ShouldNot Server AckFragment
        "an upload with a reply is told no reply URL before its last fragment";
    "BUP-2.2.7.3-01" MustNot Server AckFragment
        "the Ack to FRAGMENT has an empty body";
}
