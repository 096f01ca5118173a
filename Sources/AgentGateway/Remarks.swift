import Locking

/// Says sentences, each at most once a minute.
final class Remarks: Sendable {
    private let tell: @Sendable (String) -> Void
    private let sightings = Mutex(Sightings<String>())

    init(_ tell: @escaping @Sendable (String) -> Void) { self.tell = tell }

    func say(_ text: String) {
        if sightings.withLock({ $0.take(text, at: .now) }) { tell(text) }
    }
}
