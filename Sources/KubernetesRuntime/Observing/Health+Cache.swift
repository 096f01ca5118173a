import ControlLoop
public import KubernetesCore

extension Health {
    /// Makes readiness wait until the cache has seen every one of these kinds complete.
    public func requireSync(of kinds: [ResourceType], in cache: ClusterCache) {
        addReadiness("cache") {
            let view = cache.snapshot
            let missing = kinds.filter { !view.isSynced($0) }
            guard !missing.isEmpty else { return nil }
            return "not yet seen: " + missing.sorted().map(\.plural).joined(separator: ", ")
        }
    }
}
