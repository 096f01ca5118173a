import NIOCore

/// Where the answer to one request goes: a connection of HTTP/1.1, or a stream of HTTP/2.
///
/// Used on its event loop alone. `whole`, or `begin` and `finish`, are called once for a request.
protocol AnswerOutlet: AnyObject {
    var eventLoop: any EventLoop { get }

    /// Whether what is written goes out soon. Where it does not, a whole answer is written piece by
    /// piece, so that what waits for a slow client is bounded.
    var isWritable: Bool { get }

    /// Writes a whole answer.
    func whole(_ status: Int, _ fields: [(String, String)], _ bytes: [UInt8])

    /// Writes the head of an answer, at once; `length` is that of its body, where it is known.
    func begin(_ status: Int, _ fields: [(String, String)], length: Int?)

    /// Writes a piece of the body; `written` is kept when the system has taken it.
    func piece(_ bytes: ByteBuffer, _ written: EventLoopPromise<Void>)

    /// Ends the answer.
    func finish()

    /// Ends the stream, or the connection, whatever the client does.
    func cutOff()
}
