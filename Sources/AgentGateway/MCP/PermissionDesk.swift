import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// Asks the policies about permissions, one question at a time: compiled policies are kept between
/// questions.
actor PermissionDesk {
    private var judge: PermissionJudge?
    private let audit: @Sendable (JSONValue) -> Void

    /// A desk with a judge; without one every permission is left to a person.
    /// What is decided is given to `audit`.
    init(
        judge: PermissionJudge?, audit: @escaping @Sendable (JSONValue) -> Void
    ) {
        self.judge = judge
        self.audit = audit
    }

    /// What the policies say about an action of the attempt that runs.
    func verdict(
        on action: String, reason: String, of task: BackgroundTask, in view: ClusterView
    ) -> PermissionJudge.Verdict {
        let verdict =
            judge?.verdict(on: action, reason: reason, of: task, in: view, at: SystemTime.now)
            ?? .ask
        if let record = AuditTrail.record(of: verdict, on: action, of: task) { audit(record) }
        return verdict
    }
}
