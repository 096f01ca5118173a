import TaskScheduling
import Testing

struct RetryPolicyTests {
    private func never(_: String, _: String) -> Bool { false }

    private func decide(
        _ kind: FailureClass, policy: RetryPolicy = RetryPolicy(), used: Int = 0, losses: Int = 0,
        exitCode: Int? = nil, text: String = ""
    ) -> RetryDecision {
        policy.decide(
            ClassifiedFailure(kind, reason: "Because", exitCode: exitCode, text: text),
            history: .init(retriesUsed: used, losses: losses), seed: 1,
            matches: { pattern, text in text.contains(pattern) })
    }

    @Test(arguments: [
        (FailureClass.application, RetryAction.retry), (.environment, .retryOnFreshAgent),
        (.timeout, .retryWithLongerTimeout), (.resource, .retryAfterDelay),
    ])
    func `each class has its built-in way of being tried again`(
        kind: FailureClass, action: RetryAction
    ) {
        let decision = decide(kind)
        #expect(decision.action == action)
        #expect(decision.usesRetry)
        guard case .retry(let delay) = decision.outcome else {
            Issue.record("\(kind) is tried again")
            return
        }
        #expect(delay <= .seconds(10))
        if kind == .resource { #expect(delay == .seconds(10)) }
    }

    @Test func `a critical failure is escalated at once`() {
        let decision = decide(.critical)
        #expect(decision.outcome == .fail)
        #expect(decision.isEscalated)
    }

    @Test func `retries end`() {
        #expect(decide(.application, used: 2).outcome != .fail)
        let last = decide(.application, used: 3)
        #expect(last.outcome == .fail)
        #expect(last.isEscalated, "it is a dead letter")
        #expect(last.message == "All 3 retries are used up.")
        let single = decide(.application, policy: RetryPolicy(maxRetries: 0))
        #expect(single.message == "The task has no retries." && !single.isEscalated)
    }

    @Test func `the loss of an agent uses up no retry, and the third makes the task poison`() {
        for losses in 0...1 {
            let decision = decide(.infrastructure, used: 3, losses: losses)
            #expect(decision.outcome == .retry(after: .zero))
            #expect(!decision.usesRetry)
        }
        let third = decide(.infrastructure, losses: 2)
        #expect(third.outcome == .fail)
        #expect(third.kind == .poison)
        #expect(third.isEscalated)
    }

    @Test func `the first rule that applies decides`() {
        let policy = RetryPolicy(rules: [
            RetryRule(exitCodes: [42], classes: [.application], action: .fail),
            RetryRule(messagePattern: "flaky", action: .ignore),
            RetryRule(exitCodes: [43], messagePattern: "never said", action: .fail),
            RetryRule(classes: [.infrastructure], action: .escalate),
            RetryRule(exitCodes: [43], action: .retryOnFreshAgent),
        ])
        #expect(decide(.application, policy: policy, exitCode: 42).action == .fail)
        #expect(decide(.resource, policy: policy, exitCode: 42).action == .retryAfterDelay)
        #expect(decide(.application, policy: policy, exitCode: 43).action == .retryOnFreshAgent)
        #expect(!decide(.application, policy: policy, text: "a flaky one").usesRetry)
        #expect(decide(.infrastructure, policy: policy).isEscalated)
        #expect(decide(.application, policy: policy, exitCode: nil).action == .retry)
    }

    @Test func `the limit of a backoff doubles up to its most`() {
        let policy = BackoffPolicy()
        let limits = (0...6).map { policy.limit(beforeRetry: $0) }
        #expect(limits == [10, 20, 40, 80, 160, 300, 300].map { Duration.seconds($0) })
        #expect(policy.limit(beforeRetry: .max) == .seconds(300))
        #expect(policy.limit(beforeRetry: -1) == .seconds(10))
        let odd = BackoffPolicy(initial: .seconds(-1), factor: .infinity, most: .seconds(5))
        #expect(odd.limit(beforeRetry: 3) == .zero)
    }

    @Test func `a delay lies below its limit, fills the span, and follows from its seed`() {
        let policy = BackoffPolicy()
        var sum = 0.0
        for seed in 0..<2_000 as Range<UInt64> {
            let delay = policy.delay(beforeRetry: 2, seed: seed)
            #expect(delay >= .zero && delay <= .seconds(40))
            #expect(delay == policy.delay(beforeRetry: 2, seed: seed))
            sum += Double(delay.components.seconds)
        }
        #expect((18...21).contains(sum / 2_000))
    }
}
