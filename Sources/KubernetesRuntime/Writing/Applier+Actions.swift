import ControlLoop
import KubernetesClient
import KubernetesCore
import Logging

/// One action at a time: its request is sent, and `WriteRules` say what the answer means.
extension Applier {
    /// Carries out one action whoever leads: for the election itself and for events.
    /// - Parameter isNameOurs: whether nobody else makes objects of such a name, so that a create
    ///   which meets one has found its own, whoever owns it.
    func perform(
        _ action: Action, access: Access, within limit: Duration? = nil, isNameOurs: Bool = false
    ) async -> ActionResult {
        let limit = limit ?? options.requestTimeout
        let request: APIRequest
        do throws(WriteFailure) {
            request = try rules.request(for: action, access: access)
        } catch {
            return .failed(error)
        }
        let result: ActionResult
        do throws(APIError) {
            result = rules.result(of: action, try await client.write(request, within: limit))
        } catch {
            switch rules.verdict(on: error, of: action) {
            case .settled(let settled): result = settled
            case .lookUp(let namesake): result = await existing(namesake, action, limit, isNameOurs)
            }
        }
        count(action, result)
        return result
    }

    /// What became of a create that met an object of its name.
    private func existing(
        _ namesake: ObjectRef, _ action: Action, _ limit: Duration, _ isNameOurs: Bool
    ) async -> ActionResult {
        do throws(APIError) {
            let found = try await client.metadata(of: namesake, within: limit)
            return rules.result(
                ofExisting: found, for: action, isNameOurs: isNameOurs)
        } catch {
            return rules.result(ofFailedLookUp: error, for: action)
        }
    }

    private func count(_ action: Action, _ result: ActionResult) {
        let word: String
        switch result {
        case .done: word = options.isDryRun ? "dry_run" : "done"
        case .stale: word = "stale"
        case .deposed: word = "deposed"
        case .failed(let failure):
            word = "failed"
            logger.info("write failed: \(action.permission.verb.rawValue) \(failure)")
        }
        metrics?.writes.increment([action.permission.verb.rawValue, action.type.kind, word])
    }
}
