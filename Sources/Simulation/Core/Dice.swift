import ControlLoop

/// One stream of chance. Each part of the cluster has its own, so that a choice more in one part
/// does not change those of the others.
struct Dice: Sendable {
    private var generator: SeededGenerator

    /// The stream of this name in the run of `seed`.
    init(_ name: String, seed: UInt64) {
        generator = SeededGenerator(seed: SeededGenerator.hash(name, seed: seed))
    }

    /// A number with all its bits.
    mutating func word() -> UInt64 { generator.next() }

    /// A number from 0 up to, but not including, `bound`.
    mutating func below(_ bound: Int) -> Int {
        bound > 1 ? Int(generator.next() % UInt64(bound)) : 0
    }

    /// A number inside a range.
    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True with a probability of so many thousandths.
    mutating func happens(_ perMille: Int) -> Bool { perMille > 0 && below(1_000) < perMille }

    /// A duration of so many milliseconds.
    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        let micros = number(range.lowerBound * 1_000...range.upperBound * 1_000)
        return .microseconds(micros)
    }

    /// A duration of so many seconds.
    mutating func seconds(_ range: ClosedRange<Int>) -> Duration {
        milliseconds(range.lowerBound * 1_000...range.upperBound * 1_000)
    }

    /// One of several.
    mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }
}
