import Testing

/// A seed that broke an invariant once, and what was wrong. A seed means what it meant then only as
/// long as the simulation draws the same; what was found has a unit test of its own besides.
struct RegressionSeed: Sendable, CustomTestStringConvertible {
    let seed: UInt64
    let found: String

    var testDescription: String { "seed \(seed): \(found)" }

    static let all: [RegressionSeed] = [
        RegressionSeed(
            seed: 11,
            found: "a standby that came to lead took every running attempt for lost at once, "
                + "because no agent had called it before (SilenceTests)"),
        RegressionSeed(
            seed: 20,
            found: "a wall clock that was set forward made busy agents look silent, and they "
                + "were deleted (SilenceTests)"),
    ]
}
