//! Sections 3.3 and 3.4: the back-end client and the server application.

clauses! {
    "BUP-3.3.1.1-01" Must Backend NotifyRequest
        "a back-end client that is to notify knows a NotificationURL";
    "BUP-3.3.1.1-02" Should Backend NotifyRequest
        "the upload server tells the back-end client the destination URL and the path of the data";
    "BUP-3.3.2-01" ProductNote Backend AckFragment
        "sending a notification, getting its answer and getting the answer's headers may each take 5 minutes, or another positive time";
    "BUP-3.3.3-01" MustImplied Backend NotifyRequest
        "no notification inherits a copy request or a static URL from an earlier one";
    "BUP-3.3.5.1-01" Must Backend NotifyRequest
        "the time for sending counts from before a message to the application until all of it is out";
    "BUP-3.3.5.1-02" Must Backend NotifyResponse
        "the time for receiving counts until the whole answer is there, whether good or bad";
    "BUP-3.3.5.1-03" Must Backend NotifyResponse
        "the time for headers counts until the last header of the answer is there";
    "BUP-3.3.5.2.1-01" MustImplied Backend CloseSession
        "type NONE calls no application and has the file copied to its destination";
    "BUP-3.3.5.2.2-01" MustImplied Backend NotifyRequest ["D23", "S20"]
        "by reference, a single request without data in the form of 2.2.12 calls the NotificationURL, and the answer's headers are awaited";
    "BUP-3.3.5.2.2-02" MustImplied Backend NotifyRequest
        "by value, the NotificationURL is sent what 2.2.12 asks in headers, and then the data";
    "BUP-3.3.5.2.2-03" MustImplied Backend AckFragment
        "a notification whose headers cannot be sent has failed";
    "BUP-3.3.5.2.3-01" MustImplied Backend NotifyRequest
        "by value, the application gets the stored upload byte for byte";
    "BUP-3.3.5.2.3-02" MustImplied Backend AckFragment
        "a notification whose body cannot be read or sent has failed";
    "BUP-3.3.5.2.4-01" MustImplied Backend AckFragment
        "a static URL that is not empty is handed on unchanged as the reply URL";
    "BUP-3.3.5.2.4-02" MustImplied Backend CloseSession
        "BITS-Copy-File-To-Destination has the file copied, whatever its value";
    "BUP-3.3.5.2.4-03" MustImplied Backend NotifyResponse ["S13"]
        "an answer by reference is over with its headers, and one by value goes on with its body";
    "BUP-3.3.5.2.5-01" MustImplied Backend NotifyResponse
        "by value, what the application answers is kept as the reply";
    "BUP-3.3.5.2.5-02" MustImplied Backend AckFragment
        "by value, an answer that breaks off is a failed notification";
    "BUP-3.3.5.2.6-01" MustImplied Backend AckFragment
        "an unsuccessful status of the application is a failure, even with a reply or a copy request beside it";
    "BUP-3.3.5.2.6-02" Must Backend AckFragment
        "the reply URL is made from the destination URL and the reply's path so that the client can download from it";
    "BUP-3.3.5.2.6-03" MustImplied Backend AckFragment ["S16"]
        "the upload server learns status, error, both flags, path and URL of the reply";
    "BUP-3.3.5.2.7-01" MustImplied Backend AckFragment
        "the upload server learns status and error of a failed notification";
    "BUP-3.3.5.3.1-01" Must Backend NotifyRequest
        "what the back-end client answers without BITS headers has the form of RFC 2616 section 6";
    "BUP-3.3.5.3.1-02" Should Backend AnyAck
        "what the back-end client answers without BITS headers has an empty body";
    "BUP-3.3.5.3.2-01" Must Backend NotifyResponse
        "a notification response has to be in HTTP/1.1";
    "BUP-3.3.5.3.2-02" Must Backend NotifyResponse
        "a notification response has to keep the rules of 2.2.13";
    "BUP-3.3.5.3.2-03" Should Backend AckFragment ["S21"]
        "a notification response against the rules becomes 411 and 0x80070057 for the client";
    "BUP-3.3.5.3.2-04" ProductNote Backend AckFragment
        "Windows has various statuses and errors for notification responses against the rules";
    "BUP-3.3.6.1-01" Should Backend AckFragment ["D26", "S5"]
        "a notification that takes too long to send ends in 408, an error printed as x80070112, and context 0x7";
    "BUP-3.3.6.2-01" Should Backend AckFragment ["D26", "S5"]
        "a notification whose answer takes too long ends in 408, an error printed as x80070112, and context 0x7";
    "BUP-3.3.6.3-01" Should Backend AckFragment ["D26", "S5"]
        "a notification whose answer's headers take too long ends in 408, an error printed as x80070112, and context 0x7";
    "BUP-3.4.5.1-01" Must Application NotifyResponse
        "what the application answers at HTTP level has the form of RFC 2616 section 6";
    "BUP-3.4.5.1-02" Should Application NotifyResponse
        "what the application answers at HTTP level has an empty body";
    "BUP-3.4.5.2-01" Must Application NotifyRequest
        "an application takes notifications in HTTP/1.1 only";
    "BUP-3.4.5.2-02" Must Application NotifyRequest
        "an application meets a notification against 2.2.12 with an HTTP status that suits it";
    "BUP-3.4.5.2-03" Must Application NotifyResponse
        "an application that wants to fetch the upload at its destination remembers the URL and asks for the copy";
    "BUP-3.4.5.2-04" MustImplied Application NotifyRequest ["D23"]
        "an application that is told both paths has been called by reference";
    "BUP-3.4.5.2-05" Should Application NotifyRequest
        "by reference, how the data is worked on is the application's own affair";
    "BUP-3.4.5.2-06" Must Application NotifyResponse ["S13"]
        "by reference, the reply is the answer's body, or else the resource that BITS-Static-Response-URL points to";
    "BUP-3.4.5.2-07" Must Application NotifyResponse
        "by reference, the application lets the back-end client know when something went wrong";
    "BUP-3.4.5.2-08" Must Application NotifyRequest
        "an application that is told no path has been called by value and reads the upload from the body";
    "BUP-3.4.5.2-09" Must Application NotifyResponse
        "by value, the reply is the answer's body, or else the resource that BITS-Static-Response-URL points to";
    "BUP-3.4.5.2-10" Must Application NotifyResponse
        "by value, the application lets the back-end client know when reading or replying went wrong";
}
