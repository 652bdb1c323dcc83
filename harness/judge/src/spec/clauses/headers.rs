//! Sections 1.8 to 2.2.1: what all messages have in common, and the error table.

clauses! {
    "BUP-1.8-01" May Both AnyAck
        "HRESULTs of a vendor's own have the customer bit 0x20000000";
    "BUP-2.1-01" Must Both Any
        "authentication is asked for and given in the ways of HTTP and of the scheme in use";
    "BUP-2.2-01" May Both Any
        "a message may bring headers that the protocol does not name";
    "BUP-2.2-02" Must Both Any ["U8"]
        "a standard header that is understood means what RFC 2616 says";
    "BUP-2.2-03" Must Both Any
        "an unknown header makes no difference to whoever receives it";
    "BUP-2.2.1-01" Must Client AnyRequest
        "a request is made in HTTP/1.1";
    "BUP-2.2.1-02" Must Server AnyAck
        "an answer is given in HTTP/1.1";
    "BUP-2.2.1-03" Must Both Any
        "header lines are written and read by RFC 2616 4.2, so letter case of names and padding of values do not matter";
    "BUP-2.2.1-04" Must Client AnyRequest ["U7"]
        "packets travel under the method BITS_POST and no other";
    "BUP-2.2.1-05" Must Server AnyAck
        "an answer is a status line, header lines and at most one body, as RFC 2616 section 6 lays down";
    "BUP-2.2.1-06" ShouldNot Both Any
        "no header value takes up more than 4 KB";
    "BUP-2.2.1-07" Must Server AnyAck ["S1"]
        "an answer says BITS-Packet-Type: Ack";
    "BUP-2.2.1.1-01" Should Client AnyRequest
        "the value of Content-Name is made of characters that HTTP lets stand in a header";
    "BUP-2.2.1.1-02" ShouldNot Client AnyRequest
        "Content-Name stays within 260 characters";
    "BUP-2.2.1.1-03" ProductNote Server AnyRequest ["D15"]
        "Content-Name has no effect on the server; Windows bars \\ / : * ? \" < > | from it";
    "BUP-2.2.1.1-04" Must Both Any
        "Content-Length is written and read by RFC 2616 14.13";
    "BUP-2.2.1.1-05" Must Client AnyRequest
        "no request lacks Content-Length";
    "BUP-2.2.1.2-01" Must Client AnyRequest ["D21"]
        "a request is a CREATE-SESSION, a PING, a FRAGMENT, a CLOSE-SESSION or a CANCEL-SESSION by its packet type";
    "BUP-2.2.1.2-02" Must Both Any
        "no request and no answer lacks BITS-Packet-Type, notifications apart";
    "BUP-2.2.1.2-03" Must Server AckCreateSession ["D6"]
        "a session id is written as a GUID in braces, with 8, 4, 4, 4 and 12 digits";
    "BUP-2.2.1.2-04" Must Server AckCreateSession
        "no two sessions of a server share an id";
    "BUP-2.2.1.2-05" Must Client AnyRequest ["S3"]
        "every request after CREATE-SESSION says which session it belongs to";
    "BUP-2.2.1.2-06" Must Server AnyAck ["D11", "S3"]
        "an answer with status 200 names its session";
    "BUP-2.2.1.2-07" May Server AnyAck
        "an answer with a status other than 200 may name its session";
    "BUP-2.2.1.2-08" Must Server AnyAck
        "an answer never names another session than its request did";
    "BUP-2.2.1.2-09" Should Server AnyAck
        "a status of 200 comes without BITS-Error";
    "BUP-2.2.1.2-10" ProductNote Server AnyAck ["S6"]
        "Windows drops BITS-Error when the HTTP status says it all";
    "BUP-2.2.1.2-11" Must Server AnyAck ["D1", "U17"]
        "the value of BITS-Error can be read as an HRESULT";
    "BUP-2.2.1.2-12" Must Server AnyAck
        "a failure of the server's own has the context 0x5";
    "BUP-2.2.1.2-13" Must Server AckFragment
        "a failure that the server application reported has the context 0x7";
    "BUP-2.2.1.2-14" Must Server AnyAck
        "BITS-Error-Context never comes without BITS-Error";
    "BUP-2.2.1.2-15" Must Server AnyAck ["D12"]
        "a request for a session that the server does not know gets status 500";
    "BUP-2.2.1.2-16" Must Server AnyAck
        "a request for a session that the server does not know gets error 0x8020001F in context 0x5";
    "BUP-2.2.1.2-17" Must Server AnyAck ["D3", "U16"]
        "an upload to a file that has to stay is turned away with 403, 0x80070005 and context 0x5";
    "BUP-2.2.1.2-18" Must Server AnyAck ["U12"]
        "a user who may not write there is turned away with status 403, error 0x80070005 and context 0x5";
    "BUP-2.2.1.2-19" Must Server AnyAck ["D25"]
        "a directory with uploads switched off answers them with 501 and 0x80070005";
    "BUP-2.2.1.2-20" Must Server AckFragment ["D5", "S6"]
        "a fragment that does not start at the wanted byte gets 416, error 0 and the offset that is wanted";
    "BUP-2.2.1.2-21" Must Server AckFragment ["U9", "U15", "U19"]
        "a fragment whose Content-Range cannot be right gets 400, 0x80070057 and context 0x5";
    "BUP-2.2.1.2-22" Must Server AckFragment
        "a fragment that changes the total of its upload gets 400, 0x80070057 and context 0x5";
    "BUP-2.2.1.2-23" Must Server AnyAck
        "a request with a header value above 4 KB gets 400, 0x80070057 and context 0x5";
    "BUP-2.2.1.2-24" Must Server AckCreateSession
        "an offer of nothing but unknown protocols gets 400, 0x80070057 and context 0x5";
    "BUP-2.2.1.2-25" Must Server AnyAck
        "an upload whose URL stands for a directory gets 400, 0x80070057 and context 0x5";
    "BUP-2.2.1.2-26" Must Server AnyAck ["S4"]
        "a request that lacks Content-Length gets error 0x80070057 in context 0x5";
    "BUP-2.2.1.2-27" Must Server AnyAck
        "a packet type that the protocol does not know gets 400, 0x80070057 and context 0x5";
    "BUP-2.2.1.2-28" Must Server AckFragment
        "an application's reply URL above 2,200 characters turns into 400 and 0x80070057";
    "BUP-2.2.1.2-29" Must Server AckFragment ["D18"]
        "data beyond what the server can handle gets 500, 0x80200020 and context 0x5";
    "BUP-2.2.1.2-30" Must Server AckFragment
        "a fragment for which the disk has no room gets 500, an error printed as x80070112, and context 0x5";
}
