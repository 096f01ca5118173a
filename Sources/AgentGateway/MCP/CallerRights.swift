import KubernetesCore

/// What callers may do, believed for a short while: a client that follows a task asks often.
/// Nothing is kept when the cluster cannot be asked.
actor CallerRights {
    /// How much is kept, and for how long.
    struct Limits: Hashable, Sendable {
        /// How long a yes is believed.
        var goodFor = Duration.seconds(10)
        /// How long a no is believed.
        var badFor = Duration.seconds(2)
        /// Most answers that are kept.
        var answersMax = 4_096
    }

    private struct Place: Hashable {
        var caller: CallerIdentity
        var question: AccessQuestion
    }

    private struct Answer {
        var isAllowed: Bool
        var until: ContinuousClock.Instant
    }

    private let reviewer: any AccessReviewing
    private let limits: Limits
    private let clock = ContinuousClock()
    private var answers: [Place: Answer] = [:]

    init(reviewer: any AccessReviewing, limits: Limits = Limits()) {
        self.reviewer = reviewer
        self.limits = limits
    }

    /// Whether the caller may do this.
    func allow(
        _ caller: CallerIdentity, _ question: AccessQuestion
    ) async throws(AccessReviewFailure) -> Bool {
        let place = Place(caller: caller, question: question)
        if let answer = answers[place], clock.now < answer.until { return answer.isAllowed }
        let isAllowed = try await reviewer.allows(caller, question)
        let now = clock.now
        if answers.count >= limits.answersMax {
            answers = answers.filter { now < $0.value.until }
            // Still full: whoever floods us gets the next review instead of the memory.
            if answers.count >= limits.answersMax { answers.removeAll() }
        }
        answers[place] = Answer(
            isAllowed: isAllowed, until: now + (isAllowed ? limits.goodFor : limits.badFor))
        return isAllowed
    }
}
