import Testing

@testable import LocalCluster

@Suite struct FrameChannelTests {
    @Test func `frames come out in order and whole`() async {
        let channel = FrameChannel()
        #expect(channel.send([[1], [2, 3]]))
        #expect(channel.send([[4]]))
        #expect(await channel.next() == [1, 2, 3, 4])
        channel.end()
        #expect(await channel.next() == nil)
        #expect(!channel.send([[5]]))
    }

    @Test func `what waits is read before the end`() async {
        let channel = FrameChannel()
        _ = channel.send([[1]])
        channel.end()
        #expect(await channel.next() == [1])
        #expect(await channel.next() == nil)
    }

    @Test func `a reader that falls behind is ended`() async {
        let channel = FrameChannel()
        let chunk = [UInt8](repeating: 0, count: 1 << 20)
        let state = [[UInt8]](repeating: chunk, count: 40)
        #expect(channel.send(state), "the state that a watch begins with is as large as it is")
        var sent = 0
        while channel.send([chunk]) { sent += 1 }
        #expect(sent == FrameChannel.bytesMax >> 20)
    }

    @Test func `a cancelled reader goes on`() async {
        let channel = FrameChannel()
        let reader = Task { await channel.next() }
        reader.cancel()
        #expect(await reader.value == nil)
    }

    @Test func `a signal that nobody waits for is kept`() async {
        let latch = Latch()
        latch.signal()
        latch.signal()
        await latch.wait()
        let waiter = Task { await latch.wait() }
        latch.signal()
        await waiter.value
    }
}
