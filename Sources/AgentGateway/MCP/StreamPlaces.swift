import KubernetesCore
import Locking

/// How many streams may be open at one time: for all callers, and for one.
final class StreamPlaces: Sendable {
    /// Why somebody gets no place.
    enum Refused: Error {
        /// All are taken.
        case full
        /// The caller has as many as one may have.
        case callerHasEnough
    }

    /// A place. It is given back with the last reference to it at the latest: an answer whose
    /// client went away before it began is never run.
    final class Place: Sendable {
        /// What this stream is woken by, as those who wait for a task are by its UID.
        let uid: UID

        private let caller: String
        private let places: StreamPlaces
        private let isTaken = Mutex(true)

        fileprivate init(_ number: UInt64, of caller: String, in places: StreamPlaces) {
            uid = UID("stream-\(number)")
            self.caller = caller
            self.places = places
        }

        deinit { give() }

        /// Gives the place back.
        func give() {
            let wasTaken = isTaken.withLock { isTaken in
                defer { isTaken = false }
                return isTaken
            }
            if wasTaken { places.give(caller) }
        }
    }

    private struct State {
        var taken: [String: Int] = [:]
        var count = 0
        var next: UInt64 = 0
    }

    private let max: Int
    private let perCallerMax: Int
    private let state = Mutex(State())

    init(_ max: Int, perCaller: Int) {
        self.max = max
        perCallerMax = perCaller
    }

    /// How many are taken.
    var count: Int { state.withLock { $0.count } }

    /// Takes a place for a caller.
    func take(for caller: String) throws(Refused) -> Place {
        let number = state.withLock { state -> Result<UInt64, Refused> in
            let own = state.taken[caller] ?? 0
            guard own < perCallerMax else { return .failure(.callerHasEnough) }
            guard state.count < max else { return .failure(.full) }
            state.taken[caller] = own + 1
            state.count += 1
            state.next &+= 1
            return .success(state.next)
        }
        return Place(try number.get(), of: caller, in: self)
    }

    private func give(_ caller: String) {
        state.withLock { state in
            state.count -= 1
            let left = (state.taken[caller] ?? 1) - 1
            state.taken[caller] = left > 0 ? left : nil
        }
    }
}
