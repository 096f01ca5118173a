/// Ends a piece of work before its time, and nothing but this one.
final class Cue: Sendable {
    private let given: AsyncStream<Void>
    private let giver: AsyncStream<Void>.Continuation

    /// A cue that has not been given.
    init() { (given, giver) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Ends the work, now or as soon as it begins.
    func give() { giver.finish() }

    /// Does `work`, which is cancelled when the cue is given.
    func bounding(_ work: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask(operation: work)
            group.addTask { [given] in for await _ in given {} }
            await group.next()
            group.cancelAll()
        }
    }
}
