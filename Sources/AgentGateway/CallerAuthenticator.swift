import Crypto

/// Says who calls, from a bearer token. Good answers are kept for a short while, bad ones for a
/// shorter one; nothing is kept when the cluster cannot be asked. Tokens are kept as digests only.
public actor CallerAuthenticator {
    /// Why a caller is not let in.
    public enum Refusal: Error, Hashable, Sendable {
        /// There is no token, or it is not a good one.
        case unauthenticated
        /// Nobody can say at the moment.
        case unavailable(String)
    }

    /// How much is kept, and for how long.
    public struct Limits: Hashable, Sendable {
        /// How long a good answer is believed: so long after its pod is gone, or while no token can
        /// be reviewed, a token still opens what it opened.
        public var goodFor = Duration.seconds(10)
        /// How long a bad answer is believed.
        public var badFor = Duration.seconds(5)
        /// Most answers that are kept.
        public var answersMax = 4_096
        /// Most reviews at one time.
        public var reviewsMax = 32
        /// Most bytes of a token.
        public var tokenBytesMax = 16 << 10

        /// The standard limits.
        public init() {}
    }

    private struct Answer {
        var identity: CallerIdentity?
        var until: ContinuousClock.Instant
    }

    private let reviewer: any TokenReviewing
    private let limits: Limits
    private let clock = ContinuousClock()
    private var answers: [SHA256Digest: Answer] = [:]
    private var reviews: [SHA256Digest: Task<Result<CallerIdentity?, TokenReviewFailure>, Never>] =
        [:]

    /// An authenticator that asks `reviewer`.
    public init(reviewer: any TokenReviewing, limits: Limits = Limits()) {
        self.reviewer = reviewer
        self.limits = limits
    }

    /// Who sent a request with this `Authorization` header.
    public func identify(authorization: String?) async throws(Refusal) -> CallerIdentity {
        guard let token = Self.token(in: authorization, bytesMax: limits.tokenBytesMax) else {
            throw .unauthenticated
        }
        let digest = SHA256.hash(data: Array(token.utf8))
        if let answer = answers[digest], clock.now < answer.until {
            guard let identity = answer.identity else { throw .unauthenticated }
            return identity
        }
        switch try await review(token, digest) {
        case .success(let identity?): return identity
        case .success(nil): throw .unauthenticated
        case .failure(let failure): throw .unavailable(failure.description)
        }
    }

    /// One review for all requests with the same token.
    private func review(
        _ token: String, _ digest: SHA256Digest
    ) async throws(Refusal) -> Result<CallerIdentity?, TokenReviewFailure> {
        if let review = reviews[digest] { return await review.value }
        guard reviews.count < limits.reviewsMax else {
            throw .unavailable("too many tokens are being reviewed")
        }
        // Nobody's child: whoever asked first may go, and the others still want the answer. The
        // reviewer's own time limit ends it.
        let review = Task { [reviewer] in
            do throws(TokenReviewFailure) {
                return Result<CallerIdentity?, TokenReviewFailure>.success(
                    try await reviewer.review(token))
            } catch {
                return .failure(error)
            }
        }
        reviews[digest] = review
        let result = await review.value
        reviews[digest] = nil
        if case .success(let identity) = result { keep(identity, digest) }
        return result
    }

    private func keep(_ identity: CallerIdentity?, _ digest: SHA256Digest) {
        let now = clock.now
        if answers.count >= limits.answersMax {
            answers = answers.filter { now < $0.value.until }
            // Still full: whoever floods us gets the next review instead of the memory.
            if answers.count >= limits.answersMax { answers.removeAll() }
        }
        let lasts = identity == nil ? limits.badFor : limits.goodFor
        answers[digest] = Answer(identity: identity, until: now + lasts)
    }

    /// The token of a `Bearer` header, if it looks like one of a ServiceAccount: a signed JWT.
    private static func token(in header: String?, bytesMax: Int) -> String? {
        guard let header, header.utf8.count <= bytesMax,
            header.prefix(7).lowercased() == "bearer "
        else { return nil }
        let token = header.dropFirst(7)
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isPlain = token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }), isPlain else { return nil }
        return String(token)
    }
}
