import KubernetesCore
import SwiftletAPI
import TaskScheduling

extension RetryPolicy {
    /// The policy that a task's spec asks for.
    init(_ retry: BackgroundTaskSpec.Retry) {
        self.init(
            maxRetries: retry.maxRetries,
            backoff: BackoffPolicy(
                initial: .seconds(retry.backoff.initialSeconds), factor: retry.backoff.factor,
                most: .seconds(retry.backoff.maxSeconds)),
            rules: retry.rules.map { rule in
                RetryRule(
                    exitCodes: rule.exitCodes, classes: rule.classes.map(\.forScheduling),
                    messagePattern: rule.messagePattern, action: rule.action.forScheduling)
            })
    }

    /// What becomes of `task` after `failure` of its attempt. A broken pattern matches nothing.
    static func decision(
        for task: BackgroundTask, _ failure: ClassifiedFailure
    ) -> RetryDecision {
        RetryPolicy(task.spec.retry).decide(
            failure,
            history: History(
                retriesUsed: task.status.retries, losses: task.status.infrastructureLosses),
            seed: StableHash.of("\(task.metadata.uid)/\(task.status.attempt)"),
            // A pattern that is none is a fault of the spec, which is told; it matches nothing.
            matches: { pattern, text in (try? Pattern(pattern))?.matches(text) ?? false })
    }
}

extension TaskFailureClass {
    var forScheduling: FailureClass {
        switch self {
        case .environment: .environment
        case .timeout: .timeout
        case .resource: .resource
        case .critical: .critical
        case .application: .application
        case .infrastructure: .infrastructure
        case .poison: .poison
        }
    }

    init(_ kind: FailureClass) {
        self =
            switch kind {
            case .environment: .environment
            case .timeout: .timeout
            case .resource: .resource
            case .critical: .critical
            case .application: .application
            case .infrastructure: .infrastructure
            case .poison: .poison
            }
    }
}

extension BackgroundTaskSpec.Rule.Action {
    var forScheduling: RetryAction {
        switch self {
        case .retry: .retry
        case .retryOnFreshAgent: .retryOnFreshAgent
        case .retryWithLongerTimeout: .retryWithLongerTimeout
        case .retryAfterDelay: .retryAfterDelay
        case .escalate: .escalate
        case .fail: .fail
        case .ignore: .ignore
        }
    }

    init(_ action: RetryAction) {
        self =
            switch action {
            case .retry: .retry
            case .retryOnFreshAgent: .retryOnFreshAgent
            case .retryWithLongerTimeout: .retryWithLongerTimeout
            case .retryAfterDelay: .retryAfterDelay
            case .escalate: .escalate
            case .fail: .fail
            case .ignore: .ignore
            }
    }
}
