/// Of what it was told lately, so that callers who do the same thing again and again fill no log:
/// of each subject once a minute, and of no more subjects than there is room for.
struct Sightings<Subject: Hashable> {
    static var pause: Duration { .seconds(60) }
    /// Most subjects that are told of in one minute; of further ones nothing is told until then.
    static var subjectsMax: Int { 1_024 }

    private var last: [Subject: ContinuousClock.Instant] = [:]

    /// Whether it is to be told of this subject now.
    mutating func take(_ subject: Subject, at now: ContinuousClock.Instant) -> Bool {
        if let before = last[subject], now < before + Self.pause { return false }
        if last.count >= Self.subjectsMax {
            last = last.filter { now < $0.value + Self.pause }
            guard last.count < Self.subjectsMax else { return false }
        }
        last[subject] = now
        return true
    }
}

extension Sightings: Sendable where Subject: Sendable {}
