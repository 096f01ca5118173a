import ArgumentParser
import FoundationEssentials
import KubernetesCore
import Reconcilers

/// `swiftlet bench watch`: how fast events of a watch become what the operator reads of a pod,
/// beside Foundation's `JSONDecoder` reading the same fields of the same bytes in the same run.
///
/// Times are processor time, so that other work on the machine does not count: the median of
/// several rounds that take turns. Allocations are those that glibc's `mtrace` records in a second
/// process (see `AllocationTrace`).
struct BenchWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Decode events of a watch.",
        discussion: """
            Build it for release: swift run -c release swiftlet bench watch. It takes about twice \
            the seconds that each decoder is given; how far it is, is told on standard error.
            """)

    @Option(help: "How many seconds each decoder is given in all.") var seconds = 5.0
    @Option(help: "How many bytes an event has, about.") var bytes = 2_048
    @Option(help: "How many rounds each decoder has.") var rounds = 5
    @Option(help: .hidden) var traced: WatchDecoding?

    func validate() throws {
        guard seconds >= 0.01, seconds <= 3_600 else {
            throw ValidationError("--seconds must lie between 0.01 and 3600.")
        }
        guard (1_200...1_000_000).contains(bytes) else {
            throw ValidationError("--bytes must lie between 1200 and 1000000.")
        }
        guard (1...1_000).contains(rounds) else {
            throw ValidationError("--rounds must lie between 1 and 1000.")
        }
    }

    func run() async throws {
        let corpus = WatchCorpus(bytes: bytes)
        if let traced {
            try AllocationTrace.run {
                try corpus.decode(traced, count: WatchCorpus.measuredCount)
            }
            return
        }
        try corpus.check()
        let times = try times(corpus)
        var figures: JSONValue = [
            "bench": "watch", "rounds": .int(rounds), "bytesPerEvent": .int(corpus.bytesPerEvent),
        ]
        for decoding in WatchDecoding.allCases {
            Terminal.complain("counting what \(decoding.rawValue) allocates")
            let allocated = try await AllocationTrace.ofChild([
                "bench", "watch", "--bytes", "\(bytes)", "--traced", decoding.rawValue,
            ])
            figures[decoding.rawValue] = Self.figures(
                times[decoding, default: []].sorted(), allocated)
        }
        figures["speedRatio"] = Self.ratio(figures, "eventsPerSecond", .watchDecoder, .jsonDecoder)
        figures["bytesRatio"] = Self.ratio(
            figures, "bytesAllocatedPerEvent", .jsonDecoder, .watchDecoder)
        Terminal.say(figures.text)
    }

    /// How long each decoder takes for an event, in seconds, round by round.
    private func times(_ corpus: WatchCorpus) throws -> [WatchDecoding: [Double]] {
        var times: [WatchDecoding: [Double]] = [:]
        for decoding in WatchDecoding.allCases { try corpus.decode(decoding, count: 200) }
        for round in 1...rounds {
            for decoding in WatchDecoding.allCases {
                Terminal.complain("round \(round) of \(rounds): \(decoding.rawValue)")
                var count = 0
                let begun = ProcessorTime.seconds
                var spent = 0.0
                while spent < seconds / Double(rounds) {
                    try corpus.decode(decoding, count: 100)
                    count += 100
                    spent = ProcessorTime.seconds - begun
                }
                times[decoding, default: []].append(spent / Double(count))
            }
        }
        return times
    }

    private static func figures(
        _ times: [Double], _ allocated: AllocationTrace.Total?
    ) -> JSONValue {
        let median = times[times.count / 2]
        var result: JSONValue = [
            "eventsPerSecond": .int(Int(1 / max(1e-12, median))),
            "microsecondsPerEvent": .double((median * 1e9).rounded() / 1e3),
        ]
        if let allocated {
            let count = WatchCorpus.measuredCount
            result["bytesAllocatedPerEvent"] = .int(allocated.bytes / count)
            result["allocationsPerEvent"] = .int(allocated.count / count)
        }
        return result
    }

    /// How many times as much one decoder has of a figure as the other; null where it was not
    /// measured.
    private static func ratio(
        _ figures: JSONValue, _ figure: String, _ one: WatchDecoding, _ other: WatchDecoding
    ) -> JSONValue {
        guard let first = figures[one.rawValue]?[figure]?.integer,
            let second = figures[other.rawValue]?[figure]?.integer, second > 0
        else { return .null }
        return .double((Double(first) / Double(second) * 100).rounded() / 100)
    }
}
